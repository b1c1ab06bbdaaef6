//! What a client has on one network. A change of the network replaces all of it.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::Semaphore;

use crate::sync::Lock;
use crate::wire::proxies::Proxies;
use crate::wire::registry::Origin;
use crate::wire::resolve::Places;

/// The most servers that a client remembers anything about; it contacts far fewer.
pub(crate) const MAX_REMEMBERED: usize = 1000;

/// A network that a client has, or has had: its places for lookups, its proxies, the connections
/// that are being opened, and what is known of its servers. A call that begins after a change finds
/// nothing of it.
pub(crate) struct Network {
    /// Unique in the process. The registry's connections have it.
    pub(crate) number: u64,
    pub(crate) places: Places,
    pub(crate) proxies: Proxies,
    dials: Lock<Dials>,
}

#[derive(Default)]
struct Dials {
    /// The first connection to each server, while it is being opened. Its semaphore is closed when
    /// that is done.
    first: HashMap<Origin, Arc<Semaphore>>,
    /// Servers that do not speak HTTP/2: requests cannot share their connections.
    http1: HashSet<Origin>,
}

/// The right to open the first connection to a server, while other requests wait for it.
pub(crate) struct FirstDial {
    network: Arc<Network>,
    origin: Origin,
}

impl Drop for FirstDial {
    fn drop(&mut self) {
        let waited_for = self.network.dials.lock().first.remove(&self.origin);
        if let Some(waited_for) = waited_for {
            waited_for.close();
        }
    }
}

impl Network {
    pub(crate) fn new(proxies: Proxies) -> Arc<Self> {
        static NETWORKS: AtomicU64 = AtomicU64::new(0);
        let number = NETWORKS.fetch_add(1, Ordering::Relaxed);
        let dials = Lock::new(Dials::default());
        Arc::new(Self { number, places: Places::new(), proxies, dials })
    }

    /// Returns the right to open the first connection to a server, or what to wait for if another
    /// request has that right. Returns `None` if requests cannot share connections to this server.
    pub(crate) fn dial_first(
        self: &Arc<Self>,
        origin: &Origin,
    ) -> Option<Result<FirstDial, Arc<Semaphore>>> {
        let mut dials = self.dials.lock();
        if !origin.is_https || dials.http1.contains(origin) {
            return None;
        }
        if let Some(other) = dials.first.get(origin) {
            return Some(Err(Arc::clone(other)));
        }
        dials.first.insert(origin.clone(), Arc::new(Semaphore::new(0)));
        Some(Ok(FirstDial { network: Arc::clone(self), origin: origin.clone() }))
    }

    /// Records that requests cannot share connections to a server.
    pub(crate) fn speaks_http1(&self, origin: &Origin) {
        let mut dials = self.dials.lock();
        if dials.http1.len() < MAX_REMEMBERED {
            dials.http1.insert(origin.clone());
        }
    }
}
