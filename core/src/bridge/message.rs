//! What a page may send: an object of JSON, or a frame of it with bytes behind.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::bridge::documents::Page;
use crate::options::RequestOptions;

/// Bytes at the start of a frame: the length of its text, big-endian. A text is shorter than 16
/// MiB, so that the first of them is 0, and never the brace that a message without bytes begins
/// with.
pub(super) const FRAME_HEAD: usize = 4;

/// A message, with the document that says it sent it.
pub(super) struct Message {
    pub(super) page: Page,
    pub(super) body: Body,
}

pub(super) enum Body {
    /// The document begins.
    Hello,
    /// The document ends.
    Bye,
    Abort(u64),
    Call(u64, Options),
}

/// The options of a call, not yet looked at.
pub(super) struct Options {
    /// Empty if they have no text.
    json: Bytes,
    bytes: Option<Bytes>,
}

#[derive(Deserialize)]
struct Members<'m> {
    #[serde(borrow)]
    page: &'m str,
    #[serde(default)]
    hello: bool,
    #[serde(default)]
    bye: bool,
    abort: Option<u64>,
    call: Option<u64>,
    #[serde(borrow)]
    options: Option<&'m RawValue>,
    #[serde(borrow)]
    base64: Option<&'m RawValue>,
}

impl Body {
    /// The id of the call that it is, or that it is about.
    pub(super) fn id(&self) -> Option<u64> {
        match self {
            Self::Call(id, _) | Self::Abort(id) => Some(*id),
            Self::Hello | Self::Bye => None,
        }
    }
}

impl Options {
    pub(super) fn into_request(self) -> RequestOptions {
        RequestOptions::from_json(self.json, self.bytes)
    }
}

impl Message {
    /// Reads a message. Nothing of it is copied but what is base64.
    pub(super) fn parse(message: &Bytes) -> Option<Self> {
        let (text, bytes) = split(message)?;
        if text.first() != Some(&b'{') {
            return None; // serde would take an array as well
        }
        let members: Members<'_> = serde_json::from_slice(&text).ok()?;
        let page = page(members.page)?;
        let body = match (members.call, members.abort) {
            (Some(id), None) => Body::Call(id, options(&text, &members, bytes)),
            (None, Some(id)) => Body::Abort(id),
            (None, None) if members.hello => Body::Hello,
            (None, None) if members.bye => Body::Bye,
            _ => return None,
        };
        Some(Self { page, body })
    }
}

/// The text of a message, and the bytes behind it.
fn split(message: &Bytes) -> Option<(Bytes, Option<Bytes>)> {
    if message.first() != Some(&0) {
        return Some((message.clone(), None));
    }
    let (length, rest) = message.split_first_chunk::<FRAME_HEAD>()?;
    let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
    let (text, bytes) = rest.split_at_checked(length)?;
    Some((message.slice_ref(text), Some(message.slice_ref(bytes))))
}

fn page(text: &str) -> Option<Page> {
    let is_hex = text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_hex.then(|| u128::from_str_radix(text, 16).ok()).flatten().map(Page)
}

fn options(text: &Bytes, members: &Members<'_>, bytes: Option<Bytes>) -> Options {
    let none = Options { json: Bytes::new(), bytes: None };
    let Some(json) = members.options.map(|json| text.slice_ref(json.get().as_bytes())) else {
        return none;
    };
    let Some(quoted) = members.base64 else { return Options { json, bytes } };
    let encoded = quoted.get().strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    match encoded.and_then(|encoded| STANDARD.decode(encoded).ok()) {
        Some(bytes) => Options { json, bytes: Some(bytes.into()) },
        None => none,
    }
}
