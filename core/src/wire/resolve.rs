//! From a host name to addresses: the host app's own entries, then loopback names, then the host app's resolver,
//! then the system's.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use tokio::sync::Semaphore;

use crate::config::ClientConfig;
use crate::config::hosts::ResolveOverride;
use crate::error::Error;
use crate::names::{is_localhost, without_dot};
use crate::wire::lookup::{MAX_LOOKUPS_OF_A_CLIENT, lookup};

/// The most calls of host apps' resolvers at a time in a process. If they hang, other work still has threads.
static RESOLVING: Semaphore = Semaphore::const_new(32);

/// The most of them for one client: as many as it may have calls in flight (docs/contract.md#7-the-gate).
const MAX_RESOLVING_OF_A_CLIENT: usize = 10;

/// A resolver of the host app's: HttpDNS and the like.
pub trait HostResolver: Send + Sync {
    /// The addresses of a host name, in the order in which they are to be tried. None: the system is asked. An
    /// error: the call fails with 305 `name not resolved`.
    ///
    /// It is called on threads that may block, for each new connection, with a name in lower case, in Punycode and
    /// without a dot at its end; never for an address, for `localhost` and what is below it, nor for what
    /// [`ClientConfig::resolve`] has. What it answers is judged and connected to as what the system answers; it is
    /// not kept. The time it takes counts as time to connect. At most 32 calls are made at a time in a process, 10 for a
    /// client. With a proxy, it is asked for the proxy's name alone.
    fn resolve(&self, host: &str) -> io::Result<Vec<IpAddr>>;
}

/// Resolves names for one client.
pub(crate) struct Resolver {
    overrides: Vec<ResolveOverride>,
    app_resolver: Option<Arc<dyn HostResolver>>,
    /// Places for calls of the app's resolver, and for lookups by the system: a name that is not answered keeps its
    /// place after its call has ended, and must not take those of other clients.
    resolving: Arc<Semaphore>,
    lookups: Arc<Semaphore>,
}

impl Resolver {
    pub(crate) fn new(config: &ClientConfig, app_resolver: Option<Arc<dyn HostResolver>>) -> Self {
        Self {
            overrides: config.resolve.clone(),
            app_resolver,
            resolving: Arc::new(Semaphore::new(MAX_RESOLVING_OF_A_CLIENT)),
            lookups: Arc::new(Semaphore::new(MAX_LOOKUPS_OF_A_CLIENT)),
        }
    }

    /// The addresses of a host, at least one, in the order in which they are to be tried.
    pub(crate) async fn resolve(&self, host: &str, port: u16) -> Result<Vec<SocketAddr>, Error> {
        if let Some(known) = self.without_lookup(host, port) {
            return Ok(known);
        }
        let found = self.ask_the_host(host).await?;
        if !found.is_empty() {
            return Ok(found.into_iter().map(|address| (address, port).into()).collect());
        }
        let found = lookup(host, &self.lookups).await?;
        Ok(found.iter().map(|address| (*address, port).into()).collect())
    }

    fn without_lookup(&self, host: &str, port: u16) -> Option<Vec<SocketAddr>> {
        if let Ok(address) = host.parse::<IpAddr>() {
            return Some(vec![(address, port).into()]);
        }
        let name = without_dot(host);
        let overridden: Vec<SocketAddr> = self
            .overrides
            .iter()
            .filter(|entry| without_dot(&entry.host) == name && entry.port == port)
            .map(|entry| entry.address)
            .collect();
        if !overridden.is_empty() {
            return Some(overridden);
        }
        // RFC 6761 section 6.3: these never leave the machine.
        is_localhost(name)
            .then(|| vec![(Ipv6Addr::LOCALHOST, port).into(), (Ipv4Addr::LOCALHOST, port).into()])
    }

    async fn ask_the_host(&self, host: &str) -> Result<Vec<IpAddr>, Error> {
        let Some(resolver) = self.app_resolver.clone() else { return Ok(Vec::new()) };
        let host = without_dot(host).to_owned();
        let of_client = Arc::clone(&self.resolving).acquire_owned().await;
        let place = (of_client, RESOLVING.acquire().await);
        let ask = move || {
            let _until_it_answers = place; // also if no call waits any more
            resolver.resolve(&host)
        };
        let asked = tokio::task::spawn_blocking(ask).await;
        let answer = asked.unwrap_or_else(|_| {
            log::error!("the host's resolver panicked");
            Err(io::ErrorKind::Other.into())
        });
        answer.map_err(|_| Error::NameNotResolved)
    }
}
