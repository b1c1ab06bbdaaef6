//! Callbacks of C: a function, the context that it gets, and the end of that context.

use std::ffi::c_void;

use crate::status::gadget_status::{self, GADGET_NULL_ARGUMENT};

/// Gets a context that the library no longer uses: exactly once, on any thread.
pub type gadget_destroy = Option<extern "C" fn(context: *mut c_void)>;

/// A pointer of C's. Dropping it calls `destroy`.
struct Context {
    pointer: *mut c_void,
    destroy: gadget_destroy,
}

// SAFETY: the header says that callbacks run on any thread, so the context is made for it.
unsafe impl Send for Context {}
// SAFETY: as above; the header names the callbacks that can run at the same time.
unsafe impl Sync for Context {}

impl Drop for Context {
    fn drop(&mut self) {
        if let Some(destroy) = self.destroy {
            destroy(self.pointer);
        }
    }
}

/// Functions of C's with their context.
pub(crate) struct Callbacks<F> {
    context: Context,
    pub(crate) functions: F,
}

impl<F> Callbacks<F> {
    /// Takes over the context. If a function is missing, it is destroyed before this returns.
    pub(crate) fn new(
        context: *mut c_void,
        functions: Option<F>,
        destroy: gadget_destroy,
    ) -> Result<Self, gadget_status> {
        let context = Context { pointer: context, destroy };
        Ok(Self { context, functions: functions.ok_or(GADGET_NULL_ARGUMENT)? })
    }

    pub(crate) fn context(&self) -> *mut c_void {
        self.context.pointer
    }
}
