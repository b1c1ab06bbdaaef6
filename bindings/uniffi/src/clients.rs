//! The open clients, each with a number. A number that is not known, or no longer, cannot harm:
//! it stands for a client that is closed.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{LazyLock, PoisonError, RwLock};

use gadget_request::{Client, ClientConfig};

static OPEN: LazyLock<RwLock<HashMap<u64, Client>>> = LazyLock::new(RwLock::default);

/// Adds a client, and returns its number.
pub(crate) fn add(client: Client) -> u64 {
    static LAST: AtomicU64 = AtomicU64::new(0);
    let number = LAST.fetch_add(1, Ordering::Relaxed) + 1;
    OPEN.write().unwrap_or_else(PoisonError::into_inner).insert(number, client);
    number
}

/// Returns the client with a number; a closed one if there is none.
pub(crate) fn get(number: u64) -> Client {
    static CLOSED: LazyLock<Client> = LazyLock::new(|| {
        let client = Client::new(ClientConfig::default());
        client.shutdown();
        client
    });
    let open = OPEN.read().unwrap_or_else(PoisonError::into_inner);
    open.get(&number).unwrap_or_else(|| &CLOSED).clone()
}

/// Removes the client with a number, which is free then.
pub(crate) fn remove(number: u64) -> Option<Client> {
    OPEN.write().unwrap_or_else(PoisonError::into_inner).remove(&number)
}

/// The number of open clients.
#[cfg(any(target_os = "android", target_os = "linux", target_os = "macos"))]
pub(crate) fn count() -> usize {
    OPEN.read().unwrap_or_else(PoisonError::into_inner).len()
}
