//! What stands in the process's memory of passwords and keys, once the cache that had them is gone: nothing.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use std::fs::{self, File};
use std::os::unix::fs::FileExt;

use djredis::{Cache, Call, Options, Value};
use support::{Server, TlsServer};
use zeroize::Zeroizing;

const LENGTH: usize = 60;
/// What is looked for: allocators write over the begin of what was freed.
const NEEDLE: std::ops::Range<usize> = 24..48;
/// The needles stand in memory behind this mask.
const MASK: u8 = 0xa5;

/// A text that nothing else in the process has; the same seed gives the same one.
fn secret(seed: u64) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(LENGTH));
    let mut state = seed;
    for _ in 0..LENGTH {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        text.push(char::from(b'a' + (state >> 33) as u8 % 26));
    }
    text
}

fn needle(secret: &str) -> Vec<u8> {
    secret.as_bytes()[NEEDLE].iter().map(|byte| byte ^ MASK).collect()
}

/// Texts one after the other, in memory that does not move.
fn joined(parts: &[&str]) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(1000));
    parts.iter().for_each(|part| text.push_str(part));
    text
}

/// Where in the memory that this process can write a needle stands.
fn places(needle: &[u8]) -> Vec<String> {
    let memory = File::open("/proc/self/mem").unwrap();
    let mut window = vec![0; 1 << 20];
    let mut found = Vec::new();
    for line in fs::read_to_string("/proc/self/maps").unwrap().lines() {
        let mut words = line.split_whitespace();
        let (range, rights) = (words.next().unwrap(), words.next().unwrap());
        let (begin, end) = range.split_once('-').unwrap();
        let [begin, end] = [begin, end].map(|text| u64::from_str_radix(text, 16).unwrap());
        if !rights.starts_with("rw") {
            continue;
        }
        let step = window.len() - needle.len();
        for offset in (begin..end).step_by(step) {
            let length = window.len().min((end - offset) as usize);
            // What was unmapped meanwhile has nothing.
            let Ok(read) = memory.read_at(&mut window[..length], offset) else { break };
            let own = window.as_ptr() as u64;
            for at in hits(&window[..read], needle) {
                let address = offset + at as u64;
                if !(own..own + window.len() as u64).contains(&address) {
                    found.push(format!("{address:x} in {line}"));
                }
            }
        }
    }
    found
}

fn hits(bytes: &[u8], needle: &[u8]) -> Vec<usize> {
    let first = needle[0] ^ MASK;
    let begins = memchr::memchr_iter(first, bytes);
    let fits = |at: &usize| {
        bytes[*at..].iter().zip(needle).filter(|(byte, wanted)| *byte ^ MASK == **wanted).count()
    };
    begins.filter(|at| fits(at) == needle.len()).collect()
}

/// Uses a cache that was opened with these secrets, and looks for them while it is open and when it is closed.
fn leaves_nothing(what: &str, seeds: &[u64], open: impl FnOnce(&[Zeroizing<String>]) -> Cache) {
    let needles: Vec<_> = seeds.iter().map(|seed| needle(&secret(*seed))).collect();
    let secrets: Vec<_> = seeds.iter().map(|seed| secret(*seed)).collect();
    let cache = open(&secrets);
    drop(secrets);
    let _ = cache.set(b"key", &Value::Text("value".into()), &Call::default());
    let _ = cache.get(b"key", &Call::default());
    for needle in &needles {
        assert!(!places(needle).is_empty(), "{what}, open");
    }
    drop(cache);
    for needle in &needles {
        assert_eq!(places(needle), Vec::<String>::new(), "{what}, closed");
    }
}

fn open(location: &str, given: &[(&str, &str)]) -> Cache {
    let mut options = Options::new();
    for (name, value) in given {
        options.set(name, value).unwrap();
    }
    Cache::open(location, &options).unwrap()
}

/// One test, since the memory of all threads is looked at. A user without a password may log in with any.
#[test]
fn no_secret_outlives_its_cache() {
    let server = Server::start();
    let plain = format!("127.0.0.1:{}:0", server.port());
    let port = server.port().to_string();
    for protocol in ["resp2", "resp3"] {
        leaves_nothing(protocol, &[1], |secrets| {
            open(&plain, &[("USERNAME", "default"), ("PASSWORD", &secrets[0]), ("PROTOCOL", protocol)])
        });
    }
    leaves_nothing("URL", &[2], |secrets| {
        open(&joined(&["redis://default:%41", &secrets[0], "@127.0.0.1:", &port, "/0"]), &[])
    });
    leaves_nothing("query", &[3], |secrets| {
        open(&joined(&["redis://127.0.0.1:", &port, "/0?username=default&password=", &secrets[0]]), &[])
    });
    leaves_nothing("shards", &[4, 5], |secrets| {
        let location = joined(&[
            "redis://default:",
            &secrets[0],
            "@127.0.0.1:",
            &port,
            "/0,redis://default:",
            &secrets[1],
            "@127.0.0.1:",
            &port,
            "/1",
        ]);
        open(&location, &[("CLIENT_CLASS", "shard")])
    });
    leaves_nothing("a password that the server refuses", &[6], |secrets| {
        open(&plain, &[("USERNAME", "nobody"), ("PASSWORD", &secrets[0])])
    });
    leaves_nothing("sentinels", &[7, 8], |secrets| {
        let given = [
            ("CLIENT_CLASS", "sentinel"),
            ("SENTINELS", &plain[..plain.len() - 2]),
            ("SENTINEL_USERNAME", "default"),
            ("SENTINEL_PASSWORD", &secrets[0]),
            ("PASSWORD", &secrets[1]),
        ];
        open("redis://service/0", &given)
    });
    leaves_nothing("keys that sign", &[9, 10], |secrets| {
        open(&plain, &[("SIGNING_KEYS", &joined(&[&secrets[0], ", ", &secrets[1]]))])
    });
    if cfg!(feature = "tls") {
        let encrypted = TlsServer::start();
        leaves_nothing("TLS", &[12], |secrets| {
            open(&encrypted.trusted(), &[("USERNAME", "default"), ("PASSWORD", &secrets[0])])
        });
    }
    for location in [
        ["redis://default:%41", "@127.0.0.1:x/0"],
        ["redis://u:%", "@h/0"],
        ["redis://u:%ff", "@h/0"],
        ["redis://h/0?db=1&password=", "&db=2"],
    ] {
        let needle = needle(&secret(11));
        assert!(Cache::open(&joined(&[location[0], &secret(11), location[1]]), &Options::new()).is_err());
        assert_eq!(places(&needle), Vec::<String>::new(), "{location:?}, refused");
    }
}
