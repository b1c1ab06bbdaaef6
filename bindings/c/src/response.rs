//! The values of a success. For a fail all of these functions return GADGET_NOT_AVAILABLE.

use gadget_request::Response;

use crate::guard::put;
use crate::result::{Held, gadget_result, read};
use crate::slice::gadget_slice;
use crate::status::gadget_status::{self, GADGET_NULL_ARGUMENT};

fn response(held: &Held) -> Option<&Response> {
    held.outcome.result().ok()
}

/// Gets the HTTP status of a success.
///
/// # Safety
///
/// See the rules at the head of the header.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gadget_result_get_status(
    result: *const gadget_result,
    status: *mut u16,
) -> gadget_status {
    // SAFETY: the caller promises that the place can be written to.
    unsafe { read(result, status, |held| response(held).map(Response::status)) }
}

/// Gets the number of header fields of a success. A repeated field counts each
/// time.
///
/// # Safety
///
/// See the rules at the head of the header.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gadget_result_get_header_count(
    result: *const gadget_result,
    count: *mut usize,
) -> gadget_status {
    // SAFETY: the caller promises that the place can be written to.
    unsafe { read(result, count, |held| response(held).map(|response| response.headers().count())) }
}

/// Gets a header field of a success: its name in lower case and its value. The
/// fields are in the order of the response. Returns GADGET_NOT_AVAILABLE if
/// `index` is not less than the count.
///
/// # Safety
///
/// See the rules at the head of the header.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gadget_result_get_header(
    result: *const gadget_result,
    index: usize,
    name: *mut gadget_slice,
    value: *mut gadget_slice,
) -> gadget_status {
    if name.is_null() {
        return GADGET_NULL_ARGUMENT;
    }
    // SAFETY: the caller promises that both places can be written to. Both are or neither is.
    unsafe {
        read(result, value, |held| {
            let (field_name, field_value) = response(held)?.headers().nth(index)?;
            put(name, gadget_slice::of(field_name.as_bytes())).ok()?;
            Some(gadget_slice::of(field_value.as_bytes()))
        })
    }
}

/// Gets the body of a success, after content decoding. It is not copied.
///
/// # Safety
///
/// See the rules at the head of the header.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gadget_result_get_body(
    result: *const gadget_result,
    body: *mut gadget_slice,
) -> gadget_status {
    // SAFETY: the caller promises that the place can be written to.
    unsafe {
        read(result, body, |held| response(held).map(|response| gadget_slice::of(response.body())))
    }
}

/// Gets the body of a success as text, decoded from its charset. The first call
/// makes the text.
///
/// # Safety
///
/// See the rules at the head of the header.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gadget_result_get_text(
    result: *const gadget_result,
    text: *mut gadget_slice,
) -> gadget_status {
    // SAFETY: the caller promises that the place can be written to.
    unsafe {
        read(result, text, |held| {
            let response = response(held)?;
            let text = held.text.get_or_init(|| response.text().to_string());
            Some(gadget_slice::of(text.as_bytes()))
        })
    }
}

/// Gets the body of a success whose `responseType` is `arraybuffer`: the bytes
/// that JavaScript receives as `data`. They are not copied. Returns
/// GADGET_NOT_AVAILABLE for another `responseType`.
///
/// Only this result uses the bytes, and the library does not read them again: a
/// program that passes them to JavaScript without a copy can let it write to
/// them.
///
/// # Safety
///
/// See the rules at the head of the header.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gadget_result_get_array_buffer(
    result: *const gadget_result,
    bytes: *mut gadget_slice,
) -> gadget_status {
    // SAFETY: the caller promises that the place can be written to.
    unsafe {
        read(result, bytes, |held| held.outcome.array_buffer().map(|bytes| gadget_slice::of(bytes)))
    }
}
