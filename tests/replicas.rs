//! A primary and its replicas, also while some of them are away.
//!
//! Where it does not matter the "replicas" are servers of their own, so that a test sees who answered.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod support;

use std::collections::HashSet;

use djredis::cache::{BatchCall, Condition, Operation};
use djredis::error::Sent;
use djredis::items::Item;
use djredis::{Cache, Call, Status, Ttl, Value};
use support::cache::{self, counter};
use support::{FakeServer, Server, free_port, wait_until};

fn call() -> Call {
    Call::default()
}

fn open(ports: &[u16], options: &[(&str, &str)]) -> Cache {
    let entries: Vec<_> = ports.iter().map(|port| format!("127.0.0.1:{port}:0")).collect();
    cache::open(&entries.join(","), options).expect("a cache")
}

/// A server on which the key k says which one it is.
fn named(name: &str) -> Server {
    let server = Server::start();
    server.command(&["SET", ":1:k", name]);
    server
}

/// Who answers a read.
fn asked(cache: &Cache) -> String {
    String::from_utf8(cache.get_raw(b"k", &call()).unwrap().unwrap()).unwrap()
}

fn is_there(server: &Server, key: &str) -> bool {
    server.command(&["EXISTS", key]) == ":1\r\n"
}

#[test]
fn reads_take_turns_and_writes_go_to_the_primary() {
    let (primary, one, two) = (named("primary"), named("one"), named("two"));
    let cache = open(&[primary.port(), one.port(), two.port()], &[]);
    let answers: Vec<_> = (0..6).map(|_| asked(&cache)).collect();
    assert_eq!(answers.iter().collect::<HashSet<_>>().len(), 2);
    assert!(answers.windows(2).all(|pair| pair[0] != pair[1]) && !answers.contains(&"primary".into()));

    cache.set(b"a", &Value::Int(1), &call()).unwrap();
    assert_eq!(cache.incr(b"a", 4, &call()).unwrap(), Value::Int(5));
    assert!(cache.lock(b"lock", b"token", &call()).unwrap());
    assert!(cache.unlock(b"lock", b"token", &call()).unwrap());
    cache.set_many(&[(b"b", Value::Int(2)), (b"c", Value::Int(3))], &call()).unwrap();
    assert_eq!(cache.command(&[b"EXISTS", b"a"], Some(1), &call()).unwrap(), Value::Int(1));
    let mut raw = cache.connection(&call()).unwrap();
    assert!(matches!(raw.command(&[b"EXISTS", b":1:a"], &call()).unwrap(), Some(Value::Int(1))));
    assert!(["a", "b", "c"].iter().all(|key| is_there(&primary, &format!(":1:{key}"))));
    // What the replicas have not, reads don't find.
    assert_eq!(cache.get(b"a", &call()).unwrap(), None);
    assert!(!cache.has_key(b"a", &call()).unwrap());
    assert_eq!(cache.ttl(b"a", &call()).unwrap(), None);
    assert!(cache.get_many(&[b"a", b"b"], &call()).unwrap().iter().all(|item| item == Item::Missing));
    // What a write depends on is read where the write goes.
    let present = Call { condition: Condition::Present, ..call() };
    assert!(cache.set(b"a", &Value::Float(0.5), &present).unwrap());
    assert_eq!(cache.incr(b"a", 1, &call()).unwrap(), Value::Float(1.5));
    cache.delete_many(&[b"a", b"b"], &call()).unwrap();
    assert!(!is_there(&primary, ":1:a"));
}

#[test]
fn what_expires_at_once_is_decided_on_the_primary() {
    let (primary, replica) = (Server::start(), Server::start());
    let cache = open(&[primary.port(), replica.port()], &[("ZERO_TIMEOUT", "expire")]);
    cache.set(b"a", &Value::Int(1), &call()).unwrap();
    let add = Call { condition: Condition::Absent, ttl: Some(Ttl::Millis(0)), ..call() };
    assert!(!cache.set(b"a", &Value::Int(2), &add).unwrap());
    let batch = [BatchCall { key: b"a", operation: Operation::Set(Value::Int(2)), call: add }];
    assert_eq!(cache.batch(&batch, &call()).unwrap().get(0), Some(Item::Missing));
}

#[test]
fn patterns_are_read_from_replicas_and_deleted_on_the_primary() {
    let (primary, replica) = (named("primary"), named("replica"));
    let cache = open(&[primary.port(), replica.port()], &[]);
    replica.command(&["SET", ":1:only", "1"]);
    assert_eq!(cache.keys(b"*", &call()).unwrap().len(), 2);
    primary.command(&["MSET", ":1:x", "1", ":1:y", "1", ":1:z", "1"]);
    assert_eq!(cache.delete_pattern(b"*", &call()).unwrap(), 4);
    assert_eq!(replica.command(&["DBSIZE"]), ":2\r\n");
    primary.command(&["SET", ":1:x", "1"]);
    cache.clear(&call()).unwrap();
    assert_eq!(
        (primary.command(&["DBSIZE"]), replica.command(&["DBSIZE"])),
        (":0\r\n".into(), ":2\r\n".into())
    );
}

#[test]
fn a_scan_that_loses_its_replica_begins_anew_on_another() {
    let (primary, one, two) = (Server::start(), Server::start(), Server::start());
    let names: HashSet<Vec<u8>> = (0..2000).map(|number| format!("key{number}").into_bytes()).collect();
    for server in [&primary, &one, &two] {
        for chunk in names.iter().collect::<Vec<_>>().chunks(500) {
            let pairs =
                chunk.iter().flat_map(|name| [format!(":1:{}", String::from_utf8_lossy(name)), "1".into()]);
            let args: Vec<_> = std::iter::once("MSET".to_owned()).chain(pairs).collect();
            server.command(&args.iter().map(String::as_str).collect::<Vec<_>>());
        }
    }
    let cache = open(&[primary.port(), one.port(), two.port()], &[("SCAN_ITERSIZE", "100")]);
    let mut scan = cache.scan(b"*", &call()).unwrap();
    let mut found: HashSet<Vec<u8>> = scan.next_batch(&call()).unwrap().unwrap().into_iter().collect();
    let scans = |server: &Server| server.command(&["INFO", "commandstats"]).contains("cmdstat_scan");
    let mut servers = vec![one, two];
    let at = servers.iter().position(scans).expect("one of them was asked");
    assert!(!scans(&servers[1 - at]) && !scans(&primary), "a cursor means something on one server alone");
    servers.remove(at);
    while let Some(batch) = scan.next_batch(&call()).unwrap() {
        found.extend(batch);
    }
    assert!(found == names, "{} of {}", found.len(), names.len());
}

#[test]
fn a_dead_replica_is_left_out() {
    let (primary, replica) = (named("primary"), named("replica"));
    let cache = open(&[primary.port(), free_port(), replica.port()], &[]);
    assert!((0..50).all(|_| asked(&cache) == "replica"));
    assert_eq!((counter(&cache, "connects"), counter(&cache, "errors")), (1, 0));
}

#[test]
fn a_silent_replica_is_left_out() {
    let (primary, replica, silent) = (named("primary"), named("replica"), FakeServer::silent());
    let cache = open(&[primary.port(), silent.port(), replica.port()], &[("SOCKET_TIMEOUT", "6")]);
    assert!((0..50).all(|_| asked(&cache) == "replica"));
    // Each time that it is asked takes a connection.
    assert!(counter(&cache, "connects") <= 3, "{}", counter(&cache, "connects"));
}

#[test]
fn a_replica_that_lost_its_primary_is_left_out() {
    let primary = named("primary");
    let nowhere = free_port().to_string();
    let lost = Server::with(&["--replicaof", "127.0.0.1", &nowhere, "--replica-serve-stale-data", "no"]);
    let cache = open(&[primary.port(), lost.port()], &[]);
    assert!((0..5).all(|_| asked(&cache) == "primary"));
}

#[test]
fn the_primary_serves_where_no_replica_does() {
    let primary = named("primary");
    let cache = open(&[primary.port(), free_port(), free_port()], &[]);
    assert!((0..5).all(|_| asked(&cache) == "primary"));
    cache.set(b"a", &Value::Int(1), &call()).unwrap();
    assert_eq!(cache.get(b"a", &call()).unwrap(), Some(Value::Int(1)));
}

#[test]
fn a_replica_is_asked_again_later() {
    let (primary, mut replica) = (named("primary"), named("replica"));
    let cache = open(&[primary.port(), replica.port()], &[]);
    assert_eq!(asked(&cache), "replica");
    replica.restart_with(|_| assert_eq!(asked(&cache), "primary"));
    replica.command(&["SET", ":1:k", "replica"]);
    wait_until("the replica is asked again", || asked(&cache) == "replica");
}

#[test]
fn a_replica_that_answers_with_an_error_is_back() {
    let (primary, mut replica) = (named("primary"), named("replica"));
    let cache = open(&[primary.port(), replica.port()], &[]);
    replica.restart_with(|_| assert_eq!(asked(&cache), "primary"));
    replica.command(&["RPUSH", ":1:k", "no text"]);
    let is_refused = || cache.get_raw(b"k", &call()).is_err_and(|error| error.status() == Status::Type);
    wait_until("the replica is asked again", is_refused);
    assert!((0..5).all(|_| is_refused()), "it rests no more");
}

#[test]
fn where_the_primary_is_dead_reads_go_on() {
    let replica = named("replica");
    let cache = open(&[free_port(), replica.port()], &[]);
    assert!((0..5).all(|_| asked(&cache) == "replica"));
    let error = cache.set(b"a", &Value::Int(1), &call()).unwrap_err();
    assert_eq!((error.status(), error.was_sent()), (Status::Connection, Sent::No));
    assert_eq!(cache.delete_pattern(b"*", &call()).unwrap_err().status(), Status::Connection);
}

#[test]
fn where_all_are_dead_calls_fail_or_are_ignored() {
    for (ignore, ignored) in [("false", false), ("true", true)] {
        let options = [("IGNORE_EXCEPTIONS", ignore), ("BREAKER_FAILURES", "0")];
        let cache = open(&[free_port(), free_port(), free_port()], &options);
        for _ in 0..3 {
            let errors = [
                cache.get(b"k", &call()).map(drop).unwrap_err(),
                cache.get_many(&[b"k"], &call()).map(drop).unwrap_err(),
                cache.keys(b"*", &call()).map(drop).unwrap_err(),
                cache.set(b"k", &Value::Int(1), &call()).map(drop).unwrap_err(),
            ];
            for error in errors {
                assert_eq!((error.status(), error.is_ignored()), (Status::Connection, ignored), "{error}");
            }
        }
    }
    // A replica that rests is asked after all, before a call fails.
    let (mut primary, mut replica) = (named("primary"), named("replica"));
    let cache = open(&[primary.port(), replica.port()], &[]);
    replica.restart_with(|_| assert_eq!(asked(&cache), "primary"));
    replica.command(&["SET", ":1:k", "replica"]);
    primary.restart_with(|_| assert_eq!(asked(&cache), "replica"));
}

#[test]
fn a_replica_in_the_primarys_place_is_named() {
    let primary = Server::start();
    let port = primary.port().to_string();
    let replica = Server::with(&["--replicaof", "127.0.0.1", &port]);
    let cache = open(&[replica.port(), primary.port()], &[]);
    let place = format!("127.0.0.1:{}", replica.port());
    let check = |status, message: &str, sent| {
        assert_eq!((status, sent), (Status::Unavailable, Sent::No), "{message}");
        assert!(message.contains(&place) && message.contains("first in a list"), "{message}");
    };
    let error = cache.set(b"a", &Value::Int(1), &call()).unwrap_err();
    check(error.status(), error.message(), error.was_sent());
    let error = cache.delete(b"a", &call()).unwrap_err();
    check(error.status(), error.message(), error.was_sent());
    let stored = cache.set_many(&[(b"a", Value::Int(1))], &call()).unwrap();
    let Some(Item::Error { status: Some(status), message, .. }) = stored.get(0) else { panic!("{stored:?}") };
    check(status, &message, Sent::No);
}

#[test]
fn what_was_written_is_read_from_the_primary() {
    let (primary, replica) = (named("primary"), named("replica"));
    let ports = [primary.port(), replica.port()];
    let cache = open(&ports, &[("READ_YOUR_WRITES", "true")]);
    cache.set(b"a", &Value::Int(1), &call()).unwrap();
    assert_eq!(cache.get(b"a", &call()).unwrap(), Some(Value::Int(1)));
    assert!(cache.has_key(b"a", &call()).unwrap() && cache.ttl(b"a", &call()).unwrap().is_some());
    assert_eq!(asked(&cache), "replica", "another key");
    let all = cache.get_many_raw(&[b"a", b"k"], &call()).unwrap();
    assert_eq!(all.get(1), Some(Item::Value(Value::Bytes(b"primary".as_slice().into()))));
    assert_eq!(cache.keys(b"a", &call()).unwrap().len(), 1);
    let get = |key| BatchCall { key, operation: Operation::Get, call: call() };
    assert_eq!(cache.batch(&[get(b"a")], &call()).unwrap().get(0), Some(Item::Value(Value::Int(1))));
    assert_eq!(asked(&cache), "replica", "reading is no writing");
    let other = open(&ports, &[("READ_YOUR_WRITES", "true")]);
    assert_eq!(other.get(b"a", &call()).unwrap(), None, "each cache knows its own writes");

    // Whatever writes: many, a batch, a script, a command, a raw connection; and what may have written anything.
    for write in [
        |cache: &Cache| drop(cache.set(b"k", &Value::Int(1), &call())),
        |cache: &Cache| drop(cache.set_many(&[(b"k", Value::Int(1))], &call())),
        |cache: &Cache| drop(cache.delete_many(&[b"k"], &call())),
        |cache: &Cache| drop(cache.command(&[b"DEL", b"k"], Some(1), &call())),
        |cache: &Cache| drop(cache.incr(b"k", 1, &call())),
        |cache: &Cache| drop(cache.clear(&call())),
    ] {
        let unsure = open(&[free_port(), replica.port()], &[("READ_YOUR_WRITES", "true")]);
        assert_eq!(asked(&unsure), "replica");
        write(&unsure);
        let error = unsure.get(b"k", &call()).unwrap_err();
        assert_eq!(
            error.status(),
            Status::Connection,
            "what may be on the primary is not read from a replica"
        );
    }
}
