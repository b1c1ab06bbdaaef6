//! From a host name to addresses: the host app's own entries, then loopback names, then the system.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use crate::config::ClientConfig;
use crate::error::Error;
use crate::settings::ResolveOverride;

/// Resolves names for one client.
pub(crate) struct Resolver {
    overrides: Vec<ResolveOverride>,
}

impl Resolver {
    pub(crate) fn new(config: &ClientConfig) -> Self {
        Self { overrides: config.resolve.clone() }
    }

    /// The addresses of a host, at least one, in the order in which they are to be tried.
    pub(crate) async fn resolve(&self, host: &str, port: u16) -> Result<Vec<SocketAddr>, Error> {
        if let Some(known) = self.without_lookup(host, port) {
            return Ok(known);
        }
        let found = tokio::net::lookup_host((host, port)).await;
        let addresses: Vec<_> = found.map_err(|_| Error::NameNotResolved)?.collect();
        if addresses.is_empty() {
            return Err(Error::NameNotResolved);
        }
        Ok(addresses)
    }

    fn without_lookup(&self, host: &str, port: u16) -> Option<Vec<SocketAddr>> {
        if let Ok(address) = host.parse::<IpAddr>() {
            return Some(vec![(address, port).into()]);
        }
        let overridden: Vec<SocketAddr> = self
            .overrides
            .iter()
            .filter(|entry| entry.host == host && entry.port == port)
            .map(|entry| entry.address)
            .collect();
        if !overridden.is_empty() {
            return Some(overridden);
        }
        // RFC 6761 section 6.3: these never leave the machine.
        let name = host.strip_suffix('.').unwrap_or(host);
        is_localhost(name)
            .then(|| vec![(Ipv6Addr::LOCALHOST, port).into(), (Ipv4Addr::LOCALHOST, port).into()])
    }
}

/// RFC 6761 section 6.3, of a name in lowercase and without a dot at its end.
pub(crate) fn is_localhost(name: &str) -> bool {
    name == "localhost" || name.ends_with(".localhost")
}
