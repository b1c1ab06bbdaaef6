//! The state of a call: it runs, may be ended early, and is settled once.

pub(crate) mod gate;
#[cfg(all(test, gadget_loom))]
mod loom_models;
pub(crate) mod task;

use std::future::{Future, poll_fn};
use std::mem;
use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::task::{Poll, Waker};

use futures_util::FutureExt as _;

use crate::error::Error;
use crate::sync::Lock;
use crate::trace::Trace;

/// One call, as those see it who may end it: its abort, the gate, the end of its client.
pub(crate) struct Call {
    trace: Trace,
    state: Lock<State>,
}

enum State {
    /// Nothing is decided. Holds whom to wake when it is ended.
    Running(Option<Waker>),
    /// It is to fail with this, but has not been settled yet.
    Ended(Error),
    /// Its outcome is chosen; nothing changes it any more.
    Settled,
}

impl Call {
    pub(crate) fn new(trace: Trace) -> Self {
        Self { trace, state: Lock::new(State::Running(None)) }
    }

    pub(crate) fn trace(&self) -> &Trace {
        &self.trace
    }

    /// Lets the call fail with this error, unless it is settled or was ended before; whether it does.
    pub(crate) fn end(&self, error: Error) -> bool {
        let mut state = self.state.lock();
        let State::Running(waker) = &mut *state else { return false };
        let waker = waker.take();
        *state = State::Ended(error);
        drop(state);
        if let Some(waker) = waker {
            waker.wake();
        }
        true
    }

    /// Runs the call's work until it is done, panics, or the call is ended, and settles the call. The work is
    /// gone when this returns, with all that it held.
    pub(crate) async fn run<T, E: From<Error>>(
        &self,
        work: impl Future<Output = Result<T, E>>,
    ) -> Result<T, E> {
        let result = AssertUnwindSafe(self.until_ended(work)).catch_unwind().await;
        let before = mem::replace(&mut *self.state.lock(), State::Settled);
        match (before, result) {
            (State::Ended(error), _) => Err(error.into()),
            (_, Ok(Some(result))) => result,
            (_, _) => {
                log::error!("a panic in the engine ended call {}", self.trace);
                Err(Error::Internal.into())
            }
        }
    }

    /// What the work comes to; nothing, where the call is ended first.
    async fn until_ended<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        let mut work = pin!(work);
        poll_fn(|cx| {
            if self.is_ended_or_wakes(cx.waker()) {
                return Poll::Ready(None);
            }
            work.as_mut().poll(cx).map(Some)
        })
        .await
    }

    /// Whether the call is ended; if not, its end will wake this one.
    fn is_ended_or_wakes(&self, waker: &Waker) -> bool {
        let mut state = self.state.lock();
        let State::Running(known) = &mut *state else { return true };
        if !known.as_ref().is_some_and(|known| known.will_wake(waker)) {
            *known = Some(waker.clone());
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex, mpsc};

    use super::*;

    static CALL: Mutex<Option<Arc<Call>>> = Mutex::new(None);

    /// A host's log that aborts the call of which it is told.
    struct Aborts;

    impl log::Log for Aborts {
        fn enabled(&self, _: &log::Metadata<'_>) -> bool {
            true
        }

        fn log(&self, record: &log::Record<'_>) {
            let call = CALL.lock().expect("no panic under it").clone();
            // Other tests log as well.
            let told = |call: &Arc<Call>| record.args().to_string().contains(call.trace().as_str());
            if let Some(call) = call.filter(told) {
                call.end(Error::Aborted);
            }
        }

        fn flush(&self) {}
    }

    #[test]
    fn a_log_that_aborts_the_call_it_is_told_of_holds_nothing_up() {
        log::set_boxed_logger(Box::new(Aborts)).unwrap();
        log::set_max_level(log::LevelFilter::Error);
        let call = Arc::new(Call::new(Trace::new()));
        *CALL.lock().unwrap() = Some(Arc::clone(&call));
        let (sender, results) = mpsc::channel();
        std::thread::spawn(move || {
            let work = async { panic!("on purpose: a panic that is logged") };
            let result: Result<(), Error> = pollster::block_on(call.run(work));
            sender.send(result).unwrap();
        });
        let patience = std::time::Duration::from_secs(10);
        assert_eq!(results.recv_timeout(patience), Ok(Err(Error::Internal)));
    }
}
