//! Opens connections: to a server or via the host app's proxy, in cleartext or over TLS.

use std::error::Error as StdError;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use http::Uri;
use http::uri::Scheme;
use hyper_util::client::legacy::connect::proxy::Tunnel;
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio::sync::OnceCell;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tower::{ServiceExt as _, service_fn};
use url::Url;

use crate::cause::{Cause, CausePhase, Failure};
use crate::config::ClientConfig;
use crate::config::network::{Proxy, ProxyProtocol};
use crate::error::{Error, TlsFailure};
use crate::policy;
use crate::timing::CallMoment::{ConnectEnd, ConnectStart, SslConnectionEnd, SslConnectionStart};
use crate::timing::recorder::Recorder;
use crate::wire::connection::{Connection, Stream};
use crate::wire::dial::dial;
use crate::wire::failure;
use crate::wire::proxies::origin_url;
use crate::wire::registry;
use crate::wire::resolve::{HostResolver, Places, Resolver};
use crate::wire::socks::{self, SocksError, Target};
use crate::wire::trust::TlsConfigs;

const HTTP_PORT: u16 = 80;
const HTTPS_PORT: u16 = 443;

/// Opens connections for one client's pool.
pub(crate) struct Connector {
    config: Arc<ClientConfig>,
    resolver: Resolver,
    /// Made for the first https request.
    tls: OnceCell<TlsConfigs>,
}

impl Connector {
    pub(crate) fn new(config: Arc<ClientConfig>, resolver: Option<Arc<dyn HostResolver>>) -> Self {
        let resolver = Resolver::new(&config, resolver);
        Self { config, resolver, tls: OnceCell::new() }
    }

    /// Opens a connection to the server of a URI, through a proxy if there is one. `places` are
    /// those of the client's network.
    pub(crate) async fn connect(
        &self,
        to: &Uri,
        proxy: Option<&Arc<Proxy>>,
        places: &Places,
        recorder: &Recorder,
    ) -> Result<Connection, Failure> {
        // Before anything else: without trust anchors nothing is opened.
        let tls = if is_https(to) { Some(self.tls(origin_url(to)).await?) } else { None };
        match proxy {
            None => {
                let addresses = self.addresses(to, places, recorder).await?;
                start(connect_any(addresses, recorder).await?, to, tls, recorder).await
            }
            Some(proxy) if proxy.protocol.is_socks() => {
                let stream = self.via_socks(proxy, to, places, recorder).await?;
                start(stream, to, tls, recorder).await
            }
            Some(proxy) => self.via_http(proxy, (to, tls), places, recorder).await,
        }
    }

    /// Returns the allowed addresses of the server of a URI.
    async fn addresses(
        &self,
        to: &Uri,
        places: &Places,
        recorder: &Recorder,
    ) -> Result<Vec<SocketAddr>, Failure> {
        let addresses = self.resolver.resolve(host(to), port(to), places, recorder).await?;
        Ok(policy::allowed(&self.config, addresses)?)
    }

    /// Connects to a proxy. The policy does not judge its addresses: the host app itself has chosen
    /// the proxy.
    async fn reach(
        &self,
        proxy: &Proxy,
        places: &Places,
        recorder: &Recorder,
    ) -> Result<TcpStream, Failure> {
        let addresses = self.resolver.resolve(&proxy.host, proxy.port, places, recorder);
        let addresses = addresses.await.map_err(as_proxy_failure)?;
        connect_any(addresses, recorder).await.map_err(as_proxy_failure)
    }

    /// Opens a connection to an HTTP proxy; for https, a tunnel through it to the server of a URI.
    async fn via_http(
        &self,
        proxy: &Arc<Proxy>,
        (to, tls): (&Uri, Option<Arc<rustls::ClientConfig>>),
        places: &Places,
        recorder: &Recorder,
    ) -> Result<Connection, Failure> {
        let stream = self.reach(proxy, places, recorder).await?;
        if proxy.protocol != ProxyProtocol::Https {
            return open_tunnel(stream, proxy, (to, tls), recorder).await;
        }
        let mut to_proxy = (*self.tls(proxy.url()).await?).clone();
        to_proxy.alpn_protocols = vec![b"http/1.1".to_vec()]; // a proxy takes no HTTP/2 from us
        let stream = handshake(stream, &proxy.host, Arc::new(to_proxy), recorder).await;
        open_tunnel(stream.map_err(as_proxy_failure)?, proxy, (to, tls), recorder).await
    }

    /// Opens a connection through a SOCKS proxy to the server of a URI. If the proxy does not reach
    /// one of the server's addresses, it is asked for the next, each time on a new connection.
    async fn via_socks(
        &self,
        proxy: &Proxy,
        to: &Uri,
        places: &Places,
        recorder: &Recorder,
    ) -> Result<TcpStream, Failure> {
        let is_name = host(to).parse::<IpAddr>().is_err();
        let targets = if is_name && proxy.protocol == ProxyProtocol::Socks5h {
            vec![Target::Name(host(to), port(to))]
        } else {
            self.addresses(to, places, recorder).await?.into_iter().map(Target::Address).collect()
        };
        let mut failure = Failure::from(Error::ProxyFailed);
        for target in targets {
            let mut stream = self.reach(proxy, places, recorder).await?;
            match socks::connect(&mut stream, &target, proxy.credentials.as_ref()).await {
                Ok(()) => return Ok(stream),
                Err(SocksError::Unreachable(next)) => failure = next,
                Err(SocksError::Failed(failure)) => return Err(failure),
            }
        }
        Err(failure)
    }

    /// Returns the client's TLS configuration for a server; makes it at the first call.
    async fn tls(&self, server: Option<Url>) -> Result<Arc<rustls::ClientConfig>, Failure> {
        let make = || async {
            let config = Arc::clone(&self.config);
            // Reading the system's trust anchors takes milliseconds and files.
            let made = tokio::task::spawn_blocking(move || TlsConfigs::new(&config)).await;
            made.unwrap_or(Err(Error::Internal))
        };
        // A failure is not kept: the host app may initialise the verifier later.
        let server = server.ok_or(Error::RefusedByNetworkStack)?;
        Ok(Arc::clone(self.tls.get_or_try_init(make).await?.for_url(&server)))
    }
}

/// Connects to the first address that answers. If the process has no sockets left, closes idle
/// connections and tries once more.
async fn connect_any(
    addresses: Vec<SocketAddr>,
    recorder: &Recorder,
) -> Result<TcpStream, Failure> {
    recorder.begin(ConnectStart, ConnectEnd);
    let stream = match dial(addresses.clone()).await {
        Err(error) if registry::is_out_of_sockets(&error) => {
            registry::get().make_room().await;
            dial(addresses).await
        }
        result => result,
    };
    let stream = stream.inspect(|stream| recorder.connected(stream.peer_addr().ok()));
    stream.map_err(|error| {
        Failure::new(connect_error(&error), Cause::of(CausePhase::Connect, &error))
    })
}

/// Opens a tunnel through a connection to a proxy, and TLS within it. For http, returns the
/// connection itself: the proxy takes requests in cleartext.
async fn open_tunnel(
    stream: impl Stream + 'static,
    proxy: &Arc<Proxy>,
    (to, tls): (&Uri, Option<Arc<rustls::ClientConfig>>),
    recorder: &Recorder,
) -> Result<Connection, Failure> {
    if tls.is_none() {
        return Ok(Connection::to_proxy(stream, Arc::clone(proxy)));
    }
    let mut stream = Some(stream);
    let connection = service_fn(move |_| {
        let stream = stream.take().map(TokioIo::new);
        std::future::ready(stream.ok_or(Error::ProxyFailed))
    });
    // The proxy's URI goes to the service above, which needs none.
    let mut tunnel = Tunnel::new(Uri::default(), connection);
    if let Some(authorization) = proxy.authorization() {
        tunnel = tunnel.with_auth(authorization);
    }
    let stream = tunnel.oneshot(to.clone()).await.map_err(|error| tunnel_failure(&error))?;
    start(stream.into_inner(), to, tls, recorder).await
}

/// Starts HTTP on a stream to a server: over TLS, which also agrees on its version, or without.
async fn start(
    stream: impl Stream + 'static,
    to: &Uri,
    tls: Option<Arc<rustls::ClientConfig>>,
    recorder: &Recorder,
) -> Result<Connection, Failure> {
    let Some(tls) = tls else { return Ok(Connection::new(stream, false)) };
    let stream = handshake(stream, host(to), tls, recorder).await?;
    let is_http2 = stream.get_ref().1.alpn_protocol() == Some(b"h2");
    Ok(Connection::new(stream, is_http2))
}

async fn handshake<S: Stream>(
    stream: S,
    host: &str,
    tls: Arc<rustls::ClientConfig>,
    recorder: &Recorder,
) -> Result<TlsStream<S>, Failure> {
    recorder.begin(SslConnectionStart, SslConnectionEnd);
    let name = ServerName::try_from(host.to_owned())
        .map_err(|_| Error::Tls(TlsFailure::HandshakeFailed))?;
    TlsConnector::from(tls)
        .connect(name, stream)
        .await
        .inspect(|_| recorder.mark(SslConnectionEnd))
        .map_err(|error| Failure::new(tls_error(&error), Cause::of(CausePhase::Tls, &error)))
}

/// Returns why a handshake failed.
fn tls_error(error: &io::Error) -> Error {
    let rustls_error = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
    match (rustls_error, error.kind()) {
        (Some(error), _) => Error::Tls(failure::tls(error)),
        // The peer has closed the connection.
        (None, io::ErrorKind::UnexpectedEof) => Error::Tls(TlsFailure::HandshakeFailed),
        (None, _) => connect_error(error),
    }
}

fn connect_error(error: &io::Error) -> Error {
    match error.kind() {
        io::ErrorKind::TimedOut => Error::Timeout, // the system has given up before we did
        _ => Error::ConnectionFailed,
    }
}

/// Makes a failure on the way to the proxy the proxy's. Timeouts, and a failure of the engine's
/// own, keep their error.
fn as_proxy_failure(failure: Failure) -> Failure {
    let error = match failure.error {
        Error::ConnectionFailed | Error::NameNotResolved | Error::Tls(_) => Error::ProxyFailed,
        other => other,
    };
    Failure { error, cause: failure.cause.map(|it| it.with_phase(CausePhase::Proxy)) }
}

/// Returns the failure of a tunnel that a proxy did not open.
fn tunnel_failure(error: &(impl StdError + 'static)) -> Failure {
    Failure::new(Error::ProxyFailed, Cause::of_enum(CausePhase::Proxy, error))
}

/// Returns true for a URI of https.
pub(crate) fn is_https(uri: &Uri) -> bool {
    uri.scheme() == Some(&Scheme::HTTPS)
}

/// Returns the host of a URI, an IPv6 address without its brackets.
fn host(uri: &Uri) -> &str {
    let host = uri.host().unwrap_or_default();
    host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host)
}

fn port(uri: &Uri) -> u16 {
    uri.port_u16().unwrap_or(if is_https(uri) { HTTPS_PORT } else { HTTP_PORT })
}
