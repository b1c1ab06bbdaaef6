//! Reports changes of a client's cookies.

use std::ffi::c_void;

use gadget_request::CookieListener;

use crate::client::{find, gadget_client};
use crate::context::{Callbacks, gadget_destroy};
use crate::guard::{guarded, put};
use crate::registry::Registry;
use crate::slice::{gadget_slice, gadget_take};
use crate::status::gadget_status::{self, *};

/// Receives the changes of a client's cookies.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gadget_observer {
    /// The functions get it as their first argument.
    pub context: *mut c_void,
    /// Gets a change as JSON: `{"set":COOKIE}` or `{"removed":COOKIE}`, a cookie
    /// as gadget_client_list_cookies gives it. It is called after each change,
    /// by a response or by the host app, in their order, one at a time, on a
    /// thread that makes a change. Can call this library. Must not block.
    pub changed: gadget_take,
    /// Is called once, after the last `changed` has returned. Can be NULL.
    pub destroy: gadget_destroy,
}

/// The link from a client's cookies to an observer. Free it to stop the calls.
pub struct gadget_cookie_listener {
    _opaque: [u8; 0],
}

static LISTENERS: Registry<CookieListener> = Registry::new();

/// Reports each change of a client's cookies to `observer`, from now on, and
/// puts a new object into `*listener`; free it with
/// gadget_cookie_listener_free.
///
/// No call of `changed` begins after the listener is freed, or after the end of
/// the client and of all clients that share its cookies.
///
/// # Safety
///
/// See the rules at the head of the header.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gadget_client_on_cookie_change(
    client: *const gadget_client,
    observer: *const gadget_observer,
    listener: *mut *mut gadget_cookie_listener,
) -> gadget_status {
    guarded(|| {
        // SAFETY: the caller promises that it can be read unless it is NULL.
        let observer = unsafe { observer.as_ref() }.ok_or(GADGET_NULL_ARGUMENT)?;
        let gadget_observer { context, changed, destroy } = *observer;
        // Before any other check, so that the context is destroyed whatever is wrong.
        let observer = Callbacks::new(context, changed, destroy)?;
        let client = find(client)?;
        if listener.is_null() {
            return Err(GADGET_NULL_ARGUMENT);
        }
        let place = LISTENERS.reserve();
        let added = client.cookies().on_change(move |change| {
            let json = change.to_json();
            (observer.functions)(observer.context(), gadget_slice::of(json.as_bytes()));
        });
        // SAFETY: the caller promises that `listener` can be written to.
        unsafe { put(listener, place.fill(added)) }
    })
}

/// Stops and frees a listener. A call of `changed` on another thread may still
/// be running when this returns. You can call this inside `changed`.
#[unsafe(no_mangle)]
pub extern "C" fn gadget_cookie_listener_free(listener: *mut gadget_cookie_listener) {
    guarded(|| {
        LISTENERS.remove(listener);
        Ok(())
    });
}
