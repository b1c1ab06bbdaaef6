//! Decodes a body without blocking other requests.
//!
//! The thread that runs the request decodes for half a millisecond at a time and then lets other
//! tasks run. A body that takes long, and a coding with long steps, moves to the threads for long
//! work, on which only other bodies wait.

use std::time::{Duration, Instant};

use bytes::Bytes;

use super::chain::{Chain, Progress};
use super::coding::Coding;
use crate::error::Error;
use crate::response::events::{Events, alongside};
use crate::runtime::blocking;

/// How long decoding runs without a pause on a thread on which requests wait.
const SLICE: Duration = Duration::from_micros(500);

/// The same on a thread on which only other bodies wait. After an abort, decoding stops within
/// this time.
const SLICE_ELSEWHERE: Duration = Duration::from_millis(5);

/// After this many pauses a body moves to the threads for long work. If many such bodies stayed,
/// each would delay every request by a slice.
const LONG: u32 = 4;

/// A chunk is passed on when it has this many bytes, or when a piece is decoded.
const CHUNK: usize = 64 << 10;

/// The bytes decoded so far, and the state of the decoders.
pub(super) struct Decoding {
    chain: Chain,
    decoded: Vec<u8>,
    limit: usize,
    /// How many decoded bytes are held before decoding stops for them to be taken.
    most_held: usize,
    /// How long decoding has run since the last pause.
    busy: Duration,
    pauses: u32,
    is_done: bool,
}

/// Why decoding has stopped.
enum Need {
    Input,
    Pause,
    /// The decoded bytes must be taken.
    Room,
    Nothing,
}

impl Decoding {
    /// The limits have the same meaning as in [`Chain::new`]. If `in_chunks`, the decoded bytes are
    /// taken from time to time, and not all at the end.
    pub(super) fn new(
        codings: &[Coding],
        limit: usize,
        encoded_limit: usize,
        in_chunks: bool,
    ) -> Self {
        let chain = Chain::new(codings, limit, encoded_limit);
        Self {
            chain,
            decoded: Vec::new(),
            limit,
            most_held: if in_chunks { CHUNK } else { usize::MAX },
            busy: Duration::ZERO,
            pauses: 0,
            is_done: false,
        }
    }

    /// Decodes a piece until the next one is needed; `None` is the end of the body. Other tasks run
    /// meanwhile. If there are `events`, they get the decoded bytes as chunks.
    pub(super) async fn feed(
        mut self,
        piece: Option<Bytes>,
        is_last: bool,
        mut events: Option<&mut Events>,
    ) -> Result<Self, Error> {
        if piece.is_none() || is_last {
            self.chain.end();
        }
        self.chain.feed(piece.unwrap_or_default());
        loop {
            let need;
            (self, need) = alongside(events.as_deref_mut(), self.advance()).await?;
            if let Some(events) = &mut events
                && !matches!(need, Need::Pause)
                && !self.decoded.is_empty()
            {
                events.push(std::mem::take(&mut self.decoded).into()).await;
            }
            match need {
                Need::Pause => self.pauses = self.pauses.saturating_add(1),
                Need::Room => {}
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

    /// Decodes for at most this long, plus one step.
    fn decode(&mut self, slice: Duration) -> Result<Need, Error> {
        let begun = Instant::now();
        let need = loop {
            match self.chain.step()? {
                Progress::Yielded(bytes) => append(&mut self.decoded, bytes, self.limit),
                Progress::Hungry => break Need::Input,
                Progress::Done => break Need::Nothing,
            }
            if self.decoded.len() >= self.most_held {
                break Need::Room;
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

/// Up to this size, a body's buffer grows step by step. After that, the space for the largest
/// allowed body is reserved at once: growing would copy, and hold two copies meanwhile. Space that
/// is not written to costs only addresses (on Windows, commit charge), and only until the body is
/// complete.
const STEPS: usize = 1 << 20;

/// Appends to a body of at most `limit` bytes.
pub(super) fn append(body: &mut Vec<u8>, piece: &[u8], limit: usize) {
    let needed = body.len() + piece.len();
    if needed > body.capacity() && needed > STEPS {
        // If the address space has no such room, the buffer grows like any vector.
        let _ = body.try_reserve_exact(limit.max(needed) - body.len());
    }
    body.extend_from_slice(piece);
}
