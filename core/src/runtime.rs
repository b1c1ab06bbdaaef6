//! The one runtime of the process, where all requests run.

use std::num::NonZeroUsize;

use once_cell::sync::OnceCell;
use tokio::runtime::{Builder, Runtime};

use crate::error::Error;

/// Threads that run requests, where the host says nothing. They wait more than they work; two keep a
/// slow completion from holding up everything.
const WORKER_THREADS: usize = 2;

/// Threads that wait for the system's name service and read its trust anchors; they end when idle.
const MAX_BLOCKING_THREADS: usize = 64;

static RUNTIME: OnceCell<Runtime> = OnceCell::new();
static WANTED_WORKER_THREADS: OnceCell<usize> = OnceCell::new();

/// Sets how many threads run requests and completions, for all clients of the process. Without it there
/// are two, named `gadget-request`; beside them, up to 64 of the same name wait for the name service and
/// end when idle.
///
/// # Errors
///
/// It counts once, and only before the first request: afterwards the number in force is returned.
///
/// ```
/// gadget_request::set_worker_threads(std::num::NonZeroUsize::MIN).unwrap();
/// assert_eq!(gadget_request::set_worker_threads(std::num::NonZeroUsize::MAX), Err(1));
/// ```
pub fn set_worker_threads(threads: NonZeroUsize) -> Result<(), usize> {
    let threads = threads.get();
    // Decided here or at the first request, whichever comes first.
    match WANTED_WORKER_THREADS.try_insert(threads) {
        Ok(_) => Ok(()),
        Err((in_force, _)) => Err(*in_force),
    }
}

/// The runtime, made at the first request.
pub(crate) fn get() -> Result<&'static Runtime, Error> {
    RUNTIME.get_or_try_init(|| {
        Builder::new_multi_thread()
            .worker_threads(*WANTED_WORKER_THREADS.get_or_init(|| WORKER_THREADS))
            .max_blocking_threads(MAX_BLOCKING_THREADS)
            .thread_name("gadget-request")
            .enable_all()
            .build()
            .map_err(|error| {
                log::error!("no threads for requests: {error}");
                Error::Internal
            })
    })
}
