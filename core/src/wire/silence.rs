//! For how long a peer has sent nothing.

use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// When bytes last arrived on a connection: milliseconds since a moment of the process.
#[derive(Default)]
pub(crate) struct Silence(AtomicU64);

impl Silence {
    /// Records that bytes have arrived now.
    pub(crate) fn ends(&self) {
        self.0.store(now(), Ordering::Relaxed);
    }

    /// Returns for how long nothing has arrived.
    pub(crate) fn lasts(&self) -> Duration {
        Duration::from_millis(now().saturating_sub(self.0.load(Ordering::Relaxed)))
    }
}

fn now() -> u64 {
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    u64::try_from(START.elapsed().as_millis()).unwrap_or(u64::MAX)
}
