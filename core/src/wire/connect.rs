//! Opens connections: to a server or by way of the host's proxy, in cleartext or over TLS.

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

use crate::config::ClientConfig;
use crate::config::network::Proxy;
use crate::error::{Error, TlsFailure};
use crate::policy;
use crate::wire::connection::{Connection, Stream};
use crate::wire::dial::dial;
use crate::wire::failure;
use crate::wire::registry;
use crate::wire::resolve::{HostResolver, Resolver};
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

    /// Opens a connection to where a URI points.
    pub(crate) async fn connect(&self, to: &Uri) -> Result<Connection, Error> {
        // First of all: without trust anchors nothing is opened.
        let tls = if is_https(to) { Some(self.tls().await?) } else { None };
        if let Some(proxy) = &self.config.proxy {
            return self.through(proxy, tls.map(|tls| (to, tls))).await;
        }
        let addresses = policy::allowed(&self.config, self.resolve(to).await?)?;
        let stream = connected(addresses).await?;
        match tls {
            Some(tls) => secure(stream, to, tls).await,
            None => Ok(Connection::new(stream, false)),
        }
    }

    /// The addresses of where a URI points.
    async fn resolve(&self, to: &Uri) -> Result<Vec<SocketAddr>, Error> {
        let default_port = if is_https(to) { HTTPS_PORT } else { HTTP_PORT };
        self.resolver.resolve(host(to), to.port_u16().unwrap_or(default_port)).await
    }

    /// A connection to the proxy, or by its tunnel to where a URI points.
    async fn through(
        &self,
        proxy: &Proxy,
        to: Option<(&Uri, Arc<rustls::ClientConfig>)>,
    ) -> Result<Connection, Error> {
        let uri = proxy.uri();
        // Not judged: the host app itself has chosen it.
        let addresses = self.resolve(&uri).await.map_err(of_proxy)?;
        let stream = connected(addresses).await.map_err(of_proxy)?;
        if !is_https(&uri) {
            return tunnelled(stream, proxy, to).await;
        }
        let mut tls = (*self.tls().await?).clone();
        tls.alpn_protocols = vec![b"http/1.1".to_vec()]; // a proxy takes no HTTP/2 from us
        let stream = handshake(stream, &uri, Arc::new(tls)).await.map_err(of_proxy)?;
        tunnelled(stream, proxy, to).await
    }

    async fn tls(&self) -> Result<Arc<rustls::ClientConfig>, Error> {
        let make = || async {
            let config = Arc::clone(&self.config);
            // Reading the system's trust anchors takes milliseconds and files.
            let made = tokio::task::spawn_blocking(move || trust::tls_config(&config)).await;
            made.unwrap_or(Err(Error::Internal))
        };
        self.tls.get_or_try_init(make).await.cloned()
    }
}

async fn connected(addresses: Vec<SocketAddr>) -> Result<TcpStream, Error> {
    let dialled = match dial(addresses.clone()).await {
        Err(error) if registry::is_out_of_sockets(&error) => {
            registry::get().make_room().await;
            dial(addresses).await
        }
        dialled => dialled,
    };
    dialled.map_err(|error| not_connected(&error))
}

/// Over a connection to a proxy: that itself for cleartext, a tunnel and TLS within it for https.
async fn tunnelled(
    stream: impl Stream + 'static,
    proxy: &Proxy,
    to: Option<(&Uri, Arc<rustls::ClientConfig>)>,
) -> Result<Connection, Error> {
    let Some((to, tls)) = to else { return Ok(Connection::to_proxy(stream)) };
    let mut stream = Some(stream);
    let connected = service_fn(move |_| {
        let stream = stream.take().map(TokioIo::new);
        std::future::ready(stream.ok_or(Error::ProxyFailed))
    });
    let mut tunnel = Tunnel::new(proxy.uri(), connected);
    if let Some(authorization) = proxy.authorization() {
        tunnel = tunnel.with_auth(authorization);
    }
    let stream = tunnel.oneshot(to.clone()).await.map_err(|_| Error::ProxyFailed)?;
    secure(stream.into_inner(), to, tls).await
}

/// TLS over a stream, and with it the version of HTTP.
async fn secure(
    stream: impl Stream + 'static,
    to: &Uri,
    tls: Arc<rustls::ClientConfig>,
) -> Result<Connection, Error> {
    let stream = handshake(stream, to, tls).await?;
    let is_http2 = stream.get_ref().1.alpn_protocol() == Some(b"h2");
    Ok(Connection::new(stream, is_http2))
}

async fn handshake<S: Stream>(
    stream: S,
    to: &Uri,
    tls: Arc<rustls::ClientConfig>,
) -> Result<TlsStream<S>, Error> {
    let name = ServerName::try_from(host(to).to_owned())
        .map_err(|_| Error::Tls(TlsFailure::HandshakeFailed))?;
    TlsConnector::from(tls).connect(name, stream).await.map_err(|error| refused(&error))
}

/// Why a handshake failed.
fn refused(error: &io::Error) -> Error {
    let rustls_error = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
    match (rustls_error, error.kind()) {
        (Some(error), _) => Error::Tls(failure::tls(error)),
        // The peer has closed.
        (None, io::ErrorKind::UnexpectedEof) => Error::Tls(TlsFailure::HandshakeFailed),
        (None, _) => not_connected(error),
    }
}

fn not_connected(error: &io::Error) -> Error {
    match error.kind() {
        io::ErrorKind::TimedOut => Error::Timeout, // the system has given up before we did
        _ => Error::ConnectionFailed,
    }
}

/// What failed on the way to the proxy: TLS and time have names of their own.
fn of_proxy(error: Error) -> Error {
    match error {
        Error::ConnectionFailed | Error::NameNotResolved => Error::ProxyFailed,
        other => other,
    }
}

fn is_https(uri: &Uri) -> bool {
    uri.scheme() == Some(&Scheme::HTTPS)
}

/// The host of a URI, an IPv6 address without its brackets.
fn host(uri: &Uri) -> &str {
    let host = uri.host().unwrap_or_default();
    host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host)
}
