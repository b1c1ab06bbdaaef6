//! Where a panic stops, and where NULL is found.

use std::ffi::c_char;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::slice;

use crate::status::gadget_status::{self, GADGET_INTERNAL_ERROR, GADGET_NULL_ARGUMENT, GADGET_OK};

/// Runs the inside of a C function. No panic leaves it.
pub(crate) fn guarded(body: impl FnOnce() -> Result<(), gadget_status>) -> gadget_status {
    match catch_unwind(AssertUnwindSafe(body)) {
        Ok(Ok(())) => GADGET_OK,
        Ok(Err(status)) => status,
        Err(_) => {
            log::error!("a panic was stopped at the C interface");
            GADGET_INTERNAL_ERROR
        }
    }
}

/// The bytes that C gave as pointer and length; NULL is no bytes at all.
///
/// # Safety
///
/// Where `data` is not NULL, `length` bytes can be read from it as long as the slice is used.
pub(crate) unsafe fn bytes<'a>(data: *const u8, length: usize) -> Option<&'a [u8]> {
    if data.is_null() {
        return None;
    }
    if length == 0 {
        return Some(&[]);
    }
    // SAFETY: the caller of the C function promises it; a longer length than any object can have is not read.
    (length <= isize::MAX as usize).then(|| unsafe { slice::from_raw_parts(data, length) })
}

/// Writes a value to where C wants it.
///
/// # Safety
///
/// Where `place` is not NULL, a value can be written to it.
pub(crate) unsafe fn put<T>(place: *mut T, value: T) -> Result<(), gadget_status> {
    if place.is_null() {
        return Err(GADGET_NULL_ARGUMENT);
    }
    // SAFETY: the caller of the C function promises it. What was there is C's and is not dropped.
    unsafe { place.write(value) };
    Ok(())
}

/// Writes as much of a text as fits, and a NUL behind it.
///
/// # Safety
///
/// Where `message` is not NULL, `size` bytes can be written to it.
pub(crate) unsafe fn put_message(text: &str, message: *mut c_char, size: usize) {
    if message.is_null() || size == 0 {
        return;
    }
    let fits = |length: &usize| *length < size && text.is_char_boundary(*length);
    let length = (0..=text.len()).rev().find(fits).unwrap_or_default();
    // SAFETY: `length` is below `size`, and the text is not in the caller's buffer.
    unsafe {
        std::ptr::copy_nonoverlapping(text.as_ptr(), message.cast(), length);
        message.add(length).write(0);
    }
}
