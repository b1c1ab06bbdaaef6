//! The memory of the server: the latest requests, and how many are in flight.

use std::collections::{HashMap, VecDeque};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::Serialize;
use tokio::sync::Semaphore;

use crate::received::Received;

/// How many requests are kept for `/received`.
const KEPT_REQUESTS: usize = 2000;

/// How many bytes of their bodies are kept.
const KEPT_BYTES: usize = 64 << 20;

/// How many requests are in flight now, the most at any time, and all so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Count {
    /// Requests that have arrived and are not answered completely.
    pub in_flight: u64,
    /// The highest `in_flight` so far.
    pub max_in_flight: u64,
    /// All requests that have arrived.
    pub total: u64,
    /// The bytes of long bodies (`/bytes`, `/close`) that were sent to them: over HTTP/1.1 the
    /// system has taken them, over HTTP/2 they fit into the window of the stream.
    pub sent: u64,
}

/// A response that a test has prepared.
#[derive(Clone, Debug)]
pub struct Scripted {
    /// Its status.
    pub status: u16,
    /// Its fields in their order. It has no body.
    pub headers: Vec<(String, Vec<u8>)>,
}

/// Returns the frames that answer a request, given its number on its connection and its stream.
pub(crate) type Frames = Arc<dyn Fn(u32, u32) -> Vec<u8> + Send + Sync>;

pub(crate) struct State {
    pub(crate) https: SocketAddr,
    /// The CA's list of revoked certificates.
    pub(crate) crl: Vec<u8>,
    kept: Mutex<Kept>,
    counts: Mutex<HashMap<String, Count>>,
    releases: Mutex<HashMap<String, Arc<Semaphore>>>,
    scripted: Mutex<VecDeque<Scripted>>,
    frames: Mutex<Option<Frames>>,
    connections: AtomicUsize,
    accepted: AtomicUsize,
    handshakes: AtomicUsize,
    resumed: AtomicUsize,
    taken: AtomicUsize,
    panicked: AtomicBool,
}

#[derive(Default)]
struct Kept {
    requests: VecDeque<Arc<Received>>,
    bytes: usize,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl State {
    pub(crate) fn new(https: SocketAddr, crl: Vec<u8>) -> Self {
        Self {
            https,
            crl,
            kept: Mutex::default(),
            counts: Mutex::default(),
            releases: Mutex::default(),
            scripted: Mutex::default(),
            frames: Mutex::default(),
            connections: AtomicUsize::new(0),
            accepted: AtomicUsize::new(0),
            handshakes: AtomicUsize::new(0),
            resumed: AtomicUsize::new(0),
            taken: AtomicUsize::new(0),
            panicked: AtomicBool::new(false),
        }
    }

    pub(crate) fn keep(&self, request: Arc<Received>) {
        let mut kept = lock(&self.kept);
        kept.bytes += request.body.len();
        kept.requests.push_back(request);
        while kept.requests.len() > KEPT_REQUESTS || kept.bytes > KEPT_BYTES {
            let Some(oldest) = kept.requests.pop_front() else { break };
            kept.bytes -= oldest.body.len();
        }
    }

    pub(crate) fn received(&self, request_id: &str) -> Option<Arc<Received>> {
        let has_id = |request: &&Arc<Received>| request.header("x-request-id") == Some(request_id);
        lock(&self.kept).requests.iter().rev().find(has_id).cloned()
    }

    pub(crate) fn latest(&self) -> Vec<Arc<Received>> {
        lock(&self.kept).requests.iter().cloned().collect()
    }

    /// Counts a request, under a name and in the total. It is in flight until the value is dropped.
    pub(crate) fn enter(self: &Arc<Self>, counter: Option<String>) -> InFlight {
        let names: Vec<String> = counter.into_iter().chain([String::new()]).collect();
        let mut counts = lock(&self.counts);
        for name in &names {
            let count = counts.entry(name.clone()).or_default();
            count.total += 1;
            count.in_flight += 1;
            count.max_in_flight = count.max_in_flight.max(count.in_flight);
        }
        drop(counts);
        InFlight { state: Arc::clone(self), names }
    }

    pub(crate) fn count(&self, name: &str) -> Count {
        lock(&self.counts).get(name).copied().unwrap_or_default()
    }

    /// Resets the counters, except the requests in flight.
    pub(crate) fn reset_counts(&self) {
        lock(&self.counts).retain(|_, count| {
            *count = Count { max_in_flight: count.in_flight, total: 0, sent: 0, ..*count };
            count.in_flight > 0
        });
    }

    /// The releases for which the requests held under a name wait: one each, in order of
    /// arrival.
    pub(crate) fn releases(&self, name: &str) -> Arc<Semaphore> {
        let mut releases = lock(&self.releases);
        let new = || Arc::new(Semaphore::new(0));
        Arc::clone(releases.entry(name.to_owned()).or_insert_with(new))
    }

    pub(crate) fn answer_next(&self, answers: impl IntoIterator<Item = Scripted>) {
        *lock(&self.scripted) = answers.into_iter().collect();
    }

    pub(crate) fn next_scripted(&self) -> Option<Scripted> {
        lock(&self.scripted).pop_front()
    }

    pub(crate) fn answer_in_frames(&self, answer: Frames) {
        *lock(&self.frames) = Some(answer);
    }

    pub(crate) fn frames(&self) -> Option<Frames> {
        lock(&self.frames).clone()
    }

    pub(crate) fn connected(self: &Arc<Self>) -> Connected {
        self.connections.fetch_add(1, Ordering::SeqCst);
        self.accepted.fetch_add(1, Ordering::SeqCst);
        Connected(self.notes_panics())
    }

    pub(crate) fn notes_panics(self: &Arc<Self>) -> NotesPanics {
        NotesPanics(Arc::clone(self))
    }

    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    pub(crate) fn accepted(&self) -> usize {
        self.accepted.load(Ordering::SeqCst)
    }

    pub(crate) fn shakes_hands(&self, resumes: bool) {
        self.handshakes.fetch_add(1, Ordering::SeqCst);
        self.resumed.fetch_add(usize::from(resumes), Ordering::SeqCst);
    }

    pub(crate) fn handshakes(&self) -> usize {
        self.handshakes.load(Ordering::SeqCst)
    }

    pub(crate) fn resumed(&self) -> usize {
        self.resumed.load(Ordering::SeqCst)
    }

    /// Counts bytes that a peer has taken.
    pub(crate) fn takes(&self, bytes: usize) {
        self.taken.fetch_add(bytes, Ordering::SeqCst);
    }

    pub(crate) fn taken(&self) -> usize {
        self.taken.load(Ordering::SeqCst)
    }

    pub(crate) fn has_panicked(&self) -> bool {
        self.panicked.load(Ordering::SeqCst)
    }
}

/// A request in flight.
pub(crate) struct InFlight {
    state: Arc<State>,
    names: Vec<String>,
}

impl InFlight {
    /// Counts bytes of a body, also when the request is no longer in flight.
    pub(crate) fn sending(&self) -> impl Fn(usize) + use<> {
        let (state, names) = (Arc::clone(&self.state), self.names.clone());
        move |bytes| {
            let mut counts = lock(&state.counts);
            for name in &names {
                counts.entry(name.clone()).or_default().sent += bytes as u64;
            }
        }
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        let mut counts = lock(&self.state.counts);
        for name in &self.names {
            if let Some(count) = counts.get_mut(name) {
                count.in_flight -= 1;
            }
        }
    }
}

/// An open connection.
pub(crate) struct Connected(NotesPanics);

impl Drop for Connected {
    fn drop(&mut self) {
        self.0.0.connections.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Lives in a task. If the task panics, dropping the server reports it.
pub(crate) struct NotesPanics(Arc<State>);

impl Drop for NotesPanics {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.panicked.store(true, Ordering::SeqCst);
        }
    }
}
