//! An open connection that speaks HTTP/1.1 or HTTP/2: sends requests and returns responses.

use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::client::conn::{TrySendError, http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};

use crate::cause::Failure;
use crate::config::ClientConfig;
use crate::wire::connection::{Connection, Handle};
use crate::wire::failure::{self, Phase};

/// How often an HTTP/2 connection with requests is pinged, and how long it has to answer. Without
/// pings, all requests on a connection that has died unnoticed would wait for their timeout.
const HTTP2_PING_INTERVAL: Duration = Duration::from_secs(15);
const HTTP2_PING_TIMEOUT: Duration = Duration::from_secs(15);

/// A request as it is sent. Its body is in memory.
pub(crate) type Outgoing = Request<Full<Bytes>>;

/// The head of a response, or an error. The error holds the request if nothing of it was sent.
pub(crate) type Answer = Result<Response<Incoming>, TrySendError<Outgoing>>;

/// An open connection, through which hyper takes requests. hyper closes the connection when its
/// last channel is dropped and its requests have ended.
pub(crate) struct Channel {
    sender: Sender,
    handle: Handle,
}

enum Sender {
    Http1(http1::SendRequest<Full<Bytes>>),
    Http2(http2::SendRequest<Full<Bytes>>),
}

impl Channel {
    /// Starts HTTP on a connection. A task of the runtime reads and writes until the connection
    /// ends.
    ///
    /// `on_end` is then called on that task, with `true` if the connection ended because the server
    /// has sent more than its responses.
    pub(crate) async fn open(
        connection: Connection,
        config: &ClientConfig,
        on_end: impl FnOnce(bool) + Send + 'static,
    ) -> Result<Self, Failure> {
        let handle = connection.handle();
        let io = TokioIo::new(connection);
        let failed = |error: hyper::Error| failure::classify(&error, Phase::Head);
        let sender = if handle.is_http2() {
            let handshake = http2::Builder::new(TokioExecutor::new())
                .timer(TokioTimer::new())
                .max_header_list_size(max_header_list_size(config))
                .keep_alive_interval(HTTP2_PING_INTERVAL)
                .keep_alive_timeout(HTTP2_PING_TIMEOUT)
                .handshake(io);
            let (sender, work) = handshake.await.map_err(failed)?;
            spawn(work, on_end);
            Sender::Http2(sender)
        } else {
            let handshake = http1::Builder::new()
                .max_headers(usize::from(config.max_head_fields))
                .ignore_invalid_headers_in_responses(true)
                .allow_obsolete_multiline_headers_in_responses(true)
                .handshake(io);
            let (sender, work) = handshake.await.map_err(failed)?;
            spawn(work, on_end);
            Sender::Http1(sender)
        };
        Ok(Self { sender, handle })
    }

    /// Returns another channel of the same connection, if requests can share it.
    pub(crate) fn share(&self) -> Option<Self> {
        let Sender::Http2(sender) = &self.sender else { return None };
        Some(Self { sender: Sender::Http2(sender.clone()), handle: self.handle.clone() })
    }

    pub(crate) fn handle(&self) -> &Handle {
        &self.handle
    }

    /// Returns true if it accepts a request now.
    pub(crate) fn is_ready(&self) -> bool {
        match &self.sender {
            Sender::Http1(sender) => sender.is_ready(),
            Sender::Http2(sender) => sender.is_ready(),
        }
    }

    /// Waits until it accepts a request. Returns false if the connection ends before.
    pub(crate) async fn wait_ready(&mut self) -> bool {
        let ready = match &mut self.sender {
            Sender::Http1(sender) => sender.ready().await,
            Sender::Http2(sender) => sender.ready().await,
        };
        ready.is_ok()
    }

    /// Sends a request. hyper has it when this returns; the future waits for the head of the
    /// response.
    pub(crate) fn send(
        &mut self,
        request: Outgoing,
    ) -> impl Future<Output = Answer> + Send + use<> {
        let (by_http1, by_http2) = match &mut self.sender {
            Sender::Http1(sender) => (Some(sender.try_send_request(request)), None),
            Sender::Http2(sender) => (None, Some(sender.try_send_request(request))),
        };
        async move {
            match (by_http1, by_http2) {
                (Some(answer), _) => answer.await,
                (None, Some(answer)) => answer.await,
                (None, None) => unreachable!("one of them was sent"),
            }
        }
    }
}

/// Reads and writes on a task until the connection ends.
fn spawn(
    work: impl Future<Output = hyper::Result<()>> + Send + 'static,
    on_end: impl FnOnce(bool) + Send + 'static,
) {
    tokio::spawn(async move {
        let end = work.await;
        // hyper has already failed the requests of the connection.
        on_end(end.is_err_and(|error| failure::is_left_over(&error)));
    });
}

/// HTTP/2 counts 32 bytes for each field beside its text (RFC 9113 section 6.5.2). This bound lets
/// every head pass that keeps the client's own limits; the engine then checks these limits.
fn max_header_list_size(config: &ClientConfig) -> u32 {
    let overhead = u32::from(config.max_head_fields).saturating_mul(32);
    config.max_head_bytes.saturating_add(overhead)
}
