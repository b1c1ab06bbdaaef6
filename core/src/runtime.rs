//! The one runtime of the process. All requests run on it.

pub(crate) mod blocking;

use std::io::ErrorKind;
use std::num::NonZeroUsize;
use std::panic::catch_unwind;
use std::sync::{Arc, Mutex};

use once_cell::sync::OnceCell;
use tokio::runtime::{Builder, Runtime};

use crate::error::Error;

/// How many threads run requests, unless the host app sets it. They mostly wait, so few are enough.
/// With two, one slow completion does not delay everything.
const WORKER_THREADS: usize = 2;

/// More threads would make nothing faster: requests wait for the network, not for a thread.
const MAX_WORKER_THREADS: usize = 64;

/// How many threads wait for name services, trust anchors and the storage of cookies. An idle one
/// ends.
const MAX_BLOCKING_THREADS: usize = 64;

/// The name of all threads of the runtime.
const THREAD_NAME: &str = "gadget-request";

static RUNTIME: OnceCell<Runtime> = OnceCell::new();
static WANTED_WORKER_THREADS: OnceCell<usize> = OnceCell::new();

/// Sets how many threads run requests and completions, for all clients of the process.
///
/// The default is two, and more than 64 count as 64. They are named `gadget-request`. In addition,
/// up to 64 threads of the same name wait for name services, trust anchors and the storage of
/// cookies, and end when idle.
///
/// # Errors
///
/// The number is fixed already, by an earlier call or by the first request. Returns this number.
///
/// ```
/// gadget_request::set_worker_threads(std::num::NonZeroUsize::MIN).unwrap();
/// assert_eq!(gadget_request::set_worker_threads(std::num::NonZeroUsize::MAX), Err(1)); // too late
/// ```
pub fn set_worker_threads(threads: NonZeroUsize) -> Result<(), usize> {
    let threads = threads.get().min(MAX_WORKER_THREADS);
    // The first request fixes the number too: see `get`.
    match WANTED_WORKER_THREADS.try_insert(threads) {
        Ok(_) => Ok(()),
        Err((in_force, _)) => Err(*in_force),
    }
}

/// The runtime. The first request starts it.
///
/// # Errors
///
/// The process cannot have the threads. The next request tries again.
pub(crate) fn get() -> Result<&'static Runtime, Error> {
    RUNTIME.get_or_try_init(|| {
        let threads = *WANTED_WORKER_THREADS.get_or_init(|| WORKER_THREADS);
        // If a worker thread cannot start, tokio panics and leaves the others waiting for ever. So
        // try the threads first.
        can_have_threads(threads)?;
        let build = || {
            Builder::new_multi_thread()
                .worker_threads(threads)
                .max_blocking_threads(MAX_BLOCKING_THREADS)
                .thread_name(THREAD_NAME)
                .enable_all()
                .build()
        };
        let built = catch_unwind(build).unwrap_or_else(|_| Err(ErrorKind::OutOfMemory.into()));
        built.map_err(no_threads)
    })
}

/// Does the work exactly once, for a caller on a thread of the host app: on a blocking thread of
/// the runtime, or on this one if the process cannot have threads.
pub(crate) fn run_blocking(work: impl FnOnce() + Send + 'static) {
    match get() {
        Ok(runtime) => {
            let _inside = runtime.enter();
            blocking::run(work);
        }
        Err(_) => work(),
    }
}

/// Starts this many threads at once, and ends them.
fn can_have_threads(count: usize) -> Result<(), Error> {
    let (sender, receiver) = std::sync::mpsc::channel::<()>();
    let receiver = Arc::new(Mutex::new(receiver));
    let mut probes = Vec::new();
    for _ in 0..count {
        let receiver = Arc::clone(&receiver);
        // Waits until all are started: the end of `sender` releases them.
        let wait = move || drop(receiver.lock().map(|receiver| receiver.recv()));
        probes.push(std::thread::Builder::new().spawn(wait).map_err(no_threads)?);
    }
    drop(sender);
    for probe in probes {
        let _ = probe.join();
    }
    Ok(())
}

fn no_threads(error: std::io::Error) -> Error {
    log::error!("the threads for requests cannot be started: {error}");
    Error::Internal
}
