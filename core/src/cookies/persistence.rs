//! A store of cookies that is loaded from a storage and saved there.
//!
//! - *Loading* happens once, when cookies are needed first. Until then the store takes changes; a
//!   saved cookie does not replace one that was set meanwhile. If the storage fails, the jar works
//!   without the saved cookies, asks again later, and saves nothing, so that it overwrites nothing.
//! - *Saving* happens half a second after a change, for all changes of that time, on a thread of
//!   the engine. Until it has succeeded, the task that saves keeps the store alive, so that no
//!   thread of the host app has to save when it drops the last handle.
//! - *Merging*: other processes may save to the same file. A save takes the file lock, takes over
//!   what others have changed in the file, and only then writes.

mod save;

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant, SystemTime};

use tokio::sync::Semaphore;

use crate::cookies::listener::Listeners;
use crate::cookies::lock::FileLock;
use crate::cookies::storage::{CookieStorage, read};
use crate::cookies::store::{Change, Store};
use crate::cookies::stored::Stored;
use crate::sync::Lock;

/// How long calls leave a storage alone after it failed to load (the keychain of a locked device).
const LOAD_PAUSE: Duration = Duration::from_secs(1);

/// Returns true for a cookie that the host app has deleted.
type Removal = Box<dyn Fn(&Stored) -> bool + Send + Sync>;

/// The cookies of a jar, and how they are loaded and saved.
///
/// `loading` and `seen` are held while the storage is used, which may run the host app's code. No
/// other lock is. If both are needed, `loading` is taken first.
pub(super) struct PersistentStore {
    pub(super) store: Lock<Store>,
    pub(super) listeners: Listeners,
    /// `None` for a jar in memory.
    storage: Option<Box<dyn CookieStorage>>,
    /// Set if other processes may use the same storage.
    lock: Option<FileLock>,
    /// The saved cookies are in the store.
    is_loaded: AtomicBool,
    /// Held while the saved cookies are being loaded. Contains the time of the last failure.
    loading: Lock<Option<Instant>>,
    /// One call at a time blocks a thread to load; the others wait without a thread.
    turn: Arc<Semaphore>,
    /// The deletions by the host app since the storage was last read. They also apply to the
    /// cookies that are read next.
    removals: Lock<Vec<Removal>>,
    unsaved: Lock<Unsaved>,
    /// Held while cookies are being saved. Contains the cookies that were last seen in the storage.
    seen: Lock<Vec<Arc<Stored>>>,
}

/// The changes that wait to be saved.
#[derive(Default)]
struct Unsaved {
    is_changed: bool,
    /// A task is running that will save it.
    is_due: bool,
    /// Keeps the store alive until it is saved.
    keeper: Option<Arc<PersistentStore>>,
}

impl PersistentStore {
    /// Touches nothing yet.
    pub(super) fn new(
        storage: Option<Box<dyn CookieStorage>>,
        lock: Option<FileLock>,
    ) -> Arc<Self> {
        Arc::new(Self {
            store: Lock::new(Store::new(storage.is_some())),
            listeners: Listeners::new(),
            is_loaded: AtomicBool::new(storage.is_none()),
            storage,
            lock,
            loading: Lock::new(None),
            turn: Arc::new(Semaphore::new(1)),
            removals: Lock::new(Vec::new()),
            unsaved: Lock::new(Unsaved::default()),
            seen: Lock::new(Vec::new()),
        })
    }

    fn is_loaded(&self) -> bool {
        self.is_loaded.load(Ordering::Acquire)
    }

    /// Makes a change, has it saved, and reports it to listeners. Returns true if anything has
    /// changed.
    pub(super) fn change(self: &Arc<Self>, change: impl FnOnce(&mut Store) -> Vec<Change>) -> bool {
        let mut store = self.store.lock();
        let changes = change(&mut store);
        let has_changed = !changes.is_empty();
        self.listeners.enqueue(changes);
        drop(store);
        if has_changed {
            self.save_later();
            self.listeners.report();
        }
        has_changed
    }

    /// Deletes cookies for the host app, including saved ones that are not in the store.
    pub(super) fn remove(
        self: &Arc<Self>,
        which: impl Fn(&Stored) -> bool + Send + Sync + 'static,
    ) -> bool {
        let which = Arc::new(which);
        if self.lock.as_ref().is_some_and(FileLock::is_there) || !self.is_loaded() {
            let which = Arc::clone(&which);
            self.removals.lock().push(Box::new(move |cookie| which(cookie)));
            self.save_later();
        }
        self.change(|store| {
            store.remove(|cookie| which(cookie)).into_iter().map(Change::Removed).collect()
        })
    }

    /// Loads the saved cookies on this thread, unless that was done.
    pub(super) fn load_here(self: &Arc<Self>) {
        if !self.is_loaded() {
            self.load_or_warn(None);
            self.save_if_changed();
        }
    }

    /// Loads the saved cookies on a thread that may block, unless that was done.
    pub(super) async fn load_elsewhere(self: &Arc<Self>) {
        if self.is_loaded() {
            return;
        }
        let Ok(turn) = Arc::clone(&self.turn).acquire_owned().await else { return };
        if self.is_loaded() {
            return;
        }
        let store = Arc::clone(self);
        let load = move || {
            let _until_it_answers = turn; // even if the call has ended
            store.load_or_warn(Some(LOAD_PAUSE));
        };
        // If the process has no thread for this, the call goes without saved cookies.
        let _ = tokio::task::spawn_blocking(load).await;
        self.save_if_changed();
    }

    fn load_or_warn(&self, pause: Option<Duration>) {
        if let Err(error) = self.load(pause) {
            log::warn!("the saved cookies cannot be read: {}", error.kind());
        }
    }

    /// Adds the saved cookies to the store, once. A storage that failed is asked again, but not
    /// within the pause.
    fn load(&self, pause: Option<Duration>) -> io::Result<()> {
        let Some(storage) = self.storage.as_ref().filter(|_| !self.is_loaded()) else {
            return Ok(());
        };
        let mut failed_at = self.loading.lock();
        let is_recent = failed_at.zip(pause).is_some_and(|(at, pause)| at.elapsed() < pause);
        if is_recent || self.is_loaded() {
            return Ok(());
        }
        let read = read(&**storage);
        *failed_at = read.is_err().then(Instant::now);
        let cookies = read?.unwrap_or_default();
        self.seen.lock().clone_from(&cookies);
        self.add_saved(&cookies);
        Ok(())
    }

    /// Adds saved cookies, except the ones that were set or deleted meanwhile.
    fn add_saved(&self, cookies: &[Arc<Stored>]) {
        let (now, mut store) = (SystemTime::now(), self.store.lock());
        let deleted = store.end_loading();
        let mut removals = self.removals.lock();
        for cookie in cookies {
            let is_deleted = deleted.iter().any(|deleted| deleted.key() == cookie.key())
                || removals.iter().any(|removes| removes(cookie));
            if is_deleted {
                self.unsaved.lock().is_changed = true;
            } else if !store.has(cookie) {
                store.insert(Arc::clone(cookie), now);
            }
        }
        removals.clear();
        self.is_loaded.store(true, Ordering::Release);
    }
}
