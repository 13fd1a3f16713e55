//! Calls that the breaker lets through, and that end without a word about their server.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::*;
use crate::error::{Error, Status};
use crate::limits::BREAKER_FIRST_WAIT;
use crate::net::tests::support::FakeServer;
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
    assert_eq!(asked(user.pool()), Status::Unavailable, "it is open");
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
