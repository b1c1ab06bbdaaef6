//! All kept connections of the process: decides how many are kept, and for how long.

use std::io;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime};

use http::uri::Authority;
use tokio::sync::{Notify, Semaphore};

use crate::runtime;
use crate::sync::Lock;
use crate::wire::channel::Channel;
use crate::wire::connection::Link;

/// The most idle connections of all clients together. Each is a socket, and a process may have few of them.
const MAX_IDLE: usize = 128;

/// If the wall clock jumps ahead by more than this, the device has slept and may have another network now.
const SLEPT: Duration = Duration::from_secs(30);

/// How long an idle connection has to close by itself, with TLS's close_notify and HTTP/2's GOAWAY.
const POLITE: Duration = Duration::from_secs(1);

/// The server that a connection leads to. Requests to the same origin may use the same connection.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct Origin {
    pub(crate) is_https: bool,
    pub(crate) authority: Authority,
}

/// How long a connection is kept, and how many of its client at most.
#[derive(Clone, Copy)]
pub(crate) struct Keeping {
    pub(crate) idle_timeout: Duration,
    pub(crate) max_idle: usize,
}

/// A connection that requests may use.
pub(crate) struct Kept {
    pub(crate) client: u64,
    pub(crate) origin: Origin,
    pub(crate) channel: Channel,
    pub(crate) keeping: Keeping,
    /// It must not be used before this moment.
    pub(crate) quiet_until: Option<Instant>,
}

/// The idle connections and the shared ones of all clients.
pub(crate) struct Registry {
    state: Lock<State>,
    /// Wakes the sweeper, because a connection expires before its next look.
    is_earlier: Notify,
    /// How often the device has slept. Connections from before are not kept.
    sleeps: AtomicU64,
}

#[derive(Default)]
struct State {
    /// Idle entries are in the order in which they became idle.
    entries: Vec<Entry>,
    looked: Option<Moment>,
    /// When the sweeper looks next; `None` if it is not running.
    sweeps_at: Option<Instant>,
}

struct Entry {
    kept: Kept,
    /// How many requests share it. It is idle if this is 0.
    users: usize,
    since: Moment,
}

/// A moment on two clocks. The monotonic clock never runs backwards, but stands still while some devices sleep.
#[derive(Clone, Copy)]
struct Moment {
    instant: Instant,
    wall: SystemTime,
}

/// The registry of this process.
pub(crate) fn get() -> &'static Registry {
    static REGISTRY: LazyLock<Registry> = LazyLock::new(|| Registry {
        state: Lock::new(State::default()),
        is_earlier: Notify::new(),
        sleeps: AtomicU64::new(0),
    });
    &REGISTRY
}

impl Registry {
    /// Takes a connection of a client to an origin. It must not be used before the moment returned.
    pub(crate) fn take(&self, client: u64, origin: &Origin) -> Option<(Channel, Option<Instant>)> {
        self.change(|state, now| {
            let mut gone = Vec::new();
            let taken = loop {
                // The most recently used one: its server is the least likely to close it just now.
                let is_meant = |it: &Entry| it.kept.client == client && it.kept.origin == *origin;
                let is_quiet = |it: &Entry| it.kept.quiet_until.is_none_or(|at| at <= now.instant);
                let index = state.entries.iter().rposition(|it| is_meant(it) && is_quiet(it));
                let index = index.or_else(|| state.entries.iter().rposition(is_meant));
                let Some(index) = index else { break None };
                let entry = &mut state.entries[index];
                if entry.is_over(now) || !entry.kept.channel.is_ready() {
                    gone.push(state.entries.remove(index));
                    continue;
                }
                if let Some(shared) = entry.kept.channel.share() {
                    entry.users += 1;
                    break Some((shared, None));
                }
                let kept = state.entries.remove(index).kept;
                break Some((kept.channel, kept.quiet_until));
            };
            (taken, gone)
        })
    }

    /// Keeps an idle connection, unless the device has slept since it had slept so often.
    pub(crate) fn keep(&'static self, kept: Kept, sleeps: u64) {
        self.change(|state, now| {
            if self.sleeps() != sleeps {
                return ((), vec![Entry { kept, users: 0, since: now }]);
            }
            state.entries.push(Entry { kept, users: 0, since: now });
            (self.sweep_later(state), state.over_bounds())
        });
    }

    /// Lets other requests share a connection that one request uses.
    pub(crate) fn share(&self, kept: Kept) {
        self.change(|state, now| {
            state.entries.push(Entry { kept, users: 1, since: now });
            ((), Vec::new())
        });
    }

    /// Records that a request no longer uses a shared connection. Closes it after the last one unless `may_be_kept`.
    pub(crate) fn release(&'static self, link: &Link, may_be_kept: bool) {
        self.change(|state, now| {
            let is_meant = |entry: &Entry| entry.kept.channel.link().is_same(link);
            let Some(index) = state.entries.iter().position(is_meant) else {
                return ((), Vec::new());
            };
            state.entries[index].users -= 1;
            if state.entries[index].users > 0 {
                return ((), Vec::new());
            }
            let mut entry = state.entries.remove(index);
            if !may_be_kept {
                return ((), vec![entry]);
            }
            entry.since = now;
            state.entries.push(entry);
            (self.sweep_later(state), state.over_bounds())
        });
    }

    /// Removes a connection that has ended or must not be used again.
    pub(crate) fn forget(&self, link: &Link) {
        self.remove(|entry| entry.kept.channel.link().is_same(link));
    }

    /// Closes the idle connections of a client.
    pub(crate) fn close_idle(&self, client: u64) {
        self.remove(|entry| entry.kept.client == client && entry.users == 0);
    }

    /// Closes the connections of a client. One that requests still use is closed after the last of them.
    pub(crate) fn close(&self, client: u64) {
        self.remove(|entry| entry.kept.client == client);
    }

    /// Closes all idle connections, because the process has no sockets left. Returns when they are closed.
    pub(crate) async fn make_room(&self) {
        // Another call may be closing them: then this one waits for it.
        static ONE_AT_A_TIME: Semaphore = Semaphore::const_new(1);
        let _turn = ONE_AT_A_TIME.acquire().await;
        let idle = self.change(|state, _| {
            let idle: Vec<_> = state.entries.extract_if(.., |entry| entry.users == 0).collect();
            let links = idle.iter().map(|entry| entry.kept.channel.link().clone());
            (links.collect::<Vec<_>>(), idle)
        });
        for link in idle {
            link.cut();
            link.ended().await;
        }
    }

    /// How often the device has slept. A connection from before must not be kept.
    pub(crate) fn sleeps(&self) -> u64 {
        self.sleeps.load(Ordering::Acquire)
    }

    fn remove(&self, is_meant: impl FnMut(&mut Entry) -> bool) {
        self.change(|state, _| ((), state.entries.extract_if(.., is_meant).collect()));
    }

    /// Makes a change under the lock. The entries that it removes are dropped after the lock is released.
    fn change<T>(&self, change: impl FnOnce(&mut State, Moment) -> (T, Vec<Entry>)) -> T {
        let now = Moment::now();
        let mut state = self.state.lock();
        let old = match state.looked.replace(now) {
            Some(before) if now.has_slept_since(before) => {
                self.sleeps.fetch_add(1, Ordering::AcqRel);
                std::mem::take(&mut state.entries)
            }
            _ => Vec::new(),
        };
        let (result, mut gone) = change(&mut state, now);
        drop(state);
        gone.extend(old);
        close(gone);
        result
    }

    /// Starts the task that closes expired connections, or wakes it if it would look too late.
    fn sweep_later(&'static self, state: &mut State) {
        let Some(due) = state.due() else { return };
        match state.sweeps_at.replace(due) {
            Some(before) if due < before => self.is_earlier.notify_one(),
            Some(before) => state.sweeps_at = Some(before),
            None => match runtime::get() {
                Ok(runtime) => drop(runtime.spawn(self.sweep())),
                Err(_) => state.sweeps_at = None,
            },
        }
    }

    async fn sweep(&'static self) {
        loop {
            let next = self.change(|state, now| {
                let gone: Vec<_> = state.entries.extract_if(.., |it| it.is_over(now)).collect();
                state.sweeps_at = state.due();
                (state.sweeps_at, gone)
            });
            let Some(next) = next else { return };
            tokio::select! {
                () = tokio::time::sleep_until(next.into()) => {}
                () = self.is_earlier.notified() => {}
            }
        }
    }
}

/// Closes connections: politely, but a server that does not read must not keep an idle one open.
fn close(entries: Vec<Entry>) {
    let idle = entries.iter().filter(|entry| entry.users == 0);
    let links: Vec<Link> = idle.map(|entry| entry.kept.channel.link().clone()).collect();
    drop(entries);
    if links.is_empty() {
        return;
    }
    match runtime::get() {
        Ok(runtime) => drop(runtime.spawn(async move {
            tokio::time::sleep(POLITE).await;
            links.iter().for_each(Link::cut);
        })),
        Err(_) => links.iter().for_each(Link::cut),
    }
}

/// Whether an error says that the process, or the system, has no sockets left: ENFILE and EMFILE, as all Unix systems
/// number them, and WSAEMFILE.
pub(crate) fn is_out_of_sockets(error: &io::Error) -> bool {
    matches!(error.raw_os_error(), Some(23 | 24 | 10024))
}

impl State {
    /// When the first idle connection expires.
    fn due(&self) -> Option<Instant> {
        let idle = self.entries.iter().filter(|entry| entry.users == 0);
        idle.map(|entry| entry.since.instant + entry.kept.keeping.idle_timeout).min()
    }

    /// Removes the connection that has been idle longest if there are too many. One is enough: they come one by one.
    fn over_bounds(&mut self) -> Vec<Entry> {
        let Some(last) = self.entries.last() else { return Vec::new() };
        let (client, max_idle) = (last.kept.client, last.kept.keeping.max_idle);
        let idle = |entry: &&Entry| entry.users == 0;
        let of_client = |entry: &&Entry| entry.kept.client == client;
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
    fn is_over(&self, now: Moment) -> bool {
        self.users == 0 && now.since(self.since) >= self.kept.keeping.idle_timeout
    }
}

impl Moment {
    fn now() -> Self {
        Self { instant: Instant::now(), wall: SystemTime::now() }
    }

    /// The time since another moment, by the clock that says more.
    fn since(self, before: Self) -> Duration {
        self.by_wall(before).max(self.instant - before.instant)
    }

    fn has_slept_since(self, before: Self) -> bool {
        self.by_wall(before) > self.instant - before.instant + SLEPT
    }

    /// Zero if the wall clock was set back.
    fn by_wall(self, before: Self) -> Duration {
        self.wall.duration_since(before.wall).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_passes_by_the_wall_clock_too_and_a_jump_of_it_tells_of_sleep() {
        let start = Moment::now();
        let later = |instant: u64, wall: i64| {
            let wall = match wall {
                0.. => start.wall + Duration::from_secs(wall.unsigned_abs()),
                _ => start.wall - Duration::from_secs(wall.unsigned_abs()),
            };
            Moment { instant: start.instant + Duration::from_secs(instant), wall }
        };
        for (instant, wall, since, has_slept) in [
            (10, 10, 10, false),
            (10, 3600, 3600, true),
            (10, 40, 40, false),
            (10, 41, 41, true),
            (10, -3600, 10, false),
            (3600, 10, 3600, false),
        ] {
            let now = later(instant, wall);
            assert_eq!(now.since(start), Duration::from_secs(since), "{instant} {wall}");
            assert_eq!(now.has_slept_since(start), has_slept, "{instant} {wall}");
        }
    }
}
