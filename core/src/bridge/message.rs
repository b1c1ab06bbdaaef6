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
    /// It asks for the next event of a call.
    Next(u64),
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
    next: Option<u64>,
    call: Option<u64>,
    #[serde(borrow)]
    options: Option<&'m RawValue>,
    #[serde(borrow)]
    base64: Option<&'m RawValue>,
}

/// The begin of a message, as the script writes it.
pub(super) enum Head {
    Hello,
    Other(Option<u64>),
}

impl Body {
    /// The id of the call that it is, or that it aborts.
    pub(super) fn id(&self) -> Option<u64> {
        match self {
            Self::Call(id, _) | Self::Abort(id) => Some(*id),
            Self::Hello | Self::Bye | Self::Next(_) => None,
        }
    }
}

impl Options {
    pub(super) fn into_request(self) -> RequestOptions {
        RequestOptions::from_json(self.json, self.bytes)
    }
}

/// Reads the begin of a message of any length.
pub(super) fn head(message: &[u8]) -> Option<(Page, Head)> {
    let text = if message.first() == Some(&0) { message.get(FRAME_HEAD..)? } else { message };
    let (page, rest) = text.strip_prefix(br#"{"page":""#)?.split_at_checked(32)?;
    let page = self::page(str::from_utf8(page).ok()?)?;
    let rest = rest.strip_prefix(br#"","#)?;
    if rest.starts_with(br#""hello":true"#) {
        return Some((page, Head::Hello));
    }
    let id = rest.strip_prefix(br#""call":"#).or_else(|| rest.strip_prefix(br#""abort":"#));
    let id = id.and_then(|id| {
        let end = id.iter().position(|byte| !byte.is_ascii_digit())?;
        str::from_utf8(&id[..end]).ok()?.parse().ok()
    });
    Some((page, Head::Other(id)))
}

/// A part of a message, in memory of its own if it would keep much more alive than itself.
fn part(message: &Bytes, part: &[u8]) -> Bytes {
    match part.len() < message.len() / 2 {
        true => Bytes::copy_from_slice(part),
        false => message.slice_ref(part),
    }
}

impl Message {
    /// Reads a message.
    pub(super) fn parse(message: &Bytes) -> Option<Self> {
        let (text, bytes) = split(message)?;
        if text.first() != Some(&b'{') {
            return None; // serde would take an array as well
        }
        let members: Members<'_> = serde_json::from_slice(&text).ok()?;
        let page = page(members.page)?;
        let body = match (members.call, members.abort, members.next) {
            (Some(id), None, None) => Body::Call(id, options(&text, &members, bytes)),
            (None, Some(id), None) => Body::Abort(id),
            (None, None, Some(id)) => Body::Next(id),
            (None, None, None) if members.hello => Body::Hello,
            (None, None, None) if members.bye => Body::Bye,
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
    Some((part(message, text), Some(part(message, bytes))))
}

fn page(text: &str) -> Option<Page> {
    let is_hex = text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_hex.then(|| u128::from_str_radix(text, 16).ok()).flatten().map(Page)
}

fn options(text: &Bytes, members: &Members<'_>, bytes: Option<Bytes>) -> Options {
    let none = Options { json: Bytes::new(), bytes: None };
    let Some(json) = members.options.map(|json| part(text, json.get().as_bytes())) else {
        return none;
    };
    let Some(quoted) = members.base64 else { return Options { json, bytes } };
    let encoded = quoted.get().strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    match encoded.and_then(|encoded| STANDARD.decode(encoded).ok()) {
        Some(bytes) => Options { json, bytes: Some(bytes.into()) },
        None => none,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = r#"{"page":"0123456789abcdef0123456789abcdef","#;

    #[test]
    fn a_small_call_does_not_keep_the_memory_of_a_large_message() {
        let junk = "x".repeat(1 << 20);
        let text = format!(r#"{PAGE}"call":1,"options":{{"url":"u"}},"junk":"{junk}"}}"#);
        let length = u32::try_from(text.len()).unwrap().to_be_bytes();
        let frame = [&length[..], text.as_bytes(), b"body"].concat();
        for message in [Bytes::from(text), Bytes::from(frame)] {
            let memory = message.as_ptr_range();
            let Some(Message { body: Body::Call(1, options), .. }) = Message::parse(&message)
            else {
                panic!("a call was expected");
            };
            assert_eq!(options.json, r#"{"url":"u"}"#);
            assert!(!memory.contains(&options.json.as_ptr()));
            assert!(options.bytes.is_none_or(|bytes| !memory.contains(&bytes.as_ptr())));
        }
    }

    #[test]
    fn the_begin_of_a_message_says_whose_it_is_and_which_call_is_meant() {
        let id = |rest: &str| match head(format!("{PAGE}{rest}").as_bytes()) {
            Some((_, Head::Other(id))) => id,
            _ => panic!("{rest}"),
        };
        assert_eq!(id(r#""call":12,"options":[[["#), Some(12));
        assert_eq!(id(r#""abort":3}"#), Some(3));
        assert_eq!(id(r#""call":12"#), None);
        assert_eq!(id(r#""call":99999999999999999999,"#), None);
        assert_eq!(id(r#""bye":true}"#), None);
        assert!(matches!(
            head(format!(r#"{PAGE}"hello":true}}"#).as_bytes()),
            Some((_, Head::Hello))
        ));
        for wrong in ["", "\0", "{", r#"{"page":"0123","#, "\0\0\0\u{1}{"] {
            assert!(head(wrong.as_bytes()).is_none(), "{wrong:?}");
        }
    }
}
