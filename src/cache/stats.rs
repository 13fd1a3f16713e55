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
}

impl CacheCounters {
    pub(crate) fn found(&self, found: bool) {
        if found { self.hits.add(1) } else { self.misses.add(1) }
    }
}

impl Cache {
    /// The counters since this handle was opened, by name: `hits`, `misses`, `sets`, `errors` and `decode_errors` of
    /// this handle; `connects` and `retries` of its servers' pools in this process, which other handles may share.
    pub fn stats(&self) -> Vec<(&'static str, u64)> {
        let own = &self.core.counters;
        let client = self.core.client();
        let servers = || (0..client.servers()).map(|server| client.counters(server));
        vec![
            ("hits", own.hits.get()),
            ("misses", own.misses.get()),
            ("sets", own.sets.get()),
            ("errors", own.errors.get()),
            ("decode_errors", own.decode_errors.get()),
            ("connects", servers().map(|counters| counters.connects.get()).sum()),
            ("retries", servers().map(|counters| counters.retries.get()).sum()),
        ]
    }
}
