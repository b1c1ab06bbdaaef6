//! Whether the events of a call may flow, shared by the call and its task.

use std::task::Waker;

use crate::sync::Lock;

/// Stops and resumes the events of one call.
pub(crate) struct Flow(Lock<State>);

struct State {
    is_paused: bool,
    /// Wakes the call that waits for the end of the pause.
    waker: Option<Waker>,
}

impl Flow {
    pub(crate) fn new(is_paused: bool) -> Self {
        Self(Lock::new(State { is_paused, waker: None }))
    }

    pub(crate) fn pause(&self) {
        self.0.lock().is_paused = true;
    }

    /// Ends the pause, and wakes the call.
    pub(crate) fn resume(&self) {
        let mut state = self.0.lock();
        state.is_paused = false;
        let waker = state.waker.take();
        // Waking runs code of the executor, which must not find the lock held.
        drop(state);
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    pub(crate) fn is_paused(&self) -> bool {
        self.0.lock().is_paused
    }

    /// Returns true if events are paused. The end of the pause then wakes this waker.
    pub(crate) fn is_paused_for(&self, waker: &Waker) -> bool {
        let mut state = self.0.lock();
        if state.is_paused && !state.waker.as_ref().is_some_and(|known| known.will_wake(waker)) {
            state.waker = Some(waker.clone());
        }
        state.is_paused
    }
}
