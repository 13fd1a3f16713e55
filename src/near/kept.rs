//! What is kept, and the order of what happens to it.
//!
//! A fetch and the news that its key was written cross each other. So everything that happens - news, a write of
//! our own, the end of a fetch - gets a number from one counter, under a lock that the key shares with a few
//! others (a stripe). A fetch draws its number before it is sent, and is kept only if nothing with a later one
//! happened in its stripe.
//!
//! The end of a fetch counts too: two that overlap may have seen different values, and who has been given the newer one
//! must not find the older one here afterwards. So the second is not kept, and what the first has left stays only if both saw
//! the same.

use std::hash::BuildHasher;
use std::sync::Arc;

use foldhash::quality::RandomState;
use quick_cache::sync::{Cache, DefaultLifecycle};
use quick_cache::{OptionsBuilder, Weighter};

use super::locked;
use crate::error::{Error, Result, Status};
use crate::limits::{NEAR_OVERHEAD, NEAR_SHARD, NEAR_SHARDS, NEAR_STRIPES, NEAR_USUAL};
use crate::sync::Mutex;
use crate::sync::atomic::{AtomicU64, Ordering};

/// The number of a fetch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ticket(u64);

/// The stored bytes under a key.
#[derive(Clone)]
pub(super) struct Value {
    pub(super) data: Arc<[u8]>,
    /// The moment of [`super::Trust`] that it lives until.
    pub(super) expires: u64,
}

/// What happened last to the keys that share it.
#[derive(Default)]
struct Stripe {
    /// Its number. It is written under the lock, when what was kept is gone and before anything else is kept: so a host's copy of
    /// what it was given is as good as what is kept, while the number is what it was before.
    number: AtomicU64,
    /// The fetch that it was the end of, if that was kept: its other keys may be kept as well.
    fetch: Mutex<Option<Ticket>>,
}

#[derive(Clone)]
struct Bytes;

impl Weighter<Box<[u8]>, Value> for Bytes {
    fn weight(&self, key: &Box<[u8]>, value: &Value) -> u64 {
        (key.len() + value.data.len() + NEAR_OVERHEAD) as u64
    }
}

type Shards = Cache<Box<[u8]>, Value, Bytes, RandomState>;

/// Values by full key, within a number of bytes. Locks are std's (quick_cache without parking_lot), and a child that was
/// forked makes one of its own.
pub(super) struct Kept {
    shards: Shards,
    largest: usize,
    numbers: AtomicU64,
    stripes: Box<[Stripe]>,
    hasher: RandomState,
}

impl Kept {
    pub(super) fn new(max_bytes: usize) -> Result<Kept> {
        let shards = 1 << (max_bytes / NEAR_SHARD).clamp(1, NEAR_SHARDS).ilog2();
        let options = OptionsBuilder::new()
            .weight_capacity(max_bytes as u64)
            .estimated_items_capacity(max_bytes / NEAR_USUAL)
            .shards(shards)
            .build()
            .map_err(|error| Error::new(Status::Panic, format!("NEAR_CACHE could not be made: {error}")))?;
        let shards = Cache::with_options(options, Bytes, RandomState::default(), DefaultLifecycle::default());
        Ok(Kept {
            largest: usize::try_from(shards.shard_capacity()).unwrap_or(max_bytes),
            shards,
            numbers: AtomicU64::new(1),
            stripes: (0..NEAR_STRIPES).map(|_| Stripe::default()).collect(),
            hasher: RandomState::default(),
        })
    }

    pub(super) fn get(&self, key: &[u8]) -> Option<Value> {
        self.shards.get(key)
    }

    /// Whether a value of this size may be kept at all.
    pub(super) fn takes(&self, len: usize) -> bool {
        len <= self.largest
    }

    /// The number of a fetch that begins now.
    pub(super) fn ticket(&self) -> Ticket {
        Ticket(self.next())
    }

    /// What changes when anything happens to a key, or to one that shares its stripe.
    pub(super) fn changes(&self, key: &[u8]) -> &AtomicU64 {
        &self.stripe(key).number
    }

    /// The end of a fetch that found `value`, or nothing that may be kept.
    pub(super) fn settle(&self, key: &[u8], ticket: Ticket, value: Option<Value>) {
        let stripe = self.stripe(key);
        let mut last = locked(&stripe.fetch);
        let undisturbed = stripe.number.load(Ordering::Relaxed) < ticket.0 || *last == Some(ticket);
        let seen = value.as_ref().map(|value| &value.data);
        self.shards.remove_if(key, |kept| Some(&kept.data) != seen);
        *last = undisturbed.then_some(ticket);
        self.count(stripe);
        if let Some(value) = value.filter(|_| undisturbed) {
            self.shards.insert(key.into(), value);
        }
    }

    /// The key was written.
    pub(super) fn forget(&self, key: &[u8]) {
        let stripe = self.stripe(key);
        let mut last = locked(&stripe.fetch);
        self.shards.remove(key);
        *last = None;
        self.count(stripe);
    }

    /// Any key may have been written.
    pub(super) fn forget_all(&self) {
        // Before it, so that no fetch that was begun earlier is kept; after it, for the copies of what was there till now.
        self.disturb_all();
        self.shards.clear();
        self.disturb_all();
    }

    fn disturb_all(&self) {
        for stripe in self.stripes.iter() {
            let mut last = locked(&stripe.fetch);
            *last = None;
            self.count(stripe);
        }
    }

    fn next(&self) -> u64 {
        self.numbers.fetch_add(1, Ordering::SeqCst)
    }

    fn stripe(&self, key: &[u8]) -> &Stripe {
        let hash = self.hasher.hash_one(key);
        &self.stripes[(hash % NEAR_STRIPES as u64) as usize]
    }

    /// Something has happened in a stripe, whose lock is held.
    fn count(&self, stripe: &Stripe) {
        stripe.number.store(self.next(), Ordering::Release);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::NEAR_OVERHEAD;

    const MEGABYTE: usize = 1 << 20;

    fn kept() -> Kept {
        Kept::new(MEGABYTE).unwrap()
    }

    fn value(text: &str) -> Option<Value> {
        Some(Value { data: text.as_bytes().into(), expires: u64::MAX })
    }

    fn read(kept: &Kept) -> Option<String> {
        kept.get(b"k").map(|value| String::from_utf8_lossy(&value.data).into_owned())
    }

    #[test]
    fn a_fetch_is_kept_until_its_key_is_written() {
        let kept = kept();
        kept.settle(b"k", kept.ticket(), value("1"));
        assert_eq!(read(&kept).as_deref(), Some("1"));
        kept.forget(b"k");
        assert_eq!(read(&kept), None);
        kept.settle(b"k", kept.ticket(), value("2"));
        kept.forget_all();
        assert_eq!(read(&kept), None);
    }

    #[test]
    fn a_fetch_that_news_came_across_is_not_kept() {
        for news in [|kept: &Kept| kept.forget(b"k"), Kept::forget_all] {
            let kept = kept();
            let fetch = kept.ticket();
            news(&kept);
            kept.settle(b"k", fetch, value("old"));
            assert_eq!(read(&kept), None);
        }
    }

    #[test]
    fn of_two_fetches_that_overlap_the_older_never_follows_the_newer() {
        let kept = kept();
        let (old, new) = (kept.ticket(), kept.ticket());
        kept.settle(b"k", new, value("new"));
        kept.settle(b"k", old, value("old"));
        assert_eq!(read(&kept), None, "whoever got the old one may have fetched it last");

        let (old, new) = (kept.ticket(), kept.ticket());
        kept.settle(b"k", old, value("old"));
        kept.settle(b"k", new, value("new"));
        assert_eq!(read(&kept), None, "whoever got the new one would find the old one");

        let (one, gone) = (kept.ticket(), kept.ticket());
        kept.settle(b"k", one, value("old"));
        kept.settle(b"k", gone, None);
        assert_eq!(read(&kept), None, "whoever found nothing would find the old one");
    }

    #[test]
    fn fetches_of_the_same_value_leave_it() {
        let kept = kept();
        let (one, two, late) = (kept.ticket(), kept.ticket(), kept.ticket());
        kept.settle(b"k", one, value("same"));
        kept.settle(b"k", two, value("same"));
        assert_eq!(read(&kept).as_deref(), Some("same"));
        kept.settle(b"k", late, value("other"));
        assert_eq!(read(&kept), None);
    }

    #[test]
    fn what_changes_a_value_changes_its_number() {
        let kept = kept();
        kept.settle(b"k", kept.ticket(), value("1"));
        let changes: [fn(&Kept); 4] = [
            |kept: &Kept| kept.forget(b"k"),
            Kept::forget_all,
            |kept| kept.settle(b"k", kept.ticket(), value("2")),
            |kept| kept.settle(b"k", kept.ticket(), None),
        ];
        for change in changes {
            let before = kept.changes(b"k").load(Ordering::Acquire);
            change(&kept);
            assert_ne!(before, kept.changes(b"k").load(Ordering::Acquire));
        }
    }

    #[test]
    fn one_fetch_of_more_keys_than_stripes_is_kept() {
        let kept = kept();
        let fetch = kept.ticket();
        let keys: Vec<_> = (0..2 * NEAR_STRIPES).map(|number| number.to_string()).collect();
        keys.iter().for_each(|key| kept.settle(key.as_bytes(), fetch, value(key)));
        assert!(keys.iter().all(|key| kept.get(key.as_bytes()).is_some()));
    }

    #[test]
    fn it_stays_within_its_bytes() {
        let kept = kept();
        for number in 0..20_000_u32 {
            kept.settle(&number.to_be_bytes(), kept.ticket(), value(&"x".repeat(100)));
            assert!(kept.shards.weight() <= MEGABYTE as u64);
        }
        let full = MEGABYTE / (100 + 4 + NEAR_OVERHEAD);
        assert!(kept.shards.len() > full * 9 / 10, "{} of {full}", kept.shards.len());
    }

    #[test]
    fn any_number_of_bytes_will_do() {
        for (bytes, keeps) in [(1, false), (1000, true), (usize::MAX >> 1, true)] {
            let kept = Kept::new(bytes).unwrap();
            kept.settle(b"k", kept.ticket(), value("1"));
            assert_eq!(read(&kept).is_some(), keeps, "{bytes}");
            kept.forget_all();
            assert_eq!(read(&kept), None);
        }
    }

    #[test]
    fn what_is_too_large_takes_nothing_elses_place() {
        let kept = kept();
        kept.settle(b"k", kept.ticket(), value("1"));
        assert!(!kept.takes(MEGABYTE / 4 + 1));
        kept.settle(b"large", kept.ticket(), value(&"x".repeat(MEGABYTE)));
        assert_eq!(read(&kept).as_deref(), Some("1"));
        assert!(kept.get(b"large").is_none());
    }
}
