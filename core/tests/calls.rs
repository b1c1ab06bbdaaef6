//! The call itself: its outcome (docs/contract.md#4-result), its trace (docs/contract.md#6-trace)
//! and its end (docs/contract.md#8-abort).

mod support;

use std::collections::HashSet;
use std::future::Future as _;
use std::sync::mpsc;
use std::task::{Context, Waker};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use gadget_request::{Client, Error, RequestOptions, Trace};
use serde_json::json;

#[test]
fn a_trace_is_02_then_13_digits_of_time_then_38_hex_digits() {
    let before = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis();
    let traces: Vec<Trace> = (0..10_000).map(|_| Trace::new()).collect();
    let after = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis();
    for trace in &traces {
        let text = trace.as_str();
        assert_eq!((text.len(), &text[..2]), (53, "02"), "{text}");
        let millis: u128 = text[2..15].parse().unwrap();
        assert!((before..=after).contains(&millis), "{text}");
        assert!(text[15..].bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')), "{text}");
    }
    let distinct: HashSet<&str> = traces.iter().map(Trace::as_str).collect();
    assert_eq!(distinct.len(), traces.len());
}

#[test]
fn every_outcome_has_its_trace_even_if_nothing_was_sent() {
    let server = support::server();
    let client = support::client(&server);
    for options in [
        json!({ "url": server.http() }),
        json!({ "url": "nonsense" }),
        json!({ "url": "http://x.invalid" }),
    ] {
        let outcome = support::request(&client, &options);
        assert_eq!(support::json(&outcome)["trace"], outcome.trace().as_str());
        assert_eq!(outcome.trace().as_str().len(), 53);
    }
    let (sender, outcomes) = mpsc::channel();
    let task = client
        .start(RequestOptions::new(server.http()), move |outcome| sender.send(outcome).unwrap());
    assert_eq!(outcomes.recv().unwrap().trace(), task.trace());
}

#[test]
fn a_completion_comes_once_and_never_from_within_start() {
    let server = support::server();
    let client = support::client(&server);
    for url in
        [server.http(), "nonsense".to_owned(), format!("{}/fault/close-before-head", server.http())]
    {
        let starting = std::sync::Arc::new(std::sync::Mutex::new(()));
        let (sender, outcomes) = mpsc::channel();
        let held = starting.lock().unwrap();
        let there = std::sync::Arc::clone(&starting);
        let caller = std::thread::current().id();
        client.start(RequestOptions::new(url), move |outcome| {
            drop(there.lock()); // would deadlock if `start` called it
            sender.send((outcome, std::thread::current())).unwrap();
        });
        drop(held);
        let (_, thread) = outcomes.recv().unwrap();
        assert_ne!(thread.id(), caller);
        assert_eq!(thread.name(), Some("gadget-request"));
        assert!(outcomes.recv().is_err(), "the completion is dropped after one call");
    }
}

#[test]
fn abort_ends_a_call_with_301_and_closes_its_connection() {
    let server = support::server();
    let client = support::client(&server);
    for path in ["fault/silence", "fault/silence-in-body", "fault/drip", "delay/60000"] {
        for origin in [server.http(), server.https()] {
            let (sender, outcomes) = mpsc::channel();
            let url = format!("{origin}/{path}?counter={path}");
            let task = client
                .start(RequestOptions::new(url), move |outcome| sender.send(outcome).unwrap());
            support::eventually("the request has come", || server.count(path).in_flight == 1);
            task.abort();
            task.clone().abort();
            assert_eq!(outcomes.recv().unwrap().result().unwrap_err(), &Error::Aborted, "{path}");
            task.abort();
            support::eventually("the server sees the end of it", || {
                server.count(path).in_flight == 0
            });
            assert!(outcomes.recv().is_err());
        }
    }
}

#[test]
fn dropping_the_task_does_not_affect_the_call() {
    let server = support::server();
    let client = support::client(&server);
    let (sender, outcomes) = mpsc::channel();
    drop(client.start(
        RequestOptions::new(format!("{}/delay/50", server.http())),
        move |outcome| {
            sender.send(outcome).unwrap();
        },
    ));
    assert!(outcomes.recv().unwrap().result().is_ok());
}

#[test]
fn dropping_the_last_handle_of_a_client_fails_its_running_calls_with_301() {
    let server = support::server();
    let client = support::client(&server);
    let (sender, outcomes) = mpsc::channel();
    client.start(
        RequestOptions::new(format!("{}/fault/silence?counter=c", server.http())),
        move |outcome| {
            sender.send(outcome).unwrap();
        },
    );
    support::eventually("the request has come", || server.count("c").in_flight == 1);
    let other = client.clone();
    drop(client);
    assert!(outcomes.recv_timeout(Duration::from_millis(50)).is_err(), "a handle is left");
    drop(other);
    assert_eq!(outcomes.recv().unwrap().result().unwrap_err(), &Error::ClientClosed);
    support::eventually("the connection is closed", || server.connections() == 0);
}

#[test]
fn shutdown_fails_running_calls_and_every_later_call_with_301() {
    let server = support::server();
    let client = support::client(&server);
    let (sender, outcomes) = mpsc::channel();
    let url = format!("{}/fault/silence?counter=s", server.http());
    client.start(RequestOptions::new(url), move |outcome| {
        sender.send(outcome).unwrap();
    });
    support::eventually("the request has come", || server.count("s").in_flight == 1);
    client.clone().shutdown();
    client.shutdown();
    assert_eq!(outcomes.recv().unwrap().result().unwrap_err(), &Error::ClientClosed);
    let later = support::get(&client, &server.http());
    assert_eq!(later.err_msg(), "request:fail client closed");
    assert_eq!(server.total(), 1);
}

#[test]
fn dropping_the_future_of_a_request_aborts_it() {
    let server = support::server();
    let client = support::client(&server);
    let mut future = Box::pin(
        client.request(RequestOptions::new(format!("{}/fault/silence?counter=f", server.http()))),
    );
    assert!(future.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    support::eventually("the request has come", || server.count("f").in_flight == 1);
    drop(future);
    support::eventually("the server sees the end of it", || server.count("f").in_flight == 0);
}

#[test]
fn a_completion_that_panics_hurts_no_other_call() {
    let server = support::server();
    let client = support::client(&server);
    for _ in 0..10 {
        client.start(RequestOptions::new(server.http()), |_| {
            panic!("on purpose: a completion that panics")
        });
    }
    for _ in 0..10 {
        assert!(support::get(&client, &server.http()).result().is_ok());
    }
}

#[test]
fn a_client_needs_no_executor_and_works_from_many_threads() {
    let server = support::server();
    let client = support::client(&server);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for _ in 0..25 {
                    assert!(
                        support::get(&client, &format!("{}/bytes/100", server.http()))
                            .result()
                            .is_ok()
                    );
                }
            });
        }
    });
    assert_eq!(server.total(), 200);
    drop(client);
    let unused = Client::default();
    drop(unused);
}
