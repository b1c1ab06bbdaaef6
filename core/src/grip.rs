//! A request's hold on its connection: where the request goes before the connection is done with it, so does that.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::Extensions;
use hyper_util::client::legacy::connect::CaptureConnection;

use crate::connect::Connects;
use crate::connection::Link;

/// How long after the end of its connection a request knows of it.
const UNTOLD: Duration = Duration::from_millis(100);

/// Cuts an HTTP/1.1 connection where it is dropped while the connection belongs to its request alone: until the
/// response's head is there, and beyond that while the request is still being sent.
///
/// hyper writes to the end what it has begun, a body of 100 MiB too, or waits for ever on a server that does not
/// read. An HTTP/2 stream is reset by hyper.
pub(crate) struct Grip {
    captured: CaptureConnection,
    is_sent: Arc<AtomicBool>,
    is_closed: bool,
    /// The response's number among those of its connection.
    answer: Option<u64>,
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
        // As much a read as a write: see `Grip::answers`.
        self.is_sent.swap(true, Ordering::AcqRel);
    }
}

/// A body that tells when it is sent, without a copy of it.
pub(crate) fn upload(bytes: Bytes) -> (Bytes, Arc<AtomicBool>) {
    let is_sent = Arc::new(AtomicBool::new(bytes.is_empty()));
    if bytes.is_empty() {
        return (bytes, is_sent);
    }
    (Bytes::from_owner(Upload { bytes, is_sent: Arc::clone(&is_sent) }), is_sent)
}

impl Grip {
    pub(crate) fn new(captured: CaptureConnection, is_sent: Arc<AtomicBool>) -> Self {
        Self { captured, is_sent, is_closed: true, answer: None }
    }

    /// The connection that the request has, if it has one yet.
    pub(crate) fn link(&self) -> Option<Link> {
        link_of(&self.captured)
    }

    /// Comes back when the request's connection ended some time ago, and the request neither has another nor waits
    /// for one. hyper tells requests so, but for one that it was given in that very moment, which would wait for ever
    /// (hyper issue 2312).
    pub(crate) async fn is_forgotten(&self, connects: &Connects) {
        let mut captured = self.captured.clone();
        loop {
            drop(captured.wait_for_connection_metadata().await);
            let Some(link) = link_of(&captured) else { return std::future::pending().await };
            link.ended().await;
            let at_rest = connects.at_rest();
            tokio::time::sleep(UNTOLD).await;
            let was_at_rest = at_rest.is_some() && at_rest == connects.at_rest();
            if was_at_rest && link_of(&captured).is_some_and(|latest| latest.is_same(&link)) {
                return;
            }
        }
    }

    /// The response's head is there. Where all is sent, the connection may soon be another request's. Where not,
    /// it is kept out of the pool, and stays this one's; that is settled only by a second look.
    pub(crate) fn answers(&mut self) {
        self.answer = self.link().map(|link| link.answer_begins());
        if !self.is_sent.load(Ordering::Acquire) {
            self.poison();
        }
        self.is_closed = !self.is_sent.fetch_or(false, Ordering::AcqRel);
    }

    fn poison(&self) {
        self.captured.connection_metadata().as_ref().inspect(|connected| connected.poison());
    }
}

fn link_of(captured: &CaptureConnection) -> Option<Link> {
    let mut extensions = Extensions::new();
    captured.connection_metadata().as_ref()?.get_extras(&mut extensions);
    extensions.remove()
}

impl Drop for Grip {
    fn drop(&mut self) {
        match (self.link(), self.answer) {
            (Some(link), Some(answer)) if !link.is_http2() => link.answer_ends(answer),
            // Its head may come yet.
            (Some(link), None) if link.is_http2() => link.answer_is_forgone(),
            _ => {}
        }
        if !self.is_closed {
            return;
        }
        if let Some(link) = self.link().filter(|link| !link.is_http2()) {
            self.poison();
            link.cut();
        }
    }
}
