//! What a function says of itself, apart from what a request came to.

/// What a function came to. The numbers are fixed and never used again for anything else.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(non_camel_case_types, reason = "the name C sees")]
pub enum gadget_status {
    /// It did what it promises.
    GADGET_OK = 0,
    /// An argument that may not be NULL was NULL.
    GADGET_NULL_ARGUMENT = 1,
    /// An object was freed before, or never was one of this kind.
    GADGET_NO_SUCH_OBJECT = 2,
    /// The configuration is wrong; the message says where.
    GADGET_INVALID_CONFIG = 3,
    /// The result has no such thing: an index beyond the last, the status of a fail, the errno of a success.
    GADGET_NOT_AVAILABLE = 4,
    /// It counts only before something that has happened.
    GADGET_TOO_LATE = 5,
    /// A bug of this library, caught; nothing was done.
    GADGET_INTERNAL_ERROR = 6,
    /// A cookie cannot be; the message says which and why.
    GADGET_INVALID_COOKIES = 7,
    /// The storage of cookies, or their folder, could not take them.
    GADGET_NOT_SAVED = 8,
}

use gadget_status::*;

/// What a status means, in English, NUL-terminated, for logs. Lives as long as the program. A number that is
/// no status gives "unknown status".
#[unsafe(no_mangle)]
pub extern "C" fn gadget_status_text(status: i32) -> *const std::ffi::c_char {
    let text = match status {
        s if s == GADGET_OK as i32 => c"ok",
        s if s == GADGET_NULL_ARGUMENT as i32 => c"an argument is NULL",
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
