//! Counters: incr and incr_version.

use std::borrow::Cow;

use num_bigint::BigInt;

use super::Cache;
use super::call::Call;
use super::core::Core;
use crate::client::Route;
use crate::error::{Error, Result, Sent, Status};
use crate::key::shown;
use crate::limits::INCR_TRIES;
use crate::net::Deadline;
use crate::pool::Intent;
use crate::resp::Request;
use crate::script;
use crate::value::Value;

impl Cache {
    /// Adds to a number that is there, keeping its time to live. 64-bit integers are added to by one script in
    /// the server; wider integers, and floats and booleans that were pickled, by compare-and-set.
    ///
    /// # Errors
    /// [`Status::NotFound`] if the key is not there, [`Status::Type`] if it holds no number,
    /// [`Status::Unavailable`] if others changed it each time that it was tried, [`Status::Unsupported`] under CLIENT_CLASS herd.
    pub fn incr(&self, key: &[u8], delta: i64, call: &Call) -> Result<Value<'static>> {
        self.core.run(|| {
            self.core.check_counts()?;
            let full = self.core.full_key(key, call)?;
            let deadline = self.core.deadline(call);
            match self.core.increment(&full, delta, deadline) {
                Ok(Some(number)) => Ok(Value::Int(number)),
                Ok(None) => Err(self.core.not_found(&full)),
                Err(error) if needs_replacing(&error) => self.core.increment_value(&full, delta, deadline),
                Err(error) => Err(error),
            }
        })
    }

    /// Moves a value to the version `delta` higher, keeping its time to live to the millisecond, as [`Cache::move_key`].
    /// Answers the new version.
    ///
    /// # Errors
    /// [`Status::NotFound`] if the key is not there; [`Status::Argument`] if the version leaves 64 bits.
    pub fn incr_version(&self, key: &[u8], delta: i64, call: &Call) -> Result<i64> {
        self.core.run(|| {
            let old = call.version.unwrap_or(self.core.config.version);
            let new = old.checked_add(delta).ok_or_else(|| {
                Error::argument(format!(
                    "version {old} plus {delta} is no 64-bit integer; use a smaller delta"
                ))
            })?;
            if call.key_made {
                return Err(Error::argument(
                    "incr_version makes two keys of one: give it the key without prefix",
                ));
            }
            let from = self.core.full_key(key, &Call { version: Some(old), ..*call })?;
            let to = self.core.full_key(key, &Call { version: Some(new), ..*call })?;
            self.core.relocate(&from, &to, call)?;
            Ok(new)
        })
    }
}

/// INCRBY refuses what is no 64-bit integer, and what would not be one afterwards.
pub(super) fn needs_replacing(error: &Error) -> bool {
    match error.status() {
        Status::Type => error.message().contains("not an integer"),
        Status::Server => error.message().contains("overflow"),
        _ => false,
    }
}

impl Core {
    fn increment(&self, key: &[u8], delta: i64, deadline: Deadline) -> Result<Option<i64>> {
        let mut digits = itoa::Buffer::new();
        self.script(&script::INCR, key, &[digits.format(delta).as_bytes()], deadline)
    }

    fn increment_value(&self, key: &[u8], delta: i64, deadline: Deadline) -> Result<Value<'static>> {
        for _ in 0..INCR_TRIES {
            let Some(stored) = self.stored(key, deadline)? else { return Err(self.not_found(key)) };
            let verified = self.verified(key, Cow::Borrowed(&stored));
            let decoded = verified.and_then(|payload| self.codec.decode(payload));
            let value = decoded.map_err(|error| error.context(format_args!("key {}", shown(key))))?;
            let sum = add(&value, delta).ok_or_else(|| no_number(key))?;
            let bytes = self.signed(key, self.codec.encode(&sum)?).into_owned();
            if self.script(&script::REPLACE, key, &[&stored, &bytes], deadline)? == Some(1) {
                return Ok(sum);
            }
        }
        let key = shown(key);
        let message = format!("the key {key} was changed by others each of {INCR_TRIES} times; try again");
        Err(Error::new(Status::Unavailable, message).not_away().sent(Sent::No))
    }

    pub(super) fn stored(&self, key: &[u8], deadline: Deadline) -> Result<Option<Vec<u8>>> {
        let mut found = None;
        self.exchange(
            Route::Key(key),
            Intent::ReadPrimary,
            deadline,
            |request: &mut Request<'_>| {
                request.command(2).arg(b"GET").arg(key);
            },
            |replies| {
                found = replies.bulk()?.map(Cow::into_owned);
                Ok(())
            },
        )?;
        Ok(found)
    }
}

/// Python's sum of a stored number and an integer; `None` where the value is no number.
fn add(value: &Value<'_>, delta: i64) -> Option<Value<'static>> {
    let integer = match value {
        Value::Bool(flag) => BigInt::from(i64::from(*flag)),
        Value::Int(number) => BigInt::from(*number),
        Value::BigInt(digits) => digits.parse().ok()?,
        #[expect(clippy::cast_precision_loss, reason = "as Python adds an int to a float")]
        Value::Float(number) => return Some(Value::Float(number + delta as f64)),
        _ => return None,
    };
    let sum = integer + delta;
    Some(match i64::try_from(&sum) {
        Ok(number) => Value::Int(number),
        Err(_) => Value::BigInt(sum.to_string().into()),
    })
}

fn no_number(key: &[u8]) -> Error {
    Error::new(Status::Type, format!("the key {} holds no number; set one before incr", shown(key)))
}
