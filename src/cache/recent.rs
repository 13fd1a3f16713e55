//! READ_YOUR_WRITES: which keys this handle wrote a moment ago, so that they are read from the primary.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use super::core::Core;
use crate::limits::{RECENT, RECENT_SLOTS};
use crate::net::nanoseconds;
use crate::pool::Intent;

/// Moments until which keys count as just written, in nanoseconds since it was made. Keys share a place where a hash of them
/// does: then one is read from the primary without need.
pub(crate) struct Recent {
    born: Instant,
    until: Box<[AtomicU64]>,
    /// The same for whatever was written under a name that is not known.
    until_of_all: AtomicU64,
    /// The latest of all.
    until_of_any: AtomicU64,
}

impl Recent {
    pub(crate) fn new() -> Recent {
        Recent {
            born: Instant::now(),
            until: (0..RECENT_SLOTS).map(|_| AtomicU64::new(0)).collect(),
            until_of_all: AtomicU64::new(0),
            until_of_any: AtomicU64::new(0),
        }
    }

    pub(crate) fn wrote(&self, key: &[u8]) {
        let until = self.now() + nanoseconds(RECENT);
        self.place(key).fetch_max(until, Ordering::AcqRel);
        self.until_of_any.fetch_max(until, Ordering::AcqRel);
    }

    pub(crate) fn wrote_anything(&self) {
        let until = self.now() + nanoseconds(RECENT);
        self.until_of_all.fetch_max(until, Ordering::AcqRel);
        self.until_of_any.fetch_max(until, Ordering::AcqRel);
    }

    fn wrote_one_of<'k>(&self, mut keys: impl Iterator<Item = &'k [u8]>) -> bool {
        let now = self.now();
        let lies_ahead = |until: &AtomicU64| now < until.load(Ordering::Acquire);
        lies_ahead(&self.until_of_any)
            && (lies_ahead(&self.until_of_all) || keys.any(|key| lies_ahead(self.place(key))))
    }

    fn wrote_something(&self) -> bool {
        self.now() < self.until_of_any.load(Ordering::Acquire)
    }

    fn now(&self) -> u64 {
        nanoseconds(self.born.elapsed())
    }

    fn place(&self, key: &[u8]) -> &AtomicU64 {
        let mut hasher = DefaultHasher::new();
        key.hash(&mut hasher);
        &self.until[hasher.finish() as usize % RECENT_SLOTS]
    }
}

impl Core {
    /// Who is asked for these full keys.
    #[inline]
    pub(crate) fn intent_of_reads<'k>(&self, keys: impl Iterator<Item = &'k [u8]>) -> Intent {
        match &self.recent {
            Some(recent) if recent.wrote_one_of(keys) => Intent::ReadPrimary,
            _ => Intent::Read,
        }
    }

    /// Who is asked which keys there are.
    pub(crate) fn intent_of_walk(&self) -> Intent {
        match &self.recent {
            Some(recent) if recent.wrote_something() => Intent::ReadPrimary,
            _ => Intent::Read,
        }
    }
}
