//! An open connection that speaks HTTP/1.1 or HTTP/2: sends requests and returns responses.

use std::task::{Context, Poll, Waker};
use std::time::Duration;

use futures_util::future::Either;
use http::{Request, Response};
use hyper::body::Incoming;
use hyper::client::conn::{TrySendError, http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};

use crate::cause::Failure;
use crate::config::ClientConfig;
use crate::wire::connection::{Connection, Handle};
use crate::wire::failure::{self, Phase};
use crate::wire::upload::Upload;
use crate::wire::work::{OnEnd, Work};

/// How long an HTTP/2 connection with requests may be silent before it is pinged, and how long it
/// then has to answer.
#[derive(Clone, Copy)]
struct Pings {
    interval: Duration,
    timeout: Duration,
}

/// Without pings, all requests on a connection that has died unnoticed would wait for their
/// timeout. A dead peer is noticed within 20 s (docs/contract.md#14-connections).
const PINGS: Pings = Pings { interval: Duration::from_secs(10), timeout: Duration::from_secs(8) };

/// The fields of a head for which hyper needs no memory (its default). For more, it would fill 128
/// KiB for each response, which costs a sixth of a small request. So a head with more is read
/// again, by a hyper that takes them: see [`Channel::read_again`].
const FEW_FIELDS: u16 = 100;

/// A request as it is sent.
pub(crate) type Outgoing = Request<Upload>;

/// The head of a response, or an error. The error holds the request if nothing of it was sent.
pub(crate) type Answer = Result<Response<Incoming>, TrySendError<Outgoing>>;

/// An open connection, through which hyper takes requests. hyper closes the connection when its
/// last channel is dropped and its requests have ended.
pub(crate) struct Channel {
    sender: Sender,
    handle: Handle,
}

enum Sender {
    Http1(http1::SendRequest<Upload>, Work),
    Http2(http2::SendRequest<Upload>),
}

impl Channel {
    /// Starts HTTP on a connection.
    ///
    /// `on_end` is called when the connection has ended, with `true` if that is because the server
    /// has sent more than its responses.
    pub(crate) async fn open(
        connection: Connection,
        config: &ClientConfig,
        on_end: impl FnOnce(bool) + Send + 'static,
    ) -> Result<Self, Failure> {
        if !connection.handle().is_http2() {
            return Self::open_http1(connection, config.max_head_fields.min(FEW_FIELDS), on_end)
                .await;
        }
        Self::open_http2(connection, config, PINGS, on_end).await
    }

    async fn open_http2(
        connection: Connection,
        config: &ClientConfig,
        pings: Pings,
        on_end: impl FnOnce(bool) + Send + 'static,
    ) -> Result<Self, Failure> {
        let handle = connection.handle();
        let handshake = http2::Builder::new(TokioExecutor::new())
            .timer(TokioTimer::new())
            .max_header_list_size(max_header_list_size(config))
            .keep_alive_interval(pings.interval)
            .keep_alive_timeout(pings.timeout)
            .handshake(TokioIo::new(connection));
        let (sender, work) = handshake.await.map_err(failed)?;
        tokio::spawn(async move {
            let end = work.await;
            // hyper has already failed the requests of the connection.
            on_end(end.is_err_and(|error| failure::is_left_over(&error)));
        });
        Ok(Self { sender: Sender::Http2(sender), handle })
    }

    async fn open_http1(
        connection: Connection,
        max_fields: u16,
        on_end: impl FnOnce(bool) + Send + 'static,
    ) -> Result<Self, Failure> {
        let handle = connection.handle();
        let mut http1 = http1::Builder::new();
        http1
            .ignore_invalid_headers_in_responses(true)
            .allow_obsolete_multiline_headers_in_responses(true);
        if max_fields != FEW_FIELDS {
            http1.max_headers(usize::from(max_fields));
        }
        let on_end: OnEnd = Box::new(move |end, connection, read| {
            on_end(end.is_err_and(|error| failure::is_left_over(&error)));
            let is_kept = max_fields == FEW_FIELDS && has_many_fields(&read);
            is_kept.then(|| connection.read_again(read))
        });
        let (sender, work) = Work::start(connection, &http1, on_end).await.map_err(failed)?;
        Ok(Self { sender: Sender::Http1(sender, work), handle })
    }

    /// Returns a channel that reads the head again on which this one has failed, if it was one of
    /// many fields. The request must be sent on it, but nothing of it goes to the server, which has
    /// it already. The channel is for one response.
    pub(crate) async fn read_again(self, config: &ClientConfig) -> Option<Self> {
        let Sender::Http1(_, work) = self.sender else { return None };
        let connection = work.into_kept().await?;
        Self::open_http1(connection, config.max_head_fields, |_| {}).await.ok()
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
            Sender::Http1(sender, _) => sender.is_ready(),
            Sender::Http2(sender) => sender.is_ready(),
        }
    }

    /// Waits until it accepts a request. Returns false if the connection ends before.
    pub(crate) async fn wait_ready(&mut self) -> bool {
        let ready = match &mut self.sender {
            Sender::Http1(sender, _) => sender.ready().await,
            Sender::Http2(sender) => sender.ready().await,
        };
        ready.is_ok()
    }

    /// Sends a request. hyper has it when this returns; the future waits for the head of the
    /// response, which does not come unless [`poll_work`](Self::poll_work) is called.
    pub(crate) fn send(
        &mut self,
        request: Outgoing,
    ) -> impl Future<Output = Answer> + Send + use<> {
        match &mut self.sender {
            Sender::Http1(sender, work) => {
                work.begin();
                Either::Left(sender.try_send_request(request))
            }
            Sender::Http2(sender) => Either::Right(sender.try_send_request(request)),
        }
    }

    /// Reads and writes for a request, if nothing else does. Ready when an HTTP/1.1 connection has
    /// ended.
    pub(crate) fn poll_work(&self, cx: &mut Context<'_>) -> Poll<()> {
        match &self.sender {
            Sender::Http1(_, work) => work.poll(cx),
            Sender::Http2(_) => Poll::Pending,
        }
    }

    /// Takes a part of a body that this channel brings. Over HTTP/1.1 it comes by the work of the
    /// task that asks: nobody has to wake that task for it, and it polls the work next.
    pub(crate) fn take_quietly<T>(
        &self,
        cx: &mut Context<'_>,
        take: impl FnOnce(&mut Context<'_>) -> T,
    ) -> T {
        match &self.sender {
            Sender::Http1(_, work) => {
                work.quietly(|| take(&mut Context::from_waker(Waker::noop())))
            }
            Sender::Http2(_) => take(cx),
        }
    }

    /// Leaves an HTTP/1.1 connection to itself after a response. Returns true if it accepts the
    /// next request now.
    pub(crate) fn rest(&self) -> bool {
        let is_ready = self.is_ready();
        if let Sender::Http1(_, work) = &self.sender {
            work.rest(is_ready);
        }
        is_ready
    }
}

fn failed(error: hyper::Error) -> Failure {
    failure::classify(&error, Phase::Head)
}

/// Returns true if the bytes begin with a head that has more fields than hyper has taken.
fn has_many_fields(bytes: &[u8]) -> bool {
    let lines = bytes.iter().filter(|byte| **byte == b'\n').count();
    bytes.starts_with(b"HTTP/1.") && lines > usize::from(FEW_FIELDS)
}

/// HTTP/2 counts 32 bytes for each field beside its text (RFC 9113 section 6.5.2). This bound lets
/// every head pass that keeps the client's own limits; the engine then checks these limits.
fn max_header_list_size(config: &ClientConfig) -> u32 {
    let overhead = u32::from(config.max_head_fields).saturating_mul(32);
    config.max_head_bytes.saturating_add(overhead)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use bytes::Bytes;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream};

    use super::*;
    use crate::timing::flow::Flow;

    const SETTINGS: u8 = 4;
    const PING: u8 = 6;

    /// Reads frames until the end, and answers pings or not. Returns how many pings there were.
    async fn serve(mut peer: DuplexStream, answers: bool) -> std::io::Result<u32> {
        let mut pings = 0;
        peer.read_exact(&mut [0; 24]).await?; // the preface
        peer.write_all(&[0, 0, 0, SETTINGS, 0, 0, 0, 0, 0]).await?;
        let mut head = [0; 9];
        while peer.read_exact(&mut head).await.is_ok() {
            let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
            let mut payload = vec![0; length as usize];
            peer.read_exact(&mut payload).await?;
            let is_ack = head[4] & 1 == 1;
            if head[3] == PING && !is_ack {
                pings += 1;
                head[4] = 1;
                if answers {
                    peer.write_all(&[&head[..], &payload].concat()).await?;
                }
            }
        }
        Ok(pings)
    }

    async fn channel(stream: DuplexStream) -> Channel {
        let millis = Duration::from_millis;
        let pings = Pings { interval: millis(50), timeout: millis(250) };
        let connection = Connection::new(stream, true);
        Channel::open_http2(connection, &ClientConfig::default(), pings, |_| {}).await.unwrap()
    }

    fn request(channel: &Channel) -> Outgoing {
        let body = Upload::new(Bytes::new(), channel.handle(), &Arc::new(Flow::new()));
        Request::get("https://a.test/").body(body).unwrap()
    }

    #[tokio::test]
    async fn a_peer_that_answers_no_ping_is_dead_after_one_and_its_requests_are_over() {
        let (ours, theirs) = tokio::io::duplex(1 << 16);
        let server = tokio::spawn(serve(theirs, false));
        let mut channel = channel(ours).await;
        let request = request(&channel);
        let error = channel.send(request).await.unwrap_err().into_error();
        let failure = failure::classify(&error, Phase::Head);
        assert_eq!(failure.error, crate::error::Error::Timeout);
        drop(channel);
        assert_eq!(server.await.unwrap().unwrap(), 1);
    }

    #[tokio::test]
    async fn a_peer_that_answers_pings_may_take_its_time_and_an_idle_one_gets_none() {
        let (ours, theirs) = tokio::io::duplex(1 << 16);
        let server = tokio::spawn(serve(theirs, true));
        let mut channel = channel(ours).await;
        let request = request(&channel);
        let patient = tokio::time::timeout(Duration::from_secs(1), channel.send(request));
        assert!(patient.await.is_err(), "it waits");
        drop(channel);
        let pings = server.await.unwrap().unwrap();
        assert!(pings > 1, "{pings}");

        let (ours, theirs) = tokio::io::duplex(1 << 16);
        let server = tokio::spawn(serve(theirs, false));
        let idle = self::channel(ours).await;
        tokio::time::sleep(Duration::from_secs(1)).await;
        drop(idle);
        assert_eq!(server.await.unwrap().unwrap(), 0);
    }

    #[test]
    fn a_dead_peer_is_noticed_within_20_seconds() {
        assert!(PINGS.interval + PINGS.timeout < Duration::from_secs(20));
    }
}
