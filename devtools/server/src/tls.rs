//! The test CA, and a certificate for every requested host name, some of them bad on purpose.

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};

use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, CertifiedIssuer,
    CrlDistributionPoint, DnType, IsCa, KeyIdMethod, KeyPair, KeyUsagePurpose, RevokedCertParams,
    date_time_ymd,
};
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::PrivateKeyDer;
use rustls::server::{Acceptor, ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use tokio_rustls::LazyConfigAcceptor;
use tokio_rustls::server::TlsStream;

use crate::counted::Counted;

/// The number of the certificate that is revoked.
const REVOKED: u64 = 13;

/// This server's own CA, and one that nobody trusts.
#[derive(Debug)]
pub(crate) struct Authority {
    known: Issuer,
    unknown: Issuer,
    /// Where its list of revoked certificates is.
    crl_url: String,
    made: Mutex<HashMap<String, Arc<CertifiedKey>>>,
}

/// The server's TLS settings. Host names that begin with `http1.` get no HTTP/2.
#[derive(Clone)]
pub(crate) struct Configs {
    all: Arc<ServerConfig>,
    http1: Arc<ServerConfig>,
}

impl Configs {
    pub(crate) async fn accept(&self, stream: Counted) -> io::Result<TlsStream<Counted>> {
        let start = LazyConfigAcceptor::new(Acceptor::default(), stream).await?;
        let is_http1 =
            start.client_hello().server_name().is_some_and(|it| it.starts_with("http1."));
        let config = if is_http1 { &self.http1 } else { &self.all };
        start.into_stream(Arc::clone(config)).await
    }
}

struct Issuer(CertifiedIssuer<'static, KeyPair>);

impl std::fmt::Debug for Issuer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Issuer")
    }
}

impl Authority {
    /// `number` makes the CA's name unique, so that certificates of another server have an unknown
    /// issuer.
    pub(crate) fn new(number: u32) -> io::Result<Self> {
        Ok(Self {
            known: issuer(&format!("gadget test CA {}-{number}", std::process::id()))?,
            unknown: issuer("unknown CA")?,
            crl_url: String::new(),
            made: Mutex::default(),
        })
    }

    pub(crate) fn pem(&self) -> String {
        self.known.0.pem()
    }

    /// The list of the revoked certificates, as `/crl` serves it.
    pub(crate) fn crl(&self) -> io::Result<Vec<u8>> {
        let revoked = RevokedCertParams {
            serial_number: REVOKED.into(),
            revocation_time: date_time_ymd(2021, 1, 1),
            reason_code: None,
            invalidity_date: None,
        };
        let params = CertificateRevocationListParams {
            this_update: date_time_ymd(2021, 1, 1),
            next_update: date_time_ymd(2120, 1, 1),
            crl_number: 1.into(),
            issuing_distribution_point: None,
            revoked_certs: vec![revoked],
            key_identifier_method: KeyIdMethod::Sha256,
        };
        let list = params.signed_by(&self.known.0).map_err(io::Error::other)?;
        Ok(list.der().to_vec())
    }

    /// `http` is the origin of the server, where `/crl` is.
    pub(crate) fn configs(mut self, http: SocketAddr) -> Configs {
        self.crl_url = format!("http://{http}/crl");
        let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("ring has cipher suites for TLS 1.2 and 1.3")
            .with_no_client_auth()
            .with_cert_resolver(Arc::new(self));
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        let mut http1 = config.clone();
        http1.alpn_protocols = vec![b"http/1.1".to_vec()];
        Configs { all: Arc::new(config), http1: Arc::new(http1) }
    }

    /// Makes a certificate for a host name. The first label says what is wrong with it.
    fn certificate(&self, host: &str) -> Result<CertifiedKey, rcgen::Error> {
        let mut params = CertificateParams::new(vec![host.to_owned()])?;
        params.distinguished_name.push(DnType::CommonName, "gadget test server");
        params.not_before = date_time_ymd(2020, 1, 1);
        params.not_after = date_time_ymd(2120, 1, 1);
        let uris = vec![self.crl_url.clone()];
        params.crl_distribution_points = vec![CrlDistributionPoint { uris }];
        let mut issuer = &self.known.0;
        match host.split('.').next() {
            Some("expired") => params.not_after = date_time_ymd(2021, 1, 1),
            Some("not-yet-valid") => params.not_before = date_time_ymd(2119, 1, 1),
            Some("wrong-host") => {
                let other = CertificateParams::new(vec!["other.test".to_owned()])?;
                params.subject_alt_names = other.subject_alt_names;
            }
            Some("revoked") => params.serial_number = Some(REVOKED.into()),
            Some("unknown-issuer") => issuer = &self.unknown.0,
            Some("localhost") => {
                for address in ["127.0.0.1", "::1"] {
                    let address: IpAddr = address.parse().expect("an address");
                    params.subject_alt_names.push(rcgen::SanType::IpAddress(address));
                }
            }
            _ => {}
        }
        let key = KeyPair::generate()?;
        let certificate = params.signed_by(&key, issuer)?;
        let key = PrivateKeyDer::Pkcs8(key.serialize_der().into());
        let key = ring::sign::any_supported_type(&key)
            .map_err(|_| rcgen::Error::KeyGenerationUnavailable)?;
        Ok(CertifiedKey::new(vec![certificate.der().clone()], key))
    }
}

impl ResolvesServerCert for Authority {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        // A client that connects to an address sends no name.
        let host = hello.server_name().unwrap_or("localhost");
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(certified) = made.get(host) {
            return Some(Arc::clone(certified));
        }
        let certified = Arc::new(self.certificate(host).ok()?);
        made.insert(host.to_owned(), Arc::clone(&certified));
        Some(certified)
    }
}

fn issuer(name: &str) -> io::Result<Issuer> {
    let make = || {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        CertifiedIssuer::self_signed(params, KeyPair::generate()?)
    };
    make().map(Issuer).map_err(io::Error::other)
}
