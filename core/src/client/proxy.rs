//! A client takes a proxy selector, with settings as JSON.

use crate::client::Client;
use crate::config::error::ConfigError;
use crate::config::json;
use crate::config::network::SelectorDocument;
use crate::wire::proxies::ProxySelector;

impl Client {
    /// The same as [`set_proxy_selector`](Self::set_proxy_selector), with the setting's name:
    /// `{"proxy_bypass": ["*.corp.example"]}`. Without a text, the hosts are those of the client's
    /// settings ([`ClientConfig::proxy_bypass`](crate::ClientConfig::proxy_bypass)).
    ///
    /// # Errors
    ///
    /// As those of [`ClientConfig::from_json`](crate::ClientConfig::from_json). Then the client
    /// keeps its proxy.
    pub fn set_proxy_selector_json(
        &self,
        selector: impl ProxySelector + 'static,
        text: Option<&str>,
    ) -> Result<(), ConfigError> {
        let bypass = match text {
            Some(text) => json::read::<SelectorDocument>(text)?.proxy_bypass,
            None => self.engine.config.proxy_bypass.clone(),
        };
        self.set_proxy_selector(selector, bypass);
        Ok(())
    }
}
