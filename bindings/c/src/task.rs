//! `gadget_task`: abort.

use gadget_request::RequestTask;

use crate::guard::guarded;
use crate::registry::Registry;
use crate::status::gadget_status::{self, *};

/// A request under way.
#[expect(non_camel_case_types, reason = "the name C sees")]
pub struct gadget_task {
    _opaque: [u8; 0],
}

pub(crate) static TASKS: Registry<RequestTask> = Registry::new();

/// Ends a request with errno 301, `abort`, unless it has its outcome already: then nothing happens. The completion
/// comes later, on a worker thread, never from within. Any number of times, from any thread, also within a
/// completion.
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

/// Frees a task; the request runs on. NULL and what was freed before: nothing happens.
#[unsafe(no_mangle)]
pub extern "C" fn gadget_task_free(task: *mut gadget_task) {
    guarded(|| {
        TASKS.remove(task);
        Ok(())
    });
}
