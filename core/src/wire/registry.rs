//! The connections of the process that requests may use again: decides how many are kept, and for
//! how long.
//!
//! All clients share one registry, because what it saves (sockets) belongs to the process. An entry
//! is idle or shared:
//!
//! - An *idle* connection has no request. It is closed when its client's idle timeout has passed,
//!   when its client or the process has too many of them (the one that has been idle longest goes
//!   first), or when the process needs sockets.
//! - A *shared* connection is an HTTP/2 connection with requests; others may join. When the last
//!   one has left, it is idle.
//!
//! An HTTP/1.1 connection leaves the registry while a request uses it. One task, the sweeper,
//! closes expired connections; it runs only while some connection is idle. Nothing here waits or
//! runs foreign code under the lock: entries are removed under it and closed afterwards.

use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

use http::uri::Authority;
use tokio::sync::{Notify, Semaphore};

use crate::config::network::Proxy;
use crate::runtime;
use crate::sync::Lock;
use crate::wire::channel::Channel;
use crate::wire::connection::Handle;
use crate::wire::moment::Moment;

/// The most idle connections of all clients together. Each is a socket, and a process may have few
/// of them.
const MAX_IDLE: usize = 128;

/// How long an idle connection has to close by itself, with TLS's close_notify and HTTP/2's GOAWAY.
const POLITE: Duration = Duration::from_secs(1);

/// The server that a connection leads to, and the proxy on the way. Requests to the same origin may
/// use the same connection.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct Origin {
    pub(crate) is_https: bool,
    pub(crate) authority: Authority,
    pub(crate) proxy: Option<Arc<Proxy>>,
}

/// How long a client's connections stay idle, and how many of them.
#[derive(Clone, Copy)]
pub(crate) struct IdleLimits {
    pub(crate) timeout: Duration,
    pub(crate) count: usize,
}

/// A connection that requests may use.
pub(crate) struct Pooled {
    /// The number of its client's network. A client has one at a time.
    pub(crate) network: u64,
    pub(crate) origin: Origin,
    pub(crate) channel: Channel,
    pub(crate) limits: IdleLimits,
    /// It must not be used before this moment.
    pub(crate) quiet_until: Option<Instant>,
}

/// The idle connections and the shared ones of all clients.
pub(crate) struct Registry {
    state: Lock<State>,
    /// Wakes the sweeper, because a connection expires before its next look.
    is_earlier: Notify,
    /// How often the device has slept.
    sleeps: AtomicU64,
}

#[derive(Default)]
struct State {
    /// Idle entries are in the order in which they became idle.
    entries: Vec<Entry>,
    /// The moment of the latest change. It shows if the device has slept since.
    changed_at: Option<Moment>,
    /// When the sweeper looks next; `None` if it is not running.
    sweeps_at: Option<Instant>,
}

struct Entry {
    pooled: Pooled,
    /// When it was added or became idle.
    since: Moment,
}

/// Returns the registry of this process.
pub(crate) fn get() -> &'static Registry {
    static REGISTRY: LazyLock<Registry> = LazyLock::new(|| Registry {
        state: Lock::new(State::default()),
        is_earlier: Notify::new(),
        sleeps: AtomicU64::new(0),
    });
    &REGISTRY
}

impl Registry {
    /// Takes a connection to an origin on a client's network, for a request that becomes its user.
    /// The request must not use it before the moment returned.
    pub(crate) fn take(
        &self,
        network: u64,
        origin: &Origin,
        now: Moment,
    ) -> Option<(Channel, Option<Instant>)> {
        self.change_at(now, |state, now| {
            let mut removed = Vec::new();
            let taken = loop {
                // The most recently used one: its server is the least likely to close it just now.
                let fits = |it: &Entry| it.pooled.network == network && it.pooled.origin == *origin;
                let is_quiet =
                    |it: &Entry| it.pooled.quiet_until.is_none_or(|at| at <= now.instant);
                let index = state.entries.iter().rposition(|it| fits(it) && is_quiet(it));
                let index = index.or_else(|| state.entries.iter().rposition(fits));
                let Some(index) = index else { break None };
                let entry = &state.entries[index];
                if entry.is_expired(now) || !entry.pooled.channel.is_ready() {
                    removed.push(state.entries.remove(index));
                    continue;
                }
                entry.handle().enter();
                if let Some(shared) = entry.pooled.channel.share() {
                    break Some((shared, None));
                }
                let pooled = state.entries.remove(index).pooled;
                break Some((pooled.channel, pooled.quiet_until));
            };
            (taken, removed)
        })
    }

    /// Keeps an idle connection. Closes it instead if the device has slept since [`sleeps`]
    /// returned this number.
    ///
    /// [`sleeps`]: Self::sleeps
    pub(crate) fn keep(&'static self, pooled: Pooled, sleeps: u64) {
        self.change(|state, now| {
            let entry = Entry { pooled, since: now };
            if self.sleeps() != sleeps {
                return ((), vec![entry]);
            }
            let due = entry.due();
            state.entries.push(entry);
            (self.schedule_sweep(state, due), state.take_surplus())
        });
    }

    /// Lets other requests share a connection that one request uses.
    pub(crate) fn share(&self, pooled: Pooled) {
        self.change(|state, now| {
            state.entries.push(Entry { pooled, since: now });
            ((), Vec::new())
        });
    }

    /// Records that a request no longer uses a connection that may be shared. Returns true if it
    /// was the last one; the connection is then idle, or closed unless `may_keep`.
    pub(crate) fn release(&'static self, handle: &Handle, may_keep: bool) -> bool {
        self.change(|state, now| {
            // Under the lock: in between, the entry would be idle since a moment long ago.
            if !handle.leave() {
                return (false, Vec::new());
            }
            let Some(index) = state.entries.iter().position(|it| it.handle().is_same(handle))
            else {
                return (true, Vec::new());
            };
            let mut entry = state.entries.remove(index);
            if !may_keep {
                return (true, vec![entry]);
            }
            entry.since = now;
            let due = entry.due();
            state.entries.push(entry);
            self.schedule_sweep(state, due);
            (true, state.take_surplus())
        })
    }

    /// Removes a connection that has ended or must not be used again.
    pub(crate) fn forget(&self, handle: &Handle) {
        self.remove(|entry| entry.handle().is_same(handle));
    }

    /// Closes the idle connections of a client on a network.
    pub(crate) fn close_idle(&self, network: u64) {
        self.remove(|entry| entry.pooled.network == network && entry.is_idle());
    }

    /// Closes the connections of a client on a network. One that requests still use is closed after
    /// the last of them.
    pub(crate) fn close(&self, network: u64) {
        self.remove(|entry| entry.pooled.network == network);
    }

    /// Closes all idle connections, because the process has no sockets left. Returns when they are
    /// closed.
    pub(crate) async fn make_room(&self) {
        // If another call is closing them, this one waits until they are closed.
        static ONE_AT_A_TIME: Semaphore = Semaphore::const_new(1);
        let _turn = ONE_AT_A_TIME.acquire().await;
        let idle = self.change(|state, _| {
            let idle: Vec<_> = state.entries.extract_if(.., |entry| entry.is_idle()).collect();
            let handles = idle.iter().map(|entry| entry.handle().clone());
            (handles.collect::<Vec<_>>(), idle)
        });
        for handle in idle {
            handle.cut();
            handle.ended().await;
        }
    }

    /// Returns how often the device has slept. A connection from before must not be kept, because
    /// the network may have changed.
    pub(crate) fn sleeps(&self) -> u64 {
        self.sleeps.load(Ordering::Acquire)
    }

    fn remove(&self, is_meant: impl FnMut(&mut Entry) -> bool) {
        self.change(|state, _| ((), state.entries.extract_if(.., is_meant).collect()));
    }

    /// Makes a change under the lock. The entries that it removes are closed after the lock is
    /// released.
    fn change<T>(&self, change: impl FnOnce(&mut State, Moment) -> (T, Vec<Entry>)) -> T {
        self.change_at(Moment::now(), change)
    }

    fn change_at<T>(
        &self,
        now: Moment,
        change: impl FnOnce(&mut State, Moment) -> (T, Vec<Entry>),
    ) -> T {
        let mut state = self.state.lock();
        let outdated = match state.changed_at.replace(now) {
            Some(before) if now.has_slept_since(before) => {
                self.sleeps.fetch_add(1, Ordering::AcqRel);
                std::mem::take(&mut state.entries)
            }
            _ => Vec::new(),
        };
        let (result, mut removed) = change(&mut state, now);
        drop(state);
        removed.extend(outdated);
        close(removed);
        result
    }

    /// Starts the sweeper for a connection that has become idle, or wakes it if it would look too
    /// late.
    fn schedule_sweep(&'static self, state: &mut State, due: Instant) {
        match state.sweeps_at {
            Some(next) if next <= due => {}
            Some(_) => {
                state.sweeps_at = Some(due);
                self.is_earlier.notify_one();
            }
            None => {
                if let Ok(runtime) = runtime::get() {
                    state.sweeps_at = Some(due);
                    drop(runtime.spawn(self.sweep()));
                }
            }
        }
    }

    /// Closes expired connections until none is idle.
    async fn sweep(&'static self) {
        loop {
            let next = self.change(|state, now| {
                let expired = state.entries.extract_if(.., |entry| entry.is_expired(now)).collect();
                state.sweeps_at = state.due();
                (state.sweeps_at, expired)
            });
            let Some(next) = next else { return };
            tokio::select! {
                () = tokio::time::sleep_until(next.into()) => {}
                () = self.is_earlier.notified() => {}
            }
        }
    }
}

/// Closes connections. An idle one has time to say goodbye, but a server that does not read cannot
/// keep it open; one that is in use ends with its last request.
fn close(entries: Vec<Entry>) {
    let idle = entries.iter().filter(|entry| entry.is_idle());
    let handles: Vec<Handle> = idle.map(|entry| entry.handle().clone()).collect();
    drop(entries);
    if handles.is_empty() {
        return;
    }
    match runtime::get() {
        Ok(runtime) => drop(runtime.spawn(async move {
            tokio::time::sleep(POLITE).await;
            handles.iter().for_each(Handle::cut);
        })),
        Err(_) => handles.iter().for_each(Handle::cut),
    }
}

/// Returns true if the process, or the system, has no sockets left: ENFILE and EMFILE, as all Unix
/// systems number them, and WSAEMFILE.
pub(crate) fn is_out_of_sockets(error: &io::Error) -> bool {
    matches!(error.raw_os_error(), Some(23 | 24 | 10024))
}

impl State {
    /// Returns when the first idle connection expires.
    fn due(&self) -> Option<Instant> {
        self.entries.iter().filter(|entry| entry.is_idle()).map(Entry::due).min()
    }

    /// Removes the connection that has been idle longest if there are too many. Removing one is
    /// enough, because connections become idle one by one.
    fn take_surplus(&mut self) -> Vec<Entry> {
        let Some(last) = self.entries.last() else { return Vec::new() };
        let (network, max_idle) = (last.pooled.network, last.pooled.limits.count);
        if self.entries.len() <= max_idle.min(MAX_IDLE) {
            return Vec::new();
        }
        let idle = |entry: &&Entry| entry.is_idle();
        let of_client = |entry: &&Entry| entry.pooled.network == network;
        let first = if self.entries.iter().filter(idle).filter(of_client).count() > max_idle {
            self.entries.iter().position(|entry| idle(&entry) && of_client(&entry))
        } else if self.entries.iter().filter(idle).count() > MAX_IDLE {
            self.entries.iter().position(|entry| idle(&entry))
        } else {
            None
        };
        first.map(|index| self.entries.remove(index)).into_iter().collect()
    }
}

impl Entry {
    fn handle(&self) -> &Handle {
        self.pooled.channel.handle()
    }

    /// Returns true if no request uses it. Only [`Registry::take`] adds users to an entry, and only
    /// under the lock, so an idle entry stays idle while the lock is held or once it is removed.
    fn is_idle(&self) -> bool {
        self.handle().is_idle()
    }

    /// Returns when it expires if it stays idle.
    fn due(&self) -> Instant {
        self.since.instant + self.pooled.limits.timeout
    }

    fn is_expired(&self, now: Moment) -> bool {
        self.is_idle() && now.since(self.since) >= self.pooled.limits.timeout
    }
}
