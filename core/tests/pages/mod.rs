//! A bridge with its client and a server, and pages that talk to it.

use std::sync::mpsc::{Receiver, channel};

use gadget_request::{Bridge, BridgeConfig, BridgeReply, Client};
use gadget_test_server::Server;
use serde_json::{Value, json};

pub(crate) const ORIGIN: &str = "https://page.example";
pub(crate) const ONE: &str = "00000000000000000000000000000001";
pub(crate) const TWO: &str = "00000000000000000000000000000002";

/// A bridge with its client, and pages that talk to it.
pub(crate) struct Host {
    pub(crate) server: Server,
    pub(crate) client: Client,
    pub(crate) bridge: Bridge,
}

impl Host {
    pub(crate) fn new(settings: Value) -> Self {
        let mut document = json!({ "origins": [ORIGIN] });
        for (name, value) in settings.as_object().expect("settings are an object") {
            document[name] = value.clone();
        }
        let config =
            BridgeConfig::from_json(&document.to_string()).expect("the settings are right");
        let (server, client) = (Server::start().expect("a server starts"), Client::default());
        Self { server, bridge: Bridge::new(client.clone(), config), client }
    }

    /// With one document in its main frame.
    pub(crate) fn with_page() -> Self {
        let host = Self::new(json!({}));
        host.hello(ONE);
        host
    }

    pub(crate) fn hello(&self, page: &str) {
        assert_eq!(self.send(json!({ "page": page, "hello": true })).recv(), Ok(None));
    }

    pub(crate) fn send(&self, message: Value) -> Receiver<Option<BridgeReply>> {
        self.send_from(ORIGIN, true, message.to_string())
    }

    pub(crate) fn send_from(
        &self,
        origin: &str,
        is_main_frame: bool,
        message: impl Into<bytes::Bytes>,
    ) -> Receiver<Option<BridgeReply>> {
        let (sender, replies) = channel();
        self.bridge.receive(message, origin, is_main_frame, move |reply| {
            let _ = sender.send(reply);
        });
        replies
    }

    pub(crate) fn call(
        &self,
        page: &str,
        id: u64,
        options: &Value,
    ) -> Receiver<Option<BridgeReply>> {
        self.send(json!({ "page": page, "call": id, "options": options }))
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.server.http())
    }
}

/// The one reply, as JSON; `Null` if the page gets none.
pub(crate) fn reply(replies: &Receiver<Option<BridgeReply>>) -> Value {
    let reply = match replies.recv().expect("a reply comes") {
        Some(BridgeReply::Text(text)) => serde_json::from_str(&text).expect("a reply is JSON"),
        Some(BridgeReply::Bytes(_)) => panic!("text was expected"),
        None => Value::Null,
    };
    assert!(replies.recv().is_err(), "it comes once");
    reply
}
