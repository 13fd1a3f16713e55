//! The breaker: what an outage costs, when the server is tried again, and what says nothing about the server.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod support;

use std::thread;
use std::time::{Duration, Instant};

use djredis::cache::Patience;
use djredis::{Cache, Call, Options, Result, Status, Value};
use support::{FakeServer, Server, free_port};

fn open(port: u16, options: &[(&str, &str)]) -> Cache {
    let mut set = Options::new();
    for (name, value) in options {
        set.set(name, value).expect("a known option");
    }
    Cache::open(&format!("127.0.0.1:{port}:0"), &set).expect("a cache")
}

fn get(cache: &Cache) -> Result<Option<Value<'static>>> {
    cache.get(b"key", &Call::default())
}

fn statuses(cache: &Cache, calls: usize) -> Vec<Status> {
    (0..calls).map(|_| get(cache).err().map_or(Status::Ok, |error| error.status())).collect()
}

fn counter(cache: &Cache, name: &str) -> u64 {
    cache.stats().counters().into_iter().find(|(known, _)| *known == name).expect("a counter").1
}

/// Calls until the server is asked again, and answers.
fn answers_again(cache: &Cache) -> Option<Value<'static>> {
    let end = Instant::now() + Duration::from_secs(20);
    loop {
        match get(cache) {
            Ok(value) => return value,
            Err(error) => assert!(Instant::now() < end, "{error}"),
        }
        thread::sleep(Duration::from_millis(5));
    }
}

/// As short as SOCKET_TIMEOUT: what counts is that it is an option's.
const IMPATIENT: (&str, &str) = ("SOCKET_TIMEOUT", "0.02");

#[test]
fn a_silent_server_costs_three_timeouts() {
    let server = FakeServer::silent();
    let cache = open(server.port(), &[IMPATIENT, ("BREAKER_RESET", "60")]);
    let mut expected = vec![Status::Timeout; 3];
    expected.resize(20, Status::Unavailable);
    assert_eq!(statuses(&cache, 20), expected);
    assert_eq!((counter(&cache, "breaker_opens"), counter(&cache, "breaker_refusals")), (1, 17));
}

#[test]
fn the_sentence_names_the_server_the_last_failure_and_the_options() {
    let port = free_port();
    let cache = open(port, &[("BREAKER_RESET", "60")]);
    assert_eq!(statuses(&cache, 3), [Status::Connection; 3]);
    let error = get(&cache).unwrap_err();
    let message = error.message();
    for part in
        [&format!("127.0.0.1:{port} was not asked"), "BREAKER_FAILURES", "BREAKER_RESET", "could not connect"]
    {
        assert!(message.contains(part), "{message}");
    }
    assert!(error.is_away());
    assert_eq!(error.was_sent(), djredis::error::Sent::No);
}

#[test]
fn a_server_that_is_back_is_found_again() {
    let mut server = Server::start();
    let cache = open(server.port(), &[]);
    cache.set(b"key", &Value::Int(1), &Call::default()).unwrap();
    server.stop();
    assert!(statuses(&cache, 10).contains(&Status::Unavailable));
    server.start_again();
    assert_eq!(answers_again(&cache), None, "it was emptied");
    assert_eq!(statuses(&cache, 3), [Status::Ok; 3]);
    assert_eq!(counter(&cache, "breaker_opens"), 1);
}

#[test]
fn one_call_at_a_time_probes() {
    let server = FakeServer::silent();
    let cache = open(server.port(), &[IMPATIENT]);
    statuses(&cache, 3);
    thread::sleep(Duration::from_millis(150));
    let ended: Vec<_> = thread::scope(|scope| {
        let calls: Vec<_> = (0..8).map(|_| scope.spawn(|| statuses(&cache, 1)[0])).collect();
        calls.into_iter().map(|call| call.join().unwrap()).collect()
    });
    assert_eq!(ended.iter().filter(|&&status| status == Status::Timeout).count(), 1, "{ended:?}");
    assert_eq!(ended.iter().filter(|&&status| status == Status::Unavailable).count(), 7, "{ended:?}");
}

#[test]
fn an_answer_of_any_kind_closes_it() {
    let server = FakeServer::answering("-LOADING Redis is loading the dataset in memory\r\n");
    let cache = open(server.port(), &[IMPATIENT]);
    for _ in 0..3 {
        // The fake answers one call of each connection; the second one times out.
        assert_eq!(statuses(&cache, 2), [Status::Unavailable, Status::Timeout]);
    }
    assert_eq!(counter(&cache, "breaker_opens"), 0);
}

#[test]
fn a_callers_own_hurry_says_nothing_about_the_server() {
    let server = FakeServer::silent();
    let cache = open(server.port(), &[]);
    let call = Call { deadline: Some(Patience::Within(Duration::from_millis(5))), ..Call::default() };
    for _ in 0..10 {
        assert_eq!(cache.get(b"key", &call).unwrap_err().status(), Status::Timeout);
    }
}

#[test]
fn a_command_that_waits_says_nothing_about_the_server() {
    let server = Server::start();
    let cache = open(server.port(), &[("SOCKET_TIMEOUT", "0.2"), ("BREAKER_RESET", "60")]);
    for _ in 0..4 {
        let error = cache.command(&[b"BLPOP", b"list", b"0"], None, &Call::default()).unwrap_err();
        assert_eq!(error.status(), Status::Timeout, "{error}");
    }
    assert_eq!(statuses(&cache, 1), [Status::Ok]);
}

#[test]
fn it_can_be_off() {
    let cache = open(free_port(), &[("BREAKER_FAILURES", "0")]);
    assert_eq!(statuses(&cache, 20), [Status::Connection; 20]);
}

#[test]
fn ignored_it_is_a_miss() {
    let cache = open(free_port(), &[("IGNORE_EXCEPTIONS", "true"), ("BREAKER_RESET", "60")]);
    for _ in 0..10 {
        assert!(get(&cache).unwrap_err().is_ignored());
    }
    assert_eq!(counter(&cache, "breaker_refusals"), 7);
}

#[test]
fn a_dead_shard_is_refused_at_once_and_the_others_answer() {
    let (server, dead) = (Server::start(), free_port());
    let mut options = Options::new();
    for (name, value) in [("CLIENT_CLASS", "shard"), ("BREAKER_RESET", "60")] {
        options.set(name, value).unwrap();
    }
    let location = format!("127.0.0.1:{}:0,127.0.0.1:{dead}:0", server.port());
    let cache = Cache::open(&location, &options).unwrap();
    let keys: Vec<_> = (0..20).map(|number| format!("key{number}")).collect();
    let keys: Vec<_> = keys.iter().map(String::as_bytes).collect();
    for _ in 0..10 {
        let items = cache.get_many(&keys, &Call::default());
        assert!(items.is_ok(), "the living shard's keys were asked for");
    }
    assert_eq!(counter(&cache, "breaker_refusals"), 7);
}

#[test]
fn borrowed_connections_count_by_their_connect() {
    let cache = open(free_port(), &[("BREAKER_RESET", "60")]);
    let borrow = || cache.connection(&Call::default()).err().map(|error| error.status());
    for _ in 0..3 {
        assert_eq!(borrow(), Some(Status::Connection));
    }
    assert_eq!(borrow(), Some(Status::Unavailable));
}
