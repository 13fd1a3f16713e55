//! Caches as tests open them, and what they look at.

use djredis::cache::{BatchCall, Operation};
use djredis::items::Item;
use djredis::{Cache, Call, Options, Value};

use super::Server;

/// A cache with these options.
pub fn open(location: &str, options: &[(&str, &str)]) -> djredis::Result<Cache> {
    let mut set = Options::new();
    for (name, value) in options {
        set.set(name, value).expect("a known option");
    }
    Cache::open(location, &set)
}

/// The password of the servers that [`open_one`] is for.
pub const PASSWORD: &str = "sesame";

/// A cache with one connection, whose calls have time enough on a busy machine.
pub fn open_one(location: &str, protocol: &str, options: &[(&str, &str)]) -> Cache {
    const LONG: &str = "30";
    let own = [
        ("PASSWORD", PASSWORD),
        ("PROTOCOL", protocol),
        ("SOCKET_TIMEOUT", LONG),
        ("SOCKET_CONNECT_TIMEOUT", LONG),
        ("MAX_CONNECTIONS", "1"),
    ];
    open(location, &[&own, options].concat()).expect("a cache")
}

/// One of the numbers in `stats`.
pub fn counter(cache: &Cache, name: &str) -> u64 {
    cache.stats().counters().into_iter().find(|(known, _)| *known == name).expect("a counter").1
}

/// How often a server was sent a command.
pub fn calls(server: &Server, command: &str) -> usize {
    let stats = server.command(&["INFO", "commandstats"]);
    let found = stats.split(&format!("cmdstat_{command}:calls=")).nth(1);
    found.map_or(0, |rest| rest.split(',').next().unwrap().parse().unwrap())
}

/// The value that tests store under a key.
pub fn text(name: &[u8]) -> Value<'static> {
    Value::Text(format!("value of {}", String::from_utf8_lossy(name)).into())
}

pub fn borrowed(names: &[Vec<u8>]) -> Vec<&[u8]> {
    names.iter().map(Vec::as_slice).collect()
}

/// Four calls for each key, in one batch: the answers come in the order of the calls, wherever the keys live.
pub fn check_batch(cache: &Cache, names: &[Vec<u8>]) {
    let mut batch = Vec::new();
    for name in names {
        let operations = [Operation::Get, Operation::Set(Value::Int(1)), Operation::Incr(4), Operation::Get];
        batch.extend(operations.map(|operation| BatchCall { key: name, operation, call: Call::default() }));
    }
    let answers = cache.batch(&batch, &Call::default()).unwrap();
    for (index, name) in names.iter().enumerate() {
        let four: Vec<_> = (4 * index..4 * index + 4).map(|place| answers.get(place).unwrap()).collect();
        let five = Item::Value(Value::Int(5));
        assert_eq!(four, [Item::Value(text(name)), Item::Value(Value::None), five.clone(), five]);
    }
}
