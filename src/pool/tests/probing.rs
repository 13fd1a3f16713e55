//! Calls that the breaker lets through, and that end without a word about their server.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::*;
use crate::error::{Error, Sent, Status};
use crate::limits::{BREAKER_FIRST_WAIT, BREAKER_PATIENCE};
use crate::net::OWN_DEADLINE;
use crate::net::tests::support::FakeServer;
use crate::net::tests::support::stream::Listener;
use crate::pool::{Joint, exchange_all};

const CONFIG: BreakerConfig = BreakerConfig { failures: 1, longest_wait: Duration::from_secs(600) };

fn join(port: u16) -> PoolUser {
    Single::with(&Place::Port(port), CONFIG).user
}

/// A pool whose next call is the probe.
fn about_to_probe(port: u16) -> PoolUser {
    let user = join(port);
    let failure: Result<()> = Err(Error::new(Status::Connection, "lost"));
    user.pool().admit().unwrap().report(&failure, Lane::Shared, soon());
    assert_eq!(user.pool().counters().breaker_opens.get(), 1, "it is open");
    thread::sleep(BREAKER_FIRST_WAIT);
    user
}

/// How a call ends: a timeout if its server was asked.
fn asked(pool: &Arc<Pool>) -> Status {
    get(pool, "key", Deadline::after(Duration::from_millis(200), "test")).unwrap_err().status()
}

#[test]
fn a_probe_that_is_dropped_with_its_call_is_followed_by_another() {
    let (server, silent) = (Server::start(), FakeServer::silent());
    let (good, probed) = (join(server.port()), about_to_probe(silent.port()));
    let ended = exchange_all(
        &[good.pool(), probed.pool()],
        Joint {
            intent: Intent::Read,
            deadline: soon(),
            encode: &mut |_, request| {
                request.push(&[b"PING"]);
            },
            read: &mut |_, _| Err(Error::new(Status::Interrupted, "by the host")),
        },
    );
    assert_eq!(ended.unwrap_err().status(), Status::Interrupted);
    assert_eq!(asked(probed.pool()), Status::Timeout);
}

#[test]
fn a_probe_that_panics_is_followed_by_another() {
    let silent = FakeServer::silent();
    let probed = about_to_probe(silent.port());
    let panics = || exchange(probed.pool(), (Intent::Read, Lane::Shared, soon()), |_| panic!(), |_| Ok(()));
    assert!(catch_unwind(AssertUnwindSafe(panics)).is_err());
    assert_eq!(asked(probed.pool()), Status::Timeout);
}

#[test]
fn a_call_from_before_is_no_probe() {
    let silent = FakeServer::silent();
    let user = join(silent.port());
    let earlier = user.pool().admit().unwrap();
    let failure: Result<()> = Err(Error::new(Status::Connection, "lost"));
    user.pool().admit().unwrap().report(&failure, Lane::Shared, soon());
    thread::sleep(BREAKER_FIRST_WAIT);
    let probe = user.pool().admit().unwrap();
    drop(earlier);
    assert_eq!(asked(user.pool()), Status::Unavailable, "the probe is under way");
    drop(probe);
    assert_eq!(asked(user.pool()), Status::Timeout);
}

#[test]
fn what_went_wrong_before_the_server_was_reached_is_no_answer_of_it() {
    let silent = FakeServer::silent();
    for status in [Status::Config, Status::Forked] {
        let user = about_to_probe(silent.port());
        let unreached: Result<()> =
            Err(Error::new(status, "a certificate that can't be read").sent(Sent::No));
        user.pool().admit().unwrap().report(&unreached, Lane::Shared, soon());
        assert_eq!(asked(user.pool()), Status::Timeout, "the next one probes");
        assert_eq!(user.pool().counters().breaker_opens.get(), 1, "it was never closed");
    }
}

#[test]
fn an_answer_that_a_setting_is_wrong_is_an_answer() {
    let silent = FakeServer::silent();
    let user = about_to_probe(silent.port());
    // A sentinel says so of a service that it does not know.
    let answered: Result<()> = Err(Error::config("nobody has this name"));
    user.pool().admit().unwrap().report(&answered, Lane::Shared, soon());
    assert_eq!(asked(user.pool()), Status::Timeout);
    assert_eq!(user.pool().counters().breaker_opens.get(), 2, "it was closed in between");
}

#[test]
fn half_of_a_hurry_is_a_hurry() {
    // The system accepts for it, and it never answers a login.
    let silent = Listener::tcp();
    let user = Single::with(&silent.place(), CONFIG).user;
    let ended = exchange_all(
        &[user.pool()],
        Joint {
            intent: Intent::Read,
            deadline: Deadline::after(BREAKER_PATIENCE * 3 / 2, OWN_DEADLINE),
            encode: &mut |_, request| {
                request.push(&[b"PING"]);
            },
            read: &mut |_, _| Ok(()),
        },
    );
    let error = ended.unwrap().pop().unwrap().unwrap_err();
    assert_eq!(error.status(), Status::Timeout, "{error}");
    assert_eq!(user.pool().counters().breaker_opens.get(), 0, "it was asked for less than BREAKER_PATIENCE");
}
