//! Stored bytes under every serializer and compressor: the first byte says which, the others stand in Redis.
#![no_main]

use std::sync::LazyLock;

use djredis::Cache;
use libfuzzer_sys::fuzz_target;

/// The most that a value may be: a bomb must not take the fuzzer's memory.
const LIMIT: &str = "1048576";
const SERIALIZERS: [&str; 4] = ["json", "msgpack", "raw", "pickle"];
const COMPRESSORS: [&str; 6] = ["identity", "zlib", "gzip", "lzma", "lz4", "zstd"];

static CACHES: LazyLock<Vec<Cache>> = LazyLock::new(|| {
    let pairs = SERIALIZERS
        .iter()
        .flat_map(|serializer| COMPRESSORS.iter().map(move |compressor| (*serializer, *compressor)));
    pairs
        .map(|(serializer, compressor)| open(&[("SERIALIZER", serializer), ("COMPRESSOR", compressor)]))
        .collect()
});
static READS_ALL: LazyLock<Cache> = LazyLock::new(|| {
    open(&[("SERIALIZER", "json"), ("ACCEPT", "pickle,msgpack,raw,zlib,gzip,lzma,lz4,zstd")])
});

fn open(given: &[(&str, &str)]) -> Cache {
    fuzz::offline_with(&[given, &[("MAX_DECODED_SIZE", LIMIT)]].concat())
}

fuzz_target!(|data: &[u8]| {
    let Some((choice, stored)) = data.split_first() else { return };
    let _ = READS_ALL.decode(stored);
    let cache = &CACHES[usize::from(*choice) % CACHES.len()];
    let Ok(value) = cache.decode(stored) else { return };
    // What json holds, msgpack or pickle may not: an integer over 64 bits, say.
    let Ok(again) = cache.encode(&value) else { return };
    let same = cache.decode(&again).expect("what was written can be read");
    assert_eq!(format!("{same:?}"), format!("{value:?}"));
});
