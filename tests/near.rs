//! The near cache on real servers: what is kept, for how long, and what happens when the news stop. Races: near_races.rs.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![expect(unsafe_code, reason = "kill")]

mod support;

use std::fs;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use djredis::cache::{BatchCall, Operation};
use djredis::items::Item;
use djredis::{Cache, Call, Options, Status, Ttl, Value};
use support::{FakeServer, Server};

const MEGABYTE: &str = "1048576";
const THREAD: &str = "djredis-near";

/// One test at a time: threads and descriptors belong to the process.
static ALONE: Mutex<()> = Mutex::new(());

fn alone() -> MutexGuard<'static, ()> {
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

fn open_at(location: &str, options: &[(&str, &str)]) -> djredis::Result<Arc<Cache>> {
    let mut set = Options::new();
    set.set("NEAR_CACHE", MEGABYTE).unwrap();
    for (name, value) in options {
        set.set(name, value).unwrap();
    }
    Cache::open(location, &set).map(Arc::new)
}

fn open_with(server: &Server, options: &[(&str, &str)]) -> Arc<Cache> {
    open_at(&format!("127.0.0.1:{}:0", server.port()), options).unwrap()
}

fn open(server: &Server) -> Arc<Cache> {
    open_with(server, &[])
}

/// Another process's cache, as far as the near cache knows.
fn open_other(server: &Server) -> Arc<Cache> {
    open_with(server, &[("NEAR_CACHE", "0")])
}

fn call() -> Call {
    Call::default()
}

fn get(cache: &Cache, key: &str) -> Option<Value<'static>> {
    cache.get(key.as_bytes(), &call()).unwrap()
}

fn number(cache: &Cache, key: &str) -> Option<i64> {
    get(cache, key).map(|value| match value {
        Value::Int(number) => number,
        other => panic!("{other:?}"),
    })
}

fn integer(item: Item<'_>) -> Option<i64> {
    match item {
        Item::Value(Value::Int(number)) => Some(number),
        Item::Missing => None,
        other => panic!("{other:?}"),
    }
}

fn set(cache: &Cache, key: &str, number: i64) {
    assert!(cache.set(key.as_bytes(), &Value::Int(number), &call()).unwrap());
}

/// Reads it so that it is kept.
fn keep(cache: &Cache, key: &str) {
    until("the value is kept", || {
        let before = cache.stats().near_hits;
        get(cache, key).expect("it is there");
        cache.stats().near_hits > before
    });
}

/// Waits for what must come.
fn until(what: &str, mut reached: impl FnMut() -> bool) {
    let end = Instant::now() + Duration::from_secs(60);
    while !reached() {
        assert!(Instant::now() < end, "never: {what}");
        thread::sleep(Duration::from_millis(1));
    }
}

/// The ids of the connections that track.
fn trackers(server: &Server) -> Vec<String> {
    let list = server.command(&["CLIENT", "LIST"]);
    let tracking = list.lines().filter(|line| line.contains(" flags=tB "));
    tracking.filter_map(|line| Some(line.split_once("id=")?.1.split(' ').next()?.to_owned())).collect()
}

/// The threads that track; a new one has its name a moment later.
fn threads() -> usize {
    let tasks = fs::read_dir("/proc/self/task").unwrap();
    let names = tasks.filter_map(|task| fs::read_to_string(task.ok()?.path().join("comm")).ok());
    names.filter(|name| name.trim() == THREAD).count()
}

fn descriptors() -> usize {
    fs::read_dir("/proc/self/fd").unwrap().count()
}

fn signal(server: &Server, signal: i32) {
    // SAFETY: a signal to our own child.
    assert_eq!(unsafe { libc::kill(server.pid() as i32, signal) }, 0);
}

#[test]
fn opening_and_writing_start_no_thread() {
    let _alone = alone();
    let server = Server::start();
    let cache = open(&server);
    set(&cache, "key", 1);
    assert_eq!((threads(), trackers(&server).len()), (0, 0));
    get(&cache, "key");
    until("one thread, one connection", || (threads(), trackers(&server).len()) == (1, 1));
}

#[test]
fn the_second_read_asks_nobody() {
    let _alone = alone();
    let server = Server::start();
    let cache = open(&server);
    set(&cache, "key", 1);
    for _ in 0..3 {
        assert_eq!(number(&cache, "key"), Some(1));
    }
    let stats = cache.stats();
    assert_eq!((stats.near_hits, stats.near_misses, stats.hits, stats.misses), (2, 1, 3, 0));
    signal(&server, libc::SIGSTOP);
    assert_eq!(number(&cache, "key"), Some(1));
    assert!(cache.has_key(b"key", &call()).unwrap());
    assert_eq!(cache.get_raw(b"key", &call()).unwrap().as_deref(), Some(&b"1"[..]));
    assert_eq!(cache.get_many(&[b"key", b"key"], &call()).unwrap().len(), 2);
    let reads = [Operation::Get, Operation::GetRaw, Operation::HasKey].map(|operation| BatchCall {
        key: b"key",
        operation,
        call: call(),
    });
    assert_eq!(cache.batch(&reads, &call()).unwrap().len(), 3);
    signal(&server, libc::SIGCONT);
}

#[test]
fn many_are_one_round_trip_for_what_is_not_kept() {
    let _alone = alone();
    let server = Server::start();
    let cache = open(&server);
    for key in 0..6 {
        set(&cache, &format!("key{key}"), key);
    }
    keep(&cache, "key1");
    keep(&cache, "key4");
    server.command(&["CONFIG", "RESETSTAT"]);
    let keys: [&[u8]; 5] = [b"key0", b"key1", b"absent", b"key4", b"key5"];
    for _ in 0..2 {
        let items = cache.get_many(&keys, &call()).unwrap();
        let found: Vec<_> = items.iter().map(integer).collect();
        assert_eq!(found, [Some(0), Some(1), None, Some(4), Some(5)]);
    }
    let calls = server.command(&["INFO", "commandstats"]);
    assert!(calls.contains("cmdstat_mget:calls=2,"), "{calls}");
    assert!(calls.contains("cmdstat_pttl:calls=4,"), "three, then the absent one alone: {calls}");
}

#[test]
fn what_others_write_is_seen() {
    let _alone = alone();
    let server = Server::start();
    let (cache, other) = (open(&server), open_other(&server));
    set(&cache, "key", 1);
    keep(&cache, "key");
    set(&other, "key", 2);
    until("the new value", || number(&cache, "key") == Some(2));
    keep(&cache, "key");
    other.delete(b"key", &call()).unwrap();
    until("the deletion", || get(&cache, "key").is_none());
    assert!(cache.stats().near_invalidations >= 2);

    set(&cache, "key", 3);
    keep(&cache, "key");
    other.clear(&call()).unwrap();
    until("the flush", || get(&cache, "key").is_none());
    assert_eq!(cache.stats().near_flushes, 1);
}

/// Each write that this process makes is seen by its next read, whether or not the server's news have come.
#[test]
fn own_writes_are_seen_at_once() {
    let _alone = alone();
    let server = Server::start();
    let cache = open(&server);
    let forever = Call { ttl: Some(Ttl::Forever), ..call() };
    for round in 0..200 {
        set(&cache, "key", round);
        keep(&cache, "key");
        set(&cache, "key", -1);
        assert_eq!(number(&cache, "key"), Some(-1));
        cache.incr(b"key", 11, &call()).unwrap();
        assert_eq!(number(&cache, "key"), Some(10));
        cache.move_key(b"key", b"moved", &call()).unwrap();
        assert_eq!((number(&cache, "key"), number(&cache, "moved")), (None, Some(10)));
        cache.set_many(&[(b"key", Value::Int(20)), (b"moved", Value::Int(21))], &forever).unwrap();
        assert_eq!((number(&cache, "key"), number(&cache, "moved")), (Some(20), Some(21)));
        cache.delete_many(&[b"moved"], &call()).unwrap();
        assert_eq!(number(&cache, "moved"), None);
        let set_and_get = [Operation::Set(Value::Int(30)), Operation::Get].map(|operation| BatchCall {
            key: b"key",
            operation,
            call: call(),
        });
        let answers = cache.batch(&set_and_get, &call()).unwrap();
        assert_eq!(answers.iter().nth(1).and_then(integer), Some(30));
        assert_eq!(number(&cache, "key"), Some(30));
        cache.command(&[b"SET", b"key", b"40"], Some(1), &call()).unwrap();
        assert_eq!(number(&cache, "key"), Some(40));
        let mut connection = cache.connection(&call()).unwrap();
        connection.command(&[b"SET", b":1:key", b"50"], &call()).unwrap();
        assert_eq!(number(&cache, "key"), Some(50));
        connection.transaction(&[&[b"SET", b":1:key", b"60"]], &call()).unwrap();
        assert_eq!(number(&cache, "key"), Some(60));
        redis::cmd("SET").arg(":1:key").arg(70).query::<()>(&mut connection).unwrap();
        assert_eq!(number(&cache, "key"), Some(70));
        drop(connection);
        cache.delete(b"key", &call()).unwrap();
        assert_eq!(number(&cache, "key"), None);
        set(&cache, "key", round);
        keep(&cache, "key");
        cache.delete_pattern(b"ke*", &call()).unwrap();
        assert_eq!(number(&cache, "key"), None);
        set(&cache, "key", round);
        keep(&cache, "key");
        cache.clear(&call()).unwrap();
        assert_eq!(number(&cache, "key"), None);
    }
}

/// The server does not remove what has expired until somebody asks for it: the time to live alone ends it here.
#[test]
fn nothing_outlives_its_time_to_live() {
    let _alone = alone();
    let server = Server::with(&["--enable-debug-command", "yes"]);
    assert_eq!(server.command(&["DEBUG", "SET-ACTIVE-EXPIRE", "0"]), "+OK\r\n");
    let cache = open(&server);
    for ms in [1, 2, 5, 30, 300] {
        let short = Call { ttl: Some(Ttl::Millis(ms)), ..call() };
        cache.set(b"key", &Value::Int(ms), &short).unwrap();
        // The server itself waits for the last millisecond to pass.
        let over = Instant::now() + Duration::from_millis(ms.unsigned_abs() + 1);
        until("it expires", || {
            let is_over = Instant::now() >= over;
            let found = get(&cache, "key").is_some();
            assert!(!(found && is_over), "{ms} ms");
            !found
        });
    }
    assert!(cache.stats().near_hits > 0);
}

#[test]
fn keys_of_other_prefixes_are_not_kept() {
    let _alone = alone();
    let server = Server::start();
    let cache = open_with(&server, &[("KEY_PREFIX", "site")]);
    let made = Call { key_made: true, ..call() };
    cache.set(b"other:1:key", &Value::Int(1), &made).unwrap();
    cache.set(b"site:9:key", &Value::Int(2), &made).unwrap();
    for _ in 0..3 {
        assert_eq!(cache.get(b"other:1:key", &made).unwrap(), Some(Value::Int(1)));
    }
    assert_eq!((cache.stats().near_hits, cache.stats().near_misses), (0, 0));
    let ninth = Call { version: Some(9), ..call() };
    for _ in 0..3 {
        assert_eq!(cache.get(b"site:9:key", &made).unwrap(), Some(Value::Int(2)));
        assert_eq!(cache.get(b"key", &ninth).unwrap(), Some(Value::Int(2)));
    }
    assert_eq!(cache.stats().near_hits, 5);
}

#[test]
fn a_lost_connection_drops_everything_and_comes_back() {
    let _alone = alone();
    let server = Server::start();
    let (cache, other) = (open(&server), open_other(&server));
    set(&cache, "another", 0);
    for round in 0..20 {
        set(&cache, "key", 10 * round);
        keep(&cache, "key");
        let ids = trackers(&server);
        assert_eq!(ids.len(), 1);
        let flushes = cache.stats().near_flushes;
        server.command(&["CLIENT", "KILL", "ID", &ids[0]]);
        // Nobody is told of this.
        set(&other, "key", 10 * round + 1);
        until("it is dropped", || cache.stats().near_flushes > flushes);
        keep(&cache, "another");
        assert_eq!(number(&cache, "key"), Some(10 * round + 1));
    }
}

#[test]
fn a_restarted_server_is_tracked_again() {
    let _alone = alone();
    let mut server = Server::start();
    let cache = open(&server);
    set(&cache, "key", 1);
    keep(&cache, "key");
    server.restart();
    until("the empty server is seen", || matches!(cache.get(b"key", &call()), Ok(None)));
    set(&cache, "key", 2);
    keep(&cache, "key");
}

#[test]
fn a_server_that_is_away_at_first_is_tracked_later() {
    let _alone = alone();
    let mut server = Server::start();
    let cache = open(&server);
    signal(&server, libc::SIGKILL);
    until("it is gone", || {
        cache.get(b"key", &call()).is_err_and(|error| error.status() == Status::Connection)
    });
    server.restart();
    until("it is back", || cache.set(b"key", &Value::Int(1), &call()).is_ok());
    keep(&cache, "key");
}

/// A connection that hangs says nothing. Not even a lookup is made once its silence has lasted too long.
#[test]
fn silence_ends_the_trust() {
    let _alone = alone();
    let server = Server::start();
    let cache = open_with(&server, &[("SOCKET_TIMEOUT", "0.2")]);
    set(&cache, "key", 1);
    keep(&cache, "key");
    signal(&server, libc::SIGSTOP);
    until("the server is asked", || {
        cache.get(b"key", &call()).is_err_and(|error| error.status() == Status::Timeout)
    });
    signal(&server, libc::SIGCONT);
    until("it answers again", || cache.get(b"key", &call()).is_ok());
    keep(&cache, "key");
}

#[test]
fn a_server_that_can_not_track_is_an_error_that_names_the_option() {
    let _alone = alone();
    for command in ["HELLO", "CLIENT"] {
        let server = Server::with(&["--rename-command", command, ""]);
        let (cache, other) = (open(&server), open_other(&server));
        set(&cache, "key", 1);
        for _ in 0..2 {
            let error = cache.get(b"key", &call()).unwrap_err();
            assert_eq!(error.status(), Status::Server, "{error}");
            assert!(error.message().contains("NEAR_CACHE needs Redis 6 or newer"), "{error}");
        }
        assert_eq!(number(&other, "key"), Some(1));
        assert_eq!(threads(), 0);
    }
}

#[test]
fn who_may_not_track_is_told_so() {
    let _alone = alone();
    let server = Server::start();
    server.command(&["ACL", "SETUSER", "app", "on", ">secret", "~*", "+@all", "-client|tracking"]);
    let cache = open_with(&server, &[("USERNAME", "app"), ("PASSWORD", "secret")]);
    let error = cache.get(b"key", &call()).unwrap_err();
    assert_eq!(error.status(), Status::Auth);
    assert!(error.message().contains("NEAR_CACHE") && !error.message().contains("secret"), "{error}");
}

#[test]
fn what_is_no_server_is_an_error() {
    let _alone = alone();
    let fake = FakeServer::answering("nonsense\r\n");
    let cache = open_at(&format!("127.0.0.1:{}", fake.port()), &[("SOCKET_TIMEOUT", "0.2")]).unwrap();
    assert!(cache.get(b"key", &call()).is_err());
}

#[test]
fn memory_has_no_use_for_it() {
    let error = open_at("memory:near", &[]).unwrap_err();
    assert_eq!(error.status(), Status::Config);
    assert!(error.message().contains("NEAR_CACHE"), "{error}");
    assert!(open_at("memory:near", &[("NEAR_CACHE", "0")]).is_ok());
}

#[test]
fn equal_caches_share_one_and_the_last_to_leave_ends_it() {
    let _alone = alone();
    let server = Server::start();
    let (first, second) = (open(&server), open_with(&server, &[("SERIALIZER", "json")]));
    let larger = open_with(&server, &[("NEAR_CACHE", "2000000")]);
    set(&first, "key", 1);
    keep(&first, "key");
    assert_eq!(number(&second, "key"), Some(1));
    assert_eq!((second.stats().near_hits, second.stats().near_misses), (1, 0));
    until("one thread, one connection", || (threads(), trackers(&server).len()) == (1, 1));
    set(&second, "key", 2);
    assert_eq!(number(&first, "key"), Some(2), "a write of one is seen by the other at once");
    keep(&larger, "key");
    until("two of each", || (threads(), trackers(&server).len()) == (2, 2));
    drop(larger);
    first.close();
    keep(&second, "key");
    drop(second);
    until("the thread has ended", || threads() == 0);
    until("the connection is closed", || trackers(&server).is_empty());
    assert_eq!(first.get(b"key", &call()).unwrap_err().status(), Status::Closed);
}

#[test]
fn closing_ends_reads_that_are_under_way_well() {
    let _alone = alone();
    let server = Server::start();
    for _ in 0..50 {
        let cache = open(&server);
        set(&cache, "key", 1);
        let readers: Vec<_> = (0..3)
            .map(|_| {
                let cache = Arc::clone(&cache);
                thread::spawn(move || {
                    loop {
                        match cache.get(b"key", &call()) {
                            Ok(found) => assert_eq!(found, Some(Value::Int(1))),
                            Err(error) => return error.status(),
                        }
                    }
                })
            })
            .collect();
        keep(&cache, "key");
        cache.close();
        readers.into_iter().for_each(|reader| assert_eq!(reader.join().unwrap(), Status::Closed));
    }
    until("the threads have ended", || threads() == 0);
}

#[test]
fn a_thousand_opens_and_closes_leave_nothing() {
    let _alone = alone();
    let server = Server::start();
    let other = open_other(&server);
    set(&other, "key", 1);
    let before = descriptors();
    for _ in 0..1000 {
        let cache = open(&server);
        assert_eq!(number(&cache, "key"), Some(1));
    }
    until("the threads have ended", || threads() == 0);
    until("the sockets are closed", || descriptors() <= before);
    until("the server has seen it", || trackers(&server).is_empty());
}
