//! What is to stand in Redis: bytes as they are, or a scalar's pickle around text or bytes that stay where they are.

use std::borrow::Cow;

use smallvec::SmallVec;

use crate::decimal;
use crate::value::Value;

/// Before the content: PROTO, FRAME with its length, an opcode with its length. An integer's digits are not more.
const ROOM: usize = 20;
/// From this length on CPython leaves text and bytes out of frames.
const FRAME_TARGET: usize = 64 << 10;
/// CPython leaves out the frame of a body under 4 bytes.
const FRAME_MIN: usize = 4;
const STOP: &[u8] = b".";
const MEMOIZE_STOP: &[u8] = b"\x94.";

/// Bytes for Redis.
#[derive(Debug)]
pub(crate) enum Stored<'v> {
    Bytes(Cow<'v, [u8]>),
    Around { head: SmallVec<[u8; ROOM]>, content: &'v [u8], tail: &'static [u8] },
}

impl<'v> Stored<'v> {
    /// The bytes, in the order in which they are sent.
    pub(crate) fn parts(&self) -> [&[u8]; 3] {
        match self {
            Stored::Bytes(bytes) => [bytes, &[], &[]],
            Stored::Around { head, content, tail } => [head, content, tail],
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.parts().iter().map(|part| part.len()).sum()
    }

    pub(crate) fn into_owned(self) -> Vec<u8> {
        match self {
            Stored::Bytes(bytes) => bytes.into_owned(),
            around @ Stored::Around { .. } => around.parts().concat(),
        }
    }

    /// Whether it is an integer, which stands as its digits.
    pub(crate) fn is_integer(&self) -> bool {
        match self.parts() {
            [digits, [], []] => decimal::canonical(digits).is_some(),
            _ => false,
        }
    }

    /// The digits of an integer.
    pub(super) fn integer(integer: i64) -> Stored<'static> {
        let head = SmallVec::from_slice(itoa::Buffer::new().format(integer).as_bytes());
        Stored::Around { head, content: &[], tail: &[] }
    }

    /// The pickle of a scalar at protocol 4 or 5, as CPython writes it; `None` for everything else.
    pub(super) fn pickle(value: &'v Value<'_>, protocol: u8) -> Option<Stored<'v>> {
        if protocol < 4 {
            return None;
        }
        match value {
            Value::None => Some(around(protocol, b"N", &[], STOP)),
            Value::Bool(true) => Some(around(protocol, &[0x88], &[], STOP)),
            Value::Bool(false) => Some(around(protocol, &[0x89], &[], STOP)),
            Value::Float(real) => {
                let [a, b, c, d, e, f, g, h] = real.to_be_bytes();
                Some(around(protocol, &[b'G', a, b, c, d, e, f, g, h], &[], STOP))
            }
            Value::Text(text) => counted(protocol, [0x8c, b'X'], text.as_bytes()),
            Value::Bytes(bytes) => counted(protocol, *b"CB", bytes),
            _ => None,
        }
    }
}

/// Text or bytes behind the opcode for a length of one byte, or of four.
fn counted(protocol: u8, [short, long]: [u8; 2], content: &[u8]) -> Option<Stored<'_>> {
    if let Ok(length) = u8::try_from(content.len()) {
        return Some(around(protocol, &[short, length], content, MEMOIZE_STOP));
    }
    let [a, b, c, d] = u32::try_from(content.len()).ok()?.to_le_bytes();
    Some(around(protocol, &[long, a, b, c, d], content, MEMOIZE_STOP))
}

fn around<'v>(protocol: u8, opcode: &[u8], content: &'v [u8], tail: &'static [u8]) -> Stored<'v> {
    let framed = opcode.len() + content.len() + tail.len();
    let mut head = if framed >= FRAME_MIN && content.len() < FRAME_TARGET {
        let [a, b, c, d, e, f, g, h] = (framed as u64).to_le_bytes();
        SmallVec::from_slice(&[0x80, protocol, 0x95, a, b, c, d, e, f, g, h])
    } else {
        SmallVec::from_slice(&[0x80, protocol])
    };
    head.extend_from_slice(opcode);
    Stored::Around { head, content, tail }
}

#[cfg(test)]
mod tests {
    use super::super::pickle;
    use super::*;

    #[test]
    fn pickles_of_scalars_are_those_of_the_writer() {
        let lengths = [199, 255, 256, 65_535, 65_536, 100_000].map(|length| "x".repeat(length));
        let texts = ["", "a", "heló"].into_iter().chain(lengths.iter().map(String::as_str));
        let mut values = vec![Value::None, Value::Bool(true), Value::Bool(false), Value::Float(-1.5)];
        for text in texts {
            values.extend([Value::Text(text.into()), Value::Bytes(text.as_bytes().into())]);
        }
        for value in &values {
            for protocol in [4, 5] {
                let stored = Stored::pickle(value, protocol).unwrap();
                assert!(matches!(&stored, Stored::Around { head, .. } if !head.spilled()), "{value:?}");
                assert_eq!(stored.len(), stored.parts().concat().len());
                assert_eq!(stored.into_owned(), pickle::encode(value, protocol).unwrap());
            }
            assert!(Stored::pickle(value, 3).is_none());
        }
        assert!(Stored::pickle(&Value::Int(1), 5).is_none());
    }
}
