//! The gate of a client: ten requests are in flight, the others wait in a queue.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Poll, Waker};
use std::time::{Duration, Instant};

use crate::call::Call;
use crate::error::Error;
use crate::sync::Lock;
use crate::wire::moment::Moment;

/// Admits at most [`Gate::LIMIT`] calls at a time, first in, first out
/// (docs/contract.md#7-the-gate).
///
/// It knows all unfinished calls of a client, so it also ends them together: when the client
/// closes, when the device goes offline, when the grace period expires, or when their time has
/// passed while the device slept.
///
/// An aborted call keeps its place until its work has been dropped, because only then its
/// connection is free. So [`in_flight`](Self::in_flight) counts fewer calls than hold a place, and
/// the queue accepts one more call for each place that is about to become free.
///
/// No task is woken under the lock: the woken task may come back here.
pub(crate) struct Gate {
    bounds: Bounds,
    state: Lock<State>,
}

/// How many calls, and how many bytes of options, may wait, and for how long.
#[derive(Clone, Copy)]
pub(crate) struct Bounds {
    pub(crate) calls: usize,
    pub(crate) bytes: usize,
    pub(crate) time: Option<Duration>,
}

/// What the gate needs to know of a call's options.
#[derive(Clone, Copy)]
pub(crate) struct Needs {
    /// The bytes of the options, including the body.
    pub(crate) bytes: usize,
    /// How long the call may be in flight.
    pub(crate) timeout: Duration,
}

#[derive(Default)]
struct State {
    /// At most [`Gate::LIMIT`], in any order.
    in_flight: Vec<Entry>,
    /// In the order of their numbers, so that a call is found by binary search.
    queue: VecDeque<Entry>,
    /// The bytes of all calls in the queue.
    queued_bytes: usize,
    last_number: u64,
    is_closed: bool,
    is_offline: bool,
    background: Background,
}

/// A call that is queued or in flight.
struct Entry {
    number: u64,
    call: Arc<Call>,
    needs: Needs,
    /// When it came into the queue or got its place.
    since: Moment,
    /// Wakes the task of a waiting call.
    waker: Option<Waker>,
    /// The call has ended, but its work has not been dropped yet.
    is_cancelled: bool,
}

/// Whether the host app is in the background, as it reported.
#[derive(Default)]
struct Background {
    /// When the host app entered it, while it is there.
    since: Option<Moment>,
    /// The grace period has expired.
    is_suspended: bool,
    /// Counts the stays, so that a late timer of an earlier stay is recognised.
    stay: u64,
}

impl Gate {
    /// Requests in flight at one time (the published page: "该接口的最大并发限制为 10 个").
    pub(crate) const LIMIT: usize = 10;

    /// The capacity that an empty queue keeps.
    const KEPT_ENTRIES: usize = 32;

    pub(crate) fn new(bounds: Bounds) -> Self {
        Self { bounds, state: Lock::new(State::default()) }
    }

    /// Gives a call a free place, or puts it at the end of the queue.
    ///
    /// # Errors
    ///
    /// The client is closed or offline, the host app is in the background, or the queue is full.
    pub(crate) fn enqueue(
        self: &Arc<Self>,
        call: &Arc<Call>,
        needs: Needs,
    ) -> Result<Permit, Error> {
        let mut state = self.state.lock();
        match state.refusal(self.bounds, needs.bytes) {
            Some(refusal) => Err(refusal),
            None => {
                let number = state.add(call, needs);
                let ahead = state.queue.len().checked_sub(1);
                Ok(Permit { gate: Arc::clone(self), number, ahead })
            }
        }
    }

    /// Removes an ended call from the queue. A call in flight is only marked: its place becomes
    /// free in [`finish`](Self::finish). Has no effect if the call has finished.
    pub(crate) fn cancel(&self, number: u64) {
        let mut state = self.state.lock();
        let removed = state.remove_queued(number);
        if let Some(entry) = state.in_flight.iter_mut().find(|entry| entry.number == number) {
            entry.is_cancelled = true;
        }
        // An entry holds a waker, and dropping it may run code of the executor.
        drop(state);
        drop(removed);
    }

    /// How many calls are in flight and not cancelled.
    pub(crate) fn in_flight(&self) -> usize {
        let state = self.state.lock();
        state.in_flight.len() - state.cancelled()
    }

    /// How many calls wait in the queue.
    pub(crate) fn queued(&self) -> usize {
        self.state.lock().queue.len()
    }

    /// Fails all calls, and later ones too.
    pub(crate) fn close(&self) {
        let mut state = self.state.lock();
        state.is_closed = true;
        let calls = state.cancel_all();
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
        let calls = if online { Vec::new() } else { state.drain_queue() };
        drop(state);
        end(calls, &Error::Offline);
    }

    /// Records that the app is in the background. Returns the number of the stay, or `None` if the
    /// app was in the background already.
    pub(crate) fn enter_background(&self) -> Option<u64> {
        let background = &mut self.state.lock().background;
        if background.since.is_some() {
            return None;
        }
        background.since = Some(Moment::now());
        background.stay += 1;
        Some(background.stay)
    }

    /// Records that the host app is in the foreground.
    pub(crate) fn enter_foreground(&self) {
        let background = &mut self.state.lock().background;
        background.since = None;
        background.is_suspended = false;
    }

    /// How long the host app has been in the background, including the time that the device slept.
    pub(crate) fn time_in_background(&self) -> Option<Duration> {
        let since = self.state.lock().background.since;
        since.map(|since| Moment::now().since(since))
    }

    /// Fails the calls whose time has passed, including the time that the device slept: their
    /// timers may have stood still.
    pub(crate) fn expire(&self) {
        let mut state = self.state.lock();
        let expired = state.cancel_expired(self.bounds.time);
        drop(state);
        end(expired, &Error::Timeout);
    }

    /// Ends the grace period of a stay in the background: fails all calls, and new ones until the
    /// app is in the foreground. Has no effect if this stay has ended.
    pub(crate) fn suspend(&self, stay: u64) {
        let mut state = self.state.lock();
        let background = &mut state.background;
        if background.since.is_none() || background.stay != stay {
            return;
        }
        background.is_suspended = true;
        let calls = state.cancel_all();
        drop(state);
        end(calls, &Error::AppInBackground);
    }

    /// Ready when the call has a place, with the moment when it got it.
    fn poll_granted(&self, number: u64, waker: &Waker) -> Poll<Instant> {
        let mut state = self.state.lock();
        if let Some(entry) = state.in_flight.iter().find(|entry| entry.number == number) {
            return Poll::Ready(entry.since.instant);
        }
        // A call that is in neither list was cancelled. Its end wakes it, so no waker is needed.
        if let Some(index) = state.index(number) {
            state.queue[index].waker = Some(waker.clone());
        }
        Poll::Pending
    }

    /// Removes a call whose work has been dropped, and gives its place to the next.
    fn finish(&self, number: u64) {
        let mut state = self.state.lock();
        let mut removed = state.remove_queued(number);
        let mut next = None;
        if let Some(index) = state.in_flight.iter().position(|entry| entry.number == number) {
            removed = Some(state.in_flight.swap_remove(index));
            next = state.admit();
        }
        drop(state);
        drop(removed);
        if let Some(waker) = next {
            waker.wake();
        }
    }
}

/// Ends calls. Must be called without the lock.
fn end(calls: Vec<Arc<Call>>, error: &Error) {
    for call in calls {
        call.end(error.clone());
    }
}

impl State {
    /// The reason why a new call is refused, if it is.
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

    /// Returns true if the queue has room for a call.
    ///
    /// Each cancelled call in flight will soon give its place to a queued one, so the first of the
    /// queue do not count.
    fn has_room(&self, bounds: Bounds, bytes: usize) -> bool {
        let cancelled = self.cancelled();
        // The bytes of the calls that are about to leave the queue.
        let next: usize = self.queue.iter().take(cancelled).map(|entry| entry.needs.bytes).sum();
        let waiting = self.queued_bytes - next;
        self.queue.len() < cancelled
            || (self.queue.len() < bounds.calls.saturating_add(cancelled)
                && bytes <= bounds.bytes.saturating_sub(waiting))
    }

    /// Adds a call that was not refused, and returns its number.
    ///
    /// If a place is free the queue is empty, because [`admit`](Self::admit) fills each place at
    /// once.
    fn add(&mut self, call: &Arc<Call>, needs: Needs) -> u64 {
        self.last_number += 1;
        let number = self.last_number;
        let (call, since) = (Arc::clone(call), call.started().shortly_after(Instant::now()));
        let has_place = self.in_flight.len() < Gate::LIMIT;
        call.recorder().enqueued(since.instant, has_place);
        let entry = Entry { number, call, needs, since, waker: None, is_cancelled: false };
        if has_place {
            self.in_flight.push(entry);
        } else {
            self.queued_bytes += needs.bytes;
            self.queue.push_back(entry);
        }
        number
    }

    /// Gives a place to the first call of the queue, and returns its waker.
    fn admit(&mut self) -> Option<Waker> {
        let mut first = self.queue.pop_front()?;
        self.queued_bytes -= first.needs.bytes;
        first.since = Moment::now();
        first.call.recorder().admitted(first.since.instant);
        let waker = first.waker.take();
        self.in_flight.push(first);
        self.shrink();
        waker
    }

    /// Empties the queue, and marks all calls in flight as cancelled. Returns all of them.
    fn cancel_all(&mut self) -> Vec<Arc<Call>> {
        let mut calls = self.drain_queue();
        for entry in &mut self.in_flight {
            entry.is_cancelled = true;
            calls.push(Arc::clone(&entry.call));
        }
        calls
    }

    /// Removes the calls from the queue that have been there for `queue_time`, and marks those in
    /// flight as cancelled whose timeout has passed. Returns all of them.
    fn cancel_expired(&mut self, queue_time: Option<Duration>) -> Vec<Arc<Call>> {
        let now = Moment::now();
        let mut calls = Vec::new();
        for entry in &mut self.in_flight {
            if now.since(entry.since) >= entry.needs.timeout {
                entry.is_cancelled = true;
                calls.push(Arc::clone(&entry.call));
            }
        }
        let Some(queue_time) = queue_time else { return calls };
        while let Some(first) = self.queue.front()
            && now.since(first.since) >= queue_time
        {
            let number = first.number;
            calls.extend(self.remove_queued(number).map(|entry| entry.call));
        }
        calls
    }

    /// Empties the queue, and returns its calls.
    fn drain_queue(&mut self) -> Vec<Arc<Call>> {
        self.queued_bytes = 0;
        std::mem::take(&mut self.queue).into_iter().map(|entry| entry.call).collect()
    }

    fn remove_queued(&mut self, number: u64) -> Option<Entry> {
        let removed = self.index(number).and_then(|index| self.queue.remove(index));
        self.queued_bytes -= removed.as_ref().map_or(0, |entry| entry.needs.bytes);
        self.shrink();
        removed
    }

    /// Releases the memory of an empty queue that was long.
    fn shrink(&mut self) {
        if self.queue.is_empty() {
            self.queue.shrink_to(Gate::KEPT_ENTRIES);
        }
    }

    /// The place of a call in the queue.
    fn index(&self, number: u64) -> Option<usize> {
        self.queue.binary_search_by_key(&number, |entry| entry.number).ok()
    }

    /// How many calls in flight are cancelled.
    fn cancelled(&self) -> usize {
        self.in_flight.iter().filter(|entry| entry.is_cancelled).count()
    }
}

/// A call's place, first in the queue and then in flight. Dropping it finishes the call at the
/// gate.
pub(crate) struct Permit {
    pub(crate) gate: Arc<Gate>,
    /// For [`Gate::cancel`].
    pub(crate) number: u64,
    /// How many calls wait before it; `None` if it got a place at once.
    pub(crate) ahead: Option<usize>,
}

impl Permit {
    /// Waits until the call is in flight, and returns since when it is.
    pub(crate) async fn granted(&self) -> Instant {
        poll_fn(|cx| self.gate.poll_granted(self.number, cx.waker())).await
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.gate.finish(self.number);
    }
}
