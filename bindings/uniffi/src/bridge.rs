//! The API for the pages of a WebView.

use std::sync::Arc;

use gadget_request::{BridgeConfig, BridgeReply};

use crate::client::Client;
use crate::records::ConfigFailure;

/// Offers a client to the pages of one WebView.
#[derive(uniffi::Object)]
pub struct Bridge {
    bridge: gadget_request::Bridge,
}

/// Gets the reply to a message: once, inside the call that passes the message in or later on a
/// thread of the engine. It must not block.
#[uniffi::export(with_foreign)]
pub trait Reply: Send + Sync {
    /// The reply is a text.
    fn text(&self, text: String);

    /// The reply is bytes.
    fn bytes(&self, bytes: Vec<u8>);

    /// There is nothing to pass on.
    fn nothing(&self);
}

// No constructor of the bridge: the generated Kotlin checks that a client is not destroyed only if
// the function is the client's own.
#[uniffi::export]
impl Client {
    /// Makes a bridge from a JSON document of its settings.
    pub fn open_bridge(&self, config_json: String) -> Result<Arc<Bridge>, ConfigFailure> {
        let config = BridgeConfig::from_json(&config_json)
            .map_err(|error| ConfigFailure::Invalid { reason: error.to_string() })?;
        let bridge = gadget_request::Bridge::new(self.client.clone(), config);
        Ok(Arc::new(Bridge { bridge }))
    }
}

#[uniffi::export]
impl Bridge {
    /// The script for the start of each document.
    pub fn script(&self) -> String {
        self.bridge.script()
    }

    /// Takes a text of the page's script.
    pub fn receive_text(
        &self,
        text: String,
        origin: String,
        is_main_frame: bool,
        reply: Arc<dyn Reply>,
    ) {
        self.bridge.receive(text, &origin, is_main_frame, move |it| pass(it, &*reply));
    }

    /// Takes bytes of the page's script.
    pub fn receive_bytes(
        &self,
        bytes: Vec<u8>,
        origin: String,
        is_main_frame: bool,
        reply: Arc<dyn Reply>,
    ) {
        self.bridge.receive(bytes, &origin, is_main_frame, move |it| pass(it, &*reply));
    }

    /// Ends the bridge: the calls of its pages are aborted, and they get no more replies.
    pub fn shutdown(&self) {
        self.bridge.close();
    }
}

fn pass(reply: Option<BridgeReply>, to: &dyn Reply) {
    match reply {
        Some(BridgeReply::Text(text)) => to.text(text),
        Some(BridgeReply::Bytes(bytes)) => to.bytes(bytes.into()),
        None => to.nothing(),
    }
}
