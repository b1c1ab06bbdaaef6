//! What a client sends: one JSON object per line, the first says who it is, the others are events.

use std::sync::Arc;

use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::feed::{Feed, Kind};

/// The longest line. An event holds a head (384 KiB at most, and its JSON) or a result (64 KiB).
const MAX_LINE: usize = 2 << 20;

/// The longest name of a client.
const MAX_ID: usize = 64;

/// The longest JSON about a client.
const MAX_ABOUT: usize = 4 << 10;

/// What a line may have. The page reads the rest.
#[derive(Deserialize)]
struct Line<'a> {
    #[serde(borrow)]
    client: Option<&'a RawValue>,
    #[serde(borrow)]
    event: Option<&'a RawValue>,
}

/// The lines of one request so far.
#[derive(Default)]
pub(super) struct Lines {
    rest: Vec<u8>,
    /// The line is too long: the rest of it is not kept.
    is_skipping: bool,
    pub(super) taken: usize,
    pub(super) refused: usize,
}

/// The name of a client in a path, if it can be one.
pub(super) fn id(path: &str) -> Option<&str> {
    let id = path.strip_prefix("/clients/")?.strip_suffix("/events")?;
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    (!id.is_empty() && id.len() <= MAX_ID && id.bytes().all(is_plain)).then_some(id)
}

/// Reads a body to its end, and adds its lines to the feed as they come.
pub(super) async fn take(feed: &Feed, id: &str, mut body: Incoming) -> Lines {
    let client = Arc::from(id);
    let mut lines = Lines::default();
    while let Some(frame) = body.frame().await {
        let Ok(frame) = frame else {
            // It was killed, most likely: its calls do not end any more.
            feed.add(&client, Kind::Gone, "true");
            return lines;
        };
        if let Ok(bytes) = frame.into_data() {
            lines.add(&bytes, |kind, json| feed.add(&client, kind, json));
        }
    }
    lines.end(|kind, json| feed.add(&client, kind, json));
    lines
}

impl Lines {
    fn add(&mut self, bytes: &[u8], mut found: impl FnMut(Kind, &str)) {
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            if self.rest.len() + piece.len() > MAX_LINE {
                self.is_skipping = true;
            }
            if !self.is_skipping {
                self.rest.extend_from_slice(piece);
            }
            if piece.ends_with(b"\n") {
                self.end(&mut found);
            }
        }
    }

    /// Takes the line that has come so far.
    fn end(&mut self, mut found: impl FnMut(Kind, &str)) {
        let line = std::mem::take(&mut self.rest);
        if std::mem::take(&mut self.is_skipping) {
            self.refused += 1;
            return;
        }
        match line.trim_ascii() {
            [] => {}
            line => match read(line) {
                Some((kind, json)) => {
                    self.taken += 1;
                    found(kind, &json);
                }
                None => self.refused += 1,
            },
        }
    }
}

/// What a line is, and its JSON on one line.
fn read(line: &[u8]) -> Option<(Kind, String)> {
    // serde would also take an array.
    let text = std::str::from_utf8(line).ok().filter(|text| text.starts_with('{'))?;
    let Line { client, event } = serde_json::from_str(text).ok()?;
    let (kind, json) = match (client, event) {
        (Some(about), None) => (Kind::About, about.get()),
        (None, Some(_)) => (Kind::Event, text),
        _ => return None,
    };
    let is_about = json.len() <= MAX_ABOUT && json.starts_with('{');
    // A carriage return between tokens would end a line of the page's stream.
    (kind == Kind::Event || is_about).then(|| (kind, json.replace('\r', " ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(pieces: &[&[u8]]) -> (Vec<String>, usize) {
        let (mut lines, mut found) = (Lines::default(), Vec::new());
        for piece in pieces {
            lines.add(piece, |_, json| found.push(json.to_owned()));
        }
        lines.end(|_, json| found.push(json.to_owned()));
        assert_eq!(lines.taken, found.len());
        (found, lines.refused)
    }

    #[test]
    fn lines_are_taken_in_any_pieces() {
        let text = b"{\"client\":{\"pid\":1}}\n\r\n{\"event\":\"start\",\r\"call\":\"1\"}\r\n\
            {\"event\":1}";
        let expected = [r#"{"pid":1}"#, r#"{"event":"start", "call":"1"}"#, r#"{"event":1}"#]
            .map(String::from);
        for size in 1..text.len() {
            let pieces: Vec<_> = text.chunks(size).collect();
            assert_eq!(lines(&pieces), (expected.to_vec(), 0), "{size}");
        }
    }

    #[test]
    fn lines_that_are_no_events_are_refused() {
        for line in [
            "[]",
            "{",
            "{}",
            "\"event\"",
            r#"["event"]"#,
            r#"{"event":"a","client":{}}"#,
            r#"{"client":1}"#,
            r#"{"event":1}{"event":2}"#,
        ] {
            assert_eq!(lines(&[line.as_bytes()]), (vec![], 1), "{line}");
        }
        assert_eq!(lines(&[b"{\"event\":\"\xff\"}"]), (vec![], 1));
        let long = vec![b' '; MAX_LINE + 1];
        assert_eq!(lines(&[&long, b"\n{\"event\":1}"]), (vec![r#"{"event":1}"#.to_owned()], 1));
    }

    #[test]
    fn a_client_has_a_plain_name() {
        assert_eq!(id("/clients/a-1.b_2/events"), Some("a-1.b_2"));
        let long = format!("/clients/{}/events", "x".repeat(MAX_ID + 1));
        for path in ["/clients//events", "/clients/a/b/events", "/clients/\"/events", "/a", &long] {
            assert_eq!(id(path), None, "{path}");
        }
    }
}
