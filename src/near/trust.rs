//! How long the server's silence may be taken for "nothing has changed".

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// A moment until which what is kept may be used. It moves on with each answer to a PING, since the server's news come
/// before the answer. So it ends by itself where a connection hangs, or the thread that reads it does.
pub(super) struct Trust {
    base: Instant,
    until: AtomicU64,
}

impl Trust {
    pub(super) fn new() -> Trust {
        Trust { base: Instant::now(), until: AtomicU64::new(0) }
    }

    /// Nanoseconds since it was made.
    pub(super) fn now(&self) -> u64 {
        nanoseconds(self.base.elapsed())
    }

    pub(super) fn holds(&self, now: u64) -> bool {
        now < self.until.load(Ordering::Acquire)
    }

    /// The server has answered what it was asked at `asked`.
    pub(super) fn gain(&self, asked: u64, lasts: Duration) {
        self.until.store(asked.saturating_add(nanoseconds(lasts)), Ordering::Release);
    }

    pub(super) fn lose(&self) {
        self.until.store(0, Ordering::Release);
    }
}

pub(super) fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}
