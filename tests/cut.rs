//! Connections that break, at every byte of a call through a cache: the caller that is hit gets a typed error in time,
//! and whoever calls next gets the right reply.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use djredis::cache::Patience;
use djredis::error::Sent;
use djredis::{Cache, Call, Options, Status, Value};
use support::Server;
use support::cache::{self, PASSWORD};
use support::proxy::{Cut, Direction, Fault, Proxy};
use support::stream::Place;

/// What the call that is hit may take.
const SHORT: Duration = Duration::from_millis(40);
/// The same with room for a busy machine.
const IN_TIME: Duration = Duration::from_secs(5);

/// A proxy before the server's unix socket: listening on TCP for resp2, on a unix socket for resp3.
fn proxy(server: &Server, protocol: &str) -> Proxy {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let upstream = Place::Path(server.socket());
    if protocol == "resp2" {
        return Proxy::tcp(upstream);
    }
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    Proxy::unix(server.folder().join(format!("proxy{number}.sock")), upstream)
}

fn location(place: &Place) -> String {
    match place {
        Place::Port(port) => format!("127.0.0.1:{port}:3"),
        Place::Path(path) => format!("unix:{}:3", path.display()),
    }
}

fn open(proxy: &Proxy, protocol: &str) -> Cache {
    cache::open_one(&location(proxy.place()), protocol, &[])
}

fn short() -> Call {
    Call { deadline: Some(Patience::Within(SHORT)), ..Call::default() }
}

/// One operation, with a number that tells its reply from every other.
#[derive(Clone, Copy, Debug)]
enum Operation {
    Get,
    Set,
    GetMany,
    Incr,
}

impl Operation {
    fn run(self, cache: &Cache, number: i64, call: &Call) -> djredis::Result<()> {
        match self {
            Operation::Get => assert_eq!(cache.get(b"stays", call)?, Some(Value::Int(1000))),
            Operation::Set => assert!(cache.set(b"changes", &Value::Int(number), call)?),
            Operation::GetMany => {
                let items = cache.get_many(&[b"stays", b"nothing", b"stays"], call)?;
                let items: Vec<_> = items.iter().collect();
                let stays = djredis::items::Item::Value(Value::Int(1000));
                assert_eq!(items, [stays.clone(), djredis::items::Item::Missing, stays]);
            }
            Operation::Incr => drop(cache.incr(b"counter", 1, call)?),
        }
        Ok(())
    }
}

/// The bytes of a connection that does one operation: of the requests, and of the replies.
fn lengths(server: &Server, protocol: &str, operation: Operation) -> (usize, usize) {
    let proxy = proxy(server, protocol);
    operation.run(&open(&proxy, protocol), 1, &Call::default()).expect("without a fault it works");
    (proxy.passed(Direction::Requests), proxy.passed(Direction::Replies))
}

/// Breaks one connection at one place, and uses the cache again. The first call may fail in its short time even before it gets
/// to that place; once one succeeded, the fault is behind us.
fn hit(proxy: &Proxy, protocol: &str, operation: Operation, fault: Fault) {
    let cache = open(proxy, protocol);
    proxy.fault_next(fault);
    let mut attempts = 0;
    while let Err(error) = attempt(operation, &cache, fault) {
        let expected = [Status::Timeout, Status::Connection, Status::Pool];
        assert!(expected.contains(&error.status()), "{operation:?} {fault:?}: {error:?}");
        assert_ne!(error.was_sent(), Sent::Answered, "{operation:?} {fault:?}: {error:?}");
        assert!(!error.message().contains(PASSWORD), "{error}");
        attempts += 1;
        assert!(attempts < 100, "{operation:?} {fault:?}: {error:?}");
    }
    for (number, next) in [(8, Operation::Get), (9, operation), (10, Operation::Get)] {
        let result = next.run(&cache, number, &Call::default());
        result.unwrap_or_else(|error| panic!("after {operation:?} {fault:?}: {error:?}"));
    }
}

fn attempt(operation: Operation, cache: &Cache, fault: Fault) -> djredis::Result<()> {
    let started = Instant::now();
    let result = operation.run(cache, 7, &short());
    assert!(started.elapsed() < IN_TIME, "{operation:?} {fault:?}: {:?}", started.elapsed());
    result
}

fn every_offset(protocol: &'static str, operation: Operation) {
    let server = Arc::new(Server::with_password(PASSWORD));
    let direct =
        Cache::open(&format!("unix://:{PASSWORD}@{}?db=3", server.socket().display()), &Options::new());
    let direct = direct.expect("a cache");
    for (key, number) in [("stays", 1000), ("counter", 0)] {
        direct.set(key.as_bytes(), &Value::Int(number), &Call::default()).expect("it is there");
    }
    let (requests, replies) = lengths(&server, protocol, operation);
    let faults: Vec<Fault> = [(Direction::Requests, requests), (Direction::Replies, replies)]
        .into_iter()
        .flat_map(|(direction, length)| (0..length).map(move |offset| (direction, offset)))
        .flat_map(|(direction, offset)| {
            [Cut::Stall, Cut::Close, Cut::Reset].map(|cut| Fault { direction, offset, cut })
        })
        .collect();
    let hits: Vec<_> = faults
        .chunks(faults.len().div_ceil(16))
        .map(|faults| {
            let (server, faults) = (Arc::clone(&server), faults.to_vec());
            thread::spawn(move || {
                let proxy = proxy(&server, protocol);
                faults.into_iter().for_each(|fault| hit(&proxy, protocol, operation, fault))
            })
        })
        .collect();
    hits.into_iter().for_each(|hit| hit.join().expect("the right replies in time"));
}

#[test]
fn get_resp2() {
    every_offset("resp2", Operation::Get);
}

#[test]
fn get_resp3() {
    every_offset("resp3", Operation::Get);
}

#[test]
fn set_resp2() {
    every_offset("resp2", Operation::Set);
}

#[test]
fn set_resp3() {
    every_offset("resp3", Operation::Set);
}

#[test]
fn get_many_resp2() {
    every_offset("resp2", Operation::GetMany);
}

/// Counted in the server: an increment that was answered happened once; one that failed, once or not at all.
#[test]
fn a_write_is_never_sent_twice() {
    let server = Server::with_password(PASSWORD);
    let direct =
        Cache::open(&format!("unix://:{PASSWORD}@{}?db=3", server.socket().display()), &Options::new());
    let direct = direct.expect("a cache");
    let zero = || direct.set(b"counter", &Value::Int(0), &Call::default()).expect("zero");
    zero();
    let (requests, replies) = lengths(&server, "resp2", Operation::Incr);
    let proxy = proxy(&server, "resp2");
    let places = (0..requests).map(|offset| (Direction::Requests, offset));
    for (direction, offset) in places.chain((0..replies).map(|offset| (Direction::Replies, offset))) {
        zero();
        let cache = open(&proxy, "resp2");
        proxy.fault_next(Fault { direction, offset, cut: Cut::Close });
        let least = i64::from(cache.incr(b"counter", 1, &Call::default()).is_ok());
        let counted = direct.get(b"counter", &Call::default()).expect("it is there");
        let Some(Value::Int(counted)) = counted else { panic!("{counted:?}") };
        assert!((least..=1).contains(&counted), "{direction:?} {offset}: {counted}");
    }
}

#[test]
fn a_trickling_server_does_not_pass_the_deadline() {
    let server = Server::with_password(PASSWORD);
    for offset in [0, 5, 20] {
        let proxy = proxy(&server, "resp2");
        let cache = open(&proxy, "resp2");
        let cut = Cut::Trickle(Duration::from_millis(10));
        proxy.fault_next(Fault { direction: Direction::Replies, offset, cut });
        let started = Instant::now();
        let error = cache.get_raw(b"stays", &short()).expect_err("too slow");
        assert_eq!(error.status(), Status::Timeout, "{error}");
        assert!(started.elapsed() < IN_TIME, "{:?}", started.elapsed());
        assert_eq!(cache.get_raw(b"nothing", &Call::default()).expect("a new connection"), None);
    }
}
