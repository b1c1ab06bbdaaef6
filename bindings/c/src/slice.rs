//! `gadget_slice`: bytes that cross the boundary, in both directions.

use std::ffi::{CStr, c_char, c_void};
use std::{ptr, slice};

use crate::status::gadget_status::{self, GADGET_NULL_ARGUMENT};

/// Bytes, or text in UTF-8, at an address. The head of this file has the rules.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct gadget_slice {
    /// The first byte. In an output it is never NULL, not even with length 0.
    pub data: *const u8,
    /// The number of bytes.
    pub length: usize,
}

/// Gets bytes or a text. They are valid until this function returns.
pub type gadget_take = Option<extern "C" fn(context: *mut c_void, bytes: gadget_slice)>;

/// Returns the slice of a text that ends with a NUL; the slice does not include
/// the NUL. Returns an absent slice for NULL. It copies nothing: the slice is
/// valid as long as `text` is.
///
/// # Safety
///
/// See the rules at the head of the header.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gadget_slice_of(text: *const c_char) -> gadget_slice {
    if text.is_null() {
        return gadget_slice { data: ptr::null(), length: 0 };
    }
    // SAFETY: the caller promises that the text ends with a NUL.
    gadget_slice::of(unsafe { CStr::from_ptr(text) }.to_bytes())
}

impl gadget_slice {
    pub(crate) fn of(bytes: &[u8]) -> Self {
        Self { data: bytes.as_ptr(), length: bytes.len() }
    }

    /// The bytes of an input; None if it is absent.
    ///
    /// # Safety
    ///
    /// If `data` is not NULL, `length` bytes can be read from it for as long as the result is used.
    pub(crate) unsafe fn optional<'a>(self) -> Result<Option<&'a [u8]>, gadget_status> {
        match (self.data.is_null(), self.length) {
            (true, 0) => Ok(None),
            (false, 0) => Ok(Some(&[])),
            // No object is so large: a negative number became a length.
            (_, length) if length > isize::MAX as usize => Err(GADGET_NULL_ARGUMENT),
            (true, _) => Err(GADGET_NULL_ARGUMENT),
            // SAFETY: the caller promises it.
            (false, length) => Ok(Some(unsafe { slice::from_raw_parts(self.data, length) })),
        }
    }

    /// The bytes of an input that must not be absent.
    ///
    /// # Safety
    ///
    /// As for `optional`.
    pub(crate) unsafe fn required<'a>(self) -> Result<&'a [u8], gadget_status> {
        // SAFETY: the caller promises the same.
        unsafe { self.optional() }?.ok_or(GADGET_NULL_ARGUMENT)
    }
}
