//! What a cache counts.

use super::Cache;
use crate::stats::Counter;

/// The counters of one cache handle.
#[derive(Debug, Default)]
pub(crate) struct CacheCounters {
    /// Keys that a read found.
    pub(crate) hits: Counter,
    /// Keys that a read did not find.
    pub(crate) misses: Counter,
    /// Keys written.
    pub(crate) sets: Counter,
    /// Calls that failed, ignored ones included.
    pub(crate) errors: Counter,
    /// Values that could not be decoded.
    pub(crate) decode_errors: Counter,
    /// Keys that a read found in the near cache.
    pub(crate) near_hits: Counter,
    /// Keys that a read did not find there.
    pub(crate) near_misses: Counter,
}

impl CacheCounters {
    pub(crate) fn found(&self, found: bool) {
        if found { self.hits.add(1) } else { self.misses.add(1) }
    }
}

/// What happened since a cache handle was opened.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stats {
    /// Keys that a read found.
    pub hits: u64,
    /// Keys that a read did not find.
    pub misses: u64,
    /// Keys written.
    pub sets: u64,
    /// Calls that failed, ignored ones included.
    pub errors: u64,
    /// Values that could not be decoded.
    pub decode_errors: u64,
    /// Connections that the servers' pools opened in this process; other handles may share them.
    pub connects: u64,
    /// Calls that those pools sent again, where that is safe, because their connection was dead.
    pub retries: u64,
    /// Calls whose commands those pools sent together with another call's, since all connections were in use.
    pub rides: u64,
    /// Keys that reads found in the near cache, without asking the server.
    pub near_hits: u64,
    /// Keys that reads did not find there.
    pub near_misses: u64,
    /// Keys that the server named as changed to the near cache of this process; other handles may share it.
    pub near_invalidations: u64,
    /// How often that near cache was emptied: by a flush on the server, or since the connection to it was lost.
    pub near_flushes: u64,
    /// Values read, by format: `integer`, the serializers and the compressors. A compressed value counts by both.
    pub formats: Vec<(&'static str, u64)>,
}

impl Stats {
    /// All but `formats`, by name.
    pub fn counters(&self) -> [(&'static str, u64); 12] {
        [
            ("hits", self.hits),
            ("misses", self.misses),
            ("sets", self.sets),
            ("errors", self.errors),
            ("decode_errors", self.decode_errors),
            ("connects", self.connects),
            ("retries", self.retries),
            ("rides", self.rides),
            ("near_hits", self.near_hits),
            ("near_misses", self.near_misses),
            ("near_invalidations", self.near_invalidations),
            ("near_flushes", self.near_flushes),
        ]
    }
}

impl Cache {
    /// The counters since this handle was opened.
    pub fn stats(&self) -> Stats {
        let own = &self.core.counters;
        let client = self.core.client();
        let near = self.core.near.get().map(|user| user.near().counters());
        let servers = || (0..client.servers()).map(|server| client.counts(server));
        Stats {
            hits: own.hits.get(),
            misses: own.misses.get(),
            sets: own.sets.get(),
            errors: own.errors.get(),
            decode_errors: own.decode_errors.get(),
            connects: servers().map(|counts| counts.connects).sum(),
            retries: servers().map(|counts| counts.retries).sum(),
            rides: servers().map(|counts| counts.rides).sum(),
            near_hits: own.near_hits.get(),
            near_misses: own.near_misses.get(),
            near_invalidations: near.map_or(0, |near| near.invalidations.get()),
            near_flushes: near.map_or(0, |near| near.flushes.get()),
            formats: self.core.codec.formats.by_name(),
        }
    }
}
