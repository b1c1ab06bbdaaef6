//! A request's hold on its connection: decides whether the connection is cut, kept or closed after the request.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode};

use crate::head;
use crate::runtime;
use crate::wire::channel::{Answer, Channel, Outgoing};
use crate::wire::connection::Link;
use crate::wire::pool::Pool;
use crate::wire::registry::{self, Origin};

/// How long a connection stays unused after a response without a body. Some servers send a body all the same, a few
/// milliseconds later, and the next request would read it as its own response.
const QUIET: Duration = Duration::from_millis(25);

/// A connection while a request uses it.
///
/// On drop, an HTTP/1.1 connection is kept for other requests if the request was sent and answered completely. If not,
/// it is cut: hyper would finish a write that it has begun, even of 100 MiB, and would wait for ever for a server
/// that does not read. An HTTP/2 connection stays open; hyper resets the stream.
pub(crate) struct Lease {
    pool: Arc<Pool>,
    origin: Origin,
    /// `None` after the connection has ended.
    channel: Option<Channel>,
    link: Link,
    /// How often the device had slept when the request got the connection.
    sleeps: u64,
    is_sent: Arc<AtomicBool>,
    /// The number of the response on its connection, once its head has arrived.
    answer: Option<u64>,
    rest: Rest,
}

/// Whether a connection can be used again after its response.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Rest {
    /// Yes.
    Clean,
    /// After a while: the server may send a body that the response does not have.
    Doubtful,
    /// No: the server has announced such a body.
    Spoilt,
}

/// A request's body; hyper drops it when it has written all of it.
struct Upload {
    bytes: Bytes,
    is_sent: Arc<AtomicBool>,
}

impl AsRef<[u8]> for Upload {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Drop for Upload {
    fn drop(&mut self) {
        self.is_sent.store(true, Ordering::Release);
    }
}

impl Lease {
    pub(crate) fn new(pool: Arc<Pool>, origin: Origin, channel: Channel) -> Self {
        let link = channel.link().clone();
        link.enter();
        Self {
            pool,
            origin,
            channel: Some(channel),
            link,
            sleeps: registry::get().sleeps(),
            is_sent: Arc::new(AtomicBool::new(true)),
            answer: None,
            rest: Rest::Clean,
        }
    }

    pub(crate) fn link(&self) -> &Link {
        &self.link
    }

    /// Wraps a body, without a copy, so that this lease knows when hyper has sent all of it.
    pub(crate) fn upload(&mut self, bytes: Bytes) -> Bytes {
        if bytes.is_empty() {
            return bytes;
        }
        self.is_sent = Arc::new(AtomicBool::new(false));
        Bytes::from_owner(Upload { bytes, is_sent: Arc::clone(&self.is_sent) })
    }

    /// Waits until a moment. Returns whether the connection is still open and the server has sent nothing meanwhile.
    pub(crate) async fn is_quiet_until(&self, moment: Option<Instant>) -> bool {
        let Some(moment) = moment.filter(|moment| *moment > Instant::now()) else { return true };
        tokio::select! {
            () = tokio::time::sleep_until(moment.into()) => {
                self.channel.as_ref().is_some_and(Channel::is_ready)
            }
            () = self.link.ended() => false,
        }
    }

    /// Sends a request and waits for the head of its response.
    pub(crate) async fn send(&mut self, request: Outgoing) -> Answer {
        let channel =
            self.channel.as_mut().expect("it is dropped only below, and a lease sends one request");
        let mut answer = std::pin::pin!(channel.send(request));
        tokio::select! {
            biased;
            answer = &mut answer => return answer,
            () = self.link.ended() => {}
        }
        // hyper fails the requests of a connection that ends, but forgets one that arrives at that very moment: it stays
        // in a queue until every sender of the connection is dropped (hyper issue 2312).
        registry::get().forget(&self.link);
        self.channel = None;
        answer.await
    }

    /// Records that the head of the response has arrived.
    pub(crate) fn answers(&mut self, method: &Method, status: StatusCode, headers: &HeaderMap) {
        self.answer = Some(self.link.answer_begins());
        if !head::has_body(method, status) {
            let announces = *method != Method::HEAD && head::announces_body(headers);
            self.rest = if announces { Rest::Spoilt } else { Rest::Doubtful };
        }
    }

    /// Tells the pool that the server sends more than its responses.
    pub(crate) fn distrust(&self) {
        self.pool.distrust(self.origin.clone());
    }

    fn give_back(&mut self, mut channel: Channel) {
        if self.rest == Rest::Spoilt || self.link.is_broken() {
            self.link.cut();
            return;
        }
        let quiet = self.rest == Rest::Doubtful;
        let (pool, origin, sleeps) = (Arc::clone(&self.pool), self.origin.clone(), self.sleeps);
        let keep = move |channel| {
            pool.keep(origin, channel, sleeps, quiet.then(|| Instant::now() + QUIET));
        };
        if channel.is_ready() {
            keep(channel);
        } else if let Ok(runtime) = runtime::get() {
            // hyper still reads the rest of a body that was dropped, if the rest has arrived.
            runtime.spawn(async move {
                if channel.becomes_ready().await {
                    keep(channel);
                }
            });
        }
    }

    /// Leaves an HTTP/2 connection to the requests that share it.
    fn leave_http2(&self) {
        if self.answer.is_none() {
            self.link.answer_is_forgone(); // its head may still arrive
        } else if !self.is_sent.load(Ordering::Acquire) {
            // The server has answered and does not read the rest of the upload. hyper and h2 would keep both the body
            // and the connection for as long as the server likes.
            self.link.doom();
            registry::get().forget(&self.link);
        }
        registry::get().release(&self.link, self.pool.keeps());
        self.pool.close_what_is_not_kept(); // the app may have gone to the background meanwhile
        self.link.leave();
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if self.link.is_http2() {
            return self.leave_http2();
        }
        self.link.leave();
        if let Some(answer) = self.answer {
            self.link.answer_ends(answer);
        }
        if self.answer.is_none() || !self.is_sent.load(Ordering::Acquire) {
            self.link.cut();
        } else if let Some(channel) = self.channel.take() {
            self.give_back(channel);
        }
    }
}
