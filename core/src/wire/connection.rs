//! A connection as the HTTP stack has it, and the link by which those who know of it can cut it.

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

/// What a connection is made of: TCP, or TLS over it, or TLS over a proxy's tunnel.
pub(crate) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

/// A connection of the pool. Cut, it fails at once whatever it was at, and with that it is closed.
pub(crate) struct Connection {
    stream: Box<dyn Stream>,
    link: Link,
    heads: Heads,
}

/// What is known of a connection by those that use it.
#[derive(Clone)]
pub(crate) struct Link(Arc<Known>);

struct Known {
    is_http2: bool,
    is_proxied: bool,
    answers: Answers,
    /// Nothing can be sent over it any more.
    is_broken: AtomicBool,
    /// Requests that use it.
    users: AtomicUsize,
    /// It is cut as soon as no request uses it.
    is_doomed: AtomicBool,
    is_flooded: AtomicBool,
    is_cut: AtomicBool,
    waker: AtomicWaker,
    /// Without permits, and closed when the connection ends.
    ended: Semaphore,
}

impl Connection {
    pub(crate) fn new(stream: impl Stream + 'static, is_http2: bool) -> Self {
        let link = Link(Arc::new(Known::new(is_http2)));
        Self { stream: Box::new(stream), link, heads: Heads::new(is_http2) }
    }

    /// One whose other end is a proxy that takes requests for others.
    pub(crate) fn to_proxy(stream: impl Stream + 'static) -> Self {
        let link = Link(Arc::new(Known { is_proxied: true, ..Known::new(false) }));
        Self { stream: Box::new(stream), link, heads: Heads::new(false) }
    }

    pub(crate) fn link(&self) -> Link {
        self.link.clone()
    }

    /// What the stream came to, unless the connection was cut.
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

    /// What writing came to; as if all were well, where an HTTP/1.1 server takes no more: it may have answered before
    /// (a 401 to an upload), and that can be read until the reading fails as well.
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

    /// Comes back when the HTTP stack has let go of the connection.
    pub(crate) async fn ended(&self) {
        let _ = self.0.ended.acquire().await;
    }

    pub(crate) fn is_http2(&self) -> bool {
        self.0.is_http2
    }

    /// Whether its other end is a proxy that takes requests for others.
    pub(crate) fn is_proxied(&self) -> bool {
        self.0.is_proxied
    }

    /// Whether a response has come over it.
    pub(crate) fn has_answered(&self) -> bool {
        self.0.answers.has_any()
    }

    /// A response's head is there; its number.
    pub(crate) fn answer_begins(&self) -> u64 {
        self.0.answers.begin()
    }

    /// That response has been read, or nobody reads it.
    pub(crate) fn answer_ends(&self, number: u64) {
        self.0.answers.end(number);
    }

    /// Nobody waits any more for a response, which may come all the same.
    pub(crate) fn answer_is_forgone(&self) {
        self.0.answers.forgo();
    }

    /// Whether its server stopped to take what is sent. What it said before may still be read.
    pub(crate) fn is_broken(&self) -> bool {
        self.0.is_broken.load(Ordering::Acquire)
    }

    /// Whether it ended because its server sent more and more and no response.
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

    /// Closes the connection, whatever it is at.
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
