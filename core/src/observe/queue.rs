//! Brings events to an observer: in their order, one at a time, away from the calls.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use crate::observe::event::{CallEvent, Happened};
use crate::runtime;
use crate::sync::Lock;

/// How many bytes of events wait for a slow observer; later ones are dropped and counted. A full
/// queue of a thousand calls that all end at once has three thousand events, a third of this.
const MAX_WAITING: usize = 4 << 20;

/// Hears what happens to the calls of a client, for logs, statistics and tools.
///
/// Events come one at a time and in their order, on threads of the engine that may wait: a slow
/// observer delays no call. If four MiB of events wait for it, later ones are lost, and the next
/// one says how many ([`CallEvent::dropped`]). It may use the client. If it panics, that is logged,
/// and the next event comes all the same.
///
/// It is dropped when its client and all calls have ended and it has heard everything.
///
/// ```
/// # let server = gadget_test_server::Server::start()?;
/// # let url = server.http();
/// use std::sync::mpsc;
/// use gadget_request::{CallEvent, Client, ClientConfig, Observer, RequestOptions};
///
/// struct Prints(mpsc::Sender<&'static str>);
///
/// impl Observer for Prints {
///     fn on_event(&mut self, event: &CallEvent) {
///         println!("{}", event.to_json());
///         let _ = self.0.send(event.name());
///     }
/// }
///
/// let (sender, names) = mpsc::channel();
/// let client = Client::builder(ClientConfig::default()).observer(Prints(sender)).build();
/// pollster::block_on(client.request(RequestOptions::new(url)));
/// drop(client);
/// let names: Vec<_> = names.iter().collect();
/// assert_eq!(names, ["start", "dispatched", "connection", "request", "head", "end"]);
/// # Ok::<(), std::io::Error>(())
/// ```
pub trait Observer: Send + 'static {
    /// Something has happened to a call of the client.
    fn on_event(&mut self, event: &CallEvent);
}

/// The events that wait for one observer.
pub(crate) struct Queue {
    waiting: Lock<Waiting>,
}

struct Waiting {
    events: VecDeque<CallEvent>,
    /// Their cost.
    bytes: usize,
    /// How many events were dropped since the last one that waits.
    dropped: u64,
    /// Absent while a thread delivers.
    observer: Option<Box<dyn Observer>>,
}

impl Queue {
    pub(super) fn new(observer: Box<dyn Observer>) -> Arc<Self> {
        let observer = Some(observer);
        let waiting = Waiting { events: VecDeque::new(), bytes: 0, dropped: 0, observer };
        Arc::new(Self { waiting: Lock::new(waiting) })
    }

    /// Adds an event. If no thread delivers, one begins.
    pub(super) fn push(self: &Arc<Self>, happened: &Arc<Happened>) {
        let mut waiting = self.waiting.lock();
        let event = CallEvent::new(happened, waiting.dropped);
        let cost = event.cost();
        if waiting.bytes + cost > MAX_WAITING {
            waiting.dropped += 1;
            return;
        }
        waiting.dropped = 0;
        waiting.bytes += cost;
        waiting.events.push_back(event);
        let Some(observer) = waiting.observer.take() else { return };
        drop(waiting);
        let queue = Arc::clone(self);
        runtime::run_blocking(move || queue.deliver(observer));
    }

    /// Delivers until no event waits.
    fn deliver(&self, mut observer: Box<dyn Observer>) {
        loop {
            let mut waiting = self.waiting.lock();
            let Some(event) = waiting.events.pop_front() else {
                waiting.observer = Some(observer);
                return;
            };
            waiting.bytes -= event.cost();
            drop(waiting);
            stop_panic(|| observer.on_event(&event));
        }
    }
}

impl Drop for Queue {
    fn drop(&mut self) {
        let observer = self.waiting.lock().observer.take();
        stop_panic(|| drop(observer));
    }
}

/// Runs the host app's code.
fn stop_panic(work: impl FnOnce()) {
    if catch_unwind(AssertUnwindSafe(work)).is_err() {
        log::error!("the observer of a client panicked");
    }
}
