//! memory: is the same cache; what is its own is here. The rest is the conformance suite's.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::sync::Arc;
use std::thread;

use djredis::{Cache, Call, Options, Status, Value};

fn open(name: &str, options: &[(&str, &str)]) -> djredis::Result<Cache> {
    let mut set = Options::new();
    for (name, value) in options {
        set.set(name, value)?;
    }
    Cache::open(&format!("memory:{name}"), &set)
}

fn call() -> Call {
    Call::default()
}

#[test]
fn one_store_per_name() {
    let (first, second) = (open("shared", &[]).unwrap(), open("shared", &[("KEY_PREFIX", "")]).unwrap());
    let other = open("other", &[]).unwrap();
    first.set(b"key", &Value::Text("hello".into()), &call()).unwrap();
    assert_eq!(second.get(b"key", &call()).unwrap(), Some(Value::Text("hello".into())));
    assert_eq!(other.get(b"key", &call()).unwrap(), None);
    drop((first, second));
    assert!(
        open("shared", &[]).unwrap().has_key(b"key", &call()).unwrap(),
        "it lives as long as the process"
    );
}

#[test]
fn other_limits_are_refused() {
    let _open = open("limited", &[("MEMORY_MAX", "1000000")]).unwrap();
    let error = open("limited", &[("MEMORY_MAX", "2000000")]).unwrap_err();
    assert_eq!(error.status(), Status::Config);
    assert!(error.message().contains("MEMORY_MAX 1000000"), "{error}");
}

#[test]
fn it_stays_within_its_limit() {
    let cache = open("small", &[("MEMORY_MAX", "100000"), ("TIMEOUT", "none")]).unwrap();
    for number in 0..10_000 {
        assert!(cache.set_raw(format!("key{number}").as_bytes(), &[7; 100], &call()).unwrap());
    }
    let keys = cache.keys(b"*", &call()).unwrap().len();
    assert!((300..1000).contains(&keys), "{keys}");
    assert!(cache.has_key(b"key9999", &call()).unwrap(), "a fresh value is kept");
    let error = cache.set_raw(b"key9999", &[7; 200_000], &call()).unwrap_err();
    assert_eq!(error.status(), Status::Unavailable);
    assert!(error.message().contains("MEMORY_MAX"), "{error}");
}

#[test]
fn commands_and_connections_need_a_server() {
    let cache = open("bare", &[]).unwrap();
    assert_eq!(cache.command(&[b"PING"], None, &call()).unwrap_err().status(), Status::Unsupported);
    assert_eq!(cache.connection(&call()).err().unwrap().status(), Status::Unsupported);
}

#[test]
fn threads_count_without_losing_any() {
    let cache = Arc::new(open("counter", &[]).unwrap());
    cache.set(b"n", &Value::Int(0), &call()).unwrap();
    let threads: Vec<_> = (0..8)
        .map(|_| {
            let cache = Arc::clone(&cache);
            thread::spawn(move || (0..1000).for_each(|_| drop(cache.incr(b"n", 1, &call()).unwrap())))
        })
        .collect();
    threads.into_iter().for_each(|thread| thread.join().unwrap());
    assert_eq!(cache.get(b"n", &call()).unwrap(), Some(Value::Int(8000)));
}

#[test]
fn locks_belong_to_their_token() {
    let cache = open("locks", &[]).unwrap();
    assert!(cache.lock(b"job", b"mine", &call()).unwrap());
    assert!(!cache.lock(b"job", b"other", &call()).unwrap());
    assert!(!cache.unlock(b"job", b"other", &call()).unwrap());
    assert!(cache.extend(b"job", b"mine", &call()).unwrap());
    assert!(cache.unlock(b"job", b"mine", &call()).unwrap());
    assert!(!cache.has_key(b"job", &call()).unwrap());
}
