//! How a client is made.

use std::sync::Arc;

use crate::client::Client;
use crate::config::ClientConfig;
use crate::cookies::{CookieJar, CookieStorage};
use crate::observe::Observer;
use crate::wire::proxies::{Proxies, ProxySelector};
use crate::wire::resolve::HostResolver;

impl Client {
    /// Makes a client with these settings. Nothing is opened, read or started before its first
    /// request.
    pub fn new(config: ClientConfig) -> Self {
        Self::builder(config).build()
    }

    /// Starts a client with these settings and the parts that only the host app's code can provide.
    pub fn builder(config: ClientConfig) -> ClientBuilder {
        ClientBuilder { config, storage: None, resolver: None, selector: None, observer: None }
    }
}

impl Default for Client {
    fn default() -> Self {
        Self::new(ClientConfig::default())
    }
}

/// Makes a client with the parts that only the host app's code can provide.
///
/// ```
/// use std::io;
/// use std::net::IpAddr;
/// use gadget_request::{Client, ClientConfig, HostResolver};
///
/// struct HttpDns;
///
/// impl HostResolver for HttpDns {
///     fn resolve(&self, host: &str) -> io::Result<Vec<IpAddr>> {
///         // Ask over HTTP, now or in advance.
///         Ok(if host == "example.com" { vec![[192, 0, 2, 7].into()] } else { vec![] })
///     }
/// }
///
/// let client = Client::builder(ClientConfig::default()).resolver(HttpDns).build();
/// ```
#[must_use]
pub struct ClientBuilder {
    config: ClientConfig,
    storage: Option<Box<dyn CookieStorage>>,
    resolver: Option<Arc<dyn HostResolver>>,
    selector: Option<Arc<dyn ProxySelector>>,
    observer: Option<Box<dyn Observer>>,
}

impl ClientBuilder {
    /// Keeps cookies in a storage of the host app. The client shares its jar with no other client,
    /// and [`cookie_dir`](ClientConfig::cookie_dir) has no effect.
    pub fn cookie_storage(mut self, storage: impl CookieStorage + 'static) -> Self {
        self.storage = Some(Box::new(storage));
        self
    }

    /// Asks the host app for the addresses of host names.
    pub fn resolver(mut self, resolver: impl HostResolver + 'static) -> Self {
        self.resolver = Some(Arc::new(resolver));
        self
    }

    /// Asks the host app for the proxy of each request. [`proxy`](ClientConfig::proxy) has no
    /// effect; [`proxy_bypass`](ClientConfig::proxy_bypass) has.
    pub fn proxy_selector(mut self, selector: impl ProxySelector + 'static) -> Self {
        self.selector = Some(Arc::new(selector));
        self
    }

    /// Tells the host app what happens to the client's calls.
    pub fn observer(mut self, observer: impl Observer) -> Self {
        self.observer = Some(Box::new(observer));
        self
    }

    /// Makes the client. Nothing is opened, read or started before its first request.
    pub fn build(self) -> Client {
        let Self { config, storage, resolver, selector, observer } = self;
        let jar = match storage {
            Some(storage) => CookieJar::stored_in(storage),
            None => CookieJar::open(config.cookie_dir.as_deref(), &config.app_id),
        };
        let proxies = Proxies::new(&config, selector);
        let client = Client::from_parts(config, jar, resolver, proxies);
        if let Some(observer) = observer {
            client.observed_by(observer);
        }
        client
    }
}
