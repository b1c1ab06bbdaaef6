//! A jar: the cookies of one app, shared by all that may see them, and kept where the host app says.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock, Weak};
use std::time::{Duration, Instant, SystemTime};

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

/// The longest time from one save that failed to the next.
const MAX_SAVE_DELAY: Duration = Duration::from_secs(60);

/// How long calls leave a storage alone that could not load (the keychain of a locked device).
const LOAD_PAUSE: Duration = Duration::from_secs(1);

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
    store: Lock<Store>,
    storage: Option<Box<dyn CookieStorage>>,
    /// Whether what was kept is in the store. It is loaded when it is needed.
    is_loaded: AtomicBool,
    /// Held while it is being loaded, with when that failed last; the storage may be the host's, so nothing else is.
    loading: Lock<Option<Instant>>,
    unsaved: Lock<Unsaved>,
    /// Held while cookies are being saved, with what was saved last.
    saved: Lock<Option<Vec<u8>>>,
    listeners: Lock<Vec<Weak<Listener>>>,
    untold: Lock<Untold>,
}

/// What is to be told to listeners, in the order in which it happened.
#[derive(Default)]
struct Untold {
    changes: VecDeque<Change>,
    /// A thread is at it.
    is_being_told: bool,
}

/// What is to be saved.
#[derive(Default)]
struct Unsaved {
    is_changed: bool,
    /// A task will save it before long.
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
            store: Lock::new(Store::default()),
            is_loaded: AtomicBool::new(storage.is_none()),
            storage,
            loading: Lock::new(None),
            unsaved: Lock::new(Unsaved::default()),
            saved: Lock::new(None),
            listeners: Lock::new(Vec::new()),
            untold: Lock::new(Untold::default()),
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

    /// Loads what was kept, where that is still to be done: for a call. The storage may take its time.
    pub(crate) async fn load(&self) {
        if self.0.is_loaded.load(Ordering::Acquire) {
            return;
        }
        let jar = Arc::clone(&self.0);
        // Where no thread can be had, the call goes without.
        let _ = tokio::task::spawn_blocking(move || jar.load_or_warn(Some(LOAD_PAUSE))).await;
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
        action(&mut self.0.store.lock())
    }

    /// Loads what was kept, where that is still to be done: for the host app, which asks the jar.
    pub(crate) fn loaded(&self) -> &Self {
        self.0.load_or_warn(None);
        self
    }

    /// Makes a change, tells it, and sees to it that it is saved; whether there was one.
    pub(crate) fn change(&self, change: impl FnOnce(&mut Store) -> Vec<Change>) -> bool {
        let has_changed = self.with_store(|store| {
            let changes = change(store);
            let has_changed = !changes.is_empty();
            // Under the store's lock: in the order of the changes.
            self.0.untold.lock().changes.extend(changes);
            has_changed
        });
        if has_changed {
            self.save_later();
            self.0.tell();
        }
        has_changed
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
            let mut delay = SAVE_DELAY;
            loop {
                tokio::time::sleep(delay).await;
                let jar = Weak::clone(&jar);
                let save = move || jar.upgrade().is_none_or(|jar| jar.save_as_due());
                // Where no thread can be had, it is tried again too.
                if tokio::task::spawn_blocking(save).await.unwrap_or(false) {
                    return;
                }
                delay = (2 * delay).min(MAX_SAVE_DELAY);
            }
        };
        match runtime::get() {
            Ok(runtime) => drop(runtime.spawn(save_later)),
            Err(_) => {
                self.0.save_as_due();
            }
        }
    }
}

impl Jar {
    /// Tells what is to be told, unless another thread, or this one further up, is at it. No lock is held meanwhile:
    /// listeners may look at the jar.
    fn tell(&self) {
        if std::mem::replace(&mut self.untold.lock().is_being_told, true) {
            return;
        }
        loop {
            let mut untold = self.untold.lock();
            let Some(change) = untold.changes.pop_front() else {
                untold.is_being_told = false;
                return;
            };
            drop(untold);
            let listeners = self.listeners.lock().clone();
            if listeners.is_empty() {
                continue;
            }
            let change = CookieChange::from(change);
            for listener in listeners.iter().filter_map(Weak::upgrade) {
                if catch_unwind(AssertUnwindSafe(|| listener(&change))).is_err() {
                    log::error!("a listener for cookies panicked");
                }
            }
        }
    }

    fn load_or_warn(&self, pause: Option<Duration>) {
        if let Err(error) = self.load(pause) {
            log::warn!("the cookies that were kept cannot be read: {}", error.kind());
        }
    }

    /// Takes what was kept into the store, once. What is there already is newer. A storage that could not is asked
    /// again, after a pause where there is to be one.
    fn load(&self, pause: Option<Duration>) -> io::Result<()> {
        let Some(storage) = &self.storage else { return Ok(()) };
        if self.is_loaded.load(Ordering::Acquire) {
            return Ok(());
        }
        let mut failed_at = self.loading.lock();
        let is_recent = failed_at.zip(pause).is_some_and(|(at, pause)| at.elapsed() < pause);
        if is_recent || self.is_loaded.load(Ordering::Acquire) {
            return Ok(());
        }
        let loaded = without_panic(|| storage.load());
        *failed_at = loaded.is_err().then(Instant::now);
        if let Some(bytes) = loaded? {
            match document::decode(&bytes) {
                Ok(cookies) => {
                    let (now, mut store) = (SystemTime::now(), self.store.lock());
                    for cookie in cookies {
                        if !store.has(&cookie) {
                            store.insert(cookie, now);
                        }
                    }
                    drop(store);
                    *self.saved.lock() = Some(bytes);
                }
                Err(damage) => {
                    log::warn!(
                        "the cookies that were kept cannot be used ({damage}) and are set aside"
                    );
                    let _ = without_panic(|| {
                        storage.set_aside();
                        Ok(())
                    });
                }
            }
        }
        self.is_loaded.store(true, Ordering::Release);
        Ok(())
    }

    fn save_or_warn(&self) {
        if let Err(error) = self.save() {
            log::warn!("cookies cannot be saved: {}", error.kind());
        }
    }

    /// For the task that is to save; whether nothing is left to be saved, and with that its work is done.
    fn save_as_due(&self) -> bool {
        self.save_or_warn();
        let mut unsaved = self.unsaved.lock();
        unsaved.is_due = unsaved.is_changed;
        !unsaved.is_due
    }

    fn save(&self) -> io::Result<()> {
        let Some(storage) = &self.storage else { return Ok(()) };
        if !self.unsaved.lock().is_changed {
            return Ok(());
        }
        self.load(None)?; // else what was kept would be overwritten unseen
        // One at a time, each with what is there then: the last to save has the latest.
        let mut saved = self.saved.lock();
        // Taken before the cookies are: a change that comes between the two is saved again, and never missed.
        if !std::mem::take(&mut self.unsaved.lock().is_changed) {
            return Ok(());
        }
        let bytes = document::encode(&self.store.lock().list(SystemTime::now()));
        if saved.as_ref() == Some(&bytes) {
            return Ok(()); // only cookies of the session have changed
        }
        let done = without_panic(|| storage.save(&bytes));
        match done {
            Ok(()) => *saved = Some(bytes),
            Err(_) => self.unsaved.lock().is_changed = true,
        }
        done
    }
}

/// A storage of the host's may panic; the jar goes on.
fn without_panic<T>(action: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
    catch_unwind(AssertUnwindSafe(action)).unwrap_or_else(|_| {
        log::error!("a storage of cookies panicked");
        Err(io::ErrorKind::Other.into())
    })
}

impl Drop for Jar {
    fn drop(&mut self) {
        self.save_or_warn();
    }
}

impl fmt::Debug for CookieJar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // How many, and nothing of them.
        let count = self.0.store.lock().len();
        f.debug_struct("CookieJar").field("cookies", &count).finish()
    }
}
