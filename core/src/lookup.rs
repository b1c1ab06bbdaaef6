//! The system's name service, asked for each name once at a time: one that is slow holds up nobody who asks for
//! another.

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs as _};
use std::sync::{Arc, LazyLock};

use tokio::sync::{Semaphore, watch};

use crate::error::Error;
use crate::sync::Lock;

/// Most lookups at a time in a process. A name server that says nothing holds a thread for some ten seconds, and
/// threads are needed for all else.
static PLACES: Semaphore = Semaphore::const_new(16);

/// What a name leads to, when that is known.
type Found = Option<Result<Arc<[IpAddr]>, Error>>;

/// The lookups under way, by name.
static UNDER_WAY: LazyLock<Lock<HashMap<String, watch::Sender<Found>>>> =
    LazyLock::new(|| Lock::new(HashMap::new()));

/// The addresses of a host name, as the system tells them; at least one.
///
/// All who ask for a name at the same time share an answer. A lookup that nobody waits for any more is not begun.
pub(crate) async fn lookup(host: &str) -> Result<Arc<[IpAddr]>, Error> {
    let mut answer = join(host);
    let found = answer.wait_for(Option::is_some).await.map_err(|_| Error::Internal)?;
    found.clone().unwrap_or(Err(Error::Internal))
}

/// A part in the lookup of a name, which begins with the first.
fn join(host: &str) -> watch::Receiver<Found> {
    let mut under_way = UNDER_WAY.lock();
    if let Some(known) = under_way.get(host) {
        return known.subscribe();
    }
    let (sender, receiver) = watch::channel(None);
    under_way.insert(host.to_owned(), sender);
    tokio::spawn(run(host.to_owned()));
    receiver
}

async fn run(host: String) {
    let found = match PLACES.acquire().await {
        Ok(_place) if is_awaited_or_ends(&host) => ask(host.clone()).await,
        _ => return,
    };
    if let Some(sender) = UNDER_WAY.lock().remove(&host) {
        let _ = sender.send(Some(found));
    }
}

/// Whether anybody waits for a lookup. If nobody does, it is over, and who asks later begins a new one.
fn is_awaited_or_ends(host: &str) -> bool {
    let mut under_way = UNDER_WAY.lock();
    let is_awaited = under_way.get(host).is_some_and(|sender| !sender.is_closed());
    if !is_awaited {
        under_way.remove(host);
    }
    is_awaited
}

/// Asks the system, on a thread that may wait.
async fn ask(host: String) -> Result<Arc<[IpAddr]>, Error> {
    let ask = move || -> io::Result<Vec<SocketAddr>> {
        Ok((host.as_str(), 0).to_socket_addrs()?.collect())
    };
    let addresses = match tokio::task::spawn_blocking(ask).await {
        Ok(Ok(addresses)) if !addresses.is_empty() => addresses,
        _ => return Err(Error::NameNotResolved),
    };
    Ok(addresses.iter().map(SocketAddr::ip).collect())
}
