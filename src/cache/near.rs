//! Where the operations meet the near cache: reads ask it first, writes drop what it kept.

use std::sync::Arc;

use super::call::Call;
use super::core::{Core, lane_of};
use crate::client::Route;
use crate::error::Result;
use crate::near::{Fetch, Found, Near, NearUser};
use crate::pool::Intent;
use crate::resp::{Replies, Request};

/// Commands that may write any key.
const WRITES_ANYTHING: &[&[u8]] = &[b"EXEC", b"FLUSHALL", b"FLUSHDB", b"SWAPDB"];

impl Core {
    /// The near cache, where NEAR_CACHE is on. It keeps nothing until a fetch has made it track.
    #[inline]
    pub(crate) fn near(&self) -> Result<Option<&Arc<Near>>> {
        match &self.config.near {
            None => Ok(None),
            Some(config) => self.near.get_or_make(|| NearUser::join(config)).map(|user| Some(user.near())),
        }
    }

    /// What is kept under a full key.
    pub(crate) fn kept(&self, near: &Near, key: &[u8]) -> Option<Arc<[u8]>> {
        if !near.covers(key) {
            return None;
        }
        let kept = near.get(key);
        let counters = self.counters.mine();
        let counter = if kept.is_some() { &counters.near_hits } else { &counters.near_misses };
        counter.add(1);
        kept
    }

    /// The stored bytes under one full key: what is kept, or what the server has.
    pub(crate) fn near_one(&self, near: &Arc<Near>, key: &[u8], call: &Call) -> Result<Option<Arc<[u8]>>> {
        if let Some(kept) = self.kept(near, key) {
            return Ok(Some(kept));
        }
        let deadline = self.deadline(call);
        let fetch = near.begin_fetch(deadline)?;
        let mut found = Found::default();
        self.exchange(
            Route::Key(key),
            Intent::Read,
            deadline,
            |request| {
                request.push(&[b"GET", key]);
                ask_pttl(&fetch, request, key);
            },
            |replies| {
                found.data = replies.bulk()?.map(Arc::from);
                found.pttl = read_pttl(&fetch, replies)?;
                Ok(())
            },
        )?;
        fetch.settle(key, &found);
        Ok(found.data)
    }

    /// The stored bytes under full keys: what is kept, and the rest in one round trip.
    pub(crate) fn near_many(
        &self,
        near: &Arc<Near>,
        keys: &[&[u8]],
        call: &Call,
    ) -> Result<Vec<Option<Arc<[u8]>>>> {
        let mut values: Vec<_> = keys.iter().map(|key| self.kept(near, key)).collect();
        let missing: Vec<_> = keys.iter().zip(&mut values).filter(|(_, value)| value.is_none()).collect();
        if missing.is_empty() {
            return Ok(values);
        }
        let deadline = self.deadline(call);
        let fetch = near.begin_fetch(deadline)?;
        let mut found: Vec<Found> = Vec::new();
        self.exchange_on(
            lane_of(missing.len()),
            Route::Server(0),
            Intent::Read,
            deadline,
            |request| {
                request.command(1 + missing.len()).arg(b"MGET");
                for (key, _) in &missing {
                    request.arg(key);
                }
                missing.iter().for_each(|(key, _)| ask_pttl(&fetch, request, key));
            },
            |replies| {
                replies.array_of(missing.len())?;
                found = missing.iter().map(|_| read_found(replies)).collect::<Result<_>>()?;
                found.iter_mut().try_for_each(|found| {
                    found.pttl = read_pttl(&fetch, replies)?;
                    Ok(())
                })
            },
        )?;
        for ((key, value), found) in missing.into_iter().zip(found) {
            fetch.settle(key, &found);
            *value = found.data;
        }
        Ok(values)
    }

    /// To be told of each full key that may have been written, when the server has answered or failed to: our own
    /// writes are seen by our own reads at once.
    #[inline]
    pub(crate) fn wrote(&self, key: &[u8]) {
        if let Some(recent) = &self.recent {
            recent.wrote(key);
        }
        self.gone(key);
    }

    /// To be told of a key that a reader was told is gone: nobody must find an older value afterwards.
    #[inline]
    pub(crate) fn gone(&self, key: &[u8]) {
        if let Some(user) = self.near.get() {
            user.near().forget(key);
        }
    }

    /// As [`Core::wrote`] for any key.
    pub(crate) fn wrote_anything(&self) {
        if let Some(recent) = &self.recent {
            recent.wrote_anything();
        }
        if let Some(user) = self.near.get() {
            user.near().forget_all();
        }
    }

    /// Whether anybody cares which keys are written.
    pub(crate) fn hears_of_writes(&self) -> bool {
        self.recent.is_some() || self.near.get().is_some()
    }

    /// The same for a command: whichever of its arguments are keys.
    pub(crate) fn sent(&self, args: &[&[u8]]) {
        let Some((name, args)) = args.split_first().filter(|_| self.hears_of_writes()) else { return };
        if WRITES_ANYTHING.iter().any(|writer| name.eq_ignore_ascii_case(writer)) {
            self.wrote_anything();
        }
        args.iter().for_each(|arg| self.wrote(arg));
    }
}

fn read_found(replies: &mut Replies<'_>) -> Result<Found> {
    Ok(Found { data: replies.bulk()?.map(Arc::from), pttl: 0 })
}

/// Asks for the time to live of a key whose value may be kept.
pub(crate) fn ask_pttl<'a>(fetch: &Fetch<'_>, request: &mut Request<'a>, key: &'a [u8]) {
    if fetch.keeps() {
        request.push(&[b"PTTL", key]);
    }
}

/// The answer to [`ask_pttl`].
pub(crate) fn read_pttl(fetch: &Fetch<'_>, replies: &mut Replies<'_>) -> Result<i64> {
    if fetch.keeps() { replies.integer() } else { Ok(0) }
}
