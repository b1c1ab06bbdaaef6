//! hyper's work on an HTTP/1.1 connection: what reads and writes, and whose task does it.
//!
//! hyper reads and writes when somebody polls it. While a request uses the connection, the
//! request's own task does that. Another task would have to be woken for the request, and to wake
//! the request's task for the response, often on another thread: that is much of what a small
//! request costs, and a large body would wander from one processor to the other. While no request
//! uses the connection, its *watcher* polls it, a task that notices when the server closes it.

use std::future::{Future as _, poll_fn};
use std::io;
use std::mem;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker, ready};

use bytes::Bytes;
use futures_util::task::AtomicWaker;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::sync::Lock;
use crate::wire::connection::Connection;
use crate::wire::upload::Upload;

type Http1 = http1::Connection<TokioIo<Woken>, Upload>;

/// Is called when the connection has ended, with it and the bytes that hyper has read and not
/// taken. Decides what is kept for [`Work::into_kept`].
pub(crate) type OnEnd =
    Box<dyn FnOnce(hyper::Result<()>, Connection, Bytes) -> Option<Connection> + Send>;

/// The work on one connection. Its drop leaves the work to the watcher.
pub(crate) struct Work(Arc<Shared>);

struct Shared {
    state: Lock<State>,
    wakes: Arc<Wakes>,
}

struct State {
    stage: Stage,
    /// hyper wakes this one, whoever polls: see [`Wakes`].
    waker: Waker,
    /// A request polls, and the watcher does not.
    is_in_use: bool,
    /// Known as soon as the watcher has been polled.
    watcher: Option<Waker>,
}

enum Stage {
    Open(Box<Http1>, OnEnd),
    Ended(Option<Box<Connection>>),
}

/// Passes wake-ups on to the task that polls.
struct Wakes {
    task: AtomicWaker,
    /// The task that polls is what would be woken: see [`Work::quietly`].
    is_quiet: AtomicBool,
    /// Something has come from outside since the last poll.
    is_woken: AtomicBool,
}

/// Passes on the wake-ups from outside: from the socket, or by a cut.
struct Outside(Arc<Wakes>);

/// A connection that wakes by a waker of its own. hyper's waker is also woken by whoever sends a
/// request or takes a piece of a body, which is no news for an idle connection.
struct Woken {
    connection: Connection,
    waker: Waker,
}

impl Work {
    /// Starts HTTP, and the watcher.
    pub(crate) async fn start(
        connection: Connection,
        http1: &http1::Builder,
        on_end: OnEnd,
    ) -> hyper::Result<(http1::SendRequest<Upload>, Self)> {
        let wakes = Arc::new(Wakes {
            task: AtomicWaker::new(),
            is_quiet: AtomicBool::new(false),
            is_woken: AtomicBool::new(false),
        });
        let outside = Waker::from(Arc::new(Outside(Arc::clone(&wakes))));
        let woken = Woken { connection, waker: outside };
        let (sender, http1) = http1.handshake(TokioIo::new(woken)).await?;
        let state = Lock::new(State {
            stage: Stage::Open(Box::new(http1), on_end),
            waker: Waker::from(Arc::clone(&wakes)),
            is_in_use: false,
            watcher: None,
        });
        let shared = Arc::new(Shared { state, wakes });
        let watched = Arc::clone(&shared);
        tokio::spawn(poll_fn(move |cx| watched.poll_idle(cx)));
        Ok((sender, Self(shared)))
    }

    /// Takes the work over from the watcher, before a request is given to hyper. From now on only
    /// [`poll`](Self::poll) reads and writes.
    pub(crate) fn begin(&self) {
        self.0.state.lock().is_in_use = true;
        // The new request wakes nobody, because its own task polls next.
        drop(self.0.wakes.task.take());
    }

    /// Reads and writes. Ready when the connection has ended.
    pub(crate) fn poll(&self, cx: &mut Context<'_>) -> Poll<()> {
        self.0.poll(cx.waker(), true)
    }

    /// Takes from hyper what the work has brought, as a part of a body. hyper then wakes whoever
    /// polls, so that the work goes on; but that is the task that asks, and it polls next.
    pub(crate) fn quietly<T>(&self, take: impl FnOnce() -> T) -> T {
        self.0.wakes.is_quiet.store(true, Ordering::Relaxed);
        let taken = take();
        self.0.wakes.is_quiet.store(false, Ordering::Relaxed);
        taken
    }

    /// Leaves the work to the watcher. If `is_idle`, all that there was to do is done.
    pub(crate) fn rest(&self, is_idle: bool) {
        let mut state = self.0.state.lock();
        let was_in_use = mem::take(&mut state.is_in_use);
        // A watcher that has not been polled yet will be.
        let Some(watcher) = state.watcher.as_ref().filter(|_| was_in_use) else { return };
        self.0.wakes.task.register(watcher);
        if !is_idle || self.0.wakes.is_woken.load(Ordering::Acquire) {
            watcher.wake_by_ref();
        }
    }

    /// Waits for the end of the connection, and returns what was kept of it.
    pub(crate) async fn into_kept(self) -> Option<Connection> {
        poll_fn(|cx| self.poll(cx)).await;
        match &mut self.0.state.lock().stage {
            Stage::Open(..) => None,
            Stage::Ended(kept) => kept.take().map(|kept| *kept),
        }
    }
}

impl Drop for Work {
    fn drop(&mut self) {
        self.rest(false);
    }
}

impl Shared {
    /// The watcher's poll. It ends with the connection.
    fn poll_idle(&self, cx: &mut Context<'_>) -> Poll<()> {
        self.state.lock().watcher.get_or_insert_with(|| cx.waker().clone());
        self.poll(cx.waker(), false)
    }

    /// Polls hyper for a task. The wakers that hyper calls meanwhile are tokio's, which only put
    /// tasks into a queue.
    fn poll(&self, task: &Waker, by_request: bool) -> Poll<()> {
        let mut state = self.state.lock();
        let State { stage, waker, is_in_use, watcher } = &mut *state;
        let Stage::Open(http1, _) = stage else { return Poll::Ready(()) };
        if *is_in_use != by_request {
            return Poll::Pending;
        }
        self.wakes.task.register(task);
        // What happened before is seen now, and what happens from now on wakes the task.
        self.wakes.is_woken.swap(false, Ordering::AcqRel);
        let result = ready!(Pin::new(http1).poll(&mut Context::from_waker(waker)));
        let (stage, watcher) = (mem::replace(stage, Stage::Ended(None)), watcher.take());
        // It may drop the channel of this connection, which comes back to the lock.
        drop(state);
        if let Stage::Open(http1, on_end) = stage {
            let http1::Parts { io, read_buf, .. } = http1.into_parts();
            let kept = on_end(result, io.into_inner().connection, read_buf);
            self.state.lock().stage = Stage::Ended(kept.map(Box::new));
        }
        watcher.iter().for_each(Waker::wake_by_ref);
        Poll::Ready(())
    }
}

impl Wake for Wakes {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if !self.is_quiet.load(Ordering::Relaxed) {
            self.task.wake();
        }
    }
}

impl Wake for Outside {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        // First, so that `Work::rest` sees it unless this wakes the watcher.
        self.0.is_woken.store(true, Ordering::Release);
        self.0.task.wake();
    }
}

impl Woken {
    /// The connection, and the context in which it is polled.
    fn split(self: Pin<&mut Self>) -> (Pin<&mut Connection>, Context<'_>) {
        let Self { connection, waker } = self.get_mut();
        (Pin::new(connection), Context::from_waker(waker))
    }
}

impl AsyncRead for Woken {
    fn poll_read(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let (connection, mut cx) = self.split();
        connection.poll_read(&mut cx, buffer)
    }
}

impl AsyncWrite for Woken {
    fn poll_write(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let (connection, mut cx) = self.split();
        connection.poll_write(&mut cx, bytes)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let (connection, mut cx) = self.split();
        connection.poll_write_vectored(&mut cx, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.connection.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        let (connection, mut cx) = self.split();
        connection.poll_flush(&mut cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        let (connection, mut cx) = self.split();
        connection.poll_shutdown(&mut cx)
    }
}
