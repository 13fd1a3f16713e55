//! A thread with a stack of 128 KiB, as hosts have them, is enough for every operation on every layout.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use std::thread;

use djredis::cache::{BatchCall, Operation};
use djredis::{Cache, Call, Options, Value};
use support::{Cluster, SERVICE, Sentinel, Server};

const STACK: usize = 128 << 10;
/// As deep as values may be.
const DEPTH: usize = 512;
const LARGE: usize = 300_000;

fn call() -> Call {
    Call::default()
}

/// Opens a cache, does everything with it and closes it, all in a thread with a small stack.
fn is_enough(location: &str, given: &[(&str, &str)]) {
    let mut options = Options::new();
    given.iter().for_each(|(name, value)| options.set(name, value).unwrap());
    // The name is in the message of an overflow.
    let (what, location) = (format!("{given:?}"), location.to_owned());
    let work = move || {
        let cache = Cache::open(&location, &options).unwrap();
        one_key(&cache);
        many_keys(&cache);
        values(&cache);
        errors(&cache);
        cache.clear(&call()).unwrap();
        cache.close();
    };
    thread::Builder::new().name(what).stack_size(STACK).spawn(work).unwrap().join().unwrap();
}

fn one_key(cache: &Cache) {
    assert!(cache.set(b"k", &Value::Int(1), &call()).unwrap());
    assert_eq!(cache.incr(b"k", 2, &call()).unwrap(), Value::Int(3));
    assert_eq!(cache.get(b"k", &call()).unwrap(), Some(Value::Int(3)));
    assert!(cache.get_raw(b"k", &call()).unwrap().is_some());
    assert!(cache.has_key(b"k", &call()).unwrap());
    assert!(cache.touch(b"k", &call()).unwrap());
    assert!(cache.ttl(b"k", &call()).unwrap().is_some());
    assert!(cache.lock(b"lock", b"token", &call()).unwrap());
    assert!(cache.extend(b"lock", b"token", &call()).unwrap());
    assert!(cache.unlock(b"lock", b"token", &call()).unwrap());
    assert_eq!(cache.incr_version(b"k", 1, &call()).unwrap(), 2);
    assert!(!cache.delete(b"k", &call()).unwrap());
}

fn many_keys(cache: &Cache) {
    let names: Vec<_> = (0..500).map(|number| format!("key{number}").into_bytes()).collect();
    let pairs: Vec<_> = names.iter().map(|name| (name.as_slice(), Value::Text("some text".into()))).collect();
    assert_eq!(cache.set_many(&pairs, &call()).unwrap().len(), names.len());
    let names: Vec<_> = names.iter().map(Vec::as_slice).collect();
    assert_eq!(cache.get_many(&names, &call()).unwrap().len(), names.len());
    let calls: Vec<_> =
        names.iter().map(|key| BatchCall { key, operation: Operation::Get, call: call() }).collect();
    assert_eq!(cache.batch(&calls, &call()).unwrap().len(), names.len());
    assert_eq!(cache.keys(b"key*", &call()).unwrap().len(), names.len());
    let (mut scan, mut found) = (cache.scan(b"key1*", &call()).unwrap(), 0);
    while let Some(batch) = scan.next_batch(&call()).unwrap() {
        found += batch.len();
    }
    assert!(found >= 111, "{found}");
    assert_eq!(cache.delete_pattern(b"key1*", &call()).unwrap(), 111);
    assert_eq!(cache.delete_many(&names, &call()).unwrap(), 389);
}

fn values(cache: &Cache) {
    // Protocol 2: lists in lists; a large text; a record.
    let mut deep = b"\x80\x02".to_vec();
    deep.resize(2 + DEPTH, b']');
    deep.resize(2 + 2 * DEPTH - 1, b'a');
    deep.push(b'.');
    let large = [b"\x80\x03X".as_slice(), &(LARGE as u32).to_le_bytes(), &vec![b'x'; LARGE], b"."].concat();
    for stored in [deep.as_slice(), &large, b"\x80\x02cmodule\nClass\n)\x81}X\x01\0\0\0aK\x01sb."] {
        assert!(cache.set_raw(b"value", stored, &call()).unwrap());
        let value = cache.get(b"value", &call()).unwrap().unwrap();
        assert!(cache.set(b"value", &value, &call()).unwrap());
        assert_eq!(cache.get(b"value", &call()).unwrap(), Some(value));
    }
}

fn errors(cache: &Cache) {
    assert!(cache.set(b"text", &Value::Text("text".into()), &call()).unwrap());
    assert!(cache.incr(b"text", 1, &call()).is_err());
    assert!(cache.set_raw(b"bad", b"\x80\x05](", &call()).unwrap());
    assert!(cache.get(b"bad", &call()).is_err());
    assert!(cache.stats().counters().iter().any(|(_, count)| *count > 0));
}

#[test]
fn one_server() {
    let server = Server::start();
    let location = format!("127.0.0.1:{}:0", server.port());
    is_enough(&location, &[]);
    is_enough(&location, &[("PROTOCOL", "resp3"), ("NEAR_CACHE", "1000000")]);
    for compressor in ["zlib", "gzip", "lz4", "lzma", "zstd"] {
        is_enough(&location, &[("COMPRESSOR", compressor), ("COMPRESS_MIN_LENGTH", "1")]);
    }
    is_enough(
        &location,
        &[("SIGNING_KEYS", "0123456789abcdef0123456789abcdef"), ("SIGNING_ACCEPT_UNSIGNED", "true")],
    );
    is_enough("memory:stacks", &[]);
}

#[test]
fn several_servers() {
    let (one, other) = (Server::start(), Server::start());
    let location = format!("127.0.0.1:{}:0,127.0.0.1:{}:0", one.port(), other.port());
    is_enough(&location, &[("CLIENT_CLASS", "shard")]);
}

#[test]
fn a_cluster() {
    is_enough(
        &Cluster::start(3).location(),
        &[("CLIENT_CLASS", "cluster"), ("CLEAR", "prefix"), ("KEY_PREFIX", "site")],
    );
}

#[test]
fn a_service_of_sentinels() {
    let server = Server::start();
    let sentinel = Sentinel::watching(server.port(), &[]);
    let sentinels = format!("127.0.0.1:{}", sentinel.port());
    is_enough(&format!("redis://{SERVICE}/0"), &[("CLIENT_CLASS", "sentinel"), ("SENTINELS", &sentinels)]);
}

#[cfg(feature = "tls")]
#[test]
fn over_tls() {
    let server = support::TlsServer::start();
    is_enough(&server.trusted(), &[]);
    let (cert, key) = (server.certificates.file("client.pem"), server.certificates.file("client.key"));
    is_enough(&server.trusted(), &[("TLS_CERT", &cert), ("TLS_KEY", &key)]);
}
