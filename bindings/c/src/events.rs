//! The events of a request: the head of its response, and the pieces of its body.

use std::ffi::c_void;

use bytes::Bytes;
use gadget_request::{Demand, EventListener, ResponseHead};

use crate::client::gadget_client;
use crate::context::{Callbacks, gadget_destroy};
use crate::guard::guarded;
use crate::slice::gadget_slice;
use crate::start::{gadget_completion, start};
use crate::status::gadget_status::{self, *};
use crate::task::{TASKS, gadget_task};

/// Hears of a response while its request runs. The functions are called on
/// worker threads, one at a time, in the order of the events, and before the
/// completion; maybe before gadget_client_listen returns. When the
/// request has ended, by an abort too, none is called any more; one that has
/// begun on another thread can still run. They must not block.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gadget_events {
    /// The functions get it as their first argument.
    pub context: *mut c_void,
    /// Gets the head of the last response, once. `head` is the JSON object for
    /// the listeners of a mini program: `statusCode`, `header` and `cookies`.
    /// It is valid until this returns. Can be NULL.
    pub received_headers:
        Option<extern "C" fn(context: *mut c_void, status_code: u16, head: gadget_slice)>,
    /// Gets a piece of the body, decoded from its codings and never empty, if
    /// the options have `enableChunked`. `chunk` is valid until this returns.
    /// Return true if the next one can come at once. Return false to pause: the
    /// next one, or the success after the last one, then waits for
    /// gadget_task_resume, which counts even if another thread calls it before
    /// this returns. Meanwhile the library reads a little ahead, less than
    /// 1 MiB, and then slows the server down. The timeout goes on. Can be NULL.
    pub received_chunk: Option<extern "C" fn(context: *mut c_void, chunk: gadget_slice) -> bool>,
    /// The head waits for the first gadget_task_resume, if the options have no
    /// `enableChunked`. A head that still waits when the request succeeds never
    /// comes.
    pub headers_wait: bool,
    /// Is called once, after the last event and before the completion. Can be
    /// NULL.
    pub destroy: gadget_destroy,
}

#[derive(Clone, Copy)]
struct Functions {
    received_headers: Option<extern "C" fn(*mut c_void, u16, gadget_slice)>,
    received_chunk: Option<extern "C" fn(*mut c_void, gadget_slice) -> bool>,
    headers_wait: bool,
}

struct Listener(Callbacks<Functions>);

impl Listener {
    fn new(events: gadget_events) -> Result<Self, gadget_status> {
        let gadget_events { context, received_headers, received_chunk, headers_wait, destroy } =
            events;
        let functions = Functions { received_headers, received_chunk, headers_wait };
        Ok(Self(Callbacks::new(context, Some(functions), destroy)?))
    }
}

impl EventListener for Listener {
    fn on_headers(&mut self, head: &ResponseHead) {
        if let Some(received_headers) = self.0.functions.received_headers {
            let json = head.json();
            received_headers(self.0.context(), head.status(), gadget_slice::of(json.as_bytes()));
        }
    }

    fn on_chunk(&mut self, chunk: Bytes) -> Demand {
        let Some(received_chunk) = self.0.functions.received_chunk else { return Demand::More };
        match received_chunk(self.0.context(), gadget_slice::of(&chunk)) {
            true => Demand::More,
            false => Demand::Pause,
        }
    }

    fn headers_wait(&self) -> bool {
        self.0.functions.headers_wait
    }
}

/// Starts a request as gadget_client_start does; `events` hears of its response
/// while it runs. `events` can be NULL. If this fails, its `destroy` is called
/// before this returns, and no event comes.
///
/// # Safety
///
/// See the rules at the head of the header.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gadget_client_listen(
    client: *const gadget_client,
    options: gadget_slice,
    body: gadget_slice,
    events: *const gadget_events,
    completion: *const gadget_completion,
    task: *mut *mut gadget_task,
) -> gadget_status {
    guarded(|| {
        // SAFETY: the caller promises that it can be read unless it is NULL.
        let listener = unsafe { events.as_ref() }.map(|events| Listener::new(*events)).transpose();
        // SAFETY: the caller promises the same.
        unsafe { start(client, options, body, listener, completion, task) }
    })
}

/// Lets chunks come again after `received_chunk` has returned false, and a head
/// that waits. It never calls a function of the events itself. Has no effect if
/// nothing is paused, or if the request has no events. You can call this inside
/// them.
#[unsafe(no_mangle)]
pub extern "C" fn gadget_task_resume(task: *const gadget_task) -> gadget_status {
    guarded(|| {
        if task.is_null() {
            return Err(GADGET_NULL_ARGUMENT);
        }
        TASKS.get(task).ok_or(GADGET_NO_SUCH_OBJECT)?.resume();
        Ok(())
    })
}
