//! Many keys in one round trip.

use std::borrow::Cow;
use std::sync::Arc;

use super::Cache;
use super::call::{Call, Condition};
use super::core::Core;
use super::expiry::Expiry;
use super::single::set_command;
use super::spread::Share;
use crate::codec::Stored;
use crate::error::{Error, Result, Status};
use crate::items::{Items, ItemsBuilder};
use crate::key::FullKeys;
use crate::near::Near;
use crate::pool::Intent;
use crate::resp::{Replies, Request};
use crate::value::{Format, Value};

impl Cache {
    /// The values under many keys, in the order of the keys: a value, missing, or an error for one that can't be
    /// decoded, so that one bad value never hides the others. Where keys are spread over servers and one of them fails, its keys
    /// are errors as well (missing, where IGNORE_EXCEPTIONS covers it).
    ///
    /// # Errors
    /// Connection trouble and the server's own errors.
    pub fn get_many(&self, keys: &[&[u8]], call: &Call) -> Result<Items> {
        self.core.run(|| {
            let plainly = self.core.stores_plainly();
            let mut pickles = 0;
            let items = self.core.fetch_many(keys, call, |items, key, stored| {
                let quickly = plainly && self.core.push_pickle(items, &stored, call);
                pickles += u64::from(quickly);
                if !quickly {
                    self.core.push_decoded(items, key, stored, call);
                }
            });
            self.core.codec.count_pickles(pickles);
            items
        })
    }

    /// Exactly the bytes that stand in Redis under many keys, or missing, in the order of the keys.
    ///
    /// # Errors
    /// Connection trouble and the server's own errors.
    pub fn get_many_raw(&self, keys: &[&[u8]], call: &Call) -> Result<Items> {
        self.core
            .run(|| self.core.fetch_many(keys, call, |items, _, stored| items.push(&Value::Bytes(stored))))
    }

    /// Stores many values in one round trip to each server; [`Value::None`] or an error for each, in the order of the keys.
    ///
    /// # Errors
    /// [`Status::Argument`] for a condition, which only `set` has; connection trouble.
    pub fn set_many(&self, pairs: &[(&[u8], Value<'_>)], call: &Call) -> Result<Items> {
        self.core.run(|| {
            let keys: Vec<&[u8]> = pairs.iter().map(|(key, _)| *key).collect();
            let full = self.core.full_keys(&keys, call)?;
            let stored =
                full.iter().zip(pairs).map(|(key, (_, value))| self.core.encode(key, value, call)).collect();
            self.core.store_many(&full, stored, self.core.lifetime(call), call)
        })
    }

    /// Stores many byte strings exactly as they are; otherwise as [`Cache::set_many`].
    ///
    /// # Errors
    /// As [`Cache::set_many`].
    pub fn set_many_raw(&self, pairs: &[(&[u8], &[u8])], call: &Call) -> Result<Items> {
        self.core.run(|| {
            let stored = pairs.iter().map(|(_, data)| Ok(Stored::Bytes(Cow::Borrowed(*data)))).collect();
            let keys: Vec<&[u8]> = pairs.iter().map(|(key, _)| *key).collect();
            let full = self.core.full_keys(&keys, call)?;
            self.core.store_many(&full, stored, self.core.expiry(call), call)
        })
    }

    /// Deletes many keys; answers how many were there.
    ///
    /// # Errors
    /// Connection trouble and the server's own errors. Where keys are spread over servers, those of the other servers
    /// are deleted all the same.
    pub fn delete_many(&self, keys: &[&[u8]], call: &Call) -> Result<u64> {
        self.core.run(|| {
            if keys.is_empty() {
                return Ok(0);
            }
            let full = self.core.full_keys(keys, call)?;
            let shares = self.core.shares(0..keys.len(), |place| full.get(place));
            let mut deleted = 0;
            let result = self.core.exchange_shares(
                &shares,
                Intent::Write,
                self.core.deadline(call),
                |share, request| many_keys_command(request, b"DEL", &full, share),
                |_, replies| {
                    deleted += replies.integer()?.unsigned_abs();
                    Ok(())
                },
            );
            full.iter().for_each(|key| self.core.wrote(key));
            self.core.excuse(result?.into_iter().flatten())?;
            Ok(deleted)
        })
    }
}

fn many_keys_command<'a>(request: &mut Request<'a>, name: &'a [u8], keys: &'a FullKeys, share: &Share<'_>) {
    let count = share.places.len();
    request.command(1 + count).arg(name);
    if count == keys.len() {
        request.packed_args(keys.packed(), count);
        return;
    }
    for &place in &share.places {
        request.arg(keys.get(place));
    }
}

impl Core {
    fn full_keys(&self, keys: &[&[u8]], call: &Call) -> Result<FullKeys> {
        self.keys.all(keys, call.version, call.key_made)
    }

    /// Appends what most values are: a pickle where the host decodes by itself, else a text. True if it is that.
    fn push_pickle(&self, items: &mut ItemsBuilder, stored: &[u8], call: &Call) -> bool {
        if call.as_payload {
            let pickle = self.codec.pickle(stored);
            pickle
                .map(|data| items.push(&Value::Payload { format: Format::Pickle, data: data.into() }))
                .is_some()
        } else {
            self.codec.text(stored).map(|text| items.push_text(text)).is_some()
        }
    }

    fn push_decoded(&self, items: &mut ItemsBuilder, key: &[u8], stored: Cow<'_, [u8]>, call: &Call) {
        match self.decode_stored(key, stored, call) {
            Ok(Some(value)) => items.push(&value),
            Ok(None) => items.push_missing(),
            Err(error) => items.push_error(&error, error.flags()),
        }
    }

    fn fetch_many(
        &self,
        keys: &[&[u8]],
        call: &Call,
        mut take: impl FnMut(&mut ItemsBuilder, &[u8], Cow<'_, [u8]>),
    ) -> Result<Items> {
        if keys.is_empty() {
            return Ok(ItemsBuilder::with_capacity(0).finish());
        }
        let full = self.full_keys(keys, call)?;
        if let Some(near) = self.near()? {
            return self.fetch_near(near, &full, call, take);
        }
        let shares = self.shares(0..keys.len(), |place| full.get(place));
        let mut items = ItemsBuilder::with_capacity(keys.len());
        let (mut hits, mut misses) = (0, 0);
        let failures = self.exchange_shares(
            &shares,
            self.intent_of_reads(full.iter()),
            self.deadline(call),
            |share, request| many_keys_command(request, b"MGET", &full, share),
            |share, replies| {
                let mut found = 0;
                replies.array_of(share.places.len())?;
                items.reserve(replies.at_hand());
                for &place in &share.places {
                    items.at(place);
                    match replies.bulk()? {
                        Some(stored) => {
                            found += 1;
                            take(&mut items, full.get(place), stored);
                        }
                        None => items.push_missing(),
                    }
                }
                hits += found;
                misses += share.places.len() as u64 - found;
                Ok(())
            },
        )?;
        for (place, failure) in self.failed_places(&shares, &failures) {
            items.at(place);
            if self.is_ignored(failure) {
                items.push_missing();
            } else {
                items.push_error(failure, failure.flags());
            }
        }
        self.counters.mine().hits.add(hits);
        self.counters.mine().misses.add(misses);
        items.at(keys.len());
        Ok(items.finish())
    }

    /// The same with a near cache, which has one server.
    fn fetch_near(
        &self,
        near: &Arc<Near>,
        full: &FullKeys,
        call: &Call,
        mut take: impl FnMut(&mut ItemsBuilder, &[u8], Cow<'_, [u8]>),
    ) -> Result<Items> {
        let keys: Vec<_> = full.iter().collect();
        let mut items = ItemsBuilder::with_capacity(keys.len());
        let mut hits = 0;
        for (key, stored) in keys.iter().zip(self.near_many(near, &keys, call)?) {
            hits += u64::from(stored.is_some());
            match stored {
                Some(stored) => take(&mut items, key, Cow::Borrowed(&stored)),
                None => items.push_missing(),
            }
        }
        self.counters.mine().hits.add(hits);
        self.counters.mine().misses.add(keys.len() as u64 - hits);
        Ok(items.finish())
    }

    /// One SET (or, for a time to live that is over at once, one DEL) for each value that could be encoded.
    fn store_many(
        &self,
        full: &FullKeys,
        stored: Vec<Result<Stored<'_>>>,
        expiry: Expiry,
        call: &Call,
    ) -> Result<Items> {
        if call.condition != Condition::Always {
            return Err(Error::argument("set_many takes no NX or XX; use set for each key"));
        }
        let stored: Vec<_> = stored
            .into_iter()
            .map(|data| data.and_then(|data| self.check_size(data.len()).map(|()| data)))
            .collect();
        let mut items = ItemsBuilder::with_capacity(full.len());
        for (place, data) in stored.iter().enumerate() {
            if let Err(error) = data {
                items.at(place).push_error(error, error.flags());
            }
        }
        let shares =
            self.shares((0..full.len()).filter(|&place| stored[place].is_ok()), |place| full.get(place));
        let mut sets = 0;
        let result = self.exchange_shares(
            &shares,
            Intent::Write,
            self.deadline(call),
            |share, request| {
                for &place in &share.places {
                    if let Ok(data) = &stored[place] {
                        write_one(request, full.get(place), data, expiry);
                    }
                }
            },
            |share, replies| {
                for &place in &share.places {
                    match read_one(replies, expiry)? {
                        Ok(()) => sets += 1,
                        Err(error) => items.at(place).push_error(&error, error.flags()),
                    }
                }
                Ok(())
            },
        );
        full.iter().for_each(|key| self.wrote(key));
        let failures = result?;
        for (place, failure) in self.failed_places(&shares, &failures) {
            items.at(place).push_error(failure, failure.flags());
        }
        self.counters.mine().sets.add(sets);
        items.at(full.len());
        Ok(items.finish())
    }
}

fn write_one<'a>(request: &mut Request<'a>, key: &'a [u8], data: &'a Stored<'_>, expiry: Expiry) {
    match expiry {
        Expiry::Now => drop(request.command(2).arg(b"DEL").arg(key)),
        _ => set_command(request, key, &data.parts(), expiry, Condition::Always),
    }
}

/// The reply to one command of several: an error that the server answered is this key's own.
fn read_one(replies: &mut Replies<'_>, expiry: Expiry) -> Result<Result<()>> {
    let reply = match expiry {
        Expiry::Now => replies.integer().map(drop),
        _ => replies.ok().map(drop),
    };
    match reply {
        Err(error) if is_fatal(&error) => Err(error),
        other => Ok(other),
    }
}

/// Whether an error ends the exchange: one of the connection, or of a node that refers to another.
pub(super) fn is_fatal(error: &Error) -> bool {
    let of_connection = matches!(
        error.status(),
        Status::Connection | Status::Timeout | Status::Protocol | Status::Interrupted | Status::Pool
    );
    of_connection || error.redirect().is_some()
}
