//! `--insecure`: takes any certificate of a server. The engine has no such switch; a proxy within
//! this process ends TLS with certificates that the client trusts, and takes what the server shows.

use std::io::{self, ErrorKind};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, OnceLock};

use gadget_request::ClientConfig;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use ring::rand::{SecureRandom as _, SystemRandom};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::CryptoProvider;
use rustls::crypto::ring::default_provider;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::server::Acceptor;
use rustls::{DigitallySignedStruct, ServerConfig, SignatureScheme};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::{LazyConfigAcceptor, TlsConnector};

const WARNING: &str = "gadget-devtools: warning: --insecure takes any certificate: whoever is on \
    the way can read and change what is sent and received";

/// SOCKS 5 (RFC 1928), and user name and password for it (RFC 1929).
const SOCKS5: u8 = 5;
const CREDENTIALS: u8 = 2;
const NONE_ACCEPTABLE: u8 = 255;
const CONNECT: u8 = 1;
const REFUSED: u8 = 5;
/// The first byte of a TLS connection.
const TLS_HANDSHAKE: u8 = 22;

/// The proxy of this process.
struct Proxy {
    issuer: CertifiedIssuer<'static, KeyPair>,
    /// User name and password in one. Another process does not know them.
    secret: String,
    provider: Arc<CryptoProvider>,
}

/// Lets the client take any certificate, and says so.
pub(crate) fn allow(config: &mut ClientConfig) -> Result<(), String> {
    if config.proxy.is_some() {
        return Err("--insecure: not together with a proxy".to_owned());
    }
    eprintln!("{WARNING}");
    let failed = |error: &dyn std::fmt::Display| format!("--insecure: {error}");
    let (address, secret, pem) = start().map_err(|error| failed(&error))?;
    let proxy = format!("socks5://{secret}:{secret}@{address}").parse();
    config.proxy = Some(proxy.map_err(|error| failed(&error))?);
    config.roots_pem.extend(pem.parse().map_err(|error| failed(&error))?);
    config.proxy_bypass.clear();
    config.pins.clear();
    Ok(())
}

/// Starts the proxy. Returns where it listens, its secret, and the certificate of its issuer.
fn start() -> io::Result<(SocketAddr, String, String)> {
    let mut bytes = [0; 16];
    SystemRandom::new().fill(&mut bytes).map_err(|_| io::Error::other("no random bytes"))?;
    let secret: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, format!("gadget-devtools {secret}"));
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let issuer = KeyPair::generate().and_then(|key| CertifiedIssuer::self_signed(params, key));
    let issuer = issuer.map_err(io::Error::other)?;
    let pem = issuer.pem();
    let provider = Arc::new(default_provider());
    let proxy = Arc::new(Proxy { issuer, secret: secret.clone(), provider });
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let listener = runtime.block_on(TcpListener::bind((Ipv4Addr::LOCALHOST, 0)))?;
    let address = listener.local_addr()?;
    std::thread::Builder::new().name("insecure".to_owned()).spawn(move || {
        runtime.block_on(async {
            while let Ok((client, _)) = listener.accept().await {
                let proxy = Arc::clone(&proxy);
                // Either side may leave at any time.
                tokio::spawn(async move { proxy.serve(client).await });
            }
        });
    })?;
    Ok((address, secret, pem))
}

impl Proxy {
    async fn serve(&self, mut client: TcpStream) -> io::Result<()> {
        client.set_nodelay(true)?;
        let target = self.greet(&mut client).await?;
        let connected = TcpStream::connect(target).await;
        let code = if connected.is_ok() { 0 } else { REFUSED };
        client.write_all(&[SOCKS5, code, 0, 1, 0, 0, 0, 0, 0, 0]).await?;
        let mut server = connected?;
        server.set_nodelay(true)?;
        let mut first = [0];
        if client.peek(&mut first).await? == 1 && first[0] == TLS_HANDSHAKE {
            return self.end_tls(client, server, target).await;
        }
        copy_bidirectional(&mut client, &mut server).await.map(drop)
    }

    /// Reads the greeting, the credentials and the address of a client.
    async fn greet(&self, client: &mut TcpStream) -> io::Result<SocketAddr> {
        let invalid = || io::Error::from(ErrorKind::InvalidData);
        let methods = text(client, 1).await?;
        let is_known = methods.contains(&CREDENTIALS);
        let method = if is_known { CREDENTIALS } else { NONE_ACCEPTABLE };
        client.write_all(&[SOCKS5, method]).await?;
        if !is_known {
            return Err(invalid());
        }
        let (user, password) = (text(client, 1).await?, text(client, 0).await?);
        let is_ours = user == self.secret.as_bytes() && password == self.secret.as_bytes();
        client.write_all(&[1, u8::from(!is_ours)]).await?;
        if !is_ours {
            return Err(ErrorKind::PermissionDenied.into());
        }
        let mut head = [0; 4];
        client.read_exact(&mut head).await?;
        // The client looks names up itself.
        let address: IpAddr = match head {
            [SOCKS5, CONNECT, _, 1] => Ipv4Addr::from(client.read_u32().await?).into(),
            [SOCKS5, CONNECT, _, 4] => Ipv6Addr::from(client.read_u128().await?).into(),
            _ => return Err(invalid()),
        };
        Ok((address, client.read_u16().await?).into())
    }

    /// Ends TLS on both sides. The client gets the protocol that the server has chosen.
    async fn end_tls(
        &self,
        client: TcpStream,
        server: TcpStream,
        target: SocketAddr,
    ) -> io::Result<()> {
        let start = LazyConfigAcceptor::new(Acceptor::default(), client).await?;
        let hello = start.client_hello();
        let name = hello.server_name().map_or_else(|| target.ip().to_string(), str::to_owned);
        let protocols = hello.alpn().into_iter().flatten().map(<[u8]>::to_vec).collect();
        let of_server = ServerName::try_from(name.clone()).map_err(io::Error::other)?;
        let mut any = self.any_certificate()?;
        any.alpn_protocols = protocols;
        let mut server = TlsConnector::from(Arc::new(any)).connect(of_server, server).await?;
        let chosen = server.get_ref().1.alpn_protocol().map(<[u8]>::to_vec);
        let config = self.certified(name, chosen)?;
        let mut client = start.into_stream(Arc::new(config)).await?;
        copy_bidirectional(&mut client, &mut server).await.map(drop)
    }

    fn any_certificate(&self) -> io::Result<rustls::ClientConfig> {
        let provider = Arc::clone(&self.provider);
        let any = Arc::new(AnyCertificate(Arc::clone(&provider)));
        let config = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(io::Error::other)?;
        let config = config.dangerous().with_custom_certificate_verifier(any);
        Ok(config.with_no_client_auth())
    }

    /// The settings of a server with a certificate for this name or address.
    fn certified(&self, name: String, protocol: Option<Vec<u8>>) -> io::Result<ServerConfig> {
        // One key for all: to make one takes longer than the rest of a call.
        static KEY: OnceLock<KeyPair> = OnceLock::new();
        if KEY.get().is_none() {
            let _ = KEY.set(KeyPair::generate().map_err(io::Error::other)?);
        }
        let key = KEY.get().expect("it was set above, or by another connection");
        let certificate = CertificateParams::new(vec![name])
            .and_then(|params| params.signed_by(key, &self.issuer))
            .map_err(io::Error::other)?;
        let config = ServerConfig::builder_with_provider(Arc::clone(&self.provider))
            .with_safe_default_protocol_versions()
            .map_err(io::Error::other)?;
        let der = PrivateKeyDer::Pkcs8(key.serialize_der().into());
        let config = config.with_no_client_auth();
        let mut config = config
            .with_single_cert(vec![certificate.der().clone()], der)
            .map_err(io::Error::other)?;
        config.alpn_protocols = protocol.into_iter().collect();
        Ok(config)
    }
}

/// Reads a version, if there is one, and a text after its length.
async fn text(client: &mut TcpStream, versions: usize) -> io::Result<Vec<u8>> {
    let mut head = vec![0; versions + 1];
    client.read_exact(&mut head).await?;
    let mut text = vec![0; usize::from(head[versions])];
    client.read_exact(&mut text).await?;
    Ok(text)
}

/// Takes every certificate, whoever has signed it and for whatever it is.
#[derive(Debug)]
struct AnyCertificate(Arc<CryptoProvider>);

impl ServerCertVerifier for AnyCertificate {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
