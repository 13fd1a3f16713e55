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

/// What one pool counts.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    /// Connections opened, handshake included.
    pub(crate) connects: Counter,
    /// Calls sent again, where that is safe, because their connection was dead.
    pub(crate) retries: Counter,
    /// Calls whose commands were sent together with another call's, since all connections were in use.
    pub(crate) rides: Counter,
    /// How often the breaker opened, since the server was away.
    pub(crate) breaker_opens: Counter,
    /// Calls that failed at once since it was open.
    pub(crate) breaker_refusals: Counter,
}
