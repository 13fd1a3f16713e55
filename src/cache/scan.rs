//! Going through the keys in batches.

use std::collections::HashSet;
use std::sync::Arc;

use super::Cache;
use super::call::Call;
use super::core::{Clock, Core};
use crate::client::{Place, Route};
use crate::error::{Error, Result, Status};
use crate::fork;
use crate::limits::WALK_TRIES;
use crate::pool::{Intent, Lane};
use crate::resp::{Replies, Request};

/// A walk over the keys that match a pattern. It belongs to one thread, and to the process that made it.
///
/// It holds no connection between batches. As with SCAN itself, keys that are there all the time are met; a key
/// may be met in two batches, and one that comes or goes meanwhile may be met or not.
pub struct Scan {
    core: Arc<Core>,
    walk: Walk,
    call: Call,
    generation: u64,
}

/// Where a SCAN stands, over all servers of the cache.
pub(crate) struct Walk {
    pattern: Vec<u8>,
    itersize: u64,
    /// The indices of the servers; empty until the first step.
    servers: Vec<usize>,
    /// Which of them is asked.
    turn: usize,
    cursor: u64,
    place: Place,
    intent: Intent,
    /// How often it has begun anew.
    anew: u32,
    done: bool,
    /// Of servers that were left out.
    failures: Vec<Error>,
}

impl Cache {
    /// Starts going through the keys that match a pattern (Redis's glob). Nothing is sent yet.
    ///
    /// # Errors
    /// [`Status::Closed`] if the cache was closed.
    pub fn scan(&self, pattern: &[u8], call: &Call) -> Result<Scan> {
        self.core.run(|| {
            let walk = self.core.walk(self.core.pattern(pattern, call), call, self.core.intent_of_walk());
            Ok(Scan { core: Arc::clone(&self.core), walk, call: *call, generation: fork::generation() })
        })
    }
}

impl Scan {
    /// The next batch of keys without prefix and version (whole where the call said that keys are made), without
    /// repetition within the batch; `None` at the end. `call` gives this batch's deadline.
    ///
    /// # Errors
    /// [`Status::Forked`] in a child of the process that started the scan; connection trouble.
    pub fn next_batch(&mut self, call: &Call) -> Result<Option<Vec<Vec<u8>>>> {
        let core = Arc::clone(&self.core);
        core.run(|| {
            if self.generation != fork::generation() {
                let message = "this scan was started before fork(); start a new one in the child";
                return Err(Error::new(Status::Forked, message));
            }
            let clock = core.clock(call);
            while !self.walk.done {
                let mut batch = HashSet::new();
                let stepped = core.step(&mut self.walk, clock, &mut |key| {
                    batch.insert(key.to_vec());
                });
                match stepped {
                    Err(error) if core.is_ignored(&error) => self.walk.skip(error),
                    stepped => stepped?,
                }
                if !batch.is_empty() {
                    let own = |key: Vec<u8>| core.own_key(key, &self.call);
                    return Ok(Some(batch.into_iter().map(own).collect()));
                }
            }
            core.outcome(&mut self.walk).map(|()| None)
        })
    }
}

impl Walk {
    pub(crate) fn is_done(&self) -> bool {
        self.done
    }

    /// The server that the next step asks.
    pub(crate) fn server(&self) -> usize {
        self.servers.get(self.turn).copied().unwrap_or(0)
    }

    /// Where the next step goes.
    pub(crate) fn route(&self) -> Route<'_> {
        Route::Walk { server: self.server(), place: &self.place }
    }

    /// Where it is; to be compared after a step ([`Walk::landed`]).
    pub(crate) fn place(&self) -> Option<u64> {
        self.place.get()
    }

    /// The cursor of the answer to a step that began at `before`; `None` where another server gave it: then the walk
    /// begins anew.
    pub(crate) fn landed(&mut self, before: Option<u64>, answer: u64) -> Result<Option<u64>> {
        if self.cursor == 0 || before == self.place() {
            return Ok(Some(answer));
        }
        self.anew += 1;
        self.cursor = 0;
        if self.anew < WALK_TRIES {
            return Ok(None);
        }
        let message = format!(
            "the servers that keys are listed from went away {WALK_TRIES} times meanwhile, and each counts in its own way; \
             try again"
        );
        Err(Error::new(Status::Unavailable, message))
    }

    pub(crate) fn command<'a>(&'a self, request: &mut Request<'a>) {
        request.command(6).arg(b"SCAN").arg_int(self.cursor.cast_signed());
        request.arg(b"MATCH").arg(&self.pattern).arg(b"COUNT").arg_int(self.itersize.cast_signed());
    }

    /// Moves on to the cursor that the server gave; the next server after cursor 0.
    pub(crate) fn advance(&mut self, cursor: u64) {
        self.cursor = cursor;
        if cursor == 0 {
            self.place.set(None);
            self.turn += 1;
            self.done = self.turn >= self.servers.len();
        }
    }

    /// Leaves out what is left of a server that failed.
    pub(crate) fn skip(&mut self, error: Error) {
        self.failures.push(error);
        self.advance(0);
    }
}

/// Reads the reply of SCAN: the keys go to `visit`, the answer is the next cursor.
pub(crate) fn read_scan(replies: &mut Replies<'_>, visit: &mut dyn FnMut(&[u8])) -> Result<u64> {
    replies.array_of(2)?;
    let cursor = replies.bulk()?.and_then(|text| std::str::from_utf8(&text).ok()?.parse().ok());
    let keys = replies.array()?.unwrap_or(0);
    for _ in 0..keys {
        if let Some(key) = replies.bulk()? {
            visit(&key);
        }
    }
    cursor.ok_or_else(|| {
        Error::new(Status::Protocol, "the server answered SCAN with something that is no cursor")
    })
}

impl Core {
    pub(crate) fn walk(&self, pattern: Vec<u8>, call: &Call, intent: Intent) -> Walk {
        let itersize = call.itersize.unwrap_or(self.config.scan_itersize.into());
        Walk {
            pattern,
            itersize,
            servers: Vec::new(),
            turn: 0,
            cursor: 0,
            place: Place::default(),
            intent,
            anew: 0,
            done: false,
            failures: Vec::new(),
        }
    }

    /// Finds out which servers a walk goes to.
    pub(crate) fn begin(&self, walk: &mut Walk, clock: Clock) -> Result<()> {
        if walk.servers.is_empty() {
            walk.servers = self.client().primaries(clock.step())?;
        }
        Ok(())
    }

    /// One round trip of a walk. Keys may be visited again when the read is retried.
    pub(crate) fn step(&self, walk: &mut Walk, clock: Clock, visit: &mut dyn FnMut(&[u8])) -> Result<()> {
        self.begin(walk, clock)?;
        let (mut cursor, before) = (0, walk.place());
        self.exchange_on(
            Lane::Own,
            walk.route(),
            walk.intent,
            clock.step(),
            |request| walk.command(request),
            |replies| {
                cursor = read_scan(replies, visit)?;
                Ok(())
            },
        )?;
        if let Some(cursor) = walk.landed(before, cursor)? {
            walk.advance(cursor);
        }
        Ok(())
    }

    /// What a walk ended with: an error where a server failed and that is not ignored, or all of them did.
    pub(crate) fn outcome(&self, walk: &mut Walk) -> Result<()> {
        let mut failures = std::mem::take(&mut walk.failures);
        if !failures.is_empty() && failures.len() >= walk.servers.len() {
            return Err(failures.swap_remove(0));
        }
        self.excuse(failures.into_iter())
    }

    /// The pattern over full keys.
    pub(crate) fn pattern(&self, pattern: &[u8], call: &Call) -> Vec<u8> {
        let mut full = Vec::new();
        self.keys.pattern(pattern, call.version, call.key_made, &mut full);
        full
    }

    /// A full key as the caller knows it.
    pub(crate) fn own_key(&self, mut key: Vec<u8>, call: &Call) -> Vec<u8> {
        let own = self.keys.strip(&key, call.version, call.key_made).map_or(key.len(), <[u8]>::len);
        key.drain(..key.len() - own);
        key
    }
}
