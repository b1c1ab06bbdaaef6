//! A jar: the cookies of one app, shared by all that may see them, and kept where the host app says.

use std::collections::HashMap;
use std::fmt;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, OnceLock, Weak};
use std::time::{Duration, SystemTime};

use url::Url;

use crate::cookies::document;
use crate::cookies::file::{CookieFile, CookieStorage};
use crate::cookies::host::{CookieChange, Listener};
use crate::cookies::parse;
use crate::cookies::store::{Change, Store, Stored, Target};
use crate::runtime;
use crate::sync::Lock;

/// How long changes are gathered before they are saved.
const SAVE_DELAY: Duration = Duration::from_millis(500);

/// The cookies of one app (RFC 6265bis). A cheap handle: clone it freely, use it from any thread.
///
/// What a mini program may see of them is the client's policy; this is the host app's view, and shows all.
/// Clients with the same directory and app id share a jar; one without a directory has its own.
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
pub struct CookieJar(Arc<Jar>);

struct Jar {
    /// Loaded when it is needed. No lock is held meanwhile: the storage may be the host's.
    store: OnceLock<Lock<Store>>,
    storage: Option<Box<dyn CookieStorage>>,
    unsaved: Lock<Unsaved>,
    /// Held while cookies are being saved, with what was saved last.
    saved: Lock<Option<Vec<u8>>>,
    listeners: Lock<Vec<Weak<Listener>>>,
}

/// What is to be saved.
#[derive(Default)]
struct Unsaved {
    is_changed: bool,
    /// Changes will be saved before long.
    is_due: bool,
}

/// The jars with a directory, by that and the app's id.
type Jars = HashMap<(PathBuf, String), Weak<Jar>>;

impl CookieJar {
    /// The jar of an app in a directory; without one, a new jar.
    pub(crate) fn open(folder: Option<&Path>, app_id: &str) -> Self {
        static JARS: LazyLock<Lock<Jars>> = LazyLock::new(|| Lock::new(Jars::new()));
        let Some(folder) = folder else { return Self::new(None) };
        let folder = std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
        let mut jars = JARS.lock();
        jars.retain(|_, jar| jar.strong_count() > 0);
        let key = (folder, app_id.to_owned());
        if let Some(jar) = jars.get(&key).and_then(Weak::upgrade) {
            return Self(jar);
        }
        let jar = Self::new(Some(Box::new(CookieFile::new(&key.0, app_id))));
        jars.insert(key, Arc::downgrade(&jar.0));
        jar
    }

    /// A jar of its own, kept where the host says.
    pub(crate) fn stored_in(storage: Box<dyn CookieStorage>) -> Self {
        Self::new(Some(storage))
    }

    fn new(storage: Option<Box<dyn CookieStorage>>) -> Self {
        Self(Arc::new(Jar {
            store: OnceLock::new(),
            storage,
            unsaved: Lock::new(Unsaved::default()),
            saved: Lock::new(None),
            listeners: Lock::new(Vec::new()),
        }))
    }

    /// Saves what has changed, now and on this thread. The engine does it half a second after a change, and when
    /// a client ends.
    ///
    /// # Errors
    ///
    /// The storage could not; what has changed stays to be saved.
    pub fn flush(&self) -> io::Result<()> {
        self.0.save()
    }

    pub(crate) fn save(&self) {
        self.0.save_or_warn();
    }

    /// The cookies for a request to a URL, in the order in which they are sent.
    pub(crate) fn cookies_for(&self, url: &Url) -> Vec<Stored> {
        let Some(target) = Target::of(url) else { return Vec::new() };
        self.with_store(|store| store.cookies_for(&target, SystemTime::now()))
    }

    /// Takes what a response from a URL set; whether anything has changed.
    pub(crate) fn take<'l>(&self, lines: impl Iterator<Item = &'l [u8]>, url: &Url) -> bool {
        let Some(target) = Target::of(url) else { return false };
        let cookies: Vec<_> = lines.filter_map(parse::parse).collect();
        if cookies.is_empty() {
            return false;
        }
        let now = SystemTime::now();
        self.change(|store| {
            cookies.into_iter().flat_map(|cookie| store.set(cookie, &target, now)).collect()
        })
    }

    pub(crate) fn with_store<T>(&self, action: impl FnOnce(&mut Store) -> T) -> T {
        self.0.with_store(action)
    }

    /// Makes a change, tells it, and sees to it that it is saved; whether there was one.
    pub(crate) fn change(&self, change: impl FnOnce(&mut Store) -> Vec<Change>) -> bool {
        let changes = self.0.with_store(change);
        if changes.is_empty() {
            return false;
        }
        self.save_later();
        // Outside of all locks: the listeners may look at the jar.
        let listeners: Vec<Arc<Listener>> =
            self.0.listeners.lock().iter().filter_map(Weak::upgrade).collect();
        if listeners.is_empty() {
            return true;
        }
        for change in changes.into_iter().map(CookieChange::from) {
            for listener in &listeners {
                if catch_unwind(AssertUnwindSafe(|| listener(&change))).is_err() {
                    log::error!("a listener for cookies panicked");
                }
            }
        }
        true
    }

    pub(crate) fn add_listener(&self, listener: Weak<Listener>) {
        let mut listeners = self.0.listeners.lock();
        listeners.retain(|listener| listener.strong_count() > 0);
        listeners.push(listener);
    }

    fn save_later(&self) {
        if self.0.storage.is_none() {
            return;
        }
        let mut unsaved = self.0.unsaved.lock();
        unsaved.is_changed = true;
        if std::mem::replace(&mut unsaved.is_due, true) {
            return;
        }
        drop(unsaved);
        let jar = Arc::downgrade(&self.0);
        let save_later = async move {
            tokio::time::sleep(SAVE_DELAY).await;
            let save = move || {
                if let Some(jar) = jar.upgrade() {
                    jar.save_or_warn();
                }
            };
            // Where no thread can be had, the end of the client saves.
            let _ = tokio::task::spawn_blocking(save).await;
        };
        match runtime::get() {
            Ok(runtime) => drop(runtime.spawn(save_later)),
            Err(_) => self.0.save_or_warn(),
        }
    }
}

impl Jar {
    fn with_store<T>(&self, action: impl FnOnce(&mut Store) -> T) -> T {
        action(&mut self.store.get_or_init(|| Lock::new(self.load())).lock())
    }

    fn load(&self) -> Store {
        let mut store = Store::default();
        let Some(storage) = &self.storage else { return store };
        let bytes = match storage.load() {
            Ok(Some(bytes)) => bytes,
            Ok(None) => return store,
            Err(error) => {
                log::warn!("the cookies that were kept cannot be read: {}", error.kind());
                return store;
            }
        };
        match document::decode(&bytes) {
            Ok(cookies) => {
                *self.saved.lock() = Some(bytes);
                let now = SystemTime::now();
                for cookie in cookies {
                    store.insert(cookie, now);
                }
            }
            Err(damage) => {
                log::warn!(
                    "the cookies that were kept cannot be used ({damage}) and are set aside"
                );
                storage.set_aside();
            }
        }
        store
    }

    fn save_or_warn(&self) {
        if let Err(error) = self.save() {
            log::warn!("cookies cannot be saved: {}", error.kind());
        }
    }

    fn save(&self) -> io::Result<()> {
        let Some(storage) = &self.storage else { return Ok(()) };
        // One at a time, each with what is there then: the last to save has the latest.
        let mut saved = self.saved.lock();
        // Taken before the cookies are: a change that comes between the two is saved again, and never missed.
        if !std::mem::take(&mut *self.unsaved.lock()).is_changed {
            return Ok(());
        }
        let Some(store) = self.store.get() else { return Ok(()) };
        let bytes = document::encode(&store.lock().list(SystemTime::now()));
        if saved.as_ref() == Some(&bytes) {
            return Ok(()); // only cookies of the session have changed
        }
        let done = storage.save(&bytes);
        match done {
            Ok(()) => *saved = Some(bytes),
            Err(_) => self.unsaved.lock().is_changed = true,
        }
        done
    }
}

impl Drop for Jar {
    fn drop(&mut self) {
        self.save_or_warn();
    }
}

impl fmt::Debug for CookieJar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // How many, and nothing of them.
        let count = self.0.store.get().map_or(0, |store| store.lock().len());
        f.debug_struct("CookieJar").field("cookies", &count).finish()
    }
}
