//! Follows the frames of HTTP/2 in the bytes that pass (RFC 9113 section 4.1).

/// The length of a frame's header.
const FRAME_HEADER: usize = 9;

/// What a client sends before its first frame (RFC 9113 section 3.4).
const PREFACE: usize = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".len();

/// The types of frames that carry a request or a response: DATA, HEADERS and CONTINUATION.
pub(crate) const DATA: u8 = 0x0;
pub(crate) const HEADERS: u8 = 0x1;
pub(crate) const CONTINUATION: u8 = 0x9;

/// The type that begins the head of a request that the server has made up.
pub(crate) const PUSH_PROMISE: u8 = 0x5;

/// The flag of DATA and HEADERS: the stream ends with this frame, or, for HEADERS, with the
/// CONTINUATION frames that follow.
const END_STREAM: u8 = 0x1;

/// The flag of HEADERS and CONTINUATION: the head ends with this frame.
const END_HEADERS: u8 = 0x4;

/// Follows the frames of one direction, wherever their bytes are cut.
#[derive(Default)]
pub(crate) struct Frames {
    header: [u8; FRAME_HEADER],
    /// Bytes of the frame header that have arrived.
    filled: usize,
    /// Bytes of the frame that have not arrived yet.
    left: usize,
    /// The head that is passing ends its stream.
    head_ends_stream: bool,
    /// Bytes that come before the first frame.
    before: usize,
}

/// A part of a frame: its header, or some of what follows.
pub(crate) struct Part {
    pub(crate) kind: u8,
    pub(crate) stream: u32,
    pub(crate) bytes: usize,
    /// It is the header of its frame.
    pub(crate) is_header: bool,
    /// The last byte of this part is the last one of its stream.
    pub(crate) ends_stream: bool,
}

impl Frames {
    /// Follows what a client sends.
    pub(crate) fn of_client() -> Self {
        Self { before: PREFACE, ..Self::default() }
    }

    /// Follows these bytes, and passes on each part of a frame in them.
    pub(crate) fn follow(&mut self, mut bytes: &[u8], mut each: impl FnMut(Part)) {
        let before = self.before.min(bytes.len());
        self.before -= before;
        bytes = &bytes[before..];
        while !bytes.is_empty() {
            let payload = self.left.min(bytes.len());
            if payload > 0 {
                self.left -= payload;
                each(self.part(payload, false));
            }
            bytes = &bytes[payload..];
            let header = (FRAME_HEADER - self.filled).min(bytes.len());
            self.header[self.filled..self.filled + header].copy_from_slice(&bytes[..header]);
            self.filled += header;
            bytes = &bytes[header..];
            if self.filled == FRAME_HEADER {
                let [a, b, c, kind, flags, ..] = self.header;
                self.left = u32::from_be_bytes([0, a, b, c]) as usize;
                self.filled = 0;
                if kind == HEADERS {
                    self.head_ends_stream = flags & END_STREAM != 0;
                }
                each(self.part(FRAME_HEADER, true));
            }
        }
    }

    /// A part of the frame whose header came last.
    fn part(&self, bytes: usize, is_header: bool) -> Part {
        let [_, _, _, kind, flags, a, b, c, d] = self.header;
        let stream = u32::from_be_bytes([a, b, c, d]) & (u32::MAX >> 1);
        let is_last = match kind {
            DATA => flags & END_STREAM != 0,
            HEADERS | CONTINUATION => flags & END_HEADERS != 0 && self.head_ends_stream,
            _ => false,
        };
        Part { kind, stream, bytes, is_header, ends_stream: is_last && self.left == 0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(kind: u8, flags: u8, stream: u8, length: usize) -> Vec<u8> {
        let [_, a, b, c] = (length as u32).to_be_bytes();
        let mut frame = vec![a, b, c, kind, flags, 0, 0, 0, stream];
        frame.resize(FRAME_HEADER + length, 0x1); // a payload is never taken for a header
        frame
    }

    #[test]
    fn frames_are_followed_wherever_their_bytes_are_cut() {
        const SETTINGS: u8 = 0x4;
        let frames = [
            frame(SETTINGS, 0, 0, 18),
            frame(HEADERS, END_HEADERS, 1, 300),
            frame(HEADERS, END_STREAM, 3, 16384),
            frame(CONTINUATION, END_HEADERS, 3, 5),
            frame(DATA, 0, 1, 70_000),
            frame(DATA, END_STREAM, 1, 0),
            frame(PUSH_PROMISE, END_HEADERS, 1, 4),
        ];
        let mut bytes = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec();
        bytes.extend(frames.concat());
        for size in [1, 2, 7, 8, 9, 10, 100, 4096, bytes.len()] {
            let mut passing = Frames::of_client();
            let (mut of_one, mut of_three, mut headers, mut ended) = (0, 0, 0, Vec::new());
            for chunk in bytes.chunks(size) {
                passing.follow(chunk, |part| {
                    match part.stream {
                        1 => of_one += part.bytes,
                        3 => of_three += part.bytes,
                        _ => {}
                    }
                    headers += usize::from(part.is_header);
                    if part.ends_stream {
                        ended.push(part.stream);
                    }
                });
            }
            let expected = (309 + 70_009 + 9 + 13, 16393 + 14, 7, vec![3, 1]);
            assert_eq!((of_one, of_three, headers, ended), expected, "{size}");
            assert_eq!((passing.left, passing.filled), (0, 0), "{size}");
        }
    }
}
