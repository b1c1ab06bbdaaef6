//! gzip (RFC 1952) and "deflate", which is zlib (RFC 1950) or raw deflate (RFC 1951), decoded as
//! browsers do it.
//!
//! Bytes after the last member are ignored. A trailer may be missing or cut, but if it is complete
//! it must be right.

use flate2::{Crc, Decompress, FlushDecompress, Status};
use simd_adler32::Adler32;

use super::decoder::{Decoder, Idle, Step};
use super::gzip_header::{self, Header};
use crate::error::Error;

/// Decodes gzip or deflate.
pub(super) struct Flate {
    part: Part,
    inflate: Decompress,
    check: Check,
    idle: Idle,
    yields: bool,
}

/// The part of the stream to which the next byte belongs.
enum Part {
    /// The first two bytes of deflate, which show whether it is zlib or raw.
    Start(Gathered<2>),
    Header(Header),
    Data,
    GzipTrailer(Gathered<8>),
    ZlibTrailer(Gathered<4>),
    /// After a member of gzip: another one may begin here.
    Between(Gathered<{ gzip_header::START }>),
    Ignored,
}

/// The checksum that is compared with the trailer.
enum Check {
    Gzip(Crc),
    Zlib(Adler32),
    Nothing,
}

impl Flate {
    pub(super) fn gzip() -> Self {
        Self::new(Part::Header(Header::default()), Check::Gzip(Crc::new()))
    }

    pub(super) fn deflate() -> Self {
        Self::new(Part::Start(Gathered::default()), Check::Nothing)
    }

    fn new(part: Part, check: Check) -> Self {
        let inflate = Decompress::new(false);
        Self { part, inflate, check, idle: Idle::default(), yields: false }
    }

    /// Begins the data of a stream.
    fn begin(&mut self, check: Check) {
        self.inflate.reset(false);
        (self.part, self.check, self.yields) = (Part::Data, check, false);
    }

    fn data(&mut self, input: &[u8], output: &mut [u8]) -> Result<Step, Error> {
        let before = (self.inflate.total_in(), self.inflate.total_out());
        let status = self.inflate.decompress(input, output, FlushDecompress::None);
        let status = status.map_err(|_| Error::BadContentCoding)?;
        let read = (self.inflate.total_in() - before.0) as usize;
        let written = (self.inflate.total_out() - before.1) as usize;
        self.yields |= written > 0;
        self.check.update(&output[..written]);
        match status {
            Status::StreamEnd => self.part = self.check.trailer(),
            Status::BufError if !input.is_empty() => return Err(Error::BadContentCoding),
            Status::Ok | Status::BufError => {}
        }
        Ok(Step { read, written })
    }

    /// Reads bytes outside the data. Returns how many.
    fn framing(&mut self, input: &[u8]) -> Result<usize, Error> {
        match &mut self.part {
            Part::Header(header) => {
                let (read, is_whole) = header.take(input)?;
                if is_whole {
                    self.begin(Check::Gzip(Crc::new()));
                }
                Ok(read)
            }
            Part::GzipTrailer(trailer) => {
                let read = trailer.take(input);
                if let Some(trailer) = trailer.whole() {
                    self.check.compare(&trailer)?;
                    self.part = Part::Between(Gathered::default());
                    if !self.yields {
                        self.idle.one_more()?;
                    }
                }
                Ok(read)
            }
            Part::ZlibTrailer(trailer) => {
                let read = trailer.take(input);
                if let Some(trailer) = trailer.whole() {
                    self.check.compare(&trailer)?;
                    self.part = Part::Ignored;
                }
                Ok(read)
            }
            Part::Between(start) => {
                let read = start.take(input);
                if let Some(start) = start.whole() {
                    self.part = Header::behind(start).map_or(Part::Ignored, Part::Header);
                }
                Ok(read)
            }
            Part::Ignored => Ok(input.len()),
            Part::Start(_) | Part::Data => unreachable!("these parts may yield something"),
        }
    }

    /// "deflate" means zlib (RFC 9110 section 8.4.1.2), but many servers send raw deflate. The
    /// first two bytes show which it is (RFC 1950 section 2.2).
    fn start(&mut self, input: &[u8], output: &mut [u8]) -> Result<Step, Error> {
        const NEEDS_DICTIONARY: u8 = 0x20;
        let Part::Start(start) = &mut self.part else { unreachable!("it has just begun") };
        let read = start.take(input);
        let Some(start) = start.whole() else { return Ok(Step { read, written: 0 }) };
        let [method, flags] = start;
        if method & 0x0f != 8 || method >> 4 > 7 || u16::from_be_bytes(start) % 31 != 0 {
            self.begin(Check::Nothing);
            // The two bytes are data of raw deflate. All of them are read, because no deflate
            // stream is shorter.
            let Step { written, .. } = self.data(&start, output)?;
            return Ok(Step { read, written });
        }
        if flags & NEEDS_DICTIONARY != 0 {
            return Err(Error::BadContentCoding);
        }
        self.begin(Check::Zlib(Adler32::new()));
        Ok(Step { read, written: 0 })
    }
}

impl Decoder for Flate {
    fn step(&mut self, input: &[u8], output: &mut [u8]) -> Result<Step, Error> {
        match self.part {
            Part::Data => self.data(input, output),
            Part::Start(_) => self.start(input, output),
            _ => Ok(Step { read: self.framing(input)?, written: 0 }),
        }
    }

    fn may_end(&self) -> bool {
        !matches!(self.part, Part::Start(_) | Part::Header(_) | Part::Data)
    }
}

impl Check {
    fn update(&mut self, data: &[u8]) {
        match self {
            Self::Gzip(crc) => crc.update(data),
            Self::Zlib(adler) => adler.write(data),
            Self::Nothing => {}
        }
    }

    /// Goes on after the data.
    fn trailer(&self) -> Part {
        match self {
            Self::Gzip(_) => Part::GzipTrailer(Gathered::default()),
            Self::Zlib(_) => Part::ZlibTrailer(Gathered::default()),
            Self::Nothing => Part::Ignored,
        }
    }

    fn compare(&self, trailer: &[u8]) -> Result<(), Error> {
        let is_right = match self {
            Self::Gzip(crc) => {
                trailer == [crc.sum().to_le_bytes(), crc.amount().to_le_bytes()].concat()
            }
            Self::Zlib(adler) => trailer == adler.finish().to_be_bytes(),
            Self::Nothing => true,
        };
        if is_right { Ok(()) } else { Err(Error::BadContentCoding) }
    }
}

/// A few bytes that are read as a unit, in whatever pieces they arrive.
struct Gathered<const N: usize> {
    bytes: [u8; N],
    count: usize,
}

impl<const N: usize> Default for Gathered<N> {
    fn default() -> Self {
        Self { bytes: [0; N], count: 0 }
    }
}

impl<const N: usize> Gathered<N> {
    /// Reads the missing bytes. Returns how many.
    fn take(&mut self, input: &[u8]) -> usize {
        let taken = input.len().min(N - self.count);
        self.bytes[self.count..self.count + taken].copy_from_slice(&input[..taken]);
        self.count += taken;
        taken
    }

    fn whole(&self) -> Option<[u8; N]> {
        (self.count == N).then_some(self.bytes)
    }
}
