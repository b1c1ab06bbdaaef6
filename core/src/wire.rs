//! Sends one request, and sends it again if that is safe.

mod body;
mod channel;
mod connect;
mod connection;
mod dial;
mod failure;
mod heads;
mod lease;
mod lookup;
pub(crate) mod pool;
mod registry;
pub(crate) mod resolve;
pub(crate) mod trust;

use std::sync::Arc;

use http::header::{HOST, PROXY_AUTHORIZATION};
use http::uri::{Authority, PathAndQuery};
use http::{HeaderMap, HeaderValue, Method, Response, StatusCode, Uri};
use http_body_util::Full;
use hyper::client::conn::TrySendError;

use crate::config::ClientConfig;
use crate::error::Error;
use crate::head;
use crate::options::request::Request;
use crate::wire::body::Body;
use crate::wire::channel::Outgoing;
use crate::wire::failure::Phase;
use crate::wire::lease::Lease;
use crate::wire::pool::Pool;
use crate::wire::resolve::HostResolver;

/// How often a request is sent again that its server never processed (docs/contract.md#14-connections).
const MAX_UNPROCESSED: u32 = 8;

/// After this many of them, the request gets a connection of its own: a server that closes a shared connection early
/// may process only the first few of its requests.
const MAX_UNPROCESSED_SHARED: u32 = 3;

/// How often a request is sent again that was lost on a used connection.
const MAX_LOST: u32 = 1;

/// Sends the requests of one client.
pub(crate) struct Transport {
    config: Arc<ClientConfig>,
    pool: Arc<Pool>,
}

/// A failed attempt.
struct Failed {
    error: Error,
    again: Again,
}

/// Whether a request may be sent again.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Again {
    Never,
    /// Its server never processed it (RFC 9113 section 8.7), or nothing of it was sent.
    Unprocessed,
    /// The connection was used before; the server may have closed it at the same time (RFC 9110 section 9.2.2).
    Lost,
    /// The same over HTTP/2: one new connection serves all requests that were lost.
    LostOverHttp2,
}

/// How often a request may still be sent again.
struct Goes {
    unprocessed: u32,
    lost: u32,
}

impl Goes {
    fn allow(&mut self, again: Again) -> bool {
        let left = match again {
            Again::Never => return false,
            Again::Unprocessed => &mut self.unprocessed,
            Again::Lost | Again::LostOverHttp2 => &mut self.lost,
        };
        let allows = *left > 0;
        *left = left.saturating_sub(1);
        allows
    }

    /// Whether the request has been left unprocessed so often that it must no longer share a connection.
    fn is_unlucky(&self) -> bool {
        self.unprocessed + MAX_UNPROCESSED_SHARED <= MAX_UNPROCESSED
    }
}

impl Failed {
    fn new(error: TrySendError<Outgoing>, method: &Method, lease: &Lease) -> Self {
        let (mut error, link) = (error, lease.link());
        if link.is_flooded() {
            return Self { error: Error::HeadTooLarge, again: Again::Never };
        }
        // A new connection that accepts no request fails the call.
        let is_unsent = error.take_message().is_some() && (link.has_answered() || link.is_http2());
        let error = error.into_error();
        // Bytes on a used connection that are not HTTP are left over from the previous response.
        let is_left_over = failure::is_no_http(&error) && link.has_answered();
        if is_left_over {
            lease.distrust();
        }
        let is_lost = failure::is_lost_connection(&error) || is_left_over;
        // hyper lost it while it waited for a stream, or had just got one, when the server said GOAWAY.
        let is_dropped = link.is_http2() && error.is_user();
        let again = if is_unsent || failure::is_unprocessed(&error) {
            Again::Unprocessed
        } else if (is_dropped || (is_lost && link.has_answered())) && method.is_idempotent() {
            if link.is_http2() { Again::LostOverHttp2 } else { Again::Lost }
        } else {
            Again::Never
        };
        Self { error: failure::classify(&error, Phase::Head), again }
    }
}

impl Transport {
    /// Makes a transport. It opens nothing yet.
    pub(crate) fn new(config: Arc<ClientConfig>, resolver: Option<Arc<dyn HostResolver>>) -> Self {
        Self { pool: Arc::new(Pool::new(Arc::clone(&config), resolver)), config }
    }

    pub(crate) fn pool(&self) -> &Arc<Pool> {
        &self.pool
    }

    /// Sends a request and waits for the head of the response. `headers` makes the headers of each attempt.
    pub(crate) async fn send(
        &self,
        request: &Request,
        headers: impl Fn() -> HeaderMap,
    ) -> Result<Response<Body>, Error> {
        let uri: Uri =
            request.url.as_str().parse().expect("a request's URL is one that HTTP takes");
        let mut goes = Goes { unprocessed: MAX_UNPROCESSED, lost: MAX_LOST };
        let mut must_be_own = false;
        loop {
            let lease = self.pool.lease(&uri, must_be_own).await?;
            match self.attempt(request, uri.clone(), headers(), lease).await {
                Ok(response) => {
                    head::check(response.status(), response.headers(), &self.config)?;
                    return Ok(response);
                }
                Err(failed) if goes.allow(failed.again) => {
                    must_be_own |= failed.again == Again::Lost || goes.is_unlucky();
                }
                Err(failed) => return Err(failed.error),
            }
        }
    }

    async fn attempt(
        &self,
        request: &Request,
        uri: Uri,
        headers: HeaderMap,
        mut lease: Lease,
    ) -> Result<Response<Body>, Failed> {
        let body = lease.upload(request.body.clone().unwrap_or_default());
        let mut outgoing = http::Request::new(Full::from(body));
        *outgoing.method_mut() = request.method.clone();
        *outgoing.headers_mut() = headers;
        self.address(&mut outgoing, uri, &lease);
        match lease.send(outgoing).await {
            Ok(response) => {
                lease.answers(&request.method, response.status(), response.headers());
                if lease.link().is_proxied()
                    && response.status() == StatusCode::PROXY_AUTHENTICATION_REQUIRED
                {
                    // The proxy's own answer: it must not set cookies for the server.
                    return Err(Failed { error: Error::ProxyFailed, again: Again::Never });
                }
                Ok(response.map(|incoming| Body::new(incoming, lease)))
            }
            Err(error) => {
                let failed = Failed::new(error, &request.method, &lease);
                if failed.again != Again::Never {
                    registry::get().forget(lease.link()); // the connection is closing
                }
                Err(failed)
            }
        }
    }

    /// Sets the request's target in the form that its connection needs.
    fn address(&self, outgoing: &mut Outgoing, uri: Uri, lease: &Lease) {
        let link = lease.link();
        if link.is_http2() {
            *outgoing.uri_mut() = uri;
            return;
        }
        if let Some(authority) = uri.authority() {
            outgoing.headers_mut().insert(HOST, host(authority));
        }
        if !link.is_proxied() {
            *outgoing.uri_mut() = origin_form(&uri);
            return;
        }
        *outgoing.uri_mut() = uri;
        if let Some(authorization) = self.config.proxy.as_ref().and_then(|it| it.authorization()) {
            outgoing.headers_mut().insert(PROXY_AUTHORIZATION, authorization);
        }
    }
}

/// The URL parser has removed the default port.
fn host(authority: &Authority) -> HeaderValue {
    HeaderValue::from_str(authority.as_str()).expect("an authority is ASCII without controls")
}

fn origin_form(uri: &Uri) -> Uri {
    let target = uri.path_and_query().cloned();
    target.unwrap_or_else(|| PathAndQuery::from_static("/")).into()
}
