//! A body as text: decodes its charset, checks it for JSON, and writes it into the result.
//!
//! If the body is UTF-8, the text is the body's own bytes. If not, it is decoded piece by piece
//! each time it is needed, so that no second copy takes memory.

use std::fmt;
use std::io;
use std::ops::Range;
use std::sync::OnceLock;

use bytes::Bytes;
use bytestring::ByteString;
use encoding_rs::{CoderResult, Decoder, Encoding, UTF_8};
use serde::de::IgnoredAny;
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

use crate::error::Error;

/// How many bytes of text are decoded at a time.
const PIECE: usize = 8 << 10;

/// The quotation marks of a JSON string.
const QUOTES: usize = 2;

/// The most bytes of JSON for one byte of a body: a control character. A byte that is not valid in
/// its charset becomes three.
const MOST_WRITTEN: usize = 6;

/// A body as text, and the JSON value in it.
#[derive(Clone, Debug)]
pub(crate) struct Text {
    /// The body without its BOM.
    bytes: Bytes,
    encoding: &'static Encoding,
    /// The whole text. Set from the start if the body is UTF-8, else when it is first asked for.
    whole: OnceLock<ByteString>,
    /// The range of the JSON value in the text, without the white space around it.
    value: Option<Range<usize>>,
}

impl Text {
    /// Makes a text of a body in this charset. A byte order mark overrides the charset (Encoding
    /// Standard). Decoding never fails.
    pub(crate) fn new(body: &Bytes, charset: &'static Encoding) -> Self {
        let (encoding, bom) = Encoding::for_bom(body).unwrap_or((charset, 0));
        let bytes = body.slice(bom..);
        let whole = OnceLock::new();
        if let Some(shared) = shared(&bytes, encoding) {
            let _ = whole.set(shared);
        }
        Self { bytes, encoding, whole, value: None }
    }

    /// Looks for JSON if `parse_json`, and checks the size that the text has in the result.
    ///
    /// # Errors
    ///
    /// [`Error::BodyTooLarge`] if it has more than `limit` bytes as text, or as a JSON string.
    pub(crate) fn examine(mut self, parse_json: bool, limit: usize) -> Result<Self, Error> {
        if self.whole.get().is_some_and(|whole| whole.len() > limit) {
            return Err(Error::BodyTooLarge);
        }
        self.value = parse_json.then(|| self.find_value(limit)).flatten();
        // Counted only if it can be over the limit.
        // One more, because the last character may be cut.
        let at_most = (self.bytes.len() + 1).saturating_mul(MOST_WRITTEN);
        if at_most > limit && self.written() > limit.saturating_add(QUOTES) {
            return Err(Error::BodyTooLarge);
        }
        Ok(self)
    }

    /// Returns the whole text, and keeps it.
    pub(crate) fn whole(&self) -> &ByteString {
        self.whole.get_or_init(|| {
            let (text, _) = self.encoding.decode_without_bom_handling(&self.bytes);
            text.into_owned().into()
        })
    }

    /// Returns the one JSON value that the text is, if it is one.
    pub(crate) fn value(&self) -> Option<&str> {
        self.value.clone().map(|value| &self.whole()[value])
    }

    /// Returns how many bytes [`write`](Self::write) writes.
    pub(crate) fn written(&self) -> usize {
        if let Some(value) = &self.value {
            return value.len();
        }
        let mut count = Count(0);
        serde_json::to_writer(&mut count, self).expect("a count takes everything");
        count.0
    }

    /// Appends the `data` of the result's JSON: the value exactly as sent, or the text as a string.
    pub(crate) fn write(&self, json: &mut Vec<u8>) {
        let Some(value) = &self.value else {
            return serde_json::to_writer(json, self).expect("memory takes everything");
        };
        let mut at = 0;
        let _ = self.try_each(|piece| {
            let within = |position: usize| position.clamp(at, at + piece.len()) - at;
            json.extend_from_slice(&piece.as_bytes()[within(value.start)..within(value.end)]);
            at += piece.len();
            Ok(())
        });
    }

    fn find_value(&self, limit: usize) -> Option<Range<usize>> {
        let Some(whole) = self.whole.get() else {
            let mut reader = Reader::new(Pieces::new(self), limit);
            let is_json = serde_json::from_reader::<_, IgnoredAny>(&mut reader).is_ok();
            return is_json.then_some(reader.value);
        };
        let value: &RawValue = serde_json::from_str(whole).ok()?;
        let start = value.get().as_ptr().addr() - whole.as_ptr().addr();
        Some(start..start + value.get().len())
    }

    fn try_each(&self, mut take: impl FnMut(&str) -> fmt::Result) -> fmt::Result {
        if let Some(whole) = self.whole.get() {
            return take(whole);
        }
        let mut pieces = Pieces::new(self);
        while pieces.advance() {
            take(pieces.piece())?;
        }
        Ok(())
    }
}

/// Returns the body's own bytes if they are the text.
fn shared(bytes: &Bytes, encoding: &'static Encoding) -> Option<ByteString> {
    let is_text = encoding == UTF_8 || encoding.is_ascii_compatible() && bytes.is_ascii();
    is_text.then(|| ByteString::try_from(bytes.clone()).ok()).flatten()
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.try_each(|piece| f.write_str(piece))
    }
}

impl Serialize for Text {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Decodes a text piece by piece.
struct Pieces<'t> {
    left: &'t [u8],
    decoder: Decoder,
    room: String,
    length: usize,
    is_over: bool,
}

impl<'t> Pieces<'t> {
    fn new(text: &'t Text) -> Self {
        Self {
            left: &text.bytes,
            decoder: text.encoding.new_decoder_without_bom_handling(),
            room: "\0".repeat(PIECE),
            length: 0,
            is_over: false,
        }
    }

    /// Goes to the next piece. Returns false at the end.
    fn advance(&mut self) -> bool {
        self.length = 0;
        while self.length == 0 && !self.is_over {
            let (result, read, written, _) =
                self.decoder.decode_to_str(self.left, &mut self.room, true);
            self.left = &self.left[read..];
            self.length = written;
            self.is_over = result == CoderResult::InputEmpty;
        }
        self.length > 0
    }

    fn piece(&self) -> &str {
        &self.room[..self.length]
    }
}

/// Feeds a text to the JSON parser, and notes the place of the value.
struct Reader<'t> {
    pieces: Pieces<'t>,
    /// How much of the piece the parser has read.
    read: usize,
    /// The piece's end in the text.
    end: usize,
    value: Range<usize>,
    limit: usize,
}

impl<'t> Reader<'t> {
    fn new(pieces: Pieces<'t>, limit: usize) -> Self {
        Self { pieces, read: 0, end: 0, value: 0..0, limit }
    }

    /// Goes to the next piece. A text over the limit ends early, because it fails anyway.
    fn advance(&mut self) -> io::Result<()> {
        if !self.pieces.advance() {
            self.read = 0;
            return Ok(());
        }
        let (piece, start) = (self.pieces.piece().as_bytes(), self.end);
        let is_value = |byte: &u8| !b" \t\n\r".contains(byte);
        if self.value.is_empty() {
            let first = piece.iter().position(is_value);
            self.value = first.map_or(0..0, |first| start + first..start + first + 1);
        }
        if let Some(last) = piece.iter().rposition(is_value) {
            self.value.end = start + last + 1;
        }
        (self.read, self.end) = (0, start + piece.len());
        if self.end > self.limit { Err(io::ErrorKind::FileTooLarge.into()) } else { Ok(()) }
    }
}

impl io::Read for Reader<'_> {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        if self.read == self.pieces.length {
            self.advance()?;
        }
        let piece = &self.pieces.piece().as_bytes()[self.read..];
        let length = piece.len().min(room.len());
        room[..length].copy_from_slice(&piece[..length]);
        self.read += length;
        Ok(length)
    }
}

/// Discards everything, and counts it.
struct Count(usize);

impl io::Write for Count {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NO_LIMIT: usize = usize::MAX;

    fn text(body: &[u8], charset: &str) -> Text {
        let charset = Encoding::for_label(charset.as_bytes()).expect("a charset");
        Text::new(&Bytes::copy_from_slice(body), charset)
    }

    fn utf16(text: &str) -> Vec<u8> {
        text.encode_utf16().flat_map(u16::to_le_bytes).collect()
    }

    /// Writes a text. Checks its announced length, and that the text was not copied.
    fn written(text: Text) -> String {
        let is_shared = text.whole.get().is_some();
        let text = text.examine(true, NO_LIMIT).unwrap();
        let mut json = Vec::new();
        text.write(&mut json);
        assert_eq!(json.len(), text.written());
        assert_eq!(text.whole.get().is_some(), is_shared);
        String::from_utf8(json).unwrap()
    }

    #[test]
    fn pieces_decode_like_the_whole_wherever_they_end() {
        let long = "中é😀\u{0}\"\\\n x".repeat(3000);
        for (body, charset) in [
            (utf16(&long), "utf-16le"),
            (encoding_rs::GB18030.encode(&long).0.into_owned(), "gb18030"),
            ([long.as_bytes(), b"\xff"].concat(), "utf-8"),
            (b"\xe9\x81\0\"".repeat(5000), "latin1"),
            (b"\xe9\x81\0\"".repeat(5000), "x-user-defined"),
            (b"\x1b$B".repeat(5000), "iso-2022-jp"),
            (b"anything".to_vec(), "iso-2022-kr"), // the standard replaces it
            (b"\xff".to_vec(), "utf-16le"),
            (b"".to_vec(), "utf-16le"),
            (b"plain".to_vec(), "gbk"),
        ] {
            let whole = text(&body, charset).whole().clone();
            let expected = serde_json::to_string(&*whole).unwrap();
            assert_eq!(written(text(&body, charset)), expected, "{charset}");
        }
    }

    #[test]
    fn json_is_found_and_written_exactly_as_sent_in_any_charset() {
        let value = format!("[ \"{}\",\t1e999, \"\\ud800\" ]", "中".repeat(10_000));
        for around in ["", " ", "\r\n\t ".repeat(5000).as_str()] {
            let json = format!("{around}{value}{around}");
            for (body, charset) in [
                (json.as_bytes().to_vec(), "utf-8"),
                (utf16(&json), "utf-16le"),
                (encoding_rs::GBK.encode(&json).0.into_owned(), "gbk"),
            ] {
                assert_eq!(written(text(&body, charset)), value, "{charset}");
                let examined = text(&body, charset).examine(true, NO_LIMIT).unwrap();
                assert_eq!(examined.value(), Some(&*value));
                assert_eq!(examined.whole(), &*json);
                let unparsed = text(&body, charset).examine(false, NO_LIMIT).unwrap();
                assert_eq!(unparsed.value(), None);
            }
        }
        for no_json in ["", " ", "[", "[1]x", "\u{a0}1", "01"] {
            let examined = text(&utf16(no_json), "utf-16le").examine(true, NO_LIMIT).unwrap();
            assert_eq!(examined.value(), None, "{no_json:?}");
        }
    }

    #[test]
    fn the_limit_holds_for_the_text_and_for_its_escaped_form() {
        let examine = |body: &[u8], charset, limit| {
            text(body, charset).examine(true, limit).map(|text| text.written())
        };
        for (body, charset, length) in [
            (&b"\0\0"[..], "utf-8", 12),
            (b"\0", "iso-2022-jp", 6),
            (b"\0\xd6", "gbk", 9),
            (b"x\"", "utf-8", 3),
            (b"\xff", "utf-8", 3),
            (b"\xe9", "latin1", 2),
            (b"\0\0\0\0", "utf-16le", 12),
        ] {
            assert_eq!(examine(body, charset, length), Ok(length + QUOTES), "{body:?}");
            assert_eq!(examine(body, charset, length - 1), Err(Error::BodyTooLarge), "{body:?}");
        }
        // JSON is written exactly as sent; the white space around it belongs to a text only.
        for (body, charset) in
            [(b"[\"\\u0000\"]  ".to_vec(), "utf-8"), (utf16("[\"\\u0000\"]  "), "utf-16le")]
        {
            assert_eq!(examine(&body, charset, 12), Ok(10));
            assert_eq!(examine(&body, charset, 11), Err(Error::BodyTooLarge));
        }
    }

    #[test]
    fn a_body_in_utf8_is_shared() {
        let body = Bytes::from_static(b"\xef\xbb\xbf[\"\xc3\xa9\"]");
        let text = Text::new(&body, UTF_8);
        assert_eq!(text.whole().as_ptr(), body[3..].as_ptr());
    }
}
