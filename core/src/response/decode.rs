//! Content codings: decodes gzip, deflate, br and zstd, and enforces limits, while the body
//! arrives.
//!
//! Compressed data is the cheapest attack: a few bytes can decode to gigabytes (a bomb), or keep a
//! processor busy without any result. So decoding works in small steps ([`chain`]), between which
//! other tasks run, and everything is counted against the limit of the body: the result, what each
//! coding of several yields, and the memory of the decoders' windows. Members that yield nothing
//! are counted, too.

use std::pin::{Pin, pin};

use bytes::Bytes;
use http::HeaderMap;
use http::header::CONTENT_ENCODING;
use http_body::Body;
use http_body_util::BodyExt as _;

use crate::cause::Failure;
use crate::error::Error;
use decoding::Decoding;

mod brotli;
mod chain;
mod decoding;
mod flate;
mod gzip_header;
mod zstd;

#[cfg(test)]
mod tests;

/// The codings that the engine accepts, for the request's header.
pub(crate) const ACCEPT_ENCODING: &str = "gzip, deflate, br, zstd";

/// The most codings of one response. A response with more is an attack (curl has the same limit).
const MAX_CODINGS: usize = 5;

/// How many bytes a coding may add, besides one in 64: incompressible data gets a little larger.
const ENCODED_SLACK: usize = 64 << 10;

/// Half of hyper's largest read buffer. A piece of a body keeps its whole buffer alive, so a
/// smaller piece wastes more memory than it needs.
const OWN_ROOM: usize = (8192 + 4096 * 100) / 2;

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

/// Reads a body to its end and decodes it. `limit` holds for the bytes that arrive and for what
/// each coding yields.
pub(crate) async fn read<B>(body: B, codings: &[Coding], limit: usize) -> Result<Bytes, Failure>
where
    B: Body<Data = Bytes, Error = Failure>,
{
    let mut body = pin!(body);
    if codings.is_empty() {
        return collect(body, limit).await;
    }
    let Some(first) = piece(&mut body).await? else { return Ok(Bytes::new()) };
    let encoded_limit = limit.saturating_add(limit / 64 + ENCODED_SLACK);
    let (mut next, mut encoded) = (Some(first), 0_usize);
    let mut decoding = Decoding::new(codings, limit, encoded_limit);
    // Reads to the body's end even if the coding has ended: so a body that was cut is noticed, and
    // the connection can be used again.
    while !decoding.is_done() {
        encoded = encoded.saturating_add(next.as_ref().map_or(0, Bytes::len));
        if encoded > encoded_limit {
            return Err(Error::BodyTooLarge.into());
        }
        decoding = decoding.feed(next, body.is_end_stream()).await?;
        next = if decoding.is_done() { None } else { piece(&mut body).await? };
    }
    Ok(decoding.into_bytes())
}

/// Reads a body without codings. A single piece is not copied, unless it keeps much more memory
/// alive than it needs.
async fn collect<B>(mut body: Pin<&mut B>, limit: usize) -> Result<Bytes, Failure>
where
    B: Body<Data = Bytes, Error = Failure>,
{
    let announced = body.size_hint().exact().unwrap_or_default();
    if announced > limit as u64 {
        return Err(Error::BodyTooLarge.into());
    }
    let mut first = Bytes::new();
    let mut all = Vec::new();
    while let Some(data) = piece(&mut body).await? {
        if first.len() + all.len() + data.len() > limit {
            return Err(Error::BodyTooLarge.into());
        }
        if first.is_empty() && all.is_empty() {
            first = data;
            continue;
        }
        if all.is_empty() {
            let _ = all.try_reserve_exact(announced as usize);
            all.extend_from_slice(&std::mem::take(&mut first));
        }
        append(&mut all, &data, limit);
    }
    all.shrink_to_fit();
    Ok(if all.is_empty() { in_own_room(first) } else { all.into() })
}

/// Returns the next bytes of a body, or `None` at its end.
async fn piece<B>(body: &mut Pin<&mut B>) -> Result<Option<Bytes>, Failure>
where
    B: Body<Data = Bytes, Error = Failure>,
{
    while let Some(frame) = body.frame().await {
        // A server that sends without a pause must not block other calls.
        tokio::task::coop::consume_budget().await;
        if let Ok(data) = frame?.into_data()
            && !data.is_empty()
        {
            return Ok(Some(data));
        }
    }
    Ok(None)
}

fn in_own_room(piece: Bytes) -> Bytes {
    if piece.len() < OWN_ROOM { Bytes::copy_from_slice(&piece) } else { piece }
}

/// Up to this size, a body's buffer grows step by step. After that, the space for the largest
/// allowed body is reserved at once: growing would copy, and hold two copies meanwhile. Space that
/// is not written to costs only addresses (on Windows, commit charge), and only until the body is
/// complete.
const STEPS: usize = 1 << 20;

/// Appends to a body of at most `limit` bytes.
fn append(body: &mut Vec<u8>, piece: &[u8], limit: usize) {
    let needed = body.len() + piece.len();
    if needed > body.capacity() && needed > STEPS {
        // If the address space has no such room, the buffer grows like any vector.
        let _ = body.try_reserve_exact(limit.max(needed) - body.len());
    }
    body.extend_from_slice(piece);
}
