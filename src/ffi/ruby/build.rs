//! What a call answers, as Ruby's objects.

use super::api::Value;
use super::layout;
use super::unpack;
use super::vm::Ruby;
use crate::error::{Error, Result};
use crate::ffi::boundary::Output;
use crate::ffi::slot;
use crate::items::{Items, kind};
use crate::value;

/// What an answer needs of a value: nothing here is owned, since Ruby may jump.
#[derive(Clone, Copy)]
pub(super) struct Part<'a> {
    pub(super) kind: i32,
    /// An integer, a truth, or the bits of a float.
    pub(super) integer: i64,
    pub(super) data: &'a [u8],
}

impl<'a> Part<'a> {
    pub(super) fn at(items: &'a Items, index: usize) -> Option<Part<'a>> {
        let (kind, integer, data) = items.part(index)?;
        Some(Part { kind, integer, data })
    }

    pub(super) fn of(value: &'a value::Value<'_>) -> Part<'a> {
        let scalar = |kind, integer| Part { kind, integer, data: &[] };
        let bytes = |kind, data| Part { kind, integer: 0, data };
        match value {
            value::Value::None => scalar(kind::NONE, 0),
            value::Value::Bool(truth) => scalar(kind::BOOL, i64::from(*truth)),
            value::Value::Int(integer) => scalar(kind::INT, *integer),
            value::Value::Float(real) => scalar(kind::FLOAT, real.to_bits().cast_signed()),
            value::Value::Bytes(data) => bytes(kind::BYTES, data),
            value::Value::Text(text) => bytes(kind::TEXT, text.as_bytes()),
            value::Value::BigInt(digits) => bytes(kind::BIGINT, digits.as_bytes()),
            value::Value::Packed { data, .. } => bytes(kind::MSGPACK, data),
            value::Value::Opaque(data) => bytes(kind::OPAQUE, data),
            value::Value::Payload { data, .. } => bytes(kind::PAYLOAD, data),
        }
    }
}

impl Ruby {
    /// A value. What is rare is made by Ruby.
    pub(super) fn value(&self, part: Part<'_>) -> Value {
        match part.kind {
            kind::TEXT => self.text(part.data),
            kind::MSGPACK => unpack::unpack(self, part.data),
            kind::INT => self.integer(part.integer),
            kind::BYTES => self.bytes(part.data),
            kind::NONE => self.nil,
            kind::BOOL => self.bool(part.integer != 0),
            kind::FLOAT => self.float(f64::from_bits(part.integer.cast_unsigned())),
            _ => {
                let arguments =
                    [layout::from_small(part.kind), self.integer(part.integer), self.bytes(part.data)];
                self.call(self.names.built, &arguments)
            }
        }
    }

    /// What a call answers that gives a value, a yes (true), or a no (`otherwise`).
    pub(super) fn answer(&self, result: &Result<Output>, otherwise: Value) -> Value {
        match result {
            Ok(Output::Value(value)) => self.value(Part::of(value)),
            Ok(Output::Miss) => otherwise,
            Ok(Output::Done | Output::Filled | Output::Items(_)) => self.truth,
            Err(error) => self.failure(error, slot::status(result)),
        }
    }

    /// Why a call failed, for Ruby to raise.
    pub(super) fn failure(&self, error: &Error, status: i32) -> Value {
        let flags = layout::from_small(error.flags().cast_signed());
        let (message, stored) = (self.text(error.message().as_bytes()), self.bytes(error.stored()));
        self.call(self.names.failure, &[layout::from_small(status), flags, message, stored])
    }
}
