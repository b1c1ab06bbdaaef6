//! Admits ten requests at a time; the others wait in a queue. The host app can stop all of them.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Poll, Waker};

use crate::call::Call;
use crate::error::Error;
use crate::sync::Lock;

/// Admits at most [`Gate::LIMIT`] calls at a time, in the order in which they were queued (docs/contract.md#7-the-gate).
///
/// It knows all unfinished calls of a client, so it also ends them together: when the client closes, when the device
/// goes offline, or when the app has been in the background for too long.
pub(crate) struct Gate {
    bounds: Bounds,
    state: Lock<State>,
}

/// How much may wait.
#[derive(Clone, Copy)]
pub(crate) struct Bounds {
    pub(crate) calls: usize,
    pub(crate) bytes: usize,
}

#[derive(Default)]
struct State {
    /// At most [`Gate::LIMIT`].
    in_flight: Vec<Entry>,
    /// In the order of their numbers.
    queue: VecDeque<Entry>,
    /// The bytes of all calls in the queue.
    queued_bytes: usize,
    last_number: u64,
    is_closed: bool,
    is_offline: bool,
    background: Background,
}

/// A call that waits for a place, or has one.
struct Entry {
    number: u64,
    call: Arc<Call>,
    /// The bytes of its options, including its body.
    bytes: usize,
    /// Wakes the task of a waiting call.
    waker: Option<Waker>,
    /// The call was ended. Its place becomes free when its work has been dropped.
    is_leaving: bool,
}

/// Where the app is, as the host app has told.
#[derive(Default)]
struct Background {
    is_there: bool,
    /// The grace period has expired.
    is_suspended: bool,
    /// The number of the current stay in the background.
    stay: u64,
}

impl Gate {
    /// Requests in flight at one time (the published page: "该接口的最大并发限制为 10 个").
    pub(crate) const LIMIT: usize = 10;

    /// The capacity that an empty queue keeps.
    const KEPT_ENTRIES: usize = 32;

    /// Makes a gate whose queue has these bounds.
    pub(crate) fn new(bounds: Bounds) -> Self {
        Self { bounds, state: Lock::new(State::default()) }
    }

    /// Puts a call with so many bytes at the end of the queue, or in a free place.
    ///
    /// # Errors
    ///
    /// The client is closed or offline, the app is in the background, or the queue is full.
    pub(crate) fn line_up(
        self: &Arc<Self>,
        call: &Arc<Call>,
        bytes: usize,
    ) -> Result<Permit, Error> {
        let mut state = self.state.lock();
        match state.refusal(self.bounds, bytes) {
            Some(refusal) => Err(refusal),
            None => Ok(Permit { gate: Arc::clone(self), number: state.add(call, bytes) }),
        }
    }

    /// Removes an ended call from the queue, or marks its place to become free when its work has been dropped. Has no
    /// effect if the call has left before.
    pub(crate) fn give_up(&self, number: u64) {
        let mut state = self.state.lock();
        let gone = state.remove_queued(number);
        if let Some(entry) = state.in_flight.iter_mut().find(|entry| entry.number == number) {
            entry.is_leaving = true;
        }
        drop(state);
        drop(gone);
    }

    /// How many requests are in flight.
    pub(crate) fn in_flight(&self) -> usize {
        let state = self.state.lock();
        state.in_flight.len() - state.leaving()
    }

    /// How many requests wait in the queue.
    pub(crate) fn queued(&self) -> usize {
        self.state.lock().queue.len()
    }

    /// Fails all calls, now and later.
    pub(crate) fn close(&self) {
        let mut state = self.state.lock();
        state.is_closed = true;
        let calls = state.all_leave();
        drop(state);
        end(calls, &Error::ClientClosed);
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.state.lock().is_closed
    }

    /// Fails queued calls and new ones while the device is offline. Calls in flight go on.
    pub(crate) fn set_online(&self, online: bool) {
        let mut state = self.state.lock();
        state.is_offline = !online;
        let calls = if online { Vec::new() } else { state.queue_leaves() };
        drop(state);
        end(calls, &Error::Offline);
    }

    /// Records that the app is in the background. Returns the number of the stay, or `None` if it was there already.
    pub(crate) fn enter_background(&self) -> Option<u64> {
        let background = &mut self.state.lock().background;
        if background.is_there {
            return None;
        }
        background.is_there = true;
        background.stay += 1;
        Some(background.stay)
    }

    /// Records that the app is in the foreground.
    pub(crate) fn enter_foreground(&self) {
        let background = &mut self.state.lock().background;
        background.is_there = false;
        background.is_suspended = false;
    }

    /// Ends the grace period of a stay in the background: fails all calls, and new ones until the app is back. Has no
    /// effect if the app is back already.
    pub(crate) fn suspend(&self, stay: u64) {
        let mut state = self.state.lock();
        let background = &mut state.background;
        if !background.is_there || background.stay != stay {
            return;
        }
        background.is_suspended = true;
        let calls = state.all_leave();
        drop(state);
        end(calls, &Error::AppInBackground);
    }

    /// Whether a call has a place. If not, `waker` is woken when it gets one.
    fn is_admitted_or_wakes(&self, number: u64, waker: &Waker) -> bool {
        let mut state = self.state.lock();
        if state.in_flight.iter().any(|entry| entry.number == number) {
            return true;
        }
        // Neither here nor there: it was ended, and its end wakes it.
        if let Some(index) = state.index(number) {
            state.queue[index].waker = Some(waker.clone());
        }
        false
    }

    /// Removes a finished call, and gives its place to the next.
    fn leave(&self, number: u64) {
        let mut state = self.state.lock();
        let mut gone = state.remove_queued(number);
        let mut next = None;
        if let Some(index) = state.in_flight.iter().position(|entry| entry.number == number) {
            gone = Some(state.in_flight.swap_remove(index));
            next = state.admit();
        }
        drop(state);
        drop(gone);
        if let Some(waker) = next {
            waker.wake();
        }
    }
}

/// Ends calls. Call this without the lock: the tasks that it wakes may come back here.
fn end(calls: Vec<Arc<Call>>, error: &Error) {
    for call in calls {
        call.end(error.clone());
    }
}

impl State {
    /// Returns the reason if a new call cannot be queued.
    fn refusal(&self, bounds: Bounds, bytes: usize) -> Option<Error> {
        if self.is_closed {
            return Some(Error::ClientClosed);
        }
        if self.background.is_suspended {
            return Some(Error::AppInBackground);
        }
        if self.is_offline {
            return Some(Error::Offline);
        }
        let has_room = self.in_flight.len() < Gate::LIMIT || self.has_room(bounds, bytes);
        (!has_room).then_some(Error::TooManyRequests)
    }

    /// Whether the queue has room. A call that is leaving makes room at once, although the next one starts only when it
    /// has left.
    fn has_room(&self, bounds: Bounds, bytes: usize) -> bool {
        let leaving = self.leaving();
        let next: usize = self.queue.iter().take(leaving).map(|entry| entry.bytes).sum();
        let waiting = self.queued_bytes - next;
        self.queue.len() < leaving
            || (self.queue.len() < bounds.calls.saturating_add(leaving)
                && bytes <= bounds.bytes.saturating_sub(waiting))
    }

    fn add(&mut self, call: &Arc<Call>, bytes: usize) -> u64 {
        self.last_number += 1;
        let number = self.last_number;
        let entry = Entry { number, call: Arc::clone(call), bytes, waker: None, is_leaving: false };
        if self.in_flight.len() < Gate::LIMIT {
            self.in_flight.push(entry);
        } else {
            self.queued_bytes += bytes;
            self.queue.push_back(entry);
        }
        number
    }

    /// Gives a place to the first call of the queue. Returns its waker.
    fn admit(&mut self) -> Option<Waker> {
        let mut first = self.queue.pop_front()?;
        self.queued_bytes -= first.bytes;
        let waker = first.waker.take();
        self.in_flight.push(first);
        self.shrink();
        waker
    }

    /// Empties the queue, and gives up all places.
    fn all_leave(&mut self) -> Vec<Arc<Call>> {
        let mut calls = self.queue_leaves();
        for entry in &mut self.in_flight {
            entry.is_leaving = true;
            calls.push(Arc::clone(&entry.call));
        }
        calls
    }

    fn queue_leaves(&mut self) -> Vec<Arc<Call>> {
        self.queued_bytes = 0;
        std::mem::take(&mut self.queue).into_iter().map(|entry| entry.call).collect()
    }

    fn remove_queued(&mut self, number: u64) -> Option<Entry> {
        let removed = self.index(number).and_then(|index| self.queue.remove(index));
        self.queued_bytes -= removed.as_ref().map_or(0, |entry| entry.bytes);
        self.shrink();
        removed
    }

    /// Releases the memory of a long queue.
    fn shrink(&mut self) {
        if self.queue.is_empty() {
            self.queue.shrink_to(Gate::KEPT_ENTRIES);
        }
    }

    fn index(&self, number: u64) -> Option<usize> {
        self.queue.binary_search_by_key(&number, |entry| entry.number).ok()
    }

    fn leaving(&self) -> usize {
        self.in_flight.iter().filter(|entry| entry.is_leaving).count()
    }
}

/// A call's place: in the queue first, then one of the [`Gate::LIMIT`]. It is given up on drop.
pub(crate) struct Permit {
    gate: Arc<Gate>,
    number: u64,
}

impl Permit {
    pub(crate) fn number(&self) -> u64 {
        self.number
    }

    /// Waits until the call is in flight.
    pub(crate) async fn granted(&self) {
        poll_fn(|cx| match self.gate.is_admitted_or_wakes(self.number, cx.waker()) {
            true => Poll::Ready(()),
            false => Poll::Pending,
        })
        .await;
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.gate.leave(self.number);
    }
}
