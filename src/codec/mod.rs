//! Values to payloads and back.

use crate::error::{Error, Result};
use crate::value::Value;
use std::borrow::Cow;

pub(crate) struct Codec {
    pub(crate) pickle_protocol: u8,
}

impl Codec {
    pub(crate) fn encode<'v>(&self, value: &'v Value<'_>) -> Result<Cow<'v, [u8]>> {
        match value {
            Value::Int(n) => Ok(n.to_string().into_bytes().into()),
            Value::Opaque(d) | Value::Payload { data: d, .. } => Ok(Cow::Borrowed(d)),
            _ => Err(Error::encode("not yet")),
        }
    }
    pub(crate) fn decode(&self, stored: Cow<'_, [u8]>) -> Result<Value<'static>> {
        self.decode_payload(stored)
    }
    pub(crate) fn decode_payload(&self, stored: Cow<'_, [u8]>) -> Result<Value<'static>> {
        match std::str::from_utf8(&stored).ok().and_then(|s| s.parse().ok()) {
            Some(n) => Ok(Value::Int(n)),
            None => Ok(Value::Payload { format: crate::Format::Pickle, data: stored.into_owned().into() }),
        }
    }
}
