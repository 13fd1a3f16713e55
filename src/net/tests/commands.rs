//! Requests and replies of every size, and what leaves a connection usable.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::support::Server;
use super::*;
use crate::error::{Error, Sent, Status};
use crate::limits::{READ_BUFFER, READ_IN_PLACE, WRITE_IN_PLACE};

/// Runs `test` over both transports and both protocols.
fn everywhere(test: impl Fn(&mut Connection)) {
    let server = Server::start();
    for place in places(&server) {
        for protocol in [Protocol::Resp2, Protocol::Resp3] {
            let endpoint = Endpoint { protocol, ..endpoint(&place) };
            test(&mut Connection::open(&endpoint, soon()).unwrap());
        }
    }
}

/// Bytes that a shift or a mix-up would change.
fn pattern(length: usize) -> Vec<u8> {
    (0..length).map(|index| (index ^ (index >> 8) ^ (index >> 16)) as u8).collect()
}

#[test]
fn values_of_every_size_come_back() {
    let edges = [READ_IN_PLACE, WRITE_IN_PLACE, READ_BUFFER, READ_BUFFER - 8];
    let around = edges.iter().flat_map(|&edge| edge - 2..edge + 3);
    let sizes: Vec<usize> =
        [0, 1, 100, 5000, 1 << 20, 1_000_000, 10_000_000].into_iter().chain(around).collect();
    everywhere(|connection| {
        for &size in &sizes {
            let value = pattern(size);
            assert!(connection.set("k", &value, soon()).unwrap());
            assert!(connection.get("k", soon()).unwrap().unwrap() == value, "{size} bytes");
        }
        assert_eq!(connection.get("absent", soon()).unwrap(), None);
    });
}

#[test]
fn a_hundred_megabytes() {
    let server = Server::start();
    let mut connection = Connection::open(&endpoint(&Place::Path(server.socket())), soon()).unwrap();
    let value = pattern(100 << 20);
    assert!(connection.set("large", &value, soon()).unwrap());
    assert!(connection.get("large", soon()).unwrap().unwrap() == value);
}

#[test]
fn pipelines_and_arrays() {
    let values: Vec<Vec<u8>> = (0..300).map(|index| pattern(index * 97)).collect();
    let keys: Vec<String> = (0..values.len()).map(|index| format!("key:{index}")).collect();
    everywhere(|connection| {
        let set = connection.exchange(
            |request| {
                for (key, value) in keys.iter().zip(&values) {
                    request.push(&[b"SET", key.as_bytes(), value]);
                }
            },
            soon(),
            |replies| (0..values.len()).map(|_| replies.ok()).collect::<Result<Vec<bool>>>(),
        );
        assert!(set.unwrap().into_iter().all(|ok| ok));

        let got = connection.exchange(
            |request| {
                request.command(keys.len() + 2).arg(b"MGET").arg(b"absent");
                for key in &keys {
                    request.arg(key.as_bytes());
                }
            },
            soon(),
            |replies| {
                let count = replies.array()?.unwrap();
                (0..count)
                    .map(|_| Ok(replies.bulk()?.map(|value| value.into_owned())))
                    .collect::<Result<Vec<_>>>()
            },
        );
        let got = got.unwrap();
        assert_eq!(got[0], None);
        assert!(got[1..].iter().flatten().eq(&values));
    });
}

#[test]
fn nil_is_told_from_ok() {
    everywhere(|connection| {
        connection.set("there", b"1", soon()).unwrap();
        let set = connection.exchange(
            |request| {
                request.push(&[b"SET", b"there", b"2", b"NX"]);
            },
            soon(),
            |replies| replies.ok(),
        );
        assert!(!set.unwrap());
        assert_eq!(connection.incr("there").unwrap(), 2);
    });
}

#[test]
fn an_error_reply_leaves_the_connection_usable() {
    everywhere(|connection| {
        connection.set("text", b"abc", soon()).unwrap();
        let error = connection.incr("text").unwrap_err();
        assert_eq!((error.status(), error.was_sent()), (Status::Type, Sent::Answered));
        assert!(error.message().contains("not an integer"), "{error}");
        assert!(error.message().starts_with(&connection.endpoint().address.to_string()), "{error}");
        assert!(!connection.is_broken());
        assert_eq!(connection.get("text", soon()).unwrap().unwrap(), b"abc");
    });
}

#[test]
fn replies_that_were_not_read_are_dropped() {
    everywhere(|connection| {
        connection.set("text", b"abc", soon()).unwrap();
        // The error is the second of five replies; an array is left in its middle.
        let result = connection.exchange(
            |request| {
                request.push(&[b"PING"]).push(&[b"INCR", b"text"]).push(&[b"MGET", b"text", b"text"]);
                request.push(&[b"CONFIG", b"GET", b"max*"]).push(&[b"PING"]);
            },
            soon(),
            |replies| {
                replies.ok()?;
                let error = replies.integer().unwrap_err();
                assert_eq!(replies.array()?, Some(2));
                replies.bulk()?;
                Err::<(), Error>(error)
            },
        );
        assert_eq!(result.unwrap_err().status(), Status::Type);
        assert!(!connection.is_broken());
        assert_eq!(connection.get("text", soon()).unwrap().unwrap(), b"abc");
    });
}

#[test]
fn a_panic_while_reading_closes_the_connection() {
    everywhere(|connection| {
        connection.set("k", b"v", soon()).unwrap();
        let panicking = catch_unwind(AssertUnwindSafe(|| {
            let _ = connection.exchange(
                |request| {
                    request.push(&[b"GET", b"k"]);
                },
                soon(),
                |_| -> Result<()> { panic!("on purpose") },
            );
        }));
        assert!(panicking.is_err());
        assert!(connection.is_broken());
        assert!(!connection.is_alive());
        let error = connection.get("k", soon()).unwrap_err();
        assert_eq!((error.status(), error.was_sent()), (Status::Connection, Sent::No));
    });
}

#[test]
fn another_type_than_was_asked_for_closes_the_connection() {
    everywhere(|connection| {
        let error = connection
            .exchange(
                |request| {
                    request.push(&[b"CONFIG", b"GET", b"maxmemory"]);
                },
                soon(),
                |replies| replies.bulk().map(|_| ()),
            )
            .unwrap_err();
        assert_eq!((error.status(), error.was_sent()), (Status::Protocol, Sent::Maybe));
        assert!(error.message().contains("where a string belongs"), "{error}");
        assert!(connection.is_broken());
    });
}

#[test]
fn reading_more_than_was_asked_for_is_a_bug_that_is_reported() {
    everywhere(|connection| {
        let error = connection
            .exchange(
                |request| {
                    request.push(&[b"PING"]);
                },
                soon(),
                |replies| {
                    replies.ok()?;
                    replies.ok()
                },
            )
            .unwrap_err();
        assert_eq!(error.status(), Status::Panic);
        assert!(!connection.is_broken());
    });
}
