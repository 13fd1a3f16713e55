//! Many different calls in one round trip.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use djredis::cache::{BatchCall, Condition, Operation};
use djredis::items::Item;
use djredis::{Cache, Call, Options, Status, Ttl, Value};
use support::Server;

fn call<'a>(key: &'a str, operation: Operation<'a>) -> BatchCall<'a> {
    BatchCall { key: key.as_bytes(), operation, call: Call::default() }
}

fn text(text: &str) -> Value<'_> {
    Value::Text(text.into())
}

/// On a server and in memory: the same answers.
fn everywhere(test: impl Fn(&Cache)) {
    let server = Server::start();
    for location in [format!("127.0.0.1:{}:0", server.port()), "memory:batch".to_owned()] {
        let cache = Cache::open(&location, &Options::new()).unwrap();
        test(&cache);
        cache.clear(&Call::default()).unwrap();
    }
}

#[test]
fn answers_come_in_order() {
    everywhere(|cache| {
        let calls = [
            call("a", Operation::Set(text("hello"))),
            call("a", Operation::Get),
            call("a", Operation::HasKey),
            call("none", Operation::Get),
            call("n", Operation::Set(Value::Int(41))),
            call("n", Operation::Incr(1)),
            call("n", Operation::GetRaw),
            BatchCall {
                call: Call { ttl: Some(Ttl::Forever), ..Call::default() },
                ..call("n", Operation::Touch)
            },
            call("n", Operation::Ttl),
            call("a", Operation::Delete),
            call("a", Operation::Delete),
        ];
        let items = cache.batch(&calls, &Call::default()).unwrap();
        let (none, missing) = (Item::Value(Value::None), Item::Missing);
        let expected = [
            none.clone(),
            Item::Value(text("hello")),
            none.clone(),
            missing.clone(),
            none.clone(),
            Item::Value(Value::Int(42)),
            Item::Value(Value::Bytes(b"42"[..].into())),
            none.clone(),
            none.clone(),
            none,
            missing,
        ];
        assert_eq!(items.iter().collect::<Vec<_>>(), expected);
    });
}

#[test]
fn one_failure_hides_no_other_answer() {
    everywhere(|cache| {
        cache.set(b"text", &text("x"), &Call::default()).unwrap();
        cache.set(b"float", &Value::Float(1.5), &Call::default()).unwrap();
        cache.set(b"top", &Value::Int(i64::MAX), &Call::default()).unwrap();
        cache.set_raw(b"broken", b"\x80\x05", &Call::default()).unwrap();
        let calls = [
            call("text", Operation::Incr(1)),
            call("float", Operation::Incr(1)),
            call("top", Operation::Incr(1)),
            call("none", Operation::Incr(1)),
            call("broken", Operation::Get),
            call("text", Operation::Get),
        ];
        let items = cache.batch(&calls, &Call::default()).unwrap();
        let status = |index| match items.get(index) {
            Some(Item::Error { status, .. }) => status,
            other => panic!("{other:?}"),
        };
        assert_eq!(status(0), Some(Status::Type));
        assert_eq!(items.get(1), Some(Item::Value(Value::Float(2.5))));
        assert_eq!(items.get(2), Some(Item::Value(Value::BigInt("9223372036854775808".into()))));
        assert_eq!(status(3), Some(Status::NotFound));
        assert_eq!(status(4), Some(Status::Decode));
        assert_eq!(items.get(5), Some(Item::Value(text("x"))));
    });
}

#[test]
fn conditions_hold_for_each_call() {
    everywhere(|cache| {
        let set = |condition| BatchCall {
            call: Call { condition, ..Call::default() },
            ..call("key", Operation::Set(Value::Int(1)))
        };
        let calls = [set(Condition::Present), set(Condition::Absent), set(Condition::Absent)];
        let items = cache.batch(&calls, &Call::default()).unwrap();
        let expected = [Item::Missing, Item::Value(Value::None), Item::Missing];
        assert_eq!(items.iter().collect::<Vec<_>>(), expected);
        assert!(cache.batch(&[], &Call::default()).unwrap().is_empty());
    });
}
