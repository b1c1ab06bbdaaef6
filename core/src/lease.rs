//! A request's hold on its connection: where the request goes before the connection is done with it, so does that.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode};

use crate::channel::{Answer, Channel, Outgoing};
use crate::connection::Link;
use crate::head;
use crate::pool::Pool;
use crate::registry::{self, Origin};
use crate::runtime;

/// How long a connection is only listened to after a response without a body: some servers send one all the same,
/// a little later, and the next request would take that for its response.
const QUIET: Duration = Duration::from_millis(25);

/// A connection while a request uses it. Dropped, an HTTP/1.1 connection goes back to be used again where all was
/// sent and all has come, and is cut otherwise.
///
/// hyper writes to the end what it has begun, a body of 100 MiB too, or waits for ever on a server that does not
/// read. An HTTP/2 stream is reset by hyper.
pub(crate) struct Lease {
    pool: Arc<Pool>,
    origin: Origin,
    /// Nothing where the connection has ended.
    channel: Option<Channel>,
    link: Link,
    /// Times that the device had slept when this began.
    sleeps: u64,
    is_sent: Arc<AtomicBool>,
    /// The response's number among those of its connection.
    answer: Option<u64>,
    rest: Rest,
}

/// What is to be thought of a connection after its response.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Rest {
    /// It can be used again.
    Clean,
    /// There may be more to come, which is nobody's.
    Doubtful,
    /// There is, or the connection is to be closed for another reason.
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

    /// A body that tells when it is sent, without a copy of it.
    pub(crate) fn upload(&mut self, bytes: Bytes) -> Bytes {
        if bytes.is_empty() {
            return bytes;
        }
        self.is_sent = Arc::new(AtomicBool::new(false));
        Bytes::from_owner(Upload { bytes, is_sent: Arc::clone(&self.is_sent) })
    }

    /// Waits until a moment, and listens to the server meanwhile; whether the connection can be used then.
    pub(crate) async fn is_quiet_until(&self, moment: Option<Instant>) -> bool {
        let Some(moment) = moment.filter(|moment| *moment > Instant::now()) else { return true };
        tokio::select! {
            () = tokio::time::sleep_until(moment.into()) => {
                self.channel.as_ref().is_some_and(Channel::is_ready)
            }
            () = self.link.ended() => false,
        }
    }

    /// Sends the request and waits for its response's head.
    pub(crate) async fn send(&mut self, request: Outgoing) -> Answer {
        let channel = self.channel.as_mut().expect("it goes only here, when the request was sent");
        let mut answer = std::pin::pin!(channel.send(request));
        tokio::select! {
            biased;
            answer = &mut answer => return answer,
            () = self.link.ended() => {}
        }
        // hyper tells a request of its connection's end, but for one that came in that very moment: it stays in a
        // queue until nobody has the connection any more (hyper issue 2312).
        registry::get().forget(&self.link);
        self.channel = None;
        answer.await
    }

    /// The response's head is there.
    pub(crate) fn answers(&mut self, method: &Method, status: StatusCode, headers: &HeaderMap) {
        self.answer = Some(self.link.answer_begins());
        if !head::has_body(method, status) {
            let announces = *method != Method::HEAD && head::announces_body(headers);
            self.rest = if announces { Rest::Spoilt } else { Rest::Doubtful };
        }
    }

    /// Its server sends more than its responses.
    pub(crate) fn distrust(&self) {
        self.pool.distrust(self.origin.clone());
    }

    fn give_back(&mut self, mut channel: Channel) {
        if self.rest == Rest::Spoilt || self.link.is_broken() {
            return;
        }
        let quiet = self.rest == Rest::Doubtful;
        let (pool, origin, sleeps) = (Arc::clone(&self.pool), self.origin.clone(), self.sleeps);
        let keep = move |channel| {
            if registry::get().sleeps() == sleeps {
                pool.keep(origin, channel, quiet.then(|| Instant::now() + QUIET));
            }
        };
        if channel.is_ready() {
            keep(channel);
        } else if let Ok(runtime) = runtime::get() {
            // The rest of a body that nobody read may be there already.
            runtime.spawn(async move {
                if channel.becomes_ready().await {
                    keep(channel);
                }
            });
        }
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if self.link.is_http2() {
            if self.answer.is_none() {
                self.link.answer_is_forgone(); // its head may come yet
            }
            let may_be_kept = self.pool.keeps() && registry::get().sleeps() == self.sleeps;
            registry::get().release(&self.link, may_be_kept);
            return;
        }
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
