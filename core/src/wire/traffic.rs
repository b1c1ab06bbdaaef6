//! Counts the bytes of each request and response on a connection.

use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};
use std::time::Instant;

use crate::sync::Lock;
use crate::timing::flow::Flow;
use crate::wire::frames::{CONTINUATION, DATA, Frames, HEADERS, Part};
use crate::wire::silence::Silence;

/// The flows of a connection that are open now. HTTP/1.1 has one at a time; over HTTP/2, each has a
/// stream.
pub(crate) struct Traffic {
    is_http2: bool,
    /// Where the socket leads.
    peer: OnceLock<SocketAddr>,
    /// Of an HTTP/2 connection.
    silence: Silence,
    flows: Lock<Flows>,
}

struct Flows {
    /// The number of the next stream (RFC 9113 section 5.1.1).
    next_stream: u32,
    open: Vec<(u32, Arc<Flow>)>,
}

/// Where the bytes of one direction of a connection are counted.
pub(crate) struct Counter {
    frames: Frames,
    /// Bytes that are not counted, because they have been.
    known: usize,
}

impl Traffic {
    pub(crate) fn new(is_http2: bool) -> Self {
        let flows = Lock::new(Flows { next_stream: 1, open: Vec::new() });
        Self { is_http2, peer: OnceLock::new(), silence: Silence::default(), flows }
    }

    /// Records where the socket of a new connection leads.
    pub(crate) fn set_peer(&self, peer: Option<SocketAddr>) {
        if let Some(peer) = peer {
            let _ = self.peer.set(peer);
        }
    }

    pub(crate) fn peer(&self) -> Option<SocketAddr> {
        self.peer.get().copied()
    }

    /// For how long nothing has arrived on an HTTP/2 connection.
    pub(crate) fn silence(&self) -> &Silence {
        &self.silence
    }

    /// Opens a flow, at the moment when hyper begins to send its request. Over HTTP/2, h2 then
    /// gives it the next stream.
    pub(crate) fn begin(&self, flow: &Arc<Flow>) {
        let mut flows = self.flows.lock();
        let stream = flows.next_stream;
        flows.next_stream += 2;
        if !self.is_http2 {
            flows.open.clear();
        }
        flows.open.push((stream, Arc::clone(flow)));
    }

    /// Ends a flow: its request has left the connection.
    pub(crate) fn end(&self, flow: &Arc<Flow>) {
        self.flows.lock().open.retain(|(_, open)| !Arc::ptr_eq(open, flow));
    }

    /// Counts bytes that were written.
    pub(crate) fn wrote(&self, counter: &mut Counter, bytes: &[u8], now: Instant) {
        let flows = self.flows.lock();
        if !self.is_http2 {
            return flows.with_only(|flow| flow.wrote(bytes.len(), now));
        }
        counter.frames.follow(bytes, |part| {
            flows.with(&part, |flow| {
                flow.wrote(part.bytes, now);
                if part.ends_stream {
                    flow.wrote_all();
                }
            });
        });
    }

    /// Records that hyper has written all that it had to write.
    pub(crate) fn flushed(&self) {
        if !self.is_http2 {
            let flows = self.flows.lock();
            flows.with_only(|flow| {
                if flow.is_sent() {
                    flow.wrote_all();
                }
            });
        }
    }

    /// Counts bytes that have arrived.
    pub(crate) fn received(&self, counter: &mut Counter, bytes: &[u8]) {
        let (flows, now) = (self.flows.lock(), Instant::now());
        if self.is_http2 {
            self.silence.ends();
            counter
                .frames
                .follow(bytes, |part| flows.with(&part, |flow| flow.received(part.bytes, now)));
        } else {
            let known = counter.known.min(bytes.len());
            counter.known -= known;
            flows.with_only(|flow| flow.received(bytes.len() - known, now));
        }
    }
}

impl Flows {
    /// Does something with the flow of an HTTP/1.1 connection, if it has one.
    fn with_only(&self, act: impl FnOnce(&Flow)) {
        if let Some((_, flow)) = self.open.first() {
            act(flow);
        }
    }

    /// Does something with the flow that a part of a frame belongs to. Frames that carry no head
    /// and no body are nobody's.
    fn with(&self, part: &Part, act: impl FnOnce(&Flow)) {
        if [DATA, HEADERS, CONTINUATION].contains(&part.kind)
            && let Some((_, flow)) = self.open.iter().find(|(stream, _)| *stream == part.stream)
        {
            act(flow);
        }
    }
}

impl Counter {
    /// Counts what is written.
    pub(crate) fn of_writes() -> Self {
        Self { frames: Frames::of_client(), known: 0 }
    }

    /// Counts what is read, but not the first bytes of it, which are `known`.
    pub(crate) fn of_reads(known: usize) -> Self {
        Self { frames: Frames::default(), known }
    }
}
