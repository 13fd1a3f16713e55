//! The one thread that r2d2 makes its slots on, and where it sleeps.
//!
//! r2d2 and its thread pool lock and wait with parking_lot, which keeps the queue of all waiting threads in one table per
//! process. fork() copies that table: whoever waits in it then is queued in the child for ever, on memory that the child's own
//! threads get, and the child may spin. So nothing of ours waits there while a fork is possible: between two builds
//! the worker rests in a job of our own, on std's Condvar, and while it is awake fork() waits ([`crate::fork::opening`]).

use std::sync::{Arc, Condvar, Mutex, PoisonError};

use scheduled_thread_pool::{OnPoolDropBehavior, ScheduledThreadPool};

use super::locked;
use crate::net::with_signals_blocked;

/// r2d2's worker. One per process, shared by all its pools.
pub(super) struct Worker {
    threads: Arc<ScheduledThreadPool>,
    bed: Arc<Bed>,
    /// One build at a time.
    building: Mutex<()>,
}

/// Where the worker rests.
#[derive(Default)]
struct Bed {
    resting: Mutex<bool>,
    changed: Condvar,
}

impl Bed {
    /// Run by the worker: rests until it is woken.
    fn rest(&self) {
        let mut resting = locked(&self.resting);
        *resting = true;
        self.changed.notify_all();
        while *resting {
            resting = self.changed.wait(resting).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn wake(&self) {
        *locked(&self.resting) = false;
        self.changed.notify_all();
    }

    fn wait_until_resting(&self) {
        let mut resting = locked(&self.resting);
        while !*resting {
            resting = self.changed.wait(resting).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

impl Worker {
    /// Starts the thread.
    pub(super) fn start() -> Worker {
        let builder = ScheduledThreadPool::builder()
            .num_threads(1)
            .thread_name_pattern("djredis-pool")
            .on_drop_behavior(OnPoolDropBehavior::DiscardPendingScheduled);
        // The host's signals are for the host's threads.
        let threads = with_signals_blocked(|| builder.build());
        Worker { threads: Arc::new(threads), bed: Arc::default(), building: Mutex::new(()) }
    }

    /// Runs `build`, which gives the worker jobs and returns when they are done.
    pub(super) fn while_awake<T>(&self, build: impl FnOnce(Arc<ScheduledThreadPool>) -> T) -> T {
        let _one = locked(&self.building);
        self.bed.wake();
        let built = build(Arc::clone(&self.threads));
        let bed = Arc::clone(&self.bed);
        self.threads.execute(move || bed.rest());
        self.bed.wait_until_resting();
        built
    }
}
