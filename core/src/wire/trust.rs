//! Decides which TLS servers a client trusts. No other module asks which system it runs on.

#[cfg(any(target_env = "ohos", all(test, target_os = "linux")))]
mod openharmony;

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
use rustls::sign::SingleCertAndKey;
use rustls::version::{TLS12, TLS13};
use rustls::{CertificateError, DigitallySignedStruct, OtherError, RootCertStore, SignatureScheme};
use url::Url;

use crate::config::ClientConfig;
use crate::config::tls::client_certificate::ClientCertificate;
use crate::config::tls::{Crl, Pin, Roots};
use crate::error::Error;

/// The settings that decide about trust. Clients with equal settings share one verifier.
#[derive(Clone, PartialEq, Eq)]
struct TrustSettings {
    system_roots: bool,
    roots: Roots,
    pins: Vec<Pin>,
    crls: Vec<Crl>,
}

/// The TLS configurations of one client: one for each certificate that it can show.
pub(crate) struct TlsConfigs {
    anonymous: Arc<rustls::ClientConfig>,
    with_certificate: Vec<(ClientCertificate, Arc<rustls::ClientConfig>)>,
}

impl TlsConfigs {
    /// Makes them. The first time takes milliseconds, because the system's trust anchors are read.
    pub(crate) fn new(config: &ClientConfig) -> Result<Self, Error> {
        let verifier = Verifier::shared(config)?;
        let certificates = config.client_certificates.iter();
        let with_certificate =
            certificates.map(|it| (it.clone(), tls_config(&verifier, Some(it)))).collect();
        Ok(Self { anonymous: tls_config(&verifier, None), with_certificate })
    }

    /// Returns the configuration for the server of a URL.
    pub(crate) fn for_url(&self, url: &Url) -> &Arc<rustls::ClientConfig> {
        let with_certificate = self.with_certificate.iter().rev().find(|(it, _)| it.is_for(url));
        with_certificate.map_or(&self.anonymous, |(_, config)| config)
    }
}

/// Makes the TLS configuration of one client, for servers that get this certificate.
///
/// Each has its own TLS sessions to resume. If clients shared them, a server could learn
/// that two mini programs, or two users, are on one device; and a resumed session is not verified
/// again, so it must not come from a client with other settings, or who was someone else.
fn tls_config(
    verifier: &Arc<Verifier>,
    certificate: Option<&ClientCertificate>,
) -> Arc<rustls::ClientConfig> {
    let config = rustls::ClientConfig::builder_with_provider(Arc::clone(&verifier.provider))
        .with_protocol_versions(&[&TLS13, &TLS12])
        .expect("ring has cipher suites for TLS 1.2 and 1.3")
        .dangerous()
        .with_custom_certificate_verifier(Arc::clone(verifier) as Arc<dyn ServerCertVerifier>);
    let mut config = match certificate {
        Some(certificate) => {
            let key = SingleCertAndKey::from(Arc::clone(&certificate.certified_key));
            config.with_client_cert_resolver(Arc::new(key))
        }
        None => config.with_no_client_auth(),
    };
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Arc::new(config)
}

/// Trusts the roots of the host app, then the system's. After that, checks the pinned keys.
struct Verifier {
    app: Option<Arc<WebPkiServerVerifier>>,
    system: Option<Arc<dyn ServerCertVerifier>>,
    pins: Vec<Pin>,
    provider: Arc<CryptoProvider>,
}

type Shared = Mutex<Vec<(TrustSettings, Weak<Verifier>)>>;

impl Verifier {
    /// Returns the verifier that is in use with these settings, or a new one.
    fn shared(config: &ClientConfig) -> Result<Arc<Self>, Error> {
        static SHARED: Shared = Mutex::new(Vec::new());
        let settings = TrustSettings {
            system_roots: config.system_roots,
            roots: config.roots_pem.clone(),
            pins: config.pins.clone(),
            crls: config.crls.clone(),
        };
        // Held while one is made, so that clients that start together make only one.
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
        let app = if roots.is_empty() {
            None
        } else {
            Some(webpki_verifier(roots, &settings.crls, &provider)?)
        };
        let system = if settings.system_roots {
            Some(system_verifier(&settings.crls, &provider)?)
        } else {
            None
        };
        if app.is_none() && system.is_none() {
            return Err(Error::NoTrustAnchors);
        }
        Ok(Self { app, system, pins: settings.pins.clone(), provider })
    }

    /// Fails if the host has pins and none of them is the certificate's key.
    fn check_pins(
        &self,
        certificate: &CertificateDer<'_>,
        name: &ServerName<'_>,
    ) -> Result<(), rustls::Error> {
        let name = name.to_str();
        let mut pins = self.pins.iter().filter(|pin| pin.is_for(&name)).peekable();
        if pins.peek().is_none() {
            return Ok(());
        }
        let key = ParsedCertificate::try_from(certificate)?.subject_public_key_info();
        let hash = digest(&SHA256, &key);
        if pins.any(|pin| pin.sha256 == hash.as_ref()) {
            return Ok(());
        }
        Err(CertificateError::Other(OtherError(Arc::new(PinMismatch))).into())
    }
}

fn webpki_verifier(
    roots: RootCertStore,
    crls: &[Crl],
    provider: &Arc<CryptoProvider>,
) -> Result<Arc<WebPkiServerVerifier>, Error> {
    WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(provider))
        .with_crls(crls.iter().flat_map(|crl| &crl.0).cloned())
        .allow_unknown_revocation_status()
        .build()
        .map_err(|_| Error::NoTrustAnchors)
}

/// Returns the system's own verifier, which respects the decisions of user and administrator, and
/// has its own rules for revoked certificates.
#[cfg(any(target_os = "android", target_vendor = "apple", windows))]
fn system_verifier(
    _crls: &[Crl],
    provider: &Arc<CryptoProvider>,
) -> Result<Arc<dyn ServerCertVerifier>, Error> {
    #[cfg(target_os = "android")]
    if !android::is_initialised() {
        return Err(Error::PlatformVerifierNotInitialised);
    }
    let verifier = rustls_platform_verifier::Verifier::new(Arc::clone(provider));
    Ok(Arc::new(verifier.map_err(|_| Error::NoTrustAnchors)?))
}

/// Trusts the trust anchors that OpenHarmony shows the host app.
#[cfg(target_env = "ohos")]
fn system_verifier(
    crls: &[Crl],
    provider: &Arc<CryptoProvider>,
) -> Result<Arc<dyn ServerCertVerifier>, Error> {
    use std::os::unix::fs::MetadataExt;
    let uid = std::fs::metadata("/proc/self").map(|it| it.uid()).ok();
    let roots = openharmony::trust_anchors(std::path::Path::new("/"), uid);
    Ok(webpki_verifier(roots, crls, provider)?)
}

/// Trusts the system's trust anchors, or Mozilla's list if the system has none.
#[cfg(not(any(target_os = "android", target_vendor = "apple", target_env = "ohos", windows)))]
fn system_verifier(
    crls: &[Crl],
    provider: &Arc<CryptoProvider>,
) -> Result<Arc<dyn ServerCertVerifier>, Error> {
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
    Ok(webpki_verifier(roots, crls, provider)?)
}

/// On Android the system's verifier works only after the host app has given it a `Context`.
#[cfg(target_os = "android")]
pub mod android {
    use std::sync::atomic::{AtomicBool, Ordering};

    static INITIALISED: AtomicBool = AtomicBool::new(false);

    /// Reports that `rustls_platform_verifier::android` has a `Context`. The binding calls this;
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
        let by_app = match &self.app {
            Some(app) => app.verify_server_cert(certificate, intermediates, name, ocsp, now),
            None => Err(unknown()),
        };
        // The system is asked only about a chain that does not lead to the host app's roots. If a
        // chain leads to them but has expired or is for another name, the system must not accept
        // it.
        let verified = match (by_app, &self.system) {
            (Err(error), Some(system)) if error == unknown() => {
                let verified =
                    system.verify_server_cert(certificate, intermediates, name, ocsp, now);
                verified.map_err(named)
            }
            (by_app, _) => by_app,
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

/// The end of Windows' words for CERT_E_CHAINING: a chain that leads to no root. Windows has other
/// words if the chain has a root that is not trusted, and the verifier knows only those.
const NO_ROOT: &str = "(os error -2146762486)";

/// Gives an error of the system's verifier the name that it has on all systems.
fn named(error: rustls::Error) -> rustls::Error {
    match &error {
        rustls::Error::InvalidCertificate(CertificateError::Other(other))
            if other.0.to_string().ends_with(NO_ROOT) =>
        {
            CertificateError::UnknownIssuer.into()
        }
        _ => error,
    }
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verifier").field("pinned_hosts", &self.pins.len()).finish_non_exhaustive()
    }
}

/// The payload of a rustls error: the certificate is good, but its key is not pinned.
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
    fn a_chain_that_leads_to_no_root_has_an_unknown_issuer_on_windows_too() {
        let other = |words: &str| {
            let payload: Box<dyn std::error::Error + Send + Sync> = words.into();
            rustls::Error::from(CertificateError::Other(OtherError(payload.into())))
        };
        let unknown = CertificateError::UnknownIssuer.into();
        assert_eq!(named(other("no trusted root (os error -2146762486)")), unknown);
        let revoked = other("the revocation server is offline (os error -2146885613)");
        assert_eq!(named(revoked.clone()).to_string(), revoked.to_string());
        assert_eq!(named(rustls::Error::DecryptError), rustls::Error::DecryptError);
    }

    #[test]
    fn trust_anchors_are_read_once_for_all_clients_with_equal_settings() {
        let config = ClientConfig::default();
        let mut other = config.clone();
        other.pins = vec![format!("a.test=sha256/{}=", "A".repeat(43)).parse().unwrap()];
        let [one, same, other] = [&config, &config, &other].map(|it| Verifier::shared(it).unwrap());
        assert!(Arc::ptr_eq(&one, &same) && !Arc::ptr_eq(&one, &other));
        let [one, same] = [&config, &config].map(|it| TlsConfigs::new(it).unwrap());
        assert!(!Arc::ptr_eq(&one.anonymous, &same.anonymous), "each client has its own sessions");
    }
}
