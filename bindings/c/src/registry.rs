//! The objects that C holds. C gets numbers that look like pointers, never an address: what was freed,
//! or is of another kind, is found out and harms nobody.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};
use std::{mem, ptr};

/// The objects of one kind. Each is found by its number until it is removed.
pub(crate) struct Registry<T: 'static> {
    /// None stands where a number is reserved.
    objects: LazyLock<Mutex<HashMap<usize, Option<Arc<T>>>>>,
}

/// Numbers are never used again, by no kind. The first ones are below any address that a program can have.
static NEXT: AtomicUsize = AtomicUsize::new(0x1001);

impl<T> Registry<T> {
    pub(crate) const fn new() -> Self {
        Self { objects: LazyLock::new(Mutex::default) }
    }

    fn objects(&self) -> MutexGuard<'_, HashMap<usize, Option<Arc<T>>>> {
        self.objects.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A place for an object that is yet to be made: what could fail has not failed afterwards.
    pub(crate) fn reserve(&'static self) -> Reserved<T> {
        #[cfg(test)]
        tests::fail_if_told();
        // Odd, so that no allocator ever hands out the same.
        let number = NEXT.fetch_add(2, Ordering::Relaxed);
        self.objects().insert(number, None);
        Reserved { registry: self, number }
    }

    /// Takes an object in; what C calls it.
    pub(crate) fn insert<H>(&'static self, object: T) -> *mut H {
        self.reserve().fill(object)
    }

    /// The object, if it is there.
    pub(crate) fn get<H>(&self, handle: *const H) -> Option<Arc<T>> {
        self.objects().get(&handle.addr()).cloned().flatten()
    }

    /// Takes an object out. It goes when those who use it just now are done.
    pub(crate) fn remove<H>(&self, handle: *const H) {
        let removed = self.objects().remove(&handle.addr());
        // Outside the lock: what an object does at its end is its own business.
        drop(removed);
    }
}

/// A number that no object has yet. Going, it is given up.
pub(crate) struct Reserved<T: 'static> {
    registry: &'static Registry<T>,
    number: usize,
}

impl<T> Reserved<T> {
    /// Takes the object in; what C calls it.
    pub(crate) fn fill<H>(self, object: T) -> *mut H {
        let object = Arc::new(object);
        if let Some(place) = self.registry.objects().get_mut(&self.number) {
            *place = Some(object);
        }
        let number = self.number;
        mem::forget(self); // it holds nothing but the number
        ptr::without_provenance_mut(number)
    }
}

impl<T> Drop for Reserved<T> {
    fn drop(&mut self) {
        self.registry.objects().remove(&self.number);
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::cell::Cell;

    use super::*;

    thread_local! {
        static FAILS: Cell<bool> = const { Cell::new(false) };
    }

    pub(super) fn fail_if_told() {
        assert!(!FAILS.get(), "on purpose: no place for an object");
    }

    /// Runs `work` while this thread gets no place for any object.
    pub(crate) fn without_a_place<T>(work: impl FnOnce() -> T) -> T {
        FAILS.set(true);
        let result = work();
        FAILS.set(false);
        result
    }

    #[test]
    fn a_reserved_number_is_no_object_until_it_is_filled_and_nothing_when_it_is_given_up() {
        static TEXTS: Registry<&str> = Registry::new();
        let (filled, given_up) = (TEXTS.reserve(), TEXTS.reserve());
        let number = ptr::without_provenance::<u8>(filled.number);
        assert_eq!(TEXTS.get(number), None);
        drop(given_up);
        assert_eq!(TEXTS.objects().len(), 1);
        let handle: *mut u8 = filled.fill("text");
        assert_eq!((handle.addr(), TEXTS.get(handle).as_deref()), (number.addr(), Some(&"text")));
        TEXTS.remove(handle);
        assert_eq!(TEXTS.objects().len(), 0);
    }
}
