//! Values to what stands in Redis, and back.
//!
//! Integers stand as decimal digits, so that INCR works; everything else as the serializer writes it, compressed where
//! that was asked for.

mod formats;
mod herd;
mod json;
mod pickle;
mod plain;
mod refusal;
mod settings;
mod sniff;
mod stored;
mod surrogates;

use std::borrow::Cow;

use self::formats::FormatCounters;
pub(crate) use self::pickle::{Scalar, find_scalar};
pub(crate) use self::settings::{Compression, Settings};
pub(crate) use self::stored::Stored;
use crate::compress::{Compressor, Failure};
use crate::decimal;
use crate::error::{Error, Result};
use crate::limits;
use crate::msgpack::{Reader, Token, ext};
use crate::value::{Format, Value};

/// How one cache writes and reads its values.
#[derive(Debug)]
pub(crate) struct Codec {
    settings: Settings,
    /// Whether what looks like a pickle is read as one.
    reads_pickle: bool,
    /// Those whose values are read.
    compressors: Vec<Compressor>,
    /// Values read, by format.
    pub(crate) formats: FormatCounters,
}

/// What a host packed.
enum Packed<'v> {
    /// A composite value, serialized.
    Payload(Cow<'v, [u8]>),
    /// A host may pack scalars too; they are stored as such.
    Scalar(Value<'v>),
}

/// What became of stored bytes that may be compressed.
enum Unpacked {
    /// No compressor that is read claims them.
    Plain,
    Payload(Vec<u8>),
    /// They start like this compressor's, and are not.
    Broken(Compressor, String),
}

impl Codec {
    pub(crate) fn new(settings: Settings) -> Codec {
        Codec {
            reads_pickle: settings.serializer != Format::Raw && settings.reads(Format::Pickle),
            compressors: settings.compressors(),
            formats: FormatCounters::default(),
            settings,
        }
    }

    #[cfg(test)]
    pub(crate) fn of_pickle(protocol: u8) -> Codec {
        Codec::new(Settings {
            serializer: Format::Pickle,
            pickle_protocol: protocol,
            compression: None,
            accept_serializers: Vec::new(),
            accept_compressors: Vec::new(),
            max_decoded_size: limits::MAX_VALUE,
        })
    }

    /// What is to stand in Redis for a value. Borrowed where the value carries it as it is.
    /// Integers and, with pickle, scalars take no allocation and no copy.
    pub(crate) fn encode<'v>(&self, value: &'v Value<'_>) -> Result<Stored<'v>> {
        if let Value::Int(integer) = value {
            return Ok(Stored::integer(*integer));
        }
        if self.settings.serializer == Format::Pickle
            && self.settings.compression.is_none()
            && let Some(stored) = Stored::pickle(value, self.settings.pickle_protocol)
        {
            return within_limit(stored);
        }
        self.encode_other(value).and_then(|stored| within_limit(Stored::Bytes(stored)))
    }

    fn encode_other<'v>(&self, value: &'v Value<'_>) -> Result<Cow<'v, [u8]>> {
        let payload = match value {
            Value::BigInt(digits) if decimal::canonical(digits.as_bytes()).is_some() => {
                return Ok(Cow::Borrowed(digits.as_bytes()));
            }
            Value::BigInt(_) => {
                return Err(Error::encode(
                    "a BIGINT is an optional - and decimal digits that don't start with 0",
                ));
            }
            Value::Opaque(stored) => return Ok(Cow::Borrowed(&stored[..])),
            Value::Payload { format, data } => self.payload(*format, data)?,
            Value::Packed { data, .. } => match self.packed(data)? {
                Packed::Payload(payload) => payload,
                Packed::Scalar(scalar) => return Ok(Cow::Owned(self.encode(&scalar)?.into_owned())),
            },
            _ => self.serialized(value)?,
        };
        self.compressed(payload)
    }

    /// A host's own serialization.
    fn payload<'v>(&self, format: Format, data: &'v [u8]) -> Result<Cow<'v, [u8]>> {
        let serializer = self.settings.serializer;
        if format != serializer {
            return Err(Error::encode(format!(
                "the payload is {}, and this cache's SERIALIZER is {}",
                format.name(),
                serializer.name()
            )));
        }
        // In JSON too the digits are that integer.
        if format != Format::Json && decimal::canonical(data).is_some() {
            return Err(Error::encode(
                "the payload is a decimal number and would be read as one: pass an INT",
            ));
        }
        Ok(Cow::Borrowed(data))
    }

    /// A composite value. One that still carries the payload it was made from, unchanged, is that payload.
    fn packed<'v>(&self, data: &'v [u8]) -> Result<Packed<'v>> {
        let mut reader = Reader::at(data, 0);
        let value = reader.value()?;
        if !reader.is_done() {
            let payload = trailer(&mut reader)?;
            if self.settings.serializer == Format::Pickle
                && matches!(pickle::decode(payload, self.settings.max_decoded_size), Ok(Some(Value::Packed { data: again, .. })) if *again == *data)
            {
                return Ok(Packed::Payload(Cow::Borrowed(payload)));
            }
        }
        Ok(match value {
            Value::Packed { .. } => Packed::Payload(Cow::Owned(self.serialized(&value)?.into_owned())),
            scalar => Packed::Scalar(scalar),
        })
    }

    fn serialized<'v>(&self, value: &'v Value<'_>) -> Result<Cow<'v, [u8]>> {
        match self.settings.serializer {
            Format::Pickle => pickle::encode(value, self.settings.pickle_protocol).map(Cow::Owned),
            Format::Json => json::encode(value).map(Cow::Owned),
            Format::Msgpack => plain::encode(value).map(Cow::Owned),
            Format::Raw => raw(value).map(Cow::Borrowed),
        }
    }

    /// Compressed if it is long enough, and whatever would be taken for compressed when it is read.
    fn compressed<'v>(&self, payload: Cow<'v, [u8]>) -> Result<Cow<'v, [u8]>> {
        let Some(Compression { compressor, level, min_length }) = self.settings.compression else {
            return Ok(payload);
        };
        let is_integer = || decimal::canonical(&payload).is_some();
        let is_claimed = || self.compressors.iter().any(|compressor| compressor.claims(&payload));
        if (payload.len() <= min_length && !is_claimed()) || is_integer() {
            return Ok(payload);
        }
        let name = compressor.name();
        let compressed = compressor.compress(&payload, level);
        compressed
            .map(Cow::Owned)
            .map_err(|error| Error::encode(format!("the value could not be compressed with {name}: {error}")))
    }

    /// The UTF-8 of a short text's pickle, which is what most values are in [`Codec::scalar`]'s sense. Whoever gets many counts
    /// them: [`Codec::count_pickles`].
    pub(crate) fn text<'s>(&self, stored: &'s [u8]) -> Option<&'s [u8]> {
        self.is_in_place(stored).then(|| pickle::plain_text(stored))?
    }

    /// A pickle as it stands in Redis, for a host that decodes by itself. Counted as [`Codec::text`] is.
    pub(crate) fn pickle<'s>(&self, stored: &'s [u8]) -> Option<&'s [u8]> {
        (self.is_in_place(stored) && matches!(stored, [0x80, 2..=5, ..])).then_some(stored)
    }

    /// Counts what was read without a look at the counter each time.
    pub(crate) fn count_pickles(&self, count: u64) {
        self.formats.pickles(count);
    }

    /// Whether stored bytes may be a pickle, and are short enough to be read where they stand.
    fn is_in_place(&self, stored: &[u8]) -> bool {
        self.reads_pickle && stored.len() <= limits::DECODE_IN_PLACE.min(self.settings.max_decoded_size)
    }

    /// The value of a short scalar's pickle, which most stored values are, borrowed from it: no integer and nothing compressed
    /// starts like one. `None` leaves it to [`Codec::decode`].
    #[inline]
    pub(crate) fn scalar<'s>(&self, stored: &'s [u8]) -> Option<Value<'s>> {
        let value = self.is_in_place(stored).then(|| pickle::scalar(stored))??;
        self.formats.serialized(Format::Pickle);
        Some(value)
    }

    /// How many of the first bytes of a large string are best received apart, for [`Codec::decode_parted`].
    pub(crate) fn split(first: &[u8]) -> usize {
        pickle::content_start(first)
    }

    /// The value of a string that was received in two parts, if it is a long text's or bytes' pickle; else the whole string.
    pub(crate) fn decode_parted(
        &self,
        head: &[u8],
        rest: Vec<u8>,
    ) -> std::result::Result<Value<'static>, Vec<u8>> {
        if head.is_empty() {
            return Err(rest);
        }
        if !self.reads_pickle || head.len() + rest.len() > self.settings.max_decoded_size {
            return Err([head, &rest].concat());
        }
        let value = pickle::decode_parted(head, rest).map_err(|rest| [head, &rest].concat())?;
        self.formats.serialized(Format::Pickle);
        Ok(value)
    }

    /// The value that stands in Redis as these bytes.
    pub(crate) fn decode(&self, stored: Cow<'_, [u8]>) -> Result<Value<'static>> {
        if let Some(scalar) = self.scalar(&stored) {
            return Ok(scalar.into_owned());
        }
        self.decode_other(stored)
    }

    /// The same for what is no short scalar's pickle.
    fn decode_other(&self, stored: Cow<'_, [u8]>) -> Result<Value<'static>> {
        let stored = match self.integer(stored) {
            Ok(integer) => return Ok(integer),
            Err(stored) => stored,
        };
        match self.unpack(&stored)? {
            Unpacked::Plain => self.typed(stored),
            Unpacked::Payload(payload) => match self.typed(payload.into()) {
                // Written back, it must be what it was.
                Ok(Value::Opaque(_)) => Ok(Value::Opaque(stored.into_owned().into())),
                result => result.map_err(|error| error.with_stored(&stored)),
            },
            Unpacked::Broken(compressor, why) => self.typed(stored).map_err(|error| {
                error.context(format_args!("it starts like {} and is not ({why})", compressor.name()))
            }),
        }
    }

    /// The same for a host that decodes by itself: an integer, or the serialized bytes.
    pub(crate) fn decode_payload(&self, stored: Cow<'_, [u8]>) -> Result<Value<'static>> {
        let stored = match self.integer(stored) {
            Ok(integer) => return Ok(integer),
            Err(stored) => stored,
        };
        let payload = match self.unpack(&stored)? {
            Unpacked::Payload(payload) => payload,
            // The host would only say that its deserializer can't read this.
            Unpacked::Broken(compressor, why) if self.is_unknown(&stored) => {
                return Err(broken(compressor, &why).with_stored(&stored));
            }
            Unpacked::Plain | Unpacked::Broken(..) => stored.into_owned(),
        };
        let format = self.format_of(&payload);
        self.formats.serialized(format);
        Ok(Value::Payload { format, data: payload.into() })
    }

    /// [`Codec::decode`], borrowed from the stored bytes where the value stands in them.
    #[inline]
    pub(crate) fn view<'s>(&self, stored: &'s [u8]) -> Result<Value<'s>> {
        match self.scalar(stored) {
            Some(scalar) => Ok(scalar),
            None => self.decode_other(stored.into()),
        }
    }

    /// [`Codec::decode_payload`] of stored bytes that are not compressed, borrowed from them.
    #[inline]
    pub(crate) fn view_payload<'s>(&self, stored: &'s [u8]) -> Value<'s> {
        match self.integer(stored.into()) {
            Ok(integer) => integer,
            Err(_) => {
                let format = self.format_of(stored);
                self.formats.serialized(format);
                Value::Payload { format, data: stored.into() }
            }
        }
    }

    /// An integer, if the bytes are the canonical digits of one; else the bytes again.
    fn integer<'s>(&self, stored: Cow<'s, [u8]>) -> std::result::Result<Value<'static>, Cow<'s, [u8]>> {
        let Some(digits) = decimal::canonical(&stored) else { return Err(stored) };
        self.formats.integer();
        Ok(match digits.parse() {
            Ok(integer) => Value::Int(integer),
            Err(_) => Value::BigInt(digits.to_owned().into()),
        })
    }

    /// Whether these bytes look compressed, so that what comes out may be much more.
    pub(crate) fn looks_compressed(&self, stored: &[u8]) -> bool {
        self.compressor_of(stored).is_some()
    }

    fn compressor_of(&self, stored: &[u8]) -> Option<Compressor> {
        self.compressors.iter().find(|compressor| compressor.claims(stored)).copied()
    }

    fn unpack(&self, stored: &[u8]) -> Result<Unpacked> {
        let limit = self.settings.max_decoded_size;
        let Some(compressor) = self.compressor_of(stored) else {
            return Ok(Unpacked::Plain);
        };
        let error = match compressor.decompress(stored, limit) {
            Ok(payload) => {
                self.formats.compressed(compressor);
                return Ok(Unpacked::Payload(payload));
            }
            Err(Failure::TooLarge) => Error::decode(format!(
                "the stored value decompresses to more than the {limit} bytes of MAX_DECODED_SIZE: raise it"
            )),
            // Old pickles can start like zlib. Raw bytes that do were compressed, so these are damaged.
            Err(Failure::Broken(why)) if self.settings.serializer != Format::Raw => {
                return Ok(Unpacked::Broken(compressor, why));
            }
            Err(Failure::Broken(why)) => broken(compressor, &why),
        };
        Err(error.with_stored(stored))
    }

    /// The value of serialized bytes: of the format that claims them, else of the one that needs no claim.
    fn typed(&self, payload: Cow<'_, [u8]>) -> Result<Value<'static>> {
        let (claimed, rest) = (self.format_of(&payload), self.rest());
        if claimed != rest
            && let Ok(value) = self.deserialized(claimed, Cow::Borrowed(&payload))
        {
            self.formats.serialized(claimed);
            return Ok(value);
        }
        let value = self.deserialized(rest, payload)?;
        self.formats.serialized(rest);
        Ok(value)
    }

    /// Whose bytes these look like, of those that are read.
    fn format_of(&self, payload: &[u8]) -> Format {
        match self.settings.serializer {
            Format::Raw => Format::Raw,
            _ => self.claimed_by(payload).unwrap_or(self.rest()),
        }
    }

    fn claimed_by(&self, payload: &[u8]) -> Option<Format> {
        let is_it = |format: &Format| self.settings.reads(*format) && sniff::claims(*format, payload);
        [Format::Pickle, Format::Json, Format::Msgpack].into_iter().find(is_it)
    }

    /// Whether no serializer that is read can have written this.
    fn is_unknown(&self, payload: &[u8]) -> bool {
        self.claimed_by(payload).is_none() && !self.settings.reads(Format::Raw)
    }

    /// What bytes are that nobody claims.
    fn rest(&self) -> Format {
        if self.settings.reads(Format::Raw) { Format::Raw } else { self.settings.serializer }
    }

    fn deserialized(&self, format: Format, payload: Cow<'_, [u8]>) -> Result<Value<'static>> {
        let result = match format {
            Format::Raw => return Ok(Value::Bytes(payload.into_owned().into())),
            Format::Pickle => return self.unpickled(payload),
            Format::Json => json::decode(&payload),
            Format::Msgpack => plain::decode(&payload),
        };
        known_or_opaque(result, payload)
    }

    fn unpickled(&self, payload: Cow<'_, [u8]>) -> Result<Value<'static>> {
        let payload = match payload {
            Cow::Owned(long) if long.len() > limits::DECODE_IN_PLACE => match pickle::decode_in_place(long) {
                Ok(value) => return Ok(value),
                Err(payload) => Cow::Owned(payload),
            },
            payload => payload,
        };
        let result = pickle::decode(&payload, self.settings.max_decoded_size);
        known_or_opaque(result, payload)
    }
}

fn within_limit(stored: Stored<'_>) -> Result<Stored<'_>> {
    if stored.len() > limits::MAX_VALUE {
        return Err(Error::encode("the value is over 512 MiB, the most that Redis stores"));
    }
    Ok(stored)
}

fn broken(compressor: Compressor, why: &str) -> Error {
    Error::decode(format!("the stored value starts like {} and is not: {why}", compressor.name()))
}

fn known_or_opaque(result: Result<Option<Value<'static>>>, payload: Cow<'_, [u8]>) -> Result<Value<'static>> {
    match result {
        Ok(Some(value)) => Ok(value),
        Ok(None) => Ok(Value::Opaque(payload.into_owned().into())),
        Err(error) => Err(error.with_stored(&payload)),
    }
}

/// Bytes and text are stored as they are; nothing else can be.
fn raw<'v>(value: &'v Value<'_>) -> Result<&'v [u8]> {
    let data = match value {
        Value::Bytes(bytes) => &bytes[..],
        Value::Text(text) => text.as_bytes(),
        _ => {
            return Err(Error::encode(
                "SERIALIZER raw stores bytes, text and integers alone; serialize the value, or use pickle, json or msgpack",
            ));
        }
    };
    if decimal::canonical(data).is_some() {
        return Err(Error::encode("these bytes are a decimal number and would be read as one: pass an INT"));
    }
    Ok(data)
}

/// The stored payload that stands after a value with records.
fn trailer<'v>(reader: &mut Reader<'v>) -> Result<&'v [u8]> {
    match reader.token()? {
        Token::Ext(kind, stored) if kind.cast_unsigned() == ext::PAYLOAD && reader.is_done() => Ok(stored),
        _ => Err(reader.malformed("something after the value that is no stored payload").into()),
    }
}
