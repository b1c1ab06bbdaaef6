//! Calls with a listener, and what it hears.
#![allow(dead_code, reason = "each test file uses its own part")]

use std::sync::{Arc, OnceLock, mpsc};

use bytes::Bytes;
use gadget_request::{
    Client, Demand, EventListener, Outcome, RequestOptions, RequestTask, ResponseHead,
};
use serde_json::Value;

/// What came of a call, in its order.
#[derive(Debug)]
pub(crate) enum Heard {
    Headers(Value),
    Chunk(Bytes),
    Outcome(Box<Outcome>),
}

/// A call with a listener.
pub(crate) struct Listening {
    pub(crate) task: RequestTask,
    pub(crate) heard: mpsc::Receiver<Heard>,
}

/// Everything that came of a call.
pub(crate) struct All {
    pub(crate) headers: Option<Value>,
    pub(crate) chunks: Vec<Bytes>,
    pub(crate) outcome: Outcome,
}

/// The task of the call, for its own listener.
pub(crate) type Own = Arc<OnceLock<RequestTask>>;

struct Listener<D> {
    sender: mpsc::Sender<Heard>,
    on_chunk: D,
    headers_wait: bool,
}

impl<D: FnMut(&Bytes) -> Demand + Send + 'static> EventListener for Listener<D> {
    fn on_headers(&mut self, head: &ResponseHead) {
        let head = serde_json::from_str(&head.json()).expect("it is JSON");
        let _ = self.sender.send(Heard::Headers(head));
    }

    fn on_chunk(&mut self, chunk: Bytes) -> Demand {
        let _ = self.sender.send(Heard::Chunk(chunk.clone()));
        (self.on_chunk)(&chunk)
    }

    fn headers_wait(&self) -> bool {
        self.headers_wait
    }
}

/// Starts a call whose listener never pauses.
pub(crate) fn listen(client: &Client, options: &Value) -> Listening {
    listen_with(client, options, |_| Demand::More)
}

/// Starts a call with what its listener does with a chunk.
pub(crate) fn listen_with(
    client: &Client,
    options: &Value,
    on_chunk: impl FnMut(&Bytes) -> Demand + Send + 'static,
) -> Listening {
    start(client, options, on_chunk, false)
}

/// Starts a call whose head waits for a `resume`.
pub(crate) fn listen_later(client: &Client, options: &Value) -> Listening {
    start(client, options, |_| Demand::More, true)
}

fn start(
    client: &Client,
    options: &Value,
    on_chunk: impl FnMut(&Bytes) -> Demand + Send + 'static,
    headers_wait: bool,
) -> Listening {
    let (sender, heard) = mpsc::channel();
    let options = RequestOptions::from_json(options.to_string(), None);
    let listener = Listener { sender: sender.clone(), on_chunk, headers_wait };
    let task = client.start_with_events(options, listener, move |outcome| {
        let _ = sender.send(Heard::Outcome(Box::new(outcome)));
    });
    Listening { task, heard }
}

impl Listening {
    /// Waits for the outcome. Fails if anything comes out of its order, or after the outcome.
    pub(crate) fn all(self) -> All {
        let (mut headers, mut chunks, mut outcome) = (None, Vec::new(), None);
        for heard in &self.heard {
            assert!(outcome.is_none(), "{heard:?} comes after the outcome");
            match heard {
                Heard::Headers(head) => {
                    assert!(headers.is_none() && chunks.is_empty(), "the head comes once, first");
                    headers = Some(head);
                }
                Heard::Chunk(chunk) => {
                    assert!(headers.is_some() && !chunk.is_empty());
                    chunks.push(chunk);
                }
                Heard::Outcome(settled) => outcome = Some(*settled),
            }
        }
        All { headers, chunks, outcome: outcome.expect("the call has an outcome") }
    }

    /// Waits for the next event, which must be a chunk.
    pub(crate) fn chunk(&self) -> Bytes {
        match self.heard.recv().expect("the call goes on") {
            Heard::Chunk(chunk) => chunk,
            other => panic!("a chunk was expected: {other:?}"),
        }
    }

    /// Waits for the next event, which must be the head.
    pub(crate) fn headers(&self) -> Value {
        match self.heard.recv().expect("the call goes on") {
            Heard::Headers(head) => head,
            other => panic!("the head was expected: {other:?}"),
        }
    }

    /// Waits for the next event, which must be the outcome.
    pub(crate) fn outcome(&self) -> Outcome {
        match self.heard.recv().expect("the call goes on") {
            Heard::Outcome(outcome) => *outcome,
            other => panic!("the outcome was expected: {other:?}"),
        }
    }
}
