//! What a call reports while it runs: the head of its response, and the pieces of its body.

use std::collections::VecDeque;
use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use tokio::task::coop;

use crate::response::flow::Flow;
use crate::response::response_head::ResponseHead;

/// The largest piece of a body: hyper's largest read buffer.
pub(crate) const LARGEST_PIECE: usize = 8192 + 4096 * 100;

/// If more bytes wait for a slow listener, nothing is read. With the next piece that is less than 1
/// MiB. More would make nothing faster, because the system's buffers hold more behind it; but they,
/// and the server's, grow with what is read at the begin.
const READ_AHEAD: usize = 64 << 10;

/// What a waiting chunk takes beside its bytes.
const CHUNK_COST: usize = 64;

/// hyper's smallest read buffer. A smaller piece keeps more memory alive than it needs, so it gets
/// its own memory if it has to wait.
const SMALL: usize = 8192;

/// Hears of a response while its call runs.
///
/// Events come one at a time, in their order, on threads of the engine: first the head, once, then
/// the chunks. They come before the completion. When the call has ended, by an abort too, no event
/// begins; one that has begun on another thread may still run. A listener must not block. If it
/// panics, that is logged, and the call goes on.
pub trait EventListener: Send + 'static {
    /// The head of the last response has arrived: not that of a redirect that is followed.
    fn on_headers(&mut self, head: &ResponseHead) {
        let _ = head;
    }

    /// A piece of the body, decoded from its codings; never empty. Only of calls with
    /// [`enable_chunked`](crate::RequestOptions::enable_chunked). A clone does not copy the bytes.
    ///
    /// If it returns [`Demand::Pause`], the next chunk waits for
    /// [`RequestTask::resume`](crate::RequestTask::resume).
    fn on_chunk(&mut self, chunk: Bytes) -> Demand {
        drop(chunk);
        Demand::More
    }

    /// Whether the head waits for the first [`resume`](crate::RequestTask::resume), if the call is
    /// not one with [`enable_chunked`](crate::RequestOptions::enable_chunked). This is for bindings
    /// whose users name their listeners after the start. A head that still waits when the call
    /// succeeds never comes.
    fn headers_wait(&self) -> bool {
        false
    }
}

/// Hears nothing.
impl EventListener for () {}

/// Whether a listener takes more chunks now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Demand {
    /// The next chunk may come at once.
    More,
    /// The next chunk, or the success after the last one, waits for
    /// [`RequestTask::resume`](crate::RequestTask::resume). A `resume` from another thread counts
    /// even if it comes before `on_chunk` has returned.
    ///
    /// Meanwhile the engine reads a little ahead, less than 1 MiB. Then it stops reading, which
    /// slows the server down. The timeout of the call goes on.
    Pause,
}

/// The events of one call, and what waits for its listener.
pub(crate) struct Events {
    listener: Box<dyn EventListener>,
    flow: Arc<Flow>,
    is_over: Box<dyn Fn() -> bool + Send>,
    head: Option<ResponseHead>,
    is_head_due: bool,
    waiting: VecDeque<Bytes>,
    /// The cost of all chunks that wait.
    waiting_bytes: usize,
    /// The cost of the chunk that the listener has, as long as it pauses.
    held_bytes: usize,
    /// The bytes of all chunks so far.
    pushed_bytes: u64,
}

impl Events {
    /// No event begins once `is_over` returns true.
    pub(crate) fn new(
        listener: Box<dyn EventListener>,
        is_over: impl Fn() -> bool + Send + 'static,
    ) -> Self {
        Self {
            flow: Arc::new(Flow::new(listener.headers_wait())),
            listener,
            is_over: Box::new(is_over),
            head: None,
            is_head_due: false,
            waiting: VecDeque::new(),
            waiting_bytes: 0,
            held_bytes: 0,
            pushed_bytes: 0,
        }
    }

    /// The events of a call whose chunks nobody wants.
    pub(crate) fn unheard() -> Self {
        Self::new(Box::new(()), || false)
    }

    pub(crate) fn flow(&self) -> &Arc<Flow> {
        &self.flow
    }

    /// The bytes of all chunks so far, delivered or waiting.
    pub(crate) fn pushed_bytes(&self) -> u64 {
        self.pushed_bytes
    }

    /// The head has arrived.
    pub(crate) fn begin(&mut self, head: ResponseHead, is_chunked: bool) {
        if is_chunked {
            self.flow.resume();
        }
        self.head = Some(head);
        self.is_head_due = true;
    }

    /// Does the work, and delivers what waits meanwhile.
    pub(crate) async fn alongside<T>(&mut self, work: impl Future<Output = T>) -> T {
        let mut work = pin!(work);
        poll_fn(|cx| {
            self.deliver(cx);
            work.as_mut().poll(cx)
        })
        .await
    }

    /// Delivers a chunk, or lets it wait. Returns when the next piece may be read.
    pub(crate) async fn push(&mut self, chunk: Bytes) {
        self.pushed_bytes += chunk.len() as u64;
        self.waiting_bytes += cost(&chunk);
        self.waiting.push_back(chunk);
        self.alongside(async {}).await;
        if let Some(last) = self.waiting.back_mut().filter(|last| last.len() < SMALL) {
            *last = Bytes::copy_from_slice(last);
        }
        self.until(|events| events.waiting_bytes + events.held_bytes <= READ_AHEAD).await;
    }

    /// Returns the head when all events are delivered, and the listener does not pause.
    pub(crate) async fn finish(&mut self) -> Option<ResponseHead> {
        let is_done = |events: &Self| {
            let is_delivered = events.waiting.is_empty() && events.held_bytes == 0;
            is_delivered && (!events.is_head_due || events.flow.is_paused())
        };
        self.until(is_done).await;
        self.head.take()
    }

    async fn until(&mut self, holds: impl Fn(&Self) -> bool) {
        poll_fn(|cx| {
            self.deliver(cx);
            if !self.flow.is_paused_for(cx.waker()) {
                self.held_bytes = 0;
            }
            if holds(self) { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
    }

    /// Delivers what waits, until the listener pauses, the call is over, or it is the turn of other
    /// tasks.
    fn deliver(&mut self, cx: &mut Context<'_>) {
        while (self.is_head_due || !self.waiting.is_empty())
            && !self.flow.is_paused_for(cx.waker())
            && !(self.is_over)()
        {
            let Poll::Ready(turn) = coop::poll_proceed(cx) else { return };
            turn.made_progress();
            self.deliver_next();
        }
    }

    fn deliver_next(&mut self) {
        let Self { listener, head, waiting, .. } = self;
        if let (true, Some(head)) = (self.is_head_due, head) {
            self.is_head_due = false;
            return stop_panic(|| listener.on_headers(head)).unwrap_or_default();
        }
        let Some(chunk) = waiting.pop_front() else { return };
        self.waiting_bytes -= cost(&chunk);
        self.held_bytes = cost(&chunk);
        // Before the listener gets it: a `resume` may come before it has returned.
        self.flow.pause();
        let demand = stop_panic(|| listener.on_chunk(chunk));
        if demand != Some(Demand::Pause) {
            self.held_bytes = 0;
            self.flow.resume();
        }
    }
}

/// Does the work. Meanwhile the events, if there are any, deliver what waits.
pub(crate) async fn alongside<T>(events: Option<&mut Events>, work: impl Future<Output = T>) -> T {
    match events {
        Some(events) => events.alongside(work).await,
        None => work.await,
    }
}

fn cost(chunk: &Bytes) -> usize {
    chunk.len() + CHUNK_COST
}

fn stop_panic<T>(event: impl FnOnce() -> T) -> Option<T> {
    let result = catch_unwind(AssertUnwindSafe(event));
    result.inspect_err(|_| log::error!("the listener of a call panicked")).ok()
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;
    use http::{HeaderMap, StatusCode};

    use super::*;

    struct Pauses;

    impl EventListener for Pauses {
        fn on_chunk(&mut self, _: Bytes) -> Demand {
            Demand::Pause
        }
    }

    #[test]
    fn at_most_1_mib_waits_and_a_small_piece_keeps_no_large_buffer_alive() {
        for size in [1, 100, SMALL - 1, SMALL, 100_000, LARGEST_PIECE] {
            let buffer = Bytes::from(vec![0; 2 * LARGEST_PIECE]);
            let mut events = Events::new(Box::new(Pauses), || false);
            events.begin(ResponseHead::new(StatusCode::OK, HeaderMap::new()), true);
            while events.push(buffer.slice(..size)).now_or_never().is_some() {}
            let waiting = events.waiting_bytes + events.held_bytes;
            assert!((READ_AHEAD..1 << 20).contains(&waiting), "{size}: {waiting} bytes");
            let is_apart = |chunk: &Bytes| chunk.as_ptr() != buffer.as_ptr();
            assert_eq!(events.waiting.iter().any(is_apart), size < SMALL, "{size}");
        }
    }
}
