//! Bytes as they cross to the other language: where they are in the engine's memory.

/// Where bytes are: their address and their length. An address of zero stands for none.
pub(crate) type Part = [u64; 2];

pub(crate) fn part(bytes: Option<&[u8]>) -> Part {
    let (address, length) = bytes.map_or((0, 0), place);
    [address, length]
}

/// The address of a slice, for the other side to read, and its length.
pub(crate) fn place<T>(slice: &[T]) -> (u64, u64) {
    // Both fit: no address is wider.
    (slice.as_ptr().expose_provenance() as u64, slice.len() as u64)
}
