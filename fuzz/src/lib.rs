//! What the fuzzing programs share.

use djredis::{Cache, Options};

/// A cache that sends nothing: for what needs no server.
pub fn offline() -> Cache {
    Cache::open("127.0.0.1:1:0", &Options::new()).expect("a right location")
}
