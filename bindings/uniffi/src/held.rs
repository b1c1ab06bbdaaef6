//! How many objects the other language holds, so that its tests see a leak.

use std::sync::atomic::{AtomicU64, Ordering};

static HELD: AtomicU64 = AtomicU64::new(0);

/// Counts the object that it is a part of.
pub(crate) struct Held(());

impl Held {
    pub(crate) fn new() -> Self {
        HELD.fetch_add(1, Ordering::Relaxed);
        Self(())
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        HELD.fetch_sub(1, Ordering::Relaxed);
    }
}

/// The number of clients and tasks that were made and not destroyed.
#[uniffi::export]
pub fn held_objects() -> u64 {
    HELD.load(Ordering::Relaxed)
}
