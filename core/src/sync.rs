//! The lock of the engine's own small state machines, in a form that loom can explore.

use std::sync::PoisonError;

// Only `scripts/loom` sets `gadget_loom`. The types are loom's then, for the tests in
// `call/loom_models.rs`.
#[cfg(gadget_loom)]
use loom::sync::{Mutex, MutexGuard};
#[cfg(not(gadget_loom))]
use std::sync::{Mutex, MutexGuard};

/// A value behind a lock.
///
/// Only code of the engine runs while it is held, unless the doc of a field says otherwise. A panic
/// under it leaves nothing half done, so poisoning is ignored.
pub(crate) struct Lock<T>(Mutex<T>);

impl<T> Lock<T> {
    pub(crate) fn new(value: T) -> Self {
        Self(Mutex::new(value))
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
