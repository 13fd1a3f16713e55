//! The typed value: what crosses the ABI, in one flat type.
//!
//! Scalars are themselves; everything composite (a list, a tuple, a dict, a date, a record) is one
//! MessagePack buffer in the layout of docs/values.md, so that each language decodes it with what it has.

use std::borrow::Cow;

/// A cached value. Borrowed on its way in, owned on its way out.
#[derive(Clone, Debug, PartialEq)]
pub enum Value<'a> {
    /// Python's `None`.
    None,
    /// `True` or `False`; pickled, never stored as 1.
    Bool(bool),
    /// An integer of 64 bits; stored as decimal digits.
    Int(i64),
    /// A wider integer: an optional `-` and decimal digits.
    BigInt(Cow<'a, str>),
    /// A float.
    Float(f64),
    /// Bytes.
    Bytes(Cow<'a, [u8]>),
    /// Text.
    Text(Cow<'a, str>),
    /// A composite value as one MessagePack value (docs/values.md), with what it is at the top.
    Packed {
        /// [`LIST`], [`MAP`] or the number of the extension type.
        kind: u32,
        /// The MessagePack bytes.
        data: Cow<'a, [u8]>,
    },
    /// Stored bytes that can't be typed; written back as they are.
    Opaque(Cow<'a, [u8]>),
    /// Serialized bytes, for a host that decodes by itself.
    Payload {
        /// Which serializer made them.
        format: Format,
        /// The bytes, verified and decompressed.
        data: Cow<'a, [u8]>,
    },
}

/// `kind` of a list.
pub const LIST: u32 = 0;
/// `kind` of a map.
pub const MAP: u32 = 255;

/// The serializer that made a payload. The numbers are the C ABI's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum Format {
    /// Python's pickle.
    Pickle = 1,
    /// JSON.
    Json = 2,
    /// MessagePack, as django-redis's serializer writes it.
    Msgpack = 3,
    /// Bytes as they are.
    Raw = 4,
}

impl Format {
    /// The format with this number.
    pub fn from_number(number: u32) -> Option<Format> {
        match number {
            1 => Some(Format::Pickle),
            2 => Some(Format::Json),
            3 => Some(Format::Msgpack),
            4 => Some(Format::Raw),
            _ => None,
        }
    }
}
