//! Runs long work without a pause away from the threads that run requests.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use tokio::sync::{Semaphore, oneshot};

use crate::error::Error;
use crate::sync::Lock;

type Work = Box<dyn FnOnce() + Send>;

/// How many threads do the engine's own work at a time. More would leave no processor for the
/// threads that run requests, and no thread for the name service.
static PLACES: Semaphore = Semaphore::const_new(4);

/// Does the work on a blocking thread, and returns its result. The work runs to its end even if the
/// future is dropped.
///
/// # Errors
///
/// The work fails, or panics.
pub(crate) async fn result_of<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    let place = PLACES.acquire().await.expect("nobody closes it");
    let (sender, receiver) = oneshot::channel();
    run(move || {
        let result = work();
        drop(place);
        let _ = sender.send(result); // fails if the future was dropped
    });
    receiver.await.unwrap_or_else(|_| {
        log::error!("a panic in the engine, in the work of a call on another thread");
        Err(Error::Internal)
    })
}

/// Does the work exactly once, on a blocking thread, or on this one if the system has no more. For
/// threads of the runtime; others call `runtime::run_blocking`.
pub(crate) fn run(work: impl FnOnce() + Send + 'static) {
    run_by(Box::new(work), |work| {
        // tokio panics if the system has no thread for it. It has queued the work by then.
        catch_unwind(AssertUnwindSafe(|| tokio::task::spawn_blocking(work))).is_ok()
    });
}

/// Does the work exactly once, on a new thread, or on this one if the system has no more.
pub(crate) fn run_on_new_thread(work: impl FnOnce() + Send + 'static) {
    run_by(Box::new(work), |work| std::thread::Builder::new().spawn(work).is_ok());
}

/// Does the work on the thread that `spawn` chooses, or on this thread if `spawn` returns false.
///
/// The work sits behind a lock, and the first to take it does it. So it is done once even if
/// `spawn` fails but has queued it.
fn run_by(work: Work, spawn: impl FnOnce(Work) -> bool) {
    let once = Arc::new(Lock::new(Some(work)));
    let there = Arc::clone(&once);
    let run = |once: &Lock<Option<Work>>| {
        let work = once.lock().take();
        if let Some(work) = work {
            work();
        }
    };
    if !spawn(Box::new(move || run(&there))) {
        run(&once);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::thread;

    use super::*;

    #[test]
    fn work_is_done_once_on_another_thread_or_here_if_there_is_none() {
        let here = thread::current().id();
        let (sender, done) = mpsc::channel();
        let work = || {
            let sender = sender.clone();
            move || sender.send(thread::current().id()).unwrap()
        };
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async { run(work()) });
        assert_ne!(done.recv().unwrap(), here);
        run_on_new_thread(work());
        assert_ne!(done.recv().unwrap(), here);
        run(work()); // there is no runtime
        assert_eq!(done.recv().unwrap(), here);
        // `spawn` fails, but has taken the work.
        let mut kept = None;
        run_by(Box::new(work()), |work| {
            kept = Some(work);
            false
        });
        assert_eq!(done.recv().unwrap(), here);
        kept.unwrap()();
        drop(sender);
        assert!(done.recv().is_err(), "once each");
    }

    #[test]
    fn a_panic_in_the_work_is_an_internal_error() {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let result = runtime.block_on(result_of::<()>(|| panic!("on purpose: a panic there")));
        assert_eq!(result, Err(Error::Internal));
        assert_eq!(runtime.block_on(result_of(|| Ok(1))), Ok(1));
    }
}
