//! The near cache: values that this process has read and keeps at hand, until the server says that they changed.
//!
//! A connection of its own tells the server to name every key of the cache's prefix that is written, and one thread reads
//! those names and drops the values. So a fetch on any other connection may be kept, if (1) it was begun when that
//! connection was up, and (2) nothing happened to the key since. [`Kept`] sees to the second, [`Trust`] to the first.

mod kept;
mod sharing;
mod tracker;
mod trust;

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use self::kept::{Kept, Ticket, Value};
pub(crate) use self::sharing::NearUser;
use self::tracker::Tracker;
use self::trust::Trust;
use crate::error::Result;
use crate::net::{Deadline, Endpoint, nanoseconds};
use crate::stats::Counter;

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What makes two caches of this process share a near cache.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct NearConfig {
    pub(crate) endpoint: Endpoint,
    /// What every key that is kept begins with, its colon included.
    pub(crate) prefix: Vec<u8>,
    pub(crate) max_bytes: usize,
}

/// The near cache of this process for one server and prefix.
pub(crate) struct Near {
    config: NearConfig,
    kept: Kept,
    trust: Trust,
    tracker: Tracker,
    /// Somebody has begun to track.
    begun: AtomicBool,
    counters: NearCounters,
}

/// What happened to what is kept.
#[derive(Debug, Default)]
pub(crate) struct NearCounters {
    /// Keys that the server named.
    pub(crate) invalidations: Counter,
    /// How often everything was dropped: the server was emptied, or the connection lost.
    pub(crate) flushes: Counter,
}

impl Near {
    fn new(config: NearConfig) -> Result<Near> {
        Ok(Near {
            kept: Kept::new(config.max_bytes)?,
            config,
            trust: Trust::default(),
            tracker: Tracker::default(),
            begun: AtomicBool::new(false),
            counters: NearCounters::default(),
        })
    }

    /// Whether what stands under this full key may be kept: the server names no other keys.
    pub(crate) fn covers(&self, key: &[u8]) -> bool {
        key.starts_with(&self.config.prefix)
    }

    /// The stored bytes under a full key, if they are at hand, have not expired, and the server's word is still trusted when
    /// they have been found.
    pub(crate) fn get(&self, key: &[u8]) -> Option<Arc<[u8]>> {
        let value = self.kept.get(key)?;
        self.trust.holds_before(value.expires).then_some(value.data)
    }

    /// The same, with how long the host may use a copy of its own.
    pub(crate) fn lend(&self, key: &[u8]) -> Option<(Arc<[u8]>, Lease<'_>)> {
        let changes = self.kept.changes(key);
        // Before the lookup: what happens to the value from now on ends the lease.
        let unchanged = changes.load(Ordering::Acquire);
        let value = self.kept.get(key)?;
        let trusted = self.trust.until();
        let lease = Lease { changes, unchanged, trusted, expires: value.expires };
        self.trust.holds_before(value.expires).then_some((value.data, lease))
    }

    /// To be called before a fetch is sent. The first one tells the server to track, within its own deadline, so that a
    /// server which does not is an error of its call.
    pub(crate) fn begin_fetch(self: &Arc<Near>, deadline: Deadline) -> Result<Fetch<'_>> {
        self.begin(deadline)?;
        // The number first: who loses trust gives up all earlier numbers afterwards.
        let ticket = self.kept.ticket();
        let begun = Trust::now();
        Ok(Fetch { near: self, ticket, begun, keeps: self.trust.holds(begun) })
    }

    /// Drops what is kept under a key that this process has written.
    pub(crate) fn forget(&self, key: &[u8]) {
        if self.covers(key) {
            self.kept.forget(key);
        }
    }

    /// Drops everything.
    pub(crate) fn forget_all(&self) {
        self.kept.forget_all();
    }

    pub(crate) fn counters(&self) -> &NearCounters {
        &self.counters
    }

    /// Makes sure that somebody tracks, or tries to.
    fn begin(self: &Arc<Near>, deadline: Deadline) -> Result<()> {
        if self.begun.load(Ordering::Acquire) || self.begun.swap(true, Ordering::AcqRel) {
            return Ok(());
        }
        let started = tracker::start(self, deadline);
        if started.is_err() {
            self.begun.store(false, Ordering::Release);
        }
        started
    }

    /// Ends the tracking, for good.
    fn end(&self) {
        self.tracker.end();
        self.trust.lose();
        self.kept.forget_all();
    }
}

/// How long a host may use its copy of a value: while `changes` is `unchanged`, until `expires` and `trusted`, both moments of
/// [`Trust`]. The clock is to be read first, then `trusted`, then `changes`.
pub(crate) struct Lease<'n> {
    pub(crate) changes: &'n AtomicU64,
    pub(crate) unchanged: u64,
    pub(crate) trusted: &'n AtomicU64,
    pub(crate) expires: u64,
}

/// One fetch from the server, from before it is sent until its result is kept, or not.
pub(crate) struct Fetch<'n> {
    near: &'n Near,
    ticket: Ticket,
    begun: u64,
    keeps: bool,
}

/// What a fetch found under one key.
#[derive(Clone, Debug, Default)]
pub(crate) struct Found {
    pub(crate) data: Option<Arc<[u8]>>,
    /// What PTTL answered; 0 where it was not asked.
    pub(crate) pttl: i64,
}

impl Fetch<'_> {
    /// Whether the result may be kept: then PTTL is to be asked as well.
    pub(crate) fn keeps(&self) -> bool {
        self.keeps
    }

    /// Keeps what was found under a key, for as long as it lives; or drops what was kept, where it may not be.
    pub(crate) fn settle(&self, key: &[u8], found: &Found) {
        let keeps =
            |data: &&Arc<[u8]>| self.keeps && self.near.covers(key) && self.near.kept.takes(data.len());
        let data = found.data.as_ref().filter(keeps);
        let value = data
            .zip(self.expires(found.pttl))
            .map(|(data, expires)| Value { data: Arc::clone(data), expires });
        self.near.kept.settle(key, self.ticket, value);
    }

    /// The moment that something with this time to live lives until at most; `None` if that is over.
    fn expires(&self, pttl: i64) -> Option<u64> {
        if pttl == -1 {
            return Some(u64::MAX);
        }
        // Redis counts in whole milliseconds: the last one may be over already.
        let left = u64::try_from(pttl).ok()?.checked_sub(1)?;
        Some(self.begun.saturating_add(nanoseconds(Duration::from_millis(left))))
    }
}
