//! What a call reports while it runs, on its way to Kotlin.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock, Weak};

use bytes::Bytes;
use gadget_request::{Demand, EventListener, RequestTask, ResponseHead};

use crate::jvm::callbacks::{Call, Callbacks};

/// Passes events on, as long as the call runs.
pub(super) struct Listener {
    callbacks: &'static Callbacks,
    /// The completion holds it: without one, there is nobody to hear more.
    call: Weak<Call>,
    lost: Arc<Lost>,
}

impl Listener {
    pub(super) fn new(callbacks: &'static Callbacks, call: &Arc<Call>) -> Self {
        Self { callbacks, call: Arc::downgrade(call), lost: Arc::default() }
    }

    pub(super) fn lost(&self) -> &Arc<Lost> {
        &self.lost
    }
}

impl EventListener for Listener {
    fn on_headers(&mut self, head: &ResponseHead) {
        let Some(call) = self.call.upgrade() else { return };
        if !self.callbacks.tell_headers(call, head) {
            self.lost.note();
        }
    }

    fn on_chunk(&mut self, chunk: Bytes) -> Demand {
        let Some(call) = self.call.upgrade() else { return Demand::Pause };
        if !self.callbacks.tell_chunk(call, &chunk) {
            self.lost.note();
        }
        Demand::Pause
    }
}

/// Ends a call if one of its events was lost, because the JVM had no memory for it: a body with a
/// hole must not look whole.
#[derive(Default)]
pub(super) struct Lost {
    is_noted: AtomicBool,
    task: OnceLock<RequestTask>,
}

impl Lost {
    fn note(&self) {
        self.is_noted.store(true, Ordering::SeqCst);
        if let Some(task) = self.task.get() {
            task.abort();
        }
    }

    pub(super) fn is_noted(&self) -> bool {
        self.is_noted.load(Ordering::SeqCst)
    }

    /// Gets the task, which was just started.
    pub(super) fn ends(&self, task: RequestTask) {
        let task = self.task.get_or_init(|| task);
        if self.is_noted() {
            task.abort();
        }
    }
}
