//! The documents of a WebView that are alive, and their calls without a result.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::fmt;
use std::sync::Arc;

use crate::bridge::events::Events;
use crate::call::task::RequestTask;

/// The most calls without a result: those in flight, and a thousand that wait.
pub(super) const MAX_CALLS: usize = 1010;

/// Documents, that is frames, of one page. No page needs more.
const MAX_DOCUMENTS: usize = 1000;

/// What a document calls itself: a random number that its script has made.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Page(pub(super) u128);

impl fmt::Display for Page {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

pub(super) struct Documents<Q> {
    is_closed: bool,
    alive: HashMap<Page, Calls<Q>>,
    /// The calls of all of them.
    running: usize,
    last_serial: u64,
}

type Calls<Q> = HashMap<u64, Call<Q>>;

/// A call without a result. A page may use its id again for another call; the serial number tells
/// them apart.
struct Call<Q> {
    serial: u64,
    task: Option<RequestTask>,
    events: Arc<Events<Q>>,
    /// The abort came before the task.
    is_aborted: bool,
}

/// Why a call does not begin.
pub(super) enum NotStarted {
    Unknown,
    Twice,
    TooMany,
}

/// What an abort finds.
pub(super) enum Running {
    /// A call, with its task if it has started.
    Call(Option<RequestTask>),
    /// The document is alive, and has no call of that id.
    None,
    /// The document has ended.
    Ended,
}

/// Calls to abort, without the lock.
#[must_use]
pub(super) struct Aborted(Vec<RequestTask>);

impl Aborted {
    pub(super) fn abort(self) {
        for task in self.0 {
            task.abort();
        }
    }
}

impl<Q> Default for Documents<Q> {
    fn default() -> Self {
        Self { is_closed: false, alive: HashMap::new(), running: 0, last_serial: 0 }
    }
}

impl<Q> Documents<Q> {
    /// A document begins. That of the main frame ends all others.
    pub(super) fn enter(&mut self, page: Page, is_main_frame: bool) -> Aborted {
        let aborted = if is_main_frame { self.end_all() } else { Aborted(Vec::new()) };
        if !self.is_closed && self.alive.len() < MAX_DOCUMENTS {
            self.alive.entry(page).or_default();
        }
        aborted
    }

    /// A document ends.
    pub(super) fn leave(&mut self, page: &Page) -> Aborted {
        let calls = self.alive.remove(page).unwrap_or_default();
        self.running -= calls.len();
        Aborted(calls.into_values().filter_map(|call| call.task).collect())
    }

    /// All documents end, and none begins any more.
    pub(super) fn close(&mut self) -> Aborted {
        self.is_closed = true;
        self.end_all()
    }

    /// All documents end.
    pub(super) fn end_all(&mut self) -> Aborted {
        self.running = 0;
        let calls = self.alive.drain().flat_map(|(_, calls)| calls.into_values());
        Aborted(calls.filter_map(|call| call.task).collect())
    }

    /// A call begins. Returns its serial number.
    ///
    /// # Errors
    ///
    /// The document is not alive, has a call of that id already, or there are too many calls.
    pub(super) fn start(
        &mut self,
        page: &Page,
        id: u64,
        events: Arc<Events<Q>>,
    ) -> Result<u64, NotStarted> {
        let calls = self.alive.get_mut(page).ok_or(NotStarted::Unknown)?;
        let Entry::Vacant(entry) = calls.entry(id) else { return Err(NotStarted::Twice) };
        if self.running >= MAX_CALLS {
            return Err(NotStarted::TooMany);
        }
        self.running += 1;
        self.last_serial += 1;
        let serial = self.last_serial;
        entry.insert(Call { serial, task: None, events, is_aborted: false });
        Ok(self.last_serial)
    }

    /// Keeps the task of a call. Returns it if the call is to be aborted at once.
    pub(super) fn started(
        &mut self,
        page: &Page,
        id: u64,
        serial: u64,
        task: RequestTask,
    ) -> Option<RequestTask> {
        match self.call(page, id, Some(serial)) {
            Some(call) if call.is_aborted => Some(task),
            Some(call) => {
                call.task = Some(task);
                None
            }
            None => Some(task), // it has its result, or its document has ended
        }
    }

    /// A call has its outcome. Returns true if its document waits for it.
    pub(super) fn settle(&mut self, page: &Page, id: u64, serial: u64) -> bool {
        let is_alive = self.call(page, id, Some(serial)).is_some();
        if is_alive {
            self.alive.get_mut(page).and_then(|calls| calls.remove(&id));
            self.running -= 1;
        }
        is_alive
    }

    pub(super) fn abort(&mut self, page: &Page, id: u64) -> Running {
        if !self.alive.contains_key(page) {
            return Running::Ended;
        }
        let Some(call) = self.call(page, id, None) else { return Running::None };
        call.is_aborted = true;
        Running::Call(call.task.clone())
    }

    pub(super) fn is_closed(&self) -> bool {
        self.is_closed
    }

    /// The events of a call, and its task if it has started.
    pub(super) fn events(
        &mut self,
        page: &Page,
        id: u64,
    ) -> Option<(Arc<Events<Q>>, Option<RequestTask>)> {
        let call = self.call(page, id, None)?;
        Some((Arc::clone(&call.events), call.task.clone()))
    }

    /// Returns true if a document waits for this call.
    pub(super) fn is_waiting(&mut self, page: &Page, id: u64, serial: u64) -> bool {
        self.call(page, id, Some(serial)).is_some()
    }

    fn call(&mut self, page: &Page, id: u64, serial: Option<u64>) -> Option<&mut Call<Q>> {
        let call = self.alive.get_mut(page)?.get_mut(&id)?;
        serial.is_none_or(|serial| call.serial == serial).then_some(call)
    }
}
