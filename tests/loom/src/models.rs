//! The breaker, and the counters.

use std::sync::Arc;
use std::time::Duration;

use loom::thread;

use crate::breaker::{Breaker, BreakerConfig};
use crate::error::{Error, Status};
use crate::net::Address;
use crate::stats::{Counter, Counters};
use crate::sync::atomic::{AtomicU64, Ordering};
use crate::{Model, right, wrong};

pub(crate) const ALL: &[Model] = &[
    right("counters lose nothing", counters_lose_nothing),
    wrong("counters that read and then write", counters_that_read_and_then_write),
    right("one call probes", one_call_probes),
    right("an answer and a failure leave a whole breaker", an_answer_and_a_failure_leave_a_whole_breaker),
];

fn counters_lose_nothing() {
    let counter = Arc::new(Counter::default());
    let other = Arc::clone(&counter);
    let thread = thread::spawn(move || other.add(1));
    counter.add(2);
    thread.join().unwrap();
    assert_eq!(counter.get(), 3);
}

fn counters_that_read_and_then_write() {
    let counter = Arc::new(AtomicU64::new(0));
    let add = |counter: &AtomicU64, n| counter.store(counter.load(Ordering::SeqCst) + n, Ordering::SeqCst);
    let other = Arc::clone(&counter);
    let thread = thread::spawn(move || add(&other, 1));
    add(&counter, 2);
    thread.join().unwrap();
    assert_eq!(counter.load(Ordering::SeqCst), 3);
}

/// One that opens after one failure.
fn breaker() -> Arc<(Breaker, Counters)> {
    let config = BreakerConfig { failures: 1, longest_wait: Duration::from_secs(100_000) };
    Arc::new((Breaker::new(config), Counters::default()))
}

fn fail((breaker, counters): &(Breaker, Counters)) {
    breaker.failed(&Error::new(Status::Connection, "lost"), false, counters);
}

/// Whether a call is let through, and is the one that finds out.
fn admit((breaker, counters): &(Breaker, Counters)) -> Option<bool> {
    breaker.admit(&Address, counters).ok()
}

fn one_call_probes() {
    let breaker = breaker();
    fail(&breaker);
    let other = Arc::clone(&breaker);
    let thread = thread::spawn(move || admit(&other));
    let mut admitted = [admit(&breaker), thread.join().unwrap()];
    admitted.sort_unstable();
    assert_eq!(admitted, [None, Some(true)]);
}

fn an_answer_and_a_failure_leave_a_whole_breaker() {
    let breaker = breaker();
    let other = Arc::clone(&breaker);
    let thread = thread::spawn(move || fail(&other));
    breaker.0.answered();
    thread.join().unwrap();
    let was_open = admit(&breaker) == Some(true);
    breaker.0.answered();
    assert_eq!(admit(&breaker), Some(false));
    let opened = breaker.1.breaker_opens.get();
    assert!(opened == 1 || !was_open);
    fail(&breaker);
    assert_eq!(breaker.1.breaker_opens.get(), opened + 1);
    assert_eq!(admit(&breaker), Some(true));
    assert_eq!(admit(&breaker), None);
}
