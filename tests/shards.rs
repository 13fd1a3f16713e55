//! Keys spread over several servers, also while one of them is away.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod support;

use std::collections::HashSet;
use std::net::TcpListener;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::SeqCst;
use std::thread;

use djredis::cache::{BatchCall, Operation, TimeLeft};
use djredis::error::Sent;
use djredis::items::Item;
use djredis::{Cache, Call, Commands, Error, Items, Layer, Options, Status, Ttl, Value};
use support::cache::{self, borrowed, calls, check_batch, counter, text};
use support::server::send;
use support::{FakeServer, Server, free_port};

const KEYS: usize = 60;

fn call() -> Call {
    Call::default()
}

fn open(ports: &[u16], options: &[(&str, &str)]) -> Cache {
    let entries: Vec<_> = ports.iter().map(|port| format!("127.0.0.1:{port}:0")).collect();
    cache::open(&entries.join(","), &[&[("CLIENT_CLASS", "shard")], options].concat()).expect("a cache")
}

fn names() -> Vec<Vec<u8>> {
    (0..KEYS).map(|number| format!("key{number}").into_bytes()).collect()
}

/// Whether a key lives on the server with this port.
fn is_on(cache: &Cache, key: &[u8], port: u16) -> bool {
    cache.server_for(key, &call()).unwrap() == format!("127.0.0.1:{port}:0")
}

fn set_all(cache: &Cache, names: &[Vec<u8>]) -> Items {
    let pairs: Vec<_> = names.iter().map(|name| (name.as_slice(), text(name))).collect();
    cache.set_many(&pairs, &call()).unwrap()
}

/// Two servers with the keys on them, and the cache.
fn filled() -> (Server, Server, Cache) {
    let (one, two) = (Server::start(), Server::start());
    let cache = open(&[one.port(), two.port()], &[]);
    assert!(set_all(&cache, &names()).iter().all(|item| item == Item::Value(Value::None)));
    (one, two, cache)
}

/// A living server with all of its keys, and the cache over it and `port`.
fn half_filled(port: u16, options: &[(&str, &str)]) -> (Server, Cache) {
    let server = Server::start();
    let cache = open(&[server.port(), port], options);
    for name in names() {
        if is_on(&cache, &name, server.port()) {
            cache.set(&name, &text(&name), &call()).unwrap();
        }
    }
    (server, cache)
}

/// Each key of the living server has its value; each of the other is `away`.
fn check_halves(cache: &Cache, server: &Server, items: &Items, away: impl Fn(&Item<'_>) -> bool) {
    let (mut here, mut there) = (0, 0);
    for (name, item) in names().iter().zip(items.iter()) {
        if is_on(cache, name, server.port()) {
            assert_eq!(item, Item::Value(text(name)));
            here += 1;
        } else {
            assert!(away(&item), "{item:?}");
            there += 1;
        }
    }
    assert!(here > 0 && there > 0 && items.len() == KEYS);
}

fn failed_with(status: Status) -> impl Fn(&Item<'_>) -> bool {
    move |item| matches!(item, Item::Error { status: Some(found), .. } if *found == status)
}

#[test]
fn keys_live_where_the_ring_says() {
    let (one, two, cache) = filled();
    for name in names() {
        let full = format!(":1:{}", String::from_utf8_lossy(&name));
        let on_one = is_on(&cache, &name, one.port());
        assert_eq!(one.command(&["EXISTS", &full]) == ":1\r\n", on_one);
        assert_eq!(two.command(&["EXISTS", &full]) == ":1\r\n", !on_one);
    }
    let tagged = |name: &str| cache.server_for(name.as_bytes(), &call()).unwrap();
    let homes: HashSet<_> = (0..50).map(|number| tagged(&format!("{{user}}.{number}"))).collect();
    assert_eq!(homes.len(), 1, "a tag keeps keys together");
}

#[test]
fn many_keys_take_one_round_trip_to_each_server() {
    let (one, two, cache) = filled();
    let names = names();
    let found = cache.get_many(&borrowed(&names), &call()).unwrap();
    assert!(names.iter().zip(found.iter()).all(|(name, item)| item == Item::Value(text(name))));
    assert_eq!((calls(&one, "mget"), calls(&two, "mget")), (1, 1));
    let raw = cache.get_many_raw(&[&names[0], b"none", &names[1]], &call()).unwrap();
    assert!(matches!(raw.get(0), Some(Item::Value(Value::Bytes(_)))));
    assert_eq!(raw.get(1), Some(Item::Missing));
    let stats = (counter(&cache, "hits"), counter(&cache, "misses"), counter(&cache, "sets"));
    assert_eq!(stats, (KEYS as u64 + 2, 1, KEYS as u64));
    assert_eq!(
        cache.delete_many(&[&borrowed(&names)[..], &[b"none"]].concat(), &call()).unwrap(),
        KEYS as u64
    );
    assert_eq!((calls(&one, "del"), calls(&two, "del")), (1, 1));
    assert_eq!(counter(&cache, "connects"), 2);
}

#[test]
fn a_batch_is_spread_and_its_answers_come_in_order() {
    let (_one, _two, cache) = filled();
    check_batch(&cache, &names());
}

#[test]
fn a_right_that_one_server_withholds_costs_its_own_keys_alone() {
    let (one, two, cache) = filled();
    for (server, withheld) in [(&one, "+@all"), (&two, "-mget")] {
        server.command(&["ACL", "SETUSER", "site", "on", ">pw", "~*", "+@all", withheld]);
    }
    let limited = open(&[one.port(), two.port()], &[("USERNAME", "site"), ("PASSWORD", "pw")]);
    let names = names();
    let found = limited.get_many(&borrowed(&names), &call()).unwrap();
    for (name, item) in names.iter().zip(found.iter()) {
        if is_on(&cache, name, one.port()) {
            assert_eq!(item, Item::Value(text(name)));
            continue;
        }
        let Item::Error { status: Some(Status::Auth), message, .. } = item else { panic!("{item:?}") };
        for word in [&format!("site@127.0.0.1:{}", two.port()), "'mget'", "ACL SETUSER"] {
            assert!(message.contains(word), "{message}");
        }
    }
}

#[test]
fn a_dead_server_costs_its_own_keys_alone() {
    let (server, cache) = half_filled(free_port(), &[("BREAKER_FAILURES", "0")]);
    let (names, connects) = (names(), counter(&cache, "connects"));
    for _ in 0..3 {
        let found = cache.get_many(&borrowed(&names), &call()).unwrap();
        check_halves(&cache, &server, &found, failed_with(Status::Connection));
        let stored = set_all(&cache, &names);
        for (name, item) in names.iter().zip(stored.iter()) {
            let here = is_on(&cache, name, server.port());
            assert_eq!(here, item == Item::Value(Value::None), "{item:?}");
            assert_eq!(!here, failed_with(Status::Connection)(&item), "{item:?}");
        }
        let gets: Vec<_> = names
            .iter()
            .map(|name| BatchCall { key: name, operation: Operation::Get, call: call() })
            .collect();
        let found = cache.batch(&gets, &call()).unwrap();
        check_halves(&cache, &server, &found, failed_with(Status::Connection));
    }
    assert_eq!(counter(&cache, "connects"), connects, "the living server's connection was used all the time");
    let error = cache.delete_many(&borrowed(&names), &call()).unwrap_err();
    assert_eq!((error.status(), error.was_sent()), (Status::Connection, Sent::Maybe));
    assert_eq!(server.command(&["DBSIZE"]), ":0\r\n", "its keys were deleted all the same");
}

#[test]
fn what_is_ignored_is_missing() {
    let (server, cache) = half_filled(free_port(), &[("IGNORE_EXCEPTIONS", "true")]);
    let names = names();
    let found = cache.get_many(&borrowed(&names), &call()).unwrap();
    check_halves(&cache, &server, &found, |item| *item == Item::Missing);
    let gets: Vec<_> =
        names.iter().map(|name| BatchCall { key: name, operation: Operation::Get, call: call() }).collect();
    check_halves(&cache, &server, &cache.batch(&gets, &call()).unwrap(), |item| *item == Item::Missing);
    let here = names.iter().filter(|name| is_on(&cache, name, server.port())).count();
    assert_eq!(cache.keys(b"*", &call()).unwrap().len(), here);
    let mut scan = cache.scan(b"*", &call()).unwrap();
    let mut scanned = 0;
    while let Some(batch) = scan.next_batch(&call()).unwrap() {
        scanned += batch.len();
    }
    assert_eq!(scanned, here);
    assert_eq!(
        cache.delete_pattern(b"key1*", &call()).unwrap() + cache.delete_pattern(b"*", &call()).unwrap(),
        here as u64
    );
    cache.clear(&call()).unwrap();
    assert_eq!(counter(&cache, "errors"), 7, "each was counted");
}

#[test]
fn where_all_are_away_the_call_fails() {
    for (ignore, ignored) in [("false", false), ("true", true)] {
        let cache =
            open(&[free_port(), free_port()], &[("IGNORE_EXCEPTIONS", ignore), ("BREAKER_FAILURES", "0")]);
        let names = names();
        let keys = borrowed(&names);
        let errors = [
            cache.get_many(&keys, &call()).map(drop).unwrap_err(),
            cache.delete_many(&keys, &call()).map(drop).unwrap_err(),
            cache.keys(b"*", &call()).map(drop).unwrap_err(),
            cache.delete_pattern(b"*", &call()).map(drop).unwrap_err(),
            cache.clear(&call()).unwrap_err(),
        ];
        for error in errors {
            assert_eq!(error.status(), Status::Connection, "{error}");
            assert_eq!(error.is_ignored(), ignored, "{error}");
        }
    }
}

#[test]
fn a_server_that_hangs_does_not_take_the_others_along() {
    // It logs in and says nothing; it begins a reply; it does not even log in.
    let (silent, stuck) = (FakeServer::silent(), FakeServer::answering("*"));
    let deaf = TcpListener::bind("127.0.0.1:0").expect("a free port");
    for port in [silent.port(), stuck.port(), deaf.local_addr().unwrap().port()] {
        let (server, cache) = half_filled(port, &[("SOCKET_TIMEOUT", "0.5")]);
        let names = names();
        for _ in 0..2 {
            let found = cache.get_many(&borrowed(&names), &call()).unwrap();
            check_halves(&cache, &server, &found, failed_with(Status::Timeout));
        }
        assert_eq!(counter(&cache, "retries"), 0);
    }
}

#[test]
fn a_server_that_was_restarted_is_read_from_again() {
    let (mut one, two, cache) = filled();
    one.restart();
    let names = names();
    let found = cache.get_many(&borrowed(&names), &call()).unwrap();
    check_halves(&cache, &two, &found, |item| *item == Item::Missing);
    assert_eq!((counter(&cache, "retries"), counter(&cache, "errors")), (1, 0));
    assert_eq!(set_all(&cache, &names).iter().filter(|item| *item == Item::Value(Value::None)).count(), KEYS);
}

#[test]
fn patterns_and_clear_are_over_all_servers() {
    let (one, two, cache) = filled();
    let found: HashSet<_> = cache.keys(b"*", &call()).unwrap().into_iter().collect();
    assert_eq!(found, names().into_iter().collect());
    let mut scan = cache.scan(b"*", &call()).unwrap();
    let mut scanned = HashSet::new();
    while let Some(batch) = scan.next_batch(&call()).unwrap() {
        scanned.extend(batch);
    }
    assert_eq!(scanned.len(), KEYS);
    assert_eq!(cache.delete_pattern(b"key1?", &call()).unwrap(), 10);
    cache.clear(&call()).unwrap();
    assert_eq!((one.command(&["DBSIZE"]), two.command(&["DBSIZE"])), (":0\r\n".into(), ":0\r\n".into()));
}

#[test]
fn deleting_goes_on_where_a_server_is_dead() {
    // The dead one first, and last.
    for dead_first in [true, false] {
        let (server, dead) = (Server::start(), free_port());
        let ports = if dead_first { [dead, server.port()] } else { [server.port(), dead] };
        let cache = open(&ports, &[]);
        for operation in [
            |cache: &Cache| cache.delete_pattern(b"*", &call()).map(drop),
            |cache: &Cache| cache.clear(&call()),
        ] {
            server.command(&["SET", ":1:key", "1"]);
            assert_eq!(operation(&cache).unwrap_err().status(), Status::Connection);
            assert_eq!(server.command(&["DBSIZE"]), ":0\r\n");
        }
        assert_eq!(cache.keys(b"*", &call()).unwrap_err().status(), Status::Connection);
    }
}

/// Two keys on different servers.
fn apart(cache: &Cache) -> (Vec<u8>, Vec<u8>) {
    let home = |name: &[u8]| cache.server_for(name, &call()).unwrap();
    let mut names = names().into_iter();
    let first = names.next().unwrap();
    let second = names.find(|name| home(name) != home(&first)).unwrap();
    (first, second)
}

#[test]
fn a_value_moves_to_another_server_with_its_time_to_live() {
    let (_one, _two, cache) = filled();
    let (from, to) = apart(&cache);
    let lives = Call { ttl: Some(Ttl::Millis(100_000)), ..call() };
    cache.set(&from, &Value::Text("moved".into()), &lives).unwrap();
    cache.move_key(&from, &to, &call()).unwrap();
    assert_eq!(cache.get(&from, &call()).unwrap(), None);
    assert_eq!(cache.get(&to, &call()).unwrap(), Some(Value::Text("moved".into())));
    assert!(matches!(cache.ttl(&to, &call()).unwrap(), Some(TimeLeft::Millis(1..=100_000))));

    let forever = Call { ttl: Some(Ttl::Forever), ..call() };
    cache.set(&to, &Value::Int(7), &forever).unwrap();
    cache.move_key(&to, &from, &call()).unwrap();
    assert_eq!(cache.ttl(&from, &call()).unwrap(), Some(TimeLeft::Forever));
    assert_eq!(cache.get(&from, &call()).unwrap(), Some(Value::Int(7)));
    assert_eq!(cache.move_key(&to, &from, &call()).unwrap_err().status(), Status::NotFound);

    // Any type moves, as by RENAME.
    cache.delete(&from, &call()).unwrap();
    cache.command(&[b"HSET", &from, b"field", b"1"], Some(1), &call()).unwrap();
    cache.move_key(&from, &to, &call()).unwrap();
    let field = cache.command(&[b"HGET", &to, b"field"], Some(1), &call()).unwrap();
    assert_eq!(field, Value::Bytes(b"1"[..].into()));
}

#[test]
fn every_key_finds_its_next_version() {
    let (_one, _two, cache) = filled();
    let mut moved = 0;
    for name in names() {
        let second = Call { version: Some(2), ..call() };
        let crosses = cache.server_for(&name, &call()).unwrap() != cache.server_for(&name, &second).unwrap();
        moved += usize::from(crosses);
        assert_eq!(cache.incr_version(&name, 1, &call()).unwrap(), 2);
        assert_eq!(cache.get(&name, &second).unwrap(), Some(text(&name)));
        assert_eq!(cache.get(&name, &call()).unwrap(), None);
        assert!(cache.ttl(&name, &second).unwrap().is_some_and(|left| left != TimeLeft::Forever));
    }
    assert!(moved > 0 && moved < KEYS);
}

#[test]
fn a_move_that_fails_leaves_the_value_where_it_was() {
    let (server, cache) = half_filled(free_port(), &[]);
    let (one, other) = apart(&cache);
    let (from, to) = if is_on(&cache, &one, server.port()) { (one, other) } else { (other, one) };
    assert_eq!(cache.move_key(&from, &to, &call()).unwrap_err().status(), Status::Connection);
    assert_eq!(cache.get(&from, &call()).unwrap(), Some(text(&from)));
}

#[test]
fn what_needs_one_server_is_refused() {
    let (_one, _two, cache) = filled();
    let error = cache.connection(&call()).err().expect("no connection");
    assert_eq!(error.status(), Status::Unsupported);
    let error = cache.command(&[b"DBSIZE"], None, &call()).unwrap_err();
    assert_eq!(error.status(), Status::Unsupported);
    assert_eq!(cache.command(&[b"EXISTS", b"key1"], Some(1), &call()).unwrap(), Value::Int(1));
}

#[test]
fn a_lock_lives_on_its_keys_server() {
    let (one, two, cache) = filled();
    let lives = Call { ttl: Some(Ttl::Millis(60_000)), ..call() };
    for number in 0..10 {
        let name = format!("lock{number}").into_bytes();
        assert!(cache.lock(&name, b"ours", &lives).unwrap());
        assert!(!cache.lock(&name, b"theirs", &lives).unwrap());
        let server = if is_on(&cache, &name, one.port()) { &one } else { &two };
        assert_eq!(server.command(&["GET", &format!(":1:lock{number}")]), "$4\r\nours\r\n");
        assert!(cache.extend(&name, b"ours", &lives).unwrap());
        assert!(cache.unlock(&name, b"ours", &call()).unwrap());
    }
}

#[test]
fn callers_never_wait_for_each_others_connections() {
    let (one, two) = (Server::start(), Server::start());
    let (ports, reversed) = ([one.port(), two.port()], [two.port(), one.port()]);
    let single = [("MAX_CONNECTIONS", "1")];
    let caches = [open(&ports, &single), open(&reversed, &single)];
    set_all(&caches[0], &names());
    thread::scope(|threads| {
        for number in 0..8 {
            let cache = &caches[number % 2];
            threads.spawn(move || {
                let names = names();
                for _ in 0..100 {
                    let found = cache.get_many(&borrowed(&names), &call()).unwrap();
                    assert!(found.iter().all(|item| !matches!(item, Item::Error { .. })));
                }
            });
        }
    });
    assert_eq!(counter(&caches[1], "connects"), 2);
}

#[test]
fn a_server_in_two_spellings_has_two_places_on_the_ring() {
    let server = Server::start();
    let port = server.port();
    let mut options = Options::new();
    options.set("CLIENT_CLASS", "shard").unwrap();
    options.set("MAX_CONNECTIONS", "1").unwrap();
    let entries = format!("127.0.0.1:{port}:1,redis://127.0.0.1:{port}/1,127.0.0.1:{port}:2");
    let cache = Cache::open(&entries, &options).unwrap();
    set_all(&cache, &names());
    let found = cache.get_many(&borrowed(&names()), &call()).unwrap();
    assert!(names().iter().zip(found.iter()).all(|(name, item)| item == Item::Value(text(name))));
    assert_eq!(cache.keys(b"*", &call()).unwrap().len(), KEYS, "no key is met twice");
    let homes: HashSet<_> = names().iter().map(|name| cache.server_for(name, &call()).unwrap()).collect();
    assert_eq!(homes, [format!("127.0.0.1:{port}:1"), format!("127.0.0.1:{port}:2")].into());
}

/// Writes a key just before a move takes it away, so many times.
struct Meddler {
    key: String,
    ports: [u16; 2],
    left: AtomicUsize,
}

impl Layer for Meddler {
    fn before(&self, commands: &Commands<'_>) -> Result<(), Error> {
        let takes = commands.iter().any(|args| args[0].starts_with(b"EVAL"));
        if takes && self.left.fetch_update(SeqCst, SeqCst, |left| left.checked_sub(1)).is_ok() {
            let value = format!("{}", self.left.load(SeqCst));
            send(self.ports[commands.server()], &["SET", &self.key, &value, "PX", "50000"]);
        }
        Ok(())
    }
}

/// Opens the cache anew with somebody who changes a key so often while it is moved.
fn meddled(servers: [&Server; 2], key: &[u8], times: usize) -> Cache {
    let ports = servers.map(Server::port);
    let mut options = Options::new();
    options.set("CLIENT_CLASS", "shard").unwrap();
    let key = format!(":1:{}", String::from_utf8_lossy(key));
    let meddler = Meddler { key, ports, left: AtomicUsize::new(times) };
    let entries = ports.map(|port| format!("127.0.0.1:{port}:0")).join(",");
    Cache::open_with(&entries, &options, meddler).unwrap()
}

#[test]
fn what_is_written_during_a_move_is_moved() {
    let (one, two, cache) = filled();
    let (from, to) = apart(&cache);
    let cache = meddled([&one, &two], &from, 2);
    cache.move_key(&from, &to, &call()).unwrap();
    assert_eq!(cache.get(&from, &call()).unwrap(), None);
    assert_eq!(cache.get(&to, &call()).unwrap(), Some(Value::Int(0)), "what was written last");
    assert!(matches!(cache.ttl(&to, &call()).unwrap(), Some(TimeLeft::Millis(1..=50_000))));
}

#[test]
fn a_move_gives_up_where_others_always_write() {
    let (one, two, cache) = filled();
    let (from, to) = apart(&cache);
    let cache = meddled([&one, &two], &from, usize::MAX);
    let error = cache.move_key(&from, &to, &call()).unwrap_err();
    assert_eq!((error.status(), error.was_sent()), (Status::Unavailable, Sent::Maybe));
    assert!(error.message().contains("a copy is at"), "{error}");
    assert!(cache.get(&from, &call()).unwrap().is_some() && cache.get(&to, &call()).unwrap().is_some());
}

#[test]
fn a_password_is_hashed_and_not_shown() {
    let mut options = Options::new();
    options.set("CLIENT_CLASS", "shard").unwrap();
    let location = |password: &str| format!("redis://:{password}@h:1/0,redis://:{password}@h:2/0");
    let homes = |password: &str| {
        let cache = Cache::open(&location(password), &options).unwrap();
        let home = |name: Vec<u8>| cache.server_for(&name, &call()).unwrap();
        assert!(!format!("{cache:?}").contains(password));
        names().into_iter().map(home).collect::<Vec<_>>()
    };
    let first = homes("swordfish");
    assert!(first.iter().all(|home| home.starts_with("redis://:***@h:")));
    assert_ne!(first, homes("sesame"), "the whole entry is hashed");
}
