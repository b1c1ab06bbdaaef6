//! Lookups by the system's name service.
//!
//! The system's lookup blocks a thread until the name server answers, and cannot be cancelled. So
//! that a few dead names do not take all threads:
//!
//! - Calls that ask for the same name at the same time share one lookup. One that began before a
//!   change of the network has no later calls.
//! - Places limit the lookups of the process, and of each client. A lookup waits for one of each.
//! - A lookup that waits for its places is forgotten when no call waits for it any more. One that
//!   has begun keeps its places until the system returns.

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs as _};
use std::pin::pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock};

use tokio::sync::{Semaphore, watch};

use crate::cause::{Cause, CausePhase, Failure};
use crate::error::Error;
use crate::sync::Lock;
use crate::wire::registry;

/// The most lookups at a time in a process. A name server that does not answer blocks a thread for
/// some ten seconds, and other work needs threads too.
const MAX_LOOKUPS: usize = 16;

/// The most lookups at a time for one client, so that names that are not answered block no other
/// client.
pub(crate) const MAX_LOOKUPS_OF_A_CLIENT: usize = 4;

/// The result of a lookup, once it is known.
type Found = Option<Result<Arc<[IpAddr]>, Failure>>;

/// The lookups of a process.
struct Lookups {
    ask: fn(&str) -> io::Result<Vec<IpAddr>>,
    places: Semaphore,
    /// How often a network has changed.
    changes: AtomicU64,
    wanted: Lock<HashMap<Name, Lookup>>,
}

/// A host name, and how often a network had changed when it was wanted.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Name {
    host: String,
    changes: u64,
}

/// A lookup that calls wait for.
struct Lookup {
    found: watch::Sender<Found>,
    has_begun: bool,
    /// The places of the clients that wait for it: whichever has a free place first begins it.
    clients: Vec<Arc<Semaphore>>,
}

static SYSTEM: LazyLock<Lookups> = LazyLock::new(|| Lookups::new(ask_system));

/// Asks the system for the addresses of a host name. Returns at least one. `places` are the
/// client's own, at most [`MAX_LOOKUPS_OF_A_CLIENT`].
pub(crate) async fn lookup(host: &str, places: &Arc<Semaphore>) -> Result<Arc<[IpAddr]>, Failure> {
    SYSTEM.lookup(host, places).await
}

/// Lets no later call have the result of a lookup that was wanted before, because a network has
/// changed.
pub(crate) fn begin_anew() {
    SYSTEM.begin_anew();
}

fn ask_system(host: &str) -> io::Result<Vec<IpAddr>> {
    Ok((host, 0).to_socket_addrs()?.map(|address: SocketAddr| address.ip()).collect())
}

/// Returns the failure that stands for a resolver's error.
pub(crate) fn not_resolved(error: &io::Error) -> Failure {
    Failure::new(Error::NameNotResolved, Cause::of(CausePhase::Resolve, error))
}

impl Lookups {
    fn new(ask: fn(&str) -> io::Result<Vec<IpAddr>>) -> Self {
        Self {
            ask,
            places: Semaphore::new(MAX_LOOKUPS),
            changes: AtomicU64::new(0),
            wanted: Lock::new(HashMap::new()),
        }
    }

    fn begin_anew(&self) {
        self.changes.fetch_add(1, Ordering::SeqCst);
    }

    async fn lookup(
        &'static self,
        host: &str,
        places: &Arc<Semaphore>,
    ) -> Result<Arc<[IpAddr]>, Failure> {
        let mut answer = self.join(host, places);
        // An error means that the lookup panicked.
        let found = answer.wait_for(Option::is_some).await.map_err(|_| Error::NameNotResolved)?;
        found.clone().unwrap_or(Err(Error::NameNotResolved.into()))
    }

    /// Joins the lookup of a name, and creates it if there is none. A task of each client that
    /// joins tries to begin it.
    fn join(&'static self, host: &str, places: &Arc<Semaphore>) -> watch::Receiver<Found> {
        let changes = self.changes.load(Ordering::SeqCst);
        let name = Name { host: host.to_owned(), changes };
        let mut wanted = self.wanted.lock();
        let lookup = wanted.entry(name.clone()).or_insert_with(|| Lookup {
            found: watch::channel(None).0,
            has_begun: false,
            clients: Vec::new(),
        });
        let receiver = lookup.found.subscribe();
        if !lookup.has_begun && !lookup.clients.iter().any(|other| Arc::ptr_eq(other, places)) {
            lookup.clients.push(Arc::clone(places));
            let found = lookup.found.clone();
            tokio::spawn(self.run(name, found, Arc::clone(places)));
        }
        receiver
    }

    async fn run(&'static self, name: Name, found: watch::Sender<Found>, places: Arc<Semaphore>) {
        let mut both = pin!(async { (places.acquire().await, self.places.acquire().await) });
        let _places = loop {
            tokio::select! {
                both = &mut both => break both,
                // A page can give up calls faster than dead names free their places.
                () = found.closed() => if self.forget_unwanted(&name, &found) {
                    return;
                }
            }
        };
        if !self.begin(&name) {
            return;
        }
        let finish = Finish { lookups: self, name: &name };
        let found = match self.ask(&name.host).await {
            // The lookup itself needs sockets.
            Err(error) if registry::is_out_of_sockets(&error) => {
                registry::get().make_room().await;
                self.ask(&name.host).await
            }
            found => found,
        };
        let found = match found {
            Ok(addresses) if addresses.is_empty() => {
                let cause = Cause::new(CausePhase::Resolve, "no addresses");
                Err(Failure::new(Error::NameNotResolved, cause))
            }
            Ok(addresses) => Ok(Arc::from(addresses)),
            Err(error) => Err(not_resolved(&error)),
        };
        if let Some(lookup) = self.wanted.lock().get(finish.name) {
            lookup.found.send_replace(Some(found));
        }
    }

    /// Asks on a thread that may block.
    async fn ask(&self, host: &str) -> io::Result<Vec<IpAddr>> {
        let (ask, host) = (self.ask, host.to_owned());
        let asked = tokio::task::spawn_blocking(move || ask(&host)).await;
        asked.unwrap_or_else(|_| Err(io::ErrorKind::Other.into()))
    }

    /// Forgets a lookup that has not begun if no call waits for it. Returns true if no call waits
    /// for `found`, which may belong to an earlier lookup of the same name.
    fn forget_unwanted(&self, name: &Name, found: &watch::Sender<Found>) -> bool {
        let mut wanted = self.wanted.lock();
        let is_unwanted = |lookup: &Lookup| !lookup.has_begun && lookup.found.is_closed();
        if wanted.get(name).is_some_and(is_unwanted) {
            wanted.remove(name);
        }
        found.is_closed()
    }

    /// Marks a lookup as begun. Returns false if another client has begun it or no call waits for
    /// it.
    fn begin(&self, name: &Name) -> bool {
        let mut wanted = self.wanted.lock();
        let Some(lookup) = wanted.get_mut(name).filter(|lookup| !lookup.has_begun) else {
            return false;
        };
        if lookup.found.is_closed() {
            wanted.remove(name); // the next call starts a new one
            return false;
        }
        lookup.has_begun = true;
        true
    }
}

/// Finishes a lookup on drop, even after a panic.
struct Finish<'l> {
    lookups: &'l Lookups,
    name: &'l Name,
}

impl Drop for Finish<'_> {
    fn drop(&mut self) {
        let lookup = self.lookups.wanted.lock().remove(self.name);
        drop(lookup); // wakes the calls that still wait; outside the lock
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::{Condvar, Mutex};

    use futures_util::future::join_all;

    use super::*;

    static ASKED: AtomicUsize = AtomicUsize::new(0);
    static IS_OPEN: (Mutex<bool>, Condvar) = (Mutex::new(false), Condvar::new());

    /// Does not answer before `IS_OPEN`.
    fn slow(_: &str) -> io::Result<Vec<IpAddr>> {
        ASKED.fetch_add(1, Ordering::SeqCst);
        let mut is_open = IS_OPEN.0.lock().unwrap();
        while !*is_open {
            is_open = IS_OPEN.1.wait(is_open).unwrap();
        }
        Ok(vec![[192, 0, 2, 1].into()])
    }

    async fn many(lookups: &'static Lookups, clients: &[Arc<Semaphore>]) -> Vec<Found> {
        let names = (0..40).map(|number| format!("{number}.test"));
        let calls = names.flat_map(|name| clients.iter().map(move |client| (name.clone(), client)));
        let calls = calls.map(async |(name, client)| Some(lookups.lookup(&name, client).await));
        join_all(calls).await
    }

    #[test]
    fn a_name_is_looked_up_once_at_a_time_by_few_threads_and_only_while_a_call_waits() {
        static LOOKUPS: LazyLock<Lookups> = LazyLock::new(|| Lookups::new(slow));
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        let client = || Arc::new(Semaphore::new(MAX_LOOKUPS_OF_A_CLIENT));
        let asked = || ASKED.load(Ordering::SeqCst);
        let pause = std::time::Duration::from_millis(200);
        runtime.block_on(async {
            // One client alone, and then five more: one client never has all sixteen threads.
            let clients: Vec<_> = (0..6).map(|_| client()).collect();
            assert!(tokio::time::timeout(pause, many(&LOOKUPS, &clients[..1])).await.is_err());
            assert_eq!(asked(), MAX_LOOKUPS_OF_A_CLIENT);
            assert!(tokio::time::timeout(pause, many(&LOOKUPS, &clients)).await.is_err());
            assert_eq!(asked(), MAX_LOOKUPS, "all others wait");
            tokio::time::sleep(pause).await;
            let known = LOOKUPS.wanted.lock().len();
            assert!(known <= MAX_LOOKUPS, "{known}: a lookup that no call waits for is forgotten");

            // Calls now wait for the last two names only, which are looked up after the slow ones.
            let last = ["38.test", "39.test"].map(|name| {
                let client = Arc::clone(&clients[5]);
                tokio::spawn(async move { LOOKUPS.lookup(name, &client).await })
            });
            tokio::time::sleep(pause).await;
            *IS_OPEN.0.lock().unwrap() = true;
            IS_OPEN.1.notify_all();
            assert!(join_all(last).await.iter().all(|found| matches!(found, Ok(Ok(_)))));
            assert_eq!(asked(), MAX_LOOKUPS + 2);

            let all = many(&LOOKUPS, &clients).await;
            assert!(all.iter().all(|found| matches!(found, Some(Ok(found)) if found.len() == 1)));
        });
        drop(runtime);
        assert!(LOOKUPS.wanted.lock().is_empty());
    }

    #[test]
    fn a_lookup_that_panics_fails_its_own_calls_and_no_later_ones() {
        static LOOKUPS: LazyLock<Lookups> = LazyLock::new(|| {
            Lookups::new(|host| match host {
                "panics" => panic!("on purpose: a panic in a lookup"),
                _ => Ok(vec![[192, 0, 2, 1].into()]),
            })
        });
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let places = Arc::new(Semaphore::new(1));
        runtime.block_on(async {
            for _ in 0..3 {
                let found = LOOKUPS.lookup("panics", &places).await;
                assert_eq!(found.unwrap_err().error, Error::NameNotResolved);
            }
            assert!(LOOKUPS.lookup("does.not", &places).await.is_ok());
        });
    }
}
