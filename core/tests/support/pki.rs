//! Certificates made on the spot, and a TLS server that shows them.
#![allow(dead_code, reason = "each test file uses its own part")]

use std::io::{self, Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;

use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, CertifiedIssuer, DnType,
    IsCa, KeyIdMethod, KeyPair, KeyUsagePurpose, RevokedCertParams, SerialNumber, date_time_ymd,
};
use rustls::crypto::ring::{default_provider, sign::any_supported_type};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::{ServerConfig, ServerConnection, SupportedProtocolVersion};

pub(crate) type Ca = CertifiedIssuer<'static, KeyPair>;

/// The parameters of a CA. webpki finds issuers by their names, so each needs its own.
pub(crate) fn ca_params(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params
}

pub(crate) fn root(name: &str) -> Ca {
    CertifiedIssuer::self_signed(ca_params(name), key()).expect("a certificate")
}

pub(crate) fn below(parent: &Ca, params: CertificateParams) -> Ca {
    CertifiedIssuer::signed_by(params, key(), parent).expect("a certificate")
}

pub(crate) fn key() -> KeyPair {
    KeyPair::generate().expect("a key")
}

/// The parameters of a server's certificate for these names and addresses.
pub(crate) fn leaf(names: &[&str]) -> CertificateParams {
    let names: Vec<String> = names.iter().map(ToString::to_string).collect();
    let mut params = CertificateParams::new(names).expect("names");
    params.not_before = date_time_ymd(2020, 1, 1);
    params.not_after = date_time_ymd(2119, 1, 1);
    params
}

/// A list of the serial numbers that an issuer has revoked, as DER.
pub(crate) fn crl(issuer: &Ca, serials: &[u64], next_update: i32) -> Vec<u8> {
    let revoked = serials.iter().map(|serial| RevokedCertParams {
        serial_number: SerialNumber::from(*serial),
        revocation_time: date_time_ymd(2021, 1, 1),
        reason_code: None,
        invalidity_date: None,
    });
    let params = CertificateRevocationListParams {
        this_update: date_time_ymd(2021, 1, 1),
        next_update: date_time_ymd(next_update, 1, 1),
        crl_number: 1.into(),
        issuing_distribution_point: None,
        revoked_certs: revoked.collect(),
        key_identifier_method: KeyIdMethod::Sha256,
    };
    params.signed_by(issuer).expect("a list").der().to_vec()
}

/// A certificate, the ones that lead from it to the root, and its key.
pub(crate) struct Identity {
    pub(crate) chain: Vec<CertificateDer<'static>>,
    pub(crate) key: PrivateKeyDer<'static>,
}

impl Identity {
    pub(crate) fn new(params: &CertificateParams, key: &KeyPair, issuer: &Ca) -> Self {
        let certificate = params.signed_by(key, issuer).expect("a certificate");
        Self::of(certificate.der().clone(), key)
    }

    pub(crate) fn self_signed(params: &CertificateParams, key: &KeyPair) -> Self {
        Self::of(params.self_signed(key).expect("a certificate").der().clone(), key)
    }

    pub(crate) fn of(certificate: CertificateDer<'static>, key: &KeyPair) -> Self {
        Self { chain: vec![certificate], key: PrivateKeyDer::Pkcs8(key.serialize_der().into()) }
    }

    /// From PEM that has both.
    pub(crate) fn from_pem(pem: &str) -> Self {
        let chain = CertificateDer::pem_slice_iter(pem.as_bytes());
        Self {
            chain: chain.collect::<Result<_, _>>().expect("certificates"),
            key: PrivateKeyDer::from_pem_slice(pem.as_bytes()).expect("a key"),
        }
    }

    /// Shows another certificate as well.
    pub(crate) fn with(mut self, ca: &Ca) -> Self {
        self.chain.push(ca.der().clone());
        self
    }

    /// The settings of a server with this certificate, which need not belong to its key.
    pub(crate) fn server(
        self,
        versions: &[&'static SupportedProtocolVersion],
        clients: Option<&Ca>,
    ) -> ServerConfig {
        let provider = Arc::new(default_provider());
        let config = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_protocol_versions(versions)
            .expect("ring has cipher suites for them");
        let config = match clients {
            None => config.with_no_client_auth(),
            Some(ca) => {
                let mut roots = rustls::RootCertStore::empty();
                roots.add(ca.der().clone()).expect("a CA");
                let verifier = rustls::server::WebPkiClientVerifier::builder_with_provider(
                    Arc::new(roots),
                    provider,
                );
                config.with_client_cert_verifier(verifier.build().expect("it has roots"))
            }
        };
        let key = any_supported_type(&self.key).expect("a key that ring takes");
        config.with_cert_resolver(Arc::new(SingleCertAndKey::from(CertifiedKey::new(
            self.chain, key,
        ))))
    }
}

/// How a server ends its connections.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    CloseNotify,
    /// As an attacker can who cuts the connection.
    Abrupt,
}

/// Serves one answer to the first request of each connection, and then closes it.
pub(crate) fn serve(config: ServerConfig, answer: Vec<u8>, ending: Ending) -> SocketAddr {
    serve_by(config, move |_| answer.clone(), ending)
}

/// The same, with an answer that depends on whether the client has shown a certificate.
pub(crate) fn serve_by(
    config: ServerConfig,
    answer: impl Fn(bool) -> Vec<u8> + Send + Sync + 'static,
    ending: Ending,
) -> SocketAddr {
    serve_at("127.0.0.1:0", config, answer, ending)
}

/// The same, at a given address of the device.
pub(crate) fn serve_at(
    address: &str,
    config: ServerConfig,
    answer: impl Fn(bool) -> Vec<u8> + Send + Sync + 'static,
    ending: Ending,
) -> SocketAddr {
    let config = Arc::new(config);
    listen(address, move |mut tcp| {
        let tls = ServerConnection::new(Arc::clone(&config));
        let mut tls = tls.map_err(io::Error::other)?;
        let mut stream = rustls::Stream::new(&mut tls, &mut tcp);
        let (mut head, mut bytes) = (Vec::new(), [0; 4096]);
        while !head.windows(4).any(|four| four == b"\r\n\r\n") {
            match stream.read(&mut bytes)? {
                0 => return Ok(()),
                length => head.extend_from_slice(&bytes[..length]),
            }
        }
        let is_known = stream.conn.peer_certificates().is_some();
        stream.write_all(&answer(is_known))?;
        if ending == Ending::CloseNotify {
            tls.send_close_notify();
            tls.complete_io(&mut tcp)?;
        }
        tcp.shutdown(Shutdown::Write)?;
        io::copy(&mut tcp, &mut io::sink()).map(drop)
    })
}

/// Answers the first bytes of each connection with these, and then closes it.
pub(crate) fn serve_raw(answer: &'static [u8]) -> SocketAddr {
    listen("127.0.0.1:0", move |mut tcp| {
        let mut bytes = [0; 4096];
        let _ = tcp.read(&mut bytes)?;
        tcp.write_all(answer)?;
        tcp.shutdown(Shutdown::Write)?;
        io::copy(&mut tcp, &mut io::sink()).map(drop)
    })
}

fn listen(
    address: &str,
    serve: impl Fn(TcpStream) -> io::Result<()> + Send + Sync + 'static,
) -> SocketAddr {
    let listener = TcpListener::bind(address).expect("loopback has free ports");
    let address = listener.local_addr().expect("it is bound");
    let serve = Arc::new(serve);
    thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let serve = Arc::clone(&serve);
            // The client may refuse the server at any step.
            thread::spawn(move || drop(serve(stream)));
        }
    });
    address
}
