//! Loom's types, by the names that the library has for std's.

pub(crate) use loom::sync::{Condvar, Mutex, MutexGuard};

pub(crate) mod atomic {
    use std::ptr;
    use std::sync::OnceLock;

    use loom::sync::atomic;
    pub(crate) use loom::sync::atomic::{AtomicU32, AtomicU64, Ordering};

    /// Loom's can't be made in a constant: this one is made when it is first used, with null, as the library's are.
    pub(crate) struct AtomicPtr<T>(OnceLock<atomic::AtomicPtr<T>>);

    impl<T> AtomicPtr<T> {
        pub(crate) const fn new(_null: *mut T) -> AtomicPtr<T> {
            AtomicPtr(OnceLock::new())
        }

        fn made(&self) -> &atomic::AtomicPtr<T> {
            self.0.get_or_init(|| atomic::AtomicPtr::new(ptr::null_mut()))
        }

        pub(crate) fn load(&self, order: Ordering) -> *mut T {
            self.made().load(order)
        }

        pub(crate) fn compare_exchange(
            &self,
            old: *mut T,
            new: *mut T,
            success: Ordering,
            failure: Ordering,
        ) -> Result<*mut T, *mut T> {
            self.made().compare_exchange(old, new, success, failure)
        }

        pub(crate) fn get_mut(&mut self) -> Box<*mut T> {
            Box::new(self.made().load(Ordering::SeqCst))
        }
    }
}
