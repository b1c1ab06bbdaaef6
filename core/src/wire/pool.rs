//! Decides which connections of one client are kept after their requests.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::watch;

use crate::config::ClientConfig;
use crate::sync::Lock;
use crate::wire::channel::Channel;
use crate::wire::lookup;
use crate::wire::network::{MAX_REMEMBERED, Network};
use crate::wire::proxies::Proxies;
use crate::wire::registry::{self, IdleLimits, Origin, Pooled};

/// A longer idle timeout could not be added to a moment.
const A_YEAR: Duration = Duration::from_secs(365 * 24 * 3600);

/// How long connections to a server are not kept after it has sent more than its responses. Not for
/// ever: some servers send a 408 on an idle connection before they close it.
const DISTRUST: Duration = Duration::from_secs(60);

/// The connections of one client that requests may use again; the process's registry holds them.
///
/// A connection is kept only if the client is open, in the foreground and still on the network that
/// it was opened on, and the server has sent nothing but its responses.
pub(crate) struct Pool {
    /// The client's network, and who waits for a change of it.
    network: watch::Sender<Arc<Network>>,
    limits: IdleLimits,
    /// Servers that have sent more than their responses. Another request would read the surplus as
    /// its own response.
    untidy: Lock<HashMap<Origin, Instant>>,
    // A change of the network or of these flags closes connections, and whoever keeps a connection
    // looks at them again afterwards. One total order (SeqCst, a lock) for all makes sure that one
    // of the two sees the other.
    is_closed: AtomicBool,
    is_offline: AtomicBool,
    is_in_background: AtomicBool,
}

impl Pool {
    pub(crate) fn new(config: &ClientConfig, proxies: Proxies) -> Self {
        let timeout = config.idle_timeout.min(A_YEAR);
        Self {
            network: watch::channel(Network::new(proxies)).0,
            limits: IdleLimits { timeout, count: config.max_idle_connections },
            untidy: Lock::new(HashMap::new()),
            is_closed: AtomicBool::new(false),
            is_offline: AtomicBool::new(false),
            is_in_background: AtomicBool::new(false),
        }
    }

    /// Returns something of the client's network.
    pub(crate) fn of_network<T>(&self, get: impl FnOnce(&Network) -> T) -> T {
        get(&self.network.borrow())
    }

    /// Returns the client's network, and what shows a change of it.
    pub(crate) fn networks(&self) -> watch::Receiver<Arc<Network>> {
        self.network.subscribe()
    }

    /// Lets other requests share a connection that one request uses.
    pub(crate) fn share(&self, pooled: Pooled) {
        let network = pooled.network;
        registry::get().share(pooled);
        self.close_outdated(network);
    }

    /// Keeps an idle connection for other requests. `sleeps` is how often the device had slept when
    /// the last request got the connection.
    pub(crate) fn keep(&self, pooled: Pooled, sleeps: u64) {
        let network = pooled.network;
        if !self.may_keep() || !self.is_current(network) || self.is_untidy(&pooled.origin) {
            return pooled.channel.handle().cut();
        }
        registry::get().keep(pooled, sleeps);
        self.close_surplus();
        self.close_outdated(network);
    }

    /// Makes a connection that requests may use, but not before `quiet_until`. `network` is the
    /// number of the network that it was opened on.
    pub(crate) fn pooled(
        &self,
        network: u64,
        origin: Origin,
        channel: Channel,
        quiet_until: Option<Instant>,
    ) -> Pooled {
        Pooled { network, origin, channel, limits: self.limits, quiet_until }
    }

    fn number(&self) -> u64 {
        self.of_network(|network| network.number)
    }

    fn is_current(&self, network: u64) -> bool {
        self.number() == network
    }

    /// Closes what was just kept if the network has changed meanwhile.
    fn close_outdated(&self, network: u64) {
        if !self.is_current(network) {
            registry::get().close(network);
        }
    }

    /// Begins anew on another network: closes the idle connections, and lets later requests find
    /// neither connections nor names of the network before. Requests that are opening a connection
    /// begin that again; those that have one go on.
    pub(crate) fn change_network(&self) {
        self.replace_network(Proxies::clone);
    }

    /// Takes other proxies. That is another network: connections through the proxies before are not
    /// used again.
    pub(crate) fn set_proxies(&self, proxies: Proxies) {
        self.replace_network(|_| proxies);
    }

    fn replace_network(&self, proxies: impl FnOnce(&Proxies) -> Proxies) {
        lookup::begin_anew();
        let mut before = 0;
        self.network.send_modify(|network| {
            before = network.number;
            *network = Network::new(proxies(&network.proxies));
        });
        registry::get().close(before);
    }

    fn is_untidy(&self, origin: &Origin) -> bool {
        self.untidy.lock().get(origin).is_some_and(|since| since.elapsed() < DISTRUST)
    }

    /// Stops keeping connections to a server for a while, because it has sent more than its
    /// responses.
    pub(crate) fn distrust(&self, origin: Origin) {
        let mut untidy = self.untidy.lock();
        untidy.retain(|_, since| since.elapsed() < DISTRUST);
        if untidy.len() < MAX_REMEMBERED {
            untidy.insert(origin, Instant::now());
        }
    }

    /// Returns true if connections are kept at all.
    pub(crate) fn may_keep(&self) -> bool {
        let is = |flag: &AtomicBool| flag.load(Ordering::SeqCst);
        !(is(&self.is_closed) || is(&self.is_offline) || is(&self.is_in_background))
    }

    /// Closes the idle connections if none may be kept any more. Called after each change of that,
    /// and by whoever has just kept one.
    pub(crate) fn close_surplus(&self) {
        if !self.may_keep() {
            registry::get().close_idle(self.number());
        }
    }

    /// Closes the idle connections and keeps no others. Connections in use are closed with their
    /// requests.
    pub(crate) fn close(&self) {
        self.is_closed.store(true, Ordering::SeqCst);
        registry::get().close(self.number());
    }

    /// Keeps no connections while the device has no network. When it has one again, it may be
    /// another.
    pub(crate) fn set_online(&self, online: bool) {
        let was_offline = self.is_offline.swap(!online, Ordering::SeqCst);
        if online && was_offline {
            self.change_network();
        }
        self.close_surplus();
    }

    /// Keeps no connections while the host app is in the background.
    pub(crate) fn set_background(&self, is_in_background: bool) {
        self.is_in_background.store(is_in_background, Ordering::SeqCst);
        self.close_surplus();
    }
}
