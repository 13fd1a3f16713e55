//! Composite values from a program: written, or refused; what was written can be read.
#![no_main]

use std::sync::LazyLock;

use djredis::{Cache, Value};
use libfuzzer_sys::fuzz_target;

static CACHE: LazyLock<Cache> = LazyLock::new(fuzz::offline);

fuzz_target!(|data: &[u8]| {
    let value = Value::Packed { kind: 0, data: data.into() };
    if let Ok(stored) = CACHE.encode(&value) {
        CACHE.decode(&stored).expect("what was written can be read");
    }
});
