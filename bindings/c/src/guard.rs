//! Stops panics at the boundary, and writes outputs.

use std::ffi::c_char;
use std::fmt::Display;
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::status::gadget_status::{self, GADGET_INTERNAL_ERROR, GADGET_NULL_ARGUMENT, GADGET_OK};

/// Runs the body of a C function. No panic leaves it.
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

/// Writes an output of a C function.
///
/// # Safety
///
/// If `place` is not NULL, a value can be written to it.
pub(crate) unsafe fn put<T>(place: *mut T, value: T) -> Result<(), gadget_status> {
    if place.is_null() {
        return Err(GADGET_NULL_ARGUMENT);
    }
    // SAFETY: the caller of the C function promises it. The old value is C's and is not dropped.
    unsafe { place.write(value) };
    Ok(())
}

/// Parses a text of C's. If it is wrong, writes why.
///
/// # Safety
///
/// If `message` is not NULL, `size` bytes can be written to it.
pub(crate) unsafe fn parse<T, E: Display>(
    text: &[u8],
    message: *mut c_char,
    size: usize,
    parse: impl FnOnce(&str) -> Result<T, E>,
) -> Option<T> {
    let parsed = match str::from_utf8(text) {
        Ok(text) => parse(text).map_err(|error| error.to_string()),
        Err(_) => Err("not UTF-8".to_owned()),
    };
    // SAFETY: the caller promises the same.
    parsed.map_err(|error| unsafe { put_message(&error, message, size) }).ok()
}

/// Writes as much of a text as fits, and a NUL after it.
///
/// # Safety
///
/// If `message` is not NULL, `size` bytes can be written to it.
unsafe fn put_message(text: &str, message: *mut c_char, size: usize) {
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
