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
use crate::cookies::lock::FileLock;
use crate::cookies::merge::differences;
use crate::cookies::store::{Change, Store, Stored, is_same};
use crate::runtime;
use crate::sync::Lock;

/// How long changes are gathered before they are saved.
const SAVE_DELAY: Duration = Duration::from_millis(500);

/// The longest time from one save that failed to the next.
const MAX_SAVE_DELAY: Duration = Duration::from_secs(60);

/// How long calls leave a storage alone that could not load (the keychain of a locked device).
const LOAD_PAUSE: Duration = Duration::from_secs(1);

/// Changes of others that are made before calls may look for their cookies again.
const CHANGES_AT_ONCE: usize = 256;

/// Whether a cookie was removed.
type Removal = Box<dyn Fn(&Stored) -> bool + Send + Sync>;

/// What a jar keeps, and where. `loading` and `seen` are held while the storage is asked, which may be the host's;
/// no other lock is, and they are taken in this order.
pub(super) struct Kept {
    storage: Option<Box<dyn CookieStorage>>,
    /// Where other processes may save there too.
    lock: Option<FileLock>,
    /// Whether what was kept is in the store. It is loaded when it is needed.
    is_loaded: AtomicBool,
    /// Held while it is being loaded, with when that failed last.
    loading: Lock<Option<Instant>>,
    /// One call at a time waits on a thread for the storage; the others wait for their turn.
    turn: Arc<Semaphore>,
    /// What the host app removed since the storage was last looked at: of what has come there, too.
    removals: Lock<Vec<Removal>>,
    unsaved: Lock<Unsaved>,
    /// Held while cookies are being saved, with those that were last in the storage: loaded, or saved.
    seen: Lock<Vec<Arc<Stored>>>,
}

/// What is to be saved.
#[derive(Default)]
struct Unsaved {
    is_changed: bool,
    /// A task will save it before long.
    is_due: bool,
    /// The jar itself, which is not to end before.
    keeper: Option<Arc<Jar>>,
}

impl Kept {
    /// In a storage that is this jar's alone, or nowhere.
    pub(super) fn new(storage: Option<Box<dyn CookieStorage>>) -> Self {
        Self {
            is_loaded: AtomicBool::new(storage.is_none()),
            storage,
            lock: None,
            loading: Lock::new(None),
            turn: Arc::new(Semaphore::new(1)),
            removals: Lock::new(Vec::new()),
            unsaved: Lock::new(Unsaved::default()),
            seen: Lock::new(Vec::new()),
        }
    }

    /// In a storage where other processes save too, each while it holds the lock.
    pub(super) fn shared(storage: Box<dyn CookieStorage>, lock: FileLock) -> Self {
        Self { lock: Some(lock), ..Self::new(Some(storage)) }
    }

    pub(super) fn is_loaded(&self) -> bool {
        self.is_loaded.load(Ordering::Acquire)
    }
}

impl CookieJar {
    /// Saves what has changed, now and on this thread: what was changed before is kept when this returns. The engine
    /// does it half a second after a change, and when a client ends, both on threads of its own: a process that ends
    /// right after a change calls this first. Where another process saves to the same folder, it is waited for, two
    /// seconds at most.
    ///
    /// # Errors
    ///
    /// The storage could not; what has changed stays to be saved.
    pub fn save(&self) -> io::Result<()> {
        let saved = self.0.save();
        if saved.is_err() {
            self.save_later();
        }
        saved
    }

    /// Saves at the end of a client, on a thread of the engine: this one may be the host's for its screen. The jar
    /// lives until that is done; whoever opens it again meanwhile gets this one.
    pub(crate) fn save_at_end(&self) {
        if !self.0.kept.unsaved.lock().is_changed {
            return; // the engine may not even have threads yet
        }
        let jar = Arc::clone(&self.0);
        let save_elsewhere = || {
            runtime::get().map(|runtime| drop(runtime.spawn_blocking(move || jar.save_or_warn())))
        };
        // tokio panics where a thread cannot be had.
        if !matches!(catch_unwind(AssertUnwindSafe(save_elsewhere)), Ok(Ok(()))) {
            self.0.save_or_warn();
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

    /// Removes cookies for the host app, those too that are kept and were not seen yet.
    pub(super) fn remove(&self, which: impl Fn(&Stored) -> bool + Send + Sync + 'static) -> bool {
        let kept = &self.loaded().0.kept;
        let which = Arc::new(which);
        if kept.lock.as_ref().is_some_and(FileLock::is_there) || !kept.is_loaded() {
            let which = Arc::clone(&which);
            kept.removals.lock().push(Box::new(move |cookie| which(cookie)));
            self.save_later();
        }
        self.change(|store| {
            store.remove(|cookie| which(cookie)).into_iter().map(Change::Removed).collect()
        })
    }

    /// Sees to it that what has changed is saved, by a thread of the engine. Until then the jar lives on, so that no
    /// thread has to save which lets go of it last.
    pub(super) fn save_later(&self) {
        if self.0.kept.storage.is_none() {
            return;
        }
        let mut unsaved = self.0.kept.unsaved.lock();
        unsaved.is_changed = true;
        unsaved.keeper = Some(Arc::clone(&self.0));
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
                self.0.save_or_warn();
                let mut unsaved = self.0.kept.unsaved.lock();
                (unsaved.is_due, unsaved.keeper) = (false, None); // the next change tries again
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
        let read = read(&**storage);
        *failed_at = read.is_err().then(Instant::now);
        let cookies = read?.unwrap_or_default();
        kept.seen.lock().clone_from(&cookies);
        self.take_in(&cookies);
        Ok(())
    }

    /// Takes in what was kept. What is in the store is newer, and so is what was removed meanwhile.
    fn take_in(&self, cookies: &[Arc<Stored>]) {
        let (now, mut store) = (SystemTime::now(), self.store.lock());
        let gone = store.all_there();
        let mut removals = self.kept.removals.lock();
        for cookie in cookies {
            let is_gone = gone.iter().any(|gone| is_same(gone, cookie))
                || removals.iter().any(|removes| removes(cookie));
            if is_gone {
                self.kept.unsaved.lock().is_changed = true;
            } else if !store.has(cookie) {
                store.insert(Arc::clone(cookie), now);
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

    /// For the task that is to save; whether its work is done: nothing is left to be saved, or the storage could not,
    /// and nobody has the jar any more.
    fn save_as_due(self: &Arc<Self>) -> bool {
        self.save_or_warn();
        let mut unsaved = self.kept.unsaved.lock();
        let is_held = Arc::strong_count(self) > 1 + usize::from(unsaved.keeper.is_some());
        unsaved.is_due = unsaved.is_changed && is_held;
        if !unsaved.is_due {
            unsaved.keeper = None; // not the last: the caller has one
        }
        !unsaved.is_due
    }

    /// Saves, or waits for who is at it: what changed before is saved when this returns.
    fn save(&self) -> io::Result<()> {
        let saved = self.save_untold();
        self.tell(); // what was taken over, with no lock held
        let mut unsaved = self.kept.unsaved.lock();
        if !unsaved.is_changed {
            unsaved.keeper = None; // not the last: the caller has one
        }
        saved
    }

    fn save_untold(&self) -> io::Result<()> {
        let kept = &self.kept;
        let Some(storage) = &kept.storage else { return Ok(()) };
        loop {
            // One at a time, each with what is there then: the last to save has the latest.
            let mut seen = kept.seen.lock();
            if !kept.unsaved.lock().is_changed {
                return Ok(());
            }
            if !kept.is_loaded() {
                drop(seen);
                self.load(None)?; // else what was kept would be overwritten unseen
                continue;
            }
            // Before the cookies are listed: a change that comes between the two is saved again, and never missed.
            kept.unsaved.lock().is_changed = false;
            let saved = self.save_over(&**storage, &mut seen);
            if saved.is_err() {
                kept.unsaved.lock().is_changed = true;
            }
            return saved;
        }
    }

    /// Saves what is to be kept, where it is not there yet, with what others have changed there.
    fn save_over(
        &self,
        storage: &dyn CookieStorage,
        seen: &mut Vec<Arc<Stored>>,
    ) -> io::Result<()> {
        if to_keep(&self.store.lock(), SystemTime::now()) == *seen
            && self.kept.removals.lock().is_empty()
        {
            return Ok(()); // only cookies of the session have changed
        }
        let lock = self.kept.lock.as_ref();
        let _until_saved = lock.and_then(FileLock::hold);
        if lock.is_some() {
            self.merge(read(storage)?, seen);
        }
        let cookies = to_keep(&self.store.lock(), SystemTime::now());
        if cookies == *seen {
            return Ok(());
        }
        let bytes = document::encode(cookies.iter().map(|cookie| &**cookie));
        without_panic(|| storage.save(&bytes))?;
        *seen = cookies;
        Ok(())
    }

    /// Takes over what others have changed there since, but for cookies that the host app has removed here.
    fn merge(&self, theirs: Option<Vec<Arc<Stored>>>, seen: &mut Vec<Arc<Stored>>) {
        // Where nothing is any more, it says nothing of cookies: all that are here are saved again.
        let theirs = theirs.unwrap_or_else(|| {
            seen.clear();
            Vec::new()
        });
        let now = SystemTime::now();
        for some in differences(seen, &theirs, now).chunks(CHANGES_AT_ONCE) {
            let mut store = self.store.lock();
            // Looked at under that lock: what the app removes just now it removes from the store behind this.
            let removals = self.kept.removals.lock();
            let is_removed = |cookie: &Stored| removals.iter().any(|removes| removes(cookie));
            let kept = some.iter().filter(|change| !change.is().is_some_and(is_removed));
            let changes = kept.flat_map(|change| store.follow(change, now));
            // Likewise: in the order of the changes.
            self.untold.lock().changes.extend(changes);
        }
        self.kept.removals.lock().clear();
        *seen = theirs;
    }
}

/// A jar's cookies as they are kept.
fn to_keep(store: &Store, now: SystemTime) -> Vec<Arc<Stored>> {
    let mut cookies = store.list(now);
    cookies.retain(|cookie| document::is_kept(cookie));
    cookies
}

/// The cookies in a storage. Nothing, where there are none yet, or where they are damaged and with that set aside.
fn read(storage: &dyn CookieStorage) -> io::Result<Option<Vec<Arc<Stored>>>> {
    let Some(bytes) = without_panic(|| storage.load())? else { return Ok(None) };
    match document::decode(&bytes) {
        Ok(cookies) => Ok(Some(cookies.into_iter().map(Arc::new).collect())),
        Err(damage) => {
            log::warn!("the cookies that were kept cannot be used ({damage}) and are set aside");
            let set_aside = || {
                storage.set_aside();
                Ok(())
            };
            let _ = without_panic(set_aside);
            Ok(None)
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
