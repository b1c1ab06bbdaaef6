//! A call under way: its handle, its abort, and the completion that comes exactly once.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use futures_util::FutureExt as _;
use tokio_util::sync::CancellationToken;

use crate::error::Error;
use crate::outcome::Outcome;
use crate::response::Response;
use crate::runtime;
use crate::trace::Trace;

/// Longer than this, and a completion holds up others.
const SLOW_COMPLETION: Duration = Duration::from_millis(100);

/// A call under way. Dropping it leaves the call alone; it can be cloned and used from any thread.
#[derive(Clone, Debug)]
pub struct RequestTask {
    trace: Trace,
    abort: CancellationToken,
}

impl RequestTask {
    /// Ends the call with 301 `abort`, unless it has its outcome already. Any number of times, at any
    /// time, from any thread; the completion comes later, never from within.
    pub fn abort(&self) {
        self.abort.cancel();
    }

    /// The call's id.
    pub fn trace(&self) -> &Trace {
        &self.trace
    }
}

/// Runs `work` on the runtime and calls `completion` with its outcome: once, on one of the runtime's
/// threads, whatever happens.
pub(crate) fn spawn(
    trace: Trace,
    closed: CancellationToken,
    work: impl Future<Output = Result<Response, Error>> + Send + 'static,
    completion: impl FnOnce(Outcome) + Send + 'static,
) -> RequestTask {
    let task = RequestTask { trace, abort: CancellationToken::new() };
    let abort = task.abort.clone();
    let runtime = match runtime::get() {
        Ok(runtime) => runtime,
        Err(error) => {
            complete_elsewhere(completion, Outcome::new(trace, Err(error)));
            return task;
        }
    };
    runtime.spawn(async move {
        let work = AssertUnwindSafe(work).catch_unwind();
        let result = tokio::select! {
            biased;
            () = abort.cancelled() => Err(Error::Aborted),
            () = closed.cancelled() => Err(Error::ClientClosed),
            result = work => result.unwrap_or_else(|_| {
                log::error!("a panic in the engine ended call {trace}");
                Err(Error::Internal)
            }),
        };
        complete(completion, Outcome::new(trace, result));
    });
    task
}

/// Completes a call that has no runtime to complete on: on a thread of its own.
fn complete_elsewhere(completion: impl FnOnce(Outcome) + Send + 'static, outcome: Outcome) {
    let once = Arc::new(Mutex::new(Some(
        Box::new(move || complete(completion, outcome)) as Box<dyn FnOnce() + Send>
    )));
    let run = |once: &Mutex<Option<Box<dyn FnOnce() + Send>>>| {
        let complete = once.lock().unwrap_or_else(PoisonError::into_inner).take();
        complete.expect("run by the thread, or here where there is none")();
    };
    let there = Arc::clone(&once);
    if std::thread::Builder::new().spawn(move || run(&there)).is_err() {
        // No thread to be had at all: early is better than never.
        run(&once);
    }
}

fn complete(completion: impl FnOnce(Outcome), outcome: Outcome) {
    let (trace, begun) = (*outcome.trace(), Instant::now());
    if catch_unwind(AssertUnwindSafe(|| completion(outcome))).is_err() {
        log::error!("the completion of call {trace} panicked");
    }
    if begun.elapsed() > SLOW_COMPLETION {
        log::warn!("the completion of call {trace} took {} ms", begun.elapsed().as_millis());
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;
    use crate::errno::Errno;

    #[test]
    fn a_panic_inside_the_engine_is_a_102_and_hurts_no_other_call() {
        for _ in 0..20 {
            let (sender, outcomes) = mpsc::channel();
            let trace = Trace::new();
            let work = async { panic!("on purpose: a panic inside the engine") };
            spawn(trace, CancellationToken::new(), work, move |outcome| {
                sender.send(outcome).unwrap();
            });
            let outcome = outcomes.recv().unwrap();
            assert_eq!(outcome.result().unwrap_err().errno(), Errno::INTERNAL);
            assert_eq!(outcome.err_msg(), "request:fail internal error");
            assert_eq!(*outcome.trace(), trace);
            assert!(outcomes.recv().is_err(), "the completion came once");
        }
    }

    #[test]
    fn without_a_runtime_the_completion_comes_on_a_thread_of_its_own() {
        let (sender, outcomes) = mpsc::channel();
        let caller = std::thread::current().id();
        let outcome = Outcome::new(Trace::new(), Err(Error::Internal));
        complete_elsewhere(
            move |outcome| sender.send((outcome, std::thread::current().id())).unwrap(),
            outcome,
        );
        let (outcome, thread) = outcomes.recv().unwrap();
        assert_eq!(outcome.result().unwrap_err(), &Error::Internal);
        assert_ne!(thread, caller);
    }
}
