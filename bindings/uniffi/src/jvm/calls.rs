//! The running calls of Kotlin, by their traces: who knows a trace can abort its call, and nobody
//! has to free anything.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};

use gadget_request::RequestTask;

/// `None`: the call ended before its task was added.
type Running = HashMap<String, Option<RequestTask>>;

static RUNNING: LazyLock<Mutex<Running>> = LazyLock::new(Mutex::default);

/// Adds a call that was just started, unless it has ended already.
pub(crate) fn add(task: RequestTask) {
    let trace = task.trace().to_string();
    let mut running = running();
    if running.remove(&trace).is_none() {
        running.insert(trace, Some(task));
    }
}

/// Removes a call that has ended, perhaps while its task is on the way to [`add`].
pub(crate) fn end(trace: &str) {
    let mut running = running();
    if running.remove(trace).is_none() {
        running.insert(trace.to_owned(), None);
    }
}

/// Aborts the call with this trace. Has no effect if it has ended.
pub(crate) fn abort(trace: &str) {
    let task = running().get(trace).cloned().flatten();
    // Not under the lock: this wakes up the call, which ends.
    if let Some(task) = task {
        task.abort();
    }
}

/// Lets the next event of the call with this trace come. Has no effect if it has ended.
pub(crate) fn resume(trace: &str) {
    let task = running().get(trace).cloned().flatten();
    // Not under the lock: this wakes up the call, which may end.
    if let Some(task) = task {
        task.resume();
    }
}

/// The number of running calls.
pub(crate) fn count() -> usize {
    running().len()
}

fn running() -> MutexGuard<'static, Running> {
    RUNNING.lock().unwrap_or_else(PoisonError::into_inner)
}
