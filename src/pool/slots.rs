//! Places for connections, kept by r2d2. They are made empty and filled by whoever needs one.
//!
//! r2d2's own lock is only ever taken under ours, so that nobody waits for it (see `worker`).

use std::convert::Infallible;
use std::sync::{Condvar, Mutex, PoisonError};
use std::thread;

use super::locked;
use super::worker::Worker;
use crate::error::Result;
use crate::fork::{self, PerProcess};
use crate::net::{Address, Connection, Deadline, ask_host};
use crate::pool::WAIT_STEP;

/// A place for a connection.
#[derive(Default)]
pub(super) struct Slot {
    pub(super) connection: Option<Connection>,
    /// The pool's epoch when it was opened.
    pub(super) epoch: u64,
}

/// A slot that its taker has to itself.
pub(super) type Taken = r2d2::PooledConnection<Manager>;

pub(super) struct Manager;

impl r2d2::ManageConnection for Manager {
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

static WORKER: PerProcess<Worker> = PerProcess::new();

/// A fixed number of slots.
pub(super) struct Slots {
    r2d2: r2d2::Pool<Manager>,
    /// How many threads wait for a slot.
    waiting: Mutex<usize>,
    freed: Condvar,
}

impl Slots {
    pub(super) fn new(size: u32) -> Slots {
        let _no_fork = fork::opening();
        let worker = super::made(&WORKER, Worker::start);
        let r2d2 = worker.while_awake(|threads| {
            let pool = r2d2::Pool::builder()
                .max_size(size)
                .min_idle(Some(size))
                .max_lifetime(None)
                .idle_timeout(None)
                .test_on_check_out(false)
                .error_handler(Box::new(r2d2::NopErrorHandler))
                .thread_pool(threads)
                .build_unchecked(Manager);
            while pool.state().connections < size {
                thread::yield_now();
            }
            pool
        });
        Slots { r2d2, waiting: Mutex::new(0), freed: Condvar::new() }
    }

    /// A free slot, if there is one.
    pub(super) fn take(&self) -> Option<Taken> {
        let _guard = locked(&self.waiting);
        self.r2d2.try_get()
    }

    /// The next slot that comes back; `None` when none did in time.
    pub(super) fn wait(&self, limit: Deadline, server: &Address) -> Result<Option<Taken>> {
        let mut waiting = locked(&self.waiting);
        *waiting += 1;
        let result = loop {
            if let Some(slot) = self.r2d2.try_get() {
                break Ok(Some(slot));
            }
            let left = limit.left().unwrap_or(WAIT_STEP);
            if left.is_zero() {
                break Ok(None);
            }
            let woken = self.freed.wait_timeout(waiting, left.min(WAIT_STEP));
            // The host may use this very pool, or wait for a lock of its own, while it is asked.
            drop(woken.unwrap_or_else(PoisonError::into_inner));
            let asked = ask_host(server);
            waiting = locked(&self.waiting);
            if let Err(interrupted) = asked {
                break Err(interrupted);
            }
        };
        *waiting -= 1;
        result
    }

    pub(super) fn give_back(&self, slot: Taken) {
        let waiting = locked(&self.waiting);
        drop(slot);
        if *waiting > 0 {
            self.freed.notify_one();
        }
    }
}
