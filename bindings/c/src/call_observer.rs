//! What happens to a client's requests: told to an observer, and kept for a HAR.

use std::ffi::c_void;

use gadget_request::{CallEvent, Observer};

use crate::client::{find, gadget_client};
use crate::context::{Callbacks, gadget_destroy};
use crate::guard::guarded;
use crate::slice::{gadget_slice, gadget_take};
use crate::status::gadget_status::{self, *};

/// Receives what happens to the requests of a client.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gadget_call_observer {
    /// The functions get it as their first argument.
    pub context: *mut c_void,
    /// Gets an event as JSON: `{"call":TRACE,"at":MILLIS,"event":"start",...}`.
    /// docs/what-happened.md lists the events and their members. They come in
    /// their order, one at a time, on threads of the library that can wait. If
    /// 4 MiB of them wait, later ones are lost, and the next has `dropped`.
    /// Can call this library.
    pub happened: gadget_take,
    /// Is called once, after the client and all its requests have ended and the
    /// last `happened` has returned. Can be NULL.
    pub destroy: gadget_destroy,
}

struct CallObserver(Callbacks<extern "C" fn(*mut c_void, gadget_slice)>);

impl Observer for CallObserver {
    fn on_event(&mut self, event: &CallEvent) {
        let json = event.to_json();
        (self.0.functions)(self.0.context(), gadget_slice::of(json.as_bytes()));
    }
}

/// Reports what happens to the requests of a client that are started from now
/// on. A client has one observer: GADGET_TOO_LATE if it has one already.
///
/// # Safety
///
/// See the rules at the head of the header.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gadget_client_set_observer(
    client: *const gadget_client,
    observer: *const gadget_call_observer,
) -> gadget_status {
    guarded(|| {
        // SAFETY: the caller promises that it can be read unless it is NULL.
        let observer = unsafe { observer.as_ref() }.ok_or(GADGET_NULL_ARGUMENT)?;
        let gadget_call_observer { context, happened, destroy } = *observer;
        // Before any other check, so that the context is destroyed whatever is wrong.
        let observer = CallObserver(Callbacks::new(context, happened, destroy)?);
        if find(client)?.set_observer(observer) { Ok(()) } else { Err(GADGET_TOO_LATE) }
    })
}

/// Calls `take` once with `context` and a HAR 1.2 document (JSON), before this
/// returns: the requests that ended last, with their responses, as many as the
/// setting `har_exchanges` says. `take` can call this library.
///
/// # Safety
///
/// See the rules at the head of the header.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gadget_client_get_har(
    client: *const gadget_client,
    take: gadget_take,
    context: *mut c_void,
) -> gadget_status {
    guarded(|| {
        let take = take.ok_or(GADGET_NULL_ARGUMENT)?;
        let json = find(client)?.har();
        take(context, gadget_slice::of(json.as_bytes()));
        Ok(())
    })
}
