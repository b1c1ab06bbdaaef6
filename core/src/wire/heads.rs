//! Counts what a server sends without ever answering: interim responses (1xx) have no limit of their own in HTTP.

use std::sync::atomic::{AtomicU64, Ordering};

/// Bytes over HTTP/1.1 until the response's head is there: the largest head, interim ones, and what is read ahead.
const MAX_BYTES: usize = 512 << 10;

/// Of these, so many are read as they come: all of most responses.
const AT_ONCE: usize = 8 << 10;

/// Behind those, so many are read between two pauses: each of the shortest heads takes ten microseconds for 25 bytes.
const SLICE: usize = 2 << 10;

/// A head that is longer is read in slices that double up to this: hyper parses it from its start each time.
const MAX_SLICE: usize = 64 << 10;

/// Over HTTP/2, so many bytes are read between two pauses, whatever they are: thousands of frames, or heads that
/// are a few bytes here and a megabyte when they are decoded.
const HTTP2_SLICE: usize = 64 << 10;

/// Heads over HTTP/2 from one response to the next: that of a response and of its trailers for each of ten requests,
/// and interim ones for as long as a request may take. They are counted, because a few bytes can stand for many (RFC 7541 section 7.3).
const MAX_HEADS: usize = 256;

/// What a head of HTTP/1.1 ends with.
const HEAD_END: &[u8] = b"\n\r\n";

/// The length of an HTTP/2 frame's header (RFC 9113 section 4.1).
const FRAME_HEADER: usize = 9;

/// The types of frames that a head begins with: HEADERS, PUSH_PROMISE (RFC 9113 section 6). How long one may get is
/// the HTTP stack's to see to.
const HEAD_FRAMES: [u8; 2] = [0x1, 0x5];

/// How often a connection's server has answered; odd while an HTTP/1.1 response is being read.
#[derive(Default)]
pub(crate) struct Answers {
    number: AtomicU64,
    /// Those that nobody waits for any more.
    forgone: AtomicU64,
}

impl Answers {
    /// A response's head is there. What is returned is to be given back when the response has been read.
    pub(crate) fn begin(&self) -> u64 {
        let next = |number: u64| Some(number + if number.is_multiple_of(2) { 1 } else { 2 });
        let before = self.number.fetch_update(Ordering::AcqRel, Ordering::Acquire, next);
        before.ok().and_then(next).unwrap_or_default()
    }

    /// The response has been read, or nobody reads it. Where the next has begun already, that one counts.
    pub(crate) fn end(&self, number: u64) {
        let _ =
            self.number.compare_exchange(number, number + 1, Ordering::AcqRel, Ordering::Acquire);
    }

    /// A response may come that nobody waits for.
    pub(crate) fn forgo(&self) {
        self.forgone.fetch_add(1, Ordering::AcqRel);
    }

    pub(crate) fn has_any(&self) -> bool {
        self.number.load(Ordering::Acquire) > 0
    }
}

/// What has come over a connection since its server answered.
pub(crate) struct Heads {
    /// The answers, and those forgone, when the count began.
    answers: (u64, u64),
    count: usize,
    /// Others had their turn since the last slice.
    has_paused: bool,
    /// Over HTTP/1.1 the size of the next slice, over HTTP/2 what was read of this one.
    slice: usize,
    frames: Option<Frames>,
}

/// How much may be read now.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Share {
    All,
    Bytes(usize),
    /// Nothing before others had their turn.
    Pause,
}

/// The frames of an HTTP/2 connection, as they pass.
#[derive(Default)]
struct Frames {
    header: [u8; FRAME_HEADER],
    /// Bytes of the header that are there.
    filled: usize,
    /// Bytes of the frame that are still to come.
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

    /// How much may be read now: heads are read to the last that is there without a pause.
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

    /// Takes in what was read; whether that is more than any server needs.
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
