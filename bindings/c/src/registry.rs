//! The objects that C holds. C gets numbers that look like pointers, never an address: what was freed,
//! or is of another kind, is found out and harms nobody.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};

/// The objects of one kind. Each is found by its number until it is removed.
pub(crate) struct Registry<T> {
    objects: LazyLock<Mutex<HashMap<usize, Arc<T>>>>,
}

/// Numbers are never used again, by no kind. The first ones are below any address that a program can have.
static NEXT: AtomicUsize = AtomicUsize::new(0x1001);

impl<T> Registry<T> {
    pub(crate) const fn new() -> Self {
        Self { objects: LazyLock::new(Mutex::default) }
    }

    fn objects(&self) -> MutexGuard<'_, HashMap<usize, Arc<T>>> {
        self.objects.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes an object in; what C calls it.
    pub(crate) fn insert<H>(&self, object: T) -> *mut H {
        // Odd, so that no allocator ever hands out the same.
        let number = NEXT.fetch_add(2, Ordering::Relaxed);
        self.objects().insert(number, Arc::new(object));
        std::ptr::without_provenance_mut(number)
    }

    /// The object, if it is there.
    pub(crate) fn get<H>(&self, handle: *const H) -> Option<Arc<T>> {
        self.objects().get(&handle.addr()).cloned()
    }

    /// Takes an object out. It goes when those who use it just now are done.
    pub(crate) fn remove<H>(&self, handle: *const H) {
        let removed = self.objects().remove(&handle.addr());
        // Outside the lock: what an object does at its end is its own business.
        drop(removed);
    }
}
