//! What one request and its response move over their connection.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use crate::sync::Lock;

/// One request and its response on a connection. The connection counts their bytes here; the call
/// reads the counts, also after it has left the connection.
pub(crate) struct Flow {
    /// hyper has written the whole body.
    is_sent: AtomicBool,
    progress: Lock<Progress>,
}

/// How far a flow has come.
#[derive(Clone, Copy, Default)]
pub(crate) struct Progress {
    pub(crate) sent: u64,
    pub(crate) received: u64,
    pub(crate) first_write: Option<Instant>,
    last_write: Option<Instant>,
    /// When the last byte of the request was written.
    pub(crate) request_end: Option<Instant>,
    last_read: Option<Instant>,
    pub(crate) response_end: Option<Instant>,
}

impl Progress {
    /// When the latest bytes arrived.
    pub(crate) fn latest_read(&self) -> Instant {
        self.last_read.unwrap_or_else(Instant::now)
    }
}

impl Flow {
    /// The flow of a request without a body.
    pub(crate) fn new() -> Self {
        Self { is_sent: AtomicBool::new(true), progress: Lock::new(Progress::default()) }
    }

    /// Records whether the request has a body that hyper has not written yet.
    pub(crate) fn set_sent(&self, is_sent: bool) {
        self.is_sent.store(is_sent, Ordering::Release);
    }

    pub(crate) fn is_sent(&self) -> bool {
        self.is_sent.load(Ordering::Acquire)
    }

    /// Counts bytes that the connection took, and when.
    pub(crate) fn wrote(&self, bytes: usize, now: Instant) {
        let mut progress = self.progress.lock();
        progress.sent += bytes as u64;
        progress.first_write.get_or_insert(now);
        progress.last_write = Some(now);
    }

    /// Records that all of the request was written, with the last write.
    pub(crate) fn wrote_all(&self) {
        let mut progress = self.progress.lock();
        progress.request_end = progress.request_end.or(progress.last_write);
    }

    /// Counts bytes that arrived, and when.
    pub(crate) fn received(&self, bytes: usize, now: Instant) {
        let mut progress = self.progress.lock();
        progress.received += bytes as u64;
        progress.last_read = Some(now);
    }

    /// Records that the response is complete, with the last read.
    pub(crate) fn received_all(&self) {
        let mut progress = self.progress.lock();
        progress.response_end = progress.response_end.or(Some(progress.latest_read()));
    }

    pub(crate) fn progress(&self) -> Progress {
        *self.progress.lock()
    }
}
