//! Nodes that say odd things: the call ends, soon, with an error that says what happened.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod support;

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use djredis::error::Sent;
use djredis::items::Item;
use djredis::{Cache, Call, Options, Status, Value};
use support::free_port;

/// What a node answers to a command that is no part of the handshake, and not about the cluster.
type Answer = dyn Fn(usize, u16) -> String + Send + Sync;

/// A cluster of one node that has all slots. It lives as long as the program.
struct Odd {
    port: u16,
    /// How many commands it was sent.
    asked: Arc<AtomicUsize>,
}

impl Odd {
    /// Answers the command with this number, from 0, on the port that it listens on.
    fn answering(answer: impl Fn(usize, u16) -> String + Send + Sync + 'static) -> Odd {
        let slots = |port: u16| format!("*1\r\n*3\r\n:0\r\n:16383\r\n*2\r\n$0\r\n\r\n:{port}\r\n");
        Odd::with_slots(slots, answer)
    }

    fn with_slots(
        slots: impl Fn(u16) -> String + Send + Sync + 'static,
        answer: impl Fn(usize, u16) -> String + Send + Sync + 'static,
    ) -> Odd {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = listener.local_addr().unwrap().port();
        let asked = Arc::new(AtomicUsize::new(0));
        let (count, slots, answer): (_, _, Arc<Answer>) = (Arc::clone(&asked), slots(port), Arc::new(answer));
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (count, slots, answer) = (Arc::clone(&count), slots.clone(), Arc::clone(&answer));
                thread::spawn(move || {
                    converse(stream.unwrap(), |command| match command {
                        command if command.contains("SETINFO") => "+OK\r\n".into(),
                        command if command.contains("CLUSTER") => slots.clone(),
                        _ => answer(count.fetch_add(1, Ordering::SeqCst), port),
                    })
                });
            }
        });
        Odd { port, asked }
    }

    fn open(&self, options: &[(&str, &str)]) -> Cache {
        let mut set = Options::new();
        for (name, value) in [&[("CLIENT_CLASS", "cluster")], options].concat() {
            set.set(name, value).unwrap();
        }
        Cache::open(&format!("127.0.0.1:{}", self.port), &set).unwrap()
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

/// Answers each command that comes, whole or not: tests send short ones.
fn converse(mut stream: TcpStream, answer: impl Fn(&str) -> String) {
    let mut bytes = vec![0; 64 << 10];
    while let Ok(count @ 1..) = stream.read(&mut bytes) {
        let text = String::from_utf8_lossy(&bytes[..count]).into_owned();
        // Each command begins with its number of arguments.
        for command in text.split('*').skip(1) {
            if stream.write_all(answer(command).as_bytes()).is_err() {
                return;
            }
        }
    }
}

fn call() -> Call {
    Call::default()
}

#[test]
fn nodes_that_refer_to_each_other_for_ever_are_not_followed_for_ever() {
    let odd = Odd::answering(|_, port| format!("-MOVED 1 127.0.0.1:{port}\r\n"));
    let cache = odd.open(&[]);
    let error = cache.incr(b"key", 1, &call()).unwrap_err();
    assert_eq!((error.status(), error.was_sent()), (Status::Unavailable, Sent::No), "{error}");
    assert!(error.message().contains("refer slot"), "{error}");
    assert_eq!(odd.asked(), 17);
    let found = cache.get_many(&[b"a", b"b"], &call()).unwrap_err();
    assert_eq!(found.status(), Status::Unavailable, "{found}");
    assert_eq!(odd.asked(), 17 + 2 * 17);
}

#[test]
fn a_cluster_that_is_down_is_asked_again_for_a_moment() {
    let odd = Odd::answering(|_, _| "-CLUSTERDOWN Hash slot not served\r\n".into());
    let cache = odd.open(&[]);
    let error = cache.incr(b"key", 1, &call()).unwrap_err();
    assert_eq!((error.status(), error.was_sent(), error.is_away()), (Status::Unavailable, Sent::No, true));
    assert_eq!(odd.asked(), 7);
    let error = cache.get_many(&[b"a", b"b"], &call()).unwrap_err();
    assert_eq!(error.status(), Status::Unavailable);
    assert_eq!(odd.asked(), 7 + 14);
    // There is no pause that would end after the deadline.
    let cache = odd.open(&[("SOCKET_TIMEOUT", "0.02")]);
    let error = cache.get(b"key", &call()).unwrap_err();
    assert!(matches!(error.status(), Status::Unavailable | Status::Timeout), "{error}");
    assert!(odd.asked() < 21 + 7);
}

#[test]
fn what_was_refused_for_a_moment_is_done_then() {
    let odd = Odd::answering(|number, _| match number {
        0 => "-TRYAGAIN Multiple keys request during rehashing of slot\r\n".into(),
        1 => "-CLUSTERDOWN The cluster is down\r\n".into(),
        number => format!(":{number}\r\n"),
    });
    let cache = odd.open(&[]);
    assert_eq!(cache.incr(b"key", 1, &call()).unwrap(), Value::Int(2));
    assert_eq!(odd.asked(), 3);
    // One key of several.
    let odd = Odd::answering(|number, _| match number {
        0 => "+OK\r\n".into(),
        1 => "-CLUSTERDOWN The cluster is down\r\n".into(),
        2 => "-OOM command not allowed\r\n".into(),
        _ => "+OK\r\n".into(),
    });
    let cache = odd.open(&[]);
    let pairs: Vec<(&[u8], _)> = vec![(b"a", Value::Int(1)), (b"b", Value::Int(2)), (b"c", Value::Int(3))];
    let stored = cache.set_many(&pairs, &call()).unwrap();
    assert_eq!(
        [stored.get(0), stored.get(1)],
        [Some(Item::Value(Value::None)), Some(Item::Value(Value::None))]
    );
    assert!(matches!(stored.get(2), Some(Item::Error { status: Some(Status::Unavailable), .. })));
    assert_eq!(odd.asked(), 4, "only what was refused was sent again");
}

#[test]
fn a_redirect_to_nowhere_fails() {
    let dead = free_port();
    for (redirect, status) in [
        (format!("-MOVED 1 127.0.0.1:{dead}\r\n"), Status::Connection),
        (format!("-ASK 1 127.0.0.1:{dead}\r\n"), Status::Connection),
        ("-MOVED 1\r\n".into(), Status::Server),
        ("-MOVED 1 nowhere\r\n".into(), Status::Server),
        ("-ASK 1 127.0.0.1:99999\r\n".into(), Status::Server),
    ] {
        let answer = redirect.clone();
        let odd = Odd::answering(move |_, _| answer.clone());
        let cache = odd.open(&[]);
        let many = cache.delete_many(&[b"a"], &call()).unwrap_err();
        for error in [cache.incr(b"key", 1, &call()).unwrap_err(), many] {
            assert!([status, Status::Unavailable].contains(&error.status()), "{redirect}: {error}");
        }
        assert!(odd.asked() <= 2 * 17, "{redirect}: {}", odd.asked());
    }
}

#[test]
fn a_write_that_may_have_been_executed_is_not_sent_again() {
    // The reply breaks off.
    let odd = Odd::answering(|_, _| ":1".into());
    let cache = odd.open(&[("SOCKET_TIMEOUT", "0.3")]);
    let error = cache.incr(b"key", 1, &call()).unwrap_err();
    assert_eq!((error.status(), error.was_sent()), (Status::Timeout, Sent::Maybe));
    let error = cache.delete_many(&[b"a", b"b"], &call()).unwrap_err();
    assert_eq!((error.status(), error.was_sent()), (Status::Timeout, Sent::Maybe));
    assert_eq!(odd.asked(), 3);
}

#[test]
fn what_is_no_map_is_refused() {
    for (slots, status) in [
        ("+OK\r\n", Status::Protocol),
        ("*1\r\n:1\r\n", Status::Protocol),
        ("*1\r\n*3\r\n:0\r\n:99999\r\n*2\r\n$1\r\nh\r\n:1\r\n", Status::Protocol),
        ("*0\r\n", Status::Unavailable),
        ("-ERR This instance has cluster support disabled\r\n", Status::Config),
        ("-NOPERM no permission\r\n", Status::Auth),
        ("?\r\n", Status::Protocol),
    ] {
        let odd = Odd::with_slots(move |_| slots.into(), |_, _| "+OK\r\n".into());
        let cache = odd.open(&[]);
        let error = cache.get(b"key", &call()).unwrap_err();
        assert_eq!((error.status(), error.was_sent()), (status, Sent::No), "{slots}: {error}");
        assert_eq!(cache.clear(&call()).unwrap_err().status(), status, "{slots}");
        assert_eq!(odd.asked(), 0);
    }
}

#[test]
fn a_slot_that_no_node_has_is_said_to_be_missing() {
    let half = |port: u16| format!("*1\r\n*3\r\n:0\r\n:100\r\n*2\r\n$0\r\n\r\n:{port}\r\n");
    let odd = Odd::with_slots(half, |_, _| "$-1\r\n".into());
    let cache = odd.open(&[]);
    let error = cache.get(b"key", &call()).unwrap_err();
    assert_eq!((error.status(), error.was_sent()), (Status::Unavailable, Sent::No));
    assert!(error.message().contains("no node of the cluster has slot 15240"), "{error}");
    assert_eq!(cache.get_many(&[b"key"], &call()).unwrap_err().status(), Status::Unavailable);
}

#[test]
fn asking_comes_before_each_command() {
    let seen: Arc<Mutex<Vec<String>>> = Arc::default();
    let log = Arc::clone(&seen);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let log = Arc::clone(&log);
            thread::spawn(move || {
                converse(stream.unwrap(), |command| {
                    if command.contains("SETINFO") {
                        return "+OK\r\n".into();
                    }
                    let name = command.split("\r\n").nth(2).unwrap().to_owned();
                    let reply = if name == "ASKING" { "+OK\r\n" } else { ":1\r\n" };
                    log.lock().unwrap().push(name);
                    reply.into()
                })
            });
        }
    });
    let odd = Odd::answering(move |_, _| format!("-ASK 15240 127.0.0.1:{port}\r\n"));
    let cache = odd.open(&[]);
    let forever = Call { ttl: Some(djredis::Ttl::Forever), ..call() };
    assert!(cache.touch(b"key", &forever).unwrap());
    assert_eq!(*seen.lock().unwrap(), ["ASKING", "PERSIST", "ASKING", "EXISTS"]);
    assert_eq!(cache.delete_many(&[b"key", b"other"], &call()).unwrap(), 2);
    assert_eq!(seen.lock().unwrap()[4..], ["ASKING", "DEL", "ASKING", "DEL"]);
}
