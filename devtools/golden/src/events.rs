//! Vectors of events: the head and the chunks that a call reports before its result.

use std::sync::mpsc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use gadget_request::{Client, ClientConfig, Demand, EventListener, RequestOptions, ResponseHead};
use gadget_test_server::Server;
use serde::Deserialize;

use crate::case::{Case, Verdict};
use crate::compare::same;
use crate::face::{Answer, Face, PATIENCE};

/// A call with a listener.
#[derive(Deserialize)]
pub(crate) struct Heard {
    #[serde(flatten)]
    pub(crate) case: Case,
    /// The head, to the letter; absent if none must come.
    headers_json: Option<String>,
    /// All chunks together; absent if none must come. If the call fails, what came is a begin of
    /// it.
    chunks_base64: Option<String>,
}

enum Event {
    Headers(String),
    Chunk(Bytes),
    Result(Answer),
}

struct Listener(mpsc::Sender<Event>);

impl EventListener for Listener {
    fn on_headers(&mut self, head: &ResponseHead) {
        let _ = self.0.send(Event::Headers(head.json())); // it fails if the judge has given up
    }

    fn on_chunk(&mut self, chunk: Bytes) -> Demand {
        let _ = self.0.send(Event::Chunk(chunk));
        Demand::More
    }
}

impl Heard {
    /// Runs the call through the engine itself; no other face reports events to the judge yet.
    pub(crate) fn run(
        &self,
        config: &str,
        face: &Face,
        server: &Server,
    ) -> Result<Verdict, String> {
        if !face.is_rust() {
            return Ok(Verdict::Skipped);
        }
        let sent_before = server.total();
        let config = ClientConfig::from_json(config).map_err(|error| error.to_string())?;
        let client = Client::new(config);
        let (sender, events) = mpsc::channel();
        let bytes = self.case.bytes()?.map(Bytes::from);
        let options = RequestOptions::from_json(self.case.options(server), bytes);
        let listener = Listener(sender.clone());
        client.start_with_events(options, listener, move |outcome| {
            let json = outcome.json().to_owned();
            let array_buffer = outcome.array_buffer().map(|bytes| bytes.to_vec());
            let _ = sender.send(Event::Result(Answer { json, array_buffer }));
        });
        let (mut head, mut chunks) = (None, None::<Vec<u8>>);
        let answer = loop {
            match events.recv_timeout(PATIENCE).map_err(|error| error.to_string())? {
                Event::Headers(_) if head.is_some() || chunks.is_some() => {
                    return Err("the head comes twice, or late".to_owned());
                }
                Event::Headers(json) => head = Some(json),
                Event::Chunk(chunk) => chunks.get_or_insert_default().extend_from_slice(&chunk),
                Event::Result(answer) => break answer,
            }
        };
        if events.recv().is_ok() {
            return Err("an event comes after the result".to_owned());
        }
        same("head", &format!("{head:?}"), &format!("{:?}", self.headers_json))?;
        self.compare(chunks, answer.json.starts_with(r#"{"errMsg""#))?;
        self.case.judge(&answer, face.parses_options(), server, sent_before)
    }

    fn compare(&self, chunks: Option<Vec<u8>>, is_fail: bool) -> Result<(), String> {
        let all = self.chunks_base64.as_ref().map(|all| STANDARD.decode(all)).transpose();
        let all = all.map_err(|error| format!("chunks_base64: {error}"))?;
        let is_begin = all
            .as_ref()
            .is_some_and(|all| chunks.as_ref().is_none_or(|chunks| all.starts_with(chunks)));
        if is_fail && is_begin {
            return Ok(());
        }
        let shown = |bytes: Option<Vec<u8>>| format!("{:?}", bytes.map(|it| STANDARD.encode(it)));
        same("chunks", &shown(chunks), &shown(all))
    }
}
