//! A layer of the program's own around the client.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#[path = "../examples/rust/logging_client.rs"]
#[allow(dead_code, reason = "its main")]
mod logging_client;
mod support;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use djredis::{Cache, Call, Commands, Error, Layer, Options, Result, Status, Value};
use support::{Server, free_port};

/// Keeps what it has seen, and refuses what writes the key `forbidden`.
#[derive(Clone, Default)]
struct Recorder(Arc<Mutex<Vec<String>>>);

impl Recorder {
    fn taken(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }

    fn note(&self, line: String) {
        self.0.lock().unwrap().push(line);
    }
}

fn line(args: &[&[u8]]) -> String {
    args.iter().map(|arg| String::from_utf8_lossy(arg)).collect::<Vec<_>>().join(" ")
}

impl Layer for Recorder {
    fn before(&self, commands: &Commands<'_>) -> Result<()> {
        let is_forbidden = |args: Vec<&[u8]>| args.get(1).is_some_and(|key| key.ends_with(b"forbidden"));
        if commands.write() && commands.iter().any(is_forbidden) {
            return Err(Error::new(Status::Unsupported, "the key is forbidden"));
        }
        Ok(())
    }

    fn after(&self, commands: &Commands<'_>, error: Option<&Error>, _took: Duration) {
        for args in commands.iter() {
            let outcome = error.map_or("done".into(), |error| format!("{:?}", error.status()));
            self.note(format!("{} {} {outcome}", commands.server(), line(&args)));
        }
    }
}

fn options(given: &[(&str, &str)]) -> Options {
    let mut options = Options::new();
    given.iter().for_each(|(name, value)| options.set(name, value).unwrap());
    options
}

#[test]
fn each_exchange_is_seen_and_may_be_refused() {
    let server = Server::start();
    let recorder = Recorder::default();
    let location = format!("127.0.0.1:{}:0", server.port());
    let cache = Cache::open_with(&location, &options(&[]), recorder.clone()).unwrap();
    let call = Call::default();
    assert!(recorder.taken().is_empty(), "opening sends nothing");
    assert!(cache.set(b"k", &Value::Int(1), &call).unwrap());
    assert_eq!(cache.get(b"k", &call).unwrap(), Some(Value::Int(1)));
    assert_eq!(cache.get_many(&[b"k", b"l"], &call).unwrap().len(), 2);
    assert_eq!(recorder.taken(), ["0 SET :1:k 1 PX 300000 done", "0 GET :1:k done", "0 MGET :1:k :1:l done"]);
    let refused = cache.set(b"forbidden", &Value::Int(1), &call).unwrap_err();
    assert_eq!((refused.status(), refused.message()), (Status::Unsupported, "the key is forbidden"));
    assert!(recorder.taken().is_empty());
    assert_eq!(cache.get(b"forbidden", &call).unwrap(), None);
}

#[test]
fn what_fails_is_seen_with_its_error() {
    let recorder = Recorder::default();
    let location = format!("127.0.0.1:{}:0", free_port());
    let cache = Cache::open_with(&location, &options(&[]), recorder.clone()).unwrap();
    cache.get(b"k", &Call::default()).unwrap_err();
    assert_eq!(recorder.taken(), ["0 GET :1:k Connection"]);
}

#[test]
fn each_server_of_a_call_on_many_keys_is_seen() {
    let server = Server::start();
    let recorder = Recorder::default();
    let location = format!("127.0.0.1:{0}:1,127.0.0.1:{0}:2,127.0.0.1:{1}:3", server.port(), free_port());
    let shards = options(&[("CLIENT_CLASS", "shard")]);
    let cache = Cache::open_with(&location, &shards, recorder.clone()).unwrap();
    let names: Vec<_> = (0..60).map(|number| format!("key{number}").into_bytes()).collect();
    let keys: Vec<_> = names.iter().map(Vec::as_slice).collect();
    cache.get_many(&keys, &Call::default()).unwrap();
    let seen = recorder.taken();
    let parts: Vec<_> = seen.iter().map(|line| (&line[..6], line.rsplit(' ').next().unwrap())).collect();
    assert_eq!(parts, [("0 MGET", "done"), ("1 MGET", "done"), ("2 MGET", "Connection")]);
    let forbidden = [(b"a".as_slice(), Value::None), (b"forbidden", Value::None), (b"b", Value::None)];
    cache.set_many(&forbidden, &Call::default()).unwrap_err();
    assert!(recorder.taken().is_empty(), "nothing is sent to any server");
}

#[test]
fn the_example_logs_its_commands() {
    let server = Server::start();
    let recorder = Recorder::default();
    let lines = recorder.clone();
    let location = format!("127.0.0.1:{}:0", server.port());
    let logging = logging_client::Logging(move |line| lines.note(line));
    let cache = Cache::open_with(&location, &options(&[]), logging).unwrap();
    cache.set(b"k", &Value::Int(1), &Call::default()).unwrap();
    cache.get(b"k", &Call::default()).unwrap();
    let lines = recorder.taken();
    let begins = |line: &String, with: &str| line.starts_with(with);
    assert!(begins(&lines[0], "SET :1:k: done in ") && begins(&lines[1], "GET :1:k: done in "), "{lines:?}");
}
