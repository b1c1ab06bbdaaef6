//! `gadget_result`: what a request came to, typed and as JSON.

use std::sync::{Arc, OnceLock};

use gadget_request::{Outcome, Response};

use crate::guard::{guarded, put};
use crate::registry::Registry;
use crate::status::gadget_status::{self, *};

/// What a request came to.
#[expect(non_camel_case_types, reason = "the name C sees")]
pub struct gadget_result {
    _opaque: [u8; 0],
}

/// Text (UTF-8, not NUL-terminated) or bytes that belong to a result: valid until it is freed. `data` is never
/// NULL where a function returned GADGET_OK, also where `length` is 0.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
#[allow(
    non_camel_case_types,
    reason = "the name C sees; repr(C) types are not linted by all versions"
)]
pub struct gadget_slice {
    /// The first byte.
    pub data: *const u8,
    /// How many there are.
    pub length: usize,
}

impl gadget_slice {
    pub(crate) fn of(bytes: &[u8]) -> Self {
        Self { data: bytes.as_ptr(), length: bytes.len() }
    }
}

/// An outcome, and the texts made of it for C, which stay where they are.
pub(crate) struct Held {
    outcome: Outcome,
    err_msg: OnceLock<String>,
    text: OnceLock<String>,
}

impl From<Outcome> for Held {
    fn from(outcome: Outcome) -> Self {
        Self { outcome, err_msg: OnceLock::new(), text: OnceLock::new() }
    }
}

pub(crate) static RESULTS: Registry<Held> = Registry::new();

/// Frees a result and all slices of it. NULL and what was freed before: nothing happens.
#[unsafe(no_mangle)]
pub extern "C" fn gadget_result_free(result: *mut gadget_result) {
    guarded(|| {
        RESULTS.remove(result);
        Ok(())
    });
}

/// Finds a result, reads something of it and puts that where C wants it.
///
/// # Safety
///
/// Where `place` is not NULL, a value can be written to it.
unsafe fn read<T>(
    result: *const gadget_result,
    place: *mut T,
    get: impl FnOnce(&Held) -> Option<T>,
) -> gadget_status {
    guarded(|| {
        if result.is_null() || place.is_null() {
            return Err(GADGET_NULL_ARGUMENT);
        }
        let held: Arc<Held> = RESULTS.get(result).ok_or(GADGET_NO_SUCH_OBJECT)?;
        let value = get(&held).ok_or(GADGET_NOT_AVAILABLE)?;
        // SAFETY: as the caller promises.
        unsafe { put(place, value) }
    })
}

fn response(held: &Held) -> Option<&Response> {
    held.outcome.result().ok()
}

/// The whole result object, as JSON: the argument of `success` or of `fail`. For an ArrayBuffer it has no
/// `data`: see gadget_result_array_buffer. It is made at the first call.
///
/// # Safety
///
/// See the rules at the head of the header.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gadget_result_json(
    result: *const gadget_result,
    json: *mut gadget_slice,
) -> gadget_status {
    // SAFETY: the caller promises that the place can be written to.
    unsafe { read(result, json, |held| Some(gadget_slice::of(held.outcome.json().as_bytes()))) }
}

/// Whether it is a success: any answer of the server is, also a 404.
///
/// # Safety
///
/// See the rules at the head of the header.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gadget_result_is_success(
    result: *const gadget_result,
    is_success: *mut bool,
) -> gadget_status {
    // SAFETY: the caller promises that the place can be written to.
    unsafe { read(result, is_success, |held| Some(held.outcome.result().is_ok())) }
}

/// The id of the call: 53 ASCII characters.
///
/// # Safety
///
/// See the rules at the head of the header.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gadget_result_trace(
    result: *const gadget_result,
    trace: *mut gadget_slice,
) -> gadget_status {
    // SAFETY: the caller promises that the place can be written to.
    unsafe {
        read(result, trace, |held| Some(gadget_slice::of(held.outcome.trace().as_str().as_bytes())))
    }
}

/// `request:ok`, or `request:fail ` and why.
///
/// # Safety
///
/// See the rules at the head of the header.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gadget_result_err_msg(
    result: *const gadget_result,
    err_msg: *mut gadget_slice,
) -> gadget_status {
    // SAFETY: the caller promises that the place can be written to.
    unsafe {
        read(result, err_msg, |held| {
            let text = held.err_msg.get_or_init(|| held.outcome.err_msg());
            Some(gadget_slice::of(text.as_bytes()))
        })
    }
}

/// The number of a fail's group. GADGET_NOT_AVAILABLE for a success.
///
/// # Safety
///
/// See the rules at the head of the header.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gadget_result_errno(
    result: *const gadget_result,
    code: *mut u32,
) -> gadget_status {
    // SAFETY: the caller promises that the place can be written to.
    unsafe {
        read(result, code, |held| held.outcome.result().err().map(|error| error.errno().code()))
    }
}

/// The words of a fail's group. GADGET_NOT_AVAILABLE for a success.
///
/// # Safety
///
/// See the rules at the head of the header.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gadget_result_err_string(
    result: *const gadget_result,
    err_string: *mut gadget_slice,
) -> gadget_status {
    // SAFETY: the caller promises that the place can be written to.
    unsafe {
        read(result, err_string, |held| {
            let error = held.outcome.result().err()?;
            Some(gadget_slice::of(error.errno().err_string().as_bytes()))
        })
    }
}

/// The HTTP status of a success.
///
/// # Safety
///
/// See the rules at the head of the header.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gadget_result_status(
    result: *const gadget_result,
    status: *mut u16,
) -> gadget_status {
    // SAFETY: the caller promises that the place can be written to.
    unsafe { read(result, status, |held| response(held).map(Response::status)) }
}

/// How many header fields a success has; one that repeats counts each time.
///
/// # Safety
///
/// See the rules at the head of the header.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gadget_result_header_count(
    result: *const gadget_result,
    count: *mut usize,
) -> gadget_status {
    // SAFETY: the caller promises that the place can be written to.
    unsafe { read(result, count, |held| response(held).map(|response| response.headers().count())) }
}

/// A header field of a success: its name in lower case and its value. Fields stand in their order.
/// GADGET_NOT_AVAILABLE for an index that is not below the count.
///
/// # Safety
///
/// See the rules at the head of the header.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gadget_result_header(
    result: *const gadget_result,
    index: usize,
    name: *mut gadget_slice,
    value: *mut gadget_slice,
) -> gadget_status {
    if name.is_null() {
        return GADGET_NULL_ARGUMENT;
    }
    // SAFETY: the caller promises that both places can be written to; neither is before all is well.
    unsafe {
        read(result, value, |held| {
            let (field_name, field_value) = response(held)?.headers().nth(index)?;
            put(name, gadget_slice::of(field_name.as_bytes())).ok()?;
            Some(gadget_slice::of(field_value.as_bytes()))
        })
    }
}

/// The body of a success, after content-decoding. Not a copy.
///
/// # Safety
///
/// See the rules at the head of the header.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gadget_result_body(
    result: *const gadget_result,
    body: *mut gadget_slice,
) -> gadget_status {
    // SAFETY: the caller promises that the place can be written to.
    unsafe {
        read(result, body, |held| response(held).map(|response| gadget_slice::of(response.body())))
    }
}

/// The body of a success as text, after charset decoding (UTF-8). Made at the first call.
///
/// # Safety
///
/// See the rules at the head of the header.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gadget_result_text(
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

/// The bytes that JavaScript gets as `data`. Not a copy. GADGET_NOT_AVAILABLE for a fail, and where `responseType`
/// was not `arraybuffer`.
///
/// They are this result's alone, and the library itself reads them no more: a program that hands them to
/// JavaScript without a copy may let it write to them.
///
/// # Safety
///
/// See the rules at the head of the header.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gadget_result_array_buffer(
    result: *const gadget_result,
    bytes: *mut gadget_slice,
) -> gadget_status {
    // SAFETY: the caller promises that the place can be written to.
    unsafe {
        read(result, bytes, |held| held.outcome.array_buffer().map(|bytes| gadget_slice::of(bytes)))
    }
}
