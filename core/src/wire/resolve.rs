//! Resolves host names: by the entries of the host app, then as loopback names, then by the host
//! app's resolver, then by the system.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use tokio::sync::Semaphore;

use crate::cause::Failure;
use crate::config::ClientConfig;
use crate::config::hosts::ResolveOverride;
use crate::names::{is_localhost, without_dot};
use crate::timing::CallMoment::{DomainLookUpEnd, DomainLookUpStart};
use crate::timing::recorder::Recorder;
use crate::wire::lookup::{MAX_LOOKUPS_OF_A_CLIENT, lookup, not_resolved};

/// The most calls of host apps' resolvers at a time in a process. If they hang, other work still
/// has threads.
static RESOLVING: Semaphore = Semaphore::const_new(32);

/// The most of them for one client: as many as it may have calls in flight
/// (docs/contract.md#7-the-gate).
const MAX_RESOLVING_OF_A_CLIENT: usize = 10;

/// Resolves host names for the host app, for example over HTTP (HttpDNS).
pub trait HostResolver: Send + Sync {
    /// Returns the addresses of a host name, in the order in which the engine tries them. If there
    /// are none, the system is asked.
    ///
    /// It is called for each new connection, on threads that may block. The name is in lower case
    /// and in Punycode, and has no dot at its end. It is never called for an address, for
    /// `localhost` and the names below it, or for a host and port that [`ClientConfig::resolve`]
    /// contains. If a request has a proxy, it is called for the proxy's name, and for the server's
    /// only if the proxy is a `socks5` one.
    ///
    /// The engine treats the addresses like the system's: the client's policy judges them, and they
    /// are not cached. The call counts as time to connect. At most 32 calls run at a time in a
    /// process, and 10 for one client.
    ///
    /// # Errors
    ///
    /// The call of `request` fails with 305 `name not resolved`.
    fn resolve(&self, host: &str) -> io::Result<Vec<IpAddr>>;
}

/// Resolves names for one client.
pub(crate) struct Resolver {
    overrides: Vec<ResolveOverride>,
    app_resolver: Option<Arc<dyn HostResolver>>,
}

/// Places for calls of the host app's resolver, and for lookups by the system.
///
/// A name that is not answered keeps its place even after its call has ended. So each client has
/// its own places, and new ones after a change of its network.
pub(crate) struct Places {
    resolving: Arc<Semaphore>,
    lookups: Arc<Semaphore>,
}

impl Places {
    pub(crate) fn new() -> Self {
        Self {
            resolving: Arc::new(Semaphore::new(MAX_RESOLVING_OF_A_CLIENT)),
            lookups: Arc::new(Semaphore::new(MAX_LOOKUPS_OF_A_CLIENT)),
        }
    }

    /// Asks code of the host app, on a thread that may block. A panic of that code is an error.
    pub(crate) async fn ask_app<T: Send + 'static>(
        &self,
        ask: impl FnOnce() -> io::Result<T> + Send + 'static,
    ) -> io::Result<T> {
        let of_client = Arc::clone(&self.resolving).acquire_owned().await;
        let place = (of_client, RESOLVING.acquire().await);
        let asked = tokio::task::spawn_blocking(move || {
            let _until_it_answers = place; // even if no call waits any more
            ask()
        });
        asked.await.unwrap_or_else(|_| {
            log::error!("code of the host app panicked");
            Err(io::ErrorKind::Other.into())
        })
    }
}

impl Resolver {
    pub(crate) fn new(config: &ClientConfig, app_resolver: Option<Arc<dyn HostResolver>>) -> Self {
        Self { overrides: config.resolve.clone(), app_resolver }
    }

    /// Returns the addresses of a host, at least one, in the order in which they are tried.
    pub(crate) async fn resolve(
        &self,
        host: &str,
        port: u16,
        places: &Places,
        recorder: &Recorder,
    ) -> Result<Vec<SocketAddr>, Failure> {
        if let Some(known) = self.resolve_locally(host, port) {
            return Ok(known);
        }
        recorder.begin(DomainLookUpStart, DomainLookUpEnd);
        let mut found = self.ask_app(host, places).await?;
        if found.is_empty() {
            found = lookup(host, &places.lookups).await?.to_vec();
        }
        recorder.mark(DomainLookUpEnd);
        Ok(found.into_iter().map(|address| (address, port).into()).collect())
    }

    /// Returns the addresses that need no lookup.
    fn resolve_locally(&self, host: &str, port: u16) -> Option<Vec<SocketAddr>> {
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

    /// Asks the host app's resolver. Returns no addresses if there is no resolver.
    async fn ask_app(&self, host: &str, places: &Places) -> Result<Vec<IpAddr>, Failure> {
        let Some(resolver) = self.app_resolver.clone() else { return Ok(Vec::new()) };
        let host = without_dot(host).to_owned();
        places.ask_app(move || resolver.resolve(&host)).await.map_err(|error| not_resolved(&error))
    }
}
