//! `gadget_client`: make one, end it, report the state of the device, count requests.

use std::ffi::c_char;
use std::sync::Arc;

use gadget_request::Client;

use crate::config::{CONFIGS, gadget_config};
use crate::cookie_storage::{Storage, gadget_cookie_storage};
use crate::guard::{guarded, parse, put};
use crate::registry::Registry;
use crate::resolver::{Resolver, gadget_resolver};
use crate::slice::gadget_slice;
use crate::status::gadget_status::{self, *};

/// One running mini program: its requests, its connections and its cookies.
pub struct gadget_client {
    _opaque: [u8; 0],
}

static CLIENTS: Registry<Client> = Registry::new();

pub(crate) fn find(client: *const gadget_client) -> Result<Arc<Client>, gadget_status> {
    if client.is_null() {
        return Err(GADGET_NULL_ARGUMENT);
    }
    CLIENTS.get(client).ok_or(GADGET_NO_SUCH_OBJECT)
}

/// Makes a client with these settings and puts it into `*client`; free it with
/// gadget_client_free. Nothing is opened and no thread is started before the
/// first request. You can free `config` at once.
///
/// `storage` keeps the cookies, instead of the setting `cookie_dir`. `resolver`
/// looks up host names. Each can be NULL. Their `destroy` is called after the
/// client has ended and its cookies are saved; if this function fails, before
/// it returns.
///
/// # Safety
///
/// See the rules at the head of the header.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gadget_client_new(
    config: *const gadget_config,
    storage: *const gadget_cookie_storage,
    resolver: *const gadget_resolver,
    client: *mut *mut gadget_client,
) -> gadget_status {
    guarded(|| {
        // SAFETY: the caller promises that each can be read unless it is NULL.
        let (storage, resolver) = unsafe { (storage.as_ref(), resolver.as_ref()) };
        // Both before the first return, so that both are destroyed whatever else is wrong.
        let storage = storage.map(|storage| Storage::new(*storage));
        let resolver = resolver.map(|resolver| Resolver::new(*resolver));
        let (storage, resolver) = (storage.transpose()?, resolver.transpose()?);
        if config.is_null() || client.is_null() {
            return Err(GADGET_NULL_ARGUMENT);
        }
        let config = CONFIGS.get(config).ok_or(GADGET_NO_SUCH_OBJECT)?;
        let place = CLIENTS.reserve();
        #[cfg(windows)]
        crate::pin::stay_loaded();
        let mut builder = Client::builder((*config).clone());
        if let Some(storage) = storage {
            builder = builder.cookie_storage(storage);
        }
        if let Some(resolver) = resolver {
            builder = builder.resolver(resolver);
        }
        // SAFETY: the caller promises that `client` can be written to.
        unsafe { put(client, place.fill(builder.build())) }
    })
}

/// Frees a client. It ends as with gadget_client_shutdown: at once, or when its
/// last gadget_bridge is freed. The completions of its unfinished requests are
/// still called, later. You can call this inside a completion.
#[unsafe(no_mangle)]
pub extern "C" fn gadget_client_free(client: *mut gadget_client) {
    guarded(|| {
        CLIENTS.remove(client);
        Ok(())
    });
}

/// Ends a client without freeing it. Its unfinished requests, and all later
/// ones, fail with errno 301, `client closed`; their completions are called
/// later, on a worker thread. Calling it twice is the same as calling it once.
///
/// Unsaved cookies are saved soon, on a thread of the library. If the program
/// ends then, or must know that they are saved, call gadget_client_save_cookies
/// first.
#[unsafe(no_mangle)]
pub extern "C" fn gadget_client_shutdown(client: *const gadget_client) -> gadget_status {
    guarded(|| {
        find(client)?.shutdown();
        Ok(())
    })
}

/// Reports if the device has a network. A new client assumes that it has. While
/// it has none, new and queued requests fail with errno 303, `offline`, and
/// idle connections are closed; requests in flight go on. When it has one again,
/// that counts as another one: see gadget_client_network_changed.
#[unsafe(no_mangle)]
pub extern "C" fn gadget_client_set_online(
    client: *const gadget_client,
    online: bool,
) -> gadget_status {
    guarded(|| {
        find(client)?.set_online(online);
        Ok(())
    })
}

/// Reports that the device has another network, for example mobile data in
/// place of Wi-Fi. Idle connections are closed at once. Requests in flight
/// finish on their connections; new ones open new connections, and names are
/// looked up anew. A request that is still opening its connection begins that
/// again. Nothing that was sent is sent again because of this.
#[unsafe(no_mangle)]
pub extern "C" fn gadget_client_network_changed(client: *const gadget_client) -> gadget_status {
    guarded(|| {
        find(client)?.network_changed();
        Ok(())
    })
}

/// Takes another proxy, or none, in place of the settings `proxy` and
/// `proxy_bypass`. `settings` is a JSON object with these two members, each of
/// which can be absent: `{"proxy":"socks5h://user:pass@localhost:1080"}`.
/// Requests in flight finish on their connections; for all others this counts
/// as gadget_client_network_changed.
///
/// Returns GADGET_INVALID_CONFIG if the settings are wrong. Then the client
/// keeps its proxy, and `message`, unless it is NULL, gets a sentence that names
/// the member. It ends with a NUL and is cut to `message_size` bytes.
///
/// # Safety
///
/// See the rules at the head of the header.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gadget_client_set_proxy(
    client: *const gadget_client,
    settings: gadget_slice,
    message: *mut c_char,
    message_size: usize,
) -> gadget_status {
    guarded(|| {
        let client = find(client)?;
        // SAFETY: the caller promises that the bytes can be read.
        let settings = unsafe { settings.required() }?;
        let set = |settings: &str| client.set_proxy_json(settings);
        // SAFETY: the caller promises `message_size` writable bytes.
        unsafe { parse(settings, message, message_size, set) }.ok_or(GADGET_INVALID_CONFIG)
    })
}

/// Reports that the host app is in the background: idle connections are closed.
/// If the setting `background_grace_ms` is set, all requests fail with errno
/// 112, `app in background`, when that time has passed; so do new requests,
/// until gadget_client_enter_foreground. Calling it twice is the same as calling
/// it once.
#[unsafe(no_mangle)]
pub extern "C" fn gadget_client_enter_background(client: *const gadget_client) -> gadget_status {
    guarded(|| {
        find(client)?.enter_background();
        Ok(())
    })
}

/// Reports that the host app is in the foreground again: new requests are
/// accepted. After more than 30 seconds in the background, it counts as
/// gadget_client_network_changed too, and requests whose timeout has passed
/// meanwhile fail with errno 302, `timeout`; the time that the device slept
/// counts. Calling it twice is the same as calling it once.
#[unsafe(no_mangle)]
pub extern "C" fn gadget_client_enter_foreground(client: *const gadget_client) -> gadget_status {
    guarded(|| {
        find(client)?.enter_foreground();
        Ok(())
    })
}

/// Gets the number of requests that have one of the ten places.
///
/// # Safety
///
/// See the rules at the head of the header.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gadget_client_get_in_flight(
    client: *const gadget_client,
    in_flight: *mut usize,
) -> gadget_status {
    // SAFETY: the caller promises that it can be written to.
    guarded(|| unsafe { put(in_flight, find(client)?.in_flight()) })
}

/// Gets the number of requests that wait for a place.
///
/// # Safety
///
/// See the rules at the head of the header.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gadget_client_get_queued(
    client: *const gadget_client,
    queued: *mut usize,
) -> gadget_status {
    // SAFETY: the caller promises that it can be written to.
    guarded(|| unsafe { put(queued, find(client)?.queued()) })
}
