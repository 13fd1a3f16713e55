//! Values to what stands in Redis, and back.
//!
//! Integers stand as decimal digits, so that INCR works; everything else as the serializer writes it.

mod pickle;
mod stored;

use std::borrow::Cow;

pub(crate) use self::stored::Stored;
use crate::decimal;
use crate::error::{Error, Result};
use crate::limits;
use crate::msgpack::{Reader, Token, ext};
use crate::value::{Format, Value};

/// How one cache writes its values.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Codec {
    /// 2 to 5.
    pub(crate) pickle_protocol: u8,
}

impl Codec {
    /// What is to stand in Redis for a value. Borrowed where the value carries it as it is.
    /// Integers and short scalars take no allocation.
    pub(crate) fn encode<'v>(&self, value: &'v Value<'_>) -> Result<Stored<'v>> {
        if let Value::Int(integer) = value {
            return Ok(Stored::integer(*integer));
        }
        match Stored::short_pickle(value, self.pickle_protocol) {
            Some(stored) => Ok(stored),
            None => self.encode_long(value).map(Stored::Bytes),
        }
    }

    fn encode_long<'v>(&self, value: &'v Value<'_>) -> Result<Cow<'v, [u8]>> {
        let stored = match value {
            Value::BigInt(digits) if decimal::canonical(digits.as_bytes()).is_some() => {
                Cow::Borrowed(digits.as_bytes())
            }
            Value::BigInt(_) => {
                return Err(Error::encode(
                    "a BIGINT is an optional - and decimal digits that don't start with 0",
                ));
            }
            Value::Opaque(stored) => Cow::Borrowed(&stored[..]),
            Value::Payload { format, data } => payload(*format, data)?,
            Value::Packed { data, .. } => self.packed(data)?,
            _ => Cow::Owned(pickle::encode(value, self.pickle_protocol)?),
        };
        if stored.len() > limits::MAX_VALUE {
            return Err(Error::encode("the value is over 512 MiB, the most that Redis stores"));
        }
        Ok(stored)
    }

    /// A composite value. One that still carries the payload it was made from, unchanged, is that payload.
    fn packed<'v>(&self, data: &'v [u8]) -> Result<Cow<'v, [u8]>> {
        let mut reader = Reader::at(data, 0);
        let value = reader.value()?;
        if !reader.is_done() {
            let stored = trailer(&mut reader)?;
            if matches!(pickle::decode(stored), Ok(Some(Value::Packed { data: again, .. })) if *again == *data)
            {
                return Ok(Cow::Borrowed(stored));
            }
        }
        match value {
            Value::Packed { .. } => Ok(Cow::Owned(pickle::encode(&value, self.pickle_protocol)?)),
            // A host may pack scalars too; they are stored as such.
            scalar => Ok(Cow::Owned(self.encode(&scalar)?.into_owned())),
        }
    }

    /// The value that stands in Redis as these bytes.
    pub(crate) fn decode(&self, stored: Cow<'_, [u8]>) -> Result<Value<'static>> {
        let stored = match integer(stored) {
            Ok(integer) => return Ok(integer),
            Err(stored) => stored,
        };
        let stored = match stored {
            Cow::Owned(long) if long.len() > limits::DECODE_IN_PLACE => match pickle::decode_in_place(long) {
                Ok(value) => return Ok(value),
                Err(stored) => Cow::Owned(stored),
            },
            stored => stored,
        };
        match pickle::decode(&stored) {
            Ok(Some(value)) => Ok(value),
            Ok(None) => Ok(Value::Opaque(stored.into_owned().into())),
            Err(error) => Err(error.with_stored(&stored)),
        }
    }

    /// The same for a host that decodes by itself: an integer, or the serialized bytes.
    pub(crate) fn decode_payload(&self, stored: Cow<'_, [u8]>) -> Result<Value<'static>> {
        Ok(integer(stored).unwrap_or_else(|stored| Value::Payload {
            format: Format::Pickle,
            data: stored.into_owned().into(),
        }))
    }
}

/// An integer, if the bytes are the canonical digits of one; else the bytes again.
fn integer(stored: Cow<'_, [u8]>) -> std::result::Result<Value<'static>, Cow<'_, [u8]>> {
    let Some(digits) = decimal::canonical(&stored) else { return Err(stored) };
    Ok(match digits.parse() {
        Ok(integer) => Value::Int(integer),
        Err(_) => Value::BigInt(digits.to_owned().into()),
    })
}

/// A host's own serialization, stored as it is.
fn payload(format: Format, data: &[u8]) -> Result<Cow<'_, [u8]>> {
    if format != Format::Pickle {
        return Err(Error::encode("the payload is no pickle, and this cache's SERIALIZER is pickle"));
    }
    if decimal::canonical(data).is_some() {
        return Err(Error::encode("the payload is a decimal number and would be read as one: pass an INT"));
    }
    Ok(Cow::Borrowed(data))
}

/// The stored payload that stands after a value with records.
fn trailer<'v>(reader: &mut Reader<'v>) -> Result<&'v [u8]> {
    match reader.token()? {
        Token::Ext(kind, stored) if kind.cast_unsigned() == ext::PAYLOAD && reader.is_done() => Ok(stored),
        _ => Err(reader.malformed("something after the value that is no stored payload").into()),
    }
}
