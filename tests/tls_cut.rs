//! TLS connections that break, at every byte of a handshake, a login and a call: the caller that is hit gets a typed error in
//! time, and whoever calls next gets the right reply.
#![cfg(feature = "tls")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use djredis::cache::Patience;
use djredis::error::Sent;
use djredis::{Cache, Call, Options, Status, Value};
use support::proxy::{Cut, Direction, Fault, Proxy};
use support::{Place, TlsServer};

/// What a call may take that is stalled: some time for a handshake, without which it would never get to where it is hit.
const SHORT: Duration = Duration::from_millis(200);
/// The same with room for a busy machine.
const IN_TIME: Duration = Duration::from_secs(10);
const THREADS: usize = 16;

fn open(server: &TlsServer, proxy: &Proxy) -> Cache {
    let mut options = Options::new();
    let ca = server.certificates.file("ca.pem");
    for (name, value) in [
        ("TLS_CA", ca.as_str()),
        ("SOCKET_TIMEOUT", "20"),
        ("SOCKET_CONNECT_TIMEOUT", "20"),
        ("MAX_CONNECTIONS", "1"),
        // Each call is to meet the server, not the breaker.
        ("BREAKER_FAILURES", "0"),
    ] {
        options.set(name, value).expect("a known option");
    }
    Cache::open(&format!("rediss://127.0.0.1:{}/3", proxy.port()), &options).expect("a cache")
}

fn proxy(server: &TlsServer) -> Proxy {
    Proxy::tcp(Place::Port(server.tls_port()))
}

fn short() -> Call {
    Call { deadline: Some(Patience::Within(SHORT)), ..Call::default() }
}

fn get(cache: &Cache, call: &Call) -> djredis::Result<()> {
    assert_eq!(cache.get(b"stays", call)?, Some(Value::Int(1000)));
    Ok(())
}

/// A server, and how many bytes a connection has that reads one key: of the requests, and of the replies.
fn server() -> (Arc<TlsServer>, Vec<(Direction, usize)>) {
    let server = TlsServer::start();
    let proxy = proxy(&server);
    let cache = open(&server, &proxy);
    cache.set(b"stays", &Value::Int(1000), &Call::default()).expect("it is there");
    cache.close();
    let before = Direction::both().map(|direction| proxy.passed(direction));
    get(&open(&server, &proxy), &Call::default()).expect("without a fault it works");
    let offsets = Direction::both()
        .into_iter()
        .zip(before)
        .flat_map(|(direction, before)| {
            (0..proxy.passed(direction) - before).map(move |offset| (direction, offset))
        })
        .collect();
    (Arc::new(server), offsets)
}

/// Breaks one connection at one place, and uses the cache again.
fn hit(server: &TlsServer, proxy: &Proxy, fault: Fault) {
    let cache = open(server, proxy);
    proxy.fault_next(fault);
    let call = if fault.cut == Cut::Stall { short() } else { Call::default() };
    let mut attempts = 0;
    loop {
        let started = Instant::now();
        let result = get(&cache, &call);
        assert!(started.elapsed() < IN_TIME, "{fault:?}: {:?}", started.elapsed());
        let Err(error) = result else { break };
        let expected = [Status::Timeout, Status::Connection, Status::Pool];
        assert!(expected.contains(&error.status()), "{fault:?}: {error:?}");
        assert_ne!(error.was_sent(), Sent::Answered, "{fault:?}: {error:?}");
        attempts += 1;
        assert!(attempts < 100, "{fault:?}: {error:?}");
    }
    // A signature's length varies by some bytes: the place may still be to come.
    let _ = get(&cache, &call);
    cache.set(b"changes", &Value::Int(7), &Call::default()).expect("a write");
    get(&cache, &Call::default()).expect("a read");
}

fn every_offset(cut: Cut) {
    let (server, offsets) = server();
    let hits: Vec<_> = offsets
        .chunks(offsets.len().div_ceil(THREADS))
        .map(|offsets| {
            let (server, offsets) = (Arc::clone(&server), offsets.to_vec());
            thread::spawn(move || {
                let proxy = proxy(&server);
                for (direction, offset) in offsets {
                    hit(&server, &proxy, Fault { direction, offset, cut });
                }
            })
        })
        .collect();
    hits.into_iter().for_each(|hit| hit.join().expect("the right replies in time"));
}

#[test]
fn stalled() {
    every_offset(Cut::Stall);
}

#[test]
fn closed() {
    every_offset(Cut::Close);
}

#[test]
fn reset() {
    every_offset(Cut::Reset);
}

#[test]
fn a_byte_every_50_milliseconds_does_not_pass_the_deadline() {
    let (server, offsets) = server();
    let last = |direction| offsets.iter().filter(|(other, _)| *other == direction).count() - 1;
    for direction in Direction::both() {
        // The last one far enough from the end: signatures, and with them handshakes, differ by some bytes.
        for offset in [0, 100, last(direction) - 20] {
            let proxy = proxy(&server);
            let cache = open(&server, &proxy);
            let cut = Cut::Trickle(Duration::from_millis(50));
            proxy.fault_next(Fault { direction, offset, cut });
            let started = Instant::now();
            let error = get(&cache, &short()).expect_err("too slow");
            assert_eq!(error.status(), Status::Timeout, "{direction:?} {offset}: {error}");
            assert!(started.elapsed() < IN_TIME, "{:?}", started.elapsed());
            get(&cache, &Call::default()).expect("a new connection");
        }
    }
}

/// Counted in the server: an increment that was answered happened once; one that failed, once or not at all.
#[test]
fn a_write_is_never_sent_twice() {
    let (server, offsets) = server();
    let proxy = proxy(&server);
    let other = Proxy::tcp(Place::Port(server.tls_port()));
    let direct = open(&server, &other);
    for (direction, offset) in offsets.into_iter().step_by(7) {
        direct.set(b"counter", &Value::Int(0), &Call::default()).expect("zero");
        let cache = open(&server, &proxy);
        proxy.fault_next(Fault { direction, offset, cut: Cut::Close });
        let least = i64::from(cache.incr(b"counter", 1, &Call::default()).is_ok());
        let counted = direct.get(b"counter", &Call::default()).expect("it is there");
        let Some(Value::Int(counted)) = counted else { panic!("{counted:?}") };
        assert!((least..=1).contains(&counted), "{direction:?} {offset}: {counted}");
    }
}
