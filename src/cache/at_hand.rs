//! Reads of the near cache alone, for hosts that would give up a lock of their own for a round trip: nothing here waits, and
//! what would take long is not done. Whoever gets no answer asks as usual: then it is counted, and errors are told.

use std::sync::Arc;

use super::Cache;
use super::call::Call;
use super::core::Core;
use crate::items::{Items, ItemsBuilder};
use crate::limits::{NEAR_AT_HAND, NEAR_AT_HAND_KEYS};
use crate::near::{Lease, Near};
use crate::sign::is_signed;
use crate::value::Value;

impl Cache {
    /// What [`Cache::get`] would answer from the near cache. `room` holds the stored bytes, which the value may borrow.
    #[inline]
    pub(crate) fn get_at_hand<'s>(
        &self,
        key: &[u8],
        call: &Call,
        room: &'s mut Option<Arc<[u8]>>,
    ) -> Option<Value<'s>> {
        let near = self.core.near_at_hand()?;
        let stored = room.insert(self.core.at_hand(near, key, call)?);
        let value = self.core.view(stored, call.as_payload).ok()?;
        self.core.counters.mine().at_hand.add(1);
        Some(value)
    }

    /// The same, with how long the host may use a copy of its own.
    pub(crate) fn lend_at_hand<'s>(
        &'s self,
        key: &[u8],
        call: &Call,
        room: &'s mut Option<Arc<[u8]>>,
    ) -> Option<(Value<'s>, Lease<'s>)> {
        let near = self.core.near_at_hand()?;
        let look = |full: &[u8]| near.lend(full);
        let (stored, lease) = self.core.keys.with_full(key, call.version, call.key_made, look).ok()??;
        let stored = room.insert(self.core.if_quick(stored)?);
        let value = self.core.view(stored, call.as_payload).ok()?;
        self.core.counters.mine().at_hand.add(1);
        Some((value, lease))
    }

    /// Whether [`Cache::has_key`] would answer yes from the near cache.
    pub(crate) fn has_key_at_hand(&self, key: &[u8], call: &Call) -> bool {
        let Some(near) = self.core.near_at_hand() else { return false };
        let kept = self.core.kept_at_hand(near, key, call).is_some();
        self.core.counters.mine().near_hits.add(u64::from(kept));
        kept
    }

    /// What [`Cache::get_many`] would answer from the near cache, if all of it is there.
    pub(crate) fn get_many_at_hand(&self, keys: &[&[u8]], call: &Call) -> Option<Items> {
        let near = self.core.near_at_hand().filter(|_| keys.len() <= NEAR_AT_HAND_KEYS)?;
        let mut room = NEAR_AT_HAND;
        let mut all = Vec::with_capacity(keys.len());
        for key in keys {
            let stored = self.core.at_hand(near, key, call)?;
            room = room.checked_sub(stored.len())?;
            all.push(stored);
        }
        let mut items = ItemsBuilder::with_capacity(all.len());
        for stored in &all {
            items.push(&self.core.view(stored, call.as_payload).ok()?);
        }
        self.core.counters.mine().at_hand.add(all.len() as u64);
        Some(items.finish())
    }
}

impl Core {
    /// The near cache, if there is one by now, of an open cache. Not of a herd, nor of signed values: which are to be renewed, and
    /// which are authentic, is found out by the call that follows.
    #[inline]
    fn near_at_hand(&self) -> Option<&Near> {
        let user = self.near.get().filter(|_| self.stores_plainly())?;
        self.check_open().ok()?;
        Some(user.near())
    }

    /// What is kept under a key.
    fn kept_at_hand(&self, near: &Near, key: &[u8], call: &Call) -> Option<Arc<[u8]>> {
        self.keys.with_full(key, call.version, call.key_made, |full| near.get(full)).ok()?
    }

    /// The same, if it is quickly decoded.
    fn at_hand(&self, near: &Near, key: &[u8], call: &Call) -> Option<Arc<[u8]>> {
        self.if_quick(self.kept_at_hand(near, key, call)?)
    }

    fn if_quick(&self, stored: Arc<[u8]>) -> Option<Arc<[u8]>> {
        let is_quick =
            stored.len() <= NEAR_AT_HAND && !self.codec.looks_compressed(&stored) && !is_signed(&stored);
        is_quick.then_some(stored)
    }
}
