//! A jar: the cookies of one app, shared by all clients that may use them.

use std::collections::HashMap;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, Weak};
use std::time::SystemTime;

use url::Url;

use crate::cookies::file::CookieFile;
use crate::cookies::listener::{CookieChange, CookieListener};
use crate::cookies::lock::FileLock;
use crate::cookies::parse;
use crate::cookies::persistence::PersistentStore;
use crate::cookies::storage::CookieStorage;
use crate::cookies::store::{Change, Store};
use crate::cookies::stored::Stored;
use crate::cookies::target::Target;
use crate::sync::Lock;

/// The cookies of one app (RFC 6265bis). A cheap handle: clone it freely, use it from any thread.
///
/// This is the host app's view, which shows all cookies. The policy of a client decides which
/// of them its mini program sees.
///
/// Clients with the same directory and app id share a jar; a client without a directory has its
/// own. Processes may share a directory, too. When a jar saves, it first takes over what others
/// have changed there; if both have changed the same cookie, its own change wins. A jar that has
/// nothing to save does not look at the directory. A cookie that is deleted here (`clear`,
/// `clear_domain`, `delete`) is also deleted there, even if another process has set it meanwhile.
///
/// ```
/// # let server = gadget_test_server::Server::start()?;
/// # let url = format!("{}/cookies/set?line=a%3D1", server.http());
/// use gadget_request::{Client, RequestOptions};
///
/// let client = Client::default();
/// pollster::block_on(client.request(RequestOptions::new(url)));
/// let cookies = client.cookies().list();
/// assert_eq!((cookies[0].name.as_str(), cookies[0].value.as_str()), ("a", "1"));
/// client.cookies().clear();
/// assert!(client.cookies().list().is_empty());
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone)]
pub struct CookieJar(Arc<PersistentStore>);

/// The jars with a directory, by the directory and the app's id.
type Jars = HashMap<(PathBuf, String), Weak<PersistentStore>>;

impl CookieJar {
    /// Opens the jar of an app in a directory; without a directory, a new jar in memory.
    pub(crate) fn open(folder: Option<&Path>, app_id: &str) -> Self {
        static JARS: LazyLock<Lock<Jars>> = LazyLock::new(|| Lock::new(Jars::new()));
        let Some(folder) = folder else { return Self(PersistentStore::new(None, None)) };
        let folder = std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
        let mut jars = JARS.lock();
        jars.retain(|_, jar| jar.strong_count() > 0);
        let key = (folder, app_id.to_owned());
        if let Some(jar) = jars.get(&key).and_then(Weak::upgrade) {
            return Self(jar);
        }
        let file = Box::new(CookieFile::new(&key.0, app_id));
        let jar = PersistentStore::new(Some(file), Some(FileLock::new(&key.0, app_id)));
        jars.insert(key, Arc::downgrade(&jar));
        Self(jar)
    }

    /// Makes a jar that is saved in the host app's storage.
    pub(crate) fn stored_in(storage: Box<dyn CookieStorage>) -> Self {
        Self(PersistentStore::new(Some(storage), None))
    }

    /// Saves all changes now, on this thread: when this returns, every earlier change is saved.
    ///
    /// The engine saves by itself half a second after a change, and when a client ends, on the
    /// engine's threads. A process that ends right after a change must call this first. If another
    /// process is saving to the same folder, this waits for it, at most two seconds.
    ///
    /// # Errors
    ///
    /// The storage failed. The changes are kept, and the engine tries again.
    pub fn save(&self) -> io::Result<()> {
        self.0.save_or_retry()
    }

    /// Saves at the end of a client, on a thread of the engine.
    pub(crate) fn save_at_end(&self) {
        self.0.save_at_end();
    }

    /// Loads the saved cookies if that was not done yet, on this thread. For the host app's calls.
    pub(super) fn loaded(&self) -> &Self {
        self.0.load_here();
        self
    }

    /// Loads the saved cookies if that was not done yet, on a thread that may block. For requests.
    pub(crate) async fn load(&self) {
        self.0.load_elsewhere().await;
    }

    /// Returns the cookies for a request to a URL, in the order in which they are sent.
    pub(crate) fn cookies_for(&self, url: &Url) -> Vec<Arc<Stored>> {
        // Most jars are empty.
        if self.with_store(|store| store.len() == 0) {
            return Vec::new();
        }
        let Some(target) = Target::of(url) else { return Vec::new() };
        self.with_store(|store| store.cookies_for(&target, SystemTime::now()))
    }

    /// Takes the `Set-Cookie` lines of a response. Returns true if anything has changed.
    pub(crate) fn take<'l>(
        &self,
        lines: impl Iterator<Item = &'l [u8]>,
        target: &Target<'_>,
        now: SystemTime,
    ) -> bool {
        let cookies: Vec<_> = lines.filter_map(parse::parse).collect();
        if cookies.is_empty() {
            return false;
        }
        self.change(|store| {
            cookies.into_iter().flat_map(|cookie| store.set(cookie, target, now)).collect()
        })
    }

    pub(crate) fn with_store<T>(&self, action: impl FnOnce(&mut Store) -> T) -> T {
        action(&mut self.0.store.lock())
    }

    /// Makes a change, has it saved, and reports it to listeners. Returns true if anything has
    /// changed.
    pub(crate) fn change(&self, change: impl FnOnce(&mut Store) -> Vec<Change>) -> bool {
        self.0.change(change)
    }

    /// Deletes cookies for the host app, including saved ones that were not loaded yet.
    pub(super) fn remove(&self, which: impl Fn(&Stored) -> bool + Send + Sync + 'static) -> bool {
        self.loaded().0.remove(which)
    }

    pub(super) fn add_listener(
        &self,
        listener: impl Fn(&CookieChange) + Send + Sync + 'static,
    ) -> CookieListener {
        self.0.listeners.add(listener)
    }
}

impl fmt::Debug for CookieJar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Only how many there are, because this ends up in logs.
        let count = self.0.store.lock().len();
        f.debug_struct("CookieJar").field("cookies", &count).finish()
    }
}
