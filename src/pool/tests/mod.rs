//! Calls that ride together, on a pool whose only connection is held until they all wait.

mod breaking;
mod leaving;
mod probing;
mod together;

use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::lease::OwnedLease;
use super::{Exchange, Intent, Lane, Pool, PoolConfig, PoolUser};
use crate::breaker::BreakerConfig;
use crate::error::Result;
use crate::net::Deadline;
use crate::net::tests::support::{Place, Server};
use crate::net::tests::{endpoint, soon};
use crate::resp::Request;

/// A pool of one connection.
struct Single {
    user: PoolUser,
}

/// A call in a thread of its own.
type Running<T> = JoinHandle<Result<T>>;

impl Single {
    fn new(place: &Place) -> Single {
        Single::with(place, BreakerConfig::default())
    }

    fn with(place: &Place, breaker: BreakerConfig) -> Single {
        let endpoint = endpoint(place);
        Single {
            user: PoolUser::join(&PoolConfig { endpoint, max_connections: 1, pool_timeout: None, breaker }),
        }
    }

    fn of(server: &Server) -> Single {
        Single::new(&Place::Port(server.port()))
    }

    fn pool(&self) -> &Arc<Pool> {
        self.user.pool()
    }

    /// Takes the connection: calls queue until it is dropped.
    fn hold(&self) -> OwnedLease {
        self.pool().borrow(soon()).expect("a connection")
    }

    /// Starts a call, and waits until it is queued behind those before.
    fn queue<T: Send + 'static>(
        &self,
        call: impl FnOnce(&Arc<Pool>) -> Result<T> + Send + 'static,
    ) -> Running<T> {
        let (before, pool) = (self.pool().slots.queued(), Arc::clone(self.pool()));
        let running = thread::spawn(move || call(&pool));
        eventually(|| self.pool().slots.queued() > before);
        running
    }

    fn rides(&self) -> u64 {
        self.pool().counters().rides.get()
    }

    fn connects(&self) -> u64 {
        self.pool().counters().connects.get()
    }
}

fn eventually(mut condition: impl FnMut() -> bool) {
    let end = Instant::now() + Duration::from_secs(20);
    while !condition() {
        assert!(Instant::now() < end, "it did not happen");
        thread::sleep(Duration::from_millis(1));
    }
}

fn ended<T>(running: Running<T>) -> Result<T> {
    running.join().expect("no panic")
}

/// One exchange, with how it is done before its commands.
fn exchange<'a>(
    pool: &Arc<Pool>,
    (intent, lane, deadline): (Intent, Lane, Deadline),
    mut encode: impl FnMut(&mut Request<'a>),
    mut read: impl FnMut(&mut crate::resp::Replies<'_>) -> Result<()>,
) -> Result<()> {
    pool.exchange(Exchange { intent, lane, deadline, encode: &mut encode, read: &mut read })
}

fn get(pool: &Arc<Pool>, key: &str, deadline: Deadline) -> Result<Option<String>> {
    let mut found = None;
    exchange(
        pool,
        (Intent::Read, Lane::Shared, deadline),
        |request| {
            request.push(&[b"GET", key.as_bytes()]);
        },
        |replies| {
            found = replies.bulk()?.map(|value| String::from_utf8_lossy(&value).into_owned());
            Ok(())
        },
    )?;
    Ok(found)
}

fn integer(pool: &Arc<Pool>, lane: Lane, command: &[&str], deadline: Deadline) -> Result<i64> {
    let mut number = 0;
    let arguments: Vec<_> = command.iter().map(|argument| argument.as_bytes()).collect();
    exchange(
        pool,
        (Intent::Write, lane, deadline),
        |request| {
            request.push(&arguments);
        },
        |replies| {
            number = replies.integer()?;
            Ok(())
        },
    )?;
    Ok(number)
}

fn incr(pool: &Arc<Pool>, key: &str, deadline: Deadline) -> Result<i64> {
    integer(pool, Lane::Shared, &["INCR", key], deadline)
}
