//! Proxies: another one for a living client, and a selector of the host app.

use std::io;
use std::sync::Arc;

use gadget_request::{ConfigError, Proxy};

use crate::client::Client;
use crate::records::ConfigFailure;

/// Chooses the proxy of each request for the host app. It may block.
#[uniffi::export(with_foreign)]
pub trait ProxySelector: Send + Sync {
    /// The URL of the proxy for requests to an origin; none if they need none.
    fn select(&self, origin: String) -> Result<Option<String>, SelectorFailure>;
}

/// A selector failed.
#[derive(Debug, uniffi::Error)]
pub enum SelectorFailure {
    /// The only kind: the host app knows the cause, and the engine need not.
    Failed,
}

impl std::fmt::Display for SelectorFailure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the proxy selector failed")
    }
}

impl std::error::Error for SelectorFailure {}

impl From<uniffi::UnexpectedUniFFICallbackError> for SelectorFailure {
    fn from(_: uniffi::UnexpectedUniFFICallbackError) -> Self {
        Self::Failed
    }
}

#[uniffi::export]
impl Client {
    /// Takes another proxy: the settings `proxy` and `proxy_bypass` as JSON.
    pub fn set_proxy(&self, settings_json: String) -> Result<(), ConfigFailure> {
        self.client.set_proxy_json(&settings_json).map_err(|error| refused(&error))
    }

    /// Takes a selector: the setting `proxy_bypass` as JSON, or none for the client's own.
    pub fn set_proxy_selector(
        &self,
        selector: Arc<dyn ProxySelector>,
        settings_json: Option<String>,
    ) -> Result<(), ConfigFailure> {
        self.client
            .set_proxy_selector_json(Selector(selector), settings_json.as_deref())
            .map_err(|error| refused(&error))
    }
}

fn refused(error: &ConfigError) -> ConfigFailure {
    ConfigFailure::Invalid { reason: error.to_string() }
}

/// The selector of a host app, as the engine uses it. Text that is no proxy's URL is a failure.
struct Selector(Arc<dyn ProxySelector>);

impl gadget_request::ProxySelector for Selector {
    fn select(&self, origin: &str) -> io::Result<Option<Proxy>> {
        let proxy = self.0.select(origin.to_owned()).map_err(io::Error::other)?;
        proxy.map(|text| text.parse().map_err(io::Error::other)).transpose()
    }
}
