//! What caches share, what a restarted server costs, and waiting for a connection.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod support;

use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use djredis::error::Sent;
use djredis::{Cache, Call, Options, Status, Value};
use support::Server;

fn open(server: &Server, options: &[(&str, &str)]) -> Cache {
    let mut set = Options::new();
    for (name, value) in options {
        set.set(name, value).expect("a known option");
    }
    Cache::open(&format!("127.0.0.1:{}:0", server.port()), &set).expect("a cache")
}

fn set(cache: &Cache, key: &str, number: i64) -> djredis::Result<bool> {
    cache.set(key.as_bytes(), &Value::Int(number), &Call::default())
}

fn get(cache: &Cache, key: &str) -> djredis::Result<Option<Value<'static>>> {
    cache.get(key.as_bytes(), &Call::default())
}

fn counter(cache: &Cache, name: &str) -> u64 {
    cache.stats().counters().into_iter().find(|(known, _)| *known == name).expect("a counter").1
}

/// Connections to the server beside the one that asks.
fn connections(server: &Server) -> usize {
    server.command(&["CLIENT", "LIST"]).matches(" laddr=").count() - 1
}

fn connections_become(server: &Server, expected: usize) {
    let end = Instant::now() + Duration::from_secs(10);
    while connections(server) != expected {
        assert!(Instant::now() < end, "{} connections, not {expected}", connections(server));
        thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn equal_caches_share_a_pool_until_the_last_is_closed() {
    let server = Server::start();
    let first = open(&server, &[]);
    let second = open(&server, &[("KEY_PREFIX", "other"), ("TIMEOUT", "5")]);
    set(&first, "key", 1).unwrap();
    set(&second, "key", 2).unwrap();
    assert_eq!(connections(&server), 1);
    assert_eq!(counter(&first, "connects"), 1);
    first.close();
    assert_eq!(get(&first, "key").unwrap_err().status(), Status::Closed);
    assert_eq!(get(&second, "key").unwrap(), Some(Value::Int(2)));
    assert_eq!(counter(&second, "connects"), 1);
    drop(second);
    connections_become(&server, 0);
}

#[test]
fn options_that_matter_to_a_connection_keep_pools_apart() {
    let server = Server::start();
    let caches = [
        open(&server, &[]),
        open(&server, &[("PROTOCOL", "resp3")]),
        open(&server, &[("DB", "1"), ("MAX_CONNECTIONS", "2")]),
    ];
    for cache in &caches {
        set(cache, "key", 1).unwrap();
    }
    assert_eq!(connections(&server), caches.len());
}

#[test]
fn a_closed_cache_can_be_opened_again() {
    let server = Server::start();
    for number in 0..20 {
        let cache = open(&server, &[]);
        set(&cache, "key", number).unwrap();
        cache.close();
        cache.close();
    }
    connections_become(&server, 0);
}

#[test]
fn reads_survive_a_restart_and_so_do_later_writes() {
    let mut server = Server::start();
    let cache = open(&server, &[]);
    set(&cache, "key", 1).unwrap();
    server.restart();
    assert_eq!(get(&cache, "key").unwrap(), None, "a read is sent again on a new connection");
    assert_eq!(counter(&cache, "retries"), 1);
    assert!(set(&cache, "key", 2).unwrap());
    assert_eq!(get(&cache, "key").unwrap(), Some(Value::Int(2)));
}

#[test]
fn a_restart_costs_one_failed_write_at_most_however_many_connections_idled() {
    let mut server = Server::start();
    let cache = Arc::new(open(&server, &[]));
    fill_pool(&server, &cache, 8);
    server.restart();
    let failures: Vec<_> = (0..16).filter_map(|number| set(&cache, "key", number).err()).collect();
    assert!(failures.len() <= 1, "{failures:?}");
    for failure in &failures {
        assert_eq!((failure.status(), failure.was_sent()), (Status::Connection, Sent::Maybe));
    }
}

#[test]
fn a_connection_that_idled_is_looked_at_before_a_write() {
    let mut server = Server::start();
    let cache = Arc::new(open(&server, &[]));
    fill_pool(&server, &cache, 4);
    server.restart();
    thread::sleep(Duration::from_millis(1100));
    for number in 0..8 {
        assert!(set(&cache, "key", number).expect("no write is lost after a second of idling"));
    }
    assert_eq!(counter(&cache, "retries"), 0);
}

/// Makes `count` connections idle in the pool: that many calls wait for a paused server at once.
fn fill_pool(server: &Server, cache: &Arc<Cache>, count: usize) {
    set(cache, "warm", 1).unwrap();
    server.command(&["CLIENT", "PAUSE", "300", "ALL"]);
    let calls: Vec<_> = (0..count)
        .map(|_| {
            let cache = Arc::clone(cache);
            thread::spawn(move || get(&cache, "warm").expect("the pause ends"))
        })
        .collect();
    calls.into_iter().for_each(|call| drop(call.join().unwrap()));
    assert_eq!(counter(cache, "connects"), count as u64);
}

#[test]
fn no_free_connection_is_said_so_in_time() {
    let server = Server::start();
    let cache = Arc::new(open(&server, &[("MAX_CONNECTIONS", "1"), ("POOL_TIMEOUT", "0.1")]));
    set(&cache, "key", 1).unwrap();
    server.command(&["CLIENT", "PAUSE", "1500", "ALL"]);
    let busy = {
        let cache = Arc::clone(&cache);
        thread::spawn(move || get(&cache, "key").expect("the pause ends"))
    };
    thread::sleep(Duration::from_millis(200));
    let started = Instant::now();
    let error = get(&cache, "key").unwrap_err();
    assert!(started.elapsed() < Duration::from_secs(1));
    assert_eq!((error.status(), error.was_sent()), (Status::Pool, Sent::No));
    assert!(error.message().contains("MAX_CONNECTIONS"), "{error}");
    assert_eq!(busy.join().unwrap(), Some(Value::Int(1)));
    assert_eq!(get(&cache, "key").unwrap(), Some(Value::Int(1)));
}

#[test]
fn waiting_callers_get_the_connection_one_after_the_other() {
    let server = Server::start();
    let cache = Arc::new(open(&server, &[("MAX_CONNECTIONS", "2")]));
    let callers: Vec<_> = (0..16)
        .map(|caller| {
            let cache = Arc::clone(&cache);
            thread::spawn(move || {
                for number in 0..100 {
                    let key = format!("caller{caller}");
                    set(&cache, &key, number).unwrap();
                    assert_eq!(get(&cache, &key).unwrap(), Some(Value::Int(number)));
                }
            })
        })
        .collect();
    callers.into_iter().for_each(|caller| caller.join().expect("the right replies"));
    assert_eq!(counter(&cache, "connects"), 2);
}

#[test]
fn a_dead_server_is_reported_at_once() {
    let port = support::server::free_port();
    let mut options = Options::new();
    options.set("BREAKER_FAILURES", "0").unwrap();
    let cache = Cache::open(&format!("127.0.0.1:{port}:0"), &options).unwrap();
    let started = Instant::now();
    for _ in 0..50 {
        let error = set(&cache, "key", 1).unwrap_err();
        assert_eq!((error.status(), error.was_sent()), (Status::Connection, Sent::No));
        assert!(error.message().contains(&port.to_string()), "{error}");
    }
    assert!(started.elapsed() < Duration::from_secs(2));
}
