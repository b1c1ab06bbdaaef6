//! Gives each request a connection: one that was kept, one that it shares, or a new one.

use std::sync::Arc;
use std::time::{Duration, Instant};

use http::Uri;
use tokio::time::{timeout, timeout_at};

use crate::cause::Failure;
use crate::config::ClientConfig;
use crate::config::network::Proxy;
use crate::error::Error;
use crate::timing::CallMoment;
use crate::timing::recorder::Recorder;
use crate::wire::channel::Channel;
use crate::wire::connect::{Connector, is_https};
use crate::wire::lease::Lease;
use crate::wire::moment::Moment;
use crate::wire::network::Network;
use crate::wire::pool::Pool;
use crate::wire::proxies::Proxies;
use crate::wire::registry::{self, Origin};
use crate::wire::resolve::HostResolver;

/// How long requests wait for the first connection to a server: if it speaks HTTP/2, they can share
/// it.
const FIRST_HANDSHAKE: Duration = Duration::from_millis(300);

/// How often a request begins anew to open its connection because the network has changed. A dial
/// on a network that has gone would wait for its timeout.
const MAX_RESTARTS: u32 = 8;

/// Gives the requests of one client their connections.
///
/// Ten requests that start together to a server without a connection do not open ten: the first one
/// dials, the others wait a moment for it. If the server speaks HTTP/2, they share its connection;
/// if not, each opens its own, and later requests to that server no longer wait for each other.
pub(crate) struct Checkout {
    pool: Arc<Pool>,
    config: Arc<ClientConfig>,
    connector: Connector,
}

impl Checkout {
    /// Opens nothing yet.
    pub(crate) fn new(
        config: Arc<ClientConfig>,
        resolver: Option<Arc<dyn HostResolver>>,
        proxies: Proxies,
    ) -> Self {
        Self {
            pool: Arc::new(Pool::new(&config, proxies)),
            connector: Connector::new(Arc::clone(&config), resolver),
            config,
        }
    }

    pub(crate) fn pool(&self) -> &Arc<Pool> {
        &self.pool
    }

    /// Returns a connection to the server of a URI; if `must_be_own`, a new one that no other
    /// request shares. If the network changes meanwhile, begins anew.
    pub(crate) async fn lease(
        &self,
        uri: &Uri,
        must_be_own: bool,
        now: Moment,
        recorder: &Recorder,
    ) -> Result<Lease, Failure> {
        if !must_be_own && let Some(lease) = self.lease_kept(uri, now).await {
            return Ok(lease);
        }
        // Boxed, because most requests need nothing of it.
        Box::pin(self.lease_new(uri, must_be_own, recorder)).await
    }

    /// Returns a kept connection, unless the host app has to be asked for the proxy.
    async fn lease_kept(&self, uri: &Uri, now: Moment) -> Option<Lease> {
        let known = |network: &Network| Some((network.number, network.proxies.known(uri)?));
        let (network, proxy) = self.pool.of_network(known)?;
        self.take_kept(network, origin(uri, proxy)?, now).await
    }

    /// Waits for a connection that another request opens, or opens one.
    async fn lease_new(
        &self,
        uri: &Uri,
        must_be_own: bool,
        recorder: &Recorder,
    ) -> Result<Lease, Failure> {
        let mut networks = self.pool.networks();
        let mut restarts = 0;
        loop {
            let network = Arc::clone(&networks.borrow_and_update());
            tokio::select! {
                biased;
                Ok(()) = networks.changed(), if restarts < MAX_RESTARTS => {
                    restarts += 1;
                    recorder.begin_again();
                }
                lease = self.lease_on(&network, uri, must_be_own, recorder) => return lease,
            }
        }
    }

    /// Returns a connection that was opened on this network.
    async fn lease_on(
        &self,
        network: &Arc<Network>,
        uri: &Uri,
        must_be_own: bool,
        recorder: &Recorder,
    ) -> Result<Lease, Failure> {
        let proxy = network.proxies.select(uri, &network.places);
        let proxy = timeout(self.config.connect_timeout, proxy);
        let proxy = proxy.await.unwrap_or(Err(Error::Timeout.into()))?;
        let origin = &origin(uri, proxy).ok_or(Error::RefusedByNetworkStack)?;
        let patience = Instant::now() + FIRST_HANDSHAKE;
        let mut first = None;
        if !must_be_own {
            if let Some(lease) = self.take_kept(network.number, origin.clone(), Moment::now()).await
            {
                return Ok(lease);
            }
            while first.is_none()
                && let Some(turn) = network.dial_first(origin)
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
                if let Some(lease) =
                    self.take_kept(network.number, origin.clone(), Moment::now()).await
                {
                    return Ok(lease);
                }
            }
        }
        let open = self.open(network, (uri, origin), !must_be_own, recorder);
        let open = timeout(self.config.connect_timeout, open);
        let channel = open.await.unwrap_or(Err(Error::Timeout.into()))?;
        drop(first);
        Ok(Lease::new(Arc::clone(&self.pool), network.number, origin.clone(), channel))
    }

    /// Takes a kept connection on which the server has sent nothing.
    async fn take_kept(&self, network: u64, origin: Origin, mut now: Moment) -> Option<Lease> {
        loop {
            let (channel, quiet_until) = registry::get().take(network, &origin, now)?;
            let pool = Arc::clone(&self.pool);
            // Most connections are not asked to wait.
            if quiet_until.is_none() {
                return Some(Lease::new(pool, network, origin, channel));
            }
            let lease = Lease::new(pool, network, origin.clone(), channel);
            if Box::pin(lease.stays_quiet_until(quiet_until)).await {
                return Some(lease);
            }
            now = Moment::now();
        }
    }

    /// Opens a connection. If `may_share` and it speaks HTTP/2, other requests may share it at
    /// once.
    async fn open(
        &self,
        network: &Network,
        (uri, origin): (&Uri, &Origin),
        may_share: bool,
        recorder: &Recorder,
    ) -> Result<Channel, Failure> {
        let proxy = origin.proxy.as_ref();
        let connection = self.connector.connect(uri, proxy, &network.places, recorder).await?;
        recorder.mark(CallMoment::ConnectEnd);
        let handle = connection.handle();
        handle.traffic().set_peer(recorder.peer());
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
                self.pool.share(self.pool.pooled(network.number, origin.clone(), shared, None));
            }
        } else if origin.is_https {
            network.speaks_http1(origin);
        }
        Ok(channel)
    }
}

/// Returns the origin that a URI belongs to.
fn origin(uri: &Uri, proxy: Option<Arc<Proxy>>) -> Option<Origin> {
    let authority = uri.authority()?.clone();
    Some(Origin { is_https: is_https(uri), authority, proxy })
}
