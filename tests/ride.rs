//! Many more threads than connections: everyone gets its own replies, and nobody is forgotten.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod support;

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::Duration;

use djredis::cache::{BatchCall, Operation, Patience};
use djredis::items::Item;
use djredis::{Cache, Call, Options, Status, Value};
use support::Server;

const THREADS: usize = 64;
/// Calls of one thread. With all connection counts: over 200,000.
const CALLS: usize = 1200;
/// What one call may take, in seconds: only a call that hangs needs it.
const LONG: &str = "60";

fn open(server: &Server, connections: usize) -> Arc<Cache> {
    let mut options = Options::new();
    for (name, value) in [("MAX_CONNECTIONS", connections.to_string().as_str()), ("SOCKET_TIMEOUT", LONG)] {
        options.set(name, value).expect("a known option");
    }
    Arc::new(Cache::open(&format!("127.0.0.1:{}:0", server.port()), &options).expect("a cache"))
}

fn counter(cache: &Cache, name: &str) -> u64 {
    cache.stats().counters().into_iter().find(|(known, _)| *known == name).expect("a counter").1
}

/// Runs `work` in many threads at once, with the number of each.
fn in_threads(threads: usize, work: impl Fn(usize) + Send + Sync + 'static) {
    let (work, start) = (Arc::new(work), Arc::new(Barrier::new(threads)));
    let running: Vec<_> = (0..threads)
        .map(|thread| {
            let (work, start) = (Arc::clone(&work), Arc::clone(&start));
            thread::spawn(move || {
                start.wait();
                work(thread);
            })
        })
        .collect();
    running.into_iter().for_each(|thread| thread.join().expect("the right replies"));
}

/// The generator known as SplitMix64.
fn draw(state: &mut u64, choices: u64) -> u64 {
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mut mixed = *state;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    (mixed ^ (mixed >> 31)) % choices
}

/// What stands under a key: it names the key, and is now short, now long.
fn value_of(key: &str) -> Value<'static> {
    let repeated = key.bytes().map(usize::from).sum::<usize>() % 40;
    Value::Text(format!("value of {key} {}", key.repeat(repeated)).into())
}

/// One random call, and whether its answer is its own.
fn call(cache: &Cache, thread: usize, state: &mut u64, counted: &mut i64) {
    let how = Call::default();
    let keys: Vec<_> = (0..4).map(|_| format!("key{}", draw(state, 500))).collect();
    let key = keys[0].as_bytes();
    match draw(state, 10) {
        0 => {
            *counted += 1;
            let answer = cache.incr(format!("count{thread}").as_bytes(), 1, &how).unwrap();
            assert_eq!(answer, Value::Int(*counted));
        }
        1 => assert!(cache.set(key, &value_of(&keys[0]), &how).unwrap()),
        2 => assert!(!cache.has_key(format!("absent{thread}").as_bytes(), &how).unwrap()),
        3 => {
            let asked: Vec<_> = keys.iter().map(String::as_bytes).collect();
            let found = cache.get_many(&asked, &how).unwrap();
            for (key, item) in keys.iter().zip(found.iter()) {
                assert_eq!(item, Item::Value(value_of(key)));
            }
        }
        4 => {
            let get =
                |key: &'static str| BatchCall { key: key.as_bytes(), operation: Operation::Get, call: how };
            let answers = cache.batch(&[get("key7"), get("none"), get("key8")], &how).unwrap();
            let answers: Vec<_> = answers.iter().collect();
            assert_eq!(
                answers,
                [Item::Value(value_of("key7")), Item::Missing, Item::Value(value_of("key8"))]
            );
        }
        5 => assert_eq!(cache.move_key(b"absent", b"away", &how).unwrap_err().status(), Status::NotFound),
        _ => assert_eq!(cache.get(key, &how).unwrap(), Some(value_of(&keys[0]))),
    }
}

fn many_threads_on(connections: usize) {
    let server = Server::start();
    let cache = open(&server, connections);
    for number in 0..500 {
        let key = format!("key{number}");
        cache.set(key.as_bytes(), &value_of(&key), &Call::default()).unwrap();
    }
    for thread in 0..THREADS {
        cache.set(format!("count{thread}").as_bytes(), &Value::Int(0), &Call::default()).unwrap();
    }
    let shared = Arc::clone(&cache);
    in_threads(THREADS, move |thread| {
        let (mut state, mut counted) = ((connections * THREADS + thread) as u64, 0);
        (0..CALLS).for_each(|_| call(&shared, thread, &mut state, &mut counted));
    });
    assert!(counter(&cache, "rides") > (THREADS * CALLS / 10) as u64, "{:?}", cache.stats());
    assert!(counter(&cache, "connects") <= connections as u64);
}

#[test]
fn on_one_connection() {
    many_threads_on(1);
}

#[test]
fn on_two_connections() {
    many_threads_on(2);
}

#[test]
fn on_four_connections() {
    many_threads_on(4);
}

/// WATCH, MULTI and EXEC on borrowed connections, blocking commands, and scans, all between rides.
#[test]
fn what_owns_its_connection_does_so_among_riders() {
    let server = Server::start();
    let cache = open(&server, 2);
    cache.set(b"count", &Value::Int(0), &Call::default()).unwrap();
    let added = Arc::new(AtomicUsize::new(0));
    let (shared, adding) = (Arc::clone(&cache), Arc::clone(&added));
    in_threads(24, move |thread| {
        for turn in 0..50 {
            match thread % 8 {
                0 => drop(adding.fetch_add(usize::from(add_watched(&shared)), Ordering::SeqCst)),
                1 => {
                    let popped = shared.command(&[b"BLPOP", b"nothing", b"0.01"], None, &Call::default());
                    assert_eq!(popped.unwrap(), Value::None);
                }
                2 => assert!(shared.keys(b"key*", &Call::default()).unwrap().len() <= 24),
                _ => round_trip(&shared, thread, turn),
            }
        }
    });
    let counted = cache.get(b"count", &Call::default()).unwrap();
    assert_eq!(counted, Some(Value::Int(added.load(Ordering::SeqCst) as i64)));
    assert!(counter(&cache, "rides") > 0);
}

fn round_trip(cache: &Cache, thread: usize, turn: i64) {
    let key = format!("key{thread}");
    cache.set(key.as_bytes(), &Value::Int(turn), &Call::default()).unwrap();
    assert_eq!(cache.get(key.as_bytes(), &Call::default()).unwrap(), Some(Value::Int(turn)));
}

/// Adds one to `count`, unless somebody else did meanwhile.
fn add_watched(cache: &Cache) -> bool {
    let how = Call::default();
    let mut connection = cache.connection(&how).unwrap();
    connection.command(&[b"WATCH", b":1:count"], &how).unwrap();
    let found = connection.command(&[b"GET", b":1:count"], &how).unwrap();
    let Some(Value::Bytes(digits)) = found else { panic!("{found:?}") };
    let number: i64 = std::str::from_utf8(&digits).unwrap().parse().unwrap();
    let next = (number + 1).to_string();
    connection.transaction(&[&[b"SET", b":1:count", next.as_bytes()]], &how).unwrap().is_some()
}

/// Deadlines of all lengths against a server that stops now and then.
#[test]
fn calls_that_give_up_leave_no_reply_behind() {
    let server = Server::start();
    let cache = open(&server, 2);
    for thread in 0..32 {
        cache.set(format!("key{thread}").as_bytes(), &Value::Int(thread), &Call::default()).unwrap();
    }
    let done = Arc::new(AtomicBool::new(false));
    let (server, pausing) = (Arc::new(server), Arc::clone(&done));
    let pauser = {
        let server = Arc::clone(&server);
        thread::spawn(move || {
            while !pausing.load(Ordering::SeqCst) {
                server.command(&["CLIENT", "PAUSE", "30", "ALL"]);
                thread::sleep(Duration::from_millis(60));
            }
        })
    };
    let (shared, late) = (Arc::clone(&cache), Arc::new(AtomicUsize::new(0)));
    let counting = Arc::clone(&late);
    in_threads(32, move |thread| {
        let mut state = thread as u64;
        for _ in 0..200 {
            let patience = Patience::Within(Duration::from_millis(1 + draw(&mut state, 20)));
            let how = Call { deadline: Some(patience), ..Call::default() };
            match shared.get(format!("key{thread}").as_bytes(), &how) {
                Ok(found) => assert_eq!(found, Some(Value::Int(thread as i64))),
                Err(error) => {
                    assert!(matches!(error.status(), Status::Timeout | Status::Pool), "{error}");
                    counting.fetch_add(1, Ordering::SeqCst);
                }
            }
        }
    });
    done.store(true, Ordering::SeqCst);
    pauser.join().unwrap();
    assert!(late.load(Ordering::SeqCst) > 0, "nothing was late");
    for thread in 0..32 {
        let found = cache.get(format!("key{thread}").as_bytes(), &Call::default()).unwrap();
        assert_eq!(found, Some(Value::Int(thread)));
    }
}

#[test]
fn closing_ends_no_call_that_runs() {
    let server = Server::start();
    for _ in 0..20 {
        let cache = open(&server, 1);
        cache.set(b"key", &Value::Int(7), &Call::default()).unwrap();
        let (shared, start) = (Arc::clone(&cache), Arc::new(Barrier::new(17)));
        let callers: Vec<_> = (0..16)
            .map(|_| {
                let (cache, start) = (Arc::clone(&shared), Arc::clone(&start));
                thread::spawn(move || {
                    start.wait();
                    loop {
                        match cache.get(b"key", &Call::default()) {
                            Ok(found) => assert_eq!(found, Some(Value::Int(7))),
                            Err(error) => return error.status(),
                        }
                    }
                })
            })
            .collect();
        start.wait();
        thread::sleep(Duration::from_millis(5));
        cache.close();
        for caller in callers {
            assert_eq!(caller.join().expect("the right replies"), Status::Closed);
        }
    }
}
