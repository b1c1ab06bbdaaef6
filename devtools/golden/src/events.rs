//! Vectors of events: the head and the chunks that a call reports before its result.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use gadget_test_server::Server;
use serde::Deserialize;

use crate::case::{Case, Verdict};
use crate::compare::{same, same_json};
use crate::face::{Answer, Command, Event, Face};

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

/// What a face has reported of a call.
#[derive(Default)]
struct Reports {
    head: Option<String>,
    chunks: Option<Vec<u8>>,
}

impl Heard {
    pub(crate) fn run(&self, face: &mut Face, server: &Server) -> Result<Verdict, String> {
        if self.case.text_only && face.parses_options() {
            return Ok(Verdict::Skipped);
        }
        let sent_before = server.total();
        let options = self.case.options(server);
        let name = face.listen(&options, self.case.bytes()?.as_deref())?;
        let (reports, answer) = reports(face, &name)?;
        self.compare_heads(reports.head.as_deref(), face.parses_options())?;
        self.compare(reports.chunks, answer.json.starts_with(r#"{"errMsg""#))?;
        self.case.judge(&answer, face.parses_options(), server, sent_before)
    }

    /// `parsed`: the face's heads have passed through a JSON parser.
    fn compare_heads(&self, head: Option<&str>, parsed: bool) -> Result<(), String> {
        match (head, self.headers_json.as_deref()) {
            (Some(head), Some(expected)) if parsed => same_json("head", head, expected),
            (head, expected) => same("head", &format!("{head:?}"), &format!("{expected:?}")),
        }
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

/// Waits for the result of a call, and for the answer to a command after it: nothing may come in
/// between.
fn reports(face: &mut Face, name: &str) -> Result<(Reports, Answer), String> {
    let (mut reports, mut result) = (Reports::default(), None);
    loop {
        let event = face.next()?;
        let is_after = result.is_some();
        match event {
            Event::Counters(..) => {
                if let Some(answer) = result.take() {
                    return Ok((reports, answer));
                }
            }
            Event::Headers(of, _) | Event::Chunk(of, _) if of != name || is_after => {
                return Err(format!("an event of {of} comes after its result"));
            }
            Event::Headers(..) if reports.head.is_some() || reports.chunks.is_some() => {
                return Err("the head comes twice, or late".to_owned());
            }
            Event::Headers(_, json) => reports.head = Some(json),
            Event::Chunk(_, chunk) if chunk.is_empty() => {
                return Err("a chunk is empty".to_owned());
            }
            Event::Chunk(_, chunk) => {
                reports.chunks.get_or_insert_default().extend_from_slice(&chunk);
            }
            Event::Result(of, answer) if of == name => {
                result = Some(answer);
                face.send(&Command::Counters)?;
            }
            // Left over from a failed case.
            Event::Result(..) | Event::Cookies(_) => {}
        }
    }
}
