//! Whom a client trusts over TLS; the one module that asks which system it runs on.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use ring::digest::{SHA256, digest};
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{
    CryptoProvider, ring as provider, verify_tls12_signature, verify_tls13_signature,
};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, DigitallySignedStruct, OtherError, RootCertStore, SignatureScheme};

use crate::config::ClientConfig;
use crate::config::tls::{Pin, Roots};
use crate::error::Error;
use crate::names::without_dot;

/// What decides about trust. Clients with equal settings share one verifier.
#[derive(Clone, PartialEq, Eq)]
struct TrustSettings {
    system_roots: bool,
    roots: Roots,
    pins: Vec<Pin>,
}

/// The TLS configuration of one client. Takes milliseconds the first time: the system's trust anchors are read.
///
/// The sessions that can be resumed are the client's own: by shared ones a server could tell that two mini programs, or
/// two users, are on one device. And none is resumed under other settings, for it is not verified again.
pub(crate) fn tls_config(config: &ClientConfig) -> Result<Arc<rustls::ClientConfig>, Error> {
    let verifier = Verifier::shared(config)?;
    let mut config = rustls::ClientConfig::builder_with_provider(Arc::clone(&verifier.provider))
        .with_safe_default_protocol_versions()
        .expect("ring has cipher suites for TLS 1.2 and 1.3")
        .dangerous()
        .with_custom_certificate_verifier(verifier)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

/// Trusts the host app's own roots, then the system's; then asks for the pinned keys.
struct Verifier {
    host: Option<Arc<WebPkiServerVerifier>>,
    system: Option<Arc<dyn ServerCertVerifier>>,
    pins: HashMap<String, Vec<[u8; 32]>>,
    provider: Arc<CryptoProvider>,
}

type Shared = Mutex<Vec<(TrustSettings, Weak<Verifier>)>>;

impl Verifier {
    /// The one that is in use with these settings, or a new one.
    fn shared(config: &ClientConfig) -> Result<Arc<Self>, Error> {
        static SHARED: Shared = Mutex::new(Vec::new());
        let settings = TrustSettings {
            system_roots: config.system_roots,
            roots: config.roots_pem.clone(),
            pins: config.pins.clone(),
        };
        // Held while one is made, so that clients starting together make one, not many.
        let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
        shared.retain(|(_, made)| made.strong_count() > 0);
        let known = shared.iter().find(|(other, _)| *other == settings);
        if let Some(made) = known.and_then(|(_, made)| made.upgrade()) {
            return Ok(made);
        }
        let made = Arc::new(Self::new(&settings)?);
        shared.push((settings, Arc::downgrade(&made)));
        Ok(made)
    }

    fn new(settings: &TrustSettings) -> Result<Self, Error> {
        let provider = Arc::new(provider::default_provider());
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(settings.roots.0.iter().cloned());
        let host = if roots.is_empty() { None } else { Some(webpki_verifier(roots, &provider)?) };
        let system = if settings.system_roots { Some(system_verifier(&provider)?) } else { None };
        if host.is_none() && system.is_none() {
            return Err(Error::NoTrustAnchors);
        }
        let mut pins: HashMap<String, Vec<[u8; 32]>> = HashMap::new();
        for pin in &settings.pins {
            pins.entry(pin.host.clone()).or_default().push(pin.sha256);
        }
        Ok(Self { host, system, pins, provider })
    }

    fn check_pins(
        &self,
        certificate: &CertificateDer<'_>,
        name: &ServerName<'_>,
    ) -> Result<(), rustls::Error> {
        // A URL's name may end in a dot, and rustls keeps that.
        let Some(pins) = self.pins.get(without_dot(&name.to_str())) else { return Ok(()) };
        let key = ParsedCertificate::try_from(certificate)?.subject_public_key_info();
        let hash = digest(&SHA256, &key);
        if pins.iter().any(|pin| pin.as_slice() == hash.as_ref()) {
            return Ok(());
        }
        Err(CertificateError::Other(OtherError(Arc::new(PinMismatch))).into())
    }
}

fn webpki_verifier(
    roots: RootCertStore,
    provider: &Arc<CryptoProvider>,
) -> Result<Arc<WebPkiServerVerifier>, Error> {
    WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(provider))
        .build()
        .map_err(|_| Error::NoTrustAnchors)
}

/// The system's own verifier, with the user's and the administrator's decisions.
#[cfg(any(target_os = "android", target_vendor = "apple", windows))]
fn system_verifier(provider: &Arc<CryptoProvider>) -> Result<Arc<dyn ServerCertVerifier>, Error> {
    #[cfg(target_os = "android")]
    if !android::is_initialised() {
        return Err(Error::PlatformVerifierNotInitialised);
    }
    let verifier = rustls_platform_verifier::Verifier::new(Arc::clone(provider));
    Ok(Arc::new(verifier.map_err(|_| Error::NoTrustAnchors)?))
}

/// The system's trust anchors, or those of the Mozilla programme where it has none (OpenHarmony).
#[cfg(not(any(target_os = "android", target_vendor = "apple", windows)))]
fn system_verifier(provider: &Arc<CryptoProvider>) -> Result<Arc<dyn ServerCertVerifier>, Error> {
    let native = rustls_native_certs::load_native_certs();
    for error in &native.errors {
        log::warn!("a file of the system's trust anchors cannot be read: {error}");
    }
    let mut roots = RootCertStore::empty();
    let (added, ignored) = roots.add_parsable_certificates(native.certs);
    log::debug!("{added} trust anchors of the system, {ignored} ignored");
    if roots.is_empty() {
        roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    }
    Ok(webpki_verifier(roots, provider)?)
}

/// On Android the system's verifier works only after the host app gave it a `Context`.
#[cfg(target_os = "android")]
pub mod android {
    use std::sync::atomic::{AtomicBool, Ordering};

    static INITIALISED: AtomicBool = AtomicBool::new(false);

    /// To be called by the binding that has given `rustls_platform_verifier::android` a `Context`;
    /// until then every https call that needs the system's verifier fails with `errno` 304.
    pub fn set_initialised() {
        INITIALISED.store(true, Ordering::Release);
    }

    pub(super) fn is_initialised() -> bool {
        INITIALISED.load(Ordering::Acquire)
    }
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let unknown = || rustls::Error::from(CertificateError::UnknownIssuer);
        let by_host = match &self.host {
            Some(host) => host.verify_server_cert(certificate, intermediates, name, ocsp, now),
            None => Err(unknown()),
        };
        // Only a chain that does not lead to the host's roots is the system's business: one that does
        // and has expired, or is for another name, is wrong whatever the system says.
        let verified = match (by_host, &self.system) {
            (Err(error), Some(system)) if error == unknown() => {
                system.verify_server_cert(certificate, intermediates, name, ocsp, now)
            }
            (by_host, _) => by_host,
        }?;
        self.check_pins(certificate, name)?;
        Ok(verified)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(
            message,
            certificate,
            signed,
            &self.provider.signature_verification_algorithms,
        )
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(
            message,
            certificate,
            signed,
            &self.provider.signature_verification_algorithms,
        )
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verifier").field("pinned_hosts", &self.pins.len()).finish_non_exhaustive()
    }
}

/// What a rustls error holds where the certificate is good and its key is not the pinned one.
#[derive(Debug)]
pub(crate) struct PinMismatch;

impl fmt::Display for PinMismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("pin mismatch")
    }
}

impl std::error::Error for PinMismatch {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trust_anchors_are_read_once_for_all_clients_that_trust_alike() {
        let config = ClientConfig::default();
        let mut other = config.clone();
        other.pins = vec![Pin { host: "a.test".to_owned(), sha256: [0; 32] }];
        let [one, same, other] = [&config, &config, &other].map(|it| Verifier::shared(it).unwrap());
        assert!(Arc::ptr_eq(&one, &same) && !Arc::ptr_eq(&one, &other));
        let [one, same] = [&config, &config].map(|it| tls_config(it).unwrap());
        assert!(!Arc::ptr_eq(&one, &same), "each client has sessions of its own");
    }
}
