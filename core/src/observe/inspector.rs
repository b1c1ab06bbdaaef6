//! Sends the events of a client to an inspector on this device, while somebody develops.

mod connection;

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::config::ClientConfig;
use crate::config::inspector::InspectorUrl;
use crate::observe::inspector::connection::Connection;
use crate::sync::Lock;

/// How many bytes of events wait for an inspector that is slow, or not there; then the oldest are
/// dropped. It is some thousand calls, so that an inspector that is started later shows them.
const MAX_WAITING: usize = 8 << 20;

/// How many bytes are sent at a time.
const PIECE: usize = 256 << 10;

/// How long it waits before it tries again to reach the inspector: twice as long each time.
const FIRST_PAUSE: Duration = Duration::from_millis(250);
const LAST_PAUSE: Duration = Duration::from_secs(4);

/// How many threads send. The end of the last one wakes those who wait for it.
static SENDING: Mutex<usize> = Mutex::new(0);
static SENT: Condvar = Condvar::new();

/// The events of one client on their way. A thread of its own sends them, so that no call waits
/// for it. The thread starts with the first event, and ends with the client and its calls.
pub(super) struct Inspector {
    shared: Arc<Shared>,
    /// Absent once the thread has it.
    sender: Lock<Option<Sender>>,
}

struct Shared {
    waiting: Mutex<Waiting>,
    changed: Condvar,
}

#[derive(Default)]
struct Waiting {
    /// Each is a line of JSON.
    lines: VecDeque<String>,
    bytes: usize,
    /// How many were dropped before these.
    dropped: u64,
    /// The client and its calls have ended: no more comes.
    is_closed: bool,
}

/// The part that its thread has.
struct Sender {
    url: InspectorUrl,
    /// The request's head, and the first line, which says who the client is.
    hello: String,
}

impl Inspector {
    /// How much is shown of each body. A larger one is of little use in a list of calls.
    pub(super) const MAX_BODY: usize = 64 << 10;

    /// `None` unless the settings name an inspector.
    pub(super) fn new(config: &ClientConfig) -> Option<Arc<Self>> {
        let url = config.inspector.clone()?;
        let hello = connection::hello(config, url.addresses()[0]);
        let shared = Shared { waiting: Mutex::default(), changed: Condvar::new() };
        let sender = Lock::new(Some(Sender { url, hello }));
        Some(Arc::new(Self { shared: Arc::new(shared), sender }))
    }

    /// Adds an event, with members that only an inspector gets: `,"name":value`.
    pub(super) fn tell(&self, mut json: String, more: Option<String>) {
        if let Some(more) = more {
            json.truncate(json.len() - 1); // its brace
            json.push_str(&more);
            json.push('}');
        }
        json.push('\n');
        let mut waiting = self.shared.waiting();
        waiting.bytes += json.len();
        waiting.lines.push_back(json);
        while waiting.bytes > MAX_WAITING {
            let Some(oldest) = waiting.lines.pop_front() else { break };
            waiting.bytes -= oldest.len();
            waiting.dropped += 1;
        }
        drop(waiting);
        self.shared.changed.notify_one();
        let sender = self.sender.lock().take();
        if let Some(sender) = sender {
            start(sender, Arc::clone(&self.shared));
        }
    }
}

impl Drop for Inspector {
    fn drop(&mut self) {
        self.shared.waiting().is_closed = true;
        self.shared.changed.notify_one();
    }
}

fn start(sender: Sender, shared: Arc<Shared>) {
    *lock(&SENDING) += 1;
    let work = move || {
        let _ends = Ends;
        sender.run(&shared);
    };
    let thread = thread::Builder::new().name("gadget-inspector".to_owned());
    if let Err(error) = thread.spawn(work) {
        // The work was dropped before it began.
        log::warn!("no thread for the inspector: {error}");
        drop(Ends);
    }
}

/// Counts the end of a thread that sends, also if it panics.
struct Ends;

impl Drop for Ends {
    fn drop(&mut self) {
        *lock(&SENDING) -= 1;
        SENT.notify_all();
    }
}

/// Waits until the events of all clients that have ended have reached their inspectors, for a
/// program that ends right after. Returns false if that takes longer.
///
/// A client has ended when its last handle was dropped and all its calls have their outcomes. An
/// inspector that is not there is not waited for.
pub fn wait_for_inspectors(patience: Duration) -> bool {
    let sending = lock(&SENDING);
    let waited = SENT.wait_timeout_while(sending, patience, |sending| *sending > 0);
    let (sending, _) = waited.unwrap_or_else(PoisonError::into_inner);
    *sending == 0
}

impl Shared {
    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        lock(&self.waiting)
    }

    /// The next lines, when there are some, and how many are missing before them. `None` if no more
    /// will come.
    fn next(&self) -> Option<(Vec<String>, u64)> {
        let is_idle = |waiting: &mut Waiting| waiting.lines.is_empty() && !waiting.is_closed;
        let waiting = self.changed.wait_while(self.waiting(), is_idle);
        let mut waiting = waiting.unwrap_or_else(PoisonError::into_inner);
        let (mut lines, mut bytes) = (Vec::new(), 0);
        while bytes < PIECE
            && let Some(line) = waiting.lines.pop_front()
        {
            bytes += line.len();
            lines.push(line);
        }
        waiting.bytes -= bytes;
        (!lines.is_empty()).then(|| (lines, std::mem::take(&mut waiting.dropped)))
    }

    /// Takes back what `next` gave, in its place.
    fn take_back(&self, lines: Vec<String>) {
        let mut waiting = self.waiting();
        for line in lines.into_iter().rev() {
            waiting.bytes += line.len();
            waiting.lines.push_front(line);
        }
    }

    fn is_closed(&self) -> bool {
        self.waiting().is_closed
    }

    /// Pauses, but not beyond the end of the client.
    fn pause(&self, time: Duration) {
        let until = Instant::now() + time;
        let mut waiting = self.waiting();
        // Each event wakes it, too.
        while !waiting.is_closed
            && let Some(rest) = until.checked_duration_since(Instant::now())
        {
            let waited = self.changed.wait_timeout(waiting, rest);
            waiting = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

impl Sender {
    /// Sends until the client has ended and everything is sent. If the inspector is not there by
    /// then, the rest is given up.
    fn run(&self, shared: &Shared) {
        let (mut pause, mut lost) = (FIRST_PAUSE, 0);
        loop {
            let is_last = shared.is_closed();
            let end = Connection::open(&self.url, &self.hello)
                .map_or(End::Broken, |connection| send_all(connection, shared, &mut lost));
            match end {
                End::Complete => return,
                _ if is_last => return,
                End::BrokenLater => pause = FIRST_PAUSE,
                End::Broken => {}
            }
            shared.pause(pause);
            pause = (pause * 2).min(LAST_PAUSE);
        }
    }
}

/// How a connection ended.
enum End {
    /// Everything is sent.
    Complete,
    /// It broke after it had taken something.
    BrokenLater,
    /// It broke, or there was none.
    Broken,
}

/// Sends until nothing more comes, or the connection breaks. `lost` is how many lines are missing
/// since the last one that was sent.
fn send_all(mut connection: Connection, shared: &Shared, lost: &mut u64) -> End {
    let mut end = End::Broken;
    while let Some((lines, dropped)) = shared.next() {
        *lost += dropped;
        if connection.has_ended() {
            shared.take_back(lines);
            return end;
        }
        if connection.send(&lines, *lost).is_err() {
            *lost += lines.len() as u64;
            return end;
        }
        (*lost, end) = (0, End::BrokenLater);
    }
    connection.finish();
    End::Complete
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
