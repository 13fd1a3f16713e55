//! A value moves to another key: by RENAME on one server, by a copy between two, and where it is signed for its key.

use super::call::{Call, Condition};
use super::core::Core;
use super::expiry::Expiry;
use super::single::set_command;
use crate::client::Route;
use crate::error::{Error, Result, Sent, Status};
use crate::key::shown;
use crate::limits::MOVE_TRIES;
use crate::net::Deadline;
use crate::pool::Intent;
use crate::resp::Request;
use crate::script::{self, Script};

/// How a value is copied.
#[derive(Clone, Copy)]
enum Way {
    /// As DUMP gives it, whatever its type.
    Dumped,
    /// As GET gives it, to be signed for its new key.
    Signed,
}

impl Way {
    fn command(self) -> &'static [u8] {
        match self {
            Way::Dumped => b"DUMP",
            Way::Signed => b"GET",
        }
    }

    /// What deletes a value that is still what the command gave.
    fn take(self) -> &'static Script {
        match self {
            Way::Dumped => &script::TAKE,
            Way::Signed => &script::UNLOCK,
        }
    }
}

/// What the command gave, and how long it still lives in milliseconds; 0: for ever.
struct Copied {
    data: Vec<u8>,
    ttl_ms: i64,
}

impl Core {
    /// Moves a value with its time to live, over what stands at the new key.
    pub(crate) fn relocate(&self, from: &[u8], to: &[u8], call: &Call) -> Result<()> {
        let client = self.client();
        let deadline = self.deadline(call);
        if self.config.signer.is_some() && from != to {
            // The key is signed as well, so the value has to be signed anew.
            match self.carry(Way::Signed, from, to, deadline) {
                // No string, so no value of this cache: moved as without a signature.
                Err(error) if error.status() == Status::Type => {}
                other => return other,
            }
        }
        if client.is_one_command(from, to) {
            self.rename(from, to, deadline)
        } else {
            self.carry(Way::Dumped, from, to, deadline)
        }
    }

    fn rename(&self, from: &[u8], to: &[u8], deadline: Deadline) -> Result<()> {
        let renamed = self.exchange(
            Route::Key(from),
            Intent::Write,
            deadline,
            |request: &mut Request<'_>| {
                request.command(3).arg(b"RENAME").arg(from).arg(to);
            },
            |replies| replies.ok().map(|_| ()),
        );
        self.wrote(to);
        match renamed {
            Err(error) if error.status() == Status::Server && error.message().contains("no such key") => {
                Err(self.not_found(from))
            }
            other => other,
        }
    }

    /// The new one is written before the old one is deleted, and that only if it is still what was copied: whatever fails, and
    /// whoever writes meanwhile, no value is lost.
    fn carry(&self, way: Way, from: &[u8], to: &[u8], deadline: Deadline) -> Result<()> {
        for _ in 0..MOVE_TRIES {
            let Some(copied) = self.copied(way, from, deadline)? else { return Err(self.not_found(from)) };
            match way {
                Way::Dumped => self.restore(to, &copied, deadline)?,
                Way::Signed => self.sign_anew(from, to, &copied, deadline)?,
            }
            // From here on both are there, whatever becomes of the rest.
            let taken = self.script(way.take(), from, &[&copied.data], deadline);
            if taken.map_err(|error| error.sent(Sent::Maybe))? == Some(1) {
                return Ok(());
            }
        }
        let message = format!(
            "the key {} was changed by others each of {MOVE_TRIES} times that it was moved; it is still there, and a copy \
             is at {}: try again",
            shown(from),
            shown(to)
        );
        Err(Error::new(Status::Unavailable, message).not_away().sent(Sent::Maybe))
    }

    fn copied(&self, way: Way, key: &[u8], deadline: Deadline) -> Result<Option<Copied>> {
        let mut found = None;
        self.exchange(
            Route::Key(key),
            Intent::ReadPrimary,
            deadline,
            |request: &mut Request<'_>| {
                request.push(&[way.command(), key]).push(&[b"PTTL", key]);
            },
            |replies| {
                let data = replies.bulk()?.map(std::borrow::Cow::into_owned);
                let left = replies.integer()?;
                // -1 never expires; -2 has just gone.
                found = data
                    .filter(|_| left >= -1)
                    .map(|data| Copied { data, ttl_ms: if left < 0 { 0 } else { left.max(1) } });
                Ok(())
            },
        )?;
        Ok(found)
    }

    fn restore(&self, key: &[u8], copied: &Copied, deadline: Deadline) -> Result<()> {
        self.exchange(
            Route::Key(key),
            Intent::Write,
            deadline,
            |request: &mut Request<'_>| {
                request
                    .command(5)
                    .arg(b"RESTORE")
                    .arg(key)
                    .arg_int(copied.ttl_ms)
                    .arg(&copied.data)
                    .arg(b"REPLACE");
            },
            |replies| replies.ok().map(|_| ()),
        )
    }

    fn sign_anew(&self, from: &[u8], to: &[u8], copied: &Copied, deadline: Deadline) -> Result<()> {
        let stored = self.signed_for(from, to, &copied.data);
        let expiry = if copied.ttl_ms == 0 { Expiry::Forever } else { Expiry::In(copied.ttl_ms) };
        self.exchange(
            Route::Key(to),
            Intent::Write,
            deadline,
            |request| set_command(request, to, &[&stored], expiry, Condition::Always),
            |replies| replies.ok().map(|_| ()),
        )
    }
}
