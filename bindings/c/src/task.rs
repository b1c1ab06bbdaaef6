//! `gadget_task`: abort.

use gadget_request::RequestTask;

use crate::guard::guarded;
use crate::registry::Registry;
use crate::status::gadget_status::{self, *};

/// A request that was started.
pub struct gadget_task {
    _opaque: [u8; 0],
}

pub(crate) static TASKS: Registry<RequestTask> = Registry::new();

/// Aborts a request: it fails with errno 301, `abort`. Has no effect if the
/// request has finished. The completion is called later, on a worker thread,
/// never inside this function. You can call this any number of times, and
/// inside a completion.
#[unsafe(no_mangle)]
pub extern "C" fn gadget_task_abort(task: *const gadget_task) -> gadget_status {
    guarded(|| {
        if task.is_null() {
            return Err(GADGET_NULL_ARGUMENT);
        }
        TASKS.get(task).ok_or(GADGET_NO_SUCH_OBJECT)?.abort();
        Ok(())
    })
}

/// Frees a task. The request is not aborted.
#[unsafe(no_mangle)]
pub extern "C" fn gadget_task_free(task: *mut gadget_task) {
    guarded(|| {
        TASKS.remove(task);
        Ok(())
    });
}
