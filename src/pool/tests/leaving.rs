//! Callers that end before their replies came: by their deadline, by an interrupt, by a panic.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::PoisonError;
use std::sync::atomic::{AtomicBool, Ordering};

use super::super::round::Round;
use super::super::waiter::{Load, Turn, Waiter};
use super::*;
use crate::error::{Sent, Status};
use crate::net::set_interrupt_check;
use crate::net::tests::{INTERRUPT_CHECK, millis};

/// How long the server does not answer: longer than the short deadlines, shorter than the others.
const PAUSE: &str = "1000";

fn paused() -> (Server, Single) {
    let server = Server::start();
    server.command(&["SET", "key", "value"]);
    let single = Single::of(&server);
    (server, single)
}

#[test]
fn a_deadline_ends_its_own_call_alone() {
    let (server, single) = paused();
    let held = single.hold();
    // Their time begins when they are sent.
    let leader = single.queue(|pool| get(pool, "key", millis(300)));
    let writer = single.queue(|pool| incr(pool, "count", soon()));
    let rider = single.queue(|pool| incr(pool, "left", millis(300)));
    let reader = single.queue(|pool| get(pool, "key", soon()));
    server.command(&["CLIENT", "PAUSE", PAUSE, "ALL"]);
    drop(held);
    for left in [ended(leader).unwrap_err(), ended(rider).unwrap_err()] {
        assert_eq!((left.status(), left.was_sent()), (Status::Timeout, Sent::Maybe), "{left}");
    }
    assert_eq!(ended(writer).unwrap(), 1);
    assert_eq!(ended(reader).unwrap(), Some("value".to_owned()));
    for expected in 2..20 {
        assert_eq!(incr(single.pool(), "count", soon()).unwrap(), expected);
        assert_eq!(get(single.pool(), "key", soon()).unwrap(), Some("value".to_owned()));
    }
    assert_eq!(single.connects(), 1, "the connection was not given up");
}

#[test]
fn a_round_that_all_have_left_closes_its_connection() {
    let (server, single) = paused();
    let held = single.hold();
    let calls: Vec<_> = (0..4).map(|_| single.queue(|pool| get(pool, "absent", millis(300)))).collect();
    server.command(&["CLIENT", "PAUSE", PAUSE, "ALL"]);
    drop(held);
    for call in calls {
        assert_eq!(ended(call).unwrap_err().status(), Status::Timeout);
    }
    assert_eq!(get(single.pool(), "key", soon()).unwrap(), Some("value".to_owned()));
    assert_eq!(single.connects(), 2);
}

#[test]
fn a_deadline_in_the_queue_is_that_of_the_pool() {
    let (_server, single) = paused();
    let held = single.hold();
    let late = single.queue(|pool| incr(pool, "count", millis(100)));
    let patient = single.queue(|pool| incr(pool, "count", soon()));
    let error = ended(late).unwrap_err();
    assert_eq!((error.status(), error.was_sent()), (Status::Pool, Sent::No));
    assert!(error.message().contains("MAX_CONNECTIONS"), "{error}");
    drop(held);
    assert_eq!(ended(patient).unwrap(), 1, "only one was sent");
}

#[test]
fn an_interrupt_ends_its_own_call_alone() {
    let _alone = INTERRUPT_CHECK.lock().unwrap_or_else(PoisonError::into_inner);
    static STOP: AtomicBool = AtomicBool::new(false);
    let is_interrupted = || thread::current().name() == Some("interrupted") && STOP.load(Ordering::SeqCst);
    set_interrupt_check(Some(Box::new(is_interrupted)));
    let (server, single) = paused();
    let held = single.hold();
    let queue = |key: &'static str| {
        let (pool, before) = (Arc::clone(single.pool()), single.pool().slots.queued());
        let call = move || incr(&pool, key, soon());
        let call = thread::Builder::new().name("interrupted".to_owned()).spawn(call).unwrap();
        eventually(|| single.pool().slots.queued() > before);
        call
    };
    let leader = single.queue(|pool| incr(pool, "count", soon()));
    let riding = queue("left");
    server.command(&["CLIENT", "PAUSE", PAUSE, "ALL"]);
    drop(held);
    eventually(|| single.rides() == 1);
    let queued = queue("never");
    STOP.store(true, Ordering::SeqCst);
    for (call, sent) in [(riding, Sent::Maybe), (queued, Sent::No)] {
        let error = ended(call).unwrap_err();
        assert_eq!((error.status(), error.was_sent()), (Status::Interrupted, sent));
    }
    set_interrupt_check(None);
    assert_eq!(ended(leader).unwrap(), 1);
    assert_eq!(incr(single.pool(), "never", soon()).unwrap(), 1);
    assert_eq!(single.connects(), 1, "the connection was not given up");
}

/// A caller that counts.
fn counting() -> Arc<Waiter> {
    let mut request = Request::default();
    request.push(&[b"INCR", b"count"]);
    Arc::new(Waiter::new(Some(Load { replies: 1, bytes: request.into_memory() })))
}

/// Its commands stand in the request that the next one sends.
#[test]
fn who_leaves_before_anything_was_sent_may_be_executed_all_the_same() {
    let (_server, single) = paused();
    let (hasty, patient) = (counting(), counting());
    let mut round = Round::begin(single.hold()).unwrap();
    for rider in [&hasty, &patient] {
        round.board(Arc::clone(rider));
    }
    hasty.go();
    let error = round.read(&hasty, millis(0)).unwrap_err();
    assert_eq!((error.status(), error.was_sent()), (Status::Timeout, Sent::Maybe), "{error}");
    let turn = patient.wait(soon(), &single.pool().config.endpoint.address).unwrap();
    let Some(Turn::Reads(round)) = turn else { panic!("it does not read on") };
    assert_eq!(round.read(&patient, soon()).unwrap(), b":2\r\n");
}

/// Where nobody reads on, the connection is closed with nothing sent.
#[test]
fn who_leaves_alone_before_anything_was_sent_was_not_executed() {
    let (_server, single) = paused();
    let hasty = counting();
    let mut round = Round::begin(single.hold()).unwrap();
    round.board(Arc::clone(&hasty));
    hasty.go();
    let error = round.read(&hasty, millis(0)).unwrap_err();
    assert_eq!((error.status(), error.was_sent()), (Status::Timeout, Sent::No), "{error}");
}

#[test]
fn a_panic_of_the_reader_is_told_to_the_riders() {
    let (_server, single) = paused();
    let riders = [counting(), counting()];
    let mut round = Round::begin(single.hold()).unwrap();
    riders.iter().for_each(|rider| round.board(Arc::clone(rider)));
    let panicked = catch_unwind(AssertUnwindSafe(|| {
        let _round = round;
        std::panic::resume_unwind(Box::new("a bug"));
    }));
    assert!(panicked.is_err());
    for rider in riders {
        let turn = rider.wait(soon(), &single.pool().config.endpoint.address).unwrap();
        let Some(Turn::Broken(error)) = turn else { panic!("it was not told") };
        assert_eq!((error.status(), error.was_sent()), (Status::Connection, Sent::No));
    }
    assert_eq!(incr(single.pool(), "count", soon()).unwrap(), 1, "the slot is free again");
}

#[test]
fn a_panic_of_a_caller_harms_nobody_else() {
    let (_server, single) = paused();
    let held = single.hold();
    let panicking = single.queue(|pool| {
        exchange(
            pool,
            (Intent::Read, Lane::Shared, soon()),
            |request| {
                request.push(&[b"GET", b"key"]);
            },
            |_| std::panic::resume_unwind(Box::new("a bug")),
        )
    });
    let other = single.queue(|pool| get(pool, "key", soon()));
    drop(held);
    assert!(panicking.join().is_err());
    assert_eq!(ended(other).unwrap(), Some("value".to_owned()));
    assert_eq!(get(single.pool(), "key", soon()).unwrap(), Some("value".to_owned()));
    assert_eq!(single.connects(), 1);
}
