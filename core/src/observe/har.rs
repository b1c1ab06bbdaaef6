//! The last exchanges of a client, for a HAR.

mod body;
mod document;
mod entry;
mod time;

use std::collections::VecDeque;
use std::sync::Arc;

use http::HeaderMap;

use crate::cause::Cause;
use crate::config::ClientConfig;
use crate::error::Error;
use crate::observe::har::body::Kept;
use crate::observe::har::entry::Exchange;
use crate::observe::redact;
use crate::options::request::Request;
use crate::response::Response;
use crate::response::response_head::{ResponseHead, make_text};
use crate::sync::Lock;
use crate::timing::Timing;
use crate::timing::recorder::Recorder;
use crate::trace::Trace;

/// The exchanges of a client that have ended, the oldest first.
pub(super) struct Har {
    max_exchanges: usize,
    max_body: usize,
    has_secrets: bool,
    ended: Lock<VecDeque<Arc<Exchange>>>,
}

impl Har {
    /// `None` if the client keeps no exchanges.
    pub(super) fn new(config: &ClientConfig) -> Option<Arc<Self>> {
        let har = Self {
            max_exchanges: config.har_exchanges,
            max_body: config.har_body_bytes,
            has_secrets: config.har_secrets,
            ended: Lock::new(VecDeque::new()),
        };
        (har.max_exchanges > 0).then(|| Arc::new(har))
    }

    /// The document, in the order of starts. It has no entries if a client keeps none.
    pub(super) fn json(har: Option<&Self>) -> String {
        let mut ended: Vec<_> =
            har.map_or(Vec::new(), |har| har.ended.lock().iter().cloned().collect());
        ended.sort_by_key(|exchange| exchange.begun);
        document::json(&ended, har.is_some_and(|har| har.has_secrets))
    }

    fn add(&self, exchange: Exchange) {
        let mut ended = self.ended.lock();
        let oldest = if ended.len() == self.max_exchanges { ended.pop_front() } else { None };
        ended.push_back(Arc::new(exchange));
        drop(ended);
        drop(oldest); // outside the lock: it may be large
    }
}

/// The exchange of a call that is under way: one request, and its response.
pub(super) struct Recording {
    har: Arc<Har>,
    exchange: Lock<Option<Exchange>>,
}

impl Recording {
    pub(super) fn new(har: &Arc<Har>) -> Self {
        Self { har: Arc::clone(har), exchange: Lock::new(None) }
    }

    /// The call has begun; it is refused if there is no `request`. A call whose URL cannot be read
    /// leaves no trace in a HAR.
    pub(super) fn start(
        &self,
        recorder: &Recorder,
        (at, request): (u64, Option<&Request>),
        method: Option<&str>,
        url: Option<&str>,
    ) {
        let (Some(method), Some(url)) = (method, url) else { return };
        let mut exchange = Exchange::new(*recorder.trace(), at, method, url);
        exchange.asked = self.kept(request.and_then(Request::body));
        *self.exchange.lock() = Some(exchange);
    }

    /// A request is sent with these headers, for the first time or again.
    pub(super) fn request(&self, recorder: &Recorder, headers: &HeaderMap) {
        let mut headers = self.shown(headers.clone(), recorder.trace());
        make_text(&mut headers);
        self.change(|exchange| {
            exchange.headers = headers;
            exchange.head = None;
        });
    }

    pub(super) fn head(&self, head: ResponseHead) {
        self.change(|exchange| exchange.head = Some(head));
    }

    /// A redirect is followed.
    pub(super) fn redirect(&self, recorder: &Recorder, at: u64, next: &Request) {
        let url = redact::url(next.url());
        let mut following = Exchange::new(*recorder.trace(), at, next.method(), &url);
        following.asked = self.kept(next.body());
        let timing = recorder.timing();
        let received = timing.as_ref().and_then(|timing| timing.received_bytes_count());
        following.received_before = received.unwrap_or(0);
        let before = self.exchange.lock().replace(following);
        if let Some(mut before) = before {
            before.ended = at;
            before.timing = timing;
            self.har.add(before);
        }
    }

    pub(super) fn end(
        &self,
        at: u64,
        result: Result<&Response, &Error>,
        cause: Option<&Cause>,
        timing: Option<&Timing>,
    ) {
        let Some(mut exchange) = self.exchange.lock().take() else { return };
        exchange.ended = at;
        exchange.timing = timing.cloned().map(Box::new);
        match result {
            Ok(response) => exchange.answered = self.kept(Some(response.body())),
            Err(error) => exchange.failure = Some((error.clone(), cause.cloned())),
        }
        self.har.add(exchange);
    }

    fn change(&self, change: impl FnOnce(&mut Exchange)) {
        if let Some(exchange) = &mut *self.exchange.lock() {
            change(exchange);
        }
    }

    fn shown(&self, headers: HeaderMap, trace: &Trace) -> HeaderMap {
        if self.har.has_secrets { headers } else { redact::headers(headers, trace) }
    }

    fn kept(&self, body: Option<&[u8]>) -> Kept {
        Kept::new(body.unwrap_or_default(), self.har.max_body)
    }
}
