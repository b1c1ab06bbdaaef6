//! The interface that the decoders of all codings have in common.

use crate::error::Error;

/// The most members or frames of one coding that yield nothing. More of them only keep the engine
/// busy.
const MOST_IDLE: usize = 256;

/// Decodes one coding, step by step.
pub(super) trait Decoder: Send {
    /// Reads what it can of `input`, and writes what fits into `output`. Without input it writes
    /// what it still holds.
    fn step(&mut self, input: &[u8], output: &mut [u8]) -> Result<Step, Error>;

    /// Returns true if the input may end here.
    fn may_end(&self) -> bool;

    /// The memory of its window, as far as it is known.
    fn window(&self) -> usize {
        0
    }
}

/// How many bytes a step has read and yielded.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Step {
    pub(super) read: usize,
    pub(super) written: usize,
}

/// Counts members or frames that yield nothing.
#[derive(Default)]
pub(super) struct Idle(usize);

impl Idle {
    pub(super) fn one_more(&mut self) -> Result<(), Error> {
        self.0 += 1;
        if self.0 > MOST_IDLE { Err(Error::BadContentCoding) } else { Ok(()) }
    }
}
