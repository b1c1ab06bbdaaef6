//! Lookups by the system's name service, one at a time for each name, so that a slow name does not delay others.

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs as _};
use std::sync::{Arc, LazyLock};

use tokio::sync::{Semaphore, watch};

use crate::error::Error;
use crate::sync::Lock;

/// The most lookups at a time in a process. A name server that does not answer blocks a thread for some ten seconds,
/// and other work needs threads too.
const MAX_LOOKUPS: usize = 16;

/// The addresses of a name, once they are known.
type Found = Option<Result<Arc<[IpAddr]>, Error>>;

/// The lookups of a process.
struct Lookups {
    ask: fn(&str) -> io::Result<Vec<IpAddr>>,
    places: Semaphore,
    under_way: Lock<HashMap<String, watch::Sender<Found>>>,
}

/// Asks the system for the addresses of a host name. Returns at least one.
///
/// Calls that ask for the same name at the same time share one lookup. A lookup does not start if no call waits for
/// it any more.
pub(crate) async fn lookup(host: &str) -> Result<Arc<[IpAddr]>, Error> {
    static SYSTEM: LazyLock<Lookups> = LazyLock::new(|| Lookups::new(ask_the_system));
    SYSTEM.lookup(host).await
}

fn ask_the_system(host: &str) -> io::Result<Vec<IpAddr>> {
    Ok((host, 0).to_socket_addrs()?.map(|address: SocketAddr| address.ip()).collect())
}

impl Lookups {
    fn new(ask: fn(&str) -> io::Result<Vec<IpAddr>>) -> Self {
        Self { ask, places: Semaphore::new(MAX_LOOKUPS), under_way: Lock::new(HashMap::new()) }
    }

    async fn lookup(&'static self, host: &str) -> Result<Arc<[IpAddr]>, Error> {
        let mut answer = self.join(host);
        let found = answer.wait_for(Option::is_some).await.map_err(|_| Error::NameNotResolved)?;
        found.clone().unwrap_or(Err(Error::NameNotResolved))
    }

    /// Joins the lookup of a name, or starts it.
    fn join(&'static self, host: &str) -> watch::Receiver<Found> {
        let mut under_way = self.under_way.lock();
        if let Some(known) = under_way.get(host) {
            return known.subscribe();
        }
        let (sender, receiver) = watch::channel(None);
        under_way.insert(host.to_owned(), sender);
        tokio::spawn(self.run(host.to_owned()));
        receiver
    }

    async fn run(&'static self, host: String) {
        let Ok(_place) = self.places.acquire().await else { return };
        if !self.is_awaited_or_ends(&host) {
            return;
        }
        let (ask, name) = (self.ask, host.clone());
        let found = match tokio::task::spawn_blocking(move || ask(&name)).await {
            Ok(Ok(addresses)) if !addresses.is_empty() => Ok(addresses.into()),
            _ => Err(Error::NameNotResolved),
        };
        let sender = self.under_way.lock().remove(&host);
        if let Some(sender) = sender {
            let _ = sender.send(Some(found));
        }
    }

    /// Whether a call waits for a lookup. If none does, the lookup ends here, and the next call starts a new one.
    fn is_awaited_or_ends(&self, host: &str) -> bool {
        let mut under_way = self.under_way.lock();
        let is_awaited = under_way.get(host).is_some_and(|sender| !sender.is_closed());
        if !is_awaited {
            under_way.remove(host);
        }
        is_awaited
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

    /// Says nothing until it may.
    fn slow(_: &str) -> io::Result<Vec<IpAddr>> {
        ASKED.fetch_add(1, Ordering::SeqCst);
        let mut is_open = IS_OPEN.0.lock().unwrap();
        while !*is_open {
            is_open = IS_OPEN.1.wait(is_open).unwrap();
        }
        Ok(vec![[192, 0, 2, 1].into()])
    }

    #[test]
    fn a_name_is_asked_for_once_at_a_time_sixteen_at_a_time_and_only_while_somebody_waits() {
        static LOOKUPS: LazyLock<Lookups> = LazyLock::new(|| Lookups::new(slow));
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let names: Vec<String> = (0..40).map(|number| format!("{number}.test")).collect();
            let lookups = || join_all(names.iter().cycle().take(400).map(|it| LOOKUPS.lookup(it)));
            let pause = std::time::Duration::from_millis(200);
            assert!(tokio::time::timeout(pause, lookups()).await.is_err());
            assert_eq!(ASKED.load(Ordering::SeqCst), MAX_LOOKUPS, "all others wait");

            // Nobody waits now but for the last two; they are asked for when the slow ones are done.
            let last = ["38.test", "39.test"].map(|name| tokio::spawn(LOOKUPS.lookup(name)));
            tokio::time::sleep(pause).await;
            *IS_OPEN.0.lock().unwrap() = true;
            IS_OPEN.1.notify_all();
            assert!(join_all(last).await.iter().all(|found| matches!(found, Ok(Ok(_)))));
            assert_eq!(ASKED.load(Ordering::SeqCst), MAX_LOOKUPS + 2);

            let all = lookups().await;
            assert!(all.iter().all(|found| found.as_ref().unwrap().len() == 1));
            assert!(LOOKUPS.under_way.lock().is_empty());
        });
    }
}
