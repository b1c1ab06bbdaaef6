//! How bodies, streams and connections of HTTP/2 end, frame by frame.

#[path = "support/frames.rs"]
mod frames;
mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;

use gadget_request::{Client, Error, RequestOptions};
use gadget_test_server::{Server, frame};
use serde_json::json;

use frames::{DATA, END_HEADERS, END_STREAM, FLOODS, HEADERS, flood, go_away, head, ok, reset};

/// NO_ERROR to HTTP_1_1_REQUIRED (RFC 9113 section 7), and an unknown one.
const CODES: [u32; 15] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 0x7777];

fn client_and_origin(server: &Server) -> (Client, String) {
    let port = server.https_port();
    let settings =
        json!({ "resolve": [format!("frames.test:{port}:127.0.0.1")], "timeout_ms": 9000 });
    (support::client_with(server, settings), format!("https://frames.test:{port}"))
}

/// A response: its announced length, its data, and whether it ends before it is reset with a code.
#[derive(Clone, Copy, Debug)]
struct Case {
    length: Option<&'static str>,
    data: Option<&'static str>,
    ends: bool,
    code: Option<u32>,
}

impl Case {
    fn frames(&self, stream: u32) -> Vec<u8> {
        let end = |is_last: bool| if is_last && self.ends { END_STREAM } else { 0 };
        let head_flags = END_HEADERS | end(self.data.is_none());
        let mut frames = frame(HEADERS, head_flags, stream, &head(self.length));
        if let Some(data) = self.data {
            frames.extend(frame(DATA, end(true), stream, data.as_bytes()));
        }
        if let Some(code) = self.code {
            frames.extend(reset(stream, code));
        }
        frames
    }

    /// The body, if it is complete.
    fn body(&self) -> Result<&'static str, Error> {
        let data = self.data.unwrap_or_default();
        let is_long_enough = self.length.is_none_or(|length| length == data.len().to_string());
        match self.data {
            _ if self.ends && is_long_enough => Ok(data),
            // The head announces data and ends the stream: h2 does not report this.
            None if self.ends => Err(Error::ProtocolError),
            _ => Err(Error::BodyCutShort),
        }
    }
}

#[test]
fn a_body_over_http2_is_whole_with_its_end_and_its_length_whatever_code_a_reset_carries() {
    let server = support::server();
    for length in [None, Some("4"), Some("10"), Some("0")] {
        for data in [None, Some("[1,2")] {
            for (ends, code) in [(true, None)]
                .into_iter()
                .chain(CODES.iter().flat_map(|code| [(true, Some(*code)), (false, Some(*code))]))
            {
                let case = Case { length, data, ends, code };
                server.answer_in_frames(move |_, stream| case.frames(stream));
                // Some codes end the connection too.
                let (client, origin) = client_and_origin(&server);
                let outcome = support::get(&client, &origin).into_result();
                let text = outcome.map(|response| response.text().to_string());
                let expected = case.body().map(str::to_owned);
                assert_eq!(text, expected, "{case:?}");
            }
        }
    }
}

#[test]
fn a_request_that_a_server_with_goaway_never_processed_is_sent_again_whatever_the_method() {
    let server = support::server();
    let processed = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&processed);
    server.answer_in_frames(move |number, stream| {
        if number > 3 {
            return Vec::new(); // the server said that it does not process this stream
        }
        counted.fetch_add(1, Ordering::SeqCst);
        let goes = if number == 3 { go_away(stream) } else { Vec::new() };
        [ok(stream), goes].concat()
    });
    for method in ["GET", "POST"] {
        let (client, origin) = client_and_origin(&server);
        processed.store(0, Ordering::SeqCst);
        let (sender, outcomes) = mpsc::channel();
        for _ in 0..40 {
            let sender = sender.clone();
            let options = RequestOptions::new(origin.clone()).method(method);
            client.start(options, move |outcome| sender.send(outcome).unwrap());
        }
        for outcome in outcomes.iter().take(40) {
            assert_eq!(outcome.err_msg(), "request:ok", "{method}");
        }
        assert_eq!(processed.load(Ordering::SeqCst), 40, "each was processed once");
    }
}

#[test]
fn a_refused_stream_is_sent_eight_times_again_and_no_more() {
    let server = support::server();
    for (refusals, succeeds) in [(8, true), (9, false)] {
        let seen = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&seen);
        server.answer_in_frames(move |_, stream| {
            if counted.fetch_add(1, Ordering::SeqCst) < refusals {
                return reset(stream, 7);
            }
            frame(HEADERS, END_HEADERS | END_STREAM, stream, &head(None))
        });
        let (client, origin) = client_and_origin(&server);
        let outcome =
            pollster::block_on(client.request(RequestOptions::new(origin).method("POST")));
        assert_eq!(outcome.result().is_ok(), succeeds, "{}", outcome.json());
        assert_eq!(seen.load(Ordering::SeqCst), 9);
    }
}

#[test]
fn a_flood_of_frames_ends_with_its_call_and_holds_up_no_other() {
    let server = support::server();
    let other = support::client(&server);
    for kind in 0..FLOODS {
        server
            .answer_in_frames(move |_, stream| [flood(kind, stream, 100_000), ok(stream)].concat());
        let (client, origin) = client_and_origin(&server);
        let (sender, outcomes) = mpsc::channel();
        for _ in 0..4 {
            let sender = sender.clone();
            let options = RequestOptions::new(origin.clone());
            client.start(options, move |outcome| sender.send(outcome).unwrap());
        }
        for _ in 0..20 {
            assert_eq!(support::get_ok(&other, &server.http()).status(), 200, "flood {kind}");
        }
        for outcome in outcomes.iter().take(4) {
            // When the stream has ended, its response counts, unless it breaks the protocol.
            let is_breach = matches!(kind, 4..=6);
            assert!(outcome.result().is_ok() || is_breach, "flood {kind}: {}", outcome.json());
        }
    }
}
