//! What a herd stores: any bytes in its place are a value, one to be renewed, or an error, and a value can be stored and read again.
#![no_main]

use std::sync::LazyLock;

use djredis::{Cache, Call, Options, Status};
use libfuzzer_sys::fuzz_target;

static CACHES: LazyLock<[Cache; 2]> = LazyLock::new(|| {
    let mut herd = Options::new();
    herd.set("CLIENT_CLASS", "herd").expect("an option");
    [herd, Options::new()].map(|options| Cache::open("memory:herd", &options).expect("a cache"))
});

fuzz_target!(|stored: &[u8]| {
    let [herd, plain] = &*CACHES;
    let call = Call::default();
    let key: &[u8] = b"k";
    assert!(plain.set_raw(key, stored, &call).expect("memory"));
    let seen = herd.get(key, &call);
    let _ = herd.incr(key, 1, &call);
    let _ = herd.touch(key, &call);
    if let Ok(Some(value)) = seen {
        match herd.set(key, &value, &call) {
            Ok(stored) => assert!(stored),
            // A record is written as it was read, and there may be something behind its end.
            Err(error) => return assert_eq!(error.status(), Status::Encode, "{error}"),
        }
        let same = herd.get(key, &call).expect("what was stored can be read").expect("it is fresh");
        assert_eq!(format!("{same:?}"), format!("{value:?}"));
    }
});
