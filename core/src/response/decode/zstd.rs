//! Zstandard (RFC 8878).

use zstd::stream::raw::{DParameter, Decoder as Frames, Operation as _};

use super::decoder::{Decoder, Idle, Step};
use crate::error::Error;
use crate::response::window;

/// Decodes zstd. Only further frames may follow.
pub(super) struct Zstd {
    frames: Option<Frames<'static>>,
    /// The first bytes of a frame, as many as are needed to know its window.
    start: Vec<u8>,
    window: usize,
    window_limit: usize,
    is_between: bool,
    yields: bool,
    idle: Idle,
}

impl Zstd {
    /// A window is filled only with decoded data, so its memory is within the limit of the body.
    pub(super) fn new(body_limit: usize) -> Self {
        let frames = Frames::new().and_then(|mut frames| {
            frames.set_parameter(DParameter::WindowLogMax(window::ZSTD_LOG_MAX))?;
            Ok(frames)
        });
        Self {
            frames: frames.ok(),
            start: Vec::with_capacity(window::ZSTD_START),
            window: 0,
            window_limit: body_limit,
            is_between: false,
            yields: false,
            idle: Idle::default(),
        }
    }

    /// Notes the bytes of a frame that were read.
    fn note_window(&mut self, read: &[u8]) {
        let missing = window::ZSTD_START - self.start.len();
        if missing > 0 && !read.is_empty() {
            self.start.extend_from_slice(&read[..read.len().min(missing)]);
            let window = window::zstd(&self.start).unwrap_or_default();
            self.window = self.window.max(window.min(self.window_limit));
        }
    }
}

impl Decoder for Zstd {
    fn step(&mut self, input: &[u8], output: &mut [u8]) -> Result<Step, Error> {
        if self.is_between && input.is_empty() {
            return Ok(Step { read: 0, written: 0 });
        }
        let frames = self.frames.as_mut().ok_or(Error::Internal)?; // no memory for it
        let status = frames.run_on_buffers(input, output).map_err(|_| Error::BadContentCoding)?;
        let (read, written) = (status.bytes_read, status.bytes_written);
        self.note_window(&input[..read]);
        self.yields |= written > 0;
        self.is_between = status.remaining == 0;
        if self.is_between {
            if !self.yields {
                self.idle.one_more()?;
            }
            self.start.clear();
            self.yields = false;
        }
        Ok(Step { read, written })
    }

    fn may_end(&self) -> bool {
        self.is_between
    }

    fn window(&self) -> usize {
        self.window
    }
}
