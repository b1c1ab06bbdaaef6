//! Reports the changes of a jar to the host app's listeners.

use std::collections::VecDeque;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Weak};

use serde::Serialize;

use crate::cookies::cookie::Cookie;
use crate::cookies::store::Change;
use crate::sync::Lock;

/// A change of a jar: by a response, by the host app, by another process with the same folder, or
/// because the jar was full. As JSON it is `{"set":{…}}` or `{"removed":{…}}`, with the cookie in
/// it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum CookieChange {
    /// The cookie is new, or has another value or other attributes.
    Set(Cookie),
    /// The cookie was removed.
    Removed(Cookie),
}

impl CookieChange {
    /// The change as JSON.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("cookies are text and numbers")
    }
}

impl From<Change> for CookieChange {
    fn from(change: Change) -> Self {
        match change {
            Change::Set(cookie) => Self::Set(Cookie::from(&*cookie)),
            Change::Removed(cookie) => Self::Removed(Cookie::from(&*cookie)),
        }
    }
}

/// Keeps a listener of a jar registered until it is dropped.
pub struct CookieListener(#[expect(dead_code, reason = "held, not read")] Arc<Listener>);

impl fmt::Debug for CookieListener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CookieListener")
    }
}

type Listener = dyn Fn(&CookieChange) + Send + Sync;

/// The listeners of one jar, and the changes that were not reported to them yet.
pub(super) struct Listeners {
    listeners: Lock<Vec<Weak<Listener>>>,
    pending: Lock<Pending>,
}

/// Changes in the order in which they happened.
#[derive(Default)]
struct Pending {
    changes: VecDeque<Change>,
    /// A thread is reporting them.
    is_reporting: bool,
}

impl Listeners {
    pub(super) fn new() -> Self {
        Self { listeners: Lock::new(Vec::new()), pending: Lock::new(Pending::default()) }
    }

    pub(super) fn add(
        &self,
        listener: impl Fn(&CookieChange) + Send + Sync + 'static,
    ) -> CookieListener {
        let listener: Arc<Listener> = Arc::new(listener);
        let mut listeners = self.listeners.lock();
        listeners.retain(|listener| listener.strong_count() > 0);
        listeners.push(Arc::downgrade(&listener));
        CookieListener(listener)
    }

    /// Enqueues changes. Called under the lock of the jar's store, so that the order of the queue
    /// is the order of the changes.
    pub(super) fn enqueue(&self, changes: impl IntoIterator<Item = Change>) {
        self.pending.lock().changes.extend(changes);
    }

    /// Reports the enqueued changes. Returns at once if another thread is reporting, or this one
    /// further up its stack; that call then reports them. No lock is held while a listener runs: it
    /// may use the jar.
    pub(super) fn report(&self) {
        // If it was set already, another call is reporting.
        if std::mem::replace(&mut self.pending.lock().is_reporting, true) {
            return;
        }
        loop {
            let mut pending = self.pending.lock();
            let Some(change) = pending.changes.pop_front() else {
                pending.is_reporting = false;
                return;
            };
            drop(pending);
            let listeners = self.listeners.lock().clone();
            if listeners.is_empty() {
                continue;
            }
            let change = CookieChange::from(change);
            for listener in listeners.iter().filter_map(Weak::upgrade) {
                // Moved in: if this is the last reference, dropping the listener runs the host
                // app's code, which may panic too.
                let change = &change;
                if catch_unwind(AssertUnwindSafe(move || listener(change))).is_err() {
                    log::error!("a listener for cookies panicked");
                }
            }
        }
    }
}
