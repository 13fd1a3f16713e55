//! Connections that break under a round, at every byte of it.

use super::*;
use crate::error::{Sent, Status};
use crate::net::tests::support::{Cut, Direction, Fault, Proxy};

const DIRECTIONS: [Direction; 2] = [Direction::Requests, Direction::Replies];

/// A proxied server; the bytes of each direction that the handshake takes.
fn proxied() -> (Server, Proxy, [usize; 2]) {
    let server = Server::start();
    let proxy = Proxy::tcp(Place::Path(server.socket()));
    drop(Single::new(proxy.place()).hold());
    let handshake = DIRECTIONS.map(|direction| proxy.passed(direction));
    (server, proxy, handshake)
}

/// How the four calls of a round ended: two reads and two increments.
struct Outcome {
    reads: [Result<Option<String>>; 2],
    counts: [Result<i64>; 2],
}

fn round(proxy: &Proxy, fault: Option<Fault>) -> Outcome {
    fault.into_iter().for_each(|fault| proxy.fault_next(fault));
    let single = Single::new(proxy.place());
    let held = single.hold();
    let read = || single.queue(|pool| get(pool, "key", soon()));
    let count = || single.queue(|pool| incr(pool, "count", soon()));
    let calls = (read(), count(), read(), count());
    drop(held);
    let outcome =
        Outcome { reads: [ended(calls.0), ended(calls.2)], counts: [ended(calls.1), ended(calls.3)] };
    assert_eq!(get(single.pool(), "key", soon()).unwrap(), Some("value".to_owned()), "{fault:?}");
    assert!(single.rides() >= 3, "{fault:?}");
    outcome
}

fn every_byte_of_a_round(cut: Cut) {
    let (server, proxy, handshake) = proxied();
    server.command(&["SET", "key", "value"]);
    let passed = || DIRECTIONS.map(|direction| proxy.passed(direction));
    let before = passed();
    drop(round(&proxy, None));
    // With the handshake, and the call that each round is followed by.
    let whole: Vec<_> = passed().iter().zip(before).map(|(after, before)| after - before).collect();
    for (index, direction) in DIRECTIONS.into_iter().enumerate() {
        for offset in handshake[index]..whole[index] {
            server.command(&["SET", "count", "0"]);
            let fault = Fault { direction, offset, cut };
            let outcome = round(&proxy, Some(fault));
            for read in outcome.reads {
                assert_eq!(read.expect("a read goes again"), Some("value".to_owned()), "{fault:?}");
            }
            let counted = server.command(&["GET", "count"]);
            let counted: usize = counted.lines().nth(1).and_then(|digits| digits.parse().ok()).unwrap();
            check_counts(&outcome.counts, counted, fault);
        }
    }
}

/// An increment that was answered happened once, with its own number; one that failed says that it may have.
fn check_counts(counts: &[Result<i64>], counted: usize, fault: Fault) {
    let answered: Vec<_> = counts.iter().filter_map(|count| count.as_ref().ok()).collect();
    assert!((answered.len()..=counts.len()).contains(&counted), "{fault:?}: {counts:?}, but {counted}");
    assert!(answered.iter().all(|&&number| number as usize <= counted), "{fault:?}: {counts:?}");
    assert!(answered.len() < 2 || answered[0] != answered[1], "{fault:?}: {counts:?}");
    for error in counts.iter().filter_map(|count| count.as_ref().err()) {
        assert_eq!((error.status(), error.was_sent()), (Status::Connection, Sent::Maybe), "{fault:?}");
    }
}

#[test]
fn closed_at_every_byte() {
    every_byte_of_a_round(Cut::Close);
}

#[test]
fn reset_at_every_byte() {
    every_byte_of_a_round(Cut::Reset);
}

#[test]
fn a_round_that_breaks_is_one_failure() {
    let (_server, proxy, [_, offset]) = proxied();
    proxy.fault_next(Fault { direction: Direction::Replies, offset, cut: Cut::Close });
    let breaker = BreakerConfig { failures: 3, longest_wait: Duration::from_secs(600) };
    let single = Single::with(proxy.place(), breaker);
    let held = single.hold();
    let calls: Vec<_> = (0..6).map(|_| single.queue(|pool| incr(pool, "count", soon()))).collect();
    drop(held);
    let lost = calls.into_iter().map(ended).filter(Result::is_err).count();
    assert!(lost > 3, "{lost}");
    assert_eq!(get(single.pool(), "key", soon()).unwrap(), None, "the server is there");
}

#[test]
fn what_was_not_sent_goes_on_another_connection() {
    let server = Server::start();
    let single = Single::of(&server);
    let held = single.hold();
    let calls: Vec<_> = (0..6).map(|_| single.queue(|pool| incr(pool, "count", soon()))).collect();
    // The connection that they wait for is dead before the first byte; its end may be seen when writing or reading.
    server.command(&["CLIENT", "KILL", "TYPE", "normal"]);
    drop(held);
    let results: Vec<_> = calls.into_iter().map(ended).collect();
    let counted = results.iter().filter(|result| result.is_ok()).count();
    for error in results.iter().filter_map(|result| result.as_ref().err()) {
        assert_eq!((error.status(), error.was_sent()), (Status::Connection, Sent::Maybe));
    }
    assert_eq!(incr(single.pool(), "count", soon()).unwrap(), counted as i64 + 1);
}
