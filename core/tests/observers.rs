//! docs/contract.md#15-what-a-host-app-sees: observers that are slow, that panic, and that use
//! their client.

mod observing;
mod support;

use std::sync::mpsc;

use gadget_request::{CallEvent, CallStep, Client, Observer, RequestOptions};
use observing::observe;
use serde_json::json;
use support::{client, client_with, eventually, get};

/// Waits at its first event until the test lets it go on.
struct Waits(mpsc::Receiver<()>, mpsc::Sender<(u64, String)>);

impl Observer for Waits {
    fn on_event(&mut self, event: &CallEvent) {
        let _ = self.0.recv(); // fails after the test's sender is dropped
        let _ = self.1.send((event.dropped(), event.name().to_owned()));
    }
}

#[test]
fn a_slow_observer_delays_no_call_and_hears_how_many_events_it_has_missed() {
    let server = support::server();
    let client = client_with(&server, json!({ "allowed_hosts": [] }));
    let (let_go, waits) = mpsc::channel();
    let (sender, heard) = mpsc::channel();
    assert!(client.set_observer(Waits(waits, sender)));
    let url = format!("http://a.test/{}", "x".repeat(60_000));
    for _ in 0..200 {
        assert!(get(&client, &url).result().is_err());
    }
    drop(let_go);
    let mut events = 0;
    while events < 100 {
        events += 1;
        assert_eq!(heard.recv().unwrap().0, 0, "in their order");
    }
    get(&client, "http://a.test/");
    drop(client);
    let (mut dropped, mut ends) = (0, 0);
    for (missed, name) in heard {
        events += 1;
        dropped += missed;
        ends += u64::from(name == "end");
    }
    assert_eq!(events + dropped, 402, "all events of 201 calls");
    assert!(dropped > 100 && ends > 0, "{dropped} dropped, {ends} ends");
}

/// Panics at each event, and when it is dropped.
struct Panics(mpsc::Sender<String>);

impl Observer for Panics {
    fn on_event(&mut self, event: &CallEvent) {
        let _ = self.0.send(event.name().to_owned());
        panic!("on purpose: an observer that panics");
    }
}

impl Drop for Panics {
    fn drop(&mut self) {
        panic!("on purpose: an observer that panics at its end");
    }
}

#[test]
fn a_panic_of_the_observer_hurts_no_call_and_the_next_event_comes() {
    let server = support::server();
    let client = client(&server);
    let (sender, heard) = mpsc::channel();
    assert!(client.set_observer(Panics(sender)));
    for _ in 0..3 {
        assert!(get(&client, &server.http()).result().is_ok());
    }
    drop(client);
    let heard: Vec<_> = heard.iter().collect();
    assert_eq!(heard.len(), 18);
    assert_eq!(heard[17], "end");
}

#[test]
fn a_client_has_one_observer_and_drops_it_after_the_last_event() {
    let server = support::server();
    let client = client(&server);
    let events = observe(&client);
    assert!(!client.set_observer(observing::Sends(mpsc::channel().0)), "it has one");
    let (sender, outcomes) = mpsc::channel();
    let options = RequestOptions::new(format!("{}/hold/it", server.http()));
    client.start(options, move |outcome| sender.send(outcome).unwrap());
    eventually("it is there", || server.count("").in_flight == 1);
    drop(client); // its call ends
    assert!(outcomes.recv().unwrap().result().is_err());
    let last = events.iter().last().unwrap();
    assert!(matches!(last.step(), CallStep::End { result: Err(_), .. }), "{}", last.to_json());
}

#[test]
fn an_observer_can_use_the_client_that_it_observes() {
    struct Calls(Option<Client>, mpsc::Sender<usize>);
    impl Observer for Calls {
        fn on_event(&mut self, event: &CallEvent) {
            if let CallStep::End { .. } = event.step()
                && let Some(client) = self.0.take()
            {
                let outcome = pollster::block_on(client.request(RequestOptions::new("ftp://a")));
                self.1.send(client.in_flight() + outcome.err_msg().len()).unwrap();
            }
        }
    }
    let client = Client::default();
    let (sender, used) = mpsc::channel();
    assert!(client.set_observer(Calls(Some(client.clone()), sender)));
    get(&client, "ftp://b");
    assert!(used.recv().unwrap() > 0);
}
