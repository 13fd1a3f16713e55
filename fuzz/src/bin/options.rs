//! Options: the same by name and in a URL, in force as they are shown, and secrets in nothing that is said.
#![no_main]

use std::sync::LazyLock;

use djredis::config::{OptionInfo, list};
use djredis::{Cache, Options};
use libfuzzer_sys::fuzz_target;

const SERVER: &str = "redis://127.0.0.1:1";

static OPTIONS: LazyLock<Vec<&'static OptionInfo>> = LazyLock::new(|| list().iter().collect());

/// Each byte as `%XX`.
fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

/// What is in force of an option.
fn in_force(cache: &Cache, option: &OptionInfo) -> String {
    cache.option(option.name()).expect("a known option")
}

fuzz_target!(|input: Vec<(u8, &str)>| {
    let mut options = Options::new();
    let mut location = format!("{SERVER}?");
    let (mut given, mut are_right, mut in_url) = (Vec::new(), true, true);
    for (choice, text) in input.iter().take(4) {
        let option = OPTIONS[usize::from(*choice) % OPTIONS.len()];
        let set = options.set(option.name(), text);
        if let Err(error) = &set {
            assert!(error.message().contains(option.name()), "{error}");
        }
        are_right &= set.is_ok();
        // A URL gives an option once.
        in_url &= given.iter().all(|other: &&OptionInfo| other.name() != option.name());
        given.push(option);
        location += &format!("{}={}&", option.name(), encoded(text));
    }
    let opened = Cache::open(SERVER, &options);
    if let Err(error) = &opened {
        assert!(!error.message().is_empty());
    }
    if in_url {
        let by_url = Cache::open(&location, &Options::new());
        assert_eq!(by_url.is_ok(), opened.is_ok() && are_right, "{location}");
        if let (Ok(by_url), Ok(opened)) = (&by_url, &opened) {
            OPTIONS.iter().for_each(|option| assert_eq!(in_force(by_url, option), in_force(opened, option)));
        }
    }
    let Ok(cache) = opened else { return };
    let mut again = Options::new();
    for option in given {
        let shown = in_force(&cache, option);
        if option.type_name() == "secret" {
            assert!(shown.is_empty() || shown == "***", "{shown}");
        } else {
            again.set(option.name(), &shown).expect("what is shown can be given");
        }
    }
    assert!(format!("{options:?}{cache:?}").len() < 1 << 20);
});
