//! The handle of a running call, and the completion that comes exactly once.

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
use crate::response::flow::Flow;
use crate::runtime;
use crate::runtime::blocking;
use crate::trace::Trace;

/// A completion that takes longer is logged: it delays others.
const SLOW_COMPLETION: Duration = Duration::from_millis(100);

/// The handle of a started call. Clone it freely and use it from any thread. Dropping it does not
/// abort the call.
#[derive(Clone)]
pub struct RequestTask {
    call: Arc<Call>,
    gate: Arc<Gate>,
    /// Its number at the gate; `None` if it was refused.
    number: Option<u64>,
    /// Of a call with a listener.
    flow: Option<Arc<Flow>>,
}

impl RequestTask {
    pub(crate) fn new(
        call: Arc<Call>,
        gate: &Arc<Gate>,
        number: Option<u64>,
        flow: Option<Arc<Flow>>,
    ) -> Self {
        Self { call, gate: Arc::clone(gate), number, flow }
    }

    /// Aborts the call: it fails with 301 `abort`, unless it has its outcome already.
    ///
    /// Call it any number of times, at any time, from any thread. It never calls the completion
    /// itself.
    ///
    /// When it returns, a queued call has left the queue and sends nothing. A call in flight no
    /// longer counts as in flight; a thread of the engine closes its connection or resets its
    /// HTTP/2 stream.
    pub fn abort(&self) {
        self.call.end(Error::Aborted);
        // Even if another thread ended the call first: this promise is for every caller of `abort`.
        if let Some(number) = self.number {
            self.gate.cancel(number);
        }
    }

    /// Lets events come again after the listener has said [`Demand::Pause`](crate::Demand::Pause).
    ///
    /// Call it from any thread, also from within the listener. It never calls the listener itself.
    /// It has no effect if events are not paused, or if the call has no listener.
    pub fn resume(&self) {
        if let Some(flow) = &self.flow {
            flow.resume();
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

/// Runs a call's work on the runtime, and calls `completion` with its outcome: exactly once, on a
/// thread of the engine, whatever happens.
pub(crate) fn spawn(
    call: Arc<Call>,
    work: impl Future<Output = Result<Response, Failure>> + Send + 'static,
    completion: impl FnOnce(Outcome) + Send + 'static,
) {
    // Boxed, because each future around it would reserve the whole size of the work again.
    let work = Box::pin(work);
    match runtime::get() {
        Ok(runtime) => {
            runtime.spawn(async move {
                let outcome = Outcome::new(*call.trace(), call.run(work).await);
                let outcome = outcome.timed(call.recorder().timing());
                settled(&call, &outcome);
                // The completion of a host app builds the JSON of the result, and copies it.
                let is_large = outcome.result().is_ok_and(Response::is_large);
                let completes = move || complete(completion, outcome);
                if is_large { blocking::run(completes) } else { completes() }
            });
        }
        Err(error) => {
            drop(work);
            let outcome = Outcome::new(*call.trace(), Err(error));
            settled(&call, &outcome);
            blocking::run_on_new_thread(move || complete(completion, outcome));
        }
    }
}

/// Tells how the call has ended, before its completion is called: to the log, in one line for each
/// call, and to who watches it.
fn settled(call: &Call, outcome: &Outcome) {
    let is_logged = log::log_enabled!(log::Level::Debug);
    if !is_logged && call.watch().is_none() {
        return;
    }
    // The log is code of the host app, and the completion must come.
    let told = catch_unwind(AssertUnwindSafe(|| {
        call.watched(|watch, recorder| {
            watch.end(recorder, outcome.result(), outcome.cause(), outcome.timing(), |max| {
                outcome.json_within(max)
            });
        });
        if is_logged {
            let millis = call.recorder().micros_so_far() / 1000;
            log::debug!("call {}{}, {millis} ms", outcome.trace(), in_words(outcome));
        }
    }));
    drop(told);
}

/// An outcome for the log, without a 104's reason, which may name a header.
fn in_words(outcome: &Outcome) -> String {
    match (outcome.result(), outcome.cause()) {
        (Ok(response), _) => format!(": status {}", response.status()),
        (Err(error), None) => format!(" failed: {}", error.detail()),
        (Err(error), Some(cause)) => format!(" failed: {} ({cause})", error.detail()),
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
    use crate::call::gate::{Bounds, Needs};
    use crate::errno::Errno;

    #[test]
    fn a_panic_inside_the_engine_is_a_102_frees_its_place_and_hurts_no_other_call() {
        let gate = Arc::new(Gate::new(Bounds { calls: 0, bytes: 0, time: None }));
        for _ in 0..20 {
            let (sender, outcomes) = mpsc::channel();
            let call = Arc::new(Call::start(None));
            let permit = gate.enqueue(&call, Needs { bytes: 0, timeout: Duration::MAX }).unwrap();
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
