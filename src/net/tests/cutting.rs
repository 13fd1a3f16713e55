//! The proxy cuts at every byte of handshake, SET and GET, in both directions: the error is typed, the connection
//! is closed, and the next reply that anybody reads is the right one.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use super::support::{Cut, Direction, Fault, Proxy, Server};
use super::*;
use crate::error::{Error, Sent, Status};

const THREADS: usize = 8;
const PASSWORD: &str = "correct horse";

struct Story {
    /// Its own, so that stories can be told at the same time.
    key: String,
    endpoint: Endpoint,
    proxy: Proxy,
}

impl Story {
    fn new(server: &Server, protocol: Protocol) -> Story {
        let proxy = Proxy::tcp(Place::Path(server.socket()));
        let endpoint =
            Endpoint { db: 5, password: Some(Secret::new(PASSWORD)), protocol, ..endpoint(proxy.place()) };
        Story { key: format!("key:{:05}", proxy.port()), endpoint, proxy }
    }

    /// Logs in, writes and reads. The first thing that fails ends it. A write that failed may come through late:
    /// another story uses another key.
    fn tell(&self, name: &str, value: &[u8], deadline: impl Fn() -> Deadline) -> Result<()> {
        let mut connection = Connection::open(&self.endpoint, deadline()).inspect_err(|error| {
            assert_eq!(error.was_sent(), Sent::No, "{error}");
        })?;
        let key = format!("{}:{name}", self.key);
        let story = connection
            .set(&key, value, deadline())
            .and_then(|set| Ok((set, connection.get(&key, deadline())?)));
        match story {
            Ok((set, got)) => {
                assert!(set);
                assert_eq!(got.as_deref(), Some(value));
                Ok(())
            }
            Err(error) => {
                assert!(connection.is_broken(), "{error}");
                let next = connection.get(&key, soon()).unwrap_err();
                assert_eq!((next.status(), next.was_sent()), (Status::Connection, Sent::No));
                Err(error)
            }
        }
    }

    /// One fault, then a fresh connection.
    fn survives(&self, fault: Fault) {
        self.proxy.fault_next(fault);
        let name = format!("{fault:?}");
        let error = self.tell("cut", &value(&name), || millis(25)).expect_err(&name);
        assert_fits(&error, fault);
        self.tell("new", &value(&format!("after {name}")), soon).unwrap();
    }

    /// How many bytes the whole story takes in one direction.
    fn length(&self, direction: Direction) -> usize {
        let before = self.proxy.passed(direction);
        self.tell("cut", &value("length"), soon).unwrap();
        self.proxy.passed(direction) - before
    }
}

/// All of one length, so that every story has the same number of bytes.
fn value(name: &str) -> Vec<u8> {
    format!("{name:<90}").into_bytes()
}

fn assert_fits(error: &Error, fault: Fault) {
    // A machine under load may be late anywhere.
    let allowed: &[Status] = match fault.cut {
        Cut::Close | Cut::Reset => &[Status::Connection, Status::Timeout],
        _ => &[Status::Timeout],
    };
    assert!(allowed.contains(&error.status()), "{fault:?}: {:?} {error}", error.status());
    assert!(error.is_away());
    assert!(error.message().contains("127.0.0.1:"), "{error}");
    assert!(!error.message().contains(PASSWORD), "{error}");
}

/// Every offset of one direction, by several threads that each have a proxy of their own.
fn every_offset(protocol: Protocol, direction: Direction, cuts: &[Cut]) {
    let server = Server::with_password(PASSWORD);
    let length = Story::new(&server, protocol).length(direction);
    assert!(length > 60, "the story has {length} bytes");
    let next = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                let story = Story::new(&server, protocol);
                while let offset @ 0.. = next.fetch_add(1, Ordering::Relaxed)
                    && offset < length
                {
                    for &cut in cuts {
                        story.survives(Fault { direction, offset, cut });
                    }
                }
            });
        }
    });
}

const CUTS: &[Cut] = &[Cut::Stall, Cut::Close, Cut::Reset];

#[test]
fn every_byte_of_the_requests_resp2() {
    every_offset(Protocol::Resp2, Direction::Requests, CUTS);
}

#[test]
fn every_byte_of_the_replies_resp2() {
    every_offset(Protocol::Resp2, Direction::Replies, CUTS);
}

#[test]
fn every_byte_of_the_requests_resp3() {
    every_offset(Protocol::Resp3, Direction::Requests, CUTS);
}

#[test]
fn every_byte_of_the_replies_resp3() {
    every_offset(Protocol::Resp3, Direction::Replies, CUTS);
}

#[test]
fn seeded_faults_over_a_unix_socket() {
    let server = Server::with_password(PASSWORD);
    let proxy = Proxy::unix(server.folder().join("proxy.sock"), Place::Path(server.socket()));
    let endpoint = Endpoint { db: 5, password: Some(Secret::new(PASSWORD)), ..endpoint(proxy.place()) };
    for seed in 0..100 {
        proxy.fault_next(Fault::from_seed(seed, 300));
        // What the fault does is up to the seed; a slow or unharmed story is right too.
        if let Ok(mut connection) = Connection::open(&endpoint, millis(25)) {
            let value = format!("seed {seed}");
            if connection.set("k", value.as_bytes(), millis(25)).is_ok()
                && let Ok(got) = connection.get("k", millis(25))
            {
                assert_eq!(got.unwrap(), value.as_bytes());
            }
        }
        let mut connection = Connection::open(&endpoint, soon()).unwrap();
        assert!(connection.set("after", &seed.to_be_bytes(), soon()).unwrap());
        assert_eq!(connection.get("after", soon()).unwrap().unwrap(), seed.to_be_bytes());
    }
}
