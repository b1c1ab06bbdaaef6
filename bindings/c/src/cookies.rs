//! A client's cookies, for the host: as JSON, in the terms of a WebView's store.

use std::ffi::{c_char, c_void};
use std::str;

use crate::client::{find, gadget_client};
use crate::guard::{bytes, guarded, put_message};
use crate::result::gadget_slice;
use crate::status::gadget_status::{self, *};

/// Gets a text that is valid during the call.
#[expect(non_camel_case_types, reason = "the name C sees")]
pub type gadget_take_text = Option<extern "C" fn(context: *mut c_void, text: gadget_slice)>;

/// Gives `take` the cookies of a client's jar, before it returns: a JSON array of objects with the members `name`,
/// `value`, `domain` (with a dot before it where hosts below it are meant as well), `path`, `expires` (milliseconds
/// since 1970; absent for a session's), `secure`, `httpOnly` and `sameSite` (`strict`, `lax`, `none` or absent). This
/// is the host's view: what a mini program may see is the client's policy. `take` may call this library.
///
/// # Safety
///
/// See the rules at the head of the header.
#[unsafe(no_mangle)]
pub extern "C" fn gadget_client_cookies(
    client: *const gadget_client,
    take: gadget_take_text,
    context: *mut c_void,
) -> gadget_status {
    guarded(|| {
        let take = take.ok_or(GADGET_NULL_ARGUMENT)?;
        let json = find(client)?.cookies().export();
        take(context, gadget_slice { data: json.as_ptr(), length: json.len() });
        Ok(())
    })
}

/// Sets cookies: a JSON array such as gadget_client_cookies gives. Each takes the place of the one with its name,
/// domain and path; one whose `expires` is past removes it.
///
/// GADGET_INVALID_COOKIES where it is no such array or one of them cannot be: then none is set, and `message`, if it
/// is not NULL, gets a sentence that names the member, NUL-terminated and cut to `message_size` bytes.
///
/// # Safety
///
/// See the rules at the head of the header.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gadget_client_set_cookies(
    client: *const gadget_client,
    json: *const u8,
    json_length: usize,
    message: *mut c_char,
    message_size: usize,
) -> gadget_status {
    guarded(|| {
        let client = find(client)?;
        // SAFETY: the caller promises `json_length` readable bytes.
        let json = unsafe { bytes(json, json_length) }.ok_or(GADGET_NULL_ARGUMENT)?;
        let set = match str::from_utf8(json) {
            Ok(text) => client.cookies().import(text).map_err(|error| error.to_string()),
            Err(_) => Err("not UTF-8".to_owned()),
        };
        set.map_err(|error| {
            // SAFETY: the caller promises `message_size` writable bytes.
            unsafe { put_message(&error, message, message_size) };
            GADGET_INVALID_COOKIES
        })
    })
}

/// Removes the cookies of a domain (UTF-8) and of all that is below it; with NULL, all cookies.
///
/// # Safety
///
/// See the rules at the head of the header.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gadget_client_clear_cookies(
    client: *const gadget_client,
    domain: *const u8,
    domain_length: usize,
) -> gadget_status {
    guarded(|| {
        let client = find(client)?;
        // SAFETY: the caller promises `domain_length` readable bytes.
        match unsafe { bytes(domain, domain_length) } {
            None => client.cookies().clear(),
            // What is no UTF-8 is no domain: it has no cookies.
            Some(domain) => {
                if let Ok(domain) = str::from_utf8(domain) {
                    client.cookies().clear_domain(domain);
                }
            }
        }
        Ok(())
    })
}
