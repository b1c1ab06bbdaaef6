//! The clocks of a process, which a test sets ahead.
#![allow(dead_code, reason = "each test file uses its own part")]

use std::fs::{File, OpenOptions};
use std::os::unix::fs::FileExt as _;
use std::time::{Duration, Instant, SystemTime};

use crate::preload;

/// Adds to each clock what the test has written to a file: seconds for CLOCK_REALTIME, and for
/// CLOCK_MONOTONIC.
pub(crate) const CLOCKS: &str = r#"
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static volatile long *ahead;

__attribute__((constructor)) static void open_clocks(void)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/clocks", getenv("GADGET_PRELOADED"));
    int file = open(path, O_RDWR | O_CREAT, 0600);
    if (file < 0 || ftruncate(file, 2 * sizeof(long)))
        abort();
    ahead = mmap(NULL, 2 * sizeof(long), PROT_READ, MAP_SHARED, file, 0);
    if (ahead == MAP_FAILED)
        abort();
}

int clock_gettime(clockid_t clock, struct timespec *now)
{
    long failed = syscall(SYS_clock_gettime, clock, now);
    if (!failed && ahead && (clock == CLOCK_REALTIME || clock == CLOCK_MONOTONIC))
        now->tv_sec += ahead[clock];
    return failed;
}
"#;

/// The clocks of this process.
pub(crate) struct Clocks {
    file: File,
    ahead: [i64; 2],
}

impl Clocks {
    pub(crate) fn open() -> Self {
        let file = OpenOptions::new().write(true).open(preload::folder().join("clocks"));
        let mut clocks = Self { file: file.expect("the replacement has made it"), ahead: [0, 0] };
        let (wall, instant) = (SystemTime::now(), Instant::now());
        clocks.advance(1000, 0);
        assert!(wall.elapsed().expect("it went forward") > Duration::from_secs(999));
        assert!(instant.elapsed() < Duration::from_secs(900));
        clocks
    }

    fn advance(&mut self, wall: i64, monotonic: i64) {
        self.ahead[0] += wall;
        self.ahead[1] += monotonic;
        let bytes: Vec<u8> = self.ahead.iter().flat_map(|seconds| seconds.to_ne_bytes()).collect();
        self.file.write_all_at(&bytes, 0).expect("it has room");
    }

    /// Time passes, and the device sleeps.
    pub(crate) fn sleep(&mut self, seconds: i64) {
        self.advance(seconds, 0);
    }

    /// Time passes, and the device is awake.
    pub(crate) fn pass(&mut self, seconds: i64) {
        self.advance(seconds, seconds);
    }
}
