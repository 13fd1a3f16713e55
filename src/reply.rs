//! A server's reply as a value: scalars as themselves, aggregates as MessagePack (docs/values.md).

use redis::Value as Reply;

use crate::error::{Error, Result, Status};
use crate::msgpack::{Writer, ext};
use crate::resp::{error_text, server_error_of};
use crate::value::{LIST, MAP, Value};

/// The value of a reply, at the top: nil is NONE, a status TEXT, a string BYTES. An error reply is an error.
pub(crate) fn value_of(reply: Reply, server: &dyn std::fmt::Display) -> Result<Value<'static>> {
    Ok(match reply {
        Reply::Nil => Value::None,
        Reply::Int(number) => Value::Int(number),
        Reply::Double(number) => Value::Float(number),
        Reply::Boolean(yes) => Value::Bool(yes),
        Reply::BulkString(bytes) => Value::Bytes(bytes.into()),
        Reply::Okay => Value::Text("OK".into()),
        Reply::SimpleString(text) | Reply::VerbatimString { text, .. } => Value::Text(text.into()),
        Reply::BigNumber(digits) => Value::BigInt(String::from_utf8_lossy(&digits).into_owned().into()),
        Reply::ServerError(error) => return Err(server_error_of(server, &error)),
        Reply::Array(_) | Reply::Push { .. } => packed(LIST, &reply),
        Reply::Map(_) => packed(MAP, &reply),
        Reply::Set(_) => packed(ext::SET.into(), &reply),
        _ => return Err(Error::new(Status::Protocol, format!("{server} sent a reply of an unknown type"))),
    })
}

fn packed(kind: u32, reply: &Reply) -> Value<'static> {
    let mut writer = Writer::default();
    write(&mut writer, reply);
    Value::Packed { kind, data: writer.into_bytes().into() }
}

/// What is still to be written: replies, and the ends of extensions.
enum Step<'r> {
    Reply(&'r Reply),
    Close(usize),
}

fn write(writer: &mut Writer, reply: &Reply) {
    let mut steps = vec![Step::Reply(reply)];
    while let Some(step) = steps.pop() {
        match step {
            Step::Close(opened) => writer.close_ext(opened),
            Step::Reply(Reply::Array(elements) | Reply::Push { data: elements, .. }) => {
                writer.array(elements.len());
                steps.extend(elements.iter().rev().map(Step::Reply));
            }
            Step::Reply(Reply::Set(elements)) => {
                steps.push(Step::Close(writer.open_ext(ext::SET)));
                writer.array(elements.len());
                steps.extend(elements.iter().rev().map(Step::Reply));
            }
            Step::Reply(Reply::Map(pairs)) => {
                writer.map(pairs.len());
                steps.extend(
                    pairs.iter().rev().flat_map(|(key, value)| [Step::Reply(value), Step::Reply(key)]),
                );
            }
            Step::Reply(scalar) => write_scalar(writer, scalar),
        }
    }
}

fn write_scalar(writer: &mut Writer, reply: &Reply) {
    match reply {
        Reply::Int(number) => writer.int(*number),
        Reply::Double(number) => writer.float(*number),
        Reply::Boolean(yes) => writer.bool(*yes),
        Reply::BulkString(bytes) => writer.bin(bytes),
        Reply::Okay => writer.ext(ext::STATUS_REPLY, b"OK"),
        Reply::SimpleString(text) => writer.ext(ext::STATUS_REPLY, text.as_bytes()),
        Reply::VerbatimString { text, .. } => writer.str(text),
        Reply::BigNumber(digits) => writer.ext(ext::BIGINT, digits),
        Reply::ServerError(error) => writer.ext(ext::ERROR_REPLY, error_text(error).as_bytes()),
        _ => writer.nil(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bulk(text: &str) -> Reply {
        Reply::BulkString(text.into())
    }

    fn data(reply: Reply) -> (u32, Vec<u8>) {
        match value_of(reply, &"server").unwrap() {
            Value::Packed { kind, data } => (kind, data.into_owned()),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn aggregates_keep_their_order_and_kind() {
        let list = Reply::Array(vec![Reply::Int(1), Reply::Nil, bulk("a"), Reply::Okay]);
        assert_eq!(data(list), (LIST, b"\x94\x01\xc0\xc4\x01a\xd5\x13OK".to_vec()));
        let map = Reply::Map(vec![(bulk("k"), Reply::Array(vec![])), (bulk("l"), Reply::Boolean(true))]);
        assert_eq!(data(map), (MAP, b"\x82\xc4\x01k\x90\xc4\x01l\xc3".to_vec()));
        let set = Reply::Array(vec![Reply::Set(vec![Reply::Int(1)]), Reply::Int(2)]);
        assert_eq!(data(set), (LIST, b"\x92\xc9\0\0\0\x02\x06\x91\x01\x02".to_vec()));
    }

    #[test]
    fn an_error_among_others_is_its_text() {
        for text in ["BAD luck", "ERR luck", "LUCK"] {
            let reply = redis::parse_redis_value(format!("*1\r\n-{text}\r\n").as_bytes()).unwrap();
            let mut expected = Writer::default();
            expected.array(1);
            expected.ext(ext::ERROR_REPLY, text.as_bytes());
            assert_eq!(data(reply), (LIST, expected.into_bytes()), "{text}");
        }
    }

    #[test]
    fn deep_replies_are_written_without_recursion() {
        let mut reply = Reply::Int(7);
        for _ in 0..100 {
            reply = Reply::Array(vec![reply]);
        }
        let (_, bytes) = data(reply);
        assert_eq!(bytes, [vec![0x91; 100], vec![7]].concat());
    }

    #[test]
    fn scalars_are_themselves() {
        assert_eq!(value_of(Reply::Nil, &"s").unwrap(), Value::None);
        assert_eq!(value_of(Reply::Okay, &"s").unwrap(), Value::Text("OK".into()));
        assert_eq!(value_of(bulk("x"), &"s").unwrap(), Value::Bytes(b"x"[..].into()));
    }
}
