//! A body on its way through its codings, without holding up the other requests.

use std::time::{Duration, Instant};

use bytes::Bytes;

use super::chain::{Chain, Progress};
use super::{Coding, append};
use crate::error::Error;
use crate::runtime::blocking;

/// How long decoding goes on without a pause: others wait for the thread meanwhile.
const SLICE: Duration = Duration::from_micros(500);

/// Likewise, where only other bodies do. After an abort it goes on for no longer.
const SLICE_ELSEWHERE: Duration = Duration::from_millis(5);

/// After so many pauses a body is a long one, and goes on where only other bodies wait: many of them at a time would
/// else keep each other's requests waiting, a slice for each.
const LONG: u32 = 4;

/// What is decoded so far, and what decodes the rest.
pub(super) struct Decoding {
    chain: Chain,
    decoded: Vec<u8>,
    limit: usize,
    /// How long it has gone on without a pause.
    busy: Duration,
    pauses: u32,
    is_done: bool,
}

/// What decoding stopped for.
enum Need {
    Input,
    Pause,
    Nothing,
}

impl Decoding {
    /// The limits are those of [`Chain::new`].
    pub(super) fn new(codings: &[Coding], limit: usize, encoded_limit: usize) -> Self {
        let chain = Chain::new(codings, limit, encoded_limit);
        Self { chain, decoded: Vec::new(), limit, busy: Duration::ZERO, pauses: 0, is_done: false }
    }

    /// Decodes a piece, or learns that there is no more, until it needs another; others get their turn meanwhile.
    pub(super) async fn feed(mut self, piece: Option<Bytes>, is_last: bool) -> Result<Self, Error> {
        if piece.is_none() || is_last {
            self.chain.end();
        }
        self.chain.feed(piece.unwrap_or_default());
        loop {
            let need;
            (self, need) = self.advance().await?;
            match need {
                Need::Pause => self.pauses = self.pauses.saturating_add(1),
                Need::Input => return Ok(self),
                Need::Nothing => {
                    self.is_done = true;
                    return Ok(self);
                }
            }
        }
    }

    pub(super) fn is_done(&self) -> bool {
        self.is_done
    }

    pub(super) fn into_bytes(mut self) -> Bytes {
        self.decoded.shrink_to_fit();
        self.decoded.into()
    }

    async fn advance(mut self) -> Result<(Self, Need), Error> {
        if self.chain.has_long_steps() || self.pauses >= LONG {
            return blocking::result_of(move || {
                let need = self.decode(SLICE_ELSEWHERE)?;
                Ok((self, need))
            })
            .await;
        }
        let need = self.decode(SLICE)?;
        if let Need::Pause = need {
            tokio::task::yield_now().await;
        }
        Ok((self, need))
    }

    /// Decodes for so long at most, and a step.
    fn decode(&mut self, slice: Duration) -> Result<Need, Error> {
        let begun = Instant::now();
        let need = loop {
            match self.chain.step()? {
                Progress::Yielded(bytes) => append(&mut self.decoded, bytes, self.limit),
                Progress::Hungry => break Need::Input,
                Progress::Done => break Need::Nothing,
            }
            if self.busy + begun.elapsed() >= slice {
                break Need::Pause;
            }
        };
        self.busy = match need {
            Need::Pause => Duration::ZERO,
            _ => self.busy + begun.elapsed(),
        };
        Ok(need)
    }
}
