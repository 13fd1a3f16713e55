//! Replies of every type, in pieces of every size, without a socket.

use std::collections::VecDeque;
use std::fmt::Display;

use redis::{Value, VerbatimFormat};

use super::{Buffer, Bulk, Notice, Replies, Source};
use crate::error::{Error, Result, Status};
use crate::limits::{MAX_LINE, MAX_REPLY_DEPTH, READ_IN_PLACE};

/// A server that sends so many bytes at a time, then hangs up.
struct Script {
    bytes: VecDeque<u8>,
    piece: usize,
}

impl Source for Script {
    fn receive(&mut self, into: &mut Vec<u8>, room: usize) -> Result<()> {
        assert!(room > 0 && room <= into.capacity() - into.len(), "no room for {room}");
        let count = self.bytes.len().min(self.piece).min(room);
        if count == 0 {
            return Err(Error::new(Status::Connection, "the end"));
        }
        into.extend(self.bytes.drain(..count));
        Ok(())
    }

    fn server(&self) -> &dyn Display {
        &"the script"
    }
}

/// Reads one reply and finishes, with pieces of several sizes; all have to bring the same.
fn read<T: PartialEq + std::fmt::Debug>(
    script: &[u8],
    expected: usize,
    read: impl Fn(&mut Replies<'_>) -> Result<T>,
) -> (std::result::Result<T, Status>, bool) {
    let results: Vec<_> = [1, 2, 3, 7, 1000, usize::MAX]
        .into_iter()
        .map(|piece| {
            let mut source = Script { bytes: script.to_vec().into(), piece };
            let mut buffer = Buffer::default();
            let mut replies = Replies::new(&mut buffer, &mut source, expected);
            let result = read(&mut replies).map_err(|error| error.status());
            let usable = replies.finish().is_ok();
            (result, usable)
        })
        .collect();
    assert!(results.windows(2).all(|pair| pair[0] == pair[1]), "{results:?}");
    results.into_iter().next().unwrap()
}

fn value(script: &str) -> Value {
    let (value, usable) = read(script.as_bytes(), 1, |replies| replies.value());
    assert!(usable, "{script:?}");
    value.unwrap()
}

fn bulk(script: &[u8]) -> (std::result::Result<Option<Vec<u8>>, Status>, bool) {
    read(script, 1, |replies| Ok(replies.bulk()?.map(|bytes| bytes.into_owned())))
}

fn text(text: &str) -> Value {
    Value::BulkString(text.into())
}

#[test]
fn values_of_every_type() {
    assert_eq!(value("+OK\r\n"), Value::Okay);
    assert_eq!(value("+PONG\r\n"), Value::SimpleString("PONG".into()));
    assert_eq!(value(":-7\r\n"), Value::Int(-7));
    assert_eq!(value("$5\r\nhello\r\n"), text("hello"));
    assert_eq!(value("$0\r\n\r\n"), text(""));
    assert_eq!(value("$2\r\n\r\n\r\n"), text("\r\n"));
    for nil in ["$-1\r\n", "*-1\r\n", "_\r\n"] {
        assert_eq!(value(nil), Value::Nil);
    }
    assert_eq!(value("#t\r\n"), Value::Boolean(true));
    assert_eq!(value(",2.5\r\n"), Value::Double(2.5));
    assert_eq!(value("(123456789012345678901\r\n"), Value::BigNumber(b"123456789012345678901".to_vec()));
    let verbatim = Value::VerbatimString { format: VerbatimFormat::Text, text: "ab".into() };
    assert_eq!(value("=6\r\ntxt:ab\r\n"), verbatim);
    assert_eq!(value("~1\r\n:1\r\n"), Value::Set(vec![Value::Int(1)]));
    assert_eq!(value("*0\r\n"), Value::Array(vec![]));
    assert_eq!(value("%0\r\n"), Value::Map(vec![]));
}

#[test]
fn aggregates_nest() {
    assert_eq!(
        value("*3\r\n*2\r\n:1\r\n*0\r\n%1\r\n+k\r\n*1\r\n_\r\n$1\r\nx\r\n"),
        Value::Array(vec![
            Value::Array(vec![Value::Int(1), Value::Array(vec![])]),
            Value::Map(vec![(Value::SimpleString("k".into()), Value::Array(vec![Value::Nil]))]),
            text("x"),
        ])
    );
}

#[test]
fn errors_inside_an_aggregate_are_values() {
    let Value::Array(values) = value("*3\r\n:1\r\n-WRONGTYPE no\r\n!7\r\nERR bad\r\n") else {
        panic!("no array");
    };
    let codes: Vec<_> = values
        .iter()
        .filter_map(|value| match value {
            Value::ServerError(error) => Some((error.code(), error.details())),
            _ => None,
        })
        .collect();
    assert_eq!(codes, [("WRONGTYPE", Some("no")), ("ERR", Some("bad"))]);
}

#[test]
fn an_error_reply_is_an_error_and_leaves_the_rest_readable() {
    for script in ["-WRONGTYPE no\r\n:5\r\n", "!12\r\nWRONGTYPE no\r\n:5\r\n"] {
        let (read, usable) = read(script.as_bytes(), 2, |replies| {
            let first = replies.value().unwrap_err().status();
            assert!(!replies.have_failed());
            Ok((first, replies.integer()?))
        });
        assert_eq!((read, usable), (Ok((Status::Type, 5)), true));
    }
}

#[test]
fn depth_is_limited_and_costs_no_stack() {
    let nested = |depth: usize| "*1\r\n".repeat(depth) + ":1\r\n";
    value(&nested(MAX_REPLY_DEPTH));
    let (result, usable) = read(nested(MAX_REPLY_DEPTH + 1).as_bytes(), 1, |replies| replies.value());
    assert_eq!((result, usable), (Err(Status::Protocol), false));
}

#[test]
fn strings_small_and_large() {
    for length in [0, 1, READ_IN_PLACE - 1, READ_IN_PLACE, READ_IN_PLACE + 1, 70_000] {
        let payload: Vec<u8> = (0..length).map(|index| index as u8).collect();
        let mut script = format!("${length}\r\n").into_bytes();
        script.extend(&payload);
        assert_eq!(bulk(&script).0, Err(Status::Connection));
        assert_eq!(bulk(&[&script[..], b"ab"].concat()), (Err(Status::Protocol), false));
        script.extend(b"\r\n");
        assert_eq!(bulk(&script), (Ok(Some(payload)), true));
    }
}

#[test]
fn a_large_string_comes_in_the_parts_that_were_asked_for() {
    let split: fn(&[u8]) -> usize = |first| if first.starts_with(b"head") { 4 } else { usize::MAX };
    let whole = [&b"head"[..], &vec![b'x'; 70_000]].concat();
    let small = whole[..READ_IN_PLACE].to_vec();
    for payload in [whole, vec![b'y'; READ_IN_PLACE + 1], small, b"head".to_vec(), Vec::new()] {
        let script = [format!("${}\r\n", payload.len()).as_bytes(), &payload, b"\r\n"].concat();
        let (found, usable) = read(&script, 1, |replies| match replies.bulk_parted(split)?.unwrap() {
            Bulk::Whole(whole) => Ok(whole.into_owned()),
            Bulk::Parted { head, rest } => {
                assert!(payload.len() > READ_IN_PLACE);
                Ok([&head[..], &rest].concat())
            }
        });
        assert_eq!((found, usable), (Ok(payload.clone()), true));
    }
    let (found, usable) = read(b"$-1\r\n", 1, |replies| Ok(replies.bulk_parted(split)?.is_none()));
    assert_eq!((found, usable), (Ok(true), true));
}

#[test]
fn strings_in_other_clothes() {
    assert_eq!(bulk(b"+OK\r\n"), (Ok(Some(b"OK".to_vec())), true));
    assert_eq!(bulk(b"=7\r\ntxt:abc\r\n"), (Ok(Some(b"abc".to_vec())), true));
    let large = format!("={}\r\nmkd:{}\r\n", 50_000 + 4, "x".repeat(50_000));
    assert_eq!(bulk(large.as_bytes()), (Ok(Some(vec![b'x'; 50_000])), true));
    for nil in [&b"$-1\r\n"[..], b"_\r\n", b"*-1\r\n"] {
        assert_eq!(bulk(nil), (Ok(None), true));
    }
}

#[test]
fn wrong_types_end_the_connection() {
    for script in ["%1\r\n+k\r\n+v\r\n", "*1\r\n+v\r\n", ":1\r\n", "#t\r\n", ",1\r\n", "(1\r\n"] {
        assert_eq!(bulk(script.as_bytes()), (Err(Status::Protocol), false), "{script:?}");
    }
    for script in ["$1\r\n1\r\n", "_\r\n", "*0\r\n", "(99999999999999999999\r\n"] {
        let result = read(script.as_bytes(), 1, |replies| replies.integer());
        assert_eq!(result, (Err(Status::Protocol), false), "{script:?}");
    }
    for script in ["$2\r\nOK\r\n", ":1\r\n"] {
        let result = read(script.as_bytes(), 1, |replies| replies.ok());
        assert_eq!(result, (Err(Status::Protocol), false), "{script:?}");
    }
    let result = read(b"+OK\r\n", 1, |replies| replies.array());
    assert_eq!(result, (Err(Status::Protocol), false));
}

#[test]
fn what_was_not_read_is_skipped() {
    let large = "x".repeat(100_000);
    let script = format!(
        "*2\r\n$100000\r\n{large}\r\n|1\r\n+a\r\n%1\r\n+b\r\n:1\r\n*1\r\n:2\r\n>1\r\n+push\r\n-ERR late\r\n\
         =5\r\ntxt:a\r\n%1\r\n+k\r\n!3\r\nERR\r\n"
    );
    assert_eq!(read(script.as_bytes(), 4, |_| Ok(())), (Ok(()), true));
    let cut = &script.as_bytes()[..script.len() - 1];
    assert_eq!(read(cut, 4, |_| Ok(())), (Ok(()), false));
}

/// A buffer that received all of the script with the one reply that is read from it.
fn left_over(script: &str) -> bool {
    let mut source = Script { bytes: script.as_bytes().to_vec().into(), piece: usize::MAX };
    let mut buffer = Buffer::default();
    let mut replies = Replies::new(&mut buffer, &mut source, 1);
    replies.value().unwrap();
    replies.finish().is_err()
}

#[test]
fn only_pushes_may_follow_the_last_reply() {
    assert!(!left_over("+OK\r\n"));
    assert!(!left_over("+OK\r\n>2\r\n+a\r\n*1\r\n+b\r\n"));
    assert!(left_over("+OK\r\n+OK\r\n"));
    assert!(left_over("+OK\r\n\n"));
    assert!(left_over("+OK\r\n>2\r\n+a\r\n"));
}

#[test]
fn asides_nested_without_end_cost_no_stack() {
    let script = "|1\r\n".repeat(100_000) + &"+x\r\n".repeat(200_000) + ":7\r\n";
    let mut source = Script { bytes: script.into_bytes().into(), piece: usize::MAX };
    let mut buffer = Buffer::default();
    let mut replies = Replies::new(&mut buffer, &mut source, 1);
    assert_eq!(replies.integer().unwrap(), 7);
    assert!(replies.finish().is_ok());
}

#[test]
fn lines_are_limited() {
    let line = |length: usize| format!("+{}\r\n", "x".repeat(length));
    assert_eq!(bulk(line(MAX_LINE - 10).as_bytes()).0.unwrap().unwrap().len(), MAX_LINE - 10);
    assert_eq!(bulk(line(MAX_LINE * 2).as_bytes()), (Err(Status::Protocol), false));
    assert_eq!(bulk(b"+a\rb\r\n"), (Err(Status::Protocol), false));
    assert_eq!(bulk(b"+a\r"), (Err(Status::Connection), false));
}

#[test]
fn a_failed_connection_stays_failed() {
    let (_, usable) = read(b"garbage\r\n+OK\r\n", 1, |replies| {
        replies.ok().unwrap_err();
        assert!(replies.have_failed());
        Ok(())
    });
    assert!(!usable);
}

/// Notices until one is an answer, with the keys that they named; `*` is all of them.
fn notices(script: &str) -> std::result::Result<String, Status> {
    [1, 2, 3, 7, 1000]
        .map(|piece| {
            let mut source = Script { bytes: script.as_bytes().to_vec().into(), piece };
            let mut buffer = Buffer::default();
            let mut named = String::new();
            let mut changed = |key: Option<&[u8]>| named += &String::from_utf8_lossy(key.unwrap_or(b"*"));
            loop {
                match Replies::new(&mut buffer, &mut source, 1).notice(&mut changed) {
                    Ok(Notice::Push) => {}
                    Ok(Notice::Answer) => return Ok(named),
                    Err(error) => return Err(error.status()),
                }
            }
        })
        .into_iter()
        .reduce(|first, next| {
            assert_eq!(first, next);
            first
        })
        .unwrap()
}

#[test]
fn notices_name_the_keys_that_were_written() {
    assert_eq!(notices("+PONG\r\n"), Ok(String::new()));
    let (one, two) = (
        ">2\r\n$10\r\ninvalidate\r\n*1\r\n$2\r\nab\r\n",
        ">2\r\n$10\r\ninvalidate\r\n*2\r\n+c\r\n$1\r\nd\r\n",
    );
    assert_eq!(notices(&format!("{one}{two}+PONG\r\n")), Ok("abcd".to_owned()));
    for all in ["_\r\n", "*-1\r\n"] {
        assert_eq!(notices(&format!(">2\r\n$10\r\ninvalidate\r\n{all}{one}+PONG\r\n")), Ok("*ab".to_owned()));
    }
    let others = ">3\r\n$7\r\nmessage\r\n+c\r\n*1\r\n:1\r\n>2\r\n$5\r\nother\r\n*1\r\n$1\r\nk\r\n";
    assert_eq!(notices(&format!("{others}{one}+PONG\r\n")), Ok("ab".to_owned()));
}

#[test]
fn what_is_no_notice_ends_the_connection() {
    assert_eq!(notices("-LOADING Redis is loading\r\n"), Err(Status::Unavailable));
    for script in [
        ":1\r\n",
        "*1\r\n+a\r\n",
        "$2\r\nab\r\n",
        ">2\r\n:7\r\n",
        ">2\r\n$10\r\ninvalidate\r\n:1\r\n",
        "?\r\n",
    ] {
        assert_eq!(notices(script), Err(Status::Protocol), "{script:?}");
    }
}

/// The replies to two commands that belong together, of which the first may be an error, and the one that follows.
fn pair_and_next(replies: &mut Replies<'_>) -> Result<(Option<i64>, i64)> {
    let pair = replies.part(2, |replies| {
        let first = replies.integer()?;
        Ok(first + replies.integer()?)
    })?;
    Ok((pair.ok(), replies.integer()?))
}

#[test]
fn a_part_ends_where_the_next_begins() {
    assert_eq!(read(b":1\r\n:2\r\n:3\r\n", 3, pair_and_next), (Ok((Some(3), 3)), true));
    // What an error leaves is dropped, however large.
    let rest = [&b"-ERR no\r\n*2\r\n$20000\r\n"[..], &[b'x'; 20_000], b"\r\n*1\r\n:9\r\n:3\r\n"].concat();
    assert_eq!(read(&rest, 3, pair_and_next), (Ok((None, 3)), true));
    // Another type than was asked for is no error of one part.
    assert_eq!(read(b"+OK\r\n:2\r\n:3\r\n", 3, pair_and_next), (Err(Status::Protocol), false));
    assert_eq!(read(b":1\r\n:2", 3, pair_and_next), (Err(Status::Connection), false));
}

#[test]
fn the_replies_to_asking_are_left_out() {
    let asked = |replies: &mut Replies<'_>| {
        let mut sum = 0;
        replies.after_asking(2, &mut |replies| {
            sum = replies.integer()?;
            replies.array_of(2)?;
            sum += replies.integer()? + replies.integer()?;
            Ok(())
        })?;
        Ok((sum, replies.integer()?))
    };
    let whole = b"+OK\r\n:1\r\n+OK\r\n*2\r\n:2\r\n:3\r\n:4\r\n";
    assert_eq!(read(whole, 5, asked), (Ok((6, 4)), true));
    assert_eq!(read(b"+OK\r\n-ERR no\r\n+OK\r\n:1\r\n:4\r\n", 5, asked), (Err(Status::Server), true));
    assert_eq!(read(b"+OK\r\n+OK\r\n+OK\r\n:1\r\n:4\r\n", 5, asked), (Err(Status::Protocol), false));
    assert_eq!(read(b"+OK\r\n?\r\n", 5, asked), (Err(Status::Protocol), false));
    for end in 0..whole.len() {
        assert_eq!(read(&whole[..end], 5, asked), (Err(Status::Connection), false), "{end}");
    }
}
