//! Decodes several codings one after another, in steps so small that other tasks can run in
//! between.
//!
//! Each step runs one decoder on at most [`MOST_READ`] bytes. The last decoder that can go on runs
//! first, so that little data waits between the decoders.

use bytes::{Buf as _, Bytes};

use super::brotli::Brotli;
use super::coding::Coding;
use super::decoder::{Decoder, Step};
use super::flate::Flate;
use super::zstd::Zstd;
use crate::error::Error;

/// The most bytes that a step reads. The worst input is empty blocks of deflate: each takes ten
/// bits, and a decoding table must be built for it.
const MOST_READ: usize = 512;

/// The most bytes that a step yields.
const MOST_WRITTEN: usize = 16 << 10;

/// The memory for the windows of all codings that does not count as part of the body.
const FREE_WINDOWS: usize = 6 << 20;

/// The codings of one body, from the outermost to the innermost.
pub(super) struct Chain {
    input: Bytes,
    input_is_over: bool,
    stages: Vec<Stage>,
    limit: usize,
    has_long_steps: bool,
}

/// The result of a step.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Progress<'c> {
    /// It has yielded these bytes and can go on without input.
    Yielded(&'c [u8]),
    /// It needs input, or must know that there is no more.
    Hungry,
    /// All input is decoded.
    Done,
}

impl Chain {
    /// `limit` holds for the decoded bytes, together with the windows over `FREE_WINDOWS`;
    /// `encoded_limit` for what the codings in between yield.
    pub(super) fn new(codings: &[Coding], limit: usize, encoded_limit: usize) -> Self {
        let stages = codings.iter().enumerate().rev().map(|(left, coding)| {
            Stage::new(*coding, limit, if left == 0 { limit } else { encoded_limit })
        });
        Self {
            input: Bytes::new(),
            input_is_over: false,
            stages: stages.collect(),
            limit,
            has_long_steps: codings.contains(&Coding::Brotli),
        }
    }

    /// Returns true if a step may take a tenth of a second: Brotli fills its window before it
    /// yields anything, and a few bytes are enough to announce a window of 16 MiB.
    pub(super) fn has_long_steps(&self) -> bool {
        self.has_long_steps
    }

    /// Passes in the next piece. Call this when a step has returned [`Progress::Hungry`].
    pub(super) fn feed(&mut self, piece: Bytes) {
        debug_assert!(self.input.is_empty(), "nothing is lost");
        self.input = piece;
    }

    /// Reports that no more input follows.
    pub(super) fn end(&mut self) {
        self.input_is_over = true;
    }

    /// Runs one step of one coding: the last one that has something to do.
    pub(super) fn step(&mut self) -> Result<Progress<'_>, Error> {
        let last = self.stages.len() - 1;
        self.stages[last].yielded.clear();
        let Some(next) = (0..=last).rev().find(|&at| self.has_work(at)) else {
            let is_done = self.stages[last].is_over;
            return Ok(if is_done { Progress::Done } else { Progress::Hungry });
        };
        let (before, stages) = self.stages.split_at_mut(next);
        let input = before.last().map_or(&self.input[..], |before| before.yielded.bytes());
        let read = stages[0].step(&input[..input.len().min(MOST_READ)])?;
        match before.last_mut() {
            Some(before) => before.yielded.start += read,
            None => self.input.advance(read),
        }
        self.check_windows()?;
        Ok(Progress::Yielded(self.stages[last].yielded.bytes()))
    }

    fn has_work(&self, at: usize) -> bool {
        let stage = &self.stages[at];
        let (input, input_is_over) = match at.checked_sub(1).map(|before| &self.stages[before]) {
            Some(before) => (before.yielded.bytes(), before.is_over),
            None => (&self.input[..], self.input_is_over),
        };
        let has_input = !input.is_empty() || (input_is_over && !stage.is_over);
        stage.yielded.bytes().is_empty() && (has_input || stage.holds_more)
    }

    fn check_windows(&self) -> Result<(), Error> {
        let windows: usize = self.stages.iter().map(|stage| stage.decoder.window()).sum();
        let decoded = self.stages.last().map_or(0, |last| last.total);
        let counted = decoded.saturating_add(windows.saturating_sub(FREE_WINDOWS));
        if counted > self.limit { Err(Error::BodyTooLarge) } else { Ok(()) }
    }
}

/// One coding, and its output that the next one has not read yet.
struct Stage {
    decoder: Box<dyn Decoder>,
    yielded: Yielded,
    /// Its output buffer was too small for everything that it could have yielded.
    holds_more: bool,
    /// Its input has ended, and all of it is decoded.
    is_over: bool,
    total: usize,
    limit: usize,
}

struct Yielded {
    room: Box<[u8]>,
    start: usize,
    end: usize,
}

impl Yielded {
    fn bytes(&self) -> &[u8] {
        &self.room[self.start..self.end]
    }

    fn clear(&mut self) {
        (self.start, self.end) = (0, 0);
    }
}

impl Stage {
    fn new(coding: Coding, body_limit: usize, limit: usize) -> Self {
        let decoder: Box<dyn Decoder> = match coding {
            Coding::Gzip => Box::new(Flate::gzip()),
            Coding::Deflate => Box::new(Flate::deflate()),
            Coding::Brotli => Box::new(Brotli::default()),
            Coding::Zstd => Box::new(Zstd::new(body_limit)),
        };
        let room = vec![0; MOST_WRITTEN].into();
        let yielded = Yielded { room, start: 0, end: 0 };
        Self { decoder, yielded, holds_more: false, is_over: false, total: 0, limit }
    }

    /// Runs a step with this input. If there is none and nothing is held, ends the coding. Returns
    /// how much was read.
    fn step(&mut self, input: &[u8]) -> Result<usize, Error> {
        if input.is_empty() && !self.holds_more {
            self.is_over = true;
            return if self.decoder.may_end() { Ok(0) } else { Err(Error::BadContentCoding) };
        }
        let Step { read, written } = self.decoder.step(input, &mut self.yielded.room)?;
        (self.yielded.start, self.yielded.end) = (0, written);
        self.holds_more = written == self.yielded.room.len();
        self.total = self.total.saturating_add(written);
        if self.total > self.limit { Err(Error::BodyTooLarge) } else { Ok(read) }
    }
}
