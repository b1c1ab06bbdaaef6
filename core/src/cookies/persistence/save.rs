//! Saves a store: when, on which thread, and merged with what other processes have saved.

use std::io;
use std::sync::{Arc, Weak};
use std::time::{Duration, SystemTime};

use super::PersistentStore;
use crate::cookies::lock::FileLock;
use crate::cookies::merge::differences;
use crate::cookies::storage::{CookieStorage, read, write};
use crate::cookies::stored::Stored;
use crate::runtime;

/// How long changes are gathered before they are saved.
const SAVE_DELAY: Duration = Duration::from_millis(500);

/// The longest time between a failed save and the next attempt.
const MAX_SAVE_DELAY: Duration = Duration::from_secs(60);

/// How many changes of others are made under one lock. Calls wait for their cookies meanwhile.
const CHANGES_AT_ONCE: usize = 256;

impl PersistentStore {
    /// Saves on this thread. If that fails, the engine tries again later.
    pub(crate) fn save_or_retry(self: &Arc<Self>) -> io::Result<()> {
        let saved = self.save();
        if saved.is_err() {
            self.save_later();
        }
        saved
    }

    /// Saves on a thread of the engine, because this one may be the host app's main thread. The
    /// store lives until then; a client that opens the jar meanwhile gets this one.
    pub(crate) fn save_at_end(self: &Arc<Self>) {
        if !self.unsaved.lock().is_changed {
            return; // and does not start the engine's threads
        }
        let store = Arc::clone(self);
        runtime::run_blocking(move || store.save_or_warn());
    }

    /// Has the changes that loading has found saved.
    pub(super) fn save_if_changed(self: &Arc<Self>) {
        let is_changed = self.unsaved.lock().is_changed;
        if is_changed {
            self.save_later();
        }
    }

    /// Has a change saved soon, on a thread of the engine. Keeps the store alive until then.
    pub(super) fn save_later(self: &Arc<Self>) {
        if self.storage.is_none() {
            return;
        }
        let mut unsaved = self.unsaved.lock();
        unsaved.is_changed = true;
        unsaved.keeper = Some(Arc::clone(self));
        // If it was due already, a task is running and will save this change too.
        if std::mem::replace(&mut unsaved.is_due, true) {
            return;
        }
        drop(unsaved);
        let store = Arc::downgrade(self);
        let save_later = async move {
            let mut delay = SAVE_DELAY;
            loop {
                tokio::time::sleep(delay).await;
                let store = Weak::clone(&store);
                let save = move || store.upgrade().is_none_or(|store| store.save_when_due());
                // If the process has no thread for this, it is also tried again.
                if tokio::task::spawn_blocking(save).await.unwrap_or(false) {
                    return;
                }
                delay = (2 * delay).min(MAX_SAVE_DELAY);
            }
        };
        match runtime::get() {
            Ok(runtime) => drop(runtime.spawn(save_later)),
            Err(_) => {
                self.save_or_warn();
                let mut unsaved = self.unsaved.lock();
                (unsaved.is_due, unsaved.keeper) = (false, None); // the next change tries again
            }
        }
    }

    fn save_or_warn(&self) {
        if let Err(error) = self.save() {
            log::warn!("cookies cannot be saved: {}", error.kind());
        }
    }

    /// Saves for the task that does so. Returns true if the task has finished: everything is saved,
    /// or the storage has failed and nobody uses the jar any more.
    fn save_when_due(self: &Arc<Self>) -> bool {
        self.save_or_warn();
        let mut unsaved = self.unsaved.lock();
        let is_used = Arc::strong_count(self) > 1 + usize::from(unsaved.keeper.is_some());
        unsaved.is_due = unsaved.is_changed && is_used;
        if !unsaved.is_due {
            unsaved.keeper = None; // drops no store under its own lock: the caller has a reference
        }
        !unsaved.is_due
    }

    /// Saves, or waits for the save that is running: when this returns, earlier changes are saved.
    fn save(&self) -> io::Result<()> {
        let saved = self.save_unreported();
        self.listeners.report(); // what was taken over from others; no lock is held
        let mut unsaved = self.unsaved.lock();
        if !unsaved.is_changed {
            unsaved.keeper = None; // drops no store under its own lock: the caller has a reference
        }
        saved
    }

    fn save_unreported(&self) -> io::Result<()> {
        let Some(storage) = &self.storage else { return Ok(()) };
        loop {
            // One save at a time, each with the cookies of that moment, so the last one is the
            // latest.
            let mut seen = self.seen.lock();
            if !self.unsaved.lock().is_changed {
                return Ok(());
            }
            if !self.is_loaded() {
                drop(seen);
                self.load(None)?; // otherwise this would overwrite cookies that it has never read
                continue;
            }
            // Before the cookies are listed: a change in between is then saved twice, and never
            // missed.
            self.unsaved.lock().is_changed = false;
            let saved = self.merge_and_write(&**storage, &mut seen);
            if saved.is_err() {
                self.unsaved.lock().is_changed = true;
            }
            return saved;
        }
    }

    /// Merges with the storage and writes the result, unless the storage has it already.
    fn merge_and_write(
        &self,
        storage: &dyn CookieStorage,
        seen: &mut Vec<Arc<Stored>>,
    ) -> io::Result<()> {
        if self.list_saved() == *seen && self.removals.lock().is_empty() {
            return Ok(()); // only session cookies have changed
        }
        let lock = self.lock.as_ref();
        let _until_saved = lock.map(FileLock::hold).transpose()?;
        if lock.is_some() {
            self.merge(read(storage)?, seen);
        }
        let cookies = self.list_saved();
        if cookies == *seen {
            return Ok(());
        }
        write(storage, &cookies)?;
        *seen = cookies;
        Ok(())
    }

    /// Takes over what others have changed in the storage, except cookies that the host app has
    /// deleted here.
    fn merge(&self, theirs: Option<Vec<Arc<Stored>>>, seen: &mut Vec<Arc<Stored>>) {
        // A storage without any document has lost its cookies; nobody has deleted them. So nothing
        // counts as seen, and all cookies are saved again.
        let theirs = theirs.unwrap_or_else(|| {
            seen.clear();
            Vec::new()
        });
        let now = SystemTime::now();
        for some in differences(seen, &theirs, now).chunks(CHANGES_AT_ONCE) {
            let mut store = self.store.lock();
            // Looked up under the store's lock: a cookie that the host app deletes now is deleted
            // from the store after this.
            let removals = self.removals.lock();
            let is_removed = |cookie: &Stored| removals.iter().any(|removes| removes(cookie));
            let changes = some.iter().filter(|change| !change.is().is_some_and(is_removed));
            self.listeners.enqueue(changes.flat_map(|change| store.apply(change, now)));
        }
        self.removals.lock().clear();
        *seen = theirs;
    }

    /// Returns the cookies that are saved.
    fn list_saved(&self) -> Vec<Arc<Stored>> {
        let mut cookies = self.store.lock().list(SystemTime::now());
        cookies.retain(|cookie| cookie.is_saved());
        cookies
    }
}
