//! Guards against servers that send on and on without a response: HTTP sets no limit to interim responses (1xx).

use std::sync::atomic::{AtomicU64, Ordering};

/// The most bytes over HTTP/1.1 before the head of the response: the largest head, interim heads, and bytes that are
/// read ahead.
const MAX_BYTES: usize = 512 << 10;

/// The bytes that are read without a pause. Most responses are smaller.
const AT_ONCE: usize = 8 << 10;

/// After that, the bytes that are read between two pauses. A short head of 25 bytes takes ten microseconds.
const SLICE: usize = 2 << 10;

/// Slices of one long head double up to this, because hyper parses the head from its start after each slice.
const MAX_SLICE: usize = 64 << 10;

/// The bytes over HTTP/2 that are read between two pauses. They can be thousands of frames, or heads that decode to a
/// megabyte each.
const HTTP2_SLICE: usize = 64 << 10;

/// The most heads over HTTP/2 between two responses: a head and trailers for each of ten requests, and interim heads for
/// as long as a request may take. Bytes would say little, because a few can stand for many (RFC 7541 section 7.3).
const MAX_HEADS: usize = 256;

/// The end of a head in HTTP/1.1.
const HEAD_END: &[u8] = b"\n\r\n";

/// The length of an HTTP/2 frame's header (RFC 9113 section 4.1).
const FRAME_HEADER: usize = 9;

/// The types of frames that begin a head: HEADERS and PUSH_PROMISE (RFC 9113 section 6). h2 limits the length of each
/// head.
const HEAD_FRAMES: [u8; 2] = [0x1, 0x5];

/// Counts the responses of a connection. The number is odd while an HTTP/1.1 response is being read.
#[derive(Default)]
pub(crate) struct Answers {
    number: AtomicU64,
    /// Responses that no request waits for any more.
    forgone: AtomicU64,
}

impl Answers {
    /// Records that the head of a response has arrived. Pass the returned number to [`end`](Self::end).
    pub(crate) fn begin(&self) -> u64 {
        let next = |number: u64| Some(number + if number.is_multiple_of(2) { 1 } else { 2 });
        let before = self.number.fetch_update(Ordering::AcqRel, Ordering::Acquire, next);
        before.ok().and_then(next).unwrap_or_default()
    }

    /// Records that a response has been read, or will not be read. Has no effect if the next one has begun.
    pub(crate) fn end(&self, number: u64) {
        let _ =
            self.number.compare_exchange(number, number + 1, Ordering::AcqRel, Ordering::Acquire);
    }

    /// Records that no request waits for a response that may still arrive.
    pub(crate) fn forgo(&self) {
        self.forgone.fetch_add(1, Ordering::AcqRel);
    }

    pub(crate) fn has_any(&self) -> bool {
        self.number.load(Ordering::Acquire) > 0
    }
}

/// Counts what a server has sent since its last response.
pub(crate) struct Heads {
    /// The state of [`Answers`] when the count began.
    answers: (u64, u64),
    count: usize,
    /// Other tasks have run since the last slice.
    has_paused: bool,
    /// HTTP/1.1: the size of the next slice. HTTP/2: the bytes read since the last pause.
    slice: usize,
    frames: Option<Frames>,
}

/// How much may be read now.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Share {
    All,
    Bytes(usize),
    /// Nothing before other tasks have run.
    Pause,
}

/// Follows the frames of an HTTP/2 connection.
#[derive(Default)]
struct Frames {
    header: [u8; FRAME_HEADER],
    /// Bytes of the frame header that have arrived.
    filled: usize,
    /// Bytes of the frame that are missing.
    left: usize,
}

impl Heads {
    pub(crate) fn new(is_http2: bool) -> Self {
        Self {
            answers: (0, 0),
            count: 0,
            has_paused: false,
            slice: if is_http2 { 0 } else { SLICE },
            frames: is_http2.then(Frames::default),
        }
    }

    /// Decides how much may be read now. hyper parses all heads that it has read without a pause.
    pub(crate) fn share(&mut self, answers: &Answers) -> Share {
        if self.frames.is_some() {
            if self.slice < HTTP2_SLICE {
                return Share::All;
            }
            self.slice = 0;
            return Share::Pause;
        }
        let number = answers.number.load(Ordering::Acquire);
        if number % 2 == 1 {
            return Share::All;
        }
        let count = if number == self.answers.0 { self.count } else { 0 };
        if count < AT_ONCE {
            return Share::Bytes(AT_ONCE - count);
        }
        self.has_paused = !self.has_paused;
        if self.has_paused { Share::Pause } else { Share::Bytes(self.slice) }
    }

    /// Counts bytes that were read. Returns whether they are more than any honest server sends.
    pub(crate) fn is_flood(&mut self, bytes: &[u8], answers: &Answers) -> bool {
        let number = answers.number.load(Ordering::Acquire);
        let answers = (number, answers.forgone.load(Ordering::Acquire));
        if answers != self.answers {
            (self.answers, self.count) = (answers, 0);
            self.slice = if self.frames.is_some() { self.slice } else { SLICE };
        }
        match &mut self.frames {
            Some(frames) => {
                self.slice += bytes.len();
                self.count += frames.heads_in(bytes);
                self.count > MAX_HEADS
            }
            None if number % 2 == 1 => false,
            None => {
                self.count += bytes.len();
                let has_end = bytes.windows(HEAD_END.len()).any(|window| window == HEAD_END);
                self.slice = if has_end { SLICE } else { (2 * self.slice).min(MAX_SLICE) };
                self.count > MAX_BYTES
            }
        }
    }
}

impl Frames {
    fn heads_in(&mut self, mut bytes: &[u8]) -> usize {
        let mut heads = 0;
        while !bytes.is_empty() {
            let payload = self.left.min(bytes.len());
            self.left -= payload;
            bytes = &bytes[payload..];
            let header = (FRAME_HEADER - self.filled).min(bytes.len());
            self.header[self.filled..self.filled + header].copy_from_slice(&bytes[..header]);
            self.filled += header;
            bytes = &bytes[header..];
            if self.filled == FRAME_HEADER {
                let [a, b, c, kind, ..] = self.header;
                self.left = u32::from_be_bytes([0, a, b, c]) as usize;
                self.filled = 0;
                heads += usize::from(HEAD_FRAMES.contains(&kind));
            }
        }
        heads
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(kind: u8, length: usize) -> Vec<u8> {
        let length_bytes = (length as u32).to_be_bytes();
        let mut frame =
            vec![length_bytes[1], length_bytes[2], length_bytes[3], kind, 0, 0, 0, 0, 1];
        frame.resize(FRAME_HEADER + length, 0x1); // a payload is never taken for a header
        frame
    }

    #[test]
    fn heads_are_counted_however_their_bytes_are_cut() {
        let frames: [(u8, usize); 8] = [
            (0x4, 18),
            (0x1, 300),
            (0x0, 16384),
            (0x9, 0),
            (0x0, 0),
            (0x1, 1),
            (0x8, 4),
            (0x5, 70_000),
        ];
        let bytes: Vec<u8> =
            frames.iter().flat_map(|(kind, length)| frame(*kind, *length)).collect();
        for size in [1, 2, 7, 8, 9, 10, 100, 4096, bytes.len()] {
            let mut passing = Frames::default();
            let heads: usize = bytes.chunks(size).map(|chunk| passing.heads_in(chunk)).sum();
            assert_eq!((heads, passing.left, passing.filled), (3, 0, 0), "{size}");
        }
    }

    #[test]
    fn bytes_count_until_the_answer_and_heads_from_answer_to_answer() {
        let answers = Answers::default();
        let mut heads = Heads::new(false);
        assert!(!heads.is_flood(&[0; MAX_BYTES], &answers));
        let response = answers.begin();
        assert!(!heads.is_flood(&[0; 2 * MAX_BYTES], &answers), "that is its body");
        answers.end(response);
        assert!(!heads.is_flood(&[0; MAX_BYTES], &answers));
        assert!(heads.is_flood(&[0], &answers));

        let mut heads = Heads::new(true);
        assert!(!heads.is_flood(&frame(1, 0).repeat(MAX_HEADS), &answers));
        assert!(!heads.is_flood(&frame(0, 16384), &answers));
        answers.begin();
        assert!(!heads.is_flood(&frame(1, 0).repeat(MAX_HEADS), &answers));
        assert!(!heads.is_flood(&frame(9, 0), &answers));
        assert!(heads.is_flood(&frame(5, 0), &answers));
    }

    #[test]
    fn others_have_their_turn_between_slices_of_what_is_no_answer() {
        let answers = Answers::default();
        let mut heads = Heads::new(false);
        assert_eq!(heads.share(&answers), Share::Bytes(AT_ONCE));
        heads.is_flood(&[0; AT_ONCE - 1], &answers);
        assert_eq!(heads.share(&answers), Share::Bytes(1));
        heads.is_flood(&[0], &answers);
        // A long head, and then short ones.
        for slice in [8, 16, 32, 64, 64].map(|slice| slice << 10) {
            assert_eq!(heads.share(&answers), Share::Pause);
            assert_eq!(heads.share(&answers), Share::Bytes(slice));
            heads.is_flood(&[0], &answers);
        }
        heads.is_flood(b"x: y\r\n\r\nHTTP/1.1 103", &answers);
        assert_eq!(heads.share(&answers), Share::Pause);
        assert_eq!(heads.share(&answers), Share::Bytes(SLICE));
        let response = answers.begin();
        assert_eq!(heads.share(&answers), Share::All);
        answers.end(response);
        assert_eq!(heads.share(&answers), Share::Bytes(AT_ONCE));

        let mut frames = Heads::new(true);
        assert_eq!(frames.share(&answers), Share::All);
        frames.is_flood(&[0; HTTP2_SLICE], &answers);
        assert_eq!(frames.share(&answers), Share::Pause);
        assert_eq!(frames.share(&answers), Share::All);
    }

    #[test]
    fn the_end_of_a_response_does_not_end_the_next_one() {
        let answers = Answers::default();
        let first = answers.begin();
        let second = answers.begin();
        answers.end(first);
        let mut heads = Heads::new(false);
        assert!(!heads.is_flood(&[0; 2 * MAX_BYTES], &answers));
        answers.end(second);
        assert!(heads.is_flood(&[0; 2 * MAX_BYTES], &answers));
    }
}
