//! Those who watch the calls of a client: its observer, and its HAR.

use crate::call::Call;
use crate::call::gate::Permit;
use crate::client::Client;
use crate::error::Error;
use crate::observe::Observer;
use crate::options::RequestOptions;
use crate::options::request::Request;

impl Client {
    /// The requests that ended last, with their responses, as HAR 1.2 (JSON): for the network panel
    /// of a browser and other tools.
    ///
    /// It has as many as [`har_exchanges`](crate::ClientConfig::har_exchanges) says, none by
    /// default. Each redirect is an entry. A call that failed has the members `_errno`,
    /// `_errString`, `_detail` and, if the network failed it, `_cause`; its status is 0 if it got
    /// no response.
    pub fn har(&self) -> String {
        self.engine.watchers.har()
    }

    /// Tells an observer what happens to the calls that are started from now on. This is for
    /// bindings; others have [`ClientBuilder::observer`](crate::ClientBuilder::observer).
    ///
    /// Returns false, and drops the observer, if the client has one already.
    pub fn set_observer(&self, observer: impl Observer) -> bool {
        self.observed_by(Box::new(observer))
    }

    pub(super) fn observed_by(&self, observer: Box<dyn Observer>) -> bool {
        self.engine.watchers.observe(observer)
    }
}

/// Tells that a call has been started: it has a place, it waits, or it was refused.
pub(super) fn started(
    call: &Call,
    asked: Option<RequestOptions>,
    enqueued: &Result<(Box<Request>, Permit), Error>,
) {
    call.watched(|watch, recorder| {
        let request = enqueued.as_ref().ok().map(|(request, _)| &**request);
        watch.start(recorder, request, asked.unwrap_or_default());
        if let Ok((_, permit)) = enqueued
            && let Some(ahead) = permit.ahead
        {
            watch.queued(recorder, ahead);
        }
    });
}
