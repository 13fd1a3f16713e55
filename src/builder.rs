//! Makes a composite value part by part, for languages that have no encoder of their own for docs/values.md.

use crate::error::{Error, Result};
use crate::limits;
use crate::moment::Moment;
use crate::msgpack::{Reader, Writer, ext};
use crate::value::{LIST, MAP, Value};

/// A list, a map, a set, ... in the making.
///
/// ```
/// use djredis::{Builder, Value, value};
/// let mut user = Builder::new();
/// user.begin(value::MAP)?;
/// user.add(&Value::Text("langs".into()))?;
/// user.begin(value::SET)?;
/// user.add(&Value::Text("en".into()))?;
/// user.end()?;
/// user.end()?;
/// let user = user.finish()?;
/// assert!(matches!(user.lookup("langs")?, Some(Value::Packed { kind: value::SET, .. })));
/// # Ok::<(), djredis::Error>(())
/// ```
#[derive(Debug, Default)]
pub struct Builder {
    out: Writer,
    open: Vec<Open>,
    /// Values on the outside: one in the end.
    values: usize,
}

/// A container that has begun.
#[derive(Debug)]
struct Open {
    /// Where its header stands.
    header: usize,
    /// Where the extension around it begins.
    extension: Option<usize>,
    is_map: bool,
    /// Values in it, keys included.
    values: usize,
}

impl Builder {
    /// Nothing yet.
    pub fn new() -> Builder {
        Builder::default()
    }

    /// Begins a container: [`LIST`], [`MAP`], or [`value`](crate::value)'s TUPLE, SET, FROZENSET, RECORD, ORDERED_DICT,
    /// DEFAULTDICT (without a factory), COUNTER, DEQUE (without a maximal length) or RANGE (of start, stop and step).
    /// What is added then goes into it until [`end`](Builder::end); in maps and records key, value, key, value.
    ///
    /// # Errors
    /// [`crate::Status::Argument`] for any other kind, and for nesting deeper than 512.
    pub fn begin(&mut self, kind: u32) -> Result<()> {
        if self.open.len() == limits::MAX_VALUE_DEPTH {
            return Err(Error::argument("the value is nested deeper than 512"));
        }
        let kind_of_extension = match kind {
            LIST | MAP => None,
            _ => {
                Some(u8::try_from(kind).ok().filter(|kind| ext::holds_container(*kind)).ok_or_else(|| {
                    Error::argument(format!(
                        "a value of kind {kind} has no elements; see DJREDIS_LIST and its like"
                    ))
                })?)
            }
        };
        self.count();
        let extension = kind_of_extension.map(|kind| self.out.open_ext(kind));
        if matches!(kind_of_extension, Some(ext::DEFAULTDICT | ext::DEQUE)) {
            self.out.nil();
        }
        let is_map = kind == MAP || kind_of_extension.is_some_and(ext::holds_map);
        let header = self.out.open_container(is_map);
        self.open.push(Open { header, extension, is_map, values: 0 });
        Ok(())
    }

    /// Ends the container that began last.
    ///
    /// # Errors
    /// [`crate::Status::Argument`] if none is open, or a map has a key without a value.
    pub fn end(&mut self) -> Result<()> {
        let Some(open) = self.open.last() else {
            return Err(Error::argument("nothing is open: end follows begin"));
        };
        if open.is_map && open.values % 2 == 1 {
            return Err(Error::argument("the last key of the map has no value"));
        }
        let len = if open.is_map { open.values / 2 } else { open.values };
        self.out.close_container(open.header, len);
        if let Some(extension) = open.extension {
            self.out.close_ext(extension);
        }
        self.open.pop();
        Ok(())
    }

    /// Adds a scalar, or a composite value as a part of this one.
    ///
    /// # Errors
    /// [`crate::Status::Argument`] for an opaque value or a payload, and for bytes that are no MessagePack.
    pub fn add(&mut self, value: &Value<'_>) -> Result<()> {
        match value {
            Value::None => self.out.nil(),
            Value::Bool(truth) => self.out.bool(*truth),
            Value::Int(integer) => self.out.int(*integer),
            Value::BigInt(digits) => self.out.ext(ext::BIGINT, digits.as_bytes()),
            Value::Float(real) => self.out.float(*real),
            Value::Bytes(bytes) => self.out.bin(bytes),
            Value::Text(text) => self.out.str(text),
            Value::Packed { data, .. } => {
                // The stored payload that may follow belongs to the value as it was read.
                let part =
                    Reader::at(data, 0).part().map_err(|_| Error::argument("the part is no MessagePack"))?;
                self.out.raw(part.rest());
            }
            Value::Opaque(_) | Value::Payload { .. } => {
                return Err(Error::argument("an opaque value or a payload can't be part of another value"));
            }
        }
        self.count();
        Ok(())
    }

    /// Adds what is all bytes: a Decimal, a UUID, a Fraction, ... as docs/values.md, section 3, has its payload.
    ///
    /// # Errors
    /// [`crate::Status::Argument`] for another kind.
    pub fn extension(&mut self, kind: u32, payload: &[u8]) -> Result<()> {
        let is_leaf = |kind: &u8| ext::is_known(*kind) && !ext::holds_container(*kind);
        let number = u8::try_from(kind).ok().filter(is_leaf).ok_or_else(|| {
            Error::argument(format!(
                "a value of kind {kind} is not all bytes; see DJREDIS_DECIMAL and its like"
            ))
        })?;
        self.out.ext(number, payload);
        self.count();
        Ok(())
    }

    /// Adds a date, a time of day, a datetime or a timedelta.
    ///
    /// # Errors
    /// [`crate::Status::Argument`] for fields out of range.
    pub fn moment(&mut self, moment: &Moment<'_>) -> Result<()> {
        self.extension(moment.kind, &moment.payload()?)
    }

    /// The value. The builder is as new then.
    ///
    /// # Errors
    /// [`crate::Status::Argument`] if a container is open, or if it is not one value.
    pub fn finish(&mut self) -> Result<Value<'static>> {
        if !self.open.is_empty() {
            return Err(Error::argument("a container is still open: end it first"));
        }
        if self.values != 1 {
            return Err(Error::argument(format!(
                "{} values stand side by side, and one is needed",
                self.values
            )));
        }
        let data = std::mem::take(self).out.into_bytes();
        let kind = match Reader::at(&data, 0).value()? {
            Value::Packed { kind, .. } => kind,
            // A scalar; stored as such, whatever the kind says.
            _ => LIST,
        };
        Ok(Value::Packed { kind, data: data.into() })
    }

    fn count(&mut self) {
        match self.open.last_mut() {
            Some(open) => open.values += 1,
            None => self.values += 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::{COUNTER, DEQUE, SET};

    #[test]
    fn containers_hold_what_was_added() {
        let mut builder = Builder::new();
        builder.begin(MAP).unwrap();
        builder.add(&Value::Text("a".into())).unwrap();
        for kind in [LIST, SET, DEQUE] {
            builder.begin(kind).unwrap();
            builder.add(&Value::Int(1)).unwrap();
        }
        for _ in 0..3 {
            builder.end().unwrap();
        }
        builder.add(&Value::None).unwrap();
        builder.begin(COUNTER).unwrap();
        builder.end().unwrap();
        builder.end().unwrap();
        let value = builder.finish().unwrap();
        assert_eq!(value.elements().count(), 2);
        let list = value.lookup("a").unwrap().unwrap();
        let inner: Vec<_> = list.elements().map(|element| element.unwrap().1).collect();
        assert!(matches!(&inner[..], [Value::Int(1), Value::Packed { kind: SET, .. }]), "{inner:?}");
        assert!(builder.finish().is_err(), "it is as new");
    }

    #[test]
    fn what_makes_no_value_is_refused() {
        let mut builder = Builder::new();
        assert!(builder.end().unwrap_err().message().contains("nothing is open"));
        assert!(builder.begin(8).unwrap_err().message().contains("no elements"));
        assert!(builder.extension(SET, b"").unwrap_err().message().contains("not all bytes"));
        assert!(builder.add(&Value::Opaque(b"x"[..].into())).is_err());
        assert!(builder.finish().unwrap_err().message().contains("0 values"));
        builder.begin(MAP).unwrap();
        builder.add(&Value::Int(1)).unwrap();
        assert!(builder.end().unwrap_err().message().contains("no value"));
        assert!(builder.finish().unwrap_err().message().contains("still open"));
        builder.add(&Value::Int(2)).unwrap();
        builder.end().unwrap();
        builder.add(&Value::Int(3)).unwrap();
        assert!(builder.finish().unwrap_err().message().contains("2 values"));
        let mut deep = Builder::new();
        for _ in 0..512 {
            deep.begin(LIST).unwrap();
        }
        assert!(deep.begin(LIST).unwrap_err().message().contains("512"));
    }
}
