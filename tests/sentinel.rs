//! A primary that sentinels name: what is asked when, who answers while something is away, and a failover under load.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod support;

use std::collections::HashSet;
use std::net::TcpListener;
use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

use djredis::error::Sent;
use djredis::{Cache, Call, Error, Options, Status, Value};
use support::cache::{self, counter};
use support::{
    Cut, Direction, FakeSentinel, FakeServer, Fault, Place, Proxy, SERVICE, Sentinel, Server, free_port,
    wait_until,
};

fn call() -> Call {
    Call::default()
}

fn open(sentinels: &[u16], options: &[(&str, &str)]) -> Cache {
    let sentinels: Vec<_> = sentinels.iter().map(|port| format!("127.0.0.1:{port}")).collect();
    let sentinels = sentinels.join(",");
    let options = [&[("CLIENT_CLASS", "sentinel"), ("SENTINELS", &sentinels)], options].concat();
    cache::open(&format!("redis://{SERVICE}/0"), &options).expect("a cache")
}

/// A server on which the key k says which one it is.
fn named(name: &str) -> Server {
    let server = Server::start();
    server.command(&["SET", ":1:k", name]);
    server
}

fn asked(cache: &Cache) -> Result<String, Error> {
    Ok(String::from_utf8(cache.get_raw(b"k", &call())?.unwrap()).unwrap())
}

fn set(cache: &Cache, key: &[u8]) -> Result<bool, Error> {
    cache.set(key, &Value::Int(1), &call())
}

/// Makes a primary a replica of another server, as a sentinel does it.
fn demote(server: &Server, to: &Server) {
    server.command(&["REPLICAOF", "127.0.0.1", &to.port().to_string()]);
    server.command(&["CLIENT", "KILL", "TYPE", "normal"]);
}

#[test]
fn sentinels_are_asked_once_as_long_as_all_is_well() {
    let primary = named("primary");
    let sentinel = FakeSentinel::naming(primary.port());
    let cache = open(&[sentinel.port()], &[]);
    assert_eq!(sentinel.asked(), 0, "opening asks nobody");
    let barrier = Barrier::new(16);
    thread::scope(|scope| {
        for _ in 0..16 {
            scope.spawn(|| {
                barrier.wait();
                for _ in 0..50 {
                    assert_eq!(asked(&cache).unwrap(), "primary");
                    assert!(set(&cache, b"a").unwrap());
                }
            });
        }
    });
    assert_eq!(sentinel.asked(), 1);
    let mut raw = cache.connection(&call()).unwrap();
    assert!(raw.command(&[b"SET", b"raw", b"1"], &call()).is_ok());
    assert_eq!(cache.delete_pattern(b"*", &call()).unwrap(), 2);
    assert_eq!(sentinel.asked(), 1);
}

#[test]
fn another_sentinel_is_asked_where_one_does_not_answer() {
    let primary = named("primary");
    let sentinel = FakeSentinel::naming(primary.port());
    let (silent, deaf) = (FakeServer::silent(), TcpListener::bind("127.0.0.1:0").expect("a free port"));
    let no_sentinel = Server::start();
    for first in [free_port(), silent.port(), deaf.local_addr().unwrap().port(), no_sentinel.port()] {
        let cache = open(&[first, sentinel.port()], &[("SOCKET_TIMEOUT", "20")]);
        assert_eq!(asked(&cache).unwrap(), "primary");
    }
}

#[test]
fn who_is_wrong_is_named() {
    let primary = named("primary");
    let sentinel = FakeSentinel::naming(primary.port());
    let (silent, dead) = (FakeServer::silent(), free_port());
    sentinel.name(None);
    let place = |port: u16| format!("127.0.0.1:{port}");
    for (port, status, words) in [
        (sentinel.port(), Status::Config, &["knows no primary named \"mymaster\"", "SENTINEL_SERVICE"][..]),
        (primary.port(), Status::Config, &["no sentinel", "SENTINELS", "26379"]),
        (dead, Status::Connection, &["no sentinel of \"mymaster\" answers"]),
        (silent.port(), Status::Timeout, &["no sentinel of \"mymaster\" answers", "SOCKET_TIMEOUT"]),
    ] {
        let timeout = ("SOCKET_TIMEOUT", if status == Status::Timeout { "0.5" } else { "20" });
        let cache = open(&[port], &[timeout]);
        for error in [asked(&cache).unwrap_err(), set(&cache, b"a").unwrap_err()] {
            let message = error.message();
            assert_eq!((error.status(), error.was_sent()), (status, Sent::No), "{message}");
            assert!(
                message.contains(&place(port)) && words.iter().all(|word| message.contains(word)),
                "{message}"
            );
        }
        // What is wrong says more than what is away.
        let cache = open(&[dead, port], &[timeout]);
        let weighs = matches!(status, Status::Config).then_some(status);
        assert_eq!(asked(&cache).unwrap_err().status(), weighs.unwrap_or(Status::Connection));
    }
}

#[test]
fn the_passwords_of_sentinels_and_servers_are_two() {
    let primary = Server::with_password("of-servers");
    let sentinel = Sentinel::watching(
        primary.port(),
        &[&format!("sentinel auth-pass {SERVICE} of-servers"), "requirepass of-sentinels"],
    );
    let passwords = [("PASSWORD", "of-servers"), ("SENTINEL_PASSWORD", "of-sentinels")];
    assert!(set(&open(&[sentinel.port()], &passwords), b"a").unwrap());
    for wrong in [&passwords[..1], &[passwords[0], ("SENTINEL_PASSWORD", "wrong")]] {
        let error = set(&open(&[sentinel.port()], wrong), b"a").unwrap_err();
        assert_eq!(error.status(), Status::Auth);
        assert!(
            error.message().contains("SENTINEL_PASSWORD") && !error.message().contains("wrong"),
            "{error}"
        );
    }
    let error = set(&open(&[sentinel.port()], &passwords[1..]), b"a").unwrap_err();
    assert_eq!(error.status(), Status::Auth);
    assert!(error.message().contains(&primary.port().to_string()), "{error}");
}

#[test]
fn a_sentinel_in_a_servers_place_is_known() {
    let primary = Server::start();
    let sentinel = Sentinel::watching(primary.port(), &[]);
    for db in [0, 1] {
        let cache = Cache::open(&format!("127.0.0.1:{}:{db}", sentinel.port()), &Options::new()).unwrap();
        for error in [asked(&cache).unwrap_err(), set(&cache, b"a").unwrap_err()] {
            assert!(error.message().contains("If it is a sentinel, name it in SENTINELS"), "{error}");
        }
    }
}

#[test]
fn a_primary_that_was_replaced_is_left_for_the_new_one() {
    let (old, new) = (named("old"), named("new"));
    let sentinel = FakeSentinel::naming(old.port());
    let cache = open(&[sentinel.port()], &[]);
    assert_eq!(asked(&cache).unwrap(), "old");
    sentinel.name(Some(new.port()));
    demote(&old, &new);
    assert!(set(&cache, b"a").unwrap_or_else(|error| {
        // The connection was gone when it was written to: nobody knows what became of it.
        assert_eq!((error.status(), error.was_sent()), (Status::Connection, Sent::Maybe), "{error}");
        set(&cache, b"a").unwrap()
    }));
    assert_eq!(asked(&cache).unwrap(), "new");
    let mut raw = cache.connection(&call()).unwrap();
    assert!(raw.command(&[b"SET", b"raw", b"1"], &call()).is_ok());
}

#[test]
fn a_write_that_was_refused_as_readonly_goes_to_the_new_primary() {
    let (old, new) = (named("old"), named("new"));
    let sentinel = FakeSentinel::naming(old.port());
    let cache = open(&[sentinel.port()], &[]);
    assert!(set(&cache, b"a").unwrap());
    // Its connections live on.
    sentinel.name(Some(new.port()));
    old.command(&["REPLICAOF", "127.0.0.1", &new.port().to_string()]);
    thread::sleep(Duration::from_millis(100));
    assert!(set(&cache, b"b").unwrap());
    assert_eq!(new.command(&["EXISTS", ":1:b"]), ":1\r\n");
    assert_eq!((sentinel.asked(), counter(&cache, "errors")), (2, 0));
}

#[test]
fn a_raw_connection_is_one_to_the_new_primary() {
    let (old, new) = (named("old"), named("new"));
    let sentinel = FakeSentinel::naming(old.port());
    let cache = open(&[sentinel.port()], &[]);
    assert!(set(&cache, b"a").unwrap());
    sentinel.name(Some(new.port()));
    demote(&old, &new);
    thread::sleep(Duration::from_millis(100));
    let mut raw = cache.connection(&call()).unwrap();
    assert!(raw.command(&[b"SET", b"raw", b"1"], &call()).is_ok());
}

#[test]
fn a_dead_primary_is_replaced_without_an_error_for_what_was_not_sent() {
    let (mut old, new) = (named("old"), named("new"));
    let sentinel = FakeSentinel::naming(old.port());
    let cache = open(&[sentinel.port()], &[]);
    assert!(set(&cache, b"a").unwrap());
    old.kill();
    let error = set(&cache, b"a").unwrap_err();
    assert_eq!(error.status(), Status::Connection, "{error}");
    let error = set(&cache, b"a").unwrap_err();
    assert_eq!((error.status(), error.was_sent()), (Status::Connection, Sent::No), "{error}");
    assert!(error.message().contains("the primary of \"mymaster\", as the sentinels name it"), "{error}");
    sentinel.name(Some(new.port()));
    wait_until("the sentinels are asked again", || set(&cache, b"a").is_ok());
    assert_eq!(asked(&cache).unwrap(), "new");
}

#[test]
fn a_primary_that_is_named_again_is_asked_at_once() {
    let (mut first, second) = (named("first"), named("second"));
    let sentinel = FakeSentinel::naming(first.port());
    let cache = open(&[sentinel.port()], &[]);
    // It keeps the breaker of the first one, which by then waits for half a second or more.
    let other = open(&[sentinel.port()], &[("VERSION", "2")]);
    for cache in [&cache, &other] {
        assert_eq!(
            cache.get_raw(b"k", &Call { version: Some(1), ..call() }).unwrap(),
            Some(b"first".to_vec())
        );
    }
    first.restart_with(|_| {
        let opened = Instant::now();
        while opened.elapsed() < Duration::from_secs(2) {
            set(&other, b"a").unwrap_err();
            thread::sleep(Duration::from_millis(10));
        }
        sentinel.name(Some(second.port()));
        wait_until("the second one is found", || set(&cache, b"a").is_ok());
    });
    sentinel.name(Some(first.port()));
    demote(&second, &first);
    let mut tries = 0;
    wait_until("the first one is found again", || {
        tries += 1;
        set(&cache, b"a").is_ok()
    });
    assert!(tries < 3, "it was kept back {tries} times");
}

#[test]
fn silence_costs_a_few_timeouts_not_one_for_each_call() {
    let (silent, other) = (FakeServer::silent(), FakeServer::silent());
    let sentinel = FakeSentinel::naming(silent.port());
    for sentinels in [&[silent.port(), other.port()][..], &[sentinel.port()]] {
        let cache = open(sentinels, &[("SOCKET_TIMEOUT", "0.2"), ("BREAKER_RESET", "60")]);
        let errors: Vec<_> = (0..20).map(|_| asked(&cache).unwrap_err()).collect();
        let silences = errors.iter().filter(|error| error.status() == Status::Timeout).count();
        assert!(silences < 10, "{silences}");
        assert!(errors.iter().all(|error| error.is_away() && error.was_sent() == Sent::No));
        assert!(counter(&cache, "breaker_opens") >= 1);
    }
}

#[test]
fn a_replica_that_is_named_as_the_primary_is_not_written_to() {
    let primary = Server::start();
    let port = primary.port().to_string();
    let replica = Server::with(&["--replicaof", "127.0.0.1", &port]);
    let wrong = FakeSentinel::naming(replica.port());
    let error = set(&open(&[wrong.port()], &[]), b"a").unwrap_err();
    assert_eq!((error.status(), error.was_sent()), (Status::Unavailable, Sent::No));
    assert!(error.message().contains("is a replica at the moment"), "{error}");
    let right = FakeSentinel::naming(primary.port());
    assert!(set(&open(&[wrong.port(), right.port()], &[]), b"a").unwrap());
}

#[test]
fn a_user_who_may_not_ask_for_the_role_takes_the_sentinels_word() {
    let primary = Server::start();
    primary.command(&["ACL", "SETUSER", "site", "on", ">pw", "~*", "+@all", "-role"]);
    let sentinel = FakeSentinel::naming(primary.port());
    assert!(set(&open(&[sentinel.port()], &[("USERNAME", "site"), ("PASSWORD", "pw")]), b"a").unwrap());
}

#[test]
fn a_write_that_may_have_been_executed_is_not_sent_again() {
    let primary = Server::start();
    primary.command(&["SET", ":1:n", "0"]);
    let proxy = Proxy::tcp(Place::Port(primary.port()));
    let sentinel = FakeSentinel::naming(proxy.port());
    let other = open(&[sentinel.port()], &[("MAX_CONNECTIONS", "1")]);
    assert!(set(&other, b"a").unwrap());
    let until_set = proxy.passed(Direction::Replies);
    // From here on the server knows the script.
    other.incr(b"n", 1, &call()).unwrap();
    // The same with another pool, and the reply to INCR is cut off.
    proxy.fault_next(Fault { direction: Direction::Replies, offset: until_set, cut: Cut::Close });
    let cache = open(&[sentinel.port()], &[("MAX_CONNECTIONS", "2")]);
    assert!(set(&cache, b"a").unwrap());
    let error = cache.incr(b"n", 1, &call()).unwrap_err();
    assert_eq!((error.status(), error.was_sent()), (Status::Connection, Sent::Maybe), "{error}");
    assert_eq!(primary.command(&["GET", ":1:n"]), "$1\r\n2\r\n");
    assert_eq!(cache.incr(b"n", 1, &call()).unwrap(), Value::Int(3));
}

#[test]
fn replicas_are_read_from_where_that_is_asked_for() {
    let (primary, one, two) = (named("primary"), named("one"), named("two"));
    let sentinel = FakeSentinel::naming(primary.port());
    sentinel.list(&[
        (one.port(), "slave"),
        (free_port(), "s_down,slave"),
        (two.port(), "slave"),
        (free_port(), "slave,disconnected"),
    ]);
    let cache = open(&[sentinel.port()], &[("SENTINEL_REPLICAS", "true")]);
    let answers: HashSet<_> = (0..10).map(|_| asked(&cache).unwrap()).collect();
    assert_eq!(answers, HashSet::from(["one".to_owned(), "two".to_owned()]));
    assert!(set(&cache, b"a").unwrap());
    assert_eq!(primary.command(&["EXISTS", ":1:a"]), ":1\r\n");
    assert_eq!((counter(&cache, "connects"), sentinel.asked()), (3, 1));
    assert_eq!(asked(&open(&[sentinel.port()], &[])).unwrap(), "primary");
}

#[test]
fn replicas_are_read_from_while_there_is_no_primary() {
    let replica = named("replica");
    let deaf = TcpListener::bind("127.0.0.1:0").expect("a free port");
    for primary in [free_port(), deaf.local_addr().unwrap().port()] {
        let sentinel = FakeSentinel::naming(primary);
        sentinel.list(&[(replica.port(), "slave")]);
        let times = [("SOCKET_TIMEOUT", "20"), ("SOCKET_CONNECT_TIMEOUT", "1")];
        let cache = open(&[sentinel.port()], &[&[("SENTINEL_REPLICAS", "true")], &times[..]].concat());
        assert!(set(&cache, b"a").unwrap_err().is_away());
        for _ in 0..3 {
            assert_eq!(asked(&cache).unwrap(), "replica");
            assert!(set(&cache, b"a").unwrap_err().is_away());
        }
    }
}

#[test]
fn a_scan_begins_anew_on_the_new_primary() {
    let (old, new) = (Server::start(), Server::start());
    let names: HashSet<Vec<u8>> = (0..500).map(|number| format!("key{number}").into_bytes()).collect();
    for server in [&old, &new] {
        let pairs =
            names.iter().flat_map(|name| [format!(":1:{}", String::from_utf8_lossy(name)), "1".into()]);
        let args: Vec<_> = std::iter::once("MSET".to_owned()).chain(pairs).collect();
        server.command(&args.iter().map(String::as_str).collect::<Vec<_>>());
    }
    let sentinel = FakeSentinel::naming(old.port());
    let cache = open(&[sentinel.port()], &[("SCAN_ITERSIZE", "50")]);
    let mut scan = cache.scan(b"*", &call()).unwrap();
    let mut found: HashSet<Vec<u8>> = scan.next_batch(&call()).unwrap().unwrap().into_iter().collect();
    sentinel.name(Some(new.port()));
    let mut old = old;
    old.kill();
    while let Some(batch) = scan.next_batch(&call()).unwrap() {
        found.extend(batch);
    }
    assert!(found == names, "{} of {}", found.len(), names.len());
}
