//! Connections to one server, as r2d2 slots that are filled by whoever needs them.
//!
//! A slot starts empty. The connect happens in the caller, within the caller's deadline, so a dead server is reported
//! at once; r2d2's worker never does I/O.

mod joint;
mod lease;
mod ride;
mod round;
mod slots;
#[cfg(test)]
mod tests;
mod trial;
mod user;
mod waiter;
mod worker;

use std::convert::Infallible;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

pub(crate) use self::joint::{Joint, exchange_all};
use self::lease::Lease;
pub(crate) use self::lease::OwnedLease;
use self::slots::Slots;
pub(crate) use self::user::PoolUser;
use crate::breaker::{Breaker, BreakerConfig};
use crate::error::{Error, Result, Sent, Status};
use crate::fork::PerProcess;
use crate::net::{Connection, Deadline, Endpoint};
use crate::resp::{Replies, Request};
use crate::stats::Counters;

/// How many pools were made.
static POOLS: AtomicU64 = AtomicU64::new(0);

/// After idling this long a connection is peeked at before it is written to.
const PEEK_AFTER: Duration = Duration::from_secs(1);

/// Whether a command may be sent again when the connection turns out dead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Intent {
    /// Retried once, on a new connection.
    Read,
    /// Retried as well, but asked of a server that takes writes: what it finds must not be older than the last one.
    ReadPrimary,
    /// Never sent twice.
    Write,
}

/// Whether a call may share a connection's round trip with others, where all connections are in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lane {
    /// For short commands with short replies.
    Shared,
    /// For what may bring long replies.
    Own,
    /// For what may wait for others there, for as long as it likes.
    Waiting,
}

/// One exchange, on whatever connection there is.
pub(crate) struct Exchange<'x, 'a> {
    /// Whether it may be sent again.
    pub(crate) intent: Intent,
    pub(crate) lane: Lane,
    /// The moment it must end by.
    pub(crate) deadline: Deadline,
    /// Writes the commands. It may run a second time.
    pub(crate) encode: &'x mut dyn FnMut(&mut Request<'a>),
    /// Takes the replies. It may run a second time, so it starts its result anew.
    pub(crate) read: &'x mut dyn FnMut(&mut Replies<'_>) -> Result<()>,
}

/// What makes two caches share a pool.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct PoolConfig {
    pub(crate) endpoint: Endpoint,
    pub(crate) max_connections: u32,
    pub(crate) pool_timeout: Option<Duration>,
    pub(crate) breaker: BreakerConfig,
}

/// The connections of this process to one server.
pub(crate) struct Pool {
    /// No other pool of this process has it, before or after.
    number: u64,
    config: PoolConfig,
    slots: Slots,
    /// Connections opened in an earlier epoch are dropped instead of used.
    epoch: AtomicU64,
    /// How many open caches use this pool.
    users: AtomicUsize,
    /// No user is left: connections are closed when they come back.
    shut: AtomicBool,
    counters: Counters,
    breaker: Breaker,
}

fn made<T: Send + Sync>(place: &'static PerProcess<T>, make: impl FnOnce() -> T) -> &'static T {
    match place.get_or_make(|| Ok::<T, Infallible>(make())) {
        Ok(value) => value,
        Err(never) => match never {},
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Pool {
    fn new(config: PoolConfig) -> Pool {
        Pool {
            number: POOLS.fetch_add(1, Ordering::Relaxed),
            slots: Slots::new(config.max_connections.max(1)),
            breaker: Breaker::new(config.breaker),
            config,
            epoch: AtomicU64::new(0),
            users: AtomicUsize::new(0),
            shut: AtomicBool::new(false),
            counters: Counters::default(),
        }
    }

    pub(crate) fn counters(&self) -> &Counters {
        &self.counters
    }

    /// Moves on whenever a connection turns out dead.
    pub(crate) fn epoch(&self) -> u64 {
        self.epoch.load(Ordering::Acquire)
    }

    /// The number that tells it from all other pools of this process.
    pub(crate) fn number(&self) -> u64 {
        self.number
    }

    /// One exchange on a free connection; where there is none, on one that others use too (see `ride`).
    pub(crate) fn exchange(self: &Arc<Pool>, exchange: Exchange<'_, '_>) -> Result<()> {
        let trial = self.admit()?;
        let (lane, deadline) = (exchange.lane, exchange.deadline);
        let outcome = match self.slots.take() {
            Some(slot) => self.exchange_on(Lease::new(self.as_ref(), slot), deadline.set_at(), exchange),
            None => self.exchange_in_turn(exchange),
        };
        trial.report(&outcome, lane, deadline);
        outcome
    }

    fn exchange_on(&self, mut lease: Lease<&Pool>, now: Instant, exchange: Exchange<'_, '_>) -> Result<()> {
        let Exchange { intent, deadline, encode, read, .. } = exchange;
        let idled = lease.ready(now, PEEK_AFTER, deadline)?;
        let begun = if idled { now } else { Instant::now() };
        let result = lease.exchange_at(begun, encode, deadline, read);
        match result {
            Err(error) if self.goes_again(&error, idled, intent, deadline) => {
                lease.connect(deadline)?;
                lease.exchange(encode, deadline, read)
            }
            result => result,
        }
    }

    /// What the failure of an exchange means: whether it is done once more, on a new connection.
    fn goes_again(&self, error: &Error, idled: bool, intent: Intent, deadline: Deadline) -> bool {
        if error.status() != Status::Connection {
            return false;
        }
        // The server went away under this connection: the idle ones are dead as well.
        self.distrust_connections();
        let safe = intent != Intent::Write || error.was_sent() == Sent::No;
        let again = idled && safe && !deadline.passed();
        self.counters.retries.add(u64::from(again));
        again
    }

    /// One exchange on a connection that is made for it: those of the slots may all be waiting, or dead.
    pub(crate) fn ask<'a, T>(
        &self,
        deadline: Deadline,
        encode: impl FnOnce(&mut Request<'a>),
        read: impl FnOnce(&mut Replies<'_>) -> Result<T>,
    ) -> Result<T> {
        let trial = self.admit()?;
        let answer = Connection::open(&self.config.endpoint, deadline)
            .and_then(|mut connection| connection.exchange(encode, deadline, read));
        trial.report(&answer, Lane::Shared, deadline);
        answer
    }

    /// Somebody says that the server is back: if the breaker is open, the next call finds out.
    pub(crate) fn try_now(&self) {
        self.breaker.try_now();
    }

    /// Where it connects to.
    pub(crate) fn endpoint(&self) -> &Endpoint {
        &self.config.endpoint
    }

    /// A connection for the caller alone, for as long as it keeps it.
    pub(crate) fn borrow(self: &Arc<Pool>, deadline: Deadline) -> Result<OwnedLease> {
        let trial = self.admit()?;
        let outcome = self.own_slot(deadline).and_then(|slot| {
            let mut lease = Lease::new(Arc::clone(self), slot);
            lease.ready(Instant::now(), Duration::ZERO, deadline).map(|_| lease)
        });
        trial.report(&outcome, Lane::Own, deadline);
        outcome
    }

    /// Connections that are open by now are replaced before they are used again.
    fn distrust_connections(&self) {
        self.epoch.fetch_add(1, Ordering::AcqRel);
    }

    /// Closes the connections that nobody uses right now.
    fn close_idle(&self) {
        let idle: Vec<_> = std::iter::from_fn(|| self.slots.take()).collect();
        for mut slot in idle {
            slot.connection = None;
            self.slots.give_back(slot);
        }
    }
}
