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
use http_body::Body;
use http_body_util::BodyExt as _;

use crate::cause::Failure;
use crate::error::Error;
use crate::response::events::{Events, LARGEST_PIECE, alongside};
use decoding::{Decoding, append};

pub(crate) use coding::{Coding, codings};

mod brotli;
mod chain;
mod coding;
mod decoder;
mod decoding;
mod flate;
mod gzip_header;
mod zstd;

#[cfg(test)]
mod tests;

/// The codings that the engine accepts, for the request's header.
pub(crate) const ACCEPT_ENCODING: &str = "gzip, deflate, br, zstd";

/// How many bytes a coding may add, besides one in 64: incompressible data gets a little larger.
const ENCODED_SLACK: usize = 64 << 10;

/// Half of hyper's largest read buffer. A piece of a body keeps its whole buffer alive, so a
/// smaller piece wastes more memory than it needs.
const OWN_ROOM: usize = LARGEST_PIECE / 2;

/// Reads a body to its end and decodes it. `limit` holds for the bytes that arrive and for what
/// each coding yields.
pub(crate) async fn read<B>(body: B, codings: &[Coding], limit: usize) -> Result<Bytes, Failure>
where
    B: Body<Data = Bytes, Error = Failure>,
{
    let body = pin!(body);
    match codings {
        [] => collect(body, limit).await,
        // Boxed, so that the other bodies do not take its memory.
        _ => Box::pin(decode(body, codings, limit, None)).await,
    }
}

/// Reads a body to its end, decodes it, and passes on what each piece of it yields. `limit` has the
/// same meaning as in [`read`].
pub(crate) async fn stream<B>(
    body: B,
    codings: &[Coding],
    limit: usize,
    events: &mut Events,
) -> Result<(), Failure>
where
    B: Body<Data = Bytes, Error = Failure>,
{
    let body = pin!(body);
    match codings {
        [] => pass_on(body, limit, events).await,
        _ => decode(body, codings, limit, Some(events)).await.map(drop),
    }
}

/// Decodes a body, and returns its bytes, unless `events` get them as chunks.
async fn decode<B>(
    mut body: Pin<&mut B>,
    codings: &[Coding],
    limit: usize,
    mut events: Option<&mut Events>,
) -> Result<Bytes, Failure>
where
    B: Body<Data = Bytes, Error = Failure>,
{
    let first = alongside(events.as_deref_mut(), piece(&mut body)).await?;
    let Some(first) = first else { return Ok(Bytes::new()) };
    let encoded_limit = limit.saturating_add(limit / 64 + ENCODED_SLACK);
    let (mut next, mut encoded) = (Some(first), 0_usize);
    let mut decoding = Decoding::new(codings, limit, encoded_limit, events.is_some());
    // Reads to the body's end even if the coding has ended: so a body that was cut is noticed, and
    // the connection can be used again.
    while !decoding.is_done() {
        encoded = encoded.saturating_add(next.as_ref().map_or(0, Bytes::len));
        if encoded > encoded_limit {
            return Err(Error::BodyTooLarge.into());
        }
        decoding = decoding.feed(next, body.is_end_stream(), events.as_deref_mut()).await?;
        next = match decoding.is_done() {
            true => None,
            false => alongside(events.as_deref_mut(), piece(&mut body)).await?,
        };
    }
    Ok(decoding.into_bytes())
}

/// Passes on a body without codings.
async fn pass_on<B>(mut body: Pin<&mut B>, limit: usize, events: &mut Events) -> Result<(), Failure>
where
    B: Body<Data = Bytes, Error = Failure>,
{
    if body.size_hint().exact().is_some_and(|announced| announced > limit as u64) {
        return Err(Error::BodyTooLarge.into());
    }
    let mut left = limit;
    while let Some(data) = events.alongside(piece(&mut body)).await? {
        if limit < usize::MAX {
            left = left.checked_sub(data.len()).ok_or(Error::BodyTooLarge)?;
        }
        events.push(data).await;
    }
    Ok(())
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
        } else {
            if all.is_empty() {
                let _ = all.try_reserve_exact(announced as usize);
                all.extend_from_slice(&std::mem::take(&mut first));
            }
            append(&mut all, &data, limit);
        }
        if body.is_end_stream() {
            break;
        }
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
