//! Places for connections, kept by r2d2. They are made empty and filled by whoever needs one.
//!
//! r2d2's own lock is only ever taken under ours, so that nobody waits for it (see `worker`). It gives each slot away once: what is
//! free afterwards stays here, since r2d2 reads the clock three times for a slot that goes and comes back, a tenth of a call's time.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::{Arc, Mutex};
use std::thread;

use super::locked;
use super::waiter::{Turn, Waiter};
use super::worker::Worker;
use crate::fork::{self, PerProcess};
use crate::limits::{MAX_RIDERS, MAX_ROUND};
use crate::net::Connection;

/// A place for a connection.
#[derive(Default)]
pub(super) struct Slot {
    /// Boxed: it is taken out for a round, and put back.
    pub(super) connection: Option<Box<Connection>>,
    /// The pool's epoch when it was opened.
    pub(super) epoch: u64,
}

/// A slot that its taker has to itself. Boxed: it is moved in each call.
pub(super) type Taken = Box<r2d2::PooledConnection<Manager>>;

pub(super) struct Manager;

impl r2d2::ManageConnection for Manager {
    type Connection = Slot;
    type Error = Infallible;

    fn connect(&self) -> Result<Slot, Infallible> {
        Ok(Slot::default())
    }

    fn is_valid(&self, _slot: &mut Slot) -> Result<(), Infallible> {
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
    desk: Mutex<Desk>,
}

/// Where slots are given out.
#[derive(Default)]
struct Desk {
    /// Who waits for a slot. While somebody does, none is free.
    queue: VecDeque<Arc<Waiter>>,
    /// Free slots that were used before. The last one is used next.
    free: Vec<Taken>,
}

impl Desk {
    fn take(&mut self, r2d2: &r2d2::Pool<Manager>) -> Option<Taken> {
        self.free.pop().or_else(|| r2d2.try_get().map(Box::new))
    }
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
        Slots { r2d2, desk: Mutex::default() }
    }

    /// A free slot, if there is one: then nobody waits.
    pub(super) fn take(&self) -> Option<Taken> {
        locked(&self.desk).take(&self.r2d2)
    }

    /// A free slot after all, or a place in the queue.
    pub(super) fn take_or_queue(&self, waiter: &Arc<Waiter>) -> Option<Taken> {
        let mut desk = locked(&self.desk);
        let slot = desk.take(&self.r2d2);
        if slot.is_none() {
            desk.queue.push_back(Arc::clone(waiter));
        }
        slot
    }

    /// Leaves the queue. False if it had been taken out of it: its turn has come, or it rides.
    pub(super) fn leave_queue(&self, waiter: &Arc<Waiter>) -> bool {
        let queue = &mut locked(&self.desk).queue;
        let place = queue.iter().position(|other| Arc::ptr_eq(other, waiter));
        place.and_then(|place| queue.remove(place)).is_some()
    }

    /// Gives a slot to whoever has waited longest; it is free if nobody waits.
    pub(super) fn give_back(&self, slot: Taken) {
        let mut desk = locked(&self.desk);
        match desk.queue.pop_front() {
            None => desk.free.push(slot),
            Some(first) => {
                drop(desk);
                self.pass_on(slot, &first);
            }
        }
    }

    /// Gives a slot to `first`, or to the next who still waits.
    #[cold]
    fn pass_on(&self, slot: Taken, first: &Waiter) {
        if let Some(Turn::Lane(refused)) = first.offer(Turn::Lane(slot)) {
            self.give_back(refused);
        }
    }

    /// Takes the callers out of the queue who ride with one that is about to write `bytes`, the longest waiting first: all
    /// that may, as far as there is room.
    pub(super) fn companions(&self, bytes: usize) -> Vec<Arc<Waiter>> {
        let mut room = MAX_ROUND.saturating_sub(bytes);
        let mut companions = Vec::new();
        locked(&self.desk).queue.retain(|waiter| {
            let Some(load) = waiter.load() else { return true };
            if companions.len() == MAX_RIDERS || load.bytes.len() > room {
                // Nobody behind it is sent before it.
                room = 0;
                return true;
            }
            room -= load.bytes.len();
            companions.push(Arc::clone(waiter));
            false
        });
        companions
    }

    /// How many callers wait.
    #[cfg(test)]
    pub(super) fn queued(&self) -> usize {
        locked(&self.desk).queue.len()
    }
}
