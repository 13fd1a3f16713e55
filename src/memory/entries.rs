//! What a store holds: bytes under keys, in the order of their last use, with the moment they expire.

use std::time::{Duration, Instant};

use lru::LruCache;

/// What an entry costs beside its key and its value.
const OVERHEAD: usize = 96;

/// A value and when it is over.
struct Entry {
    value: Box<[u8]>,
    expires: Option<Instant>,
}

/// How long an entry is still there.
pub(super) enum Left {
    Forever,
    Millis(u64),
}

/// The entries of a store. Expired ones are dropped when they are met.
pub(super) struct Entries {
    by_key: LruCache<Box<[u8]>, Entry>,
    bytes: usize,
    max_bytes: usize,
}

fn cost(key: &[u8], value: &[u8]) -> usize {
    key.len() + value.len() + OVERHEAD
}

/// The moment so many milliseconds from now; `None`: never, also for one too far to represent.
fn moment(millis: Option<u64>) -> Option<Instant> {
    Instant::now().checked_add(Duration::from_millis(millis?))
}

impl Entries {
    pub(super) fn new(max_bytes: usize) -> Entries {
        Entries { by_key: LruCache::unbounded(), bytes: 0, max_bytes }
    }

    pub(super) fn get(&mut self, key: &[u8]) -> Option<&[u8]> {
        self.drop_expired(key);
        self.by_key.get(key).map(|entry| &*entry.value)
    }

    pub(super) fn contains(&mut self, key: &[u8]) -> bool {
        self.get(key).is_some()
    }

    /// Stores a value for so many milliseconds, or for ever, and drops what was used longest ago until all fits. False if
    /// it does not fit alone.
    pub(super) fn set(&mut self, key: &[u8], value: &[u8], millis: Option<u64>) -> bool {
        self.set_until(key, value, moment(millis))
    }

    /// Replaces a value, which expires when the old one would have.
    pub(super) fn replace(&mut self, key: &[u8], value: &[u8]) -> bool {
        let expires = self.by_key.peek(key).and_then(|entry| entry.expires);
        self.set_until(key, value, expires)
    }

    fn set_until(&mut self, key: &[u8], value: &[u8], expires: Option<Instant>) -> bool {
        if cost(key, value) > self.max_bytes {
            return false;
        }
        self.remove(key);
        self.bytes += cost(key, value);
        self.by_key.put(key.into(), Entry { value: value.into(), expires });
        while self.bytes > self.max_bytes
            && let Some((oldest, entry)) = self.by_key.pop_lru()
        {
            self.bytes -= cost(&oldest, &entry.value);
        }
        true
    }

    pub(super) fn remove(&mut self, key: &[u8]) -> bool {
        self.drop_expired(key);
        let removed = self.by_key.pop(key);
        if let Some(entry) = &removed {
            self.bytes -= cost(key, &entry.value);
        }
        removed.is_some()
    }

    /// Gives an entry a new time to live; false if it is not there.
    pub(super) fn expire(&mut self, key: &[u8], millis: Option<u64>) -> bool {
        self.drop_expired(key);
        let entry = self.by_key.get_mut(key);
        entry.map(|entry| entry.expires = moment(millis)).is_some()
    }

    pub(super) fn left(&mut self, key: &[u8]) -> Option<Left> {
        self.drop_expired(key);
        let expires = self.by_key.peek(key)?.expires;
        Some(expires.map_or(Left::Forever, |at| {
            let left = at.saturating_duration_since(Instant::now());
            Left::Millis(u64::try_from(left.as_millis()).unwrap_or(u64::MAX))
        }))
    }

    /// Moves a value with its time to live to another key; false if it is not there.
    pub(super) fn rename(&mut self, from: &[u8], to: &[u8]) -> bool {
        self.drop_expired(from);
        let Some(entry) = self.by_key.pop(from) else { return false };
        self.bytes -= cost(from, &entry.value);
        self.set_until(to, &entry.value, entry.expires)
    }

    /// The keys that `wanted` takes.
    pub(super) fn keys(&mut self, wanted: impl Fn(&[u8]) -> bool) -> Vec<Box<[u8]>> {
        let now = Instant::now();
        let alive = |entry: &Entry| entry.expires.is_none_or(|at| at > now);
        let found = self.by_key.iter().filter(|(key, entry)| alive(entry) && wanted(key));
        found.map(|(key, _)| key.clone()).collect()
    }

    pub(super) fn clear(&mut self) {
        self.by_key.clear();
        self.bytes = 0;
    }

    fn drop_expired(&mut self, key: &[u8]) {
        let expires = self.by_key.peek(key).and_then(|entry| entry.expires);
        if expires.is_some_and(|at| at <= Instant::now())
            && let Some(entry) = self.by_key.pop(key)
        {
            self.bytes -= cost(key, &entry.value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_used_longest_ago_goes_first() {
        let mut entries = Entries::new(3 * cost(b"a", b"1"));
        for key in [b"a", b"b", b"c"] {
            assert!(entries.set(key, b"1", None));
        }
        assert_eq!(entries.get(b"a"), Some(&b"1"[..]));
        assert!(entries.set(b"d", b"1", None));
        assert_eq!([b"a", b"b", b"c", b"d"].map(|key| entries.contains(key)), [true, false, true, true]);
        assert!(!entries.set(b"e", &[0; 1000], None), "larger than the whole store");
        assert!(entries.contains(b"a"), "nothing was dropped for it");
    }

    #[test]
    fn bytes_are_counted_both_ways() {
        let mut entries = Entries::new(1 << 20);
        entries.set(b"a", b"12345", None);
        entries.set(b"a", b"1", Some(60_000));
        entries.rename(b"a", b"longer");
        assert_eq!(entries.bytes, cost(b"longer", b"1"));
        entries.replace(b"longer", b"22");
        assert!(matches!(entries.left(b"longer"), Some(Left::Millis(59_000..=60_000))));
        assert!(entries.remove(b"longer") && !entries.remove(b"longer"));
        assert_eq!(entries.bytes, 0);
    }

    #[test]
    fn what_is_over_is_gone() {
        let mut entries = Entries::new(1 << 20);
        entries.set(b"a", b"1", Some(1));
        entries.set(b"b", b"1", Some(u64::MAX));
        std::thread::sleep(Duration::from_millis(3));
        assert_eq!(entries.keys(|_| true), [Box::from(&b"b"[..])]);
        assert!(!entries.contains(b"a") && !entries.expire(b"a", None) && !entries.rename(b"a", b"c"));
        assert!(entries.left(b"b").is_some());
        assert_eq!(entries.bytes, cost(b"b", b"1"));
    }
}
