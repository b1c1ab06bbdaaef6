//! Records the profile of a call while it runs.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crate::timing::flow::Flow;
use crate::timing::{CallMoment, Timing};
use crate::trace::Trace;

/// The record of one call: its trace, and its profile so far. The call has it, not its work, which
/// is dropped when the call ends early.
pub(crate) struct Recorder {
    trace: Trace,
    /// A plain mutex, also for loom: nothing waits under it.
    running: Mutex<Running>,
}

struct Running {
    timing: Timing,
    /// The request that is sent now.
    flow: Option<Arc<Flow>>,
}

/// What the requests of a call do, one after the other, on the network.
const OF_ONE_REQUEST: std::ops::RangeInclusive<usize> =
    CallMoment::DomainLookUpStart as usize..=CallMoment::ResponseEnd as usize;

impl Recorder {
    /// Begins the record of a call that is started now, by both clocks.
    pub(crate) fn start(trace: Trace, now: Instant, wall: SystemTime) -> Self {
        let timing = Timing::start(now, wall);
        Self { trace, running: Mutex::new(Running { timing, flow: None }) }
    }

    pub(crate) fn trace(&self) -> &Trace {
        &self.trace
    }

    /// When the call was started, by both clocks.
    pub(crate) fn started(&self) -> (Instant, SystemTime) {
        let timing = &self.running().timing;
        (timing.invoked, UNIX_EPOCH + Duration::from_micros(timing.wall))
    }

    fn running(&self) -> MutexGuard<'_, Running> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Records that the result object shows the profile.
    pub(crate) fn set_wanted(&self) {
        self.running().timing.is_wanted = true;
    }

    /// Records that the call came into the queue, and left it at once if it `has_place`.
    pub(crate) fn enqueued(&self, at: Instant, has_place: bool) {
        let timing = &mut self.running().timing;
        timing.set(CallMoment::QueueStart, at);
        if has_place {
            let at = timing.moments[CallMoment::QueueStart as usize];
            timing.moments[CallMoment::QueueEnd as usize] = at;
        }
    }

    /// Records that the call got a place after it had waited.
    pub(crate) fn admitted(&self, at: Instant) {
        self.running().timing.set(CallMoment::QueueEnd, at);
    }

    /// Records that a moment is now.
    pub(crate) fn mark(&self, moment: CallMoment) {
        self.running().timing.set(moment, Instant::now());
    }

    /// Records that a phase begins now. What is known of an earlier one is forgotten.
    pub(crate) fn begin(&self, start: CallMoment, end: CallMoment) {
        let timing = &mut self.running().timing;
        timing.set(start, Instant::now());
        timing.clear(end);
    }

    /// Records that the first request is begun, or the next redirect's.
    pub(crate) fn begin_hop(&self, now: Instant) {
        let mut running = self.running();
        running.leave();
        let timing = &mut running.timing;
        let before = timing.moments[CallMoment::FetchStart as usize];
        timing.set(CallMoment::FetchStart, now);
        if before != super::ABSENT {
            if timing.redirects == 0 {
                timing.moments[CallMoment::RedirectStart as usize] = before;
            }
            timing.set(CallMoment::RedirectEnd, now);
            timing.redirects += 1;
        }
    }

    /// Records that a connection is looked for again.
    pub(crate) fn begin_again(&self) {
        self.running().leave();
    }

    /// Records that the request is sent again.
    pub(crate) fn retry(&self) {
        let mut running = self.running();
        running.leave();
        running.timing.retries += 1;
    }

    /// Records where a new connection leads.
    pub(crate) fn connected(&self, peer: Option<SocketAddr>) {
        if let Some(peer) = peer {
            self.running().timing.set_peer(peer);
        }
    }

    /// Where the connection of the request leads.
    pub(crate) fn peer(&self) -> Option<SocketAddr> {
        self.running().timing.peer.map(SocketAddr::from)
    }

    /// Records the connection that the request got. It is another call's unless it was opened in
    /// this attempt.
    pub(crate) fn leased(&self, peer: Option<SocketAddr>, is_http2: bool, flow: Arc<Flow>) {
        let mut running = self.running();
        running.flow = Some(flow);
        let timing = &mut running.timing;
        if let Some(peer) = peer {
            timing.set_peer(peer);
        }
        timing.is_http2 = Some(is_http2);
        timing.is_reused = Some(timing.micros(CallMoment::ConnectEnd).is_none());
    }

    /// Records that the head of the response is there.
    pub(crate) fn responded(&self) {
        let running = &mut *self.running();
        if let Some(flow) = &running.flow {
            running.timing.set(CallMoment::ResponseStart, flow.progress().latest_read());
        }
    }

    /// Records that the response is complete, with the length of its decoded body.
    pub(crate) fn complete(&self, decoded: u64) {
        let mut running = self.running();
        running.timing.decoded = Some(decoded);
        if let Some(flow) = &running.flow {
            flow.received_all(); // a response without a body ends with its head
        }
    }

    /// A moment in microseconds since 1970; now, if it has not come or none is given.
    pub(crate) fn micros(&self, moment: Option<CallMoment>) -> u64 {
        let timing = &self.running().timing;
        let known = moment.and_then(|moment| timing.micros(moment));
        known.unwrap_or_else(|| timing.wall + timing.invoked.elapsed().as_micros() as u64)
    }

    /// How long ago the call was started, in microseconds.
    pub(crate) fn micros_so_far(&self) -> u64 {
        self.running().timing.invoked.elapsed().as_micros() as u64
    }

    /// The profile so far. `None` if the call has no place yet.
    pub(crate) fn timing(&self) -> Option<Box<Timing>> {
        let running = self.running();
        running.timing.micros(CallMoment::QueueEnd)?;
        let mut timing = Box::new(running.timing.clone());
        if let Some(flow) = &running.flow {
            timing.take(flow);
        }
        Some(timing)
    }
}

impl Running {
    /// Takes over what the request before has moved, and forgets the rest of it.
    fn leave(&mut self) {
        let timing = &mut self.timing;
        if let Some(flow) = self.flow.take() {
            timing.take(&flow);
        }
        timing.moments[OF_ONE_REQUEST].fill(super::ABSENT);
        (timing.peer, timing.is_http2, timing.is_reused) = (None, None, None);
    }
}

impl Timing {
    /// Adds what a request has moved, and when.
    fn take(&mut self, flow: &Flow) {
        let progress = flow.progress();
        let (sent, received) = self.bytes.unwrap_or_default();
        self.bytes = Some((sent + progress.sent, received + progress.received));
        for (moment, at) in [
            (CallMoment::RequestStart, progress.first_write),
            (CallMoment::RequestEnd, progress.request_end),
            (CallMoment::ResponseEnd, progress.response_end),
        ] {
            if let Some(at) = at {
                self.set(moment, at);
            }
        }
    }
}
