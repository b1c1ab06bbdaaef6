//! Content codings: gzip, deflate, br and zstd, decoded and counted while the body streams in.

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

/// What the engine offers to servers.
pub(crate) const ACCEPT_ENCODING: &str = "gzip, deflate, br, zstd";

/// Codings in one response that are decoded; one more is an attack, not a server (curl's limit too).
const MAX_CODINGS: usize = 5;

/// Bytes that a coding may add, beside one in 64: data that cannot be made smaller gets a little larger.
const ENCODED_SLACK: usize = 64 << 10;

/// Half of hyper's largest read buffer. A piece of a body keeps the whole of it, and one under the half more than it
/// has itself.
const OWN_ROOM: usize = (8192 + 4096 * 100) / 2;

/// A content coding (RFC 9110 section 8.4.1, RFC 7932, RFC 8878).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Coding {
    Gzip,
    Deflate,
    Brotli,
    Zstd,
}

/// The codings a head announces, in the order they were applied. Empty where there is none to undo,
/// or one that is unknown.
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

/// Reads a body to its end and undoes the codings. `limit` bounds what comes in and what each coding
/// yields.
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
    // To the body's end, also where a coding knows its own: a body cut short is noticed, and the connection can be used
    // again.
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

/// A body without coding: a single piece is handed on as it came, without a copy, unless it keeps much more memory
/// than it has.
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

/// The next bytes of a body; none at its end.
async fn piece<B>(body: &mut Pin<&mut B>) -> Result<Option<Bytes>, Failure>
where
    B: Body<Data = Bytes, Error = Failure>,
{
    while let Some(frame) = body.frame().await {
        // A server that never lets us wait must not keep other calls waiting.
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

/// Room that grows step by step; where that is not enough, the room for all that is allowed is taken at once. Growing
/// further would copy, and hold two copies meanwhile; what nothing was written to costs address space alone (on
/// Windows, the promise of memory), and only until the body is there.
const STEPS: usize = 1 << 20;

/// Appends to a body of at most `limit` bytes.
fn append(body: &mut Vec<u8>, piece: &[u8], limit: usize) {
    let needed = body.len() + piece.len();
    if needed > body.capacity() && needed > STEPS {
        // Where the address space has no such room, it grows as any vector does.
        let _ = body.try_reserve_exact(limit.max(needed) - body.len());
    }
    body.extend_from_slice(piece);
}
