//! Connections to one server, as r2d2 slots that are filled by whoever needs them.
//!
//! r2d2 keeps the slots: `connect()` makes an empty one and can't fail, so its worker never does I/O and a dead
//! server is reported at once. The real connect happens in the caller, within the caller's deadline. A free
//! slot is taken with `try_get`; waiting is done on std's Condvar, because r2d2 waits on parking_lot's, whose parking table
//! is global to the process and may be locked at fork.

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use scheduled_thread_pool::{OnPoolDropBehavior, ScheduledThreadPool};

use crate::error::{Error, Result, Sent, Status};
use crate::fork::PerProcess;
use crate::net::{self, Connection, Deadline, Endpoint};
use crate::resp::{Replies, Request};
use crate::stats::Counters;

/// After idling this long a connection is peeked at before it is written to.
const PEEK_AFTER: Duration = Duration::from_secs(1);
/// How often a waiting caller looks up: to ask the host's interrupt check.
const WAIT_STEP: Duration = Duration::from_millis(50);
/// The same while r2d2's worker is still making the (empty) slots.
const FILL_STEP: Duration = Duration::from_millis(1);

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
    slots: r2d2::Pool<Slots>,
    /// Connections opened in an earlier epoch are dropped instead of used.
    epoch: AtomicU64,
    waiting: AtomicUsize,
    lock: Mutex<()>,
    freed: Condvar,
    /// How many open caches use this pool.
    users: AtomicUsize,
    /// No user is left: connections are closed when they come back.
    shut: AtomicBool,
    counters: Arc<Counters>,
}

/// What r2d2 manages: a place for a connection.
#[derive(Default)]
struct Slot {
    connection: Option<Connection>,
    epoch: u64,
}

struct Slots;

impl r2d2::ManageConnection for Slots {
    type Connection = Slot;
    type Error = Infallible;

    fn connect(&self) -> std::result::Result<Slot, Infallible> {
        Ok(Slot::default())
    }

    fn is_valid(&self, _slot: &mut Slot) -> std::result::Result<(), Infallible> {
        Ok(())
    }

    fn has_broken(&self, _slot: &mut Slot) -> bool {
        false
    }
}

type Registry = Mutex<HashMap<PoolConfig, Weak<Pool>>>;

static REGISTRY: PerProcess<Registry> = PerProcess::new();
/// The one thread that all pools share; it makes empty slots and sleeps.
static WORKER: PerProcess<Arc<ScheduledThreadPool>> = PerProcess::new();

fn made<T: Send + Sync>(place: &'static PerProcess<T>, make: impl FnOnce() -> T) -> &'static T {
    match place.get_or_make(|| Ok::<T, Infallible>(make())) {
        Ok(value) => value,
        Err(never) => match never {},
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn worker() -> Arc<ScheduledThreadPool> {
    let new = || {
        let pool = ScheduledThreadPool::builder()
            .num_threads(1)
            .thread_name_pattern("djredis-pool")
            .on_drop_behavior(OnPoolDropBehavior::DiscardPendingScheduled)
            .build();
        Arc::new(pool)
    };
    made(&WORKER, new).clone()
}

/// One cache's share in a pool; the last one to leave closes the connections.
pub(crate) struct PoolUser {
    pool: Arc<Pool>,
    left: AtomicBool,
}

impl PoolUser {
    /// This process's pool for `config`, made if nobody has it open.
    pub(crate) fn join(config: &PoolConfig) -> PoolUser {
        let mut registry = locked(made(&REGISTRY, Registry::default));
        let open = registry.get(config).and_then(Weak::upgrade);
        let pool = open.unwrap_or_else(|| {
            let pool = Arc::new(Pool::new(config.clone()));
            registry.insert(config.clone(), Arc::downgrade(&pool));
            pool
        });
        pool.users.fetch_add(1, Ordering::AcqRel);
        PoolUser { pool, left: AtomicBool::new(false) }
    }

    pub(crate) fn pool(&self) -> &Pool {
        &self.pool
    }

    /// Gives up the share; calls that are running finish.
    pub(crate) fn leave(&self) {
        if self.left.swap(true, Ordering::AcqRel) {
            return;
        }
        let mut registry = locked(made(&REGISTRY, Registry::default));
        if self.pool.users.fetch_sub(1, Ordering::AcqRel) > 1 {
            return;
        }
        registry.remove(&self.pool.config);
        drop(registry);
        self.pool.shut.store(true, Ordering::SeqCst);
        self.pool.close_idle();
    }
}

impl Drop for PoolUser {
    fn drop(&mut self) {
        self.leave();
    }
}

impl Pool {
    fn new(config: PoolConfig) -> Pool {
        let size = config.max_connections.max(1);
        let slots = r2d2::Pool::builder()
            .max_size(size)
            .min_idle(Some(size))
            .max_lifetime(None)
            .idle_timeout(None)
            .test_on_check_out(false)
            .error_handler(Box::new(r2d2::NopErrorHandler))
            .thread_pool(worker())
            .build_unchecked(Slots);
        Pool {
            config,
            slots,
            epoch: AtomicU64::new(0),
            waiting: AtomicUsize::new(0),
            lock: Mutex::new(()),
            freed: Condvar::new(),
            users: AtomicUsize::new(0),
            shut: AtomicBool::new(false),
            counters: Arc::new(Counters::default()),
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
        let mut lease = self.checkout(deadline)?;
        let idled = lease.ready(deadline)?;
        let result = lease.exchange(encode, deadline, read);
        let Err(error) = &result else { return result };
        if error.status() != Status::Connection {
            return result;
        }
        // The server went away under this connection: the idle ones are dead as well.
        self.epoch.fetch_add(1, Ordering::AcqRel);
        let safe = intent == Intent::Read || error.was_sent() == Sent::No;
        if !(idled && safe) || deadline.passed() {
            return result;
        }
        self.counters.retries.add(1);
        lease.connect(deadline)?;
        lease.exchange(encode, deadline, read)
    }

    /// A free slot, now or when one comes back.
    pub(crate) fn checkout(&self, deadline: Deadline) -> Result<Lease<'_>> {
        match self.slots.try_get() {
            Some(slot) => Ok(Lease { pool: self, slot: Some(slot) }),
            None => self.wait_for_slot(deadline),
        }
    }

    #[cold]
    fn wait_for_slot(&self, deadline: Deadline) -> Result<Lease<'_>> {
        let limit = deadline.within(self.config.pool_timeout);
        let mut guard = locked(&self.lock);
        self.waiting.fetch_add(1, Ordering::SeqCst);
        let result = loop {
            if let Some(slot) = self.slots.try_get() {
                break Ok(Lease { pool: self, slot: Some(slot) });
            }
            let left = limit.left().unwrap_or(WAIT_STEP);
            let filling = self.slots.state().connections < self.slots.max_size();
            if left.is_zero() {
                break Err(self.exhausted(filling));
            }
            let step = if filling { FILL_STEP } else { WAIT_STEP };
            guard = self.freed.wait_timeout(guard, left.min(step)).unwrap_or_else(PoisonError::into_inner).0;
            if let Err(interrupted) = net::ask_host(&self.config.endpoint.address) {
                break Err(interrupted.sent(Sent::No));
            }
        };
        self.waiting.fetch_sub(1, Ordering::SeqCst);
        drop(guard);
        result
    }

    fn exhausted(&self, filling: bool) -> Error {
        let server = &self.config.endpoint.address;
        let message = if filling {
            format!(
                "the pool of connections to {server} was not ready in time; raise POOL_TIMEOUT or the deadline"
            )
        } else {
            let size = self.config.max_connections;
            format!(
                "no free connection to {server} in time: all {size} are in use; raise MAX_CONNECTIONS or POOL_TIMEOUT"
            )
        };
        Error::new(Status::Pool, message).sent(Sent::No)
    }

    /// Closes the connections that nobody uses right now.
    fn close_idle(&self) {
        let idle: Vec<_> = std::iter::from_fn(|| self.slots.try_get()).collect();
        for mut slot in idle {
            slot.connection = None;
        }
    }

    fn notify_waiting(&self) {
        if self.waiting.load(Ordering::SeqCst) > 0 {
            let _guard = locked(&self.lock);
            self.freed.notify_one();
        }
    }
}

/// An exclusive borrow of one slot; dropping it gives the slot back, without its connection if that is broken.
pub(crate) struct Lease<'p> {
    pool: &'p Pool,
    slot: Option<r2d2::PooledConnection<Slots>>,
}

impl Lease<'_> {
    /// Makes sure that there is a connection. True if it is one that was used before.
    fn ready(&mut self, deadline: Deadline) -> Result<bool> {
        let epoch = self.pool.epoch.load(Ordering::Acquire);
        let Some(slot) = &mut self.slot else { return Ok(false) };
        if let Some(connection) = slot.connection.as_ref().filter(|_| slot.epoch == epoch) {
            if connection.idle_since().elapsed() < PEEK_AFTER || connection.is_alive() {
                return Ok(true);
            }
            self.pool.epoch.fetch_add(1, Ordering::AcqRel);
        }
        self.connect(deadline)?;
        Ok(false)
    }

    fn connect(&mut self, deadline: Deadline) -> Result<()> {
        let Some(slot) = &mut self.slot else { return Ok(()) };
        slot.connection = None;
        slot.epoch = self.pool.epoch.load(Ordering::Acquire);
        slot.connection = Some(Connection::open(&self.pool.config.endpoint, deadline)?);
        self.pool.counters.connects.add(1);
        Ok(())
    }

    fn exchange<'a>(
        &mut self,
        encode: &mut dyn FnMut(&mut Request<'a>),
        deadline: Deadline,
        read: &mut dyn FnMut(&mut Replies<'_>) -> Result<()>,
    ) -> Result<()> {
        match self.slot.as_mut().and_then(|slot| slot.connection.as_mut()) {
            Some(connection) => connection.exchange(encode, deadline, read),
            None => Err(Error::new(Status::Connection, "there is no connection").sent(Sent::No)),
        }
    }
}

impl Drop for Lease<'_> {
    fn drop(&mut self) {
        let Some(mut slot) = self.slot.take() else { return };
        let unusable = slot.connection.as_ref().is_some_and(Connection::is_broken);
        if unusable || self.pool.shut.load(Ordering::SeqCst) {
            slot.connection = None;
        }
        drop(slot);
        self.pool.notify_waiting();
    }
}
