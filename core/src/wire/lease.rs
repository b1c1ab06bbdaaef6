//! A request's hold on its connection: decides whether the connection is cut, kept or closed after
//! the request.

use std::future::{Future as _, poll_fn};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use http::{HeaderMap, Method, StatusCode};
use tokio::task::coop;

use crate::config::ClientConfig;
use crate::head;
use crate::runtime;
use crate::timing::flow::Flow;
use crate::wire::channel::{Answer, Channel, Outgoing};
use crate::wire::connection::Handle;
use crate::wire::pool::Pool;
use crate::wire::registry::{self, Origin};

/// How long a connection stays unused after a response without a body. Some servers send a body all
/// the same, a few milliseconds later, and the next request would read it as its own response.
const QUIET: Duration = Duration::from_millis(25);

/// How long an HTTP/2 connection may have been silent when a request on it is given up, so that
/// others still get it. A peer that has vanished would otherwise take each next request, until one
/// waits for the answer to a ping.
const SILENT: Duration = Duration::from_secs(1);

/// A connection while a request uses it. Its drop ends the use, however the request ended:
///
/// - HTTP/1.1: the connection is kept for other requests if the upload was sent and the response
///   was read completely. If not, it is cut. hyper alone would finish a write that it has begun,
///   even of 100 MiB, and would wait for ever for a server that does not read.
/// - HTTP/2: hyper resets the request's stream, and the connection stays open for others. If the
///   server has answered but does not read the upload, or if it has been silent ([`SILENT`]), no
///   other request gets the connection, and it is cut after the requests that share it.
pub(crate) struct Lease {
    pool: Arc<Pool>,
    origin: Origin,
    /// `None` after the connection has ended.
    channel: Option<Channel>,
    handle: Handle,
    /// The number of the network that the connection was opened on.
    network: u64,
    /// How often the device had slept when the request got the connection.
    sleeps: u64,
    flow: Arc<Flow>,
    /// When the request was given to an HTTP/2 connection.
    sent_at: Option<Instant>,
    /// The number of the response on its connection, once its head has arrived.
    response: Option<u64>,
    reuse: Reuse,
}

/// When a connection can be used again after its response.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reuse {
    AtOnce,
    /// After [`QUIET`]: the server may send a body that the response must not have.
    WhenQuiet,
    /// Never: the server has announced such a body.
    Never,
}

impl Lease {
    /// Makes the lease of a request that already counts as a user of the connection.
    pub(crate) fn new(pool: Arc<Pool>, network: u64, origin: Origin, channel: Channel) -> Self {
        Self {
            pool,
            network,
            origin,
            handle: channel.handle().clone(),
            channel: Some(channel),
            sleeps: registry::get().sleeps(),
            flow: Arc::new(Flow::new()),
            sent_at: None,
            response: None,
            reuse: Reuse::AtOnce,
        }
    }

    pub(crate) fn handle(&self) -> &Handle {
        &self.handle
    }

    /// What the request moves over the connection.
    pub(crate) fn flow(&self) -> &Arc<Flow> {
        &self.flow
    }

    /// Waits until a moment. Returns true if the connection is still open and the server has sent
    /// nothing meanwhile.
    pub(crate) async fn stays_quiet_until(&self, moment: Option<Instant>) -> bool {
        let Some(moment) = moment.filter(|moment| *moment > Instant::now()) else { return true };
        tokio::select! {
            () = tokio::time::sleep_until(moment.into()) => {
                self.channel.as_ref().is_some_and(Channel::is_ready)
            }
            () = self.handle.ended() => false,
        }
    }

    /// Sends a request and waits for the head of its response.
    pub(crate) async fn send(&mut self, request: Outgoing) -> Answer {
        self.sent_at = self.handle.is_http2().then(Instant::now);
        let channel =
            self.channel.as_mut().expect("it is dropped only below, and a lease sends one request");
        // Outside tokio's budget: a task that has used it up would be woken to look again, and over
        // HTTP/1.1 it is not woken.
        let mut answer = std::pin::pin!(coop::unconstrained(channel.send(request)));
        let mut ended = std::pin::pin!(self.handle.ended());
        let answered = poll_fn(|cx| {
            // Before the answer, which it brings.
            let has_ended = match self.handle.is_http2() {
                true => ended.as_mut().poll(cx),
                false => channel.poll_work(cx),
            };
            match channel.take_quietly(cx, |cx| answer.as_mut().poll(cx)) {
                Poll::Ready(answer) => Poll::Ready(Some(answer)),
                Poll::Pending => has_ended.map(|()| None),
            }
        });
        if let Some(answer) = answered.await {
            return answer;
        }
        // hyper fails the requests of a connection that ends, but forgets one that arrives at that
        // very moment: it stays in a queue until every sender of the connection is dropped (hyper
        // issue 2312).
        registry::get().forget(&self.handle);
        self.channel = None;
        answer.await
    }

    /// Takes a part of the body: see [`Channel::take_quietly`].
    pub(crate) fn take_quietly<T>(
        &self,
        cx: &mut Context<'_>,
        take: impl FnOnce(&mut Context<'_>) -> T,
    ) -> T {
        match &self.channel {
            Some(channel) => channel.take_quietly(cx, take),
            None => take(cx),
        }
    }

    /// Reads and writes for the response, if nothing else does.
    pub(crate) fn poll_work(&self, cx: &mut Context<'_>) {
        if let Some(channel) = &self.channel {
            let _ = channel.poll_work(cx); // the body says how it ended
        }
    }

    /// Returns a lease whose channel reads the head again, if it has too many fields for this one:
    /// see [`Channel::read_again`].
    pub(crate) async fn read_again(&mut self, config: &ClientConfig) -> Option<Self> {
        let channel = self.channel.take()?.read_again(config).await?;
        let (pool, origin) = (Arc::clone(&self.pool), self.origin.clone());
        let mut again = Self::new(pool, self.network, origin, channel);
        again.flow = Arc::clone(&self.flow);
        Some(again)
    }

    /// Records that the head of the response has arrived.
    pub(crate) fn begin_response(
        &mut self,
        method: &Method,
        status: StatusCode,
        headers: &HeaderMap,
    ) {
        self.response = Some(self.handle.responses().begin());
        if !head::has_body(method, status) {
            let announces = *method != Method::HEAD && head::announces_body(headers);
            self.reuse = if announces { Reuse::Never } else { Reuse::WhenQuiet };
        }
    }

    /// Stops the client from keeping connections to this server for a while.
    pub(crate) fn distrust(&self) {
        self.pool.distrust(self.origin.clone());
    }

    /// Keeps an HTTP/1.1 connection whose response was read.
    fn give_back(&mut self, mut channel: Channel) {
        if self.reuse == Reuse::Never || self.handle.is_broken() {
            self.handle.cut();
            return;
        }
        let quiet = self.reuse == Reuse::WhenQuiet;
        let (pool, origin) = (Arc::clone(&self.pool), self.origin.clone());
        let (network, sleeps) = (self.network, self.sleeps);
        let keep = move |channel| {
            let quiet_until = quiet.then(|| Instant::now() + QUIET);
            pool.keep(pool.pooled(network, origin, channel, quiet_until), sleeps);
        };
        if channel.rest() {
            keep(channel);
        } else if let Ok(runtime) = runtime::get() {
            // hyper still reads the rest of a body that was dropped, if the rest has arrived.
            runtime.spawn(async move {
                if channel.wait_ready().await {
                    keep(channel);
                }
            });
        }
    }

    /// Returns true if the response is not complete and nothing has arrived for a while.
    fn is_silent(&self) -> bool {
        let Some(sent_at) = self.sent_at else { return false };
        let is_complete = self.flow.progress().response_end.is_some();
        !is_complete && sent_at.elapsed().min(self.handle.traffic().silence().lasts()) >= SILENT
    }

    /// Leaves an HTTP/2 connection to the requests that share it.
    fn leave_http2(&self) {
        if self.response.is_none() {
            self.handle.responses().forgo(); // its head may still arrive
        }
        // The server has answered and does not read the rest of the upload: hyper and h2 would keep
        // both the body and the connection for as long as the server likes.
        let is_unread = self.response.is_some() && !self.flow.is_sent();
        if is_unread || self.is_silent() {
            self.handle.doom();
            registry::get().forget(&self.handle);
        }
        let was_last = registry::get().release(&self.handle, self.pool.may_keep());
        self.pool.close_surplus(); // the host app may be in the background by now
        if was_last {
            self.handle.cut_if_doomed();
        }
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.handle.traffic().end(&self.flow);
        if self.handle.is_http2() {
            return self.leave_http2();
        }
        self.handle.leave();
        if let Some(number) = self.response {
            self.handle.responses().finish(number);
        }
        if self.response.is_none() || !self.flow.is_sent() {
            self.handle.cut();
        } else if let Some(channel) = self.channel.take() {
            self.give_back(channel);
        }
    }
}
