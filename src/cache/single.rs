//! One key: get, set, delete, has_key, move.

use std::borrow::Cow;
use std::sync::atomic::Ordering;

use super::Cache;
use super::call::{Call, Condition};
use super::core::Core;
use super::expiry::Expiry;
use crate::client::Route;
use crate::codec::{Codec, Stored};
use crate::config::DecodeError;
use crate::error::{Error, Result, Status};
use crate::key::{FullKey, shown};
use crate::pool::Intent;
use crate::resp::{Bulk, Request};
use crate::value::Value;

impl Cache {
    /// The value under a key, typed; `None` if it is not there.
    ///
    /// # Errors
    /// [`Status::Decode`] with the stored bytes where they can't be read (a miss under `DECODE_ERROR=miss`);
    /// connection trouble and the server's own errors.
    pub fn get(&self, key: &[u8], call: &Call) -> Result<Option<Value<'static>>> {
        self.core.run(|| {
            let whole = call.as_payload || !self.core.stores_plainly();
            let split = if whole { |_: &[u8]| 0 } else { Codec::split };
            let found = self.core.fetch(key, call, split, |key, bulk| match bulk {
                Bulk::Whole(stored) => self.core.decode_stored(key, stored, call),
                Bulk::Parted { head, rest } => match self.core.codec.decode_parted(&head, rest) {
                    Ok(value) => Ok(Some(value)),
                    Err(stored) => self.core.decode_stored(key, stored.into(), call),
                },
            })?;
            let value = found.transpose()?.flatten();
            self.core.counters.mine().found(value.is_some());
            Ok(value)
        })
    }

    /// Exactly the bytes that stand in Redis; `None` if the key is not there.
    ///
    /// # Errors
    /// Connection trouble and the server's own errors.
    pub fn get_raw(&self, key: &[u8], call: &Call) -> Result<Option<Vec<u8>>> {
        self.core.run(|| {
            let found = self.core.fetch(
                key,
                call,
                |_| 0,
                |_, bulk| match bulk {
                    Bulk::Whole(stored) => stored.into_owned(),
                    Bulk::Parted { rest, .. } => rest,
                },
            )?;
            self.core.counters.mine().found(found.is_some());
            Ok(found)
        })
    }

    /// Stores a value. False if the condition of the call was not met.
    ///
    /// # Errors
    /// [`Status::Encode`] for a value that can't be written; connection trouble and the server's own errors.
    pub fn set(&self, key: &[u8], value: &Value<'_>, call: &Call) -> Result<bool> {
        self.core.run(|| {
            self.core.on_full_key(key, call, |key| {
                let stored = self.core.encode(key, value, call)?;
                self.core.store(key, &stored, self.core.lifetime(call), call)
            })
        })
    }

    /// Stores bytes exactly as they are. False if the condition of the call was not met.
    ///
    /// # Errors
    /// Connection trouble and the server's own errors.
    pub fn set_raw(&self, key: &[u8], data: &[u8], call: &Call) -> Result<bool> {
        self.core.run(|| {
            let stored = Stored::Bytes(Cow::Borrowed(data));
            self.core
                .on_full_key(key, call, |key| self.core.store(key, &stored, self.core.expiry(call), call))
        })
    }

    /// Deletes a key. False if it was not there.
    ///
    /// # Errors
    /// Connection trouble and the server's own errors.
    pub fn delete(&self, key: &[u8], call: &Call) -> Result<bool> {
        self.core.run(|| self.core.on_full_key(key, call, |key| self.core.delete_key(key, call)))
    }

    /// Whether a key is there.
    ///
    /// # Errors
    /// Connection trouble and the server's own errors.
    pub fn has_key(&self, key: &[u8], call: &Call) -> Result<bool> {
        self.core.run(|| {
            let key = self.core.full_key(key, call)?;
            let near = self.core.near()?;
            if near.is_some_and(|near| self.core.kept(near, &key).is_some()) {
                return Ok(true);
            }
            let found = self.core.exists(&key, Intent::Read, call)?;
            if !found {
                self.core.gone(&key);
            }
            Ok(found)
        })
    }

    /// Moves a value with its time to live to another key, over what stands there: in one step, where both keys live on the
    /// same server, else by copying it and then deleting the old one, so that it is never lost.
    ///
    /// # Errors
    /// [`Status::NotFound`] if the key is not there; connection trouble and the server's own errors.
    pub fn move_key(&self, key: &[u8], to: &[u8], call: &Call) -> Result<()> {
        self.core.run(|| {
            let from = self.core.full_key(key, call)?;
            let to = self.core.full_key(to, call)?;
            self.core.relocate(&from, &to, call)
        })
    }
}

impl Core {
    /// GET, with what `take` makes of the bytes while they still stand in the connection's buffer; `split` as in
    /// [`crate::resp::Replies::bulk_parted`].
    fn fetch<T>(
        &self,
        key: &[u8],
        call: &Call,
        split: fn(&[u8]) -> usize,
        take: impl FnMut(&[u8], Bulk<'_>) -> T,
    ) -> Result<Option<T>> {
        self.on_full_key(key, call, |key| self.fetch_full(key, call, split, take))
    }

    fn fetch_full<T>(
        &self,
        key: &[u8],
        call: &Call,
        split: fn(&[u8]) -> usize,
        mut take: impl FnMut(&[u8], Bulk<'_>) -> T,
    ) -> Result<Option<T>> {
        if let Some(near) = self.near()? {
            let found = self.near_one(near, key, call)?;
            return Ok(found.map(|stored| take(key, Bulk::Whole(Cow::Borrowed(&stored)))));
        }
        let mut found = None;
        self.exchange(
            Route::Key(key),
            Intent::Read,
            self.deadline(call),
            |request: &mut Request<'_>| {
                request.command(2).word(b"GET").arg(key);
            },
            |replies| {
                found = replies.bulk_parted(split)?.map(|bulk| take(key, bulk));
                Ok(())
            },
        )?;
        Ok(found)
    }

    /// The value of the bytes that stand under a full key; `None` where an undecodable one counts as a miss, and where the caller
    /// is to renew it.
    pub(crate) fn decode_stored(
        &self,
        key: &[u8],
        stored: Cow<'_, [u8]>,
        call: &Call,
    ) -> Result<Option<Value<'static>>> {
        if !self.is_to_be_verified(&stored) {
            return self.decode_authentic(key, stored, call);
        }
        match self.verified(key, stored) {
            Ok(payload) => self.decode_authentic(key, payload, call),
            Err(error) => self.undecodable(key, error),
        }
    }

    #[inline]
    fn decode_authentic(
        &self,
        key: &[u8],
        stored: Cow<'_, [u8]>,
        call: &Call,
    ) -> Result<Option<Value<'static>>> {
        let decoded = match self.fresh(stored) {
            Ok(None) => return Ok(None),
            Ok(Some(stored)) => self.decode(stored, call.as_payload),
            Err(error) => Err(error),
        };
        match decoded {
            Ok(value) => Ok(Some(value)),
            Err(error) => self.undecodable(key, error),
        }
    }

    #[cold]
    fn undecodable(&self, key: &[u8], error: Error) -> Result<Option<Value<'static>>> {
        self.counters.mine().decode_errors.add(1);
        match self.config.decode_error {
            DecodeError::Miss => Ok(None),
            DecodeError::Raise => Err(error.context(format_args!("key {}", shown(key)))),
        }
    }

    pub(crate) fn decode(&self, stored: Cow<'_, [u8]>, as_payload: bool) -> Result<Value<'static>> {
        self.check_decoded_size(stored.len())?;
        if as_payload { self.codec.decode_payload(stored) } else { self.codec.decode(stored) }
    }

    /// The same, borrowed from the stored bytes where the value stands in them. They are not compressed.
    #[inline]
    pub(crate) fn view<'s>(&self, stored: &'s [u8], as_payload: bool) -> Result<Value<'s>> {
        self.check_decoded_size(stored.len())?;
        if as_payload { Ok(self.codec.view_payload(stored)) } else { self.codec.view(stored) }
    }

    #[inline]
    fn check_decoded_size(&self, len: usize) -> Result<()> {
        let limit = self.config.values.max_decoded_size;
        if len > limit {
            return Err(Error::decode(format!(
                "the stored value has {len} bytes, and MAX_DECODED_SIZE allows {limit}: raise it"
            )));
        }
        Ok(())
    }

    fn store(&self, key: &[u8], data: &Stored<'_>, expiry: Expiry, call: &Call) -> Result<bool> {
        self.check_size(data.len())?;
        if expiry == Expiry::Now {
            return self.store_expired(key, call);
        }
        let mut written = false;
        self.exchange(
            Route::Key(key),
            Intent::Write,
            self.deadline(call),
            |request| set_command(request, key, &data.parts(), expiry, call.condition),
            |replies| {
                written = replies.ok()?;
                Ok(())
            },
        )?;
        self.counters.mine().sets.add(u64::from(written));
        Ok(written)
    }

    /// What `set` does with a time to live that is over at once: the key is gone afterwards.
    fn store_expired(&self, key: &[u8], call: &Call) -> Result<bool> {
        match call.condition {
            Condition::Always => self.delete_key(key, call).map(|_| true),
            Condition::Present => self.delete_key(key, call),
            Condition::Absent => Ok(!self.exists(key, Intent::ReadPrimary, call)?),
        }
    }

    pub(crate) fn check_size(&self, len: usize) -> Result<()> {
        if len > crate::limits::MAX_VALUE {
            return Err(Error::encode(format!(
                "the value has {len} bytes; Redis stores at most 512 MiB under one key: store it in parts"
            )));
        }
        Ok(())
    }

    pub(crate) fn delete_key(&self, key: &[u8], call: &Call) -> Result<bool> {
        self.answered_one(key, Intent::Write, call, |request| {
            request.command(2).arg(b"DEL").arg(key);
        })
    }

    fn exists(&self, key: &[u8], intent: Intent, call: &Call) -> Result<bool> {
        self.answered_one(key, intent, call, |request| {
            request.command(2).arg(b"EXISTS").arg(key);
        })
    }

    pub(crate) fn not_found(&self, key: &[u8]) -> Error {
        Error::new(Status::NotFound, format!("the key {} is not there", shown(key)))
    }

    /// One command on one key whose reply is an integer.
    pub(crate) fn integer<'a>(
        &self,
        key: &[u8],
        intent: Intent,
        call: &Call,
        encode: impl FnMut(&mut Request<'a>),
    ) -> Result<i64> {
        let mut number = 0;
        self.exchange(Route::Key(key), intent, self.deadline(call), encode, |replies| {
            number = replies.integer()?;
            Ok(())
        })?;
        Ok(number)
    }

    /// One command on one key whose reply is 1 for yes and 0 for no.
    pub(crate) fn answered_one<'a>(
        &self,
        key: &[u8],
        intent: Intent,
        call: &Call,
        encode: impl FnMut(&mut Request<'a>),
    ) -> Result<bool> {
        self.integer(key, intent, call, encode).map(|number| number > 0)
    }

    /// What `work` makes of the full key, which is not moved on the way.
    #[inline]
    fn on_full_key<T>(&self, key: &[u8], call: &Call, work: impl FnOnce(&[u8]) -> Result<T>) -> Result<T> {
        self.keys.with_full(key, call.version, call.key_made, work)?
    }

    /// `prefix:version:key`, or the key itself where the call says that it is made.
    pub(crate) fn full_key(&self, key: &[u8], call: &Call) -> Result<FullKey> {
        self.keys.full(key, call.version, call.key_made)
    }

    /// UNLINK frees the memory in the background; servers before Redis 4 have only DEL.
    pub(crate) fn unlink(&self) -> &'static [u8] {
        if self.no_unlink.load(Ordering::Relaxed) { b"DEL" } else { b"UNLINK" }
    }
}

/// `SET key data [NX | XX] [PX ms]`, the data in parts.
pub(crate) fn set_command<'a>(
    request: &mut Request<'a>,
    key: &'a [u8],
    data: &[&'a [u8]],
    expiry: Expiry,
    condition: Condition,
) {
    let ms = match expiry {
        Expiry::In(ms) => Some(ms),
        Expiry::Forever | Expiry::Now => None,
    };
    let conditional = condition != Condition::Always;
    request.command(3 + usize::from(conditional) + 2 * usize::from(ms.is_some()));
    request.word(b"SET").arg(key).arg_parts(data);
    match condition {
        Condition::Always => {}
        Condition::Absent => drop(request.arg(b"NX")),
        Condition::Present => drop(request.arg(b"XX")),
    }
    if let Some(ms) = ms {
        request.word(b"PX").arg_int(ms);
    }
}
