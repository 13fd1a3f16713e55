//! The raw connection: what its replies are, and that nobody after its borrower can tell what was done with it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use std::time::{Duration, Instant};

use djredis::cache::Patience;
use djredis::items::Item;
use djredis::{Cache, Call, Connection, Options, Status, Value};
use support::Server;

fn open(server: &Server) -> Cache {
    let mut options = Options::new();
    options.set("KEY_PREFIX", "p").unwrap();
    options.set("MAX_CONNECTIONS", "1").unwrap();
    Cache::open(&format!("127.0.0.1:{}:0", server.port()), &options).unwrap()
}

fn call() -> Call {
    Call::default()
}

fn run(connection: &mut Connection, command: &str) -> djredis::Result<Option<Value<'static>>> {
    let args: Vec<&[u8]> = command.split(' ').map(str::as_bytes).collect();
    connection.command(&args, &call())
}

fn connects(cache: &Cache) -> u64 {
    cache.stats().connects
}

fn bytes(text: &str) -> Value<'_> {
    Value::Bytes(text.as_bytes().into())
}

fn text(text: &str) -> Value<'_> {
    Value::Text(text.into())
}

#[test]
fn replies_are_values() {
    let server = Server::start();
    let cache = open(&server);
    let mut connection = cache.connection(&call()).unwrap();
    assert_eq!(run(&mut connection, "SET k v").unwrap(), Some(text("OK")));
    assert_eq!(run(&mut connection, "GET k").unwrap(), Some(bytes("v")));
    assert_eq!(run(&mut connection, "GET nothing").unwrap(), Some(Value::None));
    assert_eq!(run(&mut connection, "INCR n").unwrap(), Some(Value::Int(1)));
    let list = Value::Packed { kind: djredis::value::LIST, data: b"\x92\xc4\x01v\xc0"[..].into() };
    assert_eq!(run(&mut connection, "MGET k nothing").unwrap(), Some(list));
    let error = run(&mut connection, "INCR k").unwrap_err();
    assert_eq!(error.status(), Status::Type);
    assert_eq!(run(&mut connection, "GET k").unwrap(), Some(bytes("v")));
}

#[test]
fn a_clean_connection_goes_back_and_any_other_is_closed() {
    let server = Server::start();
    for (commands, closed) in [
        (&["SET k 1", "GET k"][..], false),
        (&["MULTI", "INCR n", "EXEC"], false),
        (&["MULTI", "DISCARD"], false),
        (&["WATCH k", "MULTI", "EXEC"], false),
        (&["SELECT 3"], true),
        (&["select 3", "SELECT 0"], true),
        (&["CLIENT SETNAME me"], true),
        (&["HELLO 3"], true),
        (&["MULTI"], true),
        (&["WATCH k"], true),
        (&["NOSUCHCOMMAND"], true),
    ] {
        let cache = open(&server);
        let mut connection = cache.connection(&call()).unwrap();
        for command in commands {
            let _ = run(&mut connection, command);
        }
        drop(connection);
        assert_eq!(cache.get_raw(b"nothing", &call()).unwrap(), None, "{commands:?}");
        assert_eq!(connects(&cache), if closed { 2 } else { 1 }, "{commands:?}");
    }
}

#[test]
fn what_was_sent_and_not_received_is_never_read_by_the_next() {
    let server = Server::start();
    let cache = open(&server);
    cache.set(b"key", &Value::Int(7), &call()).unwrap();
    let mut connection = cache.connection(&call()).unwrap();
    connection.send(&[b"GET", b"p:1:key"], &call()).unwrap();
    assert_eq!(run(&mut connection, "PING").unwrap_err().status(), Status::Argument);
    drop(connection);
    assert_eq!(cache.get(b"other", &call()).unwrap(), None);
    let mut connection = cache.connection(&call()).unwrap();
    connection.send(&[b"GET", b"p:1:key"], &call()).unwrap();
    assert_eq!(connection.receive(&call()).unwrap(), Some(bytes("7")));
    drop(connection);
    assert_eq!(connects(&cache), 2);
}

#[test]
fn pipelines_give_every_reply_and_every_error() {
    let server = Server::start();
    let cache = open(&server);
    let mut connection = cache.connection(&call()).unwrap();
    let commands: [&[&[u8]]; 4] =
        [&[b"SET", b"k", b"v"], &[b"INCR", b"k"], &[b"GET", b"k"], &[b"LLEN", b"none"]];
    let items = connection.pipeline(&commands, &call()).unwrap();
    let items: Vec<_> = items.iter().collect();
    assert_eq!(items[0], Item::Value(text("OK")));
    assert!(matches!(items[1], Item::Error { status: Some(Status::Type), .. }));
    assert_eq!(items[2..], [Item::Value(bytes("v")), Item::Value(Value::Int(0))]);
    assert!(connection.pipeline(&[], &call()).unwrap().is_empty());
    assert_eq!(connection.pipeline(&[&[]], &call()).unwrap_err().status(), Status::Argument);
}

#[test]
fn transactions_happen_whole_or_not_at_all() {
    let server = Server::start();
    let cache = open(&server);
    let mut connection = cache.connection(&call()).unwrap();
    let two: [&[&[u8]]; 2] = [&[b"INCR", b"n"], &[b"INCR", b"n"]];
    let items = connection.transaction(&two, &call()).unwrap().unwrap();
    assert_eq!(items.iter().collect::<Vec<_>>(), [1, 2].map(|number| Item::Value(Value::Int(number))));

    run(&mut connection, "WATCH n").unwrap();
    server.command(&["INCR", "n"]);
    assert!(connection.transaction(&two, &call()).unwrap().is_none(), "the watched key was changed");

    let broken: [&[&[u8]]; 2] = [&[b"INCR", b"n"], &[b"INCR"]];
    let error = connection.transaction(&broken, &call()).unwrap_err();
    assert_eq!(error.status(), Status::Server);
    assert!(error.message().contains("wrong number of arguments"), "{error}");
    assert_eq!(run(&mut connection, "GET n").unwrap(), Some(bytes("3")));
}

#[test]
fn messages_come_when_they_come() {
    let server = Server::start();
    let cache = open(&server);
    let soon = Call { deadline: Some(Patience::Within(Duration::from_millis(30))), ..call() };
    let mut connection = cache.connection(&call()).unwrap();
    assert_eq!(run(&mut connection, "SUBSCRIBE news").unwrap_err().status(), Status::Argument);
    connection.send(&[b"SUBSCRIBE", b"news"], &call()).unwrap();
    assert!(connection.receive(&call()).unwrap().is_some(), "the subscription");
    let started = Instant::now();
    assert_eq!(connection.receive(&soon).unwrap(), None, "a quiet channel is no failure");
    assert!(started.elapsed() >= Duration::from_millis(30));
    server.command(&["PUBLISH", "news", "hello"]);
    let message = connection.receive(&call()).unwrap();
    let expected = b"\x93\xc4\x07message\xc4\x04news\xc4\x05hello";
    assert_eq!(message, Some(Value::Packed { kind: djredis::value::LIST, data: expected[..].into() }));
    drop(connection);
    assert_eq!(cache.get_raw(b"key", &call()).unwrap(), None);
    assert_eq!(connects(&cache), 2);
}

#[test]
fn a_message_in_parts_is_kept_until_it_is_whole() {
    let server = Server::start();
    let proxy = support::Proxy::tcp(support::Place::Path(server.socket()));
    let cache = Cache::open(&format!("127.0.0.1:{}:0", proxy.port()), &Options::new()).unwrap();
    // The replies of the handshake are shorter than this; the message is cut into single bytes.
    let cut = support::Cut::Trickle(Duration::from_millis(2));
    proxy.fault_next(support::Fault { direction: support::Direction::Replies, offset: 150, cut });
    let mut connection = cache.connection(&call()).unwrap();
    connection.send(&[b"SUBSCRIBE", b"news"], &call()).unwrap();
    connection.receive(&call()).unwrap().expect("the subscription");
    let long = "x".repeat(200);
    server.command(&["PUBLISH", "news", &long]);
    let soon = Call { deadline: Some(Patience::Within(Duration::from_millis(20))), ..call() };
    let mut waits = 0;
    let message = loop {
        match connection.receive(&soon).unwrap() {
            Some(message) => break message,
            None => waits += 1,
        }
        assert!(waits < 1000);
    };
    assert!(waits > 0, "it came in one piece");
    let Value::Packed { data, .. } = message else { panic!("{message:?}") };
    assert!(data.ends_with(long.as_bytes()));
}

#[test]
fn commands_on_cache_keys() {
    let server = Server::start();
    let cache = open(&server);
    let command = |args: &[&str], key| {
        let args: Vec<&[u8]> = args.iter().map(|arg| arg.as_bytes()).collect();
        cache.command(&args, key, &call())
    };
    assert_eq!(command(&["RPUSH", "list", "a", "b"], Some(1)).unwrap(), Value::Int(2));
    assert!(server.command(&["EXISTS", "p:1:list"]).contains(":1"));
    assert_eq!(command(&["ECHO", "list"], None).unwrap(), bytes("list"));
    assert_eq!(command(&["OBJECT", "REFCOUNT", "list"], Some(2)).unwrap(), Value::Int(1));
    for refused in ["SELECT", "multi", "SUBSCRIBE", "AUTH", "Watch", ""] {
        let error = command(&[refused, "1"], None).unwrap_err();
        assert_eq!(error.status(), Status::Argument, "{refused}");
    }
    for index in [0, 2, 9] {
        assert_eq!(command(&["GET", "k"], Some(index)).unwrap_err().status(), Status::Argument);
    }
    assert_eq!(command(&["INCR", "list"], Some(1)).unwrap_err().status(), Status::Type);
}

#[test]
fn a_closed_cache_refuses_and_handles_outlive_it() {
    let server = Server::start();
    let cache = open(&server);
    let mut connection = cache.connection(&call()).unwrap();
    cache.close();
    assert_eq!(run(&mut connection, "PING").unwrap_err().status(), Status::Closed);
    assert_eq!(cache.connection(&call()).err().unwrap().status(), Status::Closed);
    drop(cache);
    drop(connection);
}

#[test]
fn the_redis_crates_commands_run_on_it() {
    let server = Server::start();
    let cache = open(&server);
    let mut connection = cache.connection(&call()).unwrap();
    let () = redis::Commands::set(&mut connection, "k", "v").unwrap();
    let (value, count): (String, i64) =
        redis::pipe().atomic().get("k").incr("n", 1).query(&mut connection).unwrap();
    assert_eq!((value.as_str(), count), ("v", 1));
    drop(connection);
    cache.get_raw(b"nothing", &call()).unwrap();
    assert_eq!(connects(&cache), 1, "it went back");

    let mut connection = cache.connection(&call()).unwrap();
    let error = redis::Commands::lpush::<_, _, i64>(&mut connection, "k", 1).unwrap_err();
    assert_eq!(connection.error(&error).status(), Status::Type);
    let () = redis::cmd("SELECT").arg(3).query(&mut connection).unwrap();
    drop(connection);
    cache.get_raw(b"nothing", &call()).unwrap();
    assert_eq!(connects(&cache), 2, "it was closed");
}
