//! Brotli (RFC 7932).

use brotli_decompressor::{BrotliDecompressStream, BrotliResult, BrotliState, StandardAlloc};

use super::decoder::{Decoder, Step};
use crate::error::Error;
use crate::response::window;

/// Decodes Brotli. No bytes may follow it.
pub(super) struct Brotli {
    state: Box<BrotliState<StandardAlloc, StandardAlloc, StandardAlloc>>,
    /// `None` before the first byte has arrived.
    window: Option<usize>,
    is_over: bool,
}

impl Default for Brotli {
    fn default() -> Self {
        let alloc = StandardAlloc::default;
        Self {
            state: Box::new(BrotliState::new(alloc(), alloc(), alloc())),
            window: None,
            is_over: false,
        }
    }
}

impl Decoder for Brotli {
    fn step(&mut self, input: &[u8], output: &mut [u8]) -> Result<Step, Error> {
        if self.is_over {
            let nothing = Step { read: 0, written: 0 };
            return if input.is_empty() { Ok(nothing) } else { Err(Error::BadContentCoding) };
        }
        if let (None, Some(first)) = (self.window, input.first()) {
            // Checked first, so that a window that is too large takes no memory.
            self.window = Some(window::brotli(*first));
            return Ok(Step { read: 0, written: 0 });
        }
        let (mut read, mut written) = (0, 0);
        let result = BrotliDecompressStream(
            &mut input.len(),
            &mut read,
            input,
            &mut output.len(),
            &mut written,
            output,
            &mut 0,
            &mut self.state,
        );
        match result {
            BrotliResult::ResultFailure => return Err(Error::BadContentCoding),
            BrotliResult::ResultSuccess => self.is_over = true,
            BrotliResult::NeedsMoreInput | BrotliResult::NeedsMoreOutput => {}
        }
        Ok(Step { read, written })
    }

    fn may_end(&self) -> bool {
        self.is_over
    }

    fn window(&self) -> usize {
        self.window.unwrap_or_default()
    }
}
