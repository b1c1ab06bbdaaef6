//! What C hands over comes back once, whatever fails meanwhile.

use std::ffi::c_void;
use std::ptr;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::time::Duration;

use gadget_request::{Client, RequestOptions};

use crate::client::start_once;
use crate::context::Context;
use crate::gadget_status::*;
use crate::registry::tests::without_a_place;
use crate::*;

const PATIENCE: Duration = Duration::from_secs(20);

/// A context of C's: it tells what becomes of it, and is gone when it is destroyed.
fn context() -> (*mut c_void, Receiver<&'static str>) {
    let (sender, told) = mpsc::channel::<&str>();
    (Box::into_raw(Box::new(sender)).cast(), told)
}

extern "C" fn on_completed(context: *mut c_void, result: *mut gadget_result) {
    // SAFETY: `context` made it, and it is not destroyed yet.
    let sender = unsafe { &*context.cast::<Sender<&str>>() };
    let _ = sender.send("completed");
    gadget_result_free(result);
}

extern "C" fn on_destroyed(context: *mut c_void) {
    // SAFETY: as above; it comes once.
    let sender = unsafe { Box::from_raw(context.cast::<Sender<&str>>()) };
    let _ = sender.send("destroyed");
}

/// All that becomes of a context, until it is gone.
fn end_of(told: &Receiver<&'static str>) -> Vec<&'static str> {
    let mut all = Vec::new();
    loop {
        match told.recv_timeout(PATIENCE) {
            Ok(one) => all.push(one),
            Err(RecvTimeoutError::Disconnected) => return all,
            Err(RecvTimeoutError::Timeout) => panic!("it is kept for ever; so far {all:?}"),
        }
    }
}

/// What has become of a context by now, which must be its end.
fn is_over(told: &Receiver<&'static str>) -> Vec<&'static str> {
    let all = told.try_iter().collect();
    assert_eq!(told.try_recv(), Err(mpsc::TryRecvError::Disconnected), "{all:?}");
    all
}

fn new_config() -> *mut gadget_config {
    let mut config = ptr::null_mut();
    // SAFETY: the text and the place are there.
    let status =
        unsafe { gadget_config_new(b"{}".as_ptr(), 2, &raw mut config, ptr::null_mut(), 0) };
    assert_eq!(status, GADGET_OK);
    config
}

fn new_client() -> *mut gadget_client {
    let mut client = ptr::null_mut();
    // SAFETY: the place is there.
    assert_eq!(unsafe { gadget_client_new(new_config(), &raw mut client) }, GADGET_OK);
    client
}

fn start(
    client: *mut gadget_client,
    context: *mut c_void,
    task: *mut *mut gadget_task,
) -> gadget_status {
    // SAFETY: the text is there, and so is the place or NULL.
    unsafe {
        gadget_client_start(
            client,
            b"{}".as_ptr(),
            2,
            ptr::null(),
            0,
            Some(on_completed),
            context,
            Some(on_destroyed),
            task,
        )
    }
}

#[test]
fn a_start_without_a_place_for_its_task_or_result_is_refused_and_no_completion_comes() {
    let client = new_client();
    let mut task = ptr::dangling_mut();
    for task in [&raw mut task, ptr::null_mut()] {
        let (context, told) = context();
        let status = without_a_place(|| start(client, context, task));
        assert_eq!(status, GADGET_INTERNAL_ERROR);
        assert_eq!(is_over(&told), ["destroyed"]);
    }
    assert!(task.is_null());

    let (context, told) = context();
    assert_eq!(start(client, context, &raw mut task), GADGET_OK);
    assert_eq!(end_of(&told), ["completed", "destroyed"]);
    assert_eq!(gadget_task_abort(task), GADGET_OK);
    gadget_task_free(task);
    gadget_client_free(client);
}

#[test]
fn a_start_that_panics_before_the_call_is_on_its_way_is_refused_and_no_completion_comes() {
    let (context, told) = context();
    let context = Context::new(context, Some(on_destroyed));
    let started = start_once(on_completed, context, |_| panic!("on purpose: in the start"));
    assert_eq!(started.err(), Some(GADGET_INTERNAL_ERROR));
    assert_eq!(is_over(&told), ["destroyed"]);
}

#[test]
fn a_start_that_panics_behind_the_completion_is_none_that_was_refused() {
    let (context, told) = context();
    let context = Context::new(context, Some(on_destroyed));
    let started = start_once(on_completed, context, |complete| {
        Client::default().start(RequestOptions::default(), complete);
        assert_eq!(end_of(&told), ["completed", "destroyed"]);
        panic!("on purpose: after the start")
    });
    assert!(matches!(started, Ok(None)));
}

#[test]
fn a_start_that_panics_beside_the_completion_is_refused_or_completes_and_never_both() {
    for _ in 0..500 {
        let (context, told) = context();
        let context = Context::new(context, Some(on_destroyed));
        let started = start_once(on_completed, context, |complete| {
            Client::default().start(RequestOptions::default(), complete);
            panic!("on purpose: after the start")
        });
        match started {
            Err(_) => assert_eq!(is_over(&told), ["destroyed"]),
            Ok(task) => {
                assert!(task.is_none());
                assert_eq!(end_of(&told), ["completed", "destroyed"]);
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
fn a_client_without_a_place_has_its_storage_and_its_resolver_destroyed_before_that_is_said() {
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
    // SAFETY: all of them are there.
    let status = without_a_place(|| unsafe {
        gadget_client_new_with(config, &raw const storage, &raw const resolver, &raw mut client)
    });
    assert_eq!((status, client), (GADGET_INTERNAL_ERROR, ptr::null_mut()));
    assert_eq!((is_over(&stored.1), is_over(&resolved.1)), (vec!["destroyed"], vec!["destroyed"]));
    gadget_config_free(config);
}

extern "C" fn never_changes(_: *mut c_void, _: gadget_slice) {
    panic!("a change is told to a listener that was refused");
}

#[test]
fn a_listener_without_a_place_is_destroyed_and_told_nothing() {
    let client = new_client();
    let (context, told) = context();
    let mut listener = ptr::null_mut();
    // SAFETY: the place is there.
    let status = without_a_place(|| unsafe {
        gadget_client_on_cookie_change(
            client,
            Some(never_changes),
            context,
            Some(on_destroyed),
            &raw mut listener,
        )
    });
    assert_eq!((status, listener), (GADGET_INTERNAL_ERROR, ptr::null_mut()));
    assert_eq!(is_over(&told), ["destroyed"]);
    let cookies = br#"[{"name":"a","value":"1","domain":"a.com"}]"#;
    // SAFETY: the text is there.
    let status = unsafe {
        gadget_client_set_cookies(client, cookies.as_ptr(), cookies.len(), ptr::null_mut(), 0)
    };
    assert_eq!(status, GADGET_OK);
    gadget_client_free(client);
}
