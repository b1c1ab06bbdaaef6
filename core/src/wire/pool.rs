//! Decides which connections of one client are kept after their requests.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::config::ClientConfig;
use crate::sync::Lock;
use crate::wire::channel::Channel;
use crate::wire::registry::{self, IdleLimits, Origin, Pooled};

/// A longer idle timeout could not be added to a moment.
const A_YEAR: Duration = Duration::from_secs(365 * 24 * 3600);

/// How long connections to a server are not kept after it has sent more than its responses. Not for
/// ever: some servers send a 408 on an idle connection before they close it.
const DISTRUST: Duration = Duration::from_secs(60);

/// The most servers that a client remembers anything about; it contacts far fewer.
pub(crate) const MAX_REMEMBERED: usize = 1000;

/// The connections of one client that requests may use again; the process's registry holds them.
///
/// A connection is kept only if the client is open, has a network and is in the foreground, and the
/// server has sent nothing but its responses.
pub(crate) struct Pool {
    /// The number of this client, unique in the process.
    client: u64,
    limits: IdleLimits,
    /// Servers that have sent more than their responses. Another request would read the surplus as
    /// its own response.
    untidy: Lock<HashMap<Origin, Instant>>,
    // A change of these flags closes the idle connections, and whoever keeps a connection looks at
    // the flags again afterwards. One total order (SeqCst) for all makes sure that one of the two
    // sees the other.
    is_closed: AtomicBool,
    is_offline: AtomicBool,
    is_in_background: AtomicBool,
}

impl Pool {
    pub(crate) fn new(config: &ClientConfig) -> Self {
        static CLIENTS: AtomicU64 = AtomicU64::new(0);
        let timeout = config.idle_timeout.min(A_YEAR);
        Self {
            client: CLIENTS.fetch_add(1, Ordering::Relaxed),
            limits: IdleLimits { timeout, count: config.max_idle_connections },
            untidy: Lock::new(HashMap::new()),
            is_closed: AtomicBool::new(false),
            is_offline: AtomicBool::new(false),
            is_in_background: AtomicBool::new(false),
        }
    }

    /// Takes a kept connection to a server. It must not be used before the moment returned.
    pub(crate) fn take(&self, origin: &Origin) -> Option<(Channel, Option<Instant>)> {
        registry::get().take(self.client, origin)
    }

    /// Lets other requests share a connection that one request uses.
    pub(crate) fn share(&self, origin: Origin, channel: Channel) {
        registry::get().share(self.pooled(origin, channel, None));
    }

    /// Keeps an idle connection for other requests, which must not use it before `quiet_until`.
    /// `sleeps` is how often the device had slept when the last request got the connection.
    pub(crate) fn keep(
        &self,
        origin: Origin,
        channel: Channel,
        sleeps: u64,
        quiet_until: Option<Instant>,
    ) {
        if !self.may_keep() || self.is_untidy(&origin) {
            return channel.handle().cut();
        }
        registry::get().keep(self.pooled(origin, channel, quiet_until), sleeps);
        self.close_surplus();
    }

    fn pooled(&self, origin: Origin, channel: Channel, quiet_until: Option<Instant>) -> Pooled {
        Pooled { client: self.client, origin, channel, limits: self.limits, quiet_until }
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
            registry::get().close_idle(self.client);
        }
    }

    /// Closes the idle connections and keeps no others. Connections in use are closed with their
    /// requests.
    pub(crate) fn close(&self) {
        self.is_closed.store(true, Ordering::SeqCst);
        registry::get().close(self.client);
    }

    /// Keeps no connections while the device has no network.
    pub(crate) fn set_online(&self, online: bool) {
        self.is_offline.store(!online, Ordering::SeqCst);
        self.close_surplus();
    }

    /// Keeps no connections while the host app is in the background.
    pub(crate) fn set_background(&self, is_in_background: bool) {
        self.is_in_background.store(is_in_background, Ordering::SeqCst);
        self.close_surplus();
    }
}
