//! Several servers: the deadline is one for all of them together.

use std::thread;
use std::time::Duration;

use djredis::items::Item;
use djredis::{Cache, Call, Status};

use crate::support::stream::{Listener, Place};
use crate::support::{Cut, Direction, FakeSentinel, SERVICE, Server, free_port};
use crate::talker::talker;
use crate::{Calls, faulty, get, open};

/// Servers that accept and never answer, and their addresses.
fn silent(count: usize) -> (Vec<Listener>, String) {
    let listeners: Vec<_> = (0..count).map(|_| Listener::tcp()).collect();
    let addresses = listeners.iter().map(|listener| match listener.place() {
        Place::Port(port) => format!("127.0.0.1:{port}:0"),
        Place::Path(_) => unreachable!("it listens on a port"),
    });
    let location = addresses.collect::<Vec<_>>().join(",");
    (listeners, location)
}

/// How many keys were answered, and the error of one that was not.
fn answered(cache: &Cache) -> (usize, djredis::Result<()>) {
    let keys: Vec<_> = (0..50).map(|number| format!("key{number}")).collect();
    let keys: Vec<_> = keys.iter().map(String::as_bytes).collect();
    let items = match cache.get_many(&keys, &Call::default()) {
        Ok(items) => items,
        Err(error) => return (0, Err(error)),
    };
    let failed: Vec<_> = items.iter().filter_map(|item| error_of(&item)).collect();
    (keys.len() - failed.len(), failed.into_iter().next().map_or(Ok(()), Err))
}

fn error_of(item: &Item<'_>) -> Option<djredis::Error> {
    match item {
        Item::Error { status: Some(status), message } => Some(djredis::Error::new(*status, message.clone())),
        _ => None,
    }
}

fn get_many(cache: &Cache) -> djredis::Result<()> {
    answered(cache).1
}

#[test]
fn shards() {
    let (_kept, location) = silent(4);
    let cache = open(&location, &[("CLIENT_CLASS", "shard")]);
    Calls::of("four silent shards, one key", Status::Timeout).time_all(|| get(&cache));
    Calls::of("four silent shards, get_many", Status::Timeout).time_all(|| get_many(&cache));
    Calls::of("four silent shards, keys", Status::Timeout)
        .time_all(|| cache.keys(b"*", &within_timeout()).map(drop));
}

/// What has many round trips takes SOCKET_TIMEOUT for each: its own deadline is for all of them.
fn within_timeout() -> Call {
    Call { deadline: Some(djredis::cache::Patience::Within(crate::TIMEOUT)), ..Call::default() }
}

#[test]
fn shards_that_trickle() {
    let server = Server::start();
    let slowly = Cut::Trickle(Duration::from_millis(50));
    let proxies: Vec<_> = (0..7).map(|_| faulty(&server, Direction::Replies, 0, slowly)).collect();
    let mut addresses: Vec<_> = proxies.iter().map(|proxy| format!("127.0.0.1:{}:0", proxy.port())).collect();
    addresses.push(format!("127.0.0.1:{}:0", server.port()));
    let cache = open(&addresses.join(","), &[("CLIENT_CLASS", "shard")]);
    Calls::of("seven shards of eight with a byte every 50 ms, get_many", Status::Timeout)
        .time_all(|| get_many(&cache));
    // What it has for that is a few milliseconds, which a busy machine may take away.
    assert!((0..20).any(|_| answered(&cache).0 > 0), "the other shard's keys are answered");
}

#[test]
fn replicas() {
    let (_kept, location) = silent(3);
    let cache = open(&location, &[]);
    Calls::of("a silent primary and two silent replicas, a read", Status::Timeout).time_all(|| get(&cache));
    Calls::of("the same, a write", Status::Timeout)
        .time_all(|| cache.incr(b"key", 1, &Call::default()).map(drop));
}

#[test]
fn sentinels() {
    let (_kept, sentinels) = silent(3);
    let sentinels = sentinels.replace(":0", "");
    let service = format!("redis://{SERVICE}/0");
    let cache = open(&service, &[("CLIENT_CLASS", "sentinel"), ("SENTINELS", &sentinels)]);
    Calls::of("three silent sentinels", Status::Timeout).time_all(|| get(&cache));
}

#[test]
fn a_primary_that_a_sentinel_names() {
    let silent = Listener::tcp();
    let Place::Port(port) = silent.place() else { unreachable!("it listens on a port") };
    let sentinel = FakeSentinel::naming(port);
    let sentinels = format!("127.0.0.1:{},127.0.0.1:{}", sentinel.port(), free_port());
    let service = format!("redis://{SERVICE}/0");
    let cache = open(&service, &[("CLIENT_CLASS", "sentinel"), ("SENTINELS", &sentinels)]);
    Calls::of("a sentinel that names a silent primary", Status::Timeout).time_all(|| get(&cache));
}

#[test]
fn cluster_seeds() {
    let (_kept, location) = silent(3);
    let cache = open(&location, &[("CLIENT_CLASS", "cluster")]);
    Calls::of("three silent seeds of a cluster", Status::Timeout).time_all(|| get(&cache));
}

/// A node that has all slots, and refers every other command to this port, late; 0: to itself.
fn referring(to: u16, late: Duration) -> Cache {
    let port = talker(move |command, own| {
        if command.contains("CLUSTER") {
            return format!("*1\r\n*3\r\n:0\r\n:16383\r\n*2\r\n$9\r\n127.0.0.1\r\n:{own}\r\n");
        }
        thread::sleep(late);
        format!("-MOVED 1 127.0.0.1:{}\r\n", if to == 0 { own } else { to })
    });
    open(&format!("127.0.0.1:{port}:0"), &[("CLIENT_CLASS", "cluster")])
}

#[test]
fn a_node_that_is_referred_to() {
    let silent = Listener::tcp();
    let Place::Port(port) = silent.place() else { unreachable!("it listens on a port") };
    let mut calls = Calls::of("a node of a cluster refers to a silent one", Status::Timeout);
    for _ in 0..Calls::wanted() {
        let cache = referring(port, Duration::from_millis(60));
        calls.time(|| get(&cache));
    }
    calls.report();
}

#[test]
fn nodes_that_refer_on_and_on() {
    let mut calls = Calls::of("a cluster refers on and on, each time after 60 ms", Status::Timeout);
    for _ in 0..Calls::wanted() {
        let cache = referring(0, Duration::from_millis(60));
        calls.time(|| get(&cache));
    }
    calls.report();
}
