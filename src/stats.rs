//! Counters. Relaxed atomics: exact in the end, not ordered against each other.

use std::sync::atomic::{AtomicU64, Ordering};

/// One number that only grows.
#[derive(Debug, Default)]
pub(crate) struct Counter(AtomicU64);

impl Counter {
    pub(crate) fn add(&self, n: u64) {
        self.0.fetch_add(n, Ordering::Relaxed);
    }

    pub(crate) fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// What one pool has counted by now.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Counts {
    pub(crate) connects: u64,
    pub(crate) retries: u64,
    pub(crate) rides: u64,
}

/// What one pool counts.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    /// Connections opened, handshake included.
    pub(crate) connects: Counter,
    /// Calls sent again, where that is safe, because their connection was dead.
    pub(crate) retries: Counter,
    /// Calls whose commands were sent together with another call's, since all connections were in use.
    pub(crate) rides: Counter,
}

impl Counters {
    pub(crate) fn counts(&self) -> Counts {
        Counts { connects: self.connects.get(), retries: self.retries.get(), rides: self.rides.get() }
    }
}
