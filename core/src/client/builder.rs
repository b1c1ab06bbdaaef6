//! A client with what only a host app's own code can give it.

use std::sync::Arc;

use crate::client::Client;
use crate::config::ClientConfig;
use crate::cookies::{CookieJar, CookieStorage};
use crate::wire::resolve::HostResolver;

/// Makes a client with what only a host app's own code can give it, beside its settings.
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
///         // Asked over HTTP, here or beforehand.
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
}

impl ClientBuilder {
    pub(crate) fn new(config: ClientConfig) -> Self {
        Self { config, storage: None, resolver: None }
    }

    /// Keeps cookies where the host app says, in a jar that the client shares with no other;
    /// [`cookie_dir`](ClientConfig::cookie_dir) does not count then.
    pub fn cookie_storage(mut self, storage: impl CookieStorage + 'static) -> Self {
        self.storage = Some(Box::new(storage));
        self
    }

    /// Asks the host app for the addresses of host names.
    pub fn resolver(mut self, resolver: impl HostResolver + 'static) -> Self {
        self.resolver = Some(Arc::new(resolver));
        self
    }

    /// The client. Nothing is opened, read or started before its first request.
    pub fn build(self) -> Client {
        let Self { config, storage, resolver } = self;
        let jar = match storage {
            Some(storage) => CookieJar::stored_in(storage),
            None => CookieJar::open(config.cookie_dir.as_deref(), &config.app_id),
        };
        Client::with(config, jar, resolver)
    }
}
