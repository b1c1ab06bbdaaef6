//! The stays of an app in the background: calls go on until the grace period expires.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::AbortHandle;

use crate::call::gate::Gate;
use crate::runtime;
use crate::sync::Lock;

/// After a longer stay in the background, the device may have slept and may have another network
/// now (docs/contract.md#7-the-gate).
const LONG_STAY: Duration = Duration::from_secs(30);

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
        // Without a runtime no call is in flight, so the grace period can end at once.
        let has_grace = self.grace.is_some_and(|grace| !grace.is_zero());
        let runtime = has_grace.then(runtime::get).and_then(Result::ok);
        let mut timer = self.timer.lock();
        let Some(stay) = self.gate.enter_background() else { return };
        let Some(grace) = self.grace else { return };
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

    /// Returns true if the host app has been in the background for so long that the network may
    /// have changed.
    pub(crate) fn is_long(&self) -> bool {
        self.gate.time_in_background().is_some_and(|time| time > LONG_STAY)
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
