//! Values as django-redis's HerdClient stores them; see [`pickle`](super::pickle) for the bytes.

use std::borrow::Cow;

use super::{Codec, Packed, Stored, Unpacked, pickle, within_limit};
use crate::error::{Error, Result};
use crate::value::Value;

impl Codec {
    /// What is to stand in Redis for a value of a herd; `renew_at` in seconds since 1970. Integers are pickled too.
    pub(crate) fn encode_for_herd(&self, value: &Value<'_>, renew_at: f64) -> Result<Stored<'static>> {
        let payload = match value {
            Value::Payload { format, data } => self.payload(*format, data)?,
            Value::Opaque(stored) => self.opaque(stored)?,
            Value::Packed { data, .. } => match self.packed(data)? {
                Packed::Payload(payload) => payload,
                Packed::Scalar(scalar) => Cow::Owned(self.serialized(&scalar)?.into_owned()),
            },
            _ => self.serialized(value)?,
        };
        let herded = pickle::put_into_herd(&payload, renew_at).ok_or_else(|| {
            Error::encode(
                "CLIENT_CLASS herd stores pickles of protocol 2 or newer, and the value is something else",
            )
        })?;
        let stored = self.compressed(Cow::Owned(herded))?;
        within_limit(Stored::Bytes(Cow::Owned(stored.into_owned())))
    }

    /// The bytes of an opaque value, which stood in Redis compressed or not.
    fn opaque<'v>(&self, stored: &'v [u8]) -> Result<Cow<'v, [u8]>> {
        Ok(match self.unpack(stored)? {
            Unpacked::Payload(payload) => Cow::Owned(payload),
            Unpacked::Plain | Unpacked::Broken(..) => Cow::Borrowed(stored),
        })
    }

    /// The value's own stored bytes, and from when on it is to be renewed (seconds since 1970); that is `None` for what was not
    /// stored for a herd: values without an end.
    pub(crate) fn take_out_of_herd<'s>(&self, stored: Cow<'s, [u8]>) -> Result<(Cow<'s, [u8]>, Option<f64>)> {
        let herded = match self.compressor_of(&stored) {
            None => pickle::take_out_of_herd(&stored),
            Some(_) => match self.unpack(&stored)? {
                Unpacked::Payload(payload) => pickle::take_out_of_herd(&payload),
                Unpacked::Plain | Unpacked::Broken(..) => None,
            },
        };
        Ok(match herded {
            Some(herded) => (Cow::Owned(herded.payload), Some(herded.renew_at)),
            None => (stored, None),
        })
    }
}
