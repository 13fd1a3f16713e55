//! The near cache on real servers: what is kept, for how long, and that nobody is told an old value after a newer one.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use djredis::{Cache, Call, Options, Value};
use support::Server;

const MEGABYTE: &str = "1048576";

fn open_with(server: &Server, options: &[(&str, &str)]) -> Arc<Cache> {
    let mut set = Options::new();
    set.set("NEAR_CACHE", MEGABYTE).unwrap();
    for (name, value) in options {
        set.set(name, value).unwrap();
    }
    Arc::new(Cache::open(&format!("127.0.0.1:{}:0", server.port()), &set).unwrap())
}

fn open(server: &Server) -> Arc<Cache> {
    open_with(server, &[])
}

fn call() -> Call {
    Call::default()
}

fn get(cache: &Cache, key: &str) -> Option<Value<'static>> {
    cache.get(key.as_bytes(), &call()).unwrap()
}

fn set(cache: &Cache, key: &str, number: i64) {
    assert!(cache.set(key.as_bytes(), &Value::Int(number), &call()).unwrap());
}

/// Waits for what must come.
fn until(what: &str, mut reached: impl FnMut() -> bool) {
    let end = Instant::now() + Duration::from_secs(30);
    while !reached() {
        assert!(Instant::now() < end, "{what}");
        thread::sleep(Duration::from_millis(1));
    }
}

#[test]
fn the_second_read_asks_nobody() {
    let server = Server::start();
    let cache = open(&server);
    set(&cache, "key", 1);
    for _ in 0..3 {
        assert_eq!(get(&cache, "key"), Some(Value::Int(1)));
    }
    let stats = cache.stats();
    assert_eq!((stats.near_hits, stats.near_misses, stats.hits, stats.misses), (2, 1, 3, 0));
}

#[test]
fn what_others_write_is_seen() {
    let server = Server::start();
    let (cache, other) = (open(&server), open_with(&server, &[("NEAR_CACHE", "0")]));
    set(&cache, "key", 1);
    assert_eq!(get(&cache, "key"), Some(Value::Int(1)));
    set(&other, "key", 2);
    until("the new value is seen", || get(&cache, "key") == Some(Value::Int(2)));
    other.delete(b"key", &call()).unwrap();
    until("the deletion is seen", || get(&cache, "key").is_none());
    assert!(cache.stats().near_invalidations >= 2);
}
