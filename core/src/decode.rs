//! Content codings: gzip, deflate, br and zstd, decoded and counted while the body streams in.

use std::io;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, ready};

use async_compression::tokio::bufread::{
    BrotliDecoder, DeflateDecoder, GzipDecoder, ZlibDecoder, ZstdDecoder,
};
use async_compression::zstd::DParameter;
use bytes::Bytes;
use futures_util::TryStreamExt as _;
use http::HeaderMap;
use http::header::CONTENT_ENCODING;
use http_body_util::BodyExt as _;
use tokio::io::{AsyncBufRead, AsyncBufReadExt as _, AsyncRead, AsyncReadExt, BufReader, ReadBuf};
use tokio_util::io::StreamReader;

use crate::body::Body;
use crate::error::Error;
use crate::window;

/// What the engine offers to servers.
pub(crate) const ACCEPT_ENCODING: &str = "gzip, deflate, br, zstd";

/// Codings in one response that are decoded; one more is an attack, not a server (curl's limit too).
const MAX_CODINGS: usize = 5;

/// zstd's window, as a power of two: 8 MiB, which RFC 9659 allows at most for this use.
const ZSTD_WINDOW_LOG_MAX: u32 = 23;

/// What its window may have in any frame, likewise.
const ZSTD_WINDOW_LOG: u32 = 22;

/// Memory that the windows of all codings may take without being counted as part of the body.
const FREE_WINDOWS: usize = 6 << 20;

/// Bytes that a coding may add, beside one in 64: data that cannot be made smaller gets a little larger.
const ENCODED_SLACK: usize = 64 << 10;

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
pub(crate) async fn read(body: Body, codings: &[Coding], limit: usize) -> Result<Bytes, Error> {
    if codings.is_empty() {
        return collect(body, limit).await;
    }
    let stream = body.into_data_stream().map_err(io::Error::other);
    let encoded_limit = limit.saturating_add(limit / 64 + ENCODED_SLACK);
    let mut body = pin!(BufReader::new(Counted::new(StreamReader::new(stream), encoded_limit)));
    if body.fill_buf().await.map_err(reason)?.is_empty() {
        return Ok(Bytes::new());
    }
    let (mut decoded, mut windows) = (Vec::new(), 0);
    {
        let mut reader: Reader<'_> = Box::pin(body.as_mut());
        for (left, coding) in codings.iter().enumerate().rev() {
            let (decoder, window) = decoder(*coding, reader, limit).await?;
            windows += window;
            let limit = if left == 0 { beside(windows, limit)? } else { encoded_limit };
            reader = Box::pin(BufReader::new(Counted::new(decoder, limit)));
        }
        // Not by `read_to_end`: the decoders write zeros over all the room they are given.
        while let piece = reader.fill_buf().await.map_err(reason)?
            && !piece.is_empty()
        {
            append(&mut decoded, piece, limit);
            let length = piece.len();
            reader.as_mut().consume(length);
        }
    }
    // A coding may know its end before the body's. That is read too: a body cut short is noticed, and the
    // connection can be used again. What stands behind a coding's end is none of it.
    match tokio::io::copy_buf(&mut body, &mut tokio::io::sink()).await.map_err(reason)? {
        0 => {
            decoded.shrink_to_fit();
            Ok(decoded.into())
        }
        _ => Err(Error::BadContentCoding),
    }
}

/// A body without coding: a single piece is handed on as it came, without a copy.
async fn collect(body: Body, limit: usize) -> Result<Bytes, Error> {
    let mut body = pin!(body);
    let announced = http_body::Body::size_hint(&*body).exact().unwrap_or_default();
    if announced > limit as u64 {
        return Err(Error::BodyTooLarge);
    }
    let mut first = Bytes::new();
    let mut all = Vec::new();
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame?.into_data() else { continue };
        if first.len() + all.len() + data.len() > limit {
            return Err(Error::BodyTooLarge);
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
    Ok(if all.is_empty() { first } else { all.into() })
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

type Reader<'a> = Pin<Box<dyn AsyncBufRead + Send + 'a>>;
type Decoder<'a> = Pin<Box<dyn AsyncRead + Send + 'a>>;

/// What undoes a coding, and the memory that its window takes where the body may have `limit` bytes.
async fn decoder(
    coding: Coding,
    mut reader: Reader<'_>,
    limit: usize,
) -> Result<(Decoder<'_>, usize), Error> {
    Ok(match coding {
        Coding::Gzip => {
            let mut gzip = GzipDecoder::new(reader);
            gzip.multiple_members(true);
            (Box::pin(gzip), 0)
        }
        Coding::Brotli => {
            let window = window::brotli(reader.fill_buf().await.map_err(reason)?);
            (Box::pin(BrotliDecoder::new(reader)), window)
        }
        Coding::Zstd => {
            let window = window::zstd(reader.fill_buf().await.map_err(reason)?);
            // Further frames may have no larger one.
            let log =
                window.next_power_of_two().ilog2().clamp(ZSTD_WINDOW_LOG, ZSTD_WINDOW_LOG_MAX);
            let mut zstd = ZstdDecoder::with_params(reader, &[DParameter::window_log_max(log)]);
            zstd.multiple_members(true);
            (Box::pin(zstd), window.min(limit)) // it is filled no faster than the body
        }
        Coding::Deflate => {
            let mut start = [0; 2];
            let read = read_up_to(&mut reader, &mut start).await?;
            let whole = AsyncReadExt::chain(io::Cursor::new(start[..read].to_vec()), reader);
            if is_zlib(start) {
                (Box::pin(ZlibDecoder::new(whole)), 0)
            } else {
                (Box::pin(DeflateDecoder::new(whole)), 0)
            }
        }
    })
}

/// What a body may have beside the windows of its codings: the two together take no more than its limit and 8 MiB.
fn beside(windows: usize, limit: usize) -> Result<usize, Error> {
    limit.checked_sub(windows.saturating_sub(FREE_WINDOWS)).ok_or(Error::BodyTooLarge)
}

async fn read_up_to(reader: &mut Reader<'_>, buffer: &mut [u8]) -> Result<usize, Error> {
    let mut read = 0;
    while read < buffer.len() {
        match reader.read(&mut buffer[read..]).await.map_err(reason)? {
            0 => break,
            more => read += more,
        }
    }
    Ok(read)
}

/// "deflate" is zlib by the book (RFC 9110 section 8.4.1.2) and raw deflate from many servers: the first
/// two bytes tell (RFC 1950 section 2.2).
fn is_zlib([cmf, flags]: [u8; 2]) -> bool {
    cmf & 0x0f == 8 && cmf >> 4 <= 7 && u16::from_be_bytes([cmf, flags]) % 31 == 0
}

/// Our own error, where it came through the decoders; anything else is theirs.
fn reason(error: io::Error) -> Error {
    let own = error.get_ref().and_then(|inner| inner.downcast_ref::<Error>());
    own.cloned().unwrap_or(Error::BadContentCoding)
}

/// Lets a number of bytes through, then fails.
struct Counted<R> {
    inner: R,
    left: usize,
}

impl<R> Counted<R> {
    fn new(inner: R, limit: usize) -> Self {
        Self { inner, left: limit }
    }
}

impl<R: AsyncRead + Unpin> AsyncRead for Counted<R> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.inner).poll_read(cx, buffer))?;
        let read = buffer.filled().len() - before;
        let Some(left) = self.left.checked_sub(read) else {
            buffer.set_filled(before); // who fails has read nothing
            return Poll::Ready(Err(io::Error::other(Error::BodyTooLarge)));
        };
        self.left = left;
        Poll::Ready(Ok(()))
    }
}
