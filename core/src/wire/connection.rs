//! The connection that hyper reads and writes, and the handle through which requests watch and cut it.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Context, Poll, ready};

use futures_util::task::AtomicWaker;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::Semaphore;

use crate::error::Error;
use crate::wire::heads::{Answers, Heads, Share};

/// The bytes below a connection: TCP, TLS over TCP, or TLS over a proxy's tunnel.
pub(crate) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

/// A connection as hyper sees it. When it is cut, its next read or write fails, and hyper closes it.
pub(crate) struct Connection {
    stream: Box<dyn Stream>,
    link: Link,
    heads: Heads,
}

/// A handle of a connection, for the requests that use it.
#[derive(Clone)]
pub(crate) struct Link(Arc<Known>);

struct Known {
    is_http2: bool,
    is_proxied: bool,
    answers: Answers,
    /// Nothing can be sent over it any more.
    is_broken: AtomicBool,
    /// How many requests use it.
    users: AtomicUsize,
    /// It is cut as soon as no request uses it.
    is_doomed: AtomicBool,
    is_flooded: AtomicBool,
    is_cut: AtomicBool,
    waker: AtomicWaker,
    /// Has no permits. It is closed when the connection ends, which wakes all who wait.
    ended: Semaphore,
}

impl Connection {
    pub(crate) fn new(stream: impl Stream + 'static, is_http2: bool) -> Self {
        let link = Link(Arc::new(Known::new(is_http2)));
        Self { stream: Box::new(stream), link, heads: Heads::new(is_http2) }
    }

    /// A connection to a proxy that takes requests for other servers.
    pub(crate) fn to_proxy(stream: impl Stream + 'static) -> Self {
        let link = Link(Arc::new(Known { is_proxied: true, ..Known::new(false) }));
        Self { stream: Box::new(stream), link, heads: Heads::new(false) }
    }

    pub(crate) fn link(&self) -> Link {
        self.link.clone()
    }

    /// Reads or writes, or fails if the connection was cut.
    fn unless_cut<T>(
        &mut self,
        cx: &mut Context<'_>,
        io: impl FnOnce(Pin<&mut dyn Stream>, &mut Context<'_>) -> Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        let polled = io(Pin::new(&mut *self.stream), cx);
        let known = &self.link.0;
        if polled.is_pending() {
            known.waker.register(cx.waker());
        }
        if known.is_cut.load(Ordering::Acquire) {
            return Poll::Ready(Err(io::ErrorKind::ConnectionAborted.into()));
        }
        polled
    }

    /// Writes. If an HTTP/1.1 server no longer reads, pretends that all was written: the server may have answered (with
    /// a 401 to an upload), and hyper would not read that answer after an error.
    fn unless_broken<T>(
        &mut self,
        cx: &mut Context<'_>,
        all: T,
        write: impl FnOnce(Pin<&mut dyn Stream>, &mut Context<'_>) -> Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        if self.link.is_broken() {
            return self.unless_cut(cx, |_, _| Poll::Ready(Ok(all)));
        }
        let is_broken = |error: &io::Error| {
            matches!(
                error.kind(),
                io::ErrorKind::ConnectionReset
                    | io::ErrorKind::ConnectionAborted
                    | io::ErrorKind::BrokenPipe
            )
        };
        match self.unless_cut(cx, write) {
            Poll::Ready(Err(error)) if is_broken(&error) && !self.link.is_http2() => {
                self.link.0.is_broken.store(true, Ordering::Release);
                Poll::Ready(Ok(all))
            }
            polled => polled,
        }
    }
}

impl Known {
    fn new(is_http2: bool) -> Self {
        Self {
            is_http2,
            is_proxied: false,
            answers: Answers::default(),
            is_broken: AtomicBool::new(false),
            users: AtomicUsize::new(0),
            is_doomed: AtomicBool::new(false),
            is_flooded: AtomicBool::new(false),
            is_cut: AtomicBool::new(false),
            waker: AtomicWaker::new(),
            ended: Semaphore::new(0),
        }
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.link.0.ended.close();
    }
}

impl Link {
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// Returns when hyper has dropped the connection.
    pub(crate) async fn ended(&self) {
        let _ = self.0.ended.acquire().await;
    }

    pub(crate) fn is_http2(&self) -> bool {
        self.0.is_http2
    }

    /// Whether it leads to a proxy that takes requests for other servers.
    pub(crate) fn is_proxied(&self) -> bool {
        self.0.is_proxied
    }

    /// Whether it has brought a response.
    pub(crate) fn has_answered(&self) -> bool {
        self.0.answers.has_any()
    }

    /// Records that the head of a response has arrived. Returns the number of the response.
    pub(crate) fn answer_begins(&self) -> u64 {
        self.0.answers.begin()
    }

    /// Records that a response has been read, or will not be read.
    pub(crate) fn answer_ends(&self, number: u64) {
        self.0.answers.end(number);
    }

    /// Records that no request waits for a response that may still arrive.
    pub(crate) fn answer_is_forgone(&self) {
        self.0.answers.forgo();
    }

    /// Whether the server no longer reads. What it sent before can still be read.
    pub(crate) fn is_broken(&self) -> bool {
        self.0.is_broken.load(Ordering::Acquire)
    }

    /// Whether it ended because the server sent too much without a response.
    pub(crate) fn is_flooded(&self) -> bool {
        self.0.is_flooded.load(Ordering::Acquire)
    }

    /// A request uses the connection, until [`leave`](Self::leave).
    pub(crate) fn enter(&self) {
        self.0.users.fetch_add(1, Ordering::AcqRel);
    }

    /// A request no longer uses the connection. The last one cuts it if it is doomed.
    pub(crate) fn leave(&self) {
        let was_last = self.0.users.fetch_sub(1, Ordering::AcqRel) == 1;
        if was_last && self.0.is_doomed.load(Ordering::Acquire) {
            self.cut();
        }
    }

    /// Has the connection cut as soon as no request uses it. Called by a request that uses it.
    pub(crate) fn doom(&self) {
        self.0.is_doomed.store(true, Ordering::Release);
    }

    /// Closes the connection at once.
    pub(crate) fn cut(&self) {
        self.0.is_cut.store(true, Ordering::Release);
        self.0.waker.wake();
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = buffer.filled().len();
        match this.heads.share(&this.link.0.answers) {
            Share::Pause => {
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            Share::Bytes(most) if most < buffer.remaining() => {
                let mut part = ReadBuf::new(buffer.initialize_unfilled_to(most));
                ready!(this.unless_cut(cx, |stream, cx| stream.poll_read(cx, &mut part)))?;
                let read = part.filled().len();
                buffer.advance(read);
            }
            _ => ready!(this.unless_cut(cx, |stream, cx| stream.poll_read(cx, buffer)))?,
        }
        let known = &this.link.0;
        if this.heads.is_flood(&buffer.filled()[before..], &known.answers) {
            known.is_flooded.store(true, Ordering::Release);
            return Poll::Ready(Err(io::Error::other(Error::HeadTooLarge)));
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Connection {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let polled =
            |stream: Pin<&mut dyn Stream>, cx: &mut Context<'_>| stream.poll_write(cx, bytes);
        self.get_mut().unless_broken(cx, bytes.len(), polled)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let all = slices.iter().map(|slice| slice.len()).sum();
        self.get_mut().unless_broken(cx, all, |stream, cx| stream.poll_write_vectored(cx, slices))
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.get_mut().unless_broken(cx, (), |stream, cx| stream.poll_flush(cx))
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.get_mut().unless_cut(cx, |stream, cx| stream.poll_shutdown(cx))
    }
}
