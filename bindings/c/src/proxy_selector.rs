//! `gadget_selector`: the host app chooses the proxy of each request.

use std::ffi::{c_char, c_void};
use std::io;
use std::str;

use gadget_request::{Proxy, ProxySelector};

use crate::client::{find, gadget_client};
use crate::context::{Callbacks, gadget_destroy};
use crate::guard::{guarded, parse};
use crate::slice::{gadget_slice, gadget_take};
use crate::status::gadget_status::{self, *};

/// Chooses the proxy of each request of one client, for example as the system's
/// settings say.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gadget_selector {
    /// The function gets it as its first argument.
    pub context: *mut c_void,
    /// Chooses the proxy for a request or a redirect to `origin`, a URL without
    /// path and query: `https://www.example.com/`. Calls `give` with `answer`
    /// and the URL of a proxy, as the setting `proxy` has it, once before it
    /// returns; does not call it if the request needs none. If it returns
    /// false, or gives anything else, the request fails with errno 305,
    /// `proxy failed`, and nothing is sent.
    ///
    /// It runs on threads that can block, and several calls can run at the same
    /// time: at most 10 for a client and 32 for the process, those of a
    /// gadget_resolver included. Its time counts as time to connect: if it
    /// hangs, the request fails with errno 302, `timeout`. A connection is used
    /// again only by requests that get the same proxy.
    pub select: Option<
        extern "C" fn(
            context: *mut c_void,
            origin: gadget_slice,
            give: gadget_take,
            answer: *mut c_void,
        ) -> bool,
    >,
    /// Is called once, after the last `select` has returned. Can be NULL.
    pub destroy: gadget_destroy,
}

/// Takes a function that chooses the proxy of each request from now on, in
/// place of the setting `proxy`. `settings` is a JSON object with the hosts for
/// which it is not asked, `{"proxy_bypass":["*.example.com"]}`; absent means
/// those of the client's setting `proxy_bypass`. Apart from that, the same as
/// gadget_client_set_proxy, which ends the use of the function. To have a
/// selector from the beginning, call this before the first request.
///
/// Returns GADGET_INVALID_CONFIG if the settings are wrong, with a `message` as
/// that of gadget_client_set_proxy.
///
/// # Safety
///
/// See the rules at the head of the header.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gadget_client_set_proxy_selector(
    client: *const gadget_client,
    selector: *const gadget_selector,
    settings: gadget_slice,
    message: *mut c_char,
    message_size: usize,
) -> gadget_status {
    guarded(|| {
        // SAFETY: the caller promises that it can be read unless it is NULL.
        let selector = unsafe { selector.as_ref() }.ok_or(GADGET_NULL_ARGUMENT)?;
        // Before any other return, so that it is destroyed whatever else is wrong.
        let selector = Selector::new(*selector)?;
        let client = find(client)?;
        // SAFETY: the caller promises that the bytes can be read.
        let settings = unsafe { settings.optional() }?;
        let set = |text: &str| {
            let text = settings.map(|_| text);
            client.set_proxy_selector_json(selector, text)
        };
        // SAFETY: the caller promises `message_size` writable bytes.
        unsafe { parse(settings.unwrap_or_default(), message, message_size, set) }
            .ok_or(GADGET_INVALID_CONFIG)
    })
}

/// A selector that has its function.
struct Selector(
    Callbacks<extern "C" fn(*mut c_void, gadget_slice, gadget_take, *mut c_void) -> bool>,
);

/// The URL that was given, if any; an error after anything else.
type Answer = io::Result<Option<Proxy>>;

impl Selector {
    /// Takes over the context. If the function is missing, it is destroyed before this returns.
    fn new(selector: gadget_selector) -> Result<Self, gadget_status> {
        let gadget_selector { context, select, destroy } = selector;
        Ok(Self(Callbacks::new(context, select, destroy)?))
    }
}

impl ProxySelector for Selector {
    fn select(&self, origin: &str) -> io::Result<Option<Proxy>> {
        let mut answer: Answer = Ok(None);
        let origin = gadget_slice::of(origin.as_bytes());
        let place = (&raw mut answer).cast();
        let could = (self.0.functions)(self.0.context(), origin, Some(give), place);
        if could { answer } else { Err(io::ErrorKind::Other.into()) }
    }
}

/// Gets the URL that a `select` has.
extern "C" fn give(answer: *mut c_void, text: gadget_slice) {
    // SAFETY: `select` got `answer` and has not returned; until then the bytes can be read.
    let (answer, text) = unsafe { (answer.cast::<Answer>().as_mut(), text.optional()) };
    let text = text.ok().flatten().and_then(|text| str::from_utf8(text).ok());
    let proxy = text.and_then(|text| text.parse().ok());
    if let Some(answer) = answer {
        *answer = match (&answer, proxy) {
            (Ok(None), Some(proxy)) => Ok(Some(proxy)),
            _ => Err(io::ErrorKind::InvalidData.into()), // no URL, or a second one
        };
    }
}
