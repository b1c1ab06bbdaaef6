//! Those who watch the calls of a client: its observer.

use crate::call::Call;
use crate::call::gate::Permit;
use crate::client::Client;
use crate::error::Error;
use crate::observe::Observer;
use crate::options::RequestOptions;
use crate::options::request::Request;

impl Client {
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
