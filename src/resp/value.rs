//! Any reply as the redis crate's value, for commands that this library has no own reader for.

use std::ops::Range;

use redis::{Value, VerbatimFormat};

use super::head::{Aggregate, Head};
use super::replies::{Replies, without_format};
use super::server_error::server_error_of;
use crate::error::Result;
use crate::limits::{FIRST_ELEMENTS, MAX_REPLY_DEPTH};

impl Replies<'_> {
    /// Any reply; errors inside an aggregate are values.
    pub(crate) fn value(&mut self) -> Result<Value> {
        match self.value_or_error()? {
            Value::ServerError(error) => Err(server_error_of(self.frames.server(), &error)),
            value => Ok(value),
        }
    }

    /// Any reply, an error reply as [`Value::ServerError`].
    pub(crate) fn value_or_error(&mut self) -> Result<Value> {
        let first = self.frames.awaited_frame()?;
        self.assemble(first)
    }

    /// The next frame, whatever it is: a push as an array, an error reply as [`Value::ServerError`].
    pub(crate) fn message(&mut self) -> Result<Value> {
        let first = self.frames.any_frame()?;
        self.assemble(first)
    }

    fn assemble(&mut self, first: (Head, Range<usize>)) -> Result<Value> {
        let mut open: Vec<Open> = Vec::new();
        let mut frame = first;
        loop {
            let value = match frame {
                (Head::Aggregate(_, 1..), _) if open.len() == MAX_REPLY_DEPTH => {
                    return Err(self.frames.malformed("a reply that is nested too deep"));
                }
                (Head::Aggregate(kind, missing @ 1..), _) => {
                    let elements = Vec::with_capacity(missing.min(FIRST_ELEMENTS));
                    open.push(Open { kind, missing, elements });
                    frame = self.frames.awaited_frame()?;
                    continue;
                }
                (head, text) => self.complete(head, text)?,
            };
            if let Some(whole) = attach(&mut open, value) {
                return Ok(whole);
            }
            frame = self.frames.awaited_frame()?;
        }
    }

    /// The value of a frame that no others belong to.
    fn complete(&mut self, head: Head, text: Range<usize>) -> Result<Value> {
        Ok(match head {
            Head::Nil => Value::Nil,
            Head::Integer(number) => Value::Int(number),
            Head::Double(number) => Value::Double(number),
            Head::Boolean(yes) => Value::Boolean(yes),
            Head::Status => status(self.frames.text(text)),
            Head::Bulk(length) => Value::BulkString(self.frames.payload(length)?.into_owned()),
            Head::Verbatim(length) => verbatim(&self.frames.payload(length)?),
            Head::Error => parsed(b'-', self.frames.text(text)),
            Head::BulkError(length) => parsed(b'-', &self.frames.payload(length)?),
            Head::BigNumber => parsed(b'(', self.frames.text(text)),
            Head::Aggregate(kind, _) => Open { kind, missing: 0, elements: Vec::new() }.close(),
        })
    }
}

/// An aggregate that lacks elements.
struct Open {
    kind: Aggregate,
    missing: usize,
    elements: Vec<Value>,
}

impl Open {
    fn close(self) -> Value {
        match self.kind {
            Aggregate::Array | Aggregate::Push | Aggregate::Attribute => Value::Array(self.elements),
            Aggregate::Set => Value::Set(self.elements),
            Aggregate::Map => {
                let mut pairs = Vec::with_capacity(self.elements.len() / 2);
                let mut elements = self.elements.into_iter();
                while let (Some(key), Some(value)) = (elements.next(), elements.next()) {
                    pairs.push((key, value));
                }
                Value::Map(pairs)
            }
        }
    }
}

/// Gives the innermost open aggregate its next element, and closes those that are full by it.
/// Returns the whole reply once none is open.
fn attach(open: &mut Vec<Open>, mut value: Value) -> Option<Value> {
    while let Some(mut innermost) = open.pop() {
        innermost.elements.push(value);
        innermost.missing -= 1;
        if innermost.missing > 0 {
            open.push(innermost);
            return None;
        }
        value = innermost.close();
    }
    Some(value)
}

fn status(text: &[u8]) -> Value {
    match text {
        b"OK" => Value::Okay,
        text => Value::SimpleString(String::from_utf8_lossy(text).into_owned()),
    }
}

fn verbatim(payload: &[u8]) -> Value {
    let format = match payload.get(..3).unwrap_or_default() {
        b"txt" => VerbatimFormat::Text,
        b"mkd" => VerbatimFormat::Markdown,
        other => VerbatimFormat::Unknown(String::from_utf8_lossy(other).into_owned()),
    };
    let text = String::from_utf8_lossy(without_format(payload)).into_owned();
    Value::VerbatimString { format, text }
}

/// By the crate's own parser, since it keeps these two constructors to itself.
fn parsed(kind: u8, text: &[u8]) -> Value {
    let text = String::from_utf8_lossy(text).replace(['\r', '\n'], " ");
    redis::parse_redis_value(format!("{}{text}\r\n", char::from(kind)).as_bytes()).unwrap_or(Value::Nil)
}
