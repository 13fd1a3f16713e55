//! Signed values: what was not signed for its key with the cache's own keys is refused, whatever it looks like. Integers are
//! not signed, and are read as integers.
#![no_main]

use std::sync::LazyLock;

use djredis::{Cache, Call, Options, Status, Value};
use libfuzzer_sys::fuzz_target;

static CACHE: LazyLock<Cache> = LazyLock::new(|| {
    let mut options = Options::new();
    options
        .set("SIGNING_KEYS", "0123456789abcdef0123456789abcdef,of-earlier-days-and-also-32-bytes")
        .expect("keys");
    Cache::open("memory:signed", &options).expect("a cache")
});

fn read_as_forged(stored: &[u8]) {
    let call = Call::default();
    assert!(CACHE.set_raw(b"k", stored, &call).expect("memory"));
    match CACHE.get(b"k", &call) {
        Ok(Some(Value::Int(_) | Value::BigInt(_))) => assert!(!stored.starts_with(b"\xc1")),
        Ok(read) => panic!("{read:?}"),
        Err(error) => assert_eq!(error.status(), Status::Decode, "{error}"),
    }
}

fuzz_target!(|input: (u16, u8, &[u8])| {
    let (place, change, bytes) = input;
    let call = Call::default();
    read_as_forged(bytes);

    let value = Value::Bytes(bytes.into());
    assert!(CACHE.set(b"of another key", &value, &call).expect("memory"));
    assert_eq!(CACHE.get(b"of another key", &call).expect("its own"), Some(value));
    let mut stored = CACHE.get_raw(b"of another key", &call).expect("memory").expect("stored");
    read_as_forged(&stored);

    let place = usize::from(place) % stored.len();
    stored[place] ^= change.max(1);
    assert!(CACHE.set_raw(b"of another key", &stored, &call).expect("memory"));
    assert!(CACHE.get(b"of another key", &call).is_err());
});
