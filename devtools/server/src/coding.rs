//! Bodies in content codings and charsets.

use async_compression::tokio::bufread::{
    BrotliEncoder, DeflateEncoder, GzipEncoder, ZlibEncoder, ZstdEncoder,
};
use async_compression::zstd::CParameter;
use async_compression::{Level, brotli};
use bytes::{Buf as _, Bytes};
use encoding_rs::Encoding;
use futures_util::FutureExt as _;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::io::{AsyncBufRead, AsyncRead, AsyncReadExt as _, ReadBuf};

/// Applies codings in the order of the list. `deflate` is zlib; `deflate-raw` is what some servers
/// send under that name. A number is the size of the window, the largest one.
pub(crate) fn encode(list: &str, body: Bytes) -> Result<Bytes, String> {
    let mut body = body;
    for coding in list.split(',').map(str::trim) {
        body = apply(coding, &body[..])?;
    }
    Ok(body)
}

/// Returns this many zeros in a coding, without holding them in memory.
pub(crate) fn zeros(coding: &str, count: u64) -> Result<Bytes, String> {
    apply(coding, Repeated::new(Bytes::new(), &[0], count))
}

/// Returns `start`, then `unit` until both have this size, then `end`, in codings, without holding
/// them in memory.
pub(crate) fn repeated(
    list: &str,
    start: Vec<u8>,
    unit: &[u8],
    end: &[u8],
    size: u64,
) -> Result<Bytes, String> {
    let (first, others) = list.split_once(',').unwrap_or((list, "identity"));
    encode(others, apply(first, Repeated::new(start.into(), unit, size).chain(end))?)
}

fn apply(coding: &str, body: impl AsyncBufRead + Unpin) -> Result<Bytes, String> {
    let level = Level::Fastest;
    Ok(match coding {
        "gzip" | "x-gzip" => read(GzipEncoder::with_quality(body, level)),
        "deflate" => read(ZlibEncoder::with_quality(body, level)),
        "deflate-raw" => read(DeflateEncoder::with_quality(body, level)),
        "br" => read(BrotliEncoder::with_quality(body, level)),
        "br-24" => {
            let largest = brotli::EncoderParams::default().window_size(24).quality(level);
            read(BrotliEncoder::with_params(body, largest))
        }
        "zstd-23" => {
            let largest = [CParameter::window_log(23)];
            read(ZstdEncoder::with_quality_and_params(body, level, &largest))
        }
        "zstd" => read(ZstdEncoder::with_quality(body, level)),
        "identity" => read(body),
        other => {
            return Err(format!(
                "no coding {other:?}: gzip, deflate, deflate-raw, br, br-24, zstd, zstd-23, \
                 identity"
            ));
        }
    })
}

fn read(mut encoder: impl AsyncRead + Unpin) -> Bytes {
    let mut encoded = Vec::new();
    let read = encoder.read_to_end(&mut encoded).now_or_never();
    read.expect("memory is always ready").expect("memory does not fail");
    encoded.into()
}

/// Returns the list as the `content-encoding` header has it.
pub(crate) fn header_of(list: &str) -> String {
    list.replace("deflate-raw", "deflate").replace("br-24", "br").replace("zstd-23", "zstd")
}

/// Encodes a text in a charset.
pub(crate) fn in_charset(label: &str, text: &str) -> Result<Vec<u8>, String> {
    match label.to_ascii_lowercase().as_str() {
        "utf-16le" => Ok(text.encode_utf16().flat_map(u16::to_le_bytes).collect()),
        "utf-16be" => Ok(text.encode_utf16().flat_map(u16::to_be_bytes).collect()),
        label => match Encoding::for_label(label.as_bytes()) {
            Some(encoding) => Ok(encoding.encode(text).0.into_owned()),
            None => Err(format!("no charset {label:?}")),
        },
    }
}

/// Repeats bytes and is always ready (tokio's own readers pause now and then, to be fair to
/// others).
struct Repeated {
    start: Bytes,
    units: Bytes,
    at: usize,
    left: u64,
}

/// How many bytes of repeated units exist at a time.
const UNITS: usize = 1 << 16;

impl Repeated {
    fn new(start: Bytes, unit: &[u8], size: u64) -> Self {
        let units = unit.repeat((UNITS / unit.len().max(1)).max(1)).into();
        Self { at: 0, left: size.saturating_sub(start.len() as u64), start, units }
    }
}

impl AsyncBufRead for Repeated {
    fn poll_fill_buf(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<&[u8]>> {
        let repeated = self.get_mut();
        if !repeated.start.is_empty() {
            return Poll::Ready(Ok(&repeated.start));
        }
        let left = usize::try_from(repeated.left).unwrap_or(usize::MAX);
        let there = &repeated.units[repeated.at..];
        Poll::Ready(Ok(&there[..left.min(there.len())]))
    }

    fn consume(mut self: Pin<&mut Self>, amount: usize) {
        if !self.start.is_empty() {
            self.start.advance(amount);
            return;
        }
        self.left -= amount as u64;
        self.at = (self.at + amount) % self.units.len().max(1);
    }
}

impl AsyncRead for Repeated {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let available = std::task::ready!(self.as_mut().poll_fill_buf(cx))?;
        let read = available.len().min(buffer.remaining());
        buffer.put_slice(&available[..read]);
        self.consume(read);
        Poll::Ready(Ok(()))
    }
}
