//! An event: what has just happened to a call.

use std::net::IpAddr;
use std::sync::Arc;

use http::HeaderMap;

use crate::cause::Cause;
use crate::error::Error;
use crate::response::response_head::{ResponseHead, text_of};
use crate::timing::Timing;
use crate::trace::Trace;

/// What has just happened to one call. An [`Observer`](crate::Observer) gets it; a clone is cheap.
///
/// For each call the steps come in this order: start; queued, if it has to wait; dispatched; then
/// for each request that is sent connection, request and head, with a retry or a redirect before
/// the next one; end. Each start has exactly one end, also if the call is refused or aborted.
///
/// An event shows what the mini program may see, and no more: `set-cookie` only if the platform
/// shows it. The values of `cookie`, `authorization`, `proxy-authorization` and of the host app's
/// own headers read `[redacted]`. URLs, other headers and statuses are shown as they are, so an
/// event is no line for a log.
#[derive(Clone, Debug)]
pub struct CallEvent {
    happened: Arc<Happened>,
    dropped: u64,
}

/// The part that all observers of a client share.
#[derive(Debug)]
pub(super) struct Happened {
    pub(super) trace: Trace,
    /// Microseconds since 1970.
    pub(super) at: u64,
    pub(super) step: CallStep,
}

/// The step of a call that an event tells of.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum CallStep {
    /// The call was started.
    #[non_exhaustive]
    Start {
        /// The method. `None` if the options cannot be read.
        method: Option<String>,
        /// The URL with the data of its query, or as it was given if the call is refused. `None` if
        /// the options cannot be read.
        url: Option<String>,
    },
    /// All places were taken, and the call waits for one.
    #[non_exhaustive]
    Queued {
        /// How many calls of the client wait before it.
        ahead: usize,
    },
    /// The call got its place.
    #[non_exhaustive]
    Dispatched {
        /// How many calls of the client are in flight now, this one among them.
        in_flight: usize,
        /// How many wait.
        queued: usize,
    },
    /// The request got a connection.
    #[non_exhaustive]
    Connection {
        /// It was opened for an earlier call, or for another that shares it.
        reused: bool,
        /// The address that it leads to: the server's, or the proxy's.
        peer_ip: Option<IpAddr>,
        /// The port of that address.
        port: Option<u16>,
        /// `http1.1` or `h2`.
        protocol: &'static str,
    },
    /// The request is handed to the connection.
    Request(SentRequest),
    /// The head of a response is there, of a redirect too.
    Head(ResponseHead),
    /// The request is sent again, because its server or its connection has lost it.
    #[non_exhaustive]
    Retry {
        /// What happened, in short words. They may change; do not decide anything by them.
        reason: String,
        /// How many times the call has sent a request again.
        count: u32,
    },
    /// The response leads to another URL, and the call follows it.
    #[non_exhaustive]
    Redirect {
        /// The status code of the response.
        status: u16,
        /// The URL of the next request.
        url: String,
    },
    /// The call has its outcome.
    #[non_exhaustive]
    End {
        /// The status code of the response, or why there is none.
        result: Result<u16, Error>,
        /// Why the network failed the call: [`Outcome::cause`](crate::Outcome::cause).
        cause: Option<Cause>,
        /// The profile, if the call got a place. It is as large as all others together.
        timing: Option<Box<Timing>>,
    },
}

/// A request as it is sent.
#[derive(Clone, Debug)]
pub struct SentRequest {
    pub(super) method: String,
    pub(super) url: String,
    /// Every value is UTF-8.
    pub(super) headers: HeaderMap,
    pub(super) bytes: u64,
}

impl CallEvent {
    pub(super) fn new(happened: &Arc<Happened>, dropped: u64) -> Self {
        Self { happened: Arc::clone(happened), dropped }
    }

    /// The call's id.
    pub fn trace(&self) -> &Trace {
        &self.happened.trace
    }

    /// When it happened: milliseconds since 1970, with microseconds as decimals, by the clock of
    /// the call's [`Timing`].
    pub fn at(&self) -> f64 {
        self.micros() as f64 / 1000.0
    }

    pub(super) fn micros(&self) -> u64 {
        self.happened.at
    }

    /// What happened.
    pub fn step(&self) -> &CallStep {
        &self.happened.step
    }

    /// The name of the step, as in the event's JSON: `start`, `queued`, `dispatched`, `connection`,
    /// `request`, `head`, `retry`, `redirect` or `end`.
    pub fn name(&self) -> &'static str {
        match self.step() {
            CallStep::Start { .. } => "start",
            CallStep::Queued { .. } => "queued",
            CallStep::Dispatched { .. } => "dispatched",
            CallStep::Connection { .. } => "connection",
            CallStep::Request(_) => "request",
            CallStep::Head(_) => "head",
            CallStep::Retry { .. } => "retry",
            CallStep::Redirect { .. } => "redirect",
            CallStep::End { .. } => "end",
        }
    }

    /// How many events right before this one were lost, because the observer was too slow. Mostly
    /// 0.
    pub fn dropped(&self) -> u64 {
        self.dropped
    }

    /// About how many bytes it takes while it waits.
    pub(super) fn cost(&self) -> usize {
        /// All but texts and header fields.
        const FIXED: usize = 512;
        let fields = |headers: &HeaderMap| {
            let fields = headers.iter().map(|(name, value)| name.as_str().len() + value.len());
            fields.sum::<usize>()
        };
        let texts = match self.step() {
            CallStep::Start { url, .. } => url.as_ref().map_or(0, String::len),
            CallStep::Request(request) => request.url.len() + fields(&request.headers),
            CallStep::Head(head) => fields(head.fields()),
            CallStep::Redirect { url, .. } => url.len(),
            _ => 0,
        };
        FIXED + texts
    }
}

impl SentRequest {
    /// The method, in upper case.
    pub fn method(&self) -> &str {
        &self.method
    }

    /// The URL, without a fragment.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The header fields, with names in lower case.
    pub fn headers(&self) -> impl Iterator<Item = (&str, &str)> {
        self.headers.iter().map(|(name, value)| (name.as_str(), text_of(value)))
    }

    /// How many bytes the body has.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }
}
