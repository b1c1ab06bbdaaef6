//! The protocol of a peer, and what it measures of itself.
//!
//! A peer is a program: `PEER WANT URL LENGTH IN_FLIGHT [BODY]`. `WANT` is `text`, `bytes`,
//! `coded` (text that comes coded) or `post` (text, for the JSON in the file `BODY`). `LENGTH` is
//! the length of the body that must come. `IN_FLIGHT` 0 submits all at once, with ten in flight.
//! For each line of its input, a number, it makes that many requests, and prints one line: the
//! seconds, the microseconds of CPU, those of the process so far, its peak memory in KiB, and the
//! allocations (`-` if it does not count them). It waits for a round in one go.

use std::io::{self, BufRead as _, Write as _};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;
use std::{fmt, fs, process};

use bytes::Bytes;
use nix::time::{ClockId, clock_gettime};

/// What a request asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Want {
    /// JSON, as text.
    Text,
    /// Bytes, as an ArrayBuffer.
    Bytes,
    /// JSON that comes in a content coding.
    Coded,
    /// JSON as text, for JSON that is sent.
    Post,
}

/// The arguments of a peer.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Work {
    pub(crate) want: Want,
    pub(crate) url: String,
    length: usize,
    in_flight: usize,
    body: Option<std::path::PathBuf>,
}

impl Work {
    /// How many requests may be in flight if all are submitted at once: what the engine allows.
    pub(crate) const PLACES: usize = 10;

    /// How many requests are in flight, or `None` if all are submitted at once.
    pub(crate) fn in_flight(&self) -> Option<usize> {
        (self.in_flight > 0).then_some(self.in_flight)
    }

    /// The JSON that is sent, or empty.
    pub(crate) fn body(&self) -> Bytes {
        let read = self.body.as_ref().map_or(Ok(Vec::new()), fs::read);
        read.unwrap_or_else(|error| fail(error)).into()
    }

    /// Ends the process if this is not the response that must come.
    pub(crate) fn check(&self, status: u16, has_type: bool, length: usize) {
        if (status, has_type, length) != (200, true, self.length) {
            fail(format_args!("status {status}, {length} bytes"));
        }
    }
}

/// A client in Rust.
pub(crate) trait Peer {
    /// Makes this many requests, and returns when all have their responses.
    fn run(&self, count: usize);
}

/// The requests of a round that nobody has begun.
pub(crate) struct Left(AtomicUsize);

impl Left {
    pub(crate) fn new(count: usize) -> Self {
        Self(AtomicUsize::new(count))
    }

    /// Takes one, if there is one.
    pub(crate) fn take(&self) -> bool {
        self.0
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1))
            .is_ok()
    }
}

/// Makes requests as the input says, and prints what they cost.
pub(crate) fn serve(peer: &dyn Peer, allocations: fn() -> Option<usize>) -> io::Result<()> {
    for line in io::stdin().lock().lines() {
        let count = line?.trim().parse().map_err(io::Error::other)?;
        let (allocated, cpu, start) = (allocations(), cpu_micros(), Instant::now());
        peer.run(count);
        let (seconds, total) = (start.elapsed().as_secs_f64(), cpu_micros());
        let allocated =
            allocated.zip(allocations()).map_or("-".to_owned(), |(a, b)| (b - a).to_string());
        println!("{seconds} {} {total} {} {allocated}", total - cpu, peak_kib()?);
        io::stdout().flush()?;
    }
    Ok(())
}

/// Ends the process with a message: a panic would end a task only.
pub(crate) fn fail(what: impl fmt::Display) -> ! {
    eprintln!("gadget-bench: {what}");
    process::exit(1);
}

/// The CPU time of the process, in microseconds.
fn cpu_micros() -> i64 {
    let time = clock_gettime(ClockId::CLOCK_PROCESS_CPUTIME_ID).expect("Linux has this clock");
    time.tv_sec() * 1_000_000 + time.tv_nsec() / 1000
}

/// The most memory that the process has had, in KiB.
fn peak_kib() -> io::Result<u64> {
    let status = fs::read_to_string("/proc/self/status")?;
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let peak = peak.and_then(|text| text.trim().strip_suffix(" kB"));
    peak.and_then(|text| text.parse().ok()).ok_or_else(|| io::Error::other("no VmHWM"))
}
