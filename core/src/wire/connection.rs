//! The connection that hyper reads and writes, and the handle through which requests watch and cut
//! it.
//!
//! hyper takes a connection and keeps it: a request that uses it has no way to close it, even if
//! its caller aborts while 100 MiB are being sent. So the engine puts its own layer between
//! hyper and the stream. Requests hold its [`Handle`]; when one of them cuts the connection, the
//! next read or write fails, and hyper drops the connection, which closes the socket.

use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, ready};
use std::time::Instant;

use bytes::Bytes;
use futures_util::task::AtomicWaker;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, ReadBuf, Take};
use tokio::sync::Semaphore;

use crate::cause::Failure;
use crate::config::network::Proxy;
use crate::error::Error;
use crate::wire::failure;
use crate::wire::flood::{Allowance, FloodGuard, Responses};
use crate::wire::traffic::{Counter, Traffic};

/// The bytes below a connection: TCP, TLS over TCP, or TLS over a proxy's tunnel.
pub(crate) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

/// A connection as hyper sees it.
pub(crate) struct Connection {
    /// Its limit holds for one read: what the guard allows.
    stream: Take<Box<dyn Stream>>,
    handle: Handle,
    guard: FloodGuard,
    /// Some bytes have arrived.
    has_read: bool,
    reads: Counter,
    writes: Counter,
    /// Nothing is read before something was written: hyper takes a head without a request for a
    /// broken connection.
    writes_first: bool,
    _end: End,
}

/// Tells those who wait for the end of a connection, when hyper drops it.
struct End(Handle);

/// A connection as its requests see it. Cloning it is cheap; it does not keep the connection open.
#[derive(Clone)]
pub(crate) struct Handle(Arc<State>);

struct State {
    is_http2: bool,
    /// The proxy that takes requests for other servers, if the connection leads to one.
    proxy: Option<Arc<Proxy>>,
    traffic: Traffic,
    responses: Responses,
    /// The server no longer reads.
    is_broken: AtomicBool,
    /// How many requests use the connection.
    users: AtomicUsize,
    /// The connection is cut when its last user leaves.
    is_doomed: AtomicBool,
    is_flooded: AtomicBool,
    /// The server has refused the client in the handshake.
    refusal: OnceLock<Failure>,
    is_cut: AtomicBool,
    /// Wakes hyper's task, which waits to read or write.
    waker: AtomicWaker,
    /// Has no permits. It is closed when the connection ends, which wakes all who wait.
    ended: Semaphore,
}

impl Connection {
    /// Makes a connection for one request, which is its first user.
    pub(crate) fn new(stream: impl Stream + 'static, is_http2: bool) -> Self {
        Self::from_state(stream, State::new(is_http2))
    }

    /// Makes a connection to a proxy that takes requests for other servers.
    pub(crate) fn to_proxy(stream: impl Stream + 'static, proxy: Arc<Proxy>) -> Self {
        Self::from_state(stream, State { proxy: Some(proxy), ..State::new(false) })
    }

    fn from_state(stream: impl Stream + 'static, state: State) -> Self {
        let guard = FloodGuard::new(state.is_http2);
        let stream: Box<dyn Stream> = Box::new(stream);
        let handle = Handle(Arc::new(state));
        Self {
            stream: stream.take(0),
            _end: End(handle.clone()),
            handle,
            guard,
            has_read: false,
            reads: Counter::of_reads(0),
            writes: Counter::of_writes(),
            writes_first: false,
        }
    }

    /// Makes a connection of one that ended while a head was read: it begins with these bytes of
    /// the head. The request was sent on the old one, so that what is written to the new one is
    /// dropped.
    pub(crate) fn read_again(self, bytes: Bytes) -> Self {
        let proxy = self.handle.0.proxy.clone();
        let reads = Counter::of_reads(bytes.len());
        let (read, write) = tokio::io::split(self.stream.into_inner());
        let stream = tokio::io::join(io::Cursor::new(bytes).chain(read), write);
        let is_broken = AtomicBool::new(true);
        let state = State { proxy, is_broken, ..State::new(false) };
        Self { reads, writes_first: true, ..Self::from_state(stream, state) }
    }

    pub(crate) fn handle(&self) -> Handle {
        self.handle.clone()
    }

    /// Reads or writes, or fails if the connection was cut.
    fn poll_unless_cut<T>(
        &mut self,
        cx: &mut Context<'_>,
        io: impl FnOnce(&mut Take<Box<dyn Stream>>, &mut Context<'_>) -> Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        let polled = io(&mut self.stream, cx);
        let state = &self.handle.0;
        // The waker is registered before the flag is read: a cut in between wakes this task.
        if polled.is_pending() {
            state.waker.register(cx.waker());
        }
        if state.is_cut.load(Ordering::Acquire) {
            return Poll::Ready(Err(io::ErrorKind::ConnectionAborted.into()));
        }
        polled
    }

    /// Records that something is written, and reads from now on.
    fn begin_write(&mut self, cx: &mut Context<'_>) {
        if std::mem::take(&mut self.writes_first) {
            cx.waker().wake_by_ref();
        }
    }

    /// Writes. If an HTTP/1.1 server no longer reads, pretends that all was written: the server may
    /// have answered (with a 401 to an upload), and hyper would not read that answer after an
    /// error.
    fn poll_write_unless_broken<T>(
        &mut self,
        cx: &mut Context<'_>,
        all: T,
        write: impl FnOnce(Pin<&mut dyn Stream>, &mut Context<'_>) -> Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        if self.handle.is_broken() {
            return self.poll_unless_cut(cx, |_, _| Poll::Ready(Ok(all)));
        }
        let is_broken = |error: &io::Error| {
            matches!(
                error.kind(),
                io::ErrorKind::ConnectionReset
                    | io::ErrorKind::ConnectionAborted
                    | io::ErrorKind::BrokenPipe
            )
        };
        let polled =
            self.poll_unless_cut(cx, |stream, cx| write(Pin::new(&mut **stream.get_mut()), cx));
        match polled {
            // Over HTTP/2 only for a server that has not answered: it may have refused the client.
            Poll::Ready(Err(error))
                if is_broken(&error) && (!self.handle.is_http2() || !self.has_read) =>
            {
                self.handle.0.is_broken.store(true, Ordering::Release);
                Poll::Ready(Ok(all))
            }
            polled => polled,
        }
    }

    /// Counts what the stream took of some bytes. It took nothing if the server no longer reads.
    fn count(&mut self, taken: &Poll<io::Result<usize>>, slices: &[io::IoSlice<'_>]) {
        let Poll::Ready(Ok(mut taken)) = *taken else { return };
        if self.handle.is_broken() {
            return;
        }
        let now = Instant::now();
        for slice in slices {
            let part = &slice[..taken.min(slice.len())];
            taken -= part.len();
            if !part.is_empty() {
                self.handle.0.traffic.wrote(&mut self.writes, part, now);
            }
        }
    }
}

impl State {
    fn new(is_http2: bool) -> Self {
        Self {
            is_http2,
            proxy: None,
            traffic: Traffic::new(is_http2),
            responses: Responses::new(),
            is_broken: AtomicBool::new(false),
            users: AtomicUsize::new(1),
            is_doomed: AtomicBool::new(false),
            is_flooded: AtomicBool::new(false),
            refusal: OnceLock::new(),
            is_cut: AtomicBool::new(false),
            waker: AtomicWaker::new(),
            ended: Semaphore::new(0),
        }
    }
}

impl Drop for End {
    fn drop(&mut self) {
        self.0.0.ended.close();
    }
}

impl Handle {
    /// Returns true if both belong to the same connection.
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

    /// Returns the proxy that takes requests for other servers, if the connection leads to one.
    pub(crate) fn proxy(&self) -> Option<&Proxy> {
        self.0.proxy.as_deref()
    }

    /// The bytes that the requests of the connection move, and where they go.
    pub(crate) fn traffic(&self) -> &Traffic {
        &self.0.traffic
    }

    /// The responses of the connection, which its flood guard must know about.
    pub(crate) fn responses(&self) -> &Responses {
        &self.0.responses
    }

    /// Returns true if the connection has brought a response.
    pub(crate) fn has_answered(&self) -> bool {
        self.0.responses.progress().has_response()
    }

    /// Returns true if the server no longer reads. Bytes that it sent before can still be read.
    pub(crate) fn is_broken(&self) -> bool {
        self.0.is_broken.load(Ordering::Acquire)
    }

    /// Returns true if the flood guard ended the connection.
    pub(crate) fn is_flooded(&self) -> bool {
        self.0.is_flooded.load(Ordering::Acquire)
    }

    /// Returns the failure of every request if the server has refused the client in the handshake
    /// (a certificate that it wants, or another one).
    pub(crate) fn refusal(&self) -> Option<&Failure> {
        self.0.refusal.get()
    }

    /// Adds a user. Each user must [`leave`](Self::leave).
    pub(crate) fn enter(&self) {
        self.0.users.fetch_add(1, Ordering::AcqRel);
    }

    /// Removes a user. Returns true if no user is left.
    pub(crate) fn leave(&self) -> bool {
        // Released and acquired: the last user sees whether another one has doomed the connection.
        self.0.users.fetch_sub(1, Ordering::AcqRel) == 1
    }

    /// Returns true if no request uses the connection.
    pub(crate) fn is_idle(&self) -> bool {
        self.0.users.load(Ordering::Acquire) == 0
    }

    /// Marks the connection to be cut after its last user. Only a user may call this.
    pub(crate) fn doom(&self) {
        self.0.is_doomed.store(true, Ordering::Release);
    }

    /// Cuts the connection if it is doomed. The last user calls this when it has left.
    pub(crate) fn cut_if_doomed(&self) {
        if self.0.is_doomed.load(Ordering::Acquire) {
            self.cut();
        }
    }

    /// Closes the connection at once, whoever uses it.
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
        if this.writes_first {
            return Poll::Pending;
        }
        let before = buffer.filled().len();
        // Looked up once for each read. If a response begins or ends meanwhile, its bytes count
        // with the next read; the limits are far above that.
        let progress = this.handle.responses().progress();
        let most = match this.guard.allowance(progress) {
            Allowance::Pause => {
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            Allowance::Bytes(most) => most as u64,
            Allowance::All => u64::MAX,
        };
        this.stream.set_limit(most);
        let read =
            ready!(this.poll_unless_cut(cx, |stream, cx| Pin::new(stream).poll_read(cx, buffer)));
        if let Err(error) = read {
            // The client's side of the handshake ends before the server has judged the client.
            if let Some(refusal) = failure::refusal(&error).filter(|_| !this.has_read) {
                let _ = this.handle.0.refusal.set(refusal);
            }
            return Poll::Ready(Err(error));
        }
        this.has_read = true;
        let bytes = &buffer.filled()[before..];
        this.handle.0.traffic.received(&mut this.reads, bytes);
        if this.guard.is_flood(bytes, progress) {
            this.handle.0.is_flooded.store(true, Ordering::Release);
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
        let this = self.get_mut();
        this.begin_write(cx);
        let polled = this
            .poll_write_unless_broken(cx, bytes.len(), |stream, cx| stream.poll_write(cx, bytes));
        this.count(&polled, &[io::IoSlice::new(bytes)]);
        polled
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let all = slices.iter().map(|slice| slice.len()).sum();
        let this = self.get_mut();
        this.begin_write(cx);
        let polled = this
            .poll_write_unless_broken(cx, all, |stream, cx| stream.poll_write_vectored(cx, slices));
        this.count(&polled, slices);
        polled
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.get_ref().is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let polled = this.poll_write_unless_broken(cx, (), |stream, cx| stream.poll_flush(cx));
        if matches!(polled, Poll::Ready(Ok(()))) && !this.handle.is_broken() {
            this.handle.0.traffic.flushed();
        }
        polled
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.get_mut()
            .poll_unless_cut(cx, |stream, cx| Pin::new(&mut **stream.get_mut()).poll_shutdown(cx))
    }
}
