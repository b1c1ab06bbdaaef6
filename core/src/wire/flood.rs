//! The flood guard: stops servers that send on and on without a response.
//!
//! HTTP sets no limit to interim responses (1xx), and hyper skips them silently. A server could
//! therefore keep a call and a processor busy until the call's timeout. The guard looks at all
//! bytes that a connection reads. It knows from the requests when a response begins and ends
//! ([`Responses`]). It treats bytes in between in two ways:
//!
//! - It *paces* them: other tasks run between two small slices, because hyper parses everything
//!   that was read without a pause.
//! - It *counts* them: too many bytes (HTTP/1.1) or heads (HTTP/2) before the next response end the
//!   connection.

use crate::sync::Lock;
use crate::wire::frames::{Frames, HEADERS, PUSH_PROMISE};

/// The most bytes over HTTP/1.1 before the head of the response: the largest head, interim heads,
/// and bytes that are read ahead.
const MAX_BYTES: usize = 512 << 10;

/// The bytes that are read without a pause. Most responses are smaller.
const AT_ONCE: usize = 8 << 10;

/// After that, the bytes that are read between two pauses. A short head of 25 bytes takes ten
/// microseconds.
const SLICE: usize = 2 << 10;

/// Slices of one long head double up to this, because hyper parses the head from its start after
/// each slice.
const MAX_SLICE: usize = 64 << 10;

/// The bytes over HTTP/2 that are read between two pauses. They can be thousands of frames, or
/// heads that decode to a megabyte each.
const HTTP2_SLICE: usize = 64 << 10;

/// The most heads over HTTP/2 between two responses: a head and trailers for each of ten requests,
/// and interim heads for as long as a request may take. A limit in bytes would not help, because a
/// few bytes can stand for many (RFC 7541 section 7.3).
const MAX_HEADS: usize = 256;

/// The end of a head in HTTP/1.1.
const HEAD_END: &[u8] = b"\n\r\n";

/// The types of frames that begin a head. h2 limits the length of each head.
const HEAD_FRAMES: [u8; 2] = [HEADERS, PUSH_PROMISE];

/// How far the responses of a connection have come. Written by its requests, read by its guard.
pub(crate) struct Responses(Lock<Progress>);

/// How far the responses of a connection have come, at one moment.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Progress {
    latest: Latest,
    /// How many responses may still arrive although their requests have ended.
    forgone: u64,
}

/// The latest response of a connection, with its number. The numbers begin at 1.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
enum Latest {
    /// No response has arrived yet.
    #[default]
    Missing,
    /// Its head has arrived and a request reads its body.
    Reading(u64),
    /// It has been read, or will not be read.
    Finished(u64),
}

impl Responses {
    pub(crate) fn new() -> Self {
        Self(Lock::new(Progress::default()))
    }

    /// Records that the head of a response has arrived. Pass the number to
    /// [`finish`](Self::finish).
    pub(crate) fn begin(&self) -> u64 {
        let mut progress = self.0.lock();
        let number = match progress.latest {
            Latest::Missing => 1,
            Latest::Reading(number) | Latest::Finished(number) => number + 1,
        };
        progress.latest = Latest::Reading(number);
        number
    }

    /// Records that a response has been read, or will not be read. Has no effect if the next one
    /// has begun.
    pub(crate) fn finish(&self, number: u64) {
        let mut progress = self.0.lock();
        if progress.latest == Latest::Reading(number) {
            progress.latest = Latest::Finished(number);
        }
    }

    /// Records that no request waits for a response that may still arrive.
    pub(crate) fn forgo(&self) {
        self.0.lock().forgone += 1;
    }

    pub(crate) fn progress(&self) -> Progress {
        *self.0.lock()
    }
}

impl Progress {
    /// Returns true if a response has arrived.
    pub(crate) fn has_response(self) -> bool {
        self.latest != Latest::Missing
    }

    fn is_reading(self) -> bool {
        matches!(self.latest, Latest::Reading(_))
    }
}

/// Counts and paces what a server sends between two responses of one connection.
pub(crate) struct FloodGuard {
    /// When this changes, the count starts again.
    counted_since: Progress,
    /// HTTP/1.1: bytes. HTTP/2: heads.
    count: usize,
    /// HTTP/1.1: other tasks have run since the last slice.
    has_paused: bool,
    /// HTTP/1.1: the size of the next slice. HTTP/2: the bytes read since the last pause.
    slice: usize,
    /// `None` for HTTP/1.1.
    frames: Option<Frames>,
}

/// How much may be read now.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Allowance {
    All,
    Bytes(usize),
    /// Nothing until other tasks have run.
    Pause,
}

impl FloodGuard {
    pub(crate) fn new(is_http2: bool) -> Self {
        Self {
            counted_since: Progress::default(),
            count: 0,
            has_paused: false,
            slice: if is_http2 { 0 } else { SLICE },
            frames: is_http2.then(Frames::default),
        }
    }

    /// Decides how much may be read now.
    pub(crate) fn allowance(&mut self, progress: Progress) -> Allowance {
        if self.frames.is_some() {
            if self.slice < HTTP2_SLICE {
                return Allowance::All;
            }
            self.slice = 0;
            return Allowance::Pause;
        }
        if progress.is_reading() {
            return Allowance::All;
        }
        let is_same = progress.latest == self.counted_since.latest;
        let count = if is_same { self.count } else { 0 };
        if count < AT_ONCE {
            return Allowance::Bytes(AT_ONCE - count);
        }
        self.has_paused = !self.has_paused;
        if self.has_paused { Allowance::Pause } else { Allowance::Bytes(self.slice) }
    }

    /// Counts bytes that were read. Returns true if they are more than any honest server sends.
    pub(crate) fn is_flood(&mut self, bytes: &[u8], progress: Progress) -> bool {
        if progress != self.counted_since {
            (self.counted_since, self.count) = (progress, 0);
            self.slice = if self.frames.is_some() { self.slice } else { SLICE };
        }
        match &mut self.frames {
            Some(frames) => {
                self.slice += bytes.len();
                self.count += heads(frames, bytes);
                self.count > MAX_HEADS
            }
            None if progress.is_reading() => false,
            None => {
                self.count += bytes.len();
                // Usual heads are not searched: they are read at once.
                self.slice = match self.count {
                    ..=AT_ONCE => SLICE,
                    _ if contains(bytes, HEAD_END) => SLICE,
                    _ => (2 * self.slice).min(MAX_SLICE),
                };
                self.count > MAX_BYTES
            }
        }
    }
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

/// Counts the heads that begin in these bytes.
fn heads(frames: &mut Frames, bytes: &[u8]) -> usize {
    let mut heads = 0;
    frames.follow(bytes, |part| {
        heads += usize::from(part.is_header && HEAD_FRAMES.contains(&part.kind));
    });
    heads
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(kind: u8, length: usize) -> Vec<u8> {
        let length_bytes = (length as u32).to_be_bytes();
        let mut frame =
            vec![length_bytes[1], length_bytes[2], length_bytes[3], kind, 0, 0, 0, 0, 1];
        frame.resize(frame.len() + length, 0x1); // a payload is never taken for a header
        frame
    }

    #[test]
    fn bytes_count_until_the_response_and_heads_from_response_to_response() {
        let responses = Responses::new();
        let mut guard = FloodGuard::new(false);
        assert!(!guard.is_flood(&[0; MAX_BYTES], responses.progress()));
        let response = responses.begin();
        assert!(
            !guard.is_flood(&[0; 2 * MAX_BYTES], responses.progress()),
            "these bytes are its body"
        );
        responses.finish(response);
        assert!(!guard.is_flood(&[0; MAX_BYTES], responses.progress()));
        assert!(guard.is_flood(&[0], responses.progress()));

        let mut guard = FloodGuard::new(true);
        assert!(!guard.is_flood(&frame(1, 0).repeat(MAX_HEADS), responses.progress()));
        assert!(!guard.is_flood(&frame(0, 16384), responses.progress()));
        responses.begin();
        assert!(!guard.is_flood(&frame(1, 0).repeat(MAX_HEADS), responses.progress()));
        assert!(!guard.is_flood(&frame(9, 0), responses.progress()));
        assert!(guard.is_flood(&frame(5, 0), responses.progress()));
    }

    #[test]
    fn other_tasks_run_between_slices_of_bytes_that_are_not_a_response() {
        let responses = Responses::new();
        let mut guard = FloodGuard::new(false);
        assert_eq!(guard.allowance(responses.progress()), Allowance::Bytes(AT_ONCE));
        guard.is_flood(&[0; AT_ONCE - 1], responses.progress());
        assert_eq!(guard.allowance(responses.progress()), Allowance::Bytes(1));
        guard.is_flood(&[0], responses.progress());
        // A long head, and then short ones.
        for slice in [2, 4, 8, 16, 32, 64, 64].map(|slice| slice << 10) {
            assert_eq!(guard.allowance(responses.progress()), Allowance::Pause);
            assert_eq!(guard.allowance(responses.progress()), Allowance::Bytes(slice));
            guard.is_flood(&[0], responses.progress());
        }
        guard.is_flood(b"x: y\r\n\r\nHTTP/1.1 103", responses.progress());
        assert_eq!(guard.allowance(responses.progress()), Allowance::Pause);
        assert_eq!(guard.allowance(responses.progress()), Allowance::Bytes(SLICE));
        let response = responses.begin();
        assert_eq!(guard.allowance(responses.progress()), Allowance::All);
        responses.finish(response);
        assert_eq!(guard.allowance(responses.progress()), Allowance::Bytes(AT_ONCE));

        let mut frames = FloodGuard::new(true);
        assert_eq!(frames.allowance(responses.progress()), Allowance::All);
        frames.is_flood(&[0; HTTP2_SLICE], responses.progress());
        assert_eq!(frames.allowance(responses.progress()), Allowance::Pause);
        assert_eq!(frames.allowance(responses.progress()), Allowance::All);
    }

    #[test]
    fn the_end_of_a_response_does_not_end_the_next_one() {
        let responses = Responses::new();
        let first = responses.begin();
        let second = responses.begin();
        responses.finish(first);
        let mut guard = FloodGuard::new(false);
        assert!(!guard.is_flood(&[0; 2 * MAX_BYTES], responses.progress()));
        responses.finish(second);
        assert!(guard.is_flood(&[0; 2 * MAX_BYTES], responses.progress()));
    }
}
