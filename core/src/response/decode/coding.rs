//! The codings that the engine knows, and the ones that a head announces.

use http::HeaderMap;
use http::header::CONTENT_ENCODING;

use crate::error::Error;

/// The most codings of one response. A response with more is an attack (curl has the same limit).
const MAX_CODINGS: usize = 5;

/// A content coding (RFC 9110 section 8.4.1, RFC 7932, RFC 8878).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Coding {
    Gzip,
    Deflate,
    Brotli,
    Zstd,
}

/// Returns the codings that a head announces, in the order in which they were applied. Empty if
/// there is none, or an unknown one.
pub(crate) fn codings(headers: &HeaderMap) -> Result<Vec<Coding>, Error> {
    let mut codings = Vec::new();
    let values = headers.get_all(CONTENT_ENCODING).iter();
    for name in values.flat_map(|value| value.as_bytes().split(|byte| *byte == b',')) {
        match name.trim_ascii().to_ascii_lowercase().as_slice() {
            b"" | b"identity" => {}
            b"gzip" | b"x-gzip" => codings.push(Coding::Gzip),
            b"deflate" => codings.push(Coding::Deflate),
            b"br" => codings.push(Coding::Brotli),
            b"zstd" => codings.push(Coding::Zstd),
            _ => return Ok(Vec::new()),
        }
    }
    if codings.len() > MAX_CODINGS {
        return Err(Error::BadContentCoding);
    }
    Ok(codings)
}
