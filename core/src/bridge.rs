//! The API for a page in a WebView: messages of the page's script come in, replies go out.

mod documents;
mod events;
mod message;
mod origins;
mod reply;
mod settings;

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use bytes::Bytes;

use crate::bridge::documents::{Aborted, Documents, NotStarted, Page, Running};
use crate::bridge::events::{Event, Events, Listener, Next};
use crate::bridge::message::{Body, Head, Message};
use crate::bridge::origins::Refusal;
use crate::client::Client;
use crate::error::Error;
use crate::outcome::Outcome;
use crate::runtime;
use crate::sync::Lock;

pub use origins::OriginPattern;
pub use reply::BridgeReply;
pub use settings::BridgeConfig;

/// Longer messages are read on a thread of the engine: the caller's is the user interface's,
/// mostly.
const LONGEST_INLINE: usize = 64 * 1024;

/// Bytes of messages that may wait to be read; a call that comes on top fails with 111.
const MAX_WAITING_BYTES: usize = 256 * 1024 * 1024;

/// What a waiting message takes beside its bytes.
const MESSAGE_COST: usize = 512;

/// Offers `request` to the pages that one WebView shows, one after the other, with their frames
/// (docs/contract.md#13-a-page-in-a-webview).
///
/// A host app makes one for each WebView, runs [`script`](Self::script) at the start of each
/// document, hands each message of that script to [`receive`](Self::receive), and carries the reply
/// back. It needs no rule of its own.
///
/// Nothing that a page sends is trusted. A document gets the results of its own calls only. When
/// the main frame loads another document, the calls of the former one and of its frames are
/// aborted, and none of their replies arrives. The same holds when the bridge is dropped.
///
/// ```
/// # let server = gadget_test_server::Server::start()?;
/// # let url = server.http();
/// use gadget_request::{Bridge, BridgeConfig, BridgeReply, Client};
///
/// let mut config = BridgeConfig::default();
/// config.origins.push("https://page.example".parse()?);
/// let bridge = Bridge::new(Client::default(), config);
///
/// // What the page's script sends for `tt.request({ url })`.
/// let page = "0123456789abcdef0123456789abcdef";
/// let hello = format!(r#"{{"page":"{page}","hello":true}}"#);
/// bridge.receive(hello, "https://page.example", true, |reply| assert!(reply.is_none()));
/// let call = format!(r#"{{"page":"{page}","call":1,"options":{{"url":"{url}/status/404"}}}}"#);
/// let (sender, replies) = std::sync::mpsc::channel();
/// bridge.receive(call, "https://page.example", true, move |reply| sender.send(reply).unwrap());
/// let Some(BridgeReply::Text(reply)) = replies.recv()? else { panic!() };
/// assert!(reply.contains(r#""result":{"statusCode":404,"header":{"#));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Bridge {
    shared: Arc<Shared>,
}

struct Shared {
    client: Client,
    config: BridgeConfig,
    documents: Lock<Documents<Reply>>,
    waiting: Lock<Waiting>,
}

/// Messages that wait behind a long one.
#[derive(Default)]
struct Waiting {
    is_reading: bool,
    messages: VecDeque<Incoming>,
    bytes: usize,
}

struct Incoming {
    message: Bytes,
    is_main_frame: bool,
    reply: Reply,
}

/// Passes on the reply to one message: nothing, if it is dropped before.
struct Reply(Option<Box<dyn FnOnce(Option<BridgeReply>) + Send>>);

impl Reply {
    fn send(mut self, reply: Option<BridgeReply>) {
        if let Some(pass_on) = self.0.take() {
            pass_on(reply);
        }
    }
}

impl Drop for Reply {
    fn drop(&mut self) {
        if let Some(pass_on) = self.0.take() {
            pass_on(None);
        }
    }
}

impl Bridge {
    /// The most calls without a result that the documents of a WebView have: those in flight, and a
    /// thousand that wait.
    pub const MAX_CALLS: usize = documents::MAX_CALLS;

    /// A bridge from the pages of one WebView to a client. Several bridges may share a client.
    pub fn new(client: Client, config: BridgeConfig) -> Self {
        let (documents, waiting) = (Lock::new(Documents::default()), Lock::new(Waiting::default()));
        Self { shared: Arc::new(Shared { client, config, documents, waiting }) }
    }

    /// The script that the host app runs at the start of each document, before any script of the
    /// page: in all frames if the settings allow frames. It has no effect when it runs in the same
    /// document again.
    pub fn script(&self) -> String {
        self.shared.config.script()
    }

    /// Takes a message of the page's script: text, or bytes if the channel carries them.
    ///
    /// `origin` is the origin of the document that sends it, such as `https://example.com`, and
    /// `is_main_frame` is true if that document is not in a frame of another one. Both come from
    /// the WebView, never from the page.
    ///
    /// `reply` is called once for each message: within this function or later on a thread of the
    /// engine, and it must not block. It gets what the host app hands to the script of that
    /// document, or `None` if that is nothing.
    ///
    /// Messages are read in the order in which they come. Only a short one is read before this
    /// returns.
    pub fn receive(
        &self,
        message: impl Into<Bytes>,
        origin: &str,
        is_main_frame: bool,
        reply: impl FnOnce(Option<BridgeReply>) + Send + 'static,
    ) {
        let (message, reply) = (message.into(), Reply(Some(Box::new(reply))));
        let incoming = Incoming { message, is_main_frame, reply };
        match self.shared.config.refusal(origin, is_main_frame) {
            Some(refusal) => self.shared.refuse(incoming, refusal),
            None => self.shared.receive(incoming),
        }
    }

    /// Ends the bridge: the calls of all documents are aborted, and replies to them and to later
    /// messages are `None`. A host app calls it when the WebView is destroyed or its process has
    /// died. Calling it twice is the same as calling it once.
    pub fn close(&self) {
        self.shared.end(Documents::close);
    }
}

impl Drop for Bridge {
    fn drop(&mut self) {
        self.close();
    }
}

impl Shared {
    fn receive(self: &Arc<Self>, incoming: Incoming) {
        let length = incoming.message.len();
        let mut waiting = self.waiting.lock();
        if !waiting.is_reading && length <= LONGEST_INLINE {
            drop(waiting);
            return self.read_safely(incoming);
        }
        let cost = length.saturating_add(MESSAGE_COST);
        if waiting.bytes.saturating_add(cost) > MAX_WAITING_BYTES {
            drop(waiting);
            return self.refuse_flood(incoming);
        }
        waiting.bytes += cost;
        waiting.messages.push_back(incoming);
        if !waiting.is_reading {
            waiting.is_reading = true;
            drop(waiting);
            let shared = Arc::clone(self);
            runtime::run_blocking(move || shared.read_waiting());
        }
    }

    fn read_waiting(self: &Arc<Self>) {
        loop {
            let mut waiting = self.waiting.lock();
            let Some(incoming) = waiting.messages.pop_front() else {
                waiting.is_reading = false;
                return;
            };
            waiting.bytes -= incoming.message.len() + MESSAGE_COST;
            drop(waiting);
            self.read_safely(incoming);
        }
    }

    /// A panic of the engine or of a reply stops neither the app nor the messages behind this one.
    fn read_safely(self: &Arc<Self>, incoming: Incoming) {
        if catch_unwind(AssertUnwindSafe(|| self.read(incoming))).is_err() {
            log::error!("a panic while a page's message was read");
        }
    }

    fn read(self: &Arc<Self>, incoming: Incoming) {
        let Incoming { message, is_main_frame, reply } = incoming;
        let Some(Message { page, body }) = Message::parse(&message) else {
            log::warn!("a page sent a message that its script does not send");
            return reply.send(None);
        };
        match body {
            Body::Hello => {
                self.end(|documents| documents.enter(page, is_main_frame));
                reply.send(None);
            }
            Body::Bye => {
                self.end(|documents| documents.leave(&page));
                reply.send(None);
            }
            Body::Abort(id) => self.abort(&page, id, reply),
            Body::Next(id) => self.next(&page, id, reply),
            Body::Call(id, options) => self.call(page, id, options, reply),
        }
    }

    /// Aborts the calls of documents that end, without the lock.
    fn end(&self, change: impl FnOnce(&mut Documents<Reply>) -> Aborted) {
        let aborted = change(&mut self.documents.lock());
        aborted.abort();
    }

    fn abort(&self, page: &Page, id: u64, reply: Reply) {
        let aborted = self.documents.lock().abort(page, id);
        match aborted {
            Running::Call(task) => {
                if let Some(task) = task {
                    task.abort();
                }
                reply.send(None);
            }
            // Its result is on its way, and comes first; or it was lost while the document was in
            // the browser's cache.
            Running::None => reply.send(Some(reply::failed(page, id, Error::Aborted))),
            Running::Ended => self.send_unless_closed(reply, || reply::unknown(page, id)),
        }
    }

    fn call(self: &Arc<Self>, page: Page, id: u64, options: message::Options, reply: Reply) {
        let events = Arc::new(Events::new());
        let started = self.documents.lock().start(&page, id, Arc::clone(&events));
        let serial = match started {
            Ok(serial) => serial,
            Err(NotStarted::Twice) => return reply.send(None),
            Err(NotStarted::Unknown) => {
                return self.send_unless_closed(reply, || reply::unknown(&page, id));
            }
            Err(NotStarted::TooMany) => {
                return reply.send(Some(reply::failed(&page, id, Error::TooManyRequests)));
            }
        };
        let (shared, ended) = (Arc::clone(self), Arc::clone(&events));
        let completion = move |outcome: Outcome| {
            ended.end();
            let is_alive = shared.documents.lock().settle(&page, id, serial);
            reply.send(is_alive.then(|| reply::result(&page, id, &outcome, &shared.config)));
        };
        let shared = Arc::clone(self);
        let listener = Listener {
            events: Arc::clone(&events),
            most: reply::most_of_chunk(&self.config),
            answer: move |question: Reply, event: Event| {
                let is_alive = shared.documents.lock().is_waiting(&page, id, serial);
                let event = is_alive.then(|| reply::event(&page, id, &event, &shared.config));
                question.send(event.flatten());
            },
        };
        let options = options.into_request();
        let task = self.client.start_with_events(options, listener, completion);
        let left = self.documents.lock().started(&page, id, serial, task.clone());
        if let Some(task) = left {
            task.abort();
        } else if events.is_asked() {
            task.resume(); // the question came before the task was there
        }
    }

    /// Answers a page with the next event of a call: now, later, or with nothing when the call
    /// has ended.
    fn next(&self, page: &Page, id: u64, question: Reply) {
        let found = self.documents.lock().events(page, id);
        let Some((events, task)) = found else { return question.send(None) };
        match events.ask(question) {
            Next::Answer(question, event) => {
                question.send(reply::event(page, id, &event, &self.config));
            }
            Next::Waits(_) => {
                if let Some(task) = task {
                    task.resume();
                }
            }
        }
    }

    /// Answers a document that may not use the API. It is not read to its end, and never waits.
    fn refuse(&self, incoming: Incoming, refusal: Refusal) {
        let Some((page, head)) = head_of(&incoming.message) else {
            return incoming.reply.send(None);
        };
        let id = match head {
            Head::Hello => {
                if incoming.is_main_frame {
                    // It has replaced the document that was there.
                    self.end(Documents::end_all);
                }
                None
            }
            Head::Other(id) => id,
        };
        self.send_unless_closed(incoming.reply, || reply::refused(&page, id, refusal));
    }

    /// Answers a call that comes while too many bytes wait. Of other messages, the begin of a
    /// document is taken: a page that floods must not keep out the next one.
    fn refuse_flood(self: &Arc<Self>, incoming: Incoming) {
        match head_of(&incoming.message) {
            Some((_, Head::Hello)) => self.read_safely(incoming),
            Some((page, Head::Other(Some(id)))) => {
                let failed = || reply::failed(&page, id, Error::TooManyRequests);
                self.send_unless_closed(incoming.reply, failed);
            }
            _ => incoming.reply.send(None),
        }
    }

    fn send_unless_closed(&self, reply: Reply, answer: impl FnOnce() -> BridgeReply) {
        let is_closed = self.documents.lock().is_closed();
        reply.send((!is_closed).then(answer));
    }
}

/// The begin of a message. A long one is not read further, so it must begin as the script's do.
fn head_of(message: &Bytes) -> Option<(Page, Head)> {
    if message.len() > LONGEST_INLINE {
        return message::head(message);
    }
    let Message { page, body } = Message::parse(message)?;
    Some((page, if matches!(body, Body::Hello) { Head::Hello } else { Head::Other(body.id()) }))
}
