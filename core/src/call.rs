//! The state of a call: it runs, may end early, and is settled once.

pub(crate) mod background;
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
use crate::observe::watch::Watch;
use crate::sync::Lock;
use crate::timing::recorder::Recorder;
use crate::trace::Trace;
use crate::wire::moment::Moment;

/// One call, shared by all that may end it: its task, the gate and its client.
///
/// The state is behind one lock, so exactly one wins of an abort, the end of the client and the
/// result of the work. [`end`](Self::end) only records an error and wakes [`run`](Self::run), which
/// drops the work. So connections are closed on a thread of the engine, and never on the thread
/// that aborts.
pub(crate) struct Call {
    recorder: Recorder,
    watch: Option<Box<Watch>>,
    state: Lock<State>,
}

enum State {
    /// It runs. Its end wakes this waker.
    Running(Option<Waker>),
    /// It fails with this error as soon as its work is dropped.
    Ended(Error),
    /// It has its outcome, and nothing changes it.
    Settled,
}

impl Call {
    /// A call that is started now. Nobody watches it, or `watch` does.
    pub(crate) fn start(watch: Option<Box<Watch>>) -> Self {
        let started = Moment::now();
        let trace = Trace::made_at(started.wall);
        let recorder = Recorder::start(trace, started.instant, started.wall);
        Self { recorder, watch, state: Lock::new(State::Running(None)) }
    }

    /// When it was started. Not kept twice: a thousand calls may be queued.
    pub(crate) fn started(&self) -> Moment {
        let (instant, wall) = self.recorder.started();
        Moment { instant, wall }
    }

    pub(crate) fn trace(&self) -> &Trace {
        self.recorder.trace()
    }

    pub(crate) fn recorder(&self) -> &Recorder {
        &self.recorder
    }

    pub(crate) fn watch(&self) -> Option<&Watch> {
        self.watch.as_deref()
    }

    /// Tells who watches the call, if somebody does.
    pub(crate) fn watched(&self, tell: impl FnOnce(&Watch, &Recorder)) {
        if let Some(watch) = &self.watch {
            tell(watch, &self.recorder);
        }
    }

    /// Lets the call fail with this error, unless it has ended or is settled. Returns true if it
    /// fails with this error.
    pub(crate) fn end(&self, error: Error) -> bool {
        let mut state = self.state.lock();
        let State::Running(waker) = &mut *state else { return false };
        let waker = waker.take();
        *state = State::Ended(error);
        // Waking runs code of the executor, which must not find the lock held.
        drop(state);
        if let Some(waker) = waker {
            waker.wake();
        }
        true
    }

    /// Returns true if the call has ended or is settled.
    pub(crate) fn is_over(&self) -> bool {
        !matches!(*self.state.lock(), State::Running(_))
    }

    /// Runs the call's work until it finishes, panics, or the call ends, and settles the call. The
    /// work and all that it held have been dropped when this returns.
    pub(crate) async fn run<T, E: From<Error>>(
        &self,
        work: impl Future<Output = Result<T, E>>,
    ) -> Result<T, E> {
        let result = AssertUnwindSafe(self.until_ended(work)).catch_unwind().await;
        let before = mem::replace(&mut *self.state.lock(), State::Settled);
        match (before, result) {
            // The error wins even if the work has just finished: `end` has returned true for it.
            (State::Ended(error), _) => Err(error.into()),
            (_, Ok(Some(result))) => result,
            (_, _) => {
                log::error!("a panic in the engine ended call {}", self.trace());
                Err(Error::Internal.into())
            }
        }
    }

    /// The result of the work, or `None` if the call ends first.
    async fn until_ended<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        let mut work = pin!(work);
        poll_fn(|cx| {
            // Before the work, so that it does nothing more after the call has ended.
            if self.poll_ended(cx.waker()).is_ready() {
                return Poll::Ready(None);
            }
            work.as_mut().poll(cx).map(Some)
        })
        .await
    }

    /// Ready when the call has ended.
    fn poll_ended(&self, waker: &Waker) -> Poll<()> {
        let mut state = self.state.lock();
        let State::Running(known) = &mut *state else { return Poll::Ready(()) };
        if !known.as_ref().is_some_and(|known| known.will_wake(waker)) {
            *known = Some(waker.clone());
        }
        Poll::Pending
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex, mpsc};

    use super::*;

    static CALL: Mutex<Option<Arc<Call>>> = Mutex::new(None);

    /// The log of a host app that aborts the call of each record.
    struct Aborts;

    impl log::Log for Aborts {
        fn enabled(&self, _: &log::Metadata<'_>) -> bool {
            true
        }

        fn log(&self, record: &log::Record<'_>) {
            let call = CALL.lock().expect("no panic under it").clone();
            // Other tests log as well.
            let names_it =
                |call: &Arc<Call>| record.args().to_string().contains(call.trace().as_str());
            if let Some(call) = call.filter(names_it) {
                call.end(Error::Aborted);
            }
        }

        fn flush(&self) {}
    }

    #[test]
    fn a_log_that_aborts_the_call_of_its_record_blocks_nothing() {
        log::set_boxed_logger(Box::new(Aborts)).unwrap();
        log::set_max_level(log::LevelFilter::Error);
        let call = Arc::new(Call::start(None));
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
