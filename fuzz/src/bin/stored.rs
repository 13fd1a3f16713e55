//! Stored bytes: whatever stands in Redis is a value or an error, and a value can be written and read again.
#![no_main]

use std::sync::LazyLock;

use djredis::Cache;
use libfuzzer_sys::fuzz_target;

static CACHE: LazyLock<Cache> = LazyLock::new(fuzz::offline);

fuzz_target!(|stored: &[u8]| {
    let Ok(value) = CACHE.decode(stored) else { return };
    let again = CACHE.encode(&value).expect("what was read can be written");
    let same = CACHE.decode(&again).expect("what was written can be read");
    // NaN is not equal to itself, but its text is.
    assert_eq!(format!("{same:?}"), format!("{value:?}"));
});
