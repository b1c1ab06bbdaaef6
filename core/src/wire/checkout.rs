//! Gives each request a connection: one that was kept, one that it shares, or a new one.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use http::Uri;
use tokio::sync::Semaphore;
use tokio::time::{timeout, timeout_at};

use crate::cause::Failure;
use crate::config::ClientConfig;
use crate::error::Error;
use crate::sync::Lock;
use crate::wire::channel::Channel;
use crate::wire::connect::{Connector, is_https};
use crate::wire::lease::Lease;
use crate::wire::pool::{MAX_REMEMBERED, Pool};
use crate::wire::registry::{self, Origin};
use crate::wire::resolve::HostResolver;

/// How long requests wait for the first connection to a server: if it speaks HTTP/2, they can share
/// it.
const FIRST_HANDSHAKE: Duration = Duration::from_millis(300);

/// Gives the requests of one client their connections.
///
/// Ten requests that start together to a server without a connection do not open ten: the first one
/// dials, the others wait a moment for it. If the server speaks HTTP/2, they share its connection;
/// if not, each opens its own, and later requests to that server no longer wait for each other.
pub(crate) struct Checkout {
    pool: Arc<Pool>,
    config: Arc<ClientConfig>,
    connector: Connector,
    dials: Lock<Dials>,
}

/// A client's state for opening connections to servers.
#[derive(Default)]
struct Dials {
    /// The first connection to each server, while it is being opened. Its semaphore is closed when
    /// that is done.
    first: HashMap<Origin, Arc<Semaphore>>,
    /// Servers that do not speak HTTP/2: requests cannot share their connections.
    http1: HashSet<Origin>,
}

/// The right to open the first connection to a server, while other requests wait for it.
struct FirstDial<'c> {
    checkout: &'c Checkout,
    origin: Origin,
}

impl Drop for FirstDial<'_> {
    fn drop(&mut self) {
        let waited_for = self.checkout.dials.lock().first.remove(&self.origin);
        if let Some(waited_for) = waited_for {
            waited_for.close();
        }
    }
}

impl Checkout {
    /// Opens nothing yet.
    pub(crate) fn new(config: Arc<ClientConfig>, resolver: Option<Arc<dyn HostResolver>>) -> Self {
        Self {
            pool: Arc::new(Pool::new(&config)),
            connector: Connector::new(Arc::clone(&config), resolver),
            config,
            dials: Lock::new(Dials::default()),
        }
    }

    pub(crate) fn pool(&self) -> &Arc<Pool> {
        &self.pool
    }

    /// Returns a connection to the server of a URI; if `must_be_own`, a new one that no other
    /// request shares.
    pub(crate) async fn lease(&self, uri: &Uri, must_be_own: bool) -> Result<Lease, Failure> {
        let origin = origin(uri).ok_or(Error::RefusedByNetworkStack)?;
        let patience = Instant::now() + FIRST_HANDSHAKE;
        let mut first = None;
        if !must_be_own {
            if let Some(lease) = self.take_kept(&origin).await {
                return Ok(lease);
            }
            while first.is_none()
                && let Some(turn) = self.dial_first(&origin)
            {
                match turn {
                    Ok(dial) => first = Some(dial),
                    Err(other) => {
                        if timeout_at(patience.into(), other.acquire()).await.is_err() {
                            break;
                        }
                    }
                }
                // A connection may have been opened since the last look.
                if let Some(lease) = self.take_kept(&origin).await {
                    return Ok(lease);
                }
            }
        }
        let open = timeout(self.config.connect_timeout, self.open(uri, &origin, !must_be_own));
        let channel = open.await.unwrap_or(Err(Error::Timeout.into()))?;
        drop(first);
        Ok(Lease::new(Arc::clone(&self.pool), origin, channel))
    }

    /// Takes a kept connection on which the server has sent nothing.
    async fn take_kept(&self, origin: &Origin) -> Option<Lease> {
        loop {
            let (channel, quiet_until) = self.pool.take(origin)?;
            let lease = Lease::new(Arc::clone(&self.pool), origin.clone(), channel);
            if lease.stays_quiet_until(quiet_until).await {
                return Some(lease);
            }
        }
    }

    /// Returns the right to open the first connection to a server, or what to wait for if another
    /// request has that right. Returns `None` if requests cannot share connections to this server.
    fn dial_first(&self, origin: &Origin) -> Option<Result<FirstDial<'_>, Arc<Semaphore>>> {
        let mut dials = self.dials.lock();
        if !origin.is_https || dials.http1.contains(origin) {
            return None;
        }
        if let Some(other) = dials.first.get(origin) {
            return Some(Err(Arc::clone(other)));
        }
        dials.first.insert(origin.clone(), Arc::new(Semaphore::new(0)));
        Some(Ok(FirstDial { checkout: self, origin: origin.clone() }))
    }

    /// Opens a connection. If `may_share` and it speaks HTTP/2, other requests may share it at
    /// once.
    async fn open(&self, uri: &Uri, origin: &Origin, may_share: bool) -> Result<Channel, Failure> {
        let connection = self.connector.connect(uri).await?;
        let handle = connection.handle();
        let (pool, untidy) = (Arc::downgrade(&self.pool), origin.clone());
        let on_end = move |has_left_over: bool| {
            registry::get().forget(&handle);
            if has_left_over && let Some(pool) = pool.upgrade() {
                pool.distrust(untidy);
            }
        };
        let channel = Channel::open(connection, &self.config, on_end).await?;
        if let Some(shared) = channel.share() {
            if may_share {
                self.pool.share(origin.clone(), shared);
            }
        } else if origin.is_https {
            let mut dials = self.dials.lock();
            if dials.http1.len() < MAX_REMEMBERED {
                dials.http1.insert(origin.clone());
            }
        }
        Ok(channel)
    }
}

/// Returns the origin that a URI belongs to.
fn origin(uri: &Uri) -> Option<Origin> {
    let authority = uri.authority()?.clone();
    Some(Origin { is_https: is_https(uri), authority })
}
