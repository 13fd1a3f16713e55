//! Operations on all keys that match: keys, delete_pattern, clear.

use std::collections::HashSet;
use std::sync::atomic::Ordering;

use super::Cache;
use super::call::Call;
use super::core::{Clock, Core};
use super::scan::{Walk, read_scan};
use crate::client::Route;
use crate::config::Clear;
use crate::error::{Error, Result, Status};
use crate::limits::DELETE_BATCH;
use crate::net::Deadline;
use crate::pool::{Intent, Lane};
use crate::resp::Request;

impl Cache {
    /// The keys that match a pattern (Redis's glob), without prefix and version, each once, in no order.
    ///
    /// It goes through the database with SCAN: other clients are served meanwhile. SOCKET_TIMEOUT holds for each
    /// round trip, the call's deadline for the whole.
    ///
    /// # Errors
    /// Connection trouble and the server's own errors.
    pub fn keys(&self, pattern: &[u8], call: &Call) -> Result<Vec<Vec<u8>>> {
        self.core.run(|| {
            let clock = self.core.clock(call);
            let mut walk = self.core.walk(self.core.pattern(pattern, call), call, self.core.intent_of_walk());
            let mut found = HashSet::new();
            while !walk.is_done() {
                let stepped = self.core.step(&mut walk, clock, &mut |key| {
                    found.insert(key.to_vec());
                });
                match stepped {
                    Err(error) if self.core.is_ignored(&error) => walk.skip(error),
                    stepped => stepped?,
                }
            }
            self.core.outcome(&mut walk)?;
            Ok(found.into_iter().map(|key| self.core.own_key(key, call)).collect())
        })
    }

    /// Deletes the keys that match a pattern; answers how many it deleted. SCAN and UNLINK in batches, in bounded
    /// memory; times as for [`Cache::keys`].
    ///
    /// # Errors
    /// Connection trouble and the server's own errors; what was deleted until then, and on other servers, stays deleted.
    pub fn delete_pattern(&self, pattern: &[u8], call: &Call) -> Result<u64> {
        self.core.run(|| self.core.delete_matching(self.core.pattern(pattern, call), call, |_| true))
    }

    /// Deletes everything: the whole database under `CLEAR=db`, the keys of this cache's prefix, in all
    /// versions, under `CLEAR=prefix`. On all servers, where there are several: one that fails does not keep the others from it.
    ///
    /// # Errors
    /// [`crate::Status::Config`] under `CLEAR=prefix` without a prefix; connection trouble.
    pub fn clear(&self, call: &Call) -> Result<()> {
        self.core.run(|| match self.core.config.clear {
            Clear::Db => self.core.flush(call),
            Clear::Prefix => self.core.clear_prefix(call),
        })
    }
}

impl Core {
    fn flush(&self, call: &Call) -> Result<()> {
        let deadline = self.clock(call).step();
        let routes: Vec<_> = self.client().primaries(deadline)?.into_iter().map(Route::Server).collect();
        let flushed = self.exchange_all(
            &routes,
            Lane::Own,
            Intent::Write,
            deadline,
            |_, request: &mut Request<'_>| {
                request.command(1).arg(b"FLUSHDB");
            },
            |_, replies| replies.ok().map(|_| ()),
        );
        self.wrote_anything();
        self.excuse(flushed?.into_iter().filter_map(Result::err))
    }

    fn clear_prefix(&self, call: &Call) -> Result<()> {
        if !self.keys.has_prefix() {
            return Err(Error::config(
                "CLEAR=prefix without a KEY_PREFIX could not tell whose keys are whose; set KEY_PREFIX, or CLEAR=db",
            ));
        }
        let mut pattern = Vec::new();
        self.keys.pattern_of_all(&mut pattern);
        self.delete_matching(pattern, call, |key| self.keys.is_ours(key)).map(|_| ())
    }

    /// SCAN and UNLINK until the end, one server after the other; one that fails does not keep the others from it.
    fn delete_matching(&self, pattern: Vec<u8>, call: &Call, wanted: impl Fn(&[u8]) -> bool) -> Result<u64> {
        let clock = self.clock(call);
        let mut walk = self.walk(pattern, call, Intent::ReadPrimary);
        let mut deleted = 0;
        while !walk.is_done() {
            let result = if self.client().takes_keys_apart() {
                self.delete_batch(&mut walk, clock, &wanted, &mut deleted)
            } else {
                self.delete_on_server(&mut walk, clock, &wanted, &mut deleted)
            };
            match result {
                Err(error) if error.status() == Status::Interrupted => return Err(error),
                Err(error) => walk.skip(error),
                Ok(()) => {}
            }
        }
        self.outcome(&mut walk).map(|()| deleted)
    }

    /// What one SCAN found is deleted in the same write that asks for the next.
    fn delete_on_server(
        &self,
        walk: &mut Walk,
        clock: Clock,
        wanted: &impl Fn(&[u8]) -> bool,
        deleted: &mut u64,
    ) -> Result<()> {
        self.begin(walk, clock)?;
        let server = walk.server();
        let mut doomed = Vec::new();
        loop {
            let before = walk.place();
            let round = self.delete_round(server, &doomed, Some(walk), clock, wanted)?;
            *deleted += round.deleted;
            doomed = round.found;
            match walk.landed(before, round.cursor)? {
                Some(0) => {
                    *deleted += self.delete_round(server, &doomed, None, clock, wanted)?.deleted;
                    walk.advance(0);
                    return Ok(());
                }
                Some(cursor) => walk.advance(cursor),
                None => {}
            }
        }
    }

    /// One SCAN, and then one UNLINK for each key that it found, on whichever server has it by then.
    fn delete_batch(
        &self,
        walk: &mut Walk,
        clock: Clock,
        wanted: &impl Fn(&[u8]) -> bool,
        deleted: &mut u64,
    ) -> Result<()> {
        let mut doomed = Vec::new();
        self.step(walk, clock, &mut |key| {
            if wanted(key) {
                doomed.push(key.to_vec());
            }
        })?;
        *deleted += self.unlink_each(&doomed, clock.step())?;
        Ok(())
    }

    fn unlink_each(&self, doomed: &[Vec<u8>], deadline: Deadline) -> Result<u64> {
        let shares = self.shares(0..doomed.len(), |place| &doomed[place]);
        if shares.is_empty() {
            return Ok(0);
        }
        let (command, mut deleted) = (self.unlink(), 0);
        let failures = self.exchange_shares(
            &shares,
            Intent::Write,
            deadline,
            |share, request| {
                for &place in &share.places {
                    request.push(&[command, &doomed[place]]);
                }
            },
            |_, replies| {
                deleted += replies.integer()?.unsigned_abs();
                Ok(())
            },
        );
        match failures.map_or_else(Some, |failures| failures.into_iter().flatten().next()) {
            None => Ok(deleted),
            Some(error) if is_unknown(&error) && !self.no_unlink.swap(true, Ordering::Relaxed) => {
                Ok(deleted + self.unlink_each(doomed, deadline)?)
            }
            Some(error) => Err(error),
        }
    }

    /// Deletes `doomed` and takes the next step of `walk`, in one round trip.
    fn delete_round(
        &self,
        server: usize,
        doomed: &[Vec<u8>],
        walk: Option<&Walk>,
        clock: Clock,
        wanted: &impl Fn(&[u8]) -> bool,
    ) -> Result<Round> {
        let mut round = Round::default();
        if doomed.is_empty() && walk.is_none() {
            return Ok(round);
        }
        let mut unknown = false;
        let result = self.exchange_on(
            Lane::Own,
            walk.map_or(Route::Server(server), Walk::route),
            if doomed.is_empty() { Intent::ReadPrimary } else { Intent::Write },
            clock.step(),
            |request| {
                doomed.chunks(DELETE_BATCH).for_each(|batch| delete_command(request, self.unlink(), batch));
                if let Some(walk) = walk {
                    walk.command(request);
                }
            },
            |replies| {
                round = Round::default();
                for _ in doomed.chunks(DELETE_BATCH) {
                    match replies.integer() {
                        Ok(count) => round.deleted += count.unsigned_abs(),
                        Err(error) if is_unknown(&error) => unknown = true,
                        Err(error) => return Err(error),
                    }
                }
                if walk.is_some() {
                    let found = &mut round.found;
                    round.cursor = read_scan(replies, &mut |key| {
                        if wanted(key) {
                            found.push(key.to_vec());
                        }
                    })?;
                }
                Ok(())
            },
        );
        doomed.iter().for_each(|key| self.wrote(key));
        result?;
        if unknown && !self.no_unlink.swap(true, Ordering::Relaxed) {
            round.deleted += self.delete_round(server, doomed, None, clock, wanted)?.deleted;
        }
        Ok(round)
    }
}

/// What one round trip of a deletion brought.
#[derive(Default)]
struct Round {
    deleted: u64,
    cursor: u64,
    found: Vec<Vec<u8>>,
}

/// The server is older than UNLINK.
fn is_unknown(error: &Error) -> bool {
    error.message().contains("unknown command")
}

fn delete_command<'a>(request: &mut Request<'a>, name: &'a [u8], keys: &'a [Vec<u8>]) {
    request.command(1 + keys.len()).arg(name);
    for key in keys {
        request.arg(key);
    }
}
