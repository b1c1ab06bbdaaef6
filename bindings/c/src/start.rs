//! Starts a request; its completion gets the result.

use std::ffi::c_void;
use std::ptr;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use gadget_request::{EventListener, Outcome, RequestOptions, RequestTask};

use crate::client::{find, gadget_client};
use crate::context::{Callbacks, gadget_destroy};
use crate::guard::{guarded, put};
use crate::result::{Held, RESULTS, gadget_result};
use crate::slice::gadget_slice;
use crate::status::gadget_status::{self, *};
use crate::task::{TASKS, gadget_task};

/// Receives the result of a request.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gadget_completion {
    /// The functions get it as their first argument.
    pub context: *mut c_void,
    /// Gets the result: exactly once, on a worker thread of the library, never
    /// inside gadget_client_start, but maybe before that returns. You own the
    /// result: free it with gadget_result_free, now or later. Must not block.
    pub completed: Option<extern "C" fn(context: *mut c_void, result: *mut gadget_result)>,
    /// Is called once, after `completed` has returned. Can be NULL.
    pub destroy: gadget_destroy,
}

pub(crate) type Completion = Callbacks<extern "C" fn(*mut c_void, *mut gadget_result)>;

/// Starts a request.
///
/// `options` is the JSON text of the options object. `body` is an ArrayBuffer
/// for its `data`; it can be absent, which is not the same as empty.
///
/// If this returns GADGET_OK, `completion` gets the result exactly once, also
/// after an abort and after gadget_client_free. Wrong options, even text that
/// is not JSON or not UTF-8, are a result with errno 104.
///
/// Otherwise nothing was started and `completed` is never called. The only
/// reasons are a NULL `client`, `options`, `completion` or `completed`, an
/// invalid slice, a freed client, and GADGET_INTERNAL_ERROR.
///
/// `task` can be NULL. If it is not, `*task` gets an object that can abort the
/// request, or NULL if this fails; free it with gadget_task_free.
///
/// # Safety
///
/// See the rules at the head of the header.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gadget_client_start(
    client: *const gadget_client,
    options: gadget_slice,
    body: gadget_slice,
    completion: *const gadget_completion,
    task: *mut *mut gadget_task,
) -> gadget_status {
    // SAFETY: the caller promises the same.
    guarded(|| unsafe { start(client, options, body, Ok(None::<()>), completion, task) })
}

/// Starts a request, with a listener if it has one.
///
/// # Safety
///
/// As for [`gadget_client_start`].
pub(crate) unsafe fn start(
    client: *const gadget_client,
    options: gadget_slice,
    body: gadget_slice,
    listener: Result<Option<impl EventListener>, gadget_status>,
    completion: *const gadget_completion,
    task: *mut *mut gadget_task,
) -> Result<(), gadget_status> {
    if !task.is_null() {
        // SAFETY: the caller promises that it can be written to.
        unsafe { put(task, ptr::null_mut()) }?;
    }
    // SAFETY: the caller promises that it can be read unless it is NULL.
    let completion = unsafe { completion.as_ref() }.ok_or(GADGET_NULL_ARGUMENT)?;
    let gadget_completion { context, completed, destroy } = *completion;
    // Before any other check, so that the context is destroyed whatever is wrong.
    let completion = Callbacks::new(context, completed, destroy)?;
    let (listener, client) = (listener?, find(client)?);
    // SAFETY: the caller promises that the bytes can be read until this returns.
    let (options, body) = unsafe { (options.required()?, body.optional()?) };
    let options = RequestOptions::from_json(
        Bytes::copy_from_slice(options),
        body.map(Bytes::copy_from_slice),
    );
    let place = (!task.is_null()).then(|| TASKS.reserve());
    let started = start_once(completion, |complete| match listener {
        Some(listener) => client.start_with_events(options, listener, complete),
        None => client.start(options, complete),
    })?;
    if let (Some(place), Some(started)) = (place, started) {
        // SAFETY: as above.
        unsafe { put(task, place.fill(started)) }?;
    }
    Ok(())
}

type Complete = Box<dyn FnOnce(Outcome) + Send>;

/// Starts a call. Either its completion is called, or this fails and it is never called. A panic of
/// `start` does not change that, but the call may then have no task although it is completed.
pub(crate) fn start_once(
    completion: Completion,
    start: impl FnOnce(Complete) -> RequestTask,
) -> Result<Option<RequestTask>, gadget_status> {
    // Whoever takes them out decides how the call ends.
    let ours = Arc::new(Mutex::new(Some((completion, RESULTS.reserve()))));
    let theirs = Arc::clone(&ours);
    let complete = Box::new(move |outcome| {
        if let Some((completion, result)) = take(&theirs) {
            (completion.functions)(completion.context(), result.fill(Held::from(outcome)));
        }
    });
    let mut task = None;
    let status = guarded(|| {
        task = Some(start(complete));
        Ok(())
    });
    if status != GADGET_OK && take(&ours).is_some() {
        return Err(status);
    }
    Ok(task)
}

fn take<T>(place: &Mutex<Option<T>>) -> Option<T> {
    place.lock().unwrap_or_else(PoisonError::into_inner).take()
}
