//! What each process has of its own.

use std::ptr;

use super::generation;
use crate::sync::atomic::{AtomicPtr, Ordering};

/// A value that each process makes for itself, on first use. What the parent made is leaked in a child,
/// never dropped: its locks may be held for ever there.
pub(crate) struct PerProcess<T> {
    made: AtomicPtr<Made<T>>,
}

struct Made<T> {
    generation: u64,
    value: T,
}

// SAFETY: it hands out `&T` to any thread and drops T on the thread that drops it: what Sync and Send of T allow.
unsafe impl<T: Send + Sync> Sync for PerProcess<T> {}

impl<T: Send + Sync> PerProcess<T> {
    pub(crate) const fn new() -> PerProcess<T> {
        PerProcess { made: AtomicPtr::new(ptr::null_mut()) }
    }

    /// This process's value, if it was made.
    #[inline]
    pub(crate) fn get(&self) -> Option<&T> {
        let made = self.made.load(Ordering::Acquire);
        // SAFETY: a pointer that was published stays valid until self is dropped; one of another
        // generation is never freed at all.
        let made = unsafe { made.as_ref() }?;
        (made.generation == generation()).then_some(&made.value)
    }

    /// This process's value; `make` may run in several threads at once, one result is kept.
    #[inline]
    pub(crate) fn get_or_make<E>(&self, make: impl FnOnce() -> Result<T, E>) -> Result<&T, E> {
        match self.get() {
            Some(value) => Ok(value),
            None => self.make(make()?),
        }
    }

    #[cold]
    fn make<E>(&self, value: T) -> Result<&T, E> {
        let old = self.made.load(Ordering::Acquire);
        let new = Box::into_raw(Box::new(Made { generation: generation(), value }));
        // SAFETY: `old` is null or published (see get).
        let stale = unsafe { old.as_ref() }.is_none_or(|made| made.generation != generation());
        if stale && self.made.compare_exchange(old, new, Ordering::AcqRel, Ordering::Acquire).is_ok() {
            // SAFETY: just published; freed only by drop.
            return Ok(unsafe { &(*new).value });
        }
        // SAFETY: `new` was not published, so it is still ours; the one that was is this process's.
        unsafe {
            drop(Box::from_raw(new));
            Ok(&(*self.made.load(Ordering::Acquire)).value)
        }
    }
}

impl<T> Drop for PerProcess<T> {
    fn drop(&mut self) {
        let made = *self.made.get_mut();
        // SAFETY: `&mut self`: nobody else uses it; the parent's in a child is left alone.
        unsafe {
            if !made.is_null() && (*made).generation == generation() {
                drop(Box::from_raw(made));
            }
        }
    }
}
