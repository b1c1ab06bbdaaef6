//! A long stay in the background, and a device that sleeps meanwhile.

#[path = "support/clocks.rs"]
mod clocks;
#[path = "support/preload.rs"]
mod preload;
mod support;

use std::sync::mpsc;
use std::time::Duration;

use clocks::{CLOCKS, Clocks};
use gadget_request::{Client, Error, Outcome, RequestOptions};
use gadget_test_server::Server;
use serde_json::json;
use support::{client_with, eventually, get_ok};

/// A request that the server holds until it is released.
fn hold(client: &Client, server: &Server, timeout: u64) -> mpsc::Receiver<Outcome> {
    let (sender, outcomes) = mpsc::channel();
    let options = RequestOptions::new(format!("{}/hold/it?counter=it", server.https()));
    let options = options.timeout(Duration::from_secs(timeout));
    client.start(options, move |outcome| sender.send(outcome).expect("it is awaited"));
    outcomes
}

fn status(outcomes: &mpsc::Receiver<Outcome>) -> Result<u16, Error> {
    let outcome = outcomes.recv_timeout(Duration::from_secs(10)).expect("it completes in time");
    outcome.into_result().map(|response| response.status())
}

#[test]
fn a_stay_in_the_background_of_over_30_seconds_counts_as_another_network() {
    let test = "a_stay_in_the_background_of_over_30_seconds_counts_as_another_network";
    if !preload::replaces(test, CLOCKS) {
        return;
    }
    let mut clocks = Clocks::open();
    let server = support::server();
    for (seconds, handshakes) in [(29, 0), (32, 1)] {
        let client = client_with(&server, json!({}));
        let held = hold(&client, &server, 60);
        eventually("it has come", || server.count("it").in_flight == 1);
        let before = server.handshakes();
        client.enter_background();
        clocks.pass(seconds - 10);
        client.enter_background(); // a second time changes nothing
        clocks.pass(10);
        client.enter_foreground();
        client.enter_foreground();
        assert_eq!(get_ok(&client, &server.https()).status(), 200);
        assert_eq!(server.handshakes() - before, handshakes, "after {seconds} seconds");
        server.release("it", 1);
        assert_eq!(status(&held), Ok(200), "it finishes on its connection");
    }
}

#[test]
fn calls_whose_time_has_passed_while_the_device_slept_fail_with_302_in_the_foreground() {
    let test = "calls_whose_time_has_passed_while_the_device_slept_fail_with_302_in_the_foreground";
    if !preload::replaces(test, CLOCKS) {
        return;
    }
    let mut clocks = Clocks::open();
    let server = support::server();
    let client = client_with(&server, json!({ "queue_timeout_ms": 35_000 }));
    let short: Vec<_> = (0..9).map(|_| hold(&client, &server, 30)).collect();
    let long = hold(&client, &server, 60);
    let queued = hold(&client, &server, 60);
    eventually("ten have come", || server.count("it").in_flight == 10);
    assert_eq!((client.in_flight(), client.queued()), (10, 1));
    client.enter_background();
    clocks.sleep(40);
    client.enter_foreground();
    assert_eq!((client.in_flight(), client.queued()), (1, 0), "at once");
    assert!(short.iter().chain([&queued]).all(|call| status(call) == Err(Error::Timeout)));
    eventually("the others were reset", || server.count("it").in_flight == 1);
    server.release("it", 1);
    assert_eq!(status(&long), Ok(200), "its time has not passed");
    assert_eq!(server.count("it").total, 10, "the one in the queue was never sent");
}
