//! The one runtime of the process, where all requests run.

pub(crate) mod blocking;

use std::io::ErrorKind;
use std::num::NonZeroUsize;
use std::panic::catch_unwind;
use std::sync::{Arc, Mutex};

use once_cell::sync::OnceCell;
use tokio::runtime::{Builder, Runtime};

use crate::error::Error;

/// Threads that run requests, where the host says nothing. They wait more than they work; two keep
/// a slow completion from holding up everything.
const WORKER_THREADS: usize = 2;

/// More would not make anything faster: they are not what a request waits for.
const MAX_WORKER_THREADS: usize = 64;

/// Threads that wait: for name services, trust anchors and the storage of cookies; they end when
/// idle.
const MAX_BLOCKING_THREADS: usize = 64;

/// Of workers and of threads that wait.
const THREAD_NAME: &str = "gadget-request";

static RUNTIME: OnceCell<Runtime> = OnceCell::new();
static WANTED_WORKER_THREADS: OnceCell<usize> = OnceCell::new();

/// Sets how many threads run requests and completions, for all clients of the process. Without it
/// there are two, named `gadget-request`; beside them, up to 64 of the same name wait for the name
/// service and end when idle.
///
/// # Errors
///
/// It counts once, and only before the first request: afterwards the number in force is returned.
/// More than 64 are 64.
///
/// ```
/// gadget_request::set_worker_threads(std::num::NonZeroUsize::MIN).unwrap();
/// assert_eq!(gadget_request::set_worker_threads(std::num::NonZeroUsize::MAX), Err(1)); // too late
/// ```
pub fn set_worker_threads(threads: NonZeroUsize) -> Result<(), usize> {
    let threads = threads.get().min(MAX_WORKER_THREADS);
    // Decided here or at the first request, whichever comes first.
    match WANTED_WORKER_THREADS.try_insert(threads) {
        Ok(_) => Ok(()),
        Err((in_force, _)) => Err(*in_force),
    }
}

/// The runtime, made at the first request.
pub(crate) fn get() -> Result<&'static Runtime, Error> {
    RUNTIME.get_or_try_init(|| {
        let threads = *WANTED_WORKER_THREADS.get_or_init(|| WORKER_THREADS);
        // tokio panics where a worker cannot be had, and leaves the others waiting: so ask first.
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

/// Whether so many threads can be had at once.
fn can_have_threads(count: usize) -> Result<(), Error> {
    let (sender, receiver) = std::sync::mpsc::channel::<()>();
    let receiver = Arc::new(Mutex::new(receiver));
    let mut probes = Vec::new();
    for _ in 0..count {
        let receiver = Arc::clone(&receiver);
        // Waits until the last of them is there.
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
    log::error!("no threads for requests: {error}");
    Error::Internal
}
