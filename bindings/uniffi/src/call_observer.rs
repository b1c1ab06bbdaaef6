//! What happens to the calls of a client: told to an observer, and kept for a HAR.

use std::sync::Arc;

use gadget_request::Observer;

use crate::call_event::CallEvent;
use crate::client::Client;

/// Gets what happens to the calls of a client, one event at a time and in their order, on threads
/// of the engine that may wait.
#[uniffi::export(with_foreign)]
pub trait CallObserver: Send + Sync {
    /// Something has happened to a call.
    fn on_event(&self, event: CallEvent);
}

struct Told(Arc<dyn CallObserver>);

impl Observer for Told {
    fn on_event(&mut self, event: &gadget_request::CallEvent) {
        self.0.on_event(event.into());
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
