//! `gadget_result`: the outcome of a request, as JSON and as single values. The values of a success
//! are in `response.rs`.

use std::sync::{Arc, OnceLock};

use gadget_request::Outcome;

use crate::guard::{guarded, put};
use crate::registry::Registry;
use crate::slice::gadget_slice;
use crate::status::gadget_status::{self, *};

/// The outcome of a request: a success, which has a status, headers and a body,
/// or a fail, which has an errno and its words. The getters of the one return
/// GADGET_NOT_AVAILABLE for the other.
pub struct gadget_result {
    _opaque: [u8; 0],
}

/// An outcome, and the texts that are made of it for C. Their addresses do not change.
pub(crate) struct Held {
    pub(crate) outcome: Outcome,
    err_msg: OnceLock<String>,
    cause: OnceLock<String>,
    pub(crate) text: OnceLock<String>,
    pub(crate) peer: OnceLock<String>,
}

impl From<Outcome> for Held {
    fn from(outcome: Outcome) -> Self {
        Self {
            outcome,
            err_msg: OnceLock::new(),
            cause: OnceLock::new(),
            text: OnceLock::new(),
            peer: OnceLock::new(),
        }
    }
}

pub(crate) static RESULTS: Registry<Held> = Registry::new();

/// Frees a result. Its slices are invalid afterwards.
#[unsafe(no_mangle)]
pub extern "C" fn gadget_result_free(result: *mut gadget_result) {
    guarded(|| {
        RESULTS.remove(result);
        Ok(())
    });
}

/// Finds a result, reads a value from it and writes that to `place`.
///
/// # Safety
///
/// If `place` is not NULL, a value can be written to it.
pub(crate) unsafe fn read<T>(
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
        // SAFETY: the caller promises it.
        unsafe { put(place, value) }
    })
}

/// Gets the whole result object as JSON: the argument of `success` or of
/// `fail`. It has no `data` if that is an ArrayBuffer: see
/// gadget_result_get_array_buffer. The first call makes the text.
///
/// # Safety
///
/// See the rules at the head of the header.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gadget_result_get_json(
    result: *const gadget_result,
    json: *mut gadget_slice,
) -> gadget_status {
    // SAFETY: the caller promises that the place can be written to.
    unsafe { read(result, json, |held| Some(gadget_slice::of(held.outcome.json().as_bytes()))) }
}

/// Gets true for a success: the server answered, with any status, also 404.
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

/// Gets the id of the request, for logs: 53 ASCII characters.
///
/// # Safety
///
/// See the rules at the head of the header.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gadget_result_get_trace(
    result: *const gadget_result,
    trace: *mut gadget_slice,
) -> gadget_status {
    // SAFETY: the caller promises that the place can be written to.
    unsafe {
        read(result, trace, |held| Some(gadget_slice::of(held.outcome.trace().as_str().as_bytes())))
    }
}

/// Gets `request:ok`, or `request:fail ` and the reason.
///
/// # Safety
///
/// See the rules at the head of the header.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gadget_result_get_err_msg(
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

/// Gets the errno of a fail, one of gadget_errno.
///
/// # Safety
///
/// See the rules at the head of the header.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gadget_result_get_errno(
    result: *const gadget_result,
    code: *mut u32,
) -> gadget_status {
    // SAFETY: the caller promises that the place can be written to.
    unsafe {
        read(result, code, |held| held.outcome.result().err().map(|error| error.errno().code()))
    }
}

/// Gets the words that belong to the errno of a fail.
///
/// # Safety
///
/// See the rules at the head of the header.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gadget_result_get_err_string(
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

/// Gets why the network failed the request, for logs and engineers, such as
/// `connect: connection refused (os error 111)`. The words can change with each
/// version. GADGET_NOT_AVAILABLE if the network did not fail it.
///
/// # Safety
///
/// See the rules at the head of the header.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gadget_result_get_cause(
    result: *const gadget_result,
    cause: *mut gadget_slice,
) -> gadget_status {
    // SAFETY: the caller promises that the place can be written to.
    unsafe {
        read(result, cause, |held| {
            let cause = held.outcome.cause()?;
            let text = held.cause.get_or_init(|| cause.to_string());
            Some(gadget_slice::of(text.as_bytes()))
        })
    }
}
