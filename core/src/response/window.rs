//! The window of a coded body: how far back it may refer, and so how much of it a decoder keeps.
//! The first bytes of the body announce it.

/// The largest zstd window that is allowed, as a power of two: 8 MiB (RFC 9659).
pub(crate) const ZSTD_LOG_MAX: u32 = 23;

/// The bytes at the start of a zstd frame that are enough to know its window.
pub(crate) const ZSTD_START: usize = 18;

/// The magic number of a zstd frame (RFC 8878 section 3.1.1).
const ZSTD_MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

/// Returns the window, in bytes, of a Brotli stream that begins with this byte (RFC 7932 section
/// 9.1).
pub(crate) fn brotli(first: u8) -> usize {
    let bits = match (first & 1, first >> 1 & 7, first >> 4 & 7) {
        (0, ..) => 16,
        (_, 0, 0) => 17,
        (_, 0, bits) => 8 + bits,
        (_, bits, _) => 17 + bits,
    };
    1 << bits
}

/// Returns the window of a zstd frame, in bytes (RFC 8878 section 3.1.1.1), if its start announces
/// one. Fails for a window that is too large, before any memory is taken.
pub(crate) fn zstd(start: &[u8]) -> Option<usize> {
    window_of_frame(start).map(|window| window.min(1 << ZSTD_LOG_MAX))
}

fn window_of_frame(start: &[u8]) -> Option<usize> {
    let (descriptor, rest) = start.strip_prefix(&ZSTD_MAGIC)?.split_first()?;
    if descriptor & 0x20 == 0 {
        let window = rest.first()?;
        let base = 1_usize.checked_shl(10 + u32::from(window >> 3))?;
        return base.checked_add(base / 8 * usize::from(window & 7));
    }
    // In a frame of a single segment, the content is the window.
    let dictionary = [0, 1, 2, 4][usize::from(descriptor & 3)];
    let (size, more) = [(1, 0), (2, 256), (4, 0), (8, 0)][usize::from(descriptor >> 6)];
    let mut bytes = [0; 8];
    bytes[..size].copy_from_slice(rest.get(dictionary..dictionary + size)?);
    usize::try_from(u64::from_le_bytes(bytes)).ok()?.checked_add(more)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_windows_of_brotli_are_as_in_its_table() {
        for (first, bits) in [
            (0b0000_0000, 16),
            (0b0000_0001, 17),
            (0b0000_0011, 18),
            (0b0000_1011, 22),
            (0b0000_1111, 24),
            (0b0010_0001, 10),
            (0b0111_0001, 15),
            (0b1000_1011, 22),
        ] {
            assert_eq!(brotli(first), 1 << bits, "{first:#b}");
        }
    }

    #[test]
    fn the_windows_of_zstd_are_as_in_its_frames() {
        let frame = |header: &[u8]| zstd(&[&ZSTD_MAGIC, header].concat()).unwrap();
        assert_eq!(frame(&[0x00, 0x00]), 1 << 10);
        assert_eq!(frame(&[0x00, 0x58]), 2 << 20);
        assert_eq!(frame(&[0x04, 0x5c]), 3 << 20);
        assert_eq!(frame(&[0x00, 0xff]), 8 << 20, "at most");
        assert_eq!(frame(&[0x20, 200]), 200);
        assert_eq!(frame(&[0x61, 9, 0, 1]), 512, "behind the id of a dictionary");
        assert_eq!(frame(&[0xa0, 0, 0, 0x10, 0]), 1 << 20);
        for unknown in [&b""[..], b"\x28\xb5", b"\x50\x2a\x4d\x18\0\0\0\0", b"\x28\xb5\x2f\xfd\xa0"]
        {
            assert_eq!(zstd(unknown), None);
        }
    }
}
