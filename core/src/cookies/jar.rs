//! A jar: the cookies of one app, shared by all that may see them, and kept where the host app says.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, Weak};
use std::time::SystemTime;

use url::Url;

use crate::cookies::app_view::{CookieChange, Listener};
use crate::cookies::file::{CookieFile, CookieStorage};
use crate::cookies::lock::FileLock;
use crate::cookies::parse;
use crate::cookies::persistence::Kept;
use crate::cookies::store::{Change, Store, Stored};
use crate::cookies::target::Target;
use crate::sync::Lock;

/// The cookies of one app (RFC 6265bis). A cheap handle: clone it freely, use it from any thread.
///
/// What a mini program may see of them is the client's policy; this is the host app's view, and shows all.
/// Clients with the same directory and app id share a jar; one without a directory has its own. Processes may share a
/// directory too: a jar that has something to save takes over what others have changed there since (where both have
/// changed a cookie, its own counts), and one that has nothing to save does not look. What is removed here
/// (`clear`, `clear_domain`, `delete`) is removed there, also what another process has set meanwhile.
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
pub struct CookieJar(pub(super) Arc<Jar>);

pub(super) struct Jar {
    pub(super) store: Lock<Store>,
    pub(super) kept: Kept,
    listeners: Lock<Vec<Weak<Listener>>>,
    pub(super) untold: Lock<Untold>,
}

/// What is to be told to listeners, in the order in which it happened.
#[derive(Default)]
pub(super) struct Untold {
    pub(super) changes: VecDeque<Change>,
    /// A thread is at it.
    is_being_told: bool,
}

/// The jars with a directory, by that and the app's id.
type Jars = HashMap<(PathBuf, String), Weak<Jar>>;

impl CookieJar {
    /// The jar of an app in a directory; without one, a new jar.
    pub(crate) fn open(folder: Option<&Path>, app_id: &str) -> Self {
        static JARS: LazyLock<Lock<Jars>> = LazyLock::new(|| Lock::new(Jars::new()));
        let Some(folder) = folder else { return Self::new(Kept::new(None)) };
        let folder = std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
        let mut jars = JARS.lock();
        jars.retain(|_, jar| jar.strong_count() > 0);
        let key = (folder, app_id.to_owned());
        if let Some(jar) = jars.get(&key).and_then(Weak::upgrade) {
            return Self(jar);
        }
        let file = Box::new(CookieFile::new(&key.0, app_id));
        let jar = Self::new(Kept::shared(file, FileLock::new(&key.0, app_id)));
        jars.insert(key, Arc::downgrade(&jar.0));
        jar
    }

    /// A jar of its own, kept where the host says.
    pub(crate) fn stored_in(storage: Box<dyn CookieStorage>) -> Self {
        Self::new(Kept::new(Some(storage)))
    }

    fn new(kept: Kept) -> Self {
        Self(Arc::new(Jar {
            store: Lock::new(Store::new(!kept.is_loaded())),
            kept,
            listeners: Lock::new(Vec::new()),
            untold: Lock::new(Untold::default()),
        }))
    }

    /// The cookies for a request to a URL, in the order in which they are sent.
    pub(crate) fn cookies_for(&self, url: &Url) -> Vec<Arc<Stored>> {
        let Some(target) = Target::of(url) else { return Vec::new() };
        self.with_store(|store| store.cookies_for(&target, SystemTime::now()))
    }

    /// Takes what a response set at a time; whether anything has changed.
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
}

impl Jar {
    /// Tells what is to be told, unless another thread, or this one further up, is at it. No lock is held meanwhile:
    /// listeners may look at the jar.
    pub(super) fn tell(&self) {
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
                // It may be the last that holds the listener, whose end is the host's business too.
                let change = &change;
                if catch_unwind(AssertUnwindSafe(move || listener(change))).is_err() {
                    log::error!("a listener for cookies panicked");
                }
            }
        }
    }
}

impl fmt::Debug for CookieJar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // How many, and nothing of them.
        let count = self.0.store.lock().len();
        f.debug_struct("CookieJar").field("cookies", &count).finish()
    }
}
