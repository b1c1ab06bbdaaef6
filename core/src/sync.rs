//! The lock of the engine's own small state machines, in a form that loom can explore.

use std::sync::PoisonError;

// `gadget_loom` is set by `scripts/loom` alone; the types are loom's then, for the tests in
// `call/loom_models.rs`.
#[cfg(gadget_loom)]
use loom::sync::{Mutex, MutexGuard};
#[cfg(not(gadget_loom))]
use std::sync::{Mutex, MutexGuard};

/// A value behind a lock. No code but the engine's own runs while it is held, but where a field
/// says so, and a panic leaves nothing half done: poisoning says nothing.
pub(crate) struct Lock<T>(Mutex<T>);

impl<T> Lock<T> {
    pub(crate) fn new(value: T) -> Self {
        Self(Mutex::new(value))
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
