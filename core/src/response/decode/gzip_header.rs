//! Reads the header of a gzip member (RFC 1952 section 2.3), in whatever pieces its bytes arrive.

use crate::error::Error;

/// The bytes that show that a header begins: magic number, method and flags.
pub(super) const START: usize = 4;

const MAGIC_AND_DEFLATE: [u8; 3] = [0x1f, 0x8b, 8];

/// The bytes of the part that every header has: `START`, the time, extra flags and the system.
const FIXED: usize = 10;

const CHECKSUM: u8 = 0x02;
const EXTRA: u8 = 0x04;
const NAME: u8 = 0x08;
const COMMENT: u8 = 0x10;
const RESERVED: u8 = 0xe0;

/// The state of a header that is being read.
pub(super) struct Header {
    field: Field,
    /// The flags of the fields that have not been read yet.
    flags: u8,
}

/// The part of the header to which the next byte belongs.
#[derive(Clone, Copy)]
enum Field {
    /// How many bytes of `FIXED` have been read.
    Fixed(usize),
    ExtraLength,
    /// The lower byte of the length.
    ExtraLengthHigh(u8),
    /// The bytes that are left of the extra field, or of the header's checksum, which browsers
    /// ignore too.
    Skipped(u16),
    /// A name or a comment, which ends with a zero.
    Text,
    Done,
}

impl Default for Header {
    fn default() -> Self {
        Self { field: Field::Fixed(0), flags: 0 }
    }
}

impl Header {
    /// Returns the header that begins with these bytes after another member, or `None` if they are
    /// something else.
    pub(super) fn behind(start: [u8; START]) -> Option<Self> {
        let mut header = Self::default();
        header.take(&start).ok()?;
        Some(header)
    }

    /// Reads bytes up to the header's end. Returns how many, and true if the header is complete.
    pub(super) fn take(&mut self, input: &[u8]) -> Result<(usize, bool), Error> {
        for (before, byte) in input.iter().enumerate() {
            self.push(*byte)?;
            if matches!(self.field, Field::Done) {
                return Ok((before + 1, true));
            }
        }
        Ok((input.len(), false))
    }

    fn push(&mut self, byte: u8) -> Result<(), Error> {
        self.field = match self.field {
            Field::Fixed(at) => {
                self.check(at, byte)?;
                if at + 1 < FIXED { Field::Fixed(at + 1) } else { self.next() }
            }
            Field::ExtraLength => Field::ExtraLengthHigh(byte),
            Field::ExtraLengthHigh(low) => match u16::from_le_bytes([low, byte]) {
                0 => self.next(),
                length => Field::Skipped(length),
            },
            Field::Skipped(1) => self.next(),
            Field::Skipped(left) => Field::Skipped(left - 1),
            Field::Text if byte == 0 => self.next(),
            Field::Text => Field::Text,
            Field::Done => Field::Done,
        };
        Ok(())
    }

    fn check(&mut self, at: usize, byte: u8) -> Result<(), Error> {
        let is_right = match at {
            3 => {
                self.flags = byte;
                byte & RESERVED == 0
            }
            _ => MAGIC_AND_DEFLATE.get(at).is_none_or(|right| byte == *right),
        };
        if is_right { Ok(()) } else { Err(Error::BadContentCoding) }
    }

    /// Goes to the next field that the flags announce.
    fn next(&mut self) -> Field {
        for (flag, field) in [
            (EXTRA, Field::ExtraLength),
            (NAME, Field::Text),
            (COMMENT, Field::Text),
            (CHECKSUM, Field::Skipped(2)),
        ] {
            if self.flags & flag != 0 {
                self.flags &= !flag;
                return field;
            }
        }
        Field::Done
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_ends_after_the_fields_that_its_flags_announce() {
        let fixed = |flags| [&[0x1f, 0x8b, 8, flags][..], b"timexo"].concat();
        for (flags, fields) in [
            (0, &b""[..]),
            (EXTRA, b"\x00\x00"),
            (EXTRA, b"\x02\x00ab"),
            (NAME, b"name\0"),
            (COMMENT, b"\0"),
            (CHECKSUM, b"cc"),
            (1 | CHECKSUM | EXTRA | NAME | COMMENT, b"\x01\x00xname\0comment\0cc"),
        ] {
            let header = [&fixed(flags), fields].concat();
            let input = [&header[..], b"data"].concat();
            assert_eq!(Header::default().take(&input), Ok((header.len(), true)), "{flags}");
            let mut bytewise = Header::default();
            for (i, byte) in header.iter().enumerate() {
                assert_eq!(bytewise.take(&[*byte]), Ok((1, i + 1 == header.len())), "{flags} {i}");
            }
        }
    }

    #[test]
    fn another_magic_number_or_method_and_reserved_flags_are_not_a_header() {
        for start in [*b"\x1f\x8b\x08\x20", *b"\x1f\x8b\x07\0", *b"\x1f\x8c\x08\0", [0; 4]] {
            assert_eq!(Header::default().take(&start), Err(Error::BadContentCoding));
            assert!(Header::behind(start).is_none());
        }
        assert!(Header::behind(*b"\x1f\x8b\x08\x1f").is_some());
    }
}
