//! Replies that a server should never send: a typed error, a closed connection, bounded memory and stack.

use std::thread;

use super::support::FakeServer;
use super::*;
use crate::error::{Sent, Status};

/// Sends a command to a server that answers `script`, on a thread with a small stack as hosts may have.
fn asked(script: &[u8]) -> (crate::error::Error, bool) {
    let server = FakeServer::answering(script);
    let endpoint = endpoint(&Place::Port(server.port()));
    let asking = move || {
        let mut connection = Connection::open(&endpoint, soon()).unwrap();
        let error = connection
            .exchange(
                |request| {
                    request.push(&[b"ANY"]);
                },
                soon(),
                |replies| replies.value().map(drop),
            )
            .unwrap_err();
        (error, connection.is_broken())
    };
    thread::Builder::new().stack_size(128 << 10).spawn(asking).unwrap().join().unwrap()
}

#[test]
fn what_is_no_reply_closes_the_connection() {
    let nested = "*1\r\n".repeat(100_000);
    let nested_maps = "%1\r\n+k\r\n".repeat(100_000);
    let endless = "+".to_owned() + &"x".repeat(100_000);
    let scripts = [
        "*2147483647\r\n",
        "*4294967295\r\n",
        "$9223372036854775807\r\n",
        "$-2\r\n",
        "*-2\r\n",
        "%-1\r\n",
        "$18446744073709551617\r\nx",
        &nested,
        &nested_maps,
        &endless,
        "-ERR one\r\ntwo\r\n",
        "+OK\r+OK\r\n",
        "+OK\r\n+OK\r\n",
        "$3\r\nabcdef\r\n",
        ">-1\r\n+OK\r\n",
        ">0\r\n+OK\r\n",
        ">x\r\n+OK\r\n",
        ">1\r\n+message\r\nOK\r\n",
        "|-1\r\n+OK\r\n",
        "!99999999\r\n",
        "=2\r\nab\r\n",
        "HTTP/1.1 400 Bad Request\r\n\r\n",
        "\0\0\0\0\r\n",
        "\r\n",
    ];
    for script in scripts {
        let (error, broken) = asked(script.as_bytes());
        let shown = &script[..script.len().min(40)];
        assert_eq!((error.status(), error.was_sent()), (Status::Protocol, Sent::Maybe), "{shown:?}: {error}");
        assert!(error.message().contains("127.0.0.1:"), "{error}");
        assert!(broken, "{shown:?}");
        assert!(!error.is_away(), "{shown:?}");
    }
}

#[test]
fn a_large_promise_takes_no_memory() {
    // A gigabyte is within the limits; its bytes never come.
    let server = FakeServer::answering("$1073741824\r\nabc");
    let mut connection = Connection::open(&endpoint(&Place::Port(server.port())), soon()).unwrap();
    let before = resident_kilobytes();
    let error = connection.get("k", millis(200)).unwrap_err();
    assert_eq!(error.status(), Status::Timeout);
    assert!(resident_kilobytes() < before + (100 << 10), "a promise was taken for bytes");
}

fn resident_kilobytes() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

#[test]
fn pushes_and_attributes_are_skipped() {
    let script = ">2\r\n+invalidate\r\n*1\r\n$1\r\nk\r\n|1\r\n+ttl\r\n|1\r\n+a\r\n+b\r\n:3600\r\n$5\r\nvalue\r\n\
        >1\r\n+late\r\n";
    let server = FakeServer::answering(script);
    let mut connection = Connection::open(&endpoint(&Place::Port(server.port())), soon()).unwrap();
    assert_eq!(connection.get("k", soon()).unwrap().unwrap(), b"value");
    assert!(!connection.is_broken());
}

#[test]
fn bytes_that_nobody_asked_for_end_an_idle_connection() {
    let server = FakeServer::answering("+OK\r\n");
    let mut connection = Connection::open(&endpoint(&Place::Port(server.port())), soon()).unwrap();
    assert!(connection.is_alive());
    // One request of two replies' worth of script: the second stays in the socket.
    let late = FakeServer::answering("+OK\r\n$5\r\nother\r\n");
    let mut surprised = Connection::open(&endpoint(&Place::Port(late.port())), soon()).unwrap();
    assert!(connection.set("k", b"v", soon()).unwrap());
    let error = surprised.set("k", b"v", soon()).unwrap_err();
    assert_eq!(error.status(), Status::Protocol);
    assert!(!surprised.is_alive());
}

#[test]
fn error_texts_are_made_harmless() {
    let (error, broken) = asked(b"-ERR a\nb\x1b[31mred\x07\r\n");
    assert_eq!((error.status(), error.was_sent()), (Status::Server, Sent::Answered));
    assert!(error.message().ends_with("answered: ERR a b [31mred"), "{error}");
    assert!(!broken);
    let (error, broken) = asked(b"!22\r\nSYNTAX invalid\r\nsyntax\r\n");
    assert!(error.message().ends_with("answered: SYNTAX invalid  syntax"), "{error}");
    assert!(!broken);
}
