//! Sends one request, and sends it again if that is safe.

mod body;
mod channel;
mod checkout;
mod connect;
mod connection;
mod dial;
mod failure;
mod flood;
mod frames;
mod lease;
mod lookup;
pub(crate) mod moment;
mod network;
pub(crate) mod pool;
pub(crate) mod proxies;
mod registry;
pub(crate) mod resolve;
mod silence;
mod socks;
mod traffic;
pub(crate) mod trust;
mod upload;
mod work;

use std::sync::Arc;

use http::header::{HOST, PROXY_AUTHORIZATION};
use http::uri::{Authority, PathAndQuery};
use http::{HeaderMap, HeaderValue, Method, Response, StatusCode, Uri};
use hyper::client::conn::TrySendError;

use crate::cause::{Cause, CausePhase, Failure};
use crate::config::ClientConfig;
use crate::error::Error;
use crate::head;
use crate::observe::watch::Watch;
use crate::options::request::Request;
use crate::timing::recorder::Recorder;
use crate::wire::body::Body;
use crate::wire::channel::{Answer, Outgoing};
use crate::wire::checkout::Checkout;
use crate::wire::connection::Handle;
use crate::wire::failure::Phase;
use crate::wire::lease::Lease;
use crate::wire::moment::Moment;
use crate::wire::pool::Pool;
use crate::wire::proxies::Proxies;
use crate::wire::resolve::HostResolver;
use crate::wire::upload::Upload;

/// How often a request is sent again that its server never processed
/// (docs/contract.md#14-connections).
const MAX_UNPROCESSED: u32 = 8;

/// After this many of them, the request gets its own connection: a server that closes a shared
/// connection early may process only the first few of its requests.
const MAX_UNPROCESSED_SHARED: u32 = 3;

/// How often a request is sent again that was lost on a used connection.
const MAX_LOST: u32 = 1;

/// Sends the requests of one client.
pub(crate) struct Transport {
    config: Arc<ClientConfig>,
    checkout: Checkout,
}

/// A request, and who watches it.
type Asked<'r> = (&'r Request, Option<(&'r Watch, &'r Recorder)>);

/// A failed attempt to send a request.
struct FailedAttempt {
    failure: Failure,
    retry: Retry,
}

/// Why a request may be sent again, if it may.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Retry {
    Never,
    /// Its server never processed it (RFC 9113 section 8.7), or nothing of it was sent.
    Unprocessed,
    /// The connection was used before; the server may have closed it at the same time (RFC 9110
    /// section 9.2.2).
    Lost,
    /// The same over HTTP/2: one new connection serves all requests that were lost.
    LostOverHttp2,
}

/// How often a request may still be sent again.
struct RetryBudget {
    unprocessed: u32,
    lost: u32,
}

impl RetryBudget {
    fn new() -> Self {
        Self { unprocessed: MAX_UNPROCESSED, lost: MAX_LOST }
    }

    /// Returns true if the request may be sent again, and counts that.
    fn take(&mut self, retry: Retry) -> bool {
        let left = match retry {
            Retry::Never => return false,
            Retry::Unprocessed => &mut self.unprocessed,
            Retry::Lost | Retry::LostOverHttp2 => &mut self.lost,
        };
        let may_retry = *left > 0;
        *left = left.saturating_sub(1);
        may_retry
    }

    /// Returns true if the request was left unprocessed so often that it must no longer share a
    /// connection.
    fn needs_own_connection(&self) -> bool {
        self.unprocessed + MAX_UNPROCESSED_SHARED <= MAX_UNPROCESSED
    }
}

impl FailedAttempt {
    /// Decides what a failed attempt means for the call, and whether the request may be sent again.
    fn new(error: TrySendError<Outgoing>, method: &Method, lease: &Lease) -> Self {
        let (mut error, handle) = (error, lease.handle());
        if handle.is_flooded() {
            let cause = Cause::new(CausePhase::Receive, "heads without end");
            return Self::final_one(Error::HeadTooLarge, cause);
        }
        if let Some(refusal) = handle.refusal() {
            return Self { failure: refusal.clone(), retry: Retry::Never };
        }
        let has_answered = handle.has_answered();
        // If a new HTTP/1.1 connection does not take its first request, the server does not work.
        let is_unsent = error.take_message().is_some() && (has_answered || handle.is_http2());
        let error = error.into_error();
        // Bytes on a used connection that are not HTTP are left over from the previous response.
        let is_left_over = failure::is_not_http(&error) && has_answered;
        if is_left_over {
            lease.distrust();
        }
        let is_lost = failure::is_lost_connection(&error) || is_left_over;
        // hyper drops a request that waits for a stream, or has just got one, when GOAWAY arrives.
        let is_dropped = handle.is_http2() && error.is_user();
        let retry = if is_unsent || failure::is_unprocessed(&error) {
            Retry::Unprocessed
        } else if (is_dropped || (is_lost && has_answered)) && method.is_idempotent() {
            if handle.is_http2() { Retry::LostOverHttp2 } else { Retry::Lost }
        } else {
            Retry::Never
        };
        Self { failure: failure::classify(&error, Phase::Head), retry }
    }

    /// Makes a failure after which the request is not sent again.
    fn final_one(error: Error, cause: Cause) -> Self {
        Self { failure: Failure::new(error, cause), retry: Retry::Never }
    }
}

impl Transport {
    /// Opens nothing yet.
    pub(crate) fn new(
        config: Arc<ClientConfig>,
        resolver: Option<Arc<dyn HostResolver>>,
        proxies: Proxies,
    ) -> Self {
        Self { checkout: Checkout::new(Arc::clone(&config), resolver, proxies), config }
    }

    pub(crate) fn pool(&self) -> &Arc<Pool> {
        self.checkout.pool()
    }

    /// Sends a request and waits for the head of the response. `headers` makes the headers of each
    /// attempt. The log has one line for each attempt that is repeated, and `watch` hears of all.
    pub(crate) async fn send(
        &self,
        request: &Request,
        recorder: &Recorder,
        watch: Option<&Watch>,
        headers: impl Fn() -> HeaderMap,
    ) -> Result<Response<Body>, Failure> {
        let mut now = Moment::now();
        recorder.begin_hop(now.instant);
        let mut budget = RetryBudget::new();
        let mut must_be_own = false;
        loop {
            let lease = self.checkout.lease(&request.uri, must_be_own, now, recorder).await?;
            let handle = lease.handle();
            recorder.leased(handle.traffic().peer(), handle.is_http2(), Arc::clone(lease.flow()));
            let seen = watch.map(|watch| (watch, recorder));
            if let Some((watch, recorder)) = seen {
                watch.connection(recorder);
            }
            match self.attempt((request, seen), &headers, lease).await {
                Ok(response) => {
                    recorder.responded();
                    head::check(response.status(), response.headers(), &self.config)?;
                    return Ok(response);
                }
                Err(failed) if budget.take(failed.retry) => {
                    log::debug!("call {} is sent again: {}", recorder.trace(), failed.failure);
                    recorder.retry();
                    if let Some(watch) = watch {
                        watch.retry(recorder, &failed.failure);
                    }
                    now = Moment::now();
                    must_be_own |= failed.retry == Retry::Lost || budget.needs_own_connection();
                }
                Err(failed) => return Err(failed.failure),
            }
        }
    }

    async fn attempt(
        &self,
        (request, seen): Asked<'_>,
        headers: &impl Fn() -> HeaderMap,
        mut lease: Lease,
    ) -> Result<Response<Body>, FailedAttempt> {
        let mut answer = self.ask((request, seen), headers(), &mut lease).await;
        if answer.as_ref().is_err_and(|error| error.error().is_parse_too_large())
            && let Some(again) = Box::pin(lease.read_again(&self.config)).await
        {
            lease = again;
            // Nothing is sent again, so nobody hears of it.
            answer = Box::pin(self.ask((request, None), headers(), &mut lease)).await;
        }
        match answer {
            Ok(response) => {
                lease.begin_response(&request.method, response.status(), response.headers());
                if lease.handle().proxy().is_some()
                    && response.status() == StatusCode::PROXY_AUTHENTICATION_REQUIRED
                {
                    // The response is the proxy's: it must not set cookies for the server.
                    let cause = Cause::new(CausePhase::Proxy, "status 407");
                    return Err(FailedAttempt::final_one(Error::ProxyFailed, cause));
                }
                Ok(response.map(|incoming| Body::new(incoming, lease)))
            }
            Err(error) => {
                let failed = FailedAttempt::new(error, &request.method, &lease);
                if failed.retry != Retry::Never {
                    registry::get().forget(lease.handle()); // the connection is closing
                }
                Err(failed)
            }
        }
    }

    /// Sends the request in the form that its connection needs, and waits for the head.
    async fn ask(
        &self,
        (request, seen): Asked<'_>,
        headers: HeaderMap,
        lease: &mut Lease,
    ) -> Answer {
        let body = request.body.clone().unwrap_or_default();
        let mut outgoing = http::Request::new(Upload::new(body, lease.handle(), lease.flow()));
        *outgoing.method_mut() = request.method.clone();
        *outgoing.headers_mut() = headers;
        address(&mut outgoing, &request.uri, lease.handle());
        if let Some((watch, recorder)) = seen {
            watch.request(recorder, request, outgoing.headers());
        }
        lease.send(outgoing).await
    }
}

/// Sets the request's target in the form that its connection needs.
fn address(outgoing: &mut Outgoing, uri: &Uri, handle: &Handle) {
    if handle.is_http2() {
        *outgoing.uri_mut() = uri.clone();
        return;
    }
    if let Some(authority) = uri.authority() {
        outgoing.headers_mut().insert(HOST, host(authority));
    }
    let Some(proxy) = handle.proxy() else {
        *outgoing.uri_mut() = origin_form(uri);
        return;
    };
    *outgoing.uri_mut() = uri.clone();
    if let Some(authorization) = proxy.authorization() {
        outgoing.headers_mut().insert(PROXY_AUTHORIZATION, authorization);
    }
}

/// Makes the `host` field. The URL parser has removed the default port.
fn host(authority: &Authority) -> HeaderValue {
    HeaderValue::from_str(authority.as_str()).expect("an authority is ASCII without controls")
}

/// Makes the target of a request that goes to its server: path and query.
fn origin_form(uri: &Uri) -> Uri {
    let target = uri.path_and_query().cloned();
    target.unwrap_or_else(|| PathAndQuery::from_static("/")).into()
}
