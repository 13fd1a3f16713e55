//! Counters. Relaxed atomics: exact in the end, not ordered against each other.

use crate::sync::atomic::{AtomicU64, Ordering};

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

/// How many threads count without waiting for each other's cache line; a power of two.
const COPIES: usize = 8;

/// The same counters several times, each on cache lines of its own.
#[derive(Debug, Default)]
pub(crate) struct Copies<T>([Line<T>; COPIES]);

#[derive(Debug, Default)]
#[repr(align(128))]
struct Line<T>(T);

impl<T> Copies<T> {
    /// Those that this thread counts with.
    #[inline]
    pub(crate) fn mine(&self) -> &T {
        &self.0[place()].0
    }

    /// What all threads have counted.
    pub(crate) fn sum(&self, of: impl Fn(&T) -> &Counter) -> u64 {
        self.0.iter().map(|Line(counters)| of(counters).get()).sum()
    }
}

/// Which copy this thread counts with. Threads are told apart by where their stacks are: that takes no call, as thread-local memory
/// would.
#[inline]
fn place() -> usize {
    const NEAR: u32 = 16;
    const SPREAD: u64 = 0x9E37_79B9_7F4A_7C15;
    let here = 0_u8;
    let stack = ((&raw const here).addr() >> NEAR) as u64;
    (stack.wrapping_mul(SPREAD) >> (u64::BITS - COPIES.ilog2())) as usize
}

/// What several pools counted together.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Totals {
    pub(crate) connects: u64,
    pub(crate) retries: u64,
    pub(crate) rides: u64,
    pub(crate) breaker_opens: u64,
    pub(crate) breaker_refusals: u64,
}

impl Totals {
    pub(crate) fn add(&mut self, counters: &Counters) {
        self.connects += counters.connects.get();
        self.retries += counters.retries.get();
        self.rides += counters.rides.get();
        self.breaker_opens += counters.breaker_opens.get();
        self.breaker_refusals += counters.breaker_refusals.get();
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
