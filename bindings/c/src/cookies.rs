//! A client's cookies as the host app sees them: JSON, in the terms of a WebView's cookie store.

use std::ffi::{c_char, c_void};
use std::str;

use crate::client::{find, gadget_client};
use crate::guard::{guarded, parse, put};
use crate::slice::{gadget_slice, gadget_take};
use crate::status::gadget_status::{self, *};

/// Lists cookies: calls `take` once with `context` and a JSON array, before
/// this returns. `url` selects the cookies that a request to it sends, in their
/// order; if it is absent, all cookies are listed. A `url` that is not one has
/// none. `take` can call this library.
///
/// Each cookie is an object with the members `name`, `value`, `domain` (it
/// starts with a dot if subdomains are included), `path`, `expires`
/// (milliseconds since 1970; absent for a session cookie), `secure`, `httpOnly`
/// and `sameSite` (`strict`, `lax`, `none` or absent). The list is for the host
/// app; the client's policy decides what a mini program sees of it.
///
/// # Safety
///
/// See the rules at the head of the header.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gadget_client_list_cookies(
    client: *const gadget_client,
    url: gadget_slice,
    take: gadget_take,
    context: *mut c_void,
) -> gadget_status {
    guarded(|| {
        let take = take.ok_or(GADGET_NULL_ARGUMENT)?;
        let client = find(client)?;
        // SAFETY: the caller promises that the bytes can be read.
        let json = match unsafe { url.optional() }? {
            None => client.cookies().export_json(),
            // Text that is not UTF-8 is not a URL, so it has no cookies.
            Some(url) => client.cookies().export_json_for(str::from_utf8(url).unwrap_or_default()),
        };
        take(context, gadget_slice::of(json.as_bytes()));
        Ok(())
    })
}

/// Sets cookies. `json` is an array as gadget_client_list_cookies gives it.
/// Each cookie replaces the one with the same name, domain and path; a cookie
/// whose `expires` has passed deletes it.
///
/// Returns GADGET_INVALID_COOKIES if `json` is not such an array or a cookie is
/// invalid. Then no cookie is set, and `message`, unless it is NULL, gets a
/// sentence that names the member. It ends with a NUL and is cut to
/// `message_size` bytes.
///
/// # Safety
///
/// See the rules at the head of the header.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gadget_client_set_cookies(
    client: *const gadget_client,
    json: gadget_slice,
    message: *mut c_char,
    message_size: usize,
) -> gadget_status {
    guarded(|| {
        let client = find(client)?;
        // SAFETY: the caller promises that the bytes can be read.
        let json = unsafe { json.required() }?;
        let import = |json: &str| client.cookies().import_json(json);
        // SAFETY: the caller promises `message_size` writable bytes.
        unsafe { parse(json, message, message_size, import) }.ok_or(GADGET_INVALID_COOKIES)
    })
}

/// Sets the cookie of a Set-Cookie line (any bytes) as if a response from `url`
/// had sent it. A line that such a response must not set is ignored.
/// `*has_changed`, unless it is NULL, gets true if a cookie changed.
///
/// # Safety
///
/// See the rules at the head of the header.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gadget_client_set_cookie_line(
    client: *const gadget_client,
    url: gadget_slice,
    line: gadget_slice,
    has_changed: *mut bool,
) -> gadget_status {
    guarded(|| {
        let client = find(client)?;
        // SAFETY: the caller promises that the bytes can be read.
        let (url, line) = unsafe { (url.required()?, line.required()?) };
        let changed = str::from_utf8(url).is_ok_and(|url| client.cookies().set_line(url, line));
        if !has_changed.is_null() {
            // SAFETY: the caller promises that it can be written to.
            unsafe { put(has_changed, changed) }?;
        }
        Ok(())
    })
}

/// Deletes the cookies of `domain` and of all its subdomains; if it is absent,
/// all cookies.
///
/// # Safety
///
/// See the rules at the head of the header.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gadget_client_clear_cookies(
    client: *const gadget_client,
    domain: gadget_slice,
) -> gadget_status {
    guarded(|| {
        let client = find(client)?;
        // SAFETY: the caller promises that the bytes can be read.
        match unsafe { domain.optional() }?.map(str::from_utf8) {
            None => client.cookies().clear(),
            Some(Ok(domain)) => client.cookies().clear_domain(domain),
            Some(Err(_)) => {} // text that is not UTF-8 is not a domain: no cookies
        }
        Ok(())
    })
}

/// Deletes the cookie with this name, domain and path, as
/// gadget_client_list_cookies gives them. Returns GADGET_NOT_AVAILABLE if there
/// is no such cookie.
///
/// # Safety
///
/// See the rules at the head of the header.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gadget_client_delete_cookie(
    client: *const gadget_client,
    name: gadget_slice,
    domain: gadget_slice,
    path: gadget_slice,
) -> gadget_status {
    guarded(|| {
        let client = find(client)?;
        // SAFETY: the caller promises that the bytes can be read.
        let key = unsafe { [name.required()?, domain.required()?, path.required()?] };
        // No cookie has a key that is not UTF-8.
        let [Ok(name), Ok(domain), Ok(path)] = key.map(str::from_utf8) else {
            return Err(GADGET_NOT_AVAILABLE);
        };
        let is_deleted = client.cookies().delete(name, domain, path);
        if is_deleted { Ok(()) } else { Err(GADGET_NOT_AVAILABLE) }
    })
}

/// Saves the cookies that have changed, on the calling thread; it can block.
/// The library also saves them by itself, on its own threads: half a second
/// after a change, and soon after the end of a client. Returns GADGET_NOT_SAVED
/// if the storage failed; then the library tries again later.
#[unsafe(no_mangle)]
pub extern "C" fn gadget_client_save_cookies(client: *const gadget_client) -> gadget_status {
    guarded(|| find(client)?.cookies().save().map_err(|_| GADGET_NOT_SAVED))
}
