//! How long the server's silence may be taken for "nothing has changed".

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::limits::NEAR_LAG;
use crate::net::{monotonic, nanoseconds};

/// A moment until which what is kept may be used. It moves on with each answer to a PING, since the server's news come
/// before the answer. So it ends by itself where a connection hangs, or the thread that reads it does.
#[derive(Default)]
pub(super) struct Trust {
    until: AtomicU64,
}

impl Trust {
    /// The exact time, in nanoseconds.
    pub(super) fn now() -> u64 {
        monotonic(false)
    }

    /// The moment until which it is trusted.
    pub(super) fn until(&self) -> &AtomicU64 {
        &self.until
    }

    /// Whether it is trusted at this moment.
    pub(super) fn holds(&self, now: u64) -> bool {
        now < self.until.load(Ordering::Acquire)
    }

    /// Whether it is trusted now, and `end` is still to come. The exact clock is asked only where the end is near: it takes
    /// longer than the rest of a lookup.
    pub(super) fn holds_before(&self, end: u64) -> bool {
        let end = end.min(self.until.load(Ordering::Acquire));
        monotonic(true).saturating_add(nanoseconds(NEAR_LAG)) < end || Trust::now() < end
    }

    /// The server has answered what it was asked at `asked`.
    pub(super) fn gain(&self, asked: u64, lasts: Duration) {
        self.until.store(asked.saturating_add(nanoseconds(lasts)), Ordering::Release);
    }

    pub(super) fn lose(&self) {
        self.until.store(0, Ordering::Release);
    }
}
