//! What the fuzzing programs share.

use djredis::{Cache, Options};

/// A cache that sends nothing: for what needs no server.
pub fn offline() -> Cache {
    offline_with(&[])
}

/// The same with these options.
pub fn offline_with(given: &[(&str, &str)]) -> Cache {
    let mut options = Options::new();
    for (name, value) in given {
        options.set(name, value).expect("a right option");
    }
    Cache::open("127.0.0.1:1:0", &options).expect("a right location")
}
