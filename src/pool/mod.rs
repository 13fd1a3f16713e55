//! Connections to one server, as r2d2 slots that are filled by whoever needs them.
//!
//! A slot starts empty. The connect happens in the caller, within the caller's deadline, so a dead server is reported
//! at once; r2d2's worker never does I/O.

mod joint;
mod lease;
mod slots;
mod user;
mod worker;

use std::convert::Infallible;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

pub(crate) use self::joint::{Joint, exchange_all};
use self::lease::Lease;
pub(crate) use self::lease::OwnedLease;
use self::slots::{Slots, Taken};
pub(crate) use self::user::PoolUser;
use crate::error::{Error, Result, Sent, Status};
use crate::fork::PerProcess;
use crate::net::{Deadline, Endpoint};
use crate::resp::{Replies, Request};
use crate::stats::Counters;

/// After idling this long a connection is peeked at before it is written to.
const PEEK_AFTER: Duration = Duration::from_secs(1);
/// How often a waiting caller asks the host's interrupt check.
const WAIT_STEP: Duration = Duration::from_millis(50);

/// Whether a command may be sent again when the connection turns out dead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Intent {
    /// Retried once, on a new connection.
    Read,
    /// Never sent twice.
    Write,
}

/// What makes two caches share a pool.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct PoolConfig {
    pub(crate) endpoint: Endpoint,
    pub(crate) max_connections: u32,
    pub(crate) pool_timeout: Option<Duration>,
}

/// The connections of this process to one server.
pub(crate) struct Pool {
    config: PoolConfig,
    slots: Slots,
    /// Connections opened in an earlier epoch are dropped instead of used.
    epoch: AtomicU64,
    /// How many open caches use this pool.
    users: AtomicUsize,
    /// No user is left: connections are closed when they come back.
    shut: AtomicBool,
    counters: Counters,
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
            slots: Slots::new(config.max_connections.max(1)),
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

    /// One exchange on a free connection: `encode` writes the commands, `read` takes their replies.
    /// Both may run a second time (see [`Intent`]), so `read` starts its result anew.
    pub(crate) fn exchange<'a>(
        &self,
        intent: Intent,
        encode: &mut dyn FnMut(&mut Request<'a>),
        deadline: Deadline,
        read: &mut dyn FnMut(&mut Replies<'_>) -> Result<()>,
    ) -> Result<()> {
        let mut lease = Lease::new(self, self.free_slot(deadline)?);
        let idled = lease.ready(PEEK_AFTER, deadline)?;
        let result = lease.exchange(encode, deadline, read);
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
        self.epoch.fetch_add(1, Ordering::AcqRel);
        let safe = intent == Intent::Read || error.was_sent() == Sent::No;
        let again = idled && safe && !deadline.passed();
        self.counters.retries.add(u64::from(again));
        again
    }

    /// A connection for the caller alone, for as long as it keeps it.
    pub(crate) fn borrow(self: &Arc<Pool>, deadline: Deadline) -> Result<OwnedLease> {
        let mut lease = Lease::new(Arc::clone(self), self.free_slot(deadline)?);
        lease.ready(Duration::ZERO, deadline)?;
        Ok(lease)
    }

    /// A free slot, now or when one comes back.
    fn free_slot(&self, deadline: Deadline) -> Result<Taken> {
        match self.slots.take() {
            Some(slot) => Ok(slot),
            None => self.wait_for_slot(deadline),
        }
    }

    #[cold]
    fn wait_for_slot(&self, deadline: Deadline) -> Result<Taken> {
        let server = &self.config.endpoint.address;
        let limit = deadline.within(self.config.pool_timeout, "POOL_TIMEOUT");
        let slot = self.slots.wait(limit, server).map_err(|error| error.sent(Sent::No))?;
        slot.ok_or_else(|| {
            let size = self.config.max_connections;
            let message = format!(
                "no free connection to {server} in time: all {size} are in use; raise MAX_CONNECTIONS or POOL_TIMEOUT"
            );
            Error::new(Status::Pool, message).sent(Sent::No)
        })
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
