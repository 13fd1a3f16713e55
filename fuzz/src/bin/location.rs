//! Locations and options: read, or refused with a sentence that never holds the password.
#![no_main]

use djredis::{Cache, Options};
use libfuzzer_sys::fuzz_target;

const PASSWORD: &str = "S3CR3TPW";

fuzz_target!(|texts: (&str, &str, &str, bool)| {
    let (before, behind, rest, in_query) = texts;
    // Behind these in the user name nobody can tell where the password is.
    if before.contains(['@', '/', ',']) || [before, behind, rest].iter().any(|text| text.contains(PASSWORD)) {
        return;
    }
    let location = if in_query {
        format!("redis://{before}/0?password={PASSWORD}{behind}&{rest}")
    } else {
        format!("redis://{before}:{PASSWORD}{behind}@{rest}")
    };
    for location in [location.as_str(), rest] {
        if let Err(error) = Cache::open(location, &Options::new()) {
            assert!(!error.message().contains(PASSWORD), "{error}");
        }
    }
    if let Err(error) = Options::new().set(before, behind) {
        assert!(!error.message().is_empty());
    }
});
