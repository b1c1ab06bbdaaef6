//! What goes back to a page's script.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde_json::to_string as quoted;

use crate::bridge::documents::Page;
use crate::bridge::events::Event;
use crate::bridge::message::FRAME_HEAD;
use crate::bridge::origins::Refusal;
use crate::bridge::settings::BridgeConfig;
use crate::error::Error;
use crate::outcome::Outcome;
use crate::trace::Trace;

/// A reply, in the form in which the host app hands it to the page's script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BridgeReply {
    /// Text, as a string.
    Text(String),
    /// Bytes, as an ArrayBuffer. Only if the settings say that the channel carries bytes.
    Bytes(Bytes),
}

/// The result of a call.
pub(super) fn result(
    page: &Page,
    id: u64,
    outcome: &Outcome,
    config: &BridgeConfig,
) -> BridgeReply {
    let (json, bytes) = (outcome.json(), outcome.array_buffer().map_or(0, Bytes::len));
    let length = json.len() + if config.bytes { bytes } else { bytes.div_ceil(3) * 4 };
    if config.limit.is_some_and(|limit| length > limit) {
        return failed_as(page, id, Outcome::new(*outcome.trace(), Err(Error::BodyTooLarge)));
    }
    match outcome.array_buffer() {
        None => BridgeReply::Text(format!("{}{json}}}", head(page, id))),
        Some(bytes) if config.bytes => {
            let text = format!("{}{json}}}", head(page, id));
            frame(&text, bytes)
        }
        Some(bytes) => {
            let mut text = String::with_capacity(length + 128);
            text.push_str(&head(page, id));
            text.push_str(json);
            text.push_str(r#","base64":""#);
            STANDARD.encode_string(bytes, &mut text);
            text.push_str("\"}");
            BridgeReply::Text(text)
        }
    }
}

/// What an event has beside its head or its bytes, at most.
const AROUND: usize = 128;

/// The most bytes of a chunk in one reply.
pub(super) fn most_of_chunk(config: &BridgeConfig) -> usize {
    let room = config.limit.unwrap_or(usize::MAX).saturating_sub(AROUND);
    if config.bytes { room.max(1) } else { (room / 4 * 3).max(1) }
}

/// An event of a call; nothing if it is over the limit.
pub(super) fn event(
    page: &Page,
    id: u64,
    event: &Event,
    config: &BridgeConfig,
) -> Option<BridgeReply> {
    let start = format!(r#"{{"id":{id},"page":"{page}","#);
    match event {
        Event::Headers(head) => {
            let fits = config.limit.is_none_or(|limit| head.len() + AROUND <= limit);
            fits.then(|| BridgeReply::Text(format!(r#"{start}"headers":{head}}}"#)))
        }
        Event::Chunk(chunk) if config.bytes => {
            Some(frame(&format!(r#"{start}"chunk":true}}"#), chunk))
        }
        Event::Chunk(chunk) => {
            let mut text = format!(r#"{start}"chunk":true,"base64":""#);
            STANDARD.encode_string(chunk, &mut text);
            text.push_str("\"}");
            Some(BridgeReply::Text(text))
        }
    }
}

/// The result of a call that never reached the client.
pub(super) fn failed(page: &Page, id: u64, error: Error) -> BridgeReply {
    failed_as(page, id, Outcome::new(Trace::new(), Err(error)))
}

fn failed_as(page: &Page, id: u64, outcome: Outcome) -> BridgeReply {
    BridgeReply::Text(format!("{}{}}}", head(page, id), outcome.json()))
}

/// The result of a call, or of an abort, of a document that is not known to be alive. The script
/// says hello again: the document may have come back from the cache without the script's notice.
pub(super) fn unknown(page: &Page, id: u64) -> BridgeReply {
    let outcome = Outcome::new(Trace::new(), Err(Error::Aborted));
    BridgeReply::Text(format!(r#"{}{},"unknown":true}}"#, head(page, id), outcome.json()))
}

/// What a document hears that may not use the API; its calls fail with 103.
pub(super) fn refused(page: &Page, id: Option<u64>, refusal: Refusal) -> BridgeReply {
    let reason = quoted(refusal.reason()).expect("a string always prints");
    let Some(id) = id else {
        return BridgeReply::Text(format!(r#"{{"page":"{page}","refused":{reason}}}"#));
    };
    let outcome = Outcome::new(Trace::new(), Err(Error::NotSupported));
    let head = head(page, id);
    BridgeReply::Text(format!(r#"{head}{},"refused":{reason}}}"#, outcome.json()))
}

fn head(page: &Page, id: u64) -> String {
    format!(r#"{{"id":{id},"page":"{page}","result":"#)
}

/// The length of the text, the text, the bytes.
fn frame(text: &str, bytes: &[u8]) -> BridgeReply {
    let length = u32::try_from(text.len()).expect("a head has less than 16 MiB");
    let mut frame = Vec::with_capacity(FRAME_HEAD + text.len() + bytes.len());
    frame.extend_from_slice(&length.to_be_bytes());
    frame.extend_from_slice(text.as_bytes());
    frame.extend_from_slice(bytes);
    BridgeReply::Bytes(frame.into())
}
