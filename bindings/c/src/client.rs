//! `gadget_client`: start a request, get its completion.

use std::ffi::c_void;
use std::ptr;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use gadget_request::{Client, Outcome, RequestOptions, RequestTask};

use crate::config::{CONFIGS, gadget_config};
use crate::context::{Context, gadget_destroy};
use crate::cookie_storage::{Storage, gadget_cookie_storage};
use crate::guard::{bytes, guarded, put};
use crate::registry::Registry;
use crate::resolver::{Resolver, gadget_resolver};
use crate::result::{Held, RESULTS, gadget_result};
use crate::status::gadget_status::{self, *};
use crate::task::{TASKS, gadget_task};

/// One running mini program: its requests, its connections.
#[expect(non_camel_case_types, reason = "the name C sees")]
pub struct gadget_client {
    _opaque: [u8; 0],
}

/// Gets the result of a request: once, on a worker thread, never from within gadget_client_start. The result is
/// its own, to be freed by gadget_result_free, now or later. It must not block, nor throw.
#[expect(non_camel_case_types, reason = "the name C sees")]
pub type gadget_completion =
    Option<extern "C" fn(context: *mut c_void, result: *mut gadget_result)>;

static CLIENTS: Registry<Client> = Registry::new();

/// Puts a new client with these settings into `*client`, to be freed by gadget_client_free. Nothing is opened or
/// started before its first request.
///
/// # Safety
///
/// See the rules at the head of the header.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gadget_client_new(
    config: *const gadget_config,
    client: *mut *mut gadget_client,
) -> gadget_status {
    // SAFETY: the caller's promise is the same, and NULL is allowed for the others.
    unsafe { gadget_client_new_with(config, ptr::null(), ptr::null(), client) }
}

/// Puts a new client into `*client`, as gadget_client_new does, with what only the host's own code can give it: a
/// place for its cookies instead of `cookie_dir`, a resolver; each may be NULL, and is copied. Their `destroy` comes
/// once, after the client's end and what is saved then, on any thread; where no client is made, before this returns.
///
/// # Safety
///
/// See the rules at the head of the header.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gadget_client_new_with(
    config: *const gadget_config,
    storage: *const gadget_cookie_storage,
    resolver: *const gadget_resolver,
    client: *mut *mut gadget_client,
) -> gadget_status {
    guarded(|| {
        // SAFETY: the caller promises that they can be read, where they are not NULL.
        let (storage, resolver) = unsafe { (storage.as_ref(), resolver.as_ref()) };
        // Both first, so that both are destroyed whatever else is wrong.
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

/// Frees a client. What is running fails with errno 301, `client closed`; its completions still come, later and
/// on a worker thread. Cookies are saved as by gadget_client_shutdown. NULL and what was freed before: nothing
/// happens. Legal within a completion.
#[unsafe(no_mangle)]
pub extern "C" fn gadget_client_free(client: *mut gadget_client) {
    guarded(|| {
        CLIENTS.remove(client);
        Ok(())
    });
}

/// Ends a client without freeing it: what is running fails with errno 301, `client closed`, and so does every
/// later request. What has changed of its cookies is saved soon, on a thread of the library; a program that ends then,
/// or must know that it is saved, calls gadget_client_save_cookies first.
#[unsafe(no_mangle)]
pub extern "C" fn gadget_client_shutdown(client: *const gadget_client) -> gadget_status {
    guarded(|| {
        find(client)?.shutdown();
        Ok(())
    })
}

/// Tells whether the device has a network; a client takes it to have one until told otherwise. While it has none,
/// new requests fail with errno 303, `offline`, and so do those in the queue; what is in flight is left alone.
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

/// Tells that the app went to the background. Nothing comes of it unless the configuration has
/// `background_grace_ms`: after that time all requests fail with errno 112, `app in background`, and so do new ones,
/// until gadget_client_enter_foreground. Telling it twice is telling it once.
#[unsafe(no_mangle)]
pub extern "C" fn gadget_client_enter_background(client: *const gadget_client) -> gadget_status {
    guarded(|| {
        find(client)?.enter_background();
        Ok(())
    })
}

/// Tells that the app is in the foreground again: requests are taken as before.
#[unsafe(no_mangle)]
pub extern "C" fn gadget_client_enter_foreground(client: *const gadget_client) -> gadget_status {
    guarded(|| {
        find(client)?.enter_foreground();
        Ok(())
    })
}

/// Puts into `*in_flight` how many requests have one of the ten places.
///
/// # Safety
///
/// See the rules at the head of the header.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gadget_client_in_flight(
    client: *const gadget_client,
    in_flight: *mut usize,
) -> gadget_status {
    // SAFETY: the caller promises that it can be written to.
    guarded(|| unsafe { put(in_flight, find(client)?.in_flight()) })
}

/// Puts into `*queued` how many requests wait for a place.
///
/// # Safety
///
/// See the rules at the head of the header.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gadget_client_queued(
    client: *const gadget_client,
    queued: *mut usize,
) -> gadget_status {
    // SAFETY: the caller promises that it can be written to.
    guarded(|| unsafe { put(queued, find(client)?.queued()) })
}

pub(crate) fn find(client: *const gadget_client) -> Result<Arc<Client>, gadget_status> {
    if client.is_null() {
        return Err(GADGET_NULL_ARGUMENT);
    }
    CLIENTS.get(client).ok_or(GADGET_NO_SUCH_OBJECT)
}

/// Starts a request. `options` is the JSON text of the options object; `body`, where it is not NULL, an
/// ArrayBuffer as its data (a pointer and length 0: an empty one). Both are copied.
///
/// Refused are only a NULL `client`, `options` or `completion`, and a client that was freed. All else that is
/// wrong, text that is no JSON or no UTF-8 too, is the request's result. With any other status than GADGET_OK nothing
/// was started, and no completion comes.
///
/// Where it returns GADGET_OK, `completion` gets `context` and the result: exactly once, on a worker thread,
/// also after an abort and after gadget_client_free. Then `destroy`, if it is not NULL, gets `context`: exactly
/// once, also where the request was refused (then before this returns).
///
/// `task`, where it is not NULL, gets a new object that aborts the request, to be freed by gadget_task_free; or
/// NULL where the request was refused.
///
/// # Safety
///
/// See the rules at the head of the header.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gadget_client_start(
    client: *const gadget_client,
    options: *const u8,
    options_length: usize,
    body: *const u8,
    body_length: usize,
    completion: gadget_completion,
    context: *mut c_void,
    destroy: gadget_destroy,
    task: *mut *mut gadget_task,
) -> gadget_status {
    let context = Context::new(context, destroy);
    guarded(move || {
        if !task.is_null() {
            // SAFETY: the caller promises that it can be written to.
            unsafe { put(task, ptr::null_mut()) }?;
        }
        let completion = completion.ok_or(GADGET_NULL_ARGUMENT)?;
        let client = find(client)?;
        // SAFETY: the caller promises that the bytes can be read until this returns.
        let (options, body) = unsafe { (bytes(options, options_length), bytes(body, body_length)) };
        let options = options.ok_or(GADGET_NULL_ARGUMENT)?;
        let options = RequestOptions::from_json(
            Bytes::copy_from_slice(options),
            body.map(Bytes::copy_from_slice),
        );
        let place = (!task.is_null()).then(|| TASKS.reserve());
        let started = start_once(completion, context, |complete| client.start(options, complete))?;
        if let (Some(place), Some(started)) = (place, started) {
            // SAFETY: as above.
            unsafe { put(task, place.fill(started)) }?;
        }
        Ok(())
    })
}

type Complete = Box<dyn FnOnce(Outcome) + Send>;

/// Starts a call: either its completion comes, or this fails and it never does, also where `start` panics. There may
/// be no task then, although the completion comes.
pub(crate) fn start_once(
    completion: extern "C" fn(*mut c_void, *mut gadget_result),
    context: Context,
    start: impl FnOnce(Complete) -> RequestTask,
) -> Result<Option<RequestTask>, gadget_status> {
    // Who takes them out has the call's end in hand.
    let ours = Arc::new(Mutex::new(Some((context, RESULTS.reserve()))));
    let theirs = Arc::clone(&ours);
    let complete = Box::new(move |outcome| {
        if let Some((context, result)) = take(&theirs) {
            completion(context.pointer(), result.fill(Held::from(outcome)));
        }
    });
    let mut task = None;
    let status = guarded(|| {
        task = Some(start(complete));
        Ok(())
    });
    if status != GADGET_OK && take(&ours).is_some() {
        return Err(status);
    }
    Ok(task)
}

fn take<T>(place: &Mutex<Option<T>>) -> Option<T> {
    place.lock().unwrap_or_else(PoisonError::into_inner).take()
}
