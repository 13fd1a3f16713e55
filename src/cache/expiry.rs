//! How long keys live: touch, ttl, and what a given time to live means.

use super::Cache;
use super::call::{Call, Ttl};
use super::core::Core;
use crate::client::Route;
use crate::config::ZeroTimeout;
use crate::error::Result;
use crate::pool::Intent;
use crate::resp::Request;

/// A time to live, decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Expiry {
    /// Never.
    Forever,
    /// In this many milliseconds, 1 at least.
    In(i64),
    /// At once: the key is not to be there afterwards.
    Now,
}

/// What `ttl` answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeLeft {
    /// It never expires.
    Forever,
    /// Milliseconds.
    Millis(i64),
}

impl Core {
    /// The expiry that a call asks for: its own, else the option TIMEOUT; 0 and below as ZERO_TIMEOUT says.
    pub(crate) fn expiry(&self, call: &Call) -> Expiry {
        let default = || self.config.timeout_ms.map_or(Ttl::Forever, Ttl::Millis);
        match (call.ttl.unwrap_or_else(default), self.config.zero_timeout) {
            (Ttl::Millis(ms), _) if ms > 0 => Expiry::In(ms),
            (Ttl::Forever, _) | (_, ZeroTimeout::Forever) => Expiry::Forever,
            (_, ZeroTimeout::Expire) => Expiry::Now,
        }
    }
}

impl Cache {
    /// Gives a key a new time to live. False if the key is not there.
    ///
    /// A time of 0 or below deletes the key under `ZERO_TIMEOUT=expire`; true if it was there.
    ///
    /// # Errors
    /// Connection trouble and the server's own errors.
    pub fn touch(&self, key: &[u8], call: &Call) -> Result<bool> {
        self.core.run(|| {
            let key = self.core.full_key(key, call)?;
            if self.core.config.herd.is_some() {
                return self.core.touch_in_herd(&key, call);
            }
            match self.core.expiry(call) {
                Expiry::Forever => self.core.persist(&key, call),
                Expiry::In(ms) => self.core.answered_one(&key, Intent::Write, call, |request| {
                    request.command(3).arg(b"PEXPIRE").arg(&key).arg_int(ms);
                }),
                Expiry::Now => self.core.delete_key(&key, call),
            }
        })
    }

    /// How long a key still lives; `None` if it is not there.
    ///
    /// # Errors
    /// Connection trouble and the server's own errors.
    pub fn ttl(&self, key: &[u8], call: &Call) -> Result<Option<TimeLeft>> {
        self.core.run(|| {
            let key = self.core.full_key(key, call)?;
            let left = self.core.integer(&key, Intent::Read, call, |request| {
                request.command(2).arg(b"PTTL").arg(&key);
            })?;
            Ok(match left {
                -1 => Some(TimeLeft::Forever),
                ms if ms >= 0 => Some(TimeLeft::Millis(ms)),
                _ => None,
            })
        })
    }
}

impl Core {
    /// PERSIST alone answers 0 both for a missing key and for one that never expired.
    fn persist(&self, key: &[u8], call: &Call) -> Result<bool> {
        let mut there = false;
        self.exchange(
            Route::Key(key),
            Intent::Write,
            self.deadline(call),
            |request: &mut Request<'_>| {
                request.command(2).arg(b"PERSIST").arg(key);
                request.command(2).arg(b"EXISTS").arg(key);
            },
            |replies| {
                let persisted = replies.integer()? > 0;
                there = replies.integer()? > 0 || persisted;
                Ok(())
            },
        )?;
        Ok(there)
    }
}
