//! Each context of C is destroyed exactly once, whatever fails meanwhile.

use std::ffi::c_void;
use std::ptr;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::time::Duration;

use gadget_request::{Client, RequestOptions};

use crate::context::Callbacks;
use crate::gadget_status::*;
use crate::registry::tests::without_a_place;
use crate::start::{Completion, start_once};
use crate::*;

const PATIENCE: Duration = Duration::from_secs(20);

/// A context of C's, and a channel that gets its calls. Destroying the context closes the channel.
fn context() -> (*mut c_void, Receiver<&'static str>) {
    let (sender, calls) = mpsc::channel::<&str>();
    (Box::into_raw(Box::new(sender)).cast(), calls)
}

extern "C" fn on_completed(context: *mut c_void, result: *mut gadget_result) {
    // SAFETY: `context` made it, and it is not destroyed yet.
    let sender = unsafe { &*context.cast::<Sender<&str>>() };
    let _ = sender.send("completed");
    gadget_result_free(result);
}

extern "C" fn on_destroyed(context: *mut c_void) {
    // SAFETY: as above; this is called once.
    let sender = unsafe { Box::from_raw(context.cast::<Sender<&str>>()) };
    let _ = sender.send("destroyed");
}

/// Waits until a context is destroyed. Returns all its calls.
fn wait_for_end(calls: &Receiver<&'static str>) -> Vec<&'static str> {
    let mut all = Vec::new();
    loop {
        match calls.recv_timeout(PATIENCE) {
            Ok(one) => all.push(one),
            Err(RecvTimeoutError::Disconnected) => return all,
            Err(RecvTimeoutError::Timeout) => panic!("it is never destroyed; calls: {all:?}"),
        }
    }
}

/// All calls of a context, which must be destroyed by now.
fn ended(calls: &Receiver<&'static str>) -> Vec<&'static str> {
    let all = calls.try_iter().collect();
    assert_eq!(calls.try_recv(), Err(mpsc::TryRecvError::Disconnected), "{all:?}");
    all
}

fn new_config() -> *mut gadget_config {
    let mut config = ptr::null_mut();
    let json = gadget_slice::of(b"{}");
    // SAFETY: the text can be read and the place can be written to.
    let status = unsafe { gadget_config_new(json, &raw mut config, ptr::null_mut(), 0) };
    assert_eq!(status, GADGET_OK);
    config
}

fn new_client() -> *mut gadget_client {
    let (config, mut client) = (new_config(), ptr::null_mut());
    // SAFETY: the place can be written to.
    let status = unsafe { gadget_client_new(config, ptr::null(), ptr::null(), &raw mut client) };
    assert_eq!(status, GADGET_OK);
    gadget_config_free(config);
    client
}

fn start(
    client: *mut gadget_client,
    context: *mut c_void,
    task: *mut *mut gadget_task,
) -> gadget_status {
    let completion =
        gadget_completion { context, completed: Some(on_completed), destroy: Some(on_destroyed) };
    let no_body = gadget_slice { data: ptr::null(), length: 0 };
    // SAFETY: the text can be read; the place can be written to, or is NULL.
    unsafe {
        gadget_client_start(client, gadget_slice::of(b"{}"), no_body, &raw const completion, task)
    }
}

#[test]
fn a_start_that_has_no_place_for_its_task_or_result_is_refused_and_not_completed() {
    let client = new_client();
    let mut task = ptr::dangling_mut();
    for task in [&raw mut task, ptr::null_mut()] {
        let (context, calls) = context();
        let status = without_a_place(|| start(client, context, task));
        assert_eq!(status, GADGET_INTERNAL_ERROR);
        assert_eq!(ended(&calls), ["destroyed"]);
    }
    assert!(task.is_null());

    let (context, calls) = context();
    assert_eq!(start(client, context, &raw mut task), GADGET_OK);
    assert_eq!(wait_for_end(&calls), ["completed", "destroyed"]);
    assert_eq!(gadget_task_abort(task), GADGET_OK);
    gadget_task_free(task);
    gadget_client_free(client);
}

fn completion(context: *mut c_void) -> Completion {
    let completed: Option<extern "C" fn(_, _)> = Some(on_completed);
    Callbacks::new(context, completed, Some(on_destroyed)).expect("it has a function")
}

#[test]
fn a_start_that_panics_before_the_call_starts_is_refused_and_not_completed() {
    let (context, calls) = context();
    let completion = completion(context);
    let started = start_once(completion, |_| panic!("on purpose: in the start"));
    assert_eq!(started.err(), Some(GADGET_INTERNAL_ERROR));
    assert_eq!(ended(&calls), ["destroyed"]);
}

#[test]
fn a_start_that_panics_after_the_completion_is_not_refused() {
    let (context, calls) = context();
    let completion = completion(context);
    let started = start_once(completion, |complete| {
        Client::default().start(RequestOptions::default(), complete);
        assert_eq!(wait_for_end(&calls), ["completed", "destroyed"]);
        panic!("on purpose: after the start")
    });
    assert!(matches!(started, Ok(None)));
}

#[test]
fn a_start_that_panics_during_the_completion_is_refused_or_completed_and_never_both() {
    for _ in 0..500 {
        let (context, calls) = context();
        let completion = completion(context);
        let started = start_once(completion, |complete| {
            Client::default().start(RequestOptions::default(), complete);
            panic!("on purpose: after the start")
        });
        match started {
            Err(_) => assert_eq!(ended(&calls), ["destroyed"]),
            Ok(task) => {
                assert!(task.is_none());
                assert_eq!(wait_for_end(&calls), ["completed", "destroyed"]);
            }
        }
    }
}

extern "C" fn loads(_: *mut c_void, _: gadget_take, _: *mut c_void) -> bool {
    true
}

extern "C" fn saves(_: *mut c_void, _: gadget_slice) -> bool {
    true
}

extern "C" fn resolves(_: *mut c_void, _: gadget_slice, _: gadget_take, _: *mut c_void) -> bool {
    false
}

#[test]
fn a_client_that_has_no_place_has_its_storage_and_resolver_destroyed_before_it_is_refused() {
    let config = new_config();
    let (stored, resolved) = (context(), context());
    let storage = gadget_cookie_storage {
        context: stored.0,
        load: Some(loads),
        save: Some(saves),
        set_aside: None,
        destroy: Some(on_destroyed),
    };
    let resolver = gadget_resolver {
        context: resolved.0,
        resolve: Some(resolves),
        destroy: Some(on_destroyed),
    };
    let mut client = ptr::null_mut();
    // SAFETY: both can be read, and the place can be written to.
    let status = without_a_place(|| unsafe {
        gadget_client_new(config, &raw const storage, &raw const resolver, &raw mut client)
    });
    assert_eq!((status, client), (GADGET_INTERNAL_ERROR, ptr::null_mut()));
    assert_eq!((ended(&stored.1), ended(&resolved.1)), (vec!["destroyed"], vec!["destroyed"]));
    gadget_config_free(config);
}

extern "C" fn never_changes(_: *mut c_void, _: gadget_slice) {
    panic!("an observer that was refused is called");
}

#[test]
fn an_observer_that_has_no_place_is_destroyed_and_never_called() {
    let client = new_client();
    let (context, calls) = context();
    let observer =
        gadget_observer { context, changed: Some(never_changes), destroy: Some(on_destroyed) };
    let mut listener = ptr::null_mut();
    // SAFETY: the observer can be read, and the place can be written to.
    let status = without_a_place(|| unsafe {
        gadget_client_on_cookie_change(client, &raw const observer, &raw mut listener)
    });
    assert_eq!((status, listener), (GADGET_INTERNAL_ERROR, ptr::null_mut()));
    assert_eq!(ended(&calls), ["destroyed"]);
    let cookies = gadget_slice::of(br#"[{"name":"a","value":"1","domain":"a.com"}]"#);
    // SAFETY: the text can be read.
    let status = unsafe { gadget_client_set_cookies(client, cookies, ptr::null_mut(), 0) };
    assert_eq!(status, GADGET_OK);
    gadget_client_free(client);
}
