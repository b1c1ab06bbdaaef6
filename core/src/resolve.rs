//! From a host name to addresses: the host app's own entries, then loopback names, then the system.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use crate::attempt::Attempt;
use crate::config::ClientConfig;
use crate::error::Error;
use crate::settings::{Proxy, ResolveOverride};

/// Resolves names for one client.
pub(crate) struct Resolver {
    overrides: Vec<ResolveOverride>,
    /// The proxy's own name is resolved for a port that is not the URL's.
    proxy: Option<(String, u16)>,
}

impl Resolver {
    pub(crate) fn new(config: &ClientConfig) -> Self {
        let proxy = config.proxy.as_ref().and_then(Proxy::host_and_port);
        Self { overrides: config.resolve.clone(), proxy }
    }

    fn without_lookup(&self, name: &str) -> Option<Vec<SocketAddr>> {
        let port = match &self.proxy {
            Some((proxy, port)) if proxy == name => Some(*port),
            _ => Attempt::port(),
        };
        let overridden: Vec<SocketAddr> = self
            .overrides
            .iter()
            .filter(|entry| entry.host == name && Some(entry.port) == port)
            .map(|entry| entry.address)
            .collect();
        if !overridden.is_empty() {
            return Some(overridden);
        }
        // RFC 6761 section 6.3: these never leave the machine.
        let name = name.strip_suffix('.').unwrap_or(name);
        (name == "localhost" || name.ends_with(".localhost"))
            .then(|| vec![(Ipv6Addr::LOCALHOST, 0).into(), (Ipv4Addr::LOCALHOST, 0).into()])
    }
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let known = self.without_lookup(name.as_str());
        Box::pin(async move {
            let addresses = match known {
                Some(addresses) => addresses,
                None => tokio::net::lookup_host((name.as_str(), 0))
                    .await
                    .map_err(|_| Error::NameNotResolved)?
                    .collect(),
            };
            if addresses.is_empty() {
                return Err(Error::NameNotResolved.into());
            }
            Ok(Box::new(addresses.into_iter()) as Addrs)
        })
    }
}
