//! The connections of one client: reuses one that was kept, or opens a new one.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use http::Uri;
use http::uri::Scheme;
use tokio::sync::Semaphore;
use tokio::time::timeout_at;

use crate::config::ClientConfig;
use crate::error::Error;
use crate::sync::Lock;
use crate::wire::channel::Channel;
use crate::wire::connect::Connector;
use crate::wire::lease::Lease;
use crate::wire::registry::{self, Keeping, Kept, Origin};
use crate::wire::resolve::HostResolver;

/// How long requests wait for the first connection to a server: if it speaks HTTP/2, they can share it.
const FIRST_HANDSHAKE: Duration = Duration::from_millis(300);

/// A longer idle timeout could not be added to a moment.
const A_YEAR: Duration = Duration::from_secs(365 * 24 * 3600);

/// How long connections to a server are not kept after it has sent more than its responses. Not for ever: some servers
/// say 408 on an idle connection before they close it.
const DISTRUST: Duration = Duration::from_secs(60);

/// The most servers that a client remembers anything about; it contacts far fewer.
const MAX_REMEMBERED: usize = 1000;

/// Hands out the connections of one client.
pub(crate) struct Pool {
    /// Tells this client from the others of the process.
    number: u64,
    config: Arc<ClientConfig>,
    connector: Connector,
    servers: Lock<Servers>,
    is_closed: AtomicBool,
    is_offline: AtomicBool,
    is_in_background: AtomicBool,
}

/// What a client knows about servers.
#[derive(Default)]
struct Servers {
    /// The first connection to each server, while it is being opened. Its semaphore is closed when that is done.
    first: HashMap<Origin, Arc<Semaphore>>,
    /// Servers that do not speak HTTP/2: requests cannot share their connections.
    http1: HashSet<Origin>,
    /// Servers that have sent more than their responses. Their connections are not kept, because another request
    /// would read what is left over.
    untidy: HashMap<Origin, Instant>,
}

/// The right to open the first connection to a server, while other requests wait for it.
struct First<'p> {
    pool: &'p Pool,
    origin: Origin,
}

impl Drop for First<'_> {
    fn drop(&mut self) {
        let over = self.pool.servers.lock().first.remove(&self.origin);
        if let Some(over) = over {
            over.close();
        }
    }
}

impl Pool {
    /// Makes a pool. It opens nothing yet.
    pub(crate) fn new(config: Arc<ClientConfig>, resolver: Option<Arc<dyn HostResolver>>) -> Self {
        static CLIENTS: AtomicU64 = AtomicU64::new(0);
        Self {
            number: CLIENTS.fetch_add(1, Ordering::Relaxed),
            connector: Connector::new(Arc::clone(&config), resolver),
            config,
            servers: Lock::new(Servers::default()),
            is_closed: AtomicBool::new(false),
            is_offline: AtomicBool::new(false),
            is_in_background: AtomicBool::new(false),
        }
    }

    /// Returns a connection to the server of a URI; if `must_be_own`, a new one that no other request shares.
    pub(crate) async fn lease(
        self: &Arc<Self>,
        uri: &Uri,
        must_be_own: bool,
    ) -> Result<Lease, Error> {
        let origin = origin(uri).ok_or(Error::RefusedByNetworkStack)?;
        let patience = Instant::now() + FIRST_HANDSHAKE;
        let mut first = None;
        if !must_be_own {
            if let Some(lease) = self.kept(&origin).await {
                return Ok(lease);
            }
            while first.is_none()
                && let Some(turn) = self.first_to(&origin)
            {
                match turn {
                    Ok(begun) => first = Some(begun),
                    Err(others) => {
                        if timeout_at(patience.into(), others.acquire()).await.is_err() {
                            break;
                        }
                    }
                }
                // A connection may have been opened since the last look.
                if let Some(lease) = self.kept(&origin).await {
                    return Ok(lease);
                }
            }
        }
        let opened = tokio::time::timeout(
            self.config.connect_timeout,
            self.open(uri, &origin, !must_be_own),
        );
        let channel = opened.await.unwrap_or(Err(Error::Timeout))?;
        drop(first);
        Ok(Lease::new(Arc::clone(self), origin, channel))
    }

    /// Returns a kept connection on which the server has sent nothing.
    async fn kept(self: &Arc<Self>, origin: &Origin) -> Option<Lease> {
        loop {
            let (channel, quiet_until) = registry::get().take(self.number, origin)?;
            let lease = Lease::new(Arc::clone(self), origin.clone(), channel);
            if lease.is_quiet_until(quiet_until).await {
                return Some(lease);
            }
        }
    }

    /// Returns the right to open the first connection to a server, or what to wait for if another request has that
    /// right; `None` if requests cannot share connections to this server.
    fn first_to(&self, origin: &Origin) -> Option<Result<First<'_>, Arc<Semaphore>>> {
        let mut servers = self.servers.lock();
        if !origin.is_https || servers.http1.contains(origin) {
            return None;
        }
        if let Some(others) = servers.first.get(origin) {
            return Some(Err(Arc::clone(others)));
        }
        servers.first.insert(origin.clone(), Arc::new(Semaphore::new(0)));
        Some(Ok(First { pool: self, origin: origin.clone() }))
    }

    async fn open(
        self: &Arc<Self>,
        uri: &Uri,
        origin: &Origin,
        is_shared: bool,
    ) -> Result<Channel, Error> {
        let connection = self.connector.connect(uri).await?;
        let (pool, untidy) = (Arc::downgrade(self), origin.clone());
        let is_untidy = move || {
            if let Some(pool) = pool.upgrade() {
                pool.distrust(untidy);
            }
        };
        let channel = Channel::open(connection, &self.config, is_untidy).await?;
        if let Some(shared) = channel.share() {
            if is_shared {
                registry::get().share(self.kept_form(origin.clone(), shared, None));
            }
        } else if origin.is_https {
            let mut servers = self.servers.lock();
            if servers.http1.len() < MAX_REMEMBERED {
                servers.http1.insert(origin.clone());
            }
        }
        Ok(channel)
    }

    /// Keeps a connection for other requests. It is not used before `quiet_until`.
    /// `sleeps` tells how often the device had slept when a request got the connection.
    pub(crate) fn keep(
        &self,
        origin: Origin,
        channel: Channel,
        sleeps: u64,
        quiet_until: Option<Instant>,
    ) {
        if !self.keeps() || self.is_untidy(&origin) {
            return channel.link().cut();
        }
        registry::get().keep(self.kept_form(origin, channel, quiet_until), sleeps);
        self.close_what_is_not_kept(); // the app may have gone to the background meanwhile
    }

    fn is_untidy(&self, origin: &Origin) -> bool {
        let servers = self.servers.lock();
        servers.untidy.get(origin).is_some_and(|since| since.elapsed() < DISTRUST)
    }

    /// Stops keeping connections to a server for a while, because it sends more than its responses.
    pub(crate) fn distrust(&self, origin: Origin) {
        let mut servers = self.servers.lock();
        servers.untidy.retain(|_, since| since.elapsed() < DISTRUST);
        if servers.untidy.len() < MAX_REMEMBERED {
            servers.untidy.insert(origin, Instant::now());
        }
    }

    fn kept_form(&self, origin: Origin, channel: Channel, quiet_until: Option<Instant>) -> Kept {
        let keeping = Keeping {
            idle_timeout: self.config.idle_timeout.min(A_YEAR),
            max_idle: self.config.max_idle_connections,
        };
        Kept { client: self.number, origin, channel, keeping, quiet_until }
    }

    /// Whether connections are kept at all: not for a closed client, without a network or in the background.
    pub(crate) fn keeps(&self) -> bool {
        let is = |flag: &AtomicBool| flag.load(Ordering::SeqCst);
        !(is(&self.is_closed) || is(&self.is_offline) || is(&self.is_in_background))
    }

    /// Closes the idle connections and keeps no others. Connections in use are closed with their requests.
    pub(crate) fn close(&self) {
        self.is_closed.store(true, Ordering::SeqCst);
        registry::get().close(self.number);
    }

    /// Keeps no connections while the device has no network.
    pub(crate) fn set_online(&self, online: bool) {
        self.is_offline.store(!online, Ordering::SeqCst);
        self.close_what_is_not_kept();
    }

    /// Keeps no connections while the app is in the background.
    pub(crate) fn set_background(&self, is_there: bool) {
        self.is_in_background.store(is_there, Ordering::SeqCst);
        self.close_what_is_not_kept();
    }

    pub(crate) fn close_what_is_not_kept(&self) {
        if !self.keeps() {
            registry::get().close_idle(self.number);
        }
    }
}

/// The origin that a URI belongs to.
fn origin(uri: &Uri) -> Option<Origin> {
    let is_https = uri.scheme() == Some(&Scheme::HTTPS);
    uri.authority().map(|authority| Origin { is_https, authority: authority.clone() })
}
