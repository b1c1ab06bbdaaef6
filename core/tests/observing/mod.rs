//! An observer that keeps what it hears.
#![allow(dead_code, reason = "each test file uses its own part")]

use std::sync::mpsc;

use gadget_request::{CallEvent, Client, Observer};
use serde_json::Value;

/// Sends each event to the test.
pub(crate) struct Sends(pub(crate) mpsc::Sender<CallEvent>);

impl Observer for Sends {
    fn on_event(&mut self, event: &CallEvent) {
        let _ = self.0.send(event.clone()); // fails if the test has ended
    }
}

/// The events of a client's calls from now on. They end with the client and its calls.
pub(crate) fn observe(client: &Client) -> mpsc::Receiver<CallEvent> {
    let (sender, events) = mpsc::channel();
    assert!(client.set_observer(Sends(sender)), "it has no observer yet");
    events
}

/// All events of a client's calls, as JSON.
pub(crate) fn all(client: Client, events: &mpsc::Receiver<CallEvent>) -> Vec<Value> {
    drop(client);
    events.iter().map(|event| parsed(&event)).collect()
}

pub(crate) fn parsed(event: &CallEvent) -> Value {
    let json = event.to_json();
    serde_json::from_str(&json).unwrap_or_else(|error| panic!("{error}: {json}"))
}

/// The names of events, in their order.
pub(crate) fn names(events: &[Value]) -> Vec<&str> {
    events.iter().map(|event| event["event"].as_str().expect("it has a name")).collect()
}

/// The only event with this name.
pub(crate) fn only<'e>(events: &'e [Value], name: &str) -> &'e Value {
    let found: Vec<_> = events.iter().filter(|event| event["event"] == name).collect();
    assert_eq!(found.len(), 1, "{name} in {events:?}");
    found[0]
}
