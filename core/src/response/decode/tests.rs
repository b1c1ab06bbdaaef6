//! The worst coded bodies, without a network.

use std::collections::VecDeque;
use std::io::Write as _;
use std::pin::{Pin, pin};
use std::sync::LazyLock;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};
use http_body::Frame;
use tokio::runtime::{Builder, Runtime};

use super::chain::{Chain, Progress};
use super::*;

/// A body whose pieces have all arrived.
struct Pieces(VecDeque<Bytes>);

impl Pieces {
    fn new(body: &[u8], size: usize) -> Self {
        Self(body.chunks(size).map(Bytes::copy_from_slice).collect())
    }
}

impl Body for Pieces {
    type Data = Bytes;
    type Error = Failure;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Failure>>> {
        Poll::Ready(self.0.pop_front().map(|piece| Ok(Frame::data(piece))))
    }
}

/// How a body was read: the result, the pauses, and the average time without a pause.
struct Run {
    result: Result<Bytes, Error>,
    pauses: u32,
    without_pause: Duration,
}

fn run(body: Pieces, codings: &[Coding], limit: usize) -> Run {
    static RUNTIME: LazyLock<Runtime> =
        LazyLock::new(|| Builder::new_current_thread().build().expect("a thread"));
    let _runtime = RUNTIME.enter(); // provides the threads for long work
    let mut reading = pin!(read(body, codings, limit));
    let (mut pauses, mut worked) = (0, Duration::ZERO);
    loop {
        let begun = Instant::now();
        let polled = reading.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        worked += begun.elapsed();
        match polled {
            Poll::Ready(result) => {
                let result = result.map_err(|failure| failure.error);
                return Run { result, pauses, without_pause: worked / (pauses + 1) };
            }
            Poll::Pending => pauses += 1,
        }
        if codings.contains(&Coding::Brotli) {
            std::thread::sleep(Duration::from_micros(100)); // another thread is decoding
        }
    }
}

const LIMIT: usize = 1 << 20;

/// Decodes bytes in pieces of several sizes, which must all have the same result.
fn decoded(body: &[u8], coding: Coding) -> Result<Vec<u8>, Error> {
    let whole = run(Pieces::new(body, usize::MAX), &[coding], LIMIT).result;
    for size in [1, 2, 3, 5, 4096] {
        assert_eq!(run(Pieces::new(body, size), &[coding], LIMIT).result, whole, "{size}");
    }
    whole.map(Vec::from)
}

fn gzip(data: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(data).unwrap();
    encoder.finish().unwrap()
}

fn zlib(data: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(data).unwrap();
    encoder.finish().unwrap()
}

fn deflate(data: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(data).unwrap();
    encoder.finish().unwrap()
}

/// Returns the bytes with one of them changed, counted from the end.
fn spoilt(mut bytes: Vec<u8>, from_end: usize) -> Vec<u8> {
    let at = bytes.len() - from_end;
    bytes[at] ^= 1;
    bytes
}

#[test]
fn gzip_is_read_as_browsers_read_it() {
    let (hello, bad) = (gzip(b"hello"), Err(Error::BadContentCoding));
    let joined = |more: &[u8]| decoded(&[&hello, more].concat(), Coding::Gzip);
    let ok = |text: &[u8]| Ok(text.to_vec());
    assert_eq!(joined(b""), ok(b"hello"));
    assert_eq!(joined(&gzip(b" world")), ok(b"hello world"));
    assert_eq!(joined(&gzip(b"")), ok(b"hello"));
    for ignored in
        [&b"x"[..], b"\0\0\0\0\0\0\0\0", b"\x1f\x8b", b"\x1f\x8b\x08\x80rest", b"\x1f\x8b\x07\0"]
    {
        assert_eq!(joined(ignored), ok(b"hello"), "{ignored:?}");
    }
    assert_eq!(joined(&[b"x", &gzip(b"no more")[..]].concat()), ok(b"hello"));
    let data_ends = hello.len() - 8;
    for end in data_ends..hello.len() {
        assert_eq!(decoded(&hello[..end], Coding::Gzip), ok(b"hello"), "a trailer cut at {end}");
    }
    for end in 1..data_ends {
        assert_eq!(decoded(&hello[..end], Coding::Gzip), bad, "cut at {end}");
        if end > 3 {
            assert_eq!(joined(&hello[..end]), bad, "a further member cut at {end}");
        }
    }
    for from_end in 1..=8 {
        assert_eq!(decoded(&spoilt(hello.clone(), from_end), Coding::Gzip), bad, "{from_end}");
        assert_eq!(joined(&spoilt(hello.clone(), from_end)), bad, "{from_end}");
    }
    assert_eq!(decoded(b"hello, this is no gzip", Coding::Gzip), bad);
}

#[test]
fn deflate_is_zlib_or_raw_and_read_as_browsers_read_it() {
    let bad = Err(Error::BadContentCoding);
    let ok = |text: &[u8]| Ok(text.to_vec());
    for text in [&b"hello"[..], b"", b"a", &[0; 100_000]] {
        let (zlib, raw) = (zlib(text), deflate(text));
        for whole in [&zlib, &raw] {
            assert_eq!(decoded(whole, Coding::Deflate), ok(text));
            let more = [whole, &b"anything"[..]].concat();
            assert_eq!(decoded(&more, Coding::Deflate), ok(text));
        }
        let data_ends = zlib.len() - 4;
        for end in data_ends..zlib.len() {
            assert_eq!(decoded(&zlib[..end], Coding::Deflate), ok(text), "cut at {end}");
        }
        assert_eq!(decoded(&zlib[..data_ends - 1], Coding::Deflate), bad);
        assert_eq!(decoded(&raw[..raw.len() - 1], Coding::Deflate), bad);
        for from_end in 1..=4 {
            assert_eq!(decoded(&spoilt(zlib.clone(), from_end), Coding::Deflate), bad);
        }
    }
    assert_eq!(decoded(b"\x78\xbb\x01\0\0\xff\xff", Coding::Deflate), bad, "wants a dictionary");
}

#[test]
fn only_further_zstd_frames_may_follow_the_end_of_brotli_and_zstd() {
    let bad = Err(Error::BadContentCoding);
    let a = b"\x0b\0\x80a\x03"; // one letter, stored
    assert_eq!(decoded(a, Coding::Brotli), Ok(b"a".to_vec()));
    assert_eq!(decoded(&[&a[..], b"x"].concat(), Coding::Brotli), bad);
    assert_eq!(decoded(&a[..4], Coding::Brotli), bad);
    let frame = zstd_frame(b"a");
    let skippable = b"\x50\x2a\x4d\x18\x02\0\0\0xx";
    assert_eq!(decoded(&frame, Coding::Zstd), Ok(b"a".to_vec()));
    let frames = [&skippable[..], &frame, &skippable[..], &frame].concat();
    assert_eq!(decoded(&frames, Coding::Zstd), Ok(b"aa".to_vec()));
    for wrong in [&b"x"[..], b"\0\0\0\0", &frame[..3], &frame[..frame.len() - 1], &skippable[..9]] {
        assert_eq!(decoded(&[&frame, wrong].concat(), Coding::Zstd), bad, "{wrong:?}");
    }
}

/// A frame with one raw block (RFC 8878 section 3.1.1).
fn zstd_frame(data: &[u8]) -> Vec<u8> {
    let length = data.len() as u8;
    [b"\x28\xb5\x2f\xfd\x20", &[length, 1 | length << 3, 0, 0][..], data].concat()
}

#[test]
fn members_and_frames_that_yield_nothing_may_be_256_and_no_more() {
    let skippable = b"\x50\x2a\x4d\x18\0\0\0\0".to_vec();
    for (coding, idle, yields) in [
        (Coding::Gzip, gzip(b""), gzip(b"x")),
        (Coding::Zstd, zstd_frame(b""), zstd_frame(b"x")),
        (Coding::Zstd, skippable, zstd_frame(b"x")),
    ] {
        let both = [yields, idle.clone()].concat();
        assert_eq!(decoded(&both.repeat(256), coding), Ok(vec![b'x'; 256]));
        let one_more = [both.repeat(256), idle].concat();
        assert_eq!(decoded(&one_more, coding), Err(Error::BadContentCoding));
    }
}

/// The streams that cost most for each byte and yield nothing: a name, the coding, the start, and
/// the unit that is repeated.
fn worst() -> Vec<(&'static str, Coding, Vec<u8>, Vec<u8>)> {
    let empty = gzip(b"");
    vec![
        ("members", Coding::Gzip, Vec::new(), empty),
        (
            "a name without end",
            Coding::Gzip,
            b"\x1f\x8b\x08\x08\0\0\0\0\0\xff".to_vec(),
            b"n".to_vec(),
        ),
        ("stored blocks", Coding::Deflate, Vec::new(), b"\0\0\0\xff\xff".to_vec()),
        ("fixed blocks", Coding::Deflate, Vec::new(), b"\x02\x08\x20\x80\0".to_vec()),
        ("dynamic blocks", Coding::Deflate, Vec::new(), dynamic_blocks()),
        ("metadata", Coding::Brotli, b"\x0c".to_vec(), b"\x06".to_vec()),
        ("frames", Coding::Zstd, Vec::new(), zstd_frame(b"")),
        ("skippable frames", Coding::Zstd, Vec::new(), b"\x50\x2a\x4d\x18\0\0\0\0".to_vec()),
        ("blocks", Coding::Zstd, b"\x28\xb5\x2f\xfd\0\0".to_vec(), b"\0\0\0".to_vec()),
    ]
}

/// Returns eight empty blocks with their own codes (RFC 1951 section 3.2.7), which end on a byte
/// boundary.
fn dynamic_blocks() -> Vec<u8> {
    let mut bits = Vec::new();
    let mut push = |value: u32, count: u32| bits.extend((0..count).map(|i| value >> i & 1 == 1));
    for _ in 0..8 {
        push(0b100, 3); // not the last block, dynamic codes
        push(0, 5 + 5);
        push(14, 4); // 18 lengths of code length codes: one bit each for 18 (zeros) and 1
        for symbol in [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1] {
            push(u32::from(symbol == 18 || symbol == 1), 3);
        }
        push(1, 1);
        push(138 - 11, 7);
        push(1, 1);
        push(118 - 11, 7);
        push(0, 2); // the end of a block, and a distance, have one bit
        push(0, 1); // the end
    }
    bits.chunks(8)
        .map(|byte| byte.iter().rev().fold(0, |all, bit| all << 1 | u8::from(*bit)))
        .collect()
}

#[test]
fn other_tasks_run_during_every_kind_of_decoding() {
    for (name, coding, start, unit) in worst() {
        let stream = [start, unit.repeat((256 << 10) / unit.len())].concat();
        let (once, mut codings) = (gzip(&stream), vec![coding]);
        let twice = gzip(&once);
        for body in [stream, once, twice] {
            let run = run(Pieces::new(&body, usize::MAX), &codings, 100 << 20);
            let (case, wraps) = (format!("{name} of {} bytes", body.len()), codings.len() - 1);
            println!("{case}: {} pauses, {:?}", run.pauses, run.without_pause);
            assert_eq!(run.result, Err(Error::BadContentCoding), "{case}, wrapped {wraps} times");
            // A millisecond and a step, which takes as long; more on a machine that is busy.
            assert!(
                run.without_pause < Duration::from_millis(500),
                "{case}: {:?}",
                run.without_pause
            );
            codings.push(Coding::Gzip);
        }
    }
}

#[test]
fn a_long_body_is_read_with_pauses_and_a_short_one_without() {
    let zeros = |length| gzip(&vec![0; length]);
    let long = run(Pieces::new(&zeros(50 << 20), usize::MAX), &[Coding::Gzip], 50 << 20);
    assert_eq!(long.result.map(|body| body.len()), Ok(50 << 20));
    assert!(long.pauses > 2, "{}", long.pauses);
    // A busy machine may take the thread away for long enough that a short body has a pause, too.
    let fewest = (0..20).map(|_| {
        let short = run(Pieces::new(&zeros(100), usize::MAX), &[Coding::Gzip], 100);
        assert_eq!(short.result.map(|body| body.len()), Ok(100));
        short.pauses
    });
    assert_eq!(fewest.min(), Some(0));
}

#[test]
fn a_step_takes_and_yields_no_more_than_its_bounds() {
    let mut chain = Chain::new(&[Coding::Gzip, Coding::Gzip], LIMIT, LIMIT);
    let inner = gzip(&[0; LIMIT]);
    let whole = gzip(&inner);
    let (mut steps, mut yielded) = (0, 0);
    loop {
        steps += 1;
        match chain.step().unwrap() {
            Progress::Yielded(bytes) => {
                assert!(bytes.len() <= 16 << 10);
                yielded += bytes.len();
            }
            Progress::Hungry if steps == 1 => chain.feed(whole.clone().into()),
            Progress::Hungry => chain.end(),
            Progress::Done => break,
        }
    }
    assert_eq!(yielded, LIMIT);
    assert!(steps > LIMIT / (16 << 10), "{steps}");
}

#[test]
fn a_single_piece_is_copied_if_it_keeps_much_more_memory_than_it_needs() {
    for (length, is_copied) in [(1, true), (OWN_ROOM - 1, true), (OWN_ROOM, false)] {
        let piece = Bytes::from(vec![0; 2 * OWN_ROOM]).slice(..length);
        let body = run(Pieces([piece.clone()].into()), &[], usize::MAX).result.unwrap();
        assert_eq!(body, piece);
        assert_eq!(body.as_ptr() != piece.as_ptr(), is_copied, "{length}");
    }
}
