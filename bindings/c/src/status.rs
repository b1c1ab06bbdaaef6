//! `gadget_status`: reports if a function did its work. The outcome of a request is its result.

/// The status that a function returns. The numbers are fixed and are never
/// reused.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum gadget_status {
    /// The function did its work.
    GADGET_OK = 0,
    /// An argument that must not be NULL is NULL, or a slice is invalid.
    GADGET_NULL_ARGUMENT = 1,
    /// The object was freed, or it never was one of this kind.
    GADGET_NO_SUCH_OBJECT = 2,
    /// The configuration is wrong. The message names the field.
    GADGET_INVALID_CONFIG = 3,
    /// There is no such value: an index after the last one, the HTTP status of
    /// a fail, the errno of a success.
    GADGET_NOT_AVAILABLE = 4,
    /// The call works only before something that has happened already.
    GADGET_TOO_LATE = 5,
    /// A bug in this library was stopped. Nothing was done.
    GADGET_INTERNAL_ERROR = 6,
    /// A cookie is invalid. The message says which one and why.
    GADGET_INVALID_COOKIES = 7,
    /// The cookies could not be saved in their storage or folder.
    GADGET_NOT_SAVED = 8,
}

use gadget_status::*;

/// Returns the meaning of a status in English, for logs. The text ends with a
/// NUL and is valid until the process ends. Other numbers give "unknown
/// status".
#[unsafe(no_mangle)]
pub extern "C" fn gadget_status_text(status: i32) -> *const std::ffi::c_char {
    let text = match status {
        s if s == GADGET_OK as i32 => c"ok",
        s if s == GADGET_NULL_ARGUMENT as i32 => c"an argument is NULL, or a slice is invalid",
        s if s == GADGET_NO_SUCH_OBJECT as i32 => {
            c"no such object: freed before, or of another kind"
        }
        s if s == GADGET_INVALID_CONFIG as i32 => c"invalid configuration",
        s if s == GADGET_NOT_AVAILABLE as i32 => c"the result has no such thing",
        s if s == GADGET_TOO_LATE as i32 => c"too late",
        s if s == GADGET_INTERNAL_ERROR as i32 => c"internal error",
        s if s == GADGET_INVALID_COOKIES as i32 => c"invalid cookies",
        s if s == GADGET_NOT_SAVED as i32 => c"cookies could not be saved",
        _ => c"unknown status",
    };
    text.as_ptr()
}
