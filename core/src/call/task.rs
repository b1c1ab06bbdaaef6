//! A call under way: its handle, its abort, and the completion that comes exactly once.

use std::fmt;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::call::Call;
use crate::call::gate::Gate;
use crate::cause::Failure;
use crate::error::Error;
use crate::outcome::Outcome;
use crate::response::Response;
use crate::runtime;
use crate::runtime::blocking;
use crate::trace::Trace;

/// Longer than this, and a completion holds up others.
const SLOW_COMPLETION: Duration = Duration::from_millis(100);

/// A call under way. Dropping it leaves the call alone; it can be cloned and used from any thread.
#[derive(Clone)]
pub struct RequestTask {
    call: Arc<Call>,
    gate: Arc<Gate>,
    /// Its number at the gate; `None` if it was refused.
    number: Option<u64>,
}

impl RequestTask {
    pub(crate) fn new(call: Arc<Call>, gate: &Arc<Gate>, number: Option<u64>) -> Self {
        Self { call, gate: Arc::clone(gate), number }
    }

    /// Ends the call with 301 `abort`, unless it has its outcome already. Any number of times, at any
    /// time, from any thread; the completion comes later, never from within.
    ///
    /// A call that waits in the queue has left it when this returns, and sends nothing. One in flight has
    /// given up its place; its connection is closed, or its HTTP/2 stream reset, on a thread of the engine.
    pub fn abort(&self) {
        self.call.end(Error::Aborted);
        // Also where another thread was first: what holds when this returns holds for both.
        if let Some(number) = self.number {
            self.gate.give_up(number);
        }
    }

    /// The call's id.
    pub fn trace(&self) -> &Trace {
        self.call.trace()
    }
}

impl fmt::Debug for RequestTask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestTask").field("trace", self.trace()).finish_non_exhaustive()
    }
}

/// Runs a call's work on the runtime and calls `completion` with its outcome: once, on one of the runtime's
/// threads, whatever happens.
pub(crate) fn spawn(
    call: Arc<Call>,
    work: impl Future<Output = Result<Response, Failure>> + Send + 'static,
    completion: impl FnOnce(Outcome) + Send + 'static,
) {
    // Boxed: it passes through the futures around it, and each would have a copy of its room.
    let work = Box::pin(work);
    match runtime::get() {
        Ok(runtime) => {
            runtime.spawn(async move {
                let outcome = Outcome::new(*call.trace(), call.run(work).await);
                // Hosts build its JSON in there, and copy it.
                let is_large = outcome.result().is_ok_and(Response::is_large);
                let completes = move || complete(completion, outcome);
                if is_large { blocking::run(completes) } else { completes() }
            });
        }
        Err(error) => {
            drop(work);
            let outcome = Outcome::new(*call.trace(), Err(error));
            blocking::run_on_new_thread(move || complete(completion, outcome));
        }
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
    use crate::call::gate::Bounds;
    use crate::errno::Errno;

    #[test]
    fn a_panic_inside_the_engine_is_a_102_gives_up_its_place_and_hurts_no_other_call() {
        let gate = Arc::new(Gate::new(Bounds { calls: 0, bytes: 0 }));
        for _ in 0..20 {
            let (sender, outcomes) = mpsc::channel();
            let call = Arc::new(Call::new(Trace::new()));
            let permit = gate.line_up(&call, 0).unwrap();
            let work = async move {
                permit.granted().await;
                panic!("on purpose: a panic inside the engine")
            };
            spawn(Arc::clone(&call), work, move |outcome| sender.send(outcome).unwrap());
            let outcome = outcomes.recv().unwrap();
            assert_eq!(outcome.result().unwrap_err().errno(), Errno::INTERNAL);
            assert_eq!(outcome.err_msg(), "request:fail internal error");
            assert_eq!(outcome.trace(), call.trace());
            assert!(outcomes.recv().is_err(), "the completion came once");
            assert_eq!(gate.in_flight(), 0, "its place is free");
        }
    }
}
