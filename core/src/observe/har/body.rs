//! A body as a HAR shows it: its begin, as text or in Base64.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// The begin of a body.
#[derive(Default)]
pub(super) struct Kept {
    bytes: Vec<u8>,
    /// How many bytes the body has.
    pub(super) whole: u64,
}

impl Kept {
    /// Copies the begin: the bytes may be a part of something larger.
    pub(super) fn new(body: &[u8], max: usize) -> Self {
        let bytes = body[..body.len().min(max)].to_vec();
        Self { bytes, whole: body.len() as u64 }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// A note that a part is missing.
    pub(super) fn comment(&self) -> Option<String> {
        let kept = self.bytes.len();
        (self.whole > kept as u64).then(|| format!("the first {kept} of {} bytes", self.whole))
    }

    /// The text, and `base64` if it is not the bytes as UTF-8.
    pub(super) fn text(&self) -> (Cow<'_, str>, Option<&'static str>) {
        let text = match std::str::from_utf8(&self.bytes) {
            Ok(text) => Some(text),
            // The cut may be within a character.
            Err(error) if error.error_len().is_none() && self.comment().is_some() => {
                std::str::from_utf8(&self.bytes[..error.valid_up_to()]).ok()
            }
            Err(_) => None,
        };
        match text {
            Some(text) => (text.into(), None),
            None => (STANDARD.encode(&self.bytes).into(), Some("base64")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_stays_text_also_if_a_character_is_cut_and_other_bytes_are_base64() {
        for (body, max, text, encoding, is_cut) in [
            (&b"hello"[..], 9, "hello", None, false),
            (b"hello", 3, "hel", None, true),
            ("a\u{4e2d}".as_bytes(), 3, "a", None, true),
            (b"\xff\x00", 9, "/wA=", Some("base64"), false),
            (b"a\xe4", 9, "YeQ=", Some("base64"), false),
            (b"", 9, "", None, false),
        ] {
            let kept = Kept::new(body, max);
            assert_eq!(kept.text(), (text.into(), encoding));
            assert_eq!(kept.comment().is_some(), is_cut);
        }
    }
}
