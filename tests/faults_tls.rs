//! What plain connections can't find out, TLS does: a changed or repeated byte, wherever it is, ends the connection, and no
//! call gets another answer than its own.
//!
//! DJREDIS_FAULTS=whole is every byte; else every eleventh.
#![cfg(feature = "tls")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod support;

use std::thread;

use djredis::{Cache, Call, Options, Status, Value};
use support::proxy::{Cut, Direction, Fault, Proxy};
use support::{Place, TlsServer};

const THREADS: usize = 8;

fn open(server: &TlsServer, proxy: &Proxy) -> Cache {
    let mut options = Options::new();
    let ca = server.certificates.file("ca.pem");
    for (name, value) in [("TLS_CA", ca.as_str()), ("MAX_CONNECTIONS", "1"), ("BREAKER_FAILURES", "0")] {
        options.set(name, value).expect("a known option");
    }
    // What waits for bytes that never come.
    for name in ["SOCKET_TIMEOUT", "SOCKET_CONNECT_TIMEOUT"] {
        options.set(name, "0.5").expect("a known option");
    }
    Cache::open(&format!("rediss://127.0.0.1:{}/3", proxy.port()), &options).expect("a cache")
}

fn value() -> Value<'static> {
    Value::Text("what stands under the key".into())
}

/// Writes and reads one key; the first error.
fn call(cache: &Cache) -> djredis::Result<()> {
    assert!(cache.set(b"key", &value(), &Call::default())?);
    assert_eq!(cache.get(b"key", &Call::default())?, Some(value()));
    Ok(())
}

/// The bytes of a connection that does so, fewer by some: signatures vary in their length.
fn lengths(server: &TlsServer) -> [usize; 2] {
    let proxy = Proxy::tcp(Place::Port(server.tls_port()));
    call(&open(server, &proxy)).expect("without a fault it works");
    Direction::both().map(|direction| proxy.passed(direction) - 8)
}

fn hit(server: &TlsServer, proxy: &Proxy, fault: Fault) {
    proxy.fault_next(fault);
    let cache = open(server, proxy);
    let mut attempts = 0;
    while let Err(error) = call(&cache) {
        let expected = [Status::Timeout, Status::Connection, Status::Pool, Status::Protocol];
        assert!(expected.contains(&error.status()), "{fault:?}: {error:?}");
        attempts += 1;
        assert!(attempts < 20, "{fault:?}: {error:?}");
    }
}

fn every_byte(cut: Cut) {
    let whole = std::env::var("DJREDIS_FAULTS").is_ok_and(|faults| faults == "whole");
    let server = TlsServer::start();
    let faults: Vec<_> = Direction::both()
        .into_iter()
        .zip(lengths(&server))
        .flat_map(|(direction, length)| (0..length).map(move |offset| Fault { direction, offset, cut }))
        .step_by(if whole { 1 } else { 11 })
        .collect();
    thread::scope(|scope| {
        for faults in faults.chunks(faults.len().div_ceil(THREADS)) {
            let server = &server;
            scope.spawn(move || {
                let proxy = Proxy::tcp(Place::Port(server.tls_port()));
                faults.iter().for_each(|&fault| hit(server, &proxy, fault));
                assert!(proxy.done().values().sum::<usize>() * 10 >= faults.len() * 9, "{:?}", proxy.done());
            });
        }
    });
}

#[test]
fn changed() {
    every_byte(Cut::Corrupt(0));
}

#[test]
fn repeated() {
    every_byte(Cut::Repeat);
}
