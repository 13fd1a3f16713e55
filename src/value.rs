//! The typed value: what crosses the ABI, in one flat type.
//!
//! Scalars are themselves; everything composite (a list, a tuple, a dict, a date, a record) is one
//! MessagePack buffer in the layout of docs/values.md, so that each language decodes it with what it has.

use std::borrow::Cow;

use crate::error::{Error, Result};
use crate::msgpack;

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

impl Value<'_> {
    /// The same with memory of its own.
    pub(crate) fn into_owned(self) -> Value<'static> {
        match self {
            Value::None => Value::None,
            Value::Bool(truth) => Value::Bool(truth),
            Value::Int(integer) => Value::Int(integer),
            Value::BigInt(digits) => Value::BigInt(digits.into_owned().into()),
            Value::Float(real) => Value::Float(real),
            Value::Bytes(bytes) => Value::Bytes(bytes.into_owned().into()),
            Value::Text(text) => Value::Text(text.into_owned().into()),
            Value::Packed { kind, data } => Value::Packed { kind, data: data.into_owned().into() },
            Value::Opaque(stored) => Value::Opaque(stored.into_owned().into()),
            Value::Payload { format, data } => Value::Payload { format, data: data.into_owned().into() },
        }
    }

    /// The elements of a composite value, in order: with a key in maps and records, without one in lists, tuples and sets.
    /// None for scalars and for dates and other leaves. The elements borrow from this value.
    ///
    /// ```
    /// use djredis::{Cache, Call, Options, Value};
    /// # let cache = Cache::open("memory:elements", &Options::new())?;
    /// # let list = Value::Packed { kind: djredis::value::LIST, data: b"\x92\x01\xa1b"[..].into() };
    /// # cache.set(b"list", &list, &Call::default())?;
    /// let list = cache.get(b"list", &Call::default())?.unwrap_or(Value::None);
    /// let elements: Vec<Value> = list.elements().map(|element| Ok(element?.1)).collect::<djredis::Result<_>>()?;
    /// assert_eq!(elements, [Value::Int(1), Value::Text("b".into())]);
    /// # Ok::<(), djredis::Error>(())
    /// ```
    ///
    /// # Errors
    /// An element is [`crate::Status::Decode`] where the bytes are no MessagePack as docs/values.md describes it.
    pub fn elements(&self) -> impl Iterator<Item = Result<(Option<Value<'_>>, Value<'_>)>> {
        let data: &[u8] = if let Value::Packed { data, .. } = self { data } else { b"\x90" };
        let mut pos = Some(0);
        std::iter::from_fn(move || {
            let mut at = pos.take()?;
            let next = msgpack::next(data, &mut at).map_err(|_| malformed()).transpose()?;
            pos = next.is_ok().then_some(at);
            Some(next)
        })
    }

    /// The element of a map or record under a text key.
    ///
    /// # Errors
    /// As [`Value::elements`].
    pub fn lookup(&self, key: &str) -> Result<Option<Value<'_>>> {
        let Value::Packed { data, .. } = self else { return Ok(None) };
        msgpack::lookup(data, key).map_err(|_| malformed())
    }
}

fn malformed() -> Error {
    Error::decode("the value's data is no MessagePack as docs/values.md describes it")
}

/// `kind` of a list.
pub const LIST: u32 = 0;
/// `kind` of a map.
pub const MAP: u32 = 255;

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident;)*) => {
        $($(#[$doc])* pub const $name: u32 = msgpack::ext::$name as u32;)*
    };
}

// `kind` of everything else: the numbers of docs/values.md, section 3.
kinds! {
    /// A tuple.
    TUPLE;
    /// A set.
    SET;
    /// A frozenset.
    FROZENSET;
    /// A datetime.
    DATETIME;
    /// A date.
    DATE;
    /// A time of day.
    TIME;
    /// A timedelta.
    TIMEDELTA;
    /// A Decimal, as its text.
    DECIMAL;
    /// A UUID, as its 16 bytes.
    UUID;
    /// A complex number: real and imaginary part as big-endian doubles.
    COMPLEX;
    /// A Fraction, as `numerator/denominator`.
    FRACTION;
    /// An object of any other class.
    RECORD;
    /// Text with lone surrogates.
    SURROGATES;
    /// A bytearray.
    BYTEARRAY;
    /// An OrderedDict.
    ORDERED_DICT;
    /// A defaultdict.
    DEFAULTDICT;
    /// A Counter.
    COUNTER;
    /// A deque.
    DEQUE;
    /// A range.
    RANGE;
    /// Ellipsis.
    ELLIPSIS;
    /// Django's SafeString.
    SAFE_STRING;
}

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
    /// Every one, in the order of its number.
    pub const ALL: [Format; 4] = [Format::Pickle, Format::Json, Format::Msgpack, Format::Raw];

    /// Its name as the option SERIALIZER has it.
    pub fn name(self) -> &'static str {
        match self {
            Format::Pickle => "pickle",
            Format::Json => "json",
            Format::Msgpack => "msgpack",
            Format::Raw => "raw",
        }
    }

    /// The format with this number.
    pub fn from_number(number: u32) -> Option<Format> {
        Format::ALL.into_iter().find(|format| *format as u32 == number)
    }

    pub(crate) fn from_name(name: &str) -> Option<Format> {
        Format::ALL.into_iter().find(|format| format.name() == name)
    }
}
