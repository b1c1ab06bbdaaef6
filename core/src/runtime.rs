//! The one runtime of the process, where all requests run.

use once_cell::sync::OnceCell;
use tokio::runtime::{Builder, Runtime};

use crate::error::Error;

/// Threads that run requests. They wait more than they work; two keep a slow completion from
/// holding up everything.
const WORKER_THREADS: usize = 2;

/// Threads that wait for the system's name service and read its trust anchors; they end when idle.
const MAX_BLOCKING_THREADS: usize = 64;

/// The runtime, made at the first request.
pub(crate) fn get() -> Result<&'static Runtime, Error> {
    static RUNTIME: OnceCell<Runtime> = OnceCell::new();
    RUNTIME.get_or_try_init(|| {
        Builder::new_multi_thread()
            .worker_threads(WORKER_THREADS)
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
