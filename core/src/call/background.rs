//! The grace period of an app in the background: calls go on until it expires.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::AbortHandle;

use crate::call::gate::Gate;
use crate::runtime;
use crate::sync::Lock;

/// Suspends a client's calls when the host app has been in the background for its grace period.
///
/// The gate numbers the stays in the background, and each timer knows its stay. So a timer that
/// fires while the host app comes back has no effect on the calls of the foreground.
pub(crate) struct Background {
    gate: Arc<Gate>,
    /// `None` means that calls go on in the background.
    grace: Option<Duration>,
    /// The timer of the current stay.
    timer: Lock<Option<AbortHandle>>,
}

impl Background {
    pub(crate) fn new(gate: Arc<Gate>, grace: Option<Duration>) -> Self {
        Self { gate, grace, timer: Lock::new(None) }
    }

    /// Starts the grace period, unless the host app is in the background already.
    pub(crate) fn enter(&self) {
        let Some(grace) = self.grace else { return };
        // Without a runtime no call is in flight, so the grace period can end at once.
        let runtime = runtime::get().ok().filter(|_| !grace.is_zero());
        let mut timer = self.timer.lock();
        let Some(stay) = self.gate.enter_background() else { return };
        let gate = Arc::clone(&self.gate);
        match runtime {
            Some(runtime) => {
                let expires = runtime.spawn(async move {
                    tokio::time::sleep(grace).await;
                    gate.suspend(stay);
                });
                *timer = Some(expires.abort_handle());
            }
            None => {
                drop(timer);
                gate.suspend(stay);
            }
        }
    }

    /// Stops the grace period, and lets calls in again.
    pub(crate) fn leave(&self) {
        // Taken first: a stay that begins after `enter_foreground` has a timer that must run.
        let timer = self.timer.lock().take();
        self.gate.enter_foreground();
        if let Some(timer) = timer {
            timer.abort();
        }
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        // A running timer would hold the gate until it fires.
        self.leave();
    }
}
