//! A client's cookies, for the host: as JSON, in the terms of a WebView's store.

use std::ffi::{c_char, c_void};
use std::str;

use gadget_request::CookieListener;

use crate::client::{find, gadget_client};
use crate::context::{Context, gadget_destroy};
use crate::guard::{bytes, guarded, put, put_message};
use crate::registry::Registry;
use crate::result::gadget_slice;
use crate::status::gadget_status::{self, *};

/// Gets bytes, or a text, that are valid during the call.
#[expect(non_camel_case_types, reason = "the name C sees")]
pub type gadget_take = Option<extern "C" fn(context: *mut c_void, bytes: gadget_slice)>;

/// Gives `take` the cookies of a client's jar, before it returns: those that a request to `url` takes along, in their
/// order, or with NULL all. They are a JSON array of objects with the members `name`, `value`, `domain` (with a dot
/// before it where hosts below it are meant as well), `path`, `expires` (milliseconds since 1970; absent for a
/// session's), `secure`, `httpOnly` and `sameSite` (`strict`, `lax`, `none` or absent). This is the host's view: what
/// a mini program may see is the client's policy. `take` may call this library.
///
/// # Safety
///
/// See the rules at the head of the header.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gadget_client_cookies(
    client: *const gadget_client,
    url: *const u8,
    url_length: usize,
    take: gadget_take,
    context: *mut c_void,
) -> gadget_status {
    guarded(|| {
        let take = take.ok_or(GADGET_NULL_ARGUMENT)?;
        let client = find(client)?;
        // SAFETY: the caller promises `url_length` readable bytes.
        let json = match unsafe { bytes(url, url_length) } {
            None => client.cookies().export_json(),
            // What is no UTF-8 is no URL: no cookies are for it.
            Some(url) => client.cookies().export_json_for(str::from_utf8(url).unwrap_or_default()),
        };
        take(context, gadget_slice::of(json.as_bytes()));
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
            Ok(text) => client.cookies().import_json(text).map_err(|error| error.to_string()),
            Err(_) => Err("not UTF-8".to_owned()),
        };
        set.map_err(|error| {
            // SAFETY: the caller promises `message_size` writable bytes.
            unsafe { put_message(&error, message, message_size) };
            GADGET_INVALID_COOKIES
        })
    })
}

/// Takes a Set-Cookie line (bytes) as if a response from a URL (UTF-8) had set it, which is how a WebView's store
/// often takes cookies. `*has_changed`, if it is not NULL, gets whether it changed anything: what such a response may
/// not set is not taken.
///
/// # Safety
///
/// See the rules at the head of the header.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gadget_client_set_cookie_line(
    client: *const gadget_client,
    url: *const u8,
    url_length: usize,
    line: *const u8,
    line_length: usize,
    has_changed: *mut bool,
) -> gadget_status {
    guarded(|| {
        let client = find(client)?;
        // SAFETY: the caller promises that the bytes can be read.
        let (url, line) = unsafe { (bytes(url, url_length), bytes(line, line_length)) };
        let (Some(url), Some(line)) = (url, line) else { return Err(GADGET_NULL_ARGUMENT) };
        let changed = str::from_utf8(url).is_ok_and(|url| client.cookies().set_line(url, line));
        if !has_changed.is_null() {
            // SAFETY: the caller promises that it can be written to.
            unsafe { put(has_changed, changed) }?;
        }
        Ok(())
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

/// Removes the cookie of this name, domain (as gadget_client_cookies tells it) and path, all in UTF-8.
/// GADGET_NOT_AVAILABLE where there is none.
///
/// # Safety
///
/// See the rules at the head of the header.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gadget_client_delete_cookie(
    client: *const gadget_client,
    name: *const u8,
    name_length: usize,
    domain: *const u8,
    domain_length: usize,
    path: *const u8,
    path_length: usize,
) -> gadget_status {
    guarded(|| {
        let client = find(client)?;
        // SAFETY: the caller promises that the bytes can be read.
        let key = unsafe {
            [bytes(name, name_length), bytes(domain, domain_length), bytes(path, path_length)]
        };
        let [Some(name), Some(domain), Some(path)] = key else { return Err(GADGET_NULL_ARGUMENT) };
        // What is no UTF-8 is no cookie's.
        let [Ok(name), Ok(domain), Ok(path)] = [name, domain, path].map(str::from_utf8) else {
            return Err(GADGET_NOT_AVAILABLE);
        };
        let was_there = client.cookies().delete(name, domain, path);
        if was_there { Ok(()) } else { Err(GADGET_NOT_AVAILABLE) }
    })
}

/// Saves cookies that have changed, now and on this thread. The library does it half a second after a change, and soon
/// after the end of a client, on threads of its own. GADGET_NOT_SAVED where the storage could not: what has changed
/// stays to be saved.
#[unsafe(no_mangle)]
pub extern "C" fn gadget_client_save_cookies(client: *const gadget_client) -> gadget_status {
    guarded(|| find(client)?.cookies().save().map_err(|_| GADGET_NOT_SAVED))
}

/// As long as it is not freed, changes of a client's cookies are told.
#[expect(non_camel_case_types, reason = "the name C sees")]
pub struct gadget_cookie_listener {
    _opaque: [u8; 0],
}

static LISTENERS: Registry<CookieListener> = Registry::new();

/// Tells `changed` each change of a client's cookies, by a response or by the host, as JSON: `{"set":{…}}` or
/// `{"removed":{…}}` with a cookie as gadget_client_cookies shows it. It is called after the changes, in their order,
/// one at a time, on a thread that makes one. It may call this library and must not block.
///
/// `*listener` gets a new object, to be freed by gadget_cookie_listener_free. After that, or the end of the client
/// and of all that share its jar, no call begins. `destroy`, if it is not NULL, gets `context`
/// once, when the last call has returned; also where this did not succeed.
///
/// # Safety
///
/// See the rules at the head of the header.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gadget_client_on_cookie_change(
    client: *const gadget_client,
    changed: gadget_take,
    context: *mut c_void,
    destroy: gadget_destroy,
    listener: *mut *mut gadget_cookie_listener,
) -> gadget_status {
    let context = Context::new(context, destroy);
    guarded(|| {
        let changed = changed.ok_or(GADGET_NULL_ARGUMENT)?;
        let client = find(client)?;
        if listener.is_null() {
            return Err(GADGET_NULL_ARGUMENT);
        }
        let place = LISTENERS.reserve();
        let added = client.cookies().on_change(move |change| {
            changed(context.pointer(), gadget_slice::of(change.to_json().as_bytes()));
        });
        // SAFETY: the caller promises that `listener` can be written to.
        unsafe { put(listener, place.fill(added)) }
    })
}

/// Ends and frees a listener. A call that another thread is in may still be going on. NULL and what was freed before:
/// nothing happens. Legal within the listener.
#[unsafe(no_mangle)]
pub extern "C" fn gadget_cookie_listener_free(listener: *mut gadget_cookie_listener) {
    guarded(|| {
        LISTENERS.remove(listener);
        Ok(())
    });
}
