//! Goes through one whole value, what its extensions hold included, without recursion.

use super::ext;
use super::read::{Malformed, Reader, Token};
use crate::limits;
use crate::value::{LIST, MAP, Value};

/// What comes next in a value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Event<'a> {
    /// Anything but an array, a map or an extension.
    Scalar(Token<'a>),
    /// An extension that holds no container: its number and payload.
    Leaf(u8, &'a [u8]),
    /// A container with so many elements, or pairs, begins. `kind` is [`LIST`], [`MAP`] or its extension's number.
    Open { kind: u32, is_map: bool, len: usize },
    /// The last container that began ends.
    Close,
}

/// A container that has begun.
struct Frame {
    /// Values left, keys included.
    left: usize,
    /// It fills a reader of its own: the payload of an extension.
    own_reader: bool,
}

/// An iterator that can fail over the events of one value.
pub(crate) struct Walk<'a> {
    readers: Vec<Reader<'a>>,
    frames: Vec<Frame>,
    /// What a scalar amounts to.
    single: Option<Event<'a>>,
    started: bool,
}

impl<'a> Walk<'a> {
    /// Goes through the value that `reader` stands before.
    pub(crate) fn new(reader: Reader<'a>) -> Walk<'a> {
        Walk { readers: vec![reader], frames: Vec::new(), single: None, started: false }
    }

    /// Goes through any value.
    pub(crate) fn of(value: &'a Value<'_>) -> Walk<'a> {
        let single = match value {
            Value::Packed { data, .. } => return Walk::new(Reader::at(data, 0)),
            Value::None => Event::Scalar(Token::Nil),
            Value::Bool(truth) => Event::Scalar(Token::Bool(*truth)),
            Value::Int(integer) => Event::Scalar(Token::Int(*integer)),
            Value::Float(real) => Event::Scalar(Token::Float(*real)),
            Value::Text(text) => Event::Scalar(Token::Str(text)),
            Value::Bytes(bytes) => Event::Scalar(Token::Bin(bytes)),
            Value::BigInt(digits) => Event::Leaf(ext::BIGINT, digits.as_bytes()),
            Value::Opaque(stored) | Value::Payload { data: stored, .. } => Event::Leaf(ext::OPAQUE, stored),
        };
        Walk { readers: Vec::new(), frames: Vec::new(), single: Some(single), started: true }
    }

    /// The next event; `None` behind the value.
    pub(crate) fn next(&mut self) -> Result<Option<Event<'a>>, Malformed> {
        if let Some(single) = self.single.take() {
            return Ok(Some(single));
        }
        match self.frames.last_mut() {
            None if self.started => return Ok(None),
            Some(frame) if frame.left == 0 => return self.close().map(Some),
            Some(frame) => frame.left -= 1,
            None => self.started = true,
        }
        let reader = self.reader()?;
        match reader.token()? {
            Token::Array(len) => self.open(LIST, false, len, false),
            Token::Map(len) => self.open(MAP, true, len, false),
            Token::Ext(kind, payload) => self.extension(kind.cast_unsigned(), payload),
            scalar => Ok(Event::Scalar(scalar)),
        }
        .map(Some)
    }

    /// Where the walk is, for errors.
    pub(crate) fn malformed(&self, what: &'static str) -> Malformed {
        self.readers.last().map_or(Malformed { offset: 0, what }, |reader| reader.malformed(what))
    }

    fn reader(&mut self) -> Result<&mut Reader<'a>, Malformed> {
        self.readers.last_mut().ok_or(Malformed { offset: 0, what: "it ends too early" })
    }

    fn extension(&mut self, kind: u8, payload: &'a [u8]) -> Result<Event<'a>, Malformed> {
        if !ext::holds_container(kind) {
            return Ok(Event::Leaf(kind, payload));
        }
        let mut inside = self.reader()?.inside(payload);
        // Before the container of these stand a factory and a maximal length.
        if matches!(kind, ext::DEFAULTDICT | ext::DEQUE) {
            inside.skip()?;
        }
        let container = inside.token()?;
        self.readers.push(inside);
        match container {
            Token::Array(len) => self.open(u32::from(kind), false, len, true),
            Token::Map(len) => self.open(u32::from(kind), true, len, true),
            _ => Err(self.malformed("an extension without its array or map")),
        }
    }

    fn open(
        &mut self,
        kind: u32,
        is_map: bool,
        len: usize,
        own_reader: bool,
    ) -> Result<Event<'a>, Malformed> {
        if self.frames.len() == limits::MAX_VALUE_DEPTH {
            return Err(self.malformed("nesting deeper than 512"));
        }
        self.frames.push(Frame { left: if is_map { 2 * len } else { len }, own_reader });
        Ok(Event::Open { kind, is_map, len })
    }

    fn close(&mut self) -> Result<Event<'a>, Malformed> {
        if self.frames.pop().is_some_and(|frame| frame.own_reader)
            && self.readers.pop().is_some_and(|reader| !reader.is_done())
        {
            return Err(self.malformed("an extension with something behind its array or map"));
        }
        Ok(Event::Close)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::msgpack::Writer;

    fn events(data: &[u8]) -> Result<Vec<String>, Malformed> {
        let mut walk = Walk::new(Reader::at(data, 0));
        let mut events = Vec::new();
        while let Some(event) = walk.next()? {
            events.push(format!("{event:?}"));
        }
        Ok(events)
    }

    #[test]
    fn containers_are_gone_into_wherever_they_stand() {
        let mut writer = Writer::default();
        writer.array(2);
        let tuple = writer.open_ext(ext::TUPLE);
        writer.raw(b"\x92\x01\x81\xa1a\xc0");
        writer.close_ext(tuple);
        writer.ext(ext::DATE, b"\x07\xdd\x06\x06");
        let expected = [
            "Open { kind: 0, is_map: false, len: 2 }",
            "Open { kind: 5, is_map: false, len: 2 }",
            "Scalar(Int(1))",
            "Open { kind: 255, is_map: true, len: 1 }",
            "Scalar(Str(\"a\"))",
            "Scalar(Nil)",
            "Close",
            "Close",
            "Leaf(9, [7, 221, 6, 6])",
            "Close",
        ];
        assert_eq!(events(&writer.into_bytes()).unwrap(), expected);
        assert_eq!(events(b"\x05").unwrap(), ["Scalar(Int(5))"]);
        let counter = b"\xc7\x04\x18\x81\xa1a\x02";
        assert_eq!(events(counter).unwrap().len(), 4);
        let deque = b"\xc7\x03\x19\xc0\x91\x07";
        assert_eq!(
            events(deque).unwrap(),
            ["Open { kind: 25, is_map: false, len: 1 }", "Scalar(Int(7))", "Close"]
        );
    }

    #[test]
    fn broken_values_are_refused() {
        for broken in
            [&b""[..], b"\x92\x01", b"\xd4\x05\x01", b"\xc7\x03\x05\x91\x01\x02", b"\x91\xc7\x02\x05\x92\x01"]
        {
            assert!(events(broken).is_err(), "{broken:x?}");
        }
        let mut deep = vec![0x91; 513];
        deep.push(0xc0);
        assert_eq!(events(&deep).unwrap_err().what, "nesting deeper than 512");
        assert_eq!(events(&deep[1..]).unwrap().len(), 512 * 2 + 1);
    }
}
