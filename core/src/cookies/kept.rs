//! How the cookies of a jar are loaded from their storage, and saved there.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant, SystemTime};

use tokio::sync::Semaphore;

use crate::cookies::document;
use crate::cookies::file::CookieStorage;
use crate::cookies::jar::{CookieJar, Jar};
use crate::cookies::store::{Change, Stored, is_same};
use crate::runtime;
use crate::sync::Lock;

/// How long changes are gathered before they are saved.
const SAVE_DELAY: Duration = Duration::from_millis(500);

/// The longest time from one save that failed to the next.
const MAX_SAVE_DELAY: Duration = Duration::from_secs(60);

/// How long calls leave a storage alone that could not load (the keychain of a locked device).
const LOAD_PAUSE: Duration = Duration::from_secs(1);

/// Whether a cookie was removed.
type Removal = Box<dyn Fn(&Stored) -> bool + Send + Sync>;

/// What a jar keeps, and where. `loading` and `saved` are held while the storage is asked, which may be the host's;
/// no other lock is, and they are taken in this order.
pub(super) struct Kept {
    storage: Option<Box<dyn CookieStorage>>,
    /// Whether what was kept is in the store. It is loaded when it is needed.
    is_loaded: AtomicBool,
    /// Held while it is being loaded, with when that failed last.
    loading: Lock<Option<Instant>>,
    /// One call at a time waits on a thread for the storage; the others wait for their turn.
    turn: Arc<Semaphore>,
    /// What the host app removed while what was kept was not there to be removed.
    removals: Lock<Vec<Removal>>,
    unsaved: Lock<Unsaved>,
    /// Held while cookies are being saved, with what was saved last.
    saved: Lock<Option<Vec<u8>>>,
}

/// What is to be saved.
#[derive(Default)]
struct Unsaved {
    is_changed: bool,
    /// A task will save it before long.
    is_due: bool,
}

impl Kept {
    pub(super) fn new(storage: Option<Box<dyn CookieStorage>>) -> Self {
        Self {
            is_loaded: AtomicBool::new(storage.is_none()),
            storage,
            loading: Lock::new(None),
            turn: Arc::new(Semaphore::new(1)),
            removals: Lock::new(Vec::new()),
            unsaved: Lock::new(Unsaved::default()),
            saved: Lock::new(None),
        }
    }

    fn is_loaded(&self) -> bool {
        self.is_loaded.load(Ordering::Acquire)
    }
}

impl CookieJar {
    /// Saves what has changed, now and on this thread. The engine does it half a second after a change, and when
    /// a client ends.
    ///
    /// # Errors
    ///
    /// The storage could not; what has changed stays to be saved.
    pub fn flush(&self) -> io::Result<()> {
        let saved = self.0.save();
        if saved.is_err() {
            self.save_later();
        }
        saved
    }

    /// Saves at the end of a client: on this thread, if that is not one of the engine's, which others need.
    pub(crate) fn save_at_end(&self) {
        let jar = Arc::clone(&self.0);
        match runtime::is_own_thread().then(runtime::get) {
            Some(Ok(runtime)) => drop(runtime.spawn_blocking(move || jar.save_or_warn())),
            _ => jar.save_or_warn(),
        }
    }

    /// Loads what was kept, where that is still to be done: for the host app, which asks the jar.
    pub(super) fn loaded(&self) -> &Self {
        if !self.0.kept.is_loaded() {
            self.0.load_or_warn(None);
            self.save_what_changed();
        }
        self
    }

    /// Likewise, for a call. The storage may take its time.
    pub(crate) async fn load(&self) {
        let kept = &self.0.kept;
        if kept.is_loaded() {
            return;
        }
        let Ok(turn) = Arc::clone(&kept.turn).acquire_owned().await else { return };
        if kept.is_loaded() {
            return;
        }
        let jar = Arc::clone(&self.0);
        let load = move || {
            let _until_it_answers = turn; // also where the call is over
            jar.load_or_warn(Some(LOAD_PAUSE));
        };
        // Where no thread can be had, the call goes without.
        let _ = tokio::task::spawn_blocking(load).await;
        self.save_what_changed();
    }

    /// What was removed before is not kept any more.
    fn save_what_changed(&self) {
        let is_changed = self.0.kept.unsaved.lock().is_changed;
        if is_changed {
            self.save_later();
        }
    }

    /// Removes cookies for the host app, those too that are kept and could not be loaded yet.
    pub(super) fn remove(&self, which: impl Fn(&Stored) -> bool + Send + Sync + 'static) -> bool {
        let kept = &self.loaded().0.kept;
        let which = Arc::new(which);
        if !kept.is_loaded() {
            let which = Arc::clone(&which);
            kept.removals.lock().push(Box::new(move |cookie| which(cookie)));
            self.save_later();
        }
        self.change(|store| {
            store.remove(|cookie| which(cookie)).into_iter().map(Change::Removed).collect()
        })
    }

    pub(super) fn save_later(&self) {
        if self.0.kept.storage.is_none() {
            return;
        }
        let mut unsaved = self.0.kept.unsaved.lock();
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
    fn load_or_warn(&self, pause: Option<Duration>) {
        if let Err(error) = self.load(pause) {
            log::warn!("the cookies that were kept cannot be read: {}", error.kind());
        }
    }

    /// Takes what was kept into the store, once. A storage that could not is asked again, after a pause where there
    /// is to be one.
    fn load(&self, pause: Option<Duration>) -> io::Result<()> {
        let kept = &self.kept;
        let Some(storage) = kept.storage.as_ref().filter(|_| !kept.is_loaded()) else {
            return Ok(());
        };
        let mut failed_at = kept.loading.lock();
        let is_recent = failed_at.zip(pause).is_some_and(|(at, pause)| at.elapsed() < pause);
        if is_recent || kept.is_loaded() {
            return Ok(());
        }
        let loaded = without_panic(|| storage.load());
        *failed_at = loaded.is_err().then(Instant::now);
        let bytes = loaded?;
        match bytes.as_deref().map(document::decode) {
            None => self.take_in(Vec::new()),
            Some(Ok(cookies)) => {
                *kept.saved.lock() = bytes;
                self.take_in(cookies);
            }
            Some(Err(damage)) => {
                log::warn!(
                    "the cookies that were kept cannot be used ({damage}) and are set aside"
                );
                self.take_in(Vec::new());
                let _ = without_panic(|| {
                    storage.set_aside();
                    Ok(())
                });
            }
        }
        Ok(())
    }

    /// Takes in what was kept. What is in the store is newer, and so is what was removed meanwhile.
    fn take_in(&self, cookies: Vec<Stored>) {
        let (now, mut store) = (SystemTime::now(), self.store.lock());
        let gone = store.all_there();
        let mut removals = self.kept.removals.lock();
        for cookie in cookies {
            let is_gone = gone.iter().any(|gone| is_same(gone, &cookie))
                || removals.iter().any(|removes| removes(&cookie));
            if is_gone {
                self.kept.unsaved.lock().is_changed = true;
            } else if !store.has(&cookie) {
                store.insert(cookie, now);
            }
        }
        removals.clear();
        self.kept.is_loaded.store(true, Ordering::Release);
    }

    fn save_or_warn(&self) {
        if let Err(error) = self.save() {
            log::warn!("cookies cannot be saved: {}", error.kind());
        }
    }

    /// For the task that is to save; whether nothing is left to be saved, and with that its work is done.
    fn save_as_due(&self) -> bool {
        self.save_or_warn();
        let mut unsaved = self.kept.unsaved.lock();
        unsaved.is_due = unsaved.is_changed;
        !unsaved.is_due
    }

    /// Saves, or waits for who is at it: what changed before is saved when this returns.
    fn save(&self) -> io::Result<()> {
        let kept = &self.kept;
        let Some(storage) = &kept.storage else { return Ok(()) };
        loop {
            // One at a time, each with what is there then: the last to save has the latest.
            let mut saved = kept.saved.lock();
            if !kept.unsaved.lock().is_changed {
                return Ok(());
            }
            if !kept.is_loaded() {
                drop(saved);
                self.load(None)?; // else what was kept would be overwritten unseen
                continue;
            }
            // Before the cookies are listed: a change that comes between the two is saved again, and never missed.
            kept.unsaved.lock().is_changed = false;
            let bytes = document::encode(&self.store.lock().list(SystemTime::now()));
            if saved.as_ref() == Some(&bytes) {
                return Ok(()); // only cookies of the session have changed
            }
            let done = without_panic(|| storage.save(&bytes));
            match done {
                Ok(()) => *saved = Some(bytes),
                Err(_) => kept.unsaved.lock().is_changed = true,
            }
            return done;
        }
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
