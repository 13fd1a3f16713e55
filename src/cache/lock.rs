//! Locks that others' clients respect: those of redis-py, and so django-redis's.
//!
//! A lock is a key that holds its owner's token: taken by `SET key token NX PX ms`, extended and given up by scripts that
//! compare the token first.

use super::Cache;
use super::call::{Call, Condition};
use super::core::Core;
use super::expiry::Expiry;
use super::single::set_command;
use crate::client::Route;
use crate::error::{Error, Result};
use crate::pool::Intent;
use crate::script;

impl Cache {
    /// Takes a lock for the call's time to live. False if somebody else has it.
    ///
    /// # Errors
    /// [`crate::Status::Argument`] for an empty token or a time to live that is over at once; connection trouble, after
    /// which the lock may have been taken: give it up with the same token.
    pub fn lock(&self, key: &[u8], token: &[u8], call: &Call) -> Result<bool> {
        self.core.run(|| {
            check_token(token)?;
            let expiry = self.core.lock_expiry(call)?;
            let key = self.core.full_key(key, call)?;
            let mut taken = false;
            self.core.exchange(
                Route::Key(&key),
                Intent::Write,
                self.core.deadline(call),
                |request| set_command(request, &key, &[token], expiry, Condition::Absent),
                |replies| {
                    taken = replies.ok()?;
                    Ok(())
                },
            )?;
            Ok(taken)
        })
    }

    /// Sets a lock's time to live anew, counted from now. False if it is not, or no longer, ours.
    ///
    /// # Errors
    /// [`crate::Status::Argument`] for an empty token or a time to live for ever or over at once; connection trouble.
    pub fn extend(&self, key: &[u8], token: &[u8], call: &Call) -> Result<bool> {
        self.core.run(|| {
            check_token(token)?;
            let Expiry::In(ms) = self.core.lock_expiry(call)? else {
                return Err(Error::argument("a lock is extended by a time; give ttl_ms with DJREDIS_TTL"));
            };
            let key = self.core.full_key(key, call)?;
            let mut digits = itoa::Buffer::new();
            let args = [token, digits.format(ms).as_bytes()];
            let answer = self.core.script(&script::EXTEND, &key, &args, self.core.deadline(call))?;
            Ok(answer == Some(1))
        })
    }

    /// Gives up a lock. False if it is not, or no longer, ours.
    ///
    /// # Errors
    /// [`crate::Status::Argument`] for an empty token; connection trouble.
    pub fn unlock(&self, key: &[u8], token: &[u8], call: &Call) -> Result<bool> {
        self.core.run(|| {
            check_token(token)?;
            let key = self.core.full_key(key, call)?;
            let answer = self.core.script(&script::UNLOCK, &key, &[token], self.core.deadline(call))?;
            Ok(answer == Some(1))
        })
    }
}

fn check_token(token: &[u8]) -> Result<()> {
    if token.is_empty() {
        return Err(Error::argument(
            "the lock's token is empty; use one that nobody else has, such as a UUID",
        ));
    }
    Ok(())
}

impl Core {
    fn lock_expiry(&self, call: &Call) -> Result<Expiry> {
        match self.expiry(call) {
            Expiry::Now => Err(Error::argument("a lock's time to live is over at once; give more than 0")),
            expiry => Ok(expiry),
        }
    }
}
