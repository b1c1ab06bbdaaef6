//! The objects that C holds. C gets numbers that look like pointers, never an address: a pointer
//! that was freed, or is of another kind, is detected and does no harm.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::{mem, ptr};

/// The objects of one kind. Each is found by its number until it is removed.
pub(crate) struct Registry<T: 'static> {
    /// None if the number is only reserved.
    objects: Mutex<Objects<T>>,
}

type Objects<T> = HashMap<usize, Option<Arc<T>>, BuildHasherDefault<Spread>>;

/// Spreads the numbers, which are ours and follow each other. A hash against hostile keys would
/// cost a request a thousand instructions.
#[derive(Default)]
struct Spread(u64);

impl Spread {
    /// The golden ratio, as usual for this.
    const RATIO: u64 = 0x9e37_79b9_7f4a_7c15;
}

impl Hasher for Spread {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.write_usize(usize::from(*byte)));
    }

    fn write_usize(&mut self, number: usize) {
        // All are odd, so the lowest bit says nothing.
        self.0 = (self.0 ^ (number as u64 >> 1)).wrapping_mul(Self::RATIO);
    }
}

/// The next number. Numbers are never reused, not even by another kind. The first ones are lower
/// than any address that a program can have.
static NEXT: AtomicUsize = AtomicUsize::new(0x1001);

impl<T> Registry<T> {
    pub(crate) const fn new() -> Self {
        Self { objects: Mutex::new(HashMap::with_hasher(BuildHasherDefault::new())) }
    }

    fn objects(&self) -> MutexGuard<'_, Objects<T>> {
        self.objects.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reserves a place before its object is made, so that nothing can fail after it is made.
    pub(crate) fn reserve(&'static self) -> Reserved<T> {
        #[cfg(test)]
        tests::fail_on_purpose();
        // Odd, because no allocator returns an odd address.
        let number = NEXT.fetch_add(2, Ordering::Relaxed);
        self.objects().insert(number, None);
        Reserved { registry: self, number }
    }

    /// Adds an object. Returns its number for C.
    pub(crate) fn insert<H>(&'static self, object: T) -> *mut H {
        self.reserve().fill(object)
    }

    /// The object with this number, if there is one.
    pub(crate) fn get<H>(&self, handle: *const H) -> Option<Arc<T>> {
        self.objects().get(&handle.addr()).cloned().flatten()
    }

    /// Removes an object. It is dropped when the last thread that uses it is done.
    pub(crate) fn remove<H>(&self, handle: *const H) {
        let removed = self.objects().remove(&handle.addr());
        // Outside the lock: dropping an object can call C.
        drop(removed);
    }
}

/// A number without an object. Dropping it frees the place.
pub(crate) struct Reserved<T: 'static> {
    registry: &'static Registry<T>,
    number: usize,
}

impl<T> Reserved<T> {
    /// Adds the object. Returns its number for C.
    pub(crate) fn fill<H>(self, object: T) -> *mut H {
        let object = Arc::new(object);
        if let Some(place) = self.registry.objects().get_mut(&self.number) {
            *place = Some(object);
        }
        let number = self.number;
        mem::forget(self); // it owns only the number, which is in use now
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

    pub(super) fn fail_on_purpose() {
        assert!(!FAILS.get(), "on purpose: no place for an object");
    }

    /// Runs `work` while every `reserve` of this thread panics.
    pub(crate) fn without_a_place<T>(work: impl FnOnce() -> T) -> T {
        FAILS.set(true);
        let result = work();
        FAILS.set(false);
        result
    }

    #[test]
    fn a_reserved_number_has_no_object_until_it_is_filled_and_leaves_nothing_when_it_is_dropped() {
        static TEXTS: Registry<&str> = Registry::new();
        let (filled, dropped) = (TEXTS.reserve(), TEXTS.reserve());
        let number = ptr::without_provenance::<u8>(filled.number);
        assert_eq!(TEXTS.get(number), None);
        drop(dropped);
        assert_eq!(TEXTS.objects().len(), 1);
        let handle: *mut u8 = filled.fill("text");
        assert_eq!((handle.addr(), TEXTS.get(handle).as_deref()), (number.addr(), Some(&"text")));
        TEXTS.remove(handle);
        assert_eq!(TEXTS.objects().len(), 0);
    }
}
