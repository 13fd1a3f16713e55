//! Many keys in one round trip.

use std::borrow::Cow;

use super::Cache;
use super::call::{Call, Condition};
use super::core::{Core, lane_of};
use super::expiry::Expiry;
use super::single::set_command;
use crate::client::Route;
use crate::codec::Stored;
use crate::error::{Error, Result, Status};
use crate::items::{Items, ItemsBuilder};
use crate::pool::Intent;
use crate::resp::{Replies, Request};
use crate::value::Value;

/// The length of a full key that is reckoned with.
const KEY: usize = 32;

/// Full keys in one buffer.
struct FullKeys {
    joined: Vec<u8>,
    ends: Vec<usize>,
}

impl FullKeys {
    fn iter(&self) -> impl Iterator<Item = &[u8]> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).filter_map(|(start, &end)| self.joined.get(start..end))
    }
}

impl Cache {
    /// The values under many keys, in the order of the keys: a value, missing, or an error for one that can't be
    /// decoded, so that one bad value never hides the others.
    ///
    /// # Errors
    /// Connection trouble and the server's own errors.
    pub fn get_many(&self, keys: &[&[u8]], call: &Call) -> Result<Items> {
        self.core.run(|| {
            self.core.fetch_many(keys, call, |items, key, stored| {
                if !call.as_payload
                    && let Some(scalar) = self.core.codec.scalar(&stored)
                {
                    return items.push(&scalar);
                }
                match self.core.decode_stored(key, stored, call) {
                    Ok(Some(value)) => items.push(&value),
                    Ok(None) => items.push_missing(),
                    Err(error) => items.push_error(&error, error.flags()),
                }
            })
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

    /// Stores many values in one round trip; [`Value::None`] or an error for each, in the order of the keys.
    ///
    /// # Errors
    /// [`Status::Argument`] for a condition, which only `set` has; connection trouble.
    pub fn set_many(&self, pairs: &[(&[u8], Value<'_>)], call: &Call) -> Result<Items> {
        self.core.run(|| {
            let stored = pairs.iter().map(|(_, value)| self.core.codec.encode(value)).collect();
            let keys: Vec<&[u8]> = pairs.iter().map(|(key, _)| *key).collect();
            self.core.store_many(&keys, stored, call)
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
            self.core.store_many(&keys, stored, call)
        })
    }

    /// Deletes many keys; answers how many were there.
    ///
    /// # Errors
    /// Connection trouble and the server's own errors.
    pub fn delete_many(&self, keys: &[&[u8]], call: &Call) -> Result<u64> {
        self.core.run(|| {
            if keys.is_empty() {
                return Ok(0);
            }
            let full = self.core.full_keys(keys, call)?;
            let mut deleted = 0;
            let result = self.core.exchange_on(
                lane_of(keys.len()),
                Route::Server(0),
                Intent::Write,
                self.core.deadline(call),
                |request| many_keys_command(request, b"DEL", &full),
                |replies| {
                    deleted = replies.integer()?;
                    Ok(())
                },
            );
            full.iter().for_each(|key| self.core.wrote(key));
            result?;
            Ok(deleted.unsigned_abs())
        })
    }
}

fn many_keys_command<'a>(request: &mut Request<'a>, name: &'a [u8], keys: &'a FullKeys) {
    request.command(1 + keys.ends.len()).arg(name);
    for key in keys.iter() {
        request.arg(key);
    }
}

impl Core {
    fn full_keys(&self, keys: &[&[u8]], call: &Call) -> Result<FullKeys> {
        let mut full =
            FullKeys { joined: Vec::with_capacity(keys.len() * KEY), ends: Vec::with_capacity(keys.len()) };
        for key in keys {
            self.keys.make(key, call.version, call.key_made, &mut full.joined)?;
            full.ends.push(full.joined.len());
        }
        if full.joined.len() > crate::limits::MAX_JOINED {
            return Err(Error::argument("the keys of one call have more than 4 GiB; use several calls"));
        }
        Ok(full)
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
        let mut items = ItemsBuilder::with_capacity(keys.len());
        let mut hits = 0;
        if let Some(near) = self.near()? {
            let keys: Vec<_> = full.iter().collect();
            for (key, stored) in keys.iter().zip(self.near_many(near, &keys, call)?) {
                hits += u64::from(stored.is_some());
                match stored {
                    Some(stored) => take(&mut items, key, Cow::Borrowed(&stored)),
                    None => items.push_missing(),
                }
            }
            return Ok(self.found_many(items, hits));
        }
        self.exchange_on(
            lane_of(keys.len()),
            Route::Server(0),
            Intent::Read,
            self.deadline(call),
            |request| many_keys_command(request, b"MGET", &full),
            |replies| {
                items = ItemsBuilder::with_capacity(keys.len());
                hits = 0;
                replies.array_of(keys.len())?;
                for key in full.iter() {
                    match replies.bulk()? {
                        Some(stored) => {
                            hits += 1;
                            take(&mut items, key, stored);
                        }
                        None => items.push_missing(),
                    }
                }
                Ok(())
            },
        )?;
        Ok(self.found_many(items, hits))
    }

    fn found_many(&self, items: ItemsBuilder, hits: u64) -> Items {
        let items = items.finish();
        self.counters.hits.add(hits);
        self.counters.misses.add(items.len() as u64 - hits);
        items
    }

    /// One SET (or, for a time to live that is over at once, one DEL) for each value that could be encoded.
    fn store_many(&self, keys: &[&[u8]], stored: Vec<Result<Stored<'_>>>, call: &Call) -> Result<Items> {
        if call.condition != Condition::Always {
            return Err(Error::argument("set_many takes no NX or XX; use set for each key"));
        }
        let stored: Vec<_> = stored
            .into_iter()
            .map(|data| data.and_then(|data| self.check_size(data.len()).map(|()| data)))
            .collect();
        let full = self.full_keys(keys, call)?;
        let mut items = ItemsBuilder::with_capacity(keys.len());
        if stored.iter().all(Result::is_err) {
            stored.iter().for_each(|data| push_outcome(&mut items, data.as_ref().err()));
            return Ok(items.finish());
        }
        let expiry = self.expiry(call);
        let mut sets = 0;
        let result = self.exchange_on(
            lane_of(keys.len()),
            Route::Server(0),
            Intent::Write,
            self.deadline(call),
            |request| {
                for (key, data) in full.iter().zip(&stored) {
                    if let Ok(data) = data {
                        write_one(request, key, data, expiry);
                    }
                }
            },
            |replies| {
                items = ItemsBuilder::with_capacity(keys.len());
                sets = 0;
                for data in &stored {
                    let outcome = match data {
                        Ok(_) => read_one(replies, expiry)?,
                        Err(_) => Ok(()),
                    };
                    sets += u64::from(data.is_ok() && outcome.is_ok());
                    push_outcome(&mut items, data.as_ref().err().or(outcome.as_ref().err()));
                }
                Ok(())
            },
        );
        full.iter().for_each(|key| self.wrote(key));
        result?;
        self.counters.sets.add(sets);
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

pub(super) fn is_fatal(error: &Error) -> bool {
    matches!(
        error.status(),
        Status::Connection | Status::Timeout | Status::Protocol | Status::Interrupted | Status::Pool
    )
}

fn push_outcome(items: &mut ItemsBuilder, failure: Option<&Error>) {
    match failure {
        None => items.push(&Value::None),
        Some(error) => items.push_error(error, error.flags()),
    }
}
