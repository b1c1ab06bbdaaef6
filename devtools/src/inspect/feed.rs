//! What the clients have sent: the latest of it, for pages that come later, and the way to pages.

use std::collections::VecDeque;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use futures_util::stream::{self, Stream};
use tokio::sync::watch;

/// How many entries are kept: a usual call has seven, and a page shows some 10,000 calls.
const KEPT_ENTRIES: usize = 100_000;

/// How many bytes of them are kept: results are among them, of 64 KiB at most each.
const KEPT_BYTES: usize = 64 << 20;

/// How many clients are remembered. Each is one run of a mini program.
const KEPT_CLIENTS: usize = 500;

/// How many bytes are written to a page at a time.
const PIECE: usize = 64 << 10;

/// The entries, numbered from 1. A page reads at its own pace: who is too slow misses some.
pub(super) struct Feed {
    /// Tells this run of the program from an earlier one on the same port.
    run: String,
    kept: Mutex<Kept>,
    /// The number of the next entry. It wakes the pages.
    next: watch::Sender<u64>,
}

#[derive(Default)]
struct Kept {
    entries: VecDeque<Entry>,
    bytes: usize,
    clients: VecDeque<(String, String)>,
}

/// An entry: what page and HAR get.
#[derive(Clone)]
pub(super) struct Entry {
    /// The client that it came from; empty if it came from the page.
    pub(super) client: Arc<str>,
    /// JSON without line breaks.
    pub(super) json: Arc<str>,
    kind: Kind,
}

/// What an entry is, and its name in the JSON that pages get.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// An event of a call.
    Event,
    /// Who the client is.
    About,
    /// The client's connection broke.
    Gone,
    /// All before it was deleted.
    Cleared,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Event => "event",
            Self::About => "about",
            Self::Gone => "gone",
            Self::Cleared => "cleared",
        }
    }
}

impl Feed {
    pub(super) fn new() -> Self {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let run = format!("{:x}-{:x}", std::process::id(), now.as_micros());
        Self { run, kept: Mutex::default(), next: watch::Sender::new(1) }
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds an entry: JSON without line breaks.
    pub(super) fn add(&self, client: &Arc<str>, kind: Kind, json: &str) {
        let mut kept = self.kept();
        if kind == Kind::About {
            kept.clients.retain(|(id, _)| **id != **client);
            kept.clients.push_back((client.to_string(), json.to_owned()));
            if kept.clients.len() > KEPT_CLIENTS {
                kept.clients.pop_front();
            }
        }
        kept.push(Entry { client: Arc::clone(client), json: json.into(), kind });
        // Under the lock, so that the numbers fit the entries.
        self.next.send_modify(|next| *next += 1);
    }

    /// Deletes all entries, for pages that are open, too.
    pub(super) fn clear(&self) {
        let mut kept = self.kept();
        kept.entries.clear();
        kept.bytes = 0;
        kept.push(Entry { client: "".into(), json: "true".into(), kind: Kind::Cleared });
        self.next.send_modify(|next| *next += 1);
    }

    /// The events that are kept, in their order.
    pub(super) fn events(&self) -> Vec<Entry> {
        let kept = self.kept();
        kept.entries.iter().filter(|entry| entry.kind == Kind::Event).cloned().collect()
    }

    /// Everything from an entry on, as server-sent events, without an end. `last` is the id of the
    /// last event that a page had before its connection broke.
    pub(super) fn stream(self: Arc<Self>, last: Option<&str>) -> impl Stream<Item = Bytes> + use<> {
        let after = last.and_then(|id| id.strip_prefix(&*self.run)?.strip_prefix('.'));
        let after: Option<u64> = after.and_then(|number| number.parse().ok());
        let from = after.map_or(0, |number| number.saturating_add(1));
        let (hello, news) = (self.hello(after.is_some()), self.next.subscribe());
        stream::unfold(
            (self, Some(hello), from, news),
            |(feed, hello, from, mut news)| async move {
                if let Some(hello) = hello {
                    return Some((hello, (feed, None, from, news)));
                }
                loop {
                    let (piece, next) = feed.piece(from);
                    if !piece.is_empty() {
                        return Some((piece, (feed, None, next, news)));
                    }
                    // Marked as seen by the last wait, at the latest: nothing is missed.
                    news.changed().await.ok()?;
                }
            },
        )
    }

    /// The first event of a stream: whether it goes on where another ended, and who the clients
    /// are.
    fn hello(&self, goes_on: bool) -> Bytes {
        let kept = self.kept();
        let clients: Vec<_> = kept
            .clients
            .iter()
            .map(|(id, about)| format!(r#"{{"client":"{id}","about":{about}}}"#))
            .collect();
        let clients = clients.join(",");
        let hello = format!(r#"{{"goesOn":{goes_on},"clients":[{clients}]}}"#);
        format!("retry: 500\nevent: hello\ndata: {hello}\n\n").into()
    }

    /// The next piece of the stream from an entry on, and the number after it. All entries are one
    /// event, a line for each: a page takes thousands of events much slower than one of as many
    /// lines.
    fn piece(&self, from: u64) -> (Bytes, u64) {
        let kept = self.kept();
        let end = *self.next.borrow();
        let first = end - kept.entries.len() as u64;
        let mut text = String::new();
        if from != 0 && from < first {
            let count = first - from;
            write_to(&mut text, format_args!("event: missed\ndata: {count}\n\n"));
        }
        let mut number = from.clamp(first, end);
        let start = number;
        for entry in kept.entries.range((number - first) as usize..) {
            let (client, kind, json) = (&entry.client, entry.kind.name(), &entry.json);
            write_to(
                &mut text,
                format_args!("data: {{\"client\":\"{client}\",\"{kind}\":{json}}}\n"),
            );
            number += 1;
            if text.len() >= PIECE {
                break;
            }
        }
        if number > start {
            write_to(&mut text, format_args!("id: {}.{}\n\n", self.run, number - 1));
        }
        (text.into(), number)
    }
}

impl Kept {
    fn push(&mut self, entry: Entry) {
        self.bytes += entry.json.len();
        self.entries.push_back(entry);
        while self.entries.len() > KEPT_ENTRIES || self.bytes > KEPT_BYTES {
            let Some(oldest) = self.entries.pop_front() else { break };
            self.bytes -= oldest.json.len();
        }
    }
}

fn write_to(text: &mut String, written: std::fmt::Arguments<'_>) {
    text.write_fmt(written).expect("memory takes everything");
}

#[cfg(test)]
mod tests {
    use futures_util::{FutureExt as _, StreamExt as _};

    use super::*;

    /// What a page has had so far.
    fn read(stream: &mut (impl Stream<Item = Bytes> + Unpin)) -> String {
        let mut text = String::new();
        while let Some(Some(piece)) = stream.next().now_or_never() {
            text.push_str(std::str::from_utf8(&piece).unwrap());
        }
        text
    }

    fn numbers(text: &str) -> Vec<usize> {
        let events = text.lines().filter_map(|line| line.split_once(r#""event":"#));
        events.map(|(_, rest)| rest.trim_end_matches('}').parse().unwrap()).collect()
    }

    #[test]
    fn a_page_gets_what_is_kept_then_what_comes_in_order() {
        let feed = Arc::new(Feed::new());
        let client = Arc::from("a");
        for number in 0..3 {
            feed.add(&client, Kind::Event, &number.to_string());
        }
        let mut page = Box::pin(Arc::clone(&feed).stream(None));
        let text = read(&mut page);
        assert!(text.contains(r#"data: {"goesOn":false,"clients":[]}"#), "{text}");
        assert_eq!(numbers(&text), [0, 1, 2]);
        assert_eq!(read(&mut page), "");
        feed.add(&client, Kind::Event, "3");
        let text = read(&mut page);
        assert_eq!(numbers(&text), [3]);
        // It connects again.
        let last = text.lines().find_map(|line| line.strip_prefix("id: ")).unwrap();
        feed.add(&client, Kind::Event, "4");
        let text = read(&mut Box::pin(Arc::clone(&feed).stream(Some(last))));
        assert!(text.contains(r#""goesOn":true"#) && !text.contains("missed"), "{text}");
        assert_eq!(numbers(&text), [4]);
        // It knows another run of this program.
        let text = read(&mut Box::pin(Arc::clone(&feed).stream(Some("1-1.4"))));
        assert_eq!(numbers(&text), [0, 1, 2, 3, 4]);
    }

    #[test]
    fn only_the_latest_entries_are_kept_and_a_slow_page_hears_what_it_missed() {
        let feed = Arc::new(Feed::new());
        let client = Arc::from("a");
        feed.add(&client, Kind::About, "{}");
        feed.add(&client, Kind::Event, "0");
        let mut page = Box::pin(Arc::clone(&feed).stream(None));
        assert_eq!(numbers(&read(&mut page)), [0]);
        for number in 1..=KEPT_ENTRIES + 5 {
            feed.add(&client, Kind::Event, &number.to_string());
        }
        assert_eq!(feed.events().len(), KEPT_ENTRIES);
        let text = read(&mut page);
        assert!(text.starts_with("event: missed\ndata: 5\n\n"), "{}", &text[..80]);
        assert_eq!(numbers(&text), (6..=KEPT_ENTRIES + 5).collect::<Vec<_>>());
        let text = read(&mut Box::pin(Arc::clone(&feed).stream(None)));
        assert!(text.contains(r#""clients":[{"client":"a","about":{}}]"#));
        let large = format!("\"{}\"", "x".repeat(1 << 20));
        for _ in 0..100 {
            feed.add(&client, Kind::Event, &large);
        }
        assert!(feed.kept().bytes <= KEPT_BYTES && feed.events().len() < 64);
        feed.clear();
        assert_eq!((feed.events().len(), feed.kept().bytes), (0, 4));
        assert!(read(&mut page).contains(r#""cleared":true"#));
    }
}
