//! What a call reports while it runs, as it crosses to Swift, and to Kotlin without JNI.

use std::sync::Arc;

use bytes::Bytes;
use gadget_request::{Client, Demand, EventListener, Outcome, RequestOptions, ResponseHead};

use crate::parts::{part, place};

/// Hears of a response while its call runs: one event at a time, on threads of the engine, before
/// the completion. None begins when the call has ended. It must not block.
///
/// All memory that it gets an address of is valid until the function returns, and must not be
/// changed. Texts are UTF-8.
#[uniffi::export(with_foreign)]
pub trait Events: Send + Sync {
    /// The head is there. `parts` is as in `PlainCompletion`: the head as JSON, then names and
    /// values of the header fields by turns.
    fn received_headers(&self, status: u16, parts: u64, count: u64);

    /// A piece of the body is there. The next one, or the success after the last one, waits for
    /// `resume` of the task, which may come before this returns.
    fn received_chunk(&self, address: u64, length: u64);
}

struct Listener(Arc<dyn Events>);

impl EventListener for Listener {
    fn on_headers(&mut self, head: &ResponseHead) {
        let json = head.json();
        let mut parts = vec![part(Some(json.as_bytes()))];
        for (name, value) in head.headers() {
            parts.extend([part(Some(name.as_bytes())), part(Some(value.as_bytes()))]);
        }
        let (address, count) = place(&parts);
        self.0.received_headers(head.status(), address, count);
    }

    fn on_chunk(&mut self, chunk: Bytes) -> Demand {
        let (address, length) = place(&chunk);
        self.0.received_chunk(address, length);
        Demand::Pause
    }
}

/// Starts a call, with events if somebody hears them.
pub(crate) fn start(
    client: &Client,
    options: RequestOptions,
    events: Option<Arc<dyn Events>>,
    completion: impl FnOnce(Outcome) + Send + 'static,
) -> gadget_request::RequestTask {
    match events {
        Some(events) => client.start_with_events(options, Listener(events), completion),
        None => client.start(options, completion),
    }
}
