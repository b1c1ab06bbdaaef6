//! Opens connections: to a server or via the host app's proxy, in cleartext or over TLS.

use std::error::Error as StdError;
use std::io;
use std::net::SocketAddr;
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

use crate::cause::{Cause, CausePhase, Failure};
use crate::config::ClientConfig;
use crate::config::network::Proxy;
use crate::error::{Error, TlsFailure};
use crate::policy;
use crate::timing::CallMoment::{ConnectEnd, ConnectStart, SslConnectionEnd, SslConnectionStart};
use crate::timing::recorder::Recorder;
use crate::wire::connection::{Connection, Stream};
use crate::wire::dial::dial;
use crate::wire::failure;
use crate::wire::registry;
use crate::wire::resolve::{HostResolver, Places, Resolver};
use crate::wire::trust;

const HTTP_PORT: u16 = 80;
const HTTPS_PORT: u16 = 443;

/// Opens connections for one client's pool.
pub(crate) struct Connector {
    config: Arc<ClientConfig>,
    resolver: Resolver,
    /// Made for the first https request.
    tls: OnceCell<Arc<rustls::ClientConfig>>,
}

impl Connector {
    pub(crate) fn new(config: Arc<ClientConfig>, resolver: Option<Arc<dyn HostResolver>>) -> Self {
        let resolver = Resolver::new(&config, resolver);
        Self { config, resolver, tls: OnceCell::new() }
    }

    /// Opens a connection to the server of a URI. `places` are those of the client's network.
    pub(crate) async fn connect(
        &self,
        to: &Uri,
        places: &Places,
        recorder: &Recorder,
    ) -> Result<Connection, Failure> {
        // Before anything else: without trust anchors nothing is opened.
        let tls = if is_https(to) { Some(self.tls().await?) } else { None };
        if let Some(proxy) = &self.config.proxy {
            return self.via_proxy(proxy, tls.map(|tls| (to, tls)), places, recorder).await;
        }
        let addresses = policy::allowed(&self.config, self.resolve(to, places, recorder).await?)?;
        let stream = connect_any(addresses, recorder).await?;
        match tls {
            Some(tls) => start_tls(stream, to, tls, recorder).await,
            None => Ok(Connection::new(stream, false)),
        }
    }

    /// Resolves the host of a URI.
    async fn resolve(
        &self,
        to: &Uri,
        places: &Places,
        recorder: &Recorder,
    ) -> Result<Vec<SocketAddr>, Failure> {
        let default_port = if is_https(to) { HTTPS_PORT } else { HTTP_PORT };
        let port = to.port_u16().unwrap_or(default_port);
        self.resolver.resolve(host(to), port, places, recorder).await
    }

    /// Opens a connection to the proxy; for https, a tunnel through it to the server of a URI.
    async fn via_proxy(
        &self,
        proxy: &Proxy,
        to: Option<(&Uri, Arc<rustls::ClientConfig>)>,
        places: &Places,
        recorder: &Recorder,
    ) -> Result<Connection, Failure> {
        let uri = proxy.uri();
        // The policy does not judge these addresses: the host app itself has chosen the proxy.
        let addresses = self.resolve(&uri, places, recorder).await.map_err(as_proxy_failure)?;
        let stream = connect_any(addresses, recorder).await.map_err(as_proxy_failure)?;
        if !is_https(&uri) {
            return open_tunnel(stream, proxy, to, recorder).await;
        }
        let mut tls = (*self.tls().await?).clone();
        tls.alpn_protocols = vec![b"http/1.1".to_vec()]; // a proxy takes no HTTP/2 from us
        let stream = handshake(stream, &uri, Arc::new(tls), recorder).await;
        open_tunnel(stream.map_err(as_proxy_failure)?, proxy, to, recorder).await
    }

    /// Returns the client's TLS configuration; makes it at the first call.
    async fn tls(&self) -> Result<Arc<rustls::ClientConfig>, Failure> {
        let make = || async {
            let config = Arc::clone(&self.config);
            // Reading the system's trust anchors takes milliseconds and files.
            let made = tokio::task::spawn_blocking(move || trust::tls_config(&config)).await;
            made.unwrap_or(Err(Error::Internal))
        };
        // A failure is not kept: the host app may initialise the verifier later.
        Ok(Arc::clone(self.tls.get_or_try_init(make).await?))
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

/// Opens a tunnel through a connection to a proxy, and TLS within it. Without a server to reach,
/// returns the connection itself: the proxy takes requests in cleartext.
async fn open_tunnel(
    stream: impl Stream + 'static,
    proxy: &Proxy,
    to: Option<(&Uri, Arc<rustls::ClientConfig>)>,
    recorder: &Recorder,
) -> Result<Connection, Failure> {
    let Some((to, tls)) = to else { return Ok(Connection::to_proxy(stream)) };
    let mut stream = Some(stream);
    let connection = service_fn(move |_| {
        let stream = stream.take().map(TokioIo::new);
        std::future::ready(stream.ok_or(Error::ProxyFailed))
    });
    let mut tunnel = Tunnel::new(proxy.uri(), connection);
    if let Some(authorization) = proxy.authorization() {
        tunnel = tunnel.with_auth(authorization);
    }
    let stream = tunnel.oneshot(to.clone()).await.map_err(|error| tunnel_failure(&error))?;
    start_tls(stream.into_inner(), to, tls, recorder).await
}

/// Starts TLS on a stream, which also agrees on the version of HTTP.
async fn start_tls(
    stream: impl Stream + 'static,
    to: &Uri,
    tls: Arc<rustls::ClientConfig>,
    recorder: &Recorder,
) -> Result<Connection, Failure> {
    let stream = handshake(stream, to, tls, recorder).await?;
    let is_http2 = stream.get_ref().1.alpn_protocol() == Some(b"h2");
    Ok(Connection::new(stream, is_http2))
}

async fn handshake<S: Stream>(
    stream: S,
    to: &Uri,
    tls: Arc<rustls::ClientConfig>,
    recorder: &Recorder,
) -> Result<TlsStream<S>, Failure> {
    recorder.begin(SslConnectionStart, SslConnectionEnd);
    let name = ServerName::try_from(host(to).to_owned())
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

/// Makes a failure on the way to the proxy the proxy's. TLS failures and timeouts keep their error.
fn as_proxy_failure(failure: Failure) -> Failure {
    let error = match failure.error {
        Error::ConnectionFailed | Error::NameNotResolved => Error::ProxyFailed,
        other => other,
    };
    let is_tls = matches!(error, Error::Tls(_));
    let cause = failure.cause.map(|it| if is_tls { it } else { it.with_phase(CausePhase::Proxy) });
    Failure { error, cause }
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
