//! What happens to the calls of a client: told to an observer, and kept for a HAR.

use std::sync::Arc;

use gadget_request::{CallEvent, Observer};

use crate::client::Client;

/// Gets what happens to the calls of a client, one event at a time and in their order, on threads
/// of the engine that may wait.
#[uniffi::export(with_foreign)]
pub trait CallObserver: Send + Sync {
    /// Something has happened. The event is a JSON object, in the form that core gives it.
    fn on_event(&self, json: String);
}

struct Told(Arc<dyn CallObserver>);

impl Observer for Told {
    fn on_event(&mut self, event: &CallEvent) {
        self.0.on_event(event.to_json());
    }
}

#[uniffi::export]
impl Client {
    /// Reports what happens to the calls that are started from now on. Returns false if the client
    /// has an observer already.
    pub fn set_observer(&self, observer: Arc<dyn CallObserver>) -> bool {
        self.client.set_observer(Told(observer))
    }

    /// The calls that ended last as HAR 1.2 (JSON), as many as the setting `har_exchanges` says.
    pub fn har(&self) -> String {
        self.client.har()
    }
}
