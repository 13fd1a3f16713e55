//! What is to stand in Redis: borrowed, of its own, or small enough to stay on the stack.

use std::borrow::Cow;
use std::ops::Deref;

use smallvec::SmallVec;

use crate::value::Value;

/// The longest text or byte string whose pickle is written without an allocation.
const MAX_SHORT: usize = 200;
/// PROTO, FRAME with its length, an opcode with its length, MEMOIZE and STOP around it.
const ROOM: usize = MAX_SHORT + 16;

/// Bytes for Redis.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "it stands on the stack of one call")]
pub(crate) enum Stored<'v> {
    Bytes(Cow<'v, [u8]>),
    Small(SmallVec<[u8; ROOM]>),
}

impl Deref for Stored<'_> {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Stored::Bytes(bytes) => bytes,
            Stored::Small(bytes) => bytes,
        }
    }
}

impl Stored<'_> {
    pub(crate) fn into_owned(self) -> Vec<u8> {
        match self {
            Stored::Bytes(bytes) => bytes.into_owned(),
            Stored::Small(bytes) => bytes.into_vec(),
        }
    }

    /// The digits of an integer.
    pub(super) fn integer(integer: i64) -> Stored<'static> {
        Stored::Small(SmallVec::from_slice(itoa::Buffer::new().format(integer).as_bytes()))
    }

    /// The pickle of a short scalar at protocol 4 or 5, as CPython writes it; `None` for everything else.
    pub(super) fn short_pickle(value: &Value<'_>, protocol: u8) -> Option<Stored<'static>> {
        if protocol < 4 {
            return None;
        }
        let mut body: SmallVec<[u8; ROOM]> = SmallVec::new();
        match value {
            Value::None => body.push(b'N'),
            Value::Bool(truth) => body.push(if *truth { 0x88 } else { 0x89 }),
            Value::Float(real) => {
                body.push(b'G');
                body.extend_from_slice(&real.to_be_bytes());
            }
            Value::Text(text) => short(&mut body, 0x8c, text.as_bytes())?,
            Value::Bytes(bytes) => short(&mut body, b'C', bytes)?,
            _ => return None,
        }
        body.push(b'.');
        let mut pickle: SmallVec<[u8; ROOM]> = SmallVec::from_slice(&[0x80, protocol]);
        // CPython leaves out the frame of a body under 4 bytes.
        if body.len() >= 4 {
            pickle.push(0x95);
            pickle.extend_from_slice(&(body.len() as u64).to_le_bytes());
        }
        pickle.extend_from_slice(&body);
        Some(Stored::Small(pickle))
    }
}

/// An opcode with a length of one byte, and MEMOIZE.
fn short(body: &mut SmallVec<[u8; ROOM]>, opcode: u8, bytes: &[u8]) -> Option<()> {
    let length = u8::try_from(bytes.len()).ok().filter(|length| usize::from(*length) <= MAX_SHORT)?;
    body.extend_from_slice(&[opcode, length]);
    body.extend_from_slice(bytes);
    body.push(0x94);
    Some(())
}

#[cfg(test)]
mod tests {
    use super::super::pickle;
    use super::*;

    #[test]
    fn short_pickles_are_those_of_the_writer() {
        let texts = ["", "a", "heló", &"x".repeat(199), &"x".repeat(200)].map(String::from);
        let mut values = vec![Value::None, Value::Bool(true), Value::Bool(false), Value::Float(-1.5)];
        values.extend(texts.iter().map(|text| Value::Text(text.as_str().into())));
        values.extend(texts.iter().map(|text| Value::Bytes(text.as_bytes().into())));
        for value in &values {
            for protocol in [4, 5] {
                let Some(short) = Stored::short_pickle(value, protocol) else {
                    assert!(matches!(value, Value::Bytes(bytes) if bytes.len() > MAX_SHORT), "{value:?}");
                    continue;
                };
                assert!(matches!(&short, Stored::Small(bytes) if !bytes.spilled()), "{value:?}");
                assert_eq!(*short, *pickle::encode(value, protocol).unwrap(), "{value:?} at {protocol}");
            }
            assert!(Stored::short_pickle(value, 3).is_none());
        }
        assert!(Stored::short_pickle(&Value::Text("x".repeat(201).into()), 5).is_none());
    }
}
