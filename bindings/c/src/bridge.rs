//! The API for the pages of a WebView: messages of the page's script in, replies out.

use std::ffi::{c_char, c_void};
use std::str;
use std::sync::Arc;

use bytes::Bytes;
use gadget_request::{Bridge, BridgeConfig, BridgeReply, Client};

use crate::client::{find as find_client, gadget_client};
use crate::context::{Callbacks, gadget_destroy};
use crate::guard::{guarded, parse, put};
use crate::registry::Registry;
use crate::slice::{gadget_slice, gadget_take};
use crate::status::gadget_status::{self, *};

/// Offers a client to the pages of one WebView: `tt.request` in the page.
/// docs/bridge.md describes the messages and the script.
pub struct gadget_bridge {
    _opaque: [u8; 0],
}

/// What gets the reply to a message.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gadget_bridge_reply {
    /// The functions get it as their first argument.
    pub context: *mut c_void,
    /// Gets the reply: exactly once, inside gadget_bridge_receive or later on a
    /// worker thread. `reply` is valid until this returns. Pass it to the
    /// script of the document that sent the message: as a string if `is_text`,
    /// else as an ArrayBuffer. If it is absent, pass nothing. Must not block.
    pub replied: Option<extern "C" fn(context: *mut c_void, reply: gadget_slice, is_text: bool)>,
    /// Is called once, after `replied` has returned. Can be NULL.
    pub destroy: gadget_destroy,
}

static BRIDGES: Registry<Bridge> = Registry::new();

fn find(bridge: *const gadget_bridge) -> Result<Arc<Bridge>, gadget_status> {
    if bridge.is_null() {
        return Err(GADGET_NULL_ARGUMENT);
    }
    BRIDGES.get(bridge).ok_or(GADGET_NO_SUCH_OBJECT)
}

/// Makes a bridge from the pages of one WebView to a client and puts it into
/// `*bridge`; free it with gadget_bridge_free. Several bridges can share a
/// client. A client that was freed ends when its last bridge is freed.
///
/// `json` has the settings: the `origins` that can use the API, whether
/// `frames` can, the `name` of the page's global, the `channel`, whether it
/// carries `bytes`, and a `secret`. Each can be absent.
///
/// Returns GADGET_INVALID_CONFIG if a setting is not valid. Then `message`,
/// unless it is NULL, gets a sentence that names the field. It ends with a NUL
/// and is cut to `message_size` bytes.
///
/// # Safety
///
/// See the rules at the head of the header.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gadget_bridge_new(
    client: *const gadget_client,
    json: gadget_slice,
    bridge: *mut *mut gadget_bridge,
    message: *mut c_char,
    message_size: usize,
) -> gadget_status {
    guarded(|| {
        let client = find_client(client)?;
        // SAFETY: the caller promises that the bytes can be read.
        let json = unsafe { json.required() }?;
        if bridge.is_null() {
            return Err(GADGET_NULL_ARGUMENT);
        }
        // SAFETY: the caller promises `message_size` writable bytes.
        let parsed = unsafe { parse(json, message, message_size, BridgeConfig::from_json) };
        let made = Bridge::new(Client::clone(&client), parsed.ok_or(GADGET_INVALID_CONFIG)?);
        // SAFETY: the caller promises that `bridge` can be written to.
        unsafe { put(bridge, BRIDGES.insert(made)) }
    })
}

/// Calls `take` once, before this returns, with the script that the host app
/// runs at the start of each document, before any script of the page: in all
/// frames if the settings allow frames.
///
/// # Safety
///
/// See the rules at the head of the header.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gadget_bridge_get_script(
    bridge: *const gadget_bridge,
    take: gadget_take,
    context: *mut c_void,
) -> gadget_status {
    guarded(|| {
        let take = take.ok_or(GADGET_NULL_ARGUMENT)?;
        take(context, gadget_slice::of(find(bridge)?.script().as_bytes()));
        Ok(())
    })
}

/// Takes a message of the page's script: text, or bytes if the channel carries
/// them.
///
/// `origin` is the origin of the document that sends it, such as
/// `https://example.com`, and `is_main_frame` is true if that document is not
/// in a frame of another one. Take both from the WebView, never from the page.
/// An origin that is not valid counts as `null`.
///
/// Messages are read in the order in which they come. A long one is read on a
/// worker thread.
///
/// # Safety
///
/// See the rules at the head of the header.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gadget_bridge_receive(
    bridge: *const gadget_bridge,
    message: gadget_slice,
    origin: gadget_slice,
    is_main_frame: bool,
    reply: *const gadget_bridge_reply,
) -> gadget_status {
    guarded(|| {
        // SAFETY: the caller promises that it can be read unless it is NULL.
        let reply = unsafe { reply.as_ref() }.ok_or(GADGET_NULL_ARGUMENT)?;
        let gadget_bridge_reply { context, replied, destroy } = *reply;
        // Before any other check, so that the context is destroyed whatever is wrong.
        let reply = Callbacks::new(context, replied, destroy)?;
        let bridge = find(bridge)?;
        // SAFETY: the caller promises that the bytes can be read until this returns.
        let (message, origin) = unsafe { (message.required()?, origin.required()?) };
        // An origin that is not UTF-8 is none.
        let origin = str::from_utf8(origin).unwrap_or_default();
        bridge.receive(Bytes::copy_from_slice(message), origin, is_main_frame, move |answer| {
            let absent = gadget_slice { data: std::ptr::null(), length: 0 };
            let (slice, is_text) = match &answer {
                Some(BridgeReply::Text(text)) => (gadget_slice::of(text.as_bytes()), true),
                Some(BridgeReply::Bytes(bytes)) => (gadget_slice::of(bytes), false),
                None => (absent, true),
            };
            (reply.functions)(reply.context(), slice, is_text);
        });
        Ok(())
    })
}

/// Ends a bridge without freeing it: all calls of its pages are aborted, and
/// all replies from now on are absent. Call it when the WebView is destroyed or
/// its process has died. Calling it twice is the same as calling it once.
#[unsafe(no_mangle)]
pub extern "C" fn gadget_bridge_close(bridge: *const gadget_bridge) -> gadget_status {
    guarded(|| {
        find(bridge)?.close();
        Ok(())
    })
}

/// Frees a bridge and ends it as gadget_bridge_close does. You can call this
/// inside `replied`.
#[unsafe(no_mangle)]
pub extern "C" fn gadget_bridge_free(bridge: *mut gadget_bridge) {
    guarded(|| {
        if let Some(found) = BRIDGES.get(bridge) {
            found.close();
        }
        BRIDGES.remove(bridge);
        Ok(())
    });
}
