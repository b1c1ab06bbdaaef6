//! What C hands in to get back with a call of its own.

use std::ffi::c_void;

/// Gets a context that is used no more: once.
#[expect(non_camel_case_types, reason = "the name C sees")]
pub type gadget_destroy = Option<extern "C" fn(context: *mut c_void)>;

/// A pointer of C's. Going, it tells C so.
pub(crate) struct Context {
    pointer: *mut c_void,
    destroy: gadget_destroy,
}

// SAFETY: the header says that it comes back on any thread: the context is made for it.
unsafe impl Send for Context {}
// SAFETY: as above; where two calls may come at once, the header says that as well.
unsafe impl Sync for Context {}

impl Context {
    pub(crate) fn new(pointer: *mut c_void, destroy: gadget_destroy) -> Self {
        Self { pointer, destroy }
    }

    pub(crate) fn pointer(&self) -> *mut c_void {
        self.pointer
    }
}

impl Drop for Context {
    fn drop(&mut self) {
        if let Some(destroy) = self.destroy {
            destroy(self.pointer);
        }
    }
}
