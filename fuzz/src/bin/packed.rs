//! Composite values from a program: written, or refused; what was written can be read.
#![no_main]

use std::sync::LazyLock;

use djredis::{Cache, Value};
use libfuzzer_sys::fuzz_target;

static CACHES: LazyLock<[Cache; 3]> =
    LazyLock::new(|| ["pickle", "json", "msgpack"].map(|name| fuzz::offline_with(&[("SERIALIZER", name)])));

/// Whether that is extension 3, stored bytes that are written as they are, readable or not.
fn is_opaque(data: &[u8]) -> bool {
    let number = match data {
        [0xd4..=0xd8, number, ..] | [0xc7, _, number, ..] | [0xc8, _, _, number, ..] => number,
        [0xc9, _, _, _, _, number, ..] => number,
        _ => return false,
    };
    *number == 3
}

fuzz_target!(|data: &[u8]| {
    if is_opaque(data) {
        return;
    }
    let value = Value::Packed { kind: 0, data: data.into() };
    for cache in CACHES.iter() {
        if let Ok(stored) = cache.encode(&value) {
            cache.decode(&stored).expect("what was written can be read");
        }
    }
});
