//! Decides which proxy a request goes through.

use std::io;
use std::sync::Arc;

use http::Uri;
use url::Url;

use crate::cause::{Cause, CausePhase, Failure};
use crate::config::ClientConfig;
use crate::config::hosts::HostPattern;
use crate::config::network::Proxy;
use crate::error::Error;
use crate::wire::resolve::Places;

/// Chooses the proxy of each request for the host app, for example as the system's settings say.
pub trait ProxySelector: Send + Sync {
    /// Returns the proxy for requests to an origin, or `None` if they need none.
    ///
    /// `origin` is a URL without path and query, as `https://www.example.com/` or
    /// `http://[2001:db8::1]:8080/`. The function is called for each request and each redirect, on
    /// threads that may block, unless [`ClientConfig::proxy_bypass`] matches. A connection is used
    /// again only by requests that get the same proxy. The call counts as time to connect. At most
    /// 32 calls run at a time in a process, and 10 for one client, those of
    /// [`HostResolver`](crate::HostResolver) included.
    ///
    /// # Errors
    ///
    /// The call of `request` fails with 305 `proxy failed`.
    fn select(&self, origin: &str) -> io::Result<Option<Proxy>>;
}

/// The proxies of one client.
#[derive(Clone)]
pub(crate) struct Proxies {
    choice: Choice,
    bypass: Arc<[HostPattern]>,
}

#[derive(Clone)]
enum Choice {
    Direct,
    Fixed(Arc<Proxy>),
    Asked(Arc<dyn ProxySelector>),
}

impl Proxies {
    pub(crate) fn fixed(proxy: Option<Proxy>, bypass: Vec<HostPattern>) -> Self {
        let choice = proxy.map_or(Choice::Direct, |proxy| Choice::Fixed(Arc::new(proxy)));
        Self { choice, bypass: bypass.into() }
    }

    pub(crate) fn asked(selector: Arc<dyn ProxySelector>, bypass: Vec<HostPattern>) -> Self {
        Self { choice: Choice::Asked(selector), bypass: bypass.into() }
    }

    pub(crate) fn new(config: &ClientConfig, selector: Option<Arc<dyn ProxySelector>>) -> Self {
        let bypass = config.proxy_bypass.clone();
        match selector {
            Some(selector) => Self::asked(selector, bypass),
            None => Self::fixed(config.proxy.clone(), bypass),
        }
    }

    /// Returns the proxy for a request, or `None` if the host app has to be asked for it.
    pub(crate) fn known(&self, uri: &Uri) -> Option<Option<Arc<Proxy>>> {
        let by_choice = match &self.choice {
            Choice::Direct => return Some(None),
            Choice::Fixed(proxy) => Some(Some(Arc::clone(proxy))),
            Choice::Asked(_) => None,
        };
        if self.bypass.is_empty() {
            return by_choice;
        }
        let origin = origin_url(uri)?;
        if self.bypass.iter().any(|it| it.matches(&origin)) { Some(None) } else { by_choice }
    }

    /// Returns the proxy for a request. `places` are those of the client's network.
    pub(crate) async fn select(
        &self,
        uri: &Uri,
        places: &Places,
    ) -> Result<Option<Arc<Proxy>>, Failure> {
        if let Some(known) = self.known(uri) {
            return Ok(known);
        }
        let origin = origin_url(uri).ok_or(Error::RefusedByNetworkStack)?;
        let Choice::Asked(selector) = &self.choice else { return Ok(None) };
        let selector = Arc::clone(selector);
        let selected = places.ask_app(move || selector.select(origin.as_str())).await;
        let failed = |error: io::Error| {
            Failure::new(Error::ProxyFailed, Cause::of(CausePhase::Proxy, &error))
        };
        Ok(selected.map_err(failed)?.map(Arc::new))
    }
}

/// Returns a URI without its path and query.
pub(crate) fn origin_url(uri: &Uri) -> Option<Url> {
    Url::parse(&format!("{}://{}/", uri.scheme_str()?, uri.authority()?)).ok()
}
