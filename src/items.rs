//! Lists that the library makes: a frozen table of 32-byte items, then their bytes, in one buffer.
//!
//! Every language reads it without a decoder: `struct.unpack` in Python, `String#unpack` in Ruby,
//! `unsafe.Slice` in Go, an array of `djredis_item` in C.

use std::borrow::Cow;

use crate::error::{Error, Status};
use crate::value::{Format, Value};

/// Type numbers of values and items; the C ABI's, fixed.
pub(crate) mod kind {
    pub(crate) const NONE: i32 = 0;
    pub(crate) const BOOL: i32 = 1;
    pub(crate) const INT: i32 = 2;
    pub(crate) const FLOAT: i32 = 3;
    pub(crate) const BYTES: i32 = 4;
    pub(crate) const TEXT: i32 = 5;
    pub(crate) const BIGINT: i32 = 6;
    pub(crate) const MSGPACK: i32 = 7;
    pub(crate) const OPAQUE: i32 = 8;
    pub(crate) const ERROR: i32 = 9;
    pub(crate) const PAYLOAD: i32 = 10;
    pub(crate) const MISSING: i32 = 11;
    pub(crate) const ITEMS: i32 = 12;
}

/// Bytes of one entry of the table: type i32, flags u32, integer i64, offset u64, length u64.
pub(crate) const ITEM_SIZE: usize = 32;

/// A list of values in the layout of `DJREDIS_ITEMS`.
#[derive(Debug, Default)]
pub struct Items {
    count: usize,
    /// The table of `count` entries, then the bytes; offsets count from its start.
    buffer: Vec<u8>,
}

/// One element of [`Items`].
#[derive(Clone, Debug, PartialEq)]
pub enum Item<'a> {
    /// A value.
    Value(Value<'a>),
    /// The key is not there.
    Missing,
    /// This element failed; the others did not.
    Error {
        /// Why; `None` if the number is not one of this library's.
        status: Option<Status>,
        /// The sentence.
        message: Cow<'a, str>,
    },
}

impl Items {
    /// How many elements it has.
    pub fn len(&self) -> usize {
        self.count
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The element at `index`, borrowed; `None` past the end.
    pub fn get(&self, index: usize) -> Option<Item<'_>> {
        (index < self.count).then(|| Entry::read(&self.buffer, index).and_then(|e| e.item(&self.buffer)))?
    }

    /// All elements, in order.
    pub fn iter(&self) -> impl Iterator<Item = Item<'_>> {
        (0..self.count).map_while(|index| self.get(index))
    }

    /// The element at `index`: its kind, its integer and its bytes; `None` past the end.
    pub(crate) fn part(&self, index: usize) -> Option<(i32, i64, &[u8])> {
        let entry = (index < self.count).then(|| Entry::read(&self.buffer, index))??;
        Some((entry.kind, entry.integer, entry.data(&self.buffer)?))
    }

    /// The table and the bytes behind it, as they cross the ABI.
    pub(crate) fn into_buffer(self) -> Vec<u8> {
        self.buffer
    }
}

/// One entry of the table, native-endian like the C struct it is.
#[derive(Clone, Copy, Default)]
struct Entry {
    kind: i32,
    flags: u32,
    integer: i64,
    offset: u64,
    len: u64,
}

impl Entry {
    fn to_bytes(self) -> [u8; ITEM_SIZE] {
        let mut bytes = [0; ITEM_SIZE];
        bytes[0..4].copy_from_slice(&self.kind.to_ne_bytes());
        bytes[4..8].copy_from_slice(&self.flags.to_ne_bytes());
        bytes[8..16].copy_from_slice(&self.integer.to_ne_bytes());
        bytes[16..24].copy_from_slice(&self.offset.to_ne_bytes());
        bytes[24..32].copy_from_slice(&self.len.to_ne_bytes());
        bytes
    }

    fn read(buffer: &[u8], index: usize) -> Option<Entry> {
        let entry = buffer.get(index * ITEM_SIZE..)?.first_chunk::<ITEM_SIZE>()?;
        Some(Entry {
            kind: i32::from_ne_bytes(*entry.first_chunk()?),
            flags: u32::from_ne_bytes(*entry[4..].first_chunk()?),
            integer: i64::from_ne_bytes(*entry[8..].first_chunk()?),
            offset: u64::from_ne_bytes(*entry[16..].first_chunk()?),
            len: u64::from_ne_bytes(*entry[24..].first_chunk()?),
        })
    }

    fn data(self, buffer: &[u8]) -> Option<&[u8]> {
        let start = usize::try_from(self.offset).ok()?;
        buffer.get(start..start.checked_add(usize::try_from(self.len).ok()?)?)
    }

    fn item(self, buffer: &[u8]) -> Option<Item<'_>> {
        let data = self.data(buffer)?;
        let text = || std::str::from_utf8(data).ok().map(Cow::Borrowed);
        Some(Item::Value(match self.kind {
            kind::NONE => Value::None,
            kind::BOOL => Value::Bool(self.integer != 0),
            kind::INT => Value::Int(self.integer),
            kind::FLOAT => Value::Float(f64::from_bits(self.integer.cast_unsigned())),
            kind::BYTES => Value::Bytes(data.into()),
            kind::TEXT => Value::Text(text()?),
            kind::BIGINT => Value::BigInt(text()?),
            kind::MSGPACK => Value::Packed { kind: self.flags, data: data.into() },
            kind::OPAQUE => Value::Opaque(data.into()),
            kind::PAYLOAD => Value::Payload { format: Format::from_number(self.flags)?, data: data.into() },
            kind::MISSING => return Some(Item::Missing),
            kind::ERROR => return Some(Item::Error { status: self.status(), message: text()? }),
            _ => return None,
        }))
    }

    fn status(self) -> Option<Status> {
        Status::ALL.iter().copied().find(|status| i64::from(*status as i32) == self.integer)
    }
}

/// Fills an [`Items`], in order.
#[derive(Debug)]
pub(crate) struct ItemsBuilder {
    count: usize,
    /// Entries there is room for before the bytes.
    room: usize,
    buffer: Vec<u8>,
}

impl ItemsBuilder {
    /// A list of `count` elements: the table is laid out at once, and the bytes follow it in place.
    pub(crate) fn with_capacity(count: usize) -> ItemsBuilder {
        ItemsBuilder { count: 0, room: count, buffer: vec![0; count * ITEM_SIZE] }
    }

    /// What is pushed next goes to this place; those that nothing was ever pushed to are [`Value::None`].
    pub(crate) fn at(&mut self, index: usize) -> &mut ItemsBuilder {
        self.count = index;
        self
    }

    /// Appends a value.
    pub(crate) fn push(&mut self, value: &Value<'_>) {
        let entry = |kind, integer| Entry { kind, integer, ..Entry::default() };
        match value {
            Value::None => self.append(entry(kind::NONE, 0), &[]),
            Value::Bool(truth) => self.append(entry(kind::BOOL, i64::from(*truth)), &[]),
            Value::Int(integer) => self.append(entry(kind::INT, *integer), &[]),
            Value::Float(real) => self.append(entry(kind::FLOAT, real.to_bits().cast_signed()), &[]),
            Value::BigInt(digits) => self.append(entry(kind::BIGINT, 0), digits.as_bytes()),
            Value::Bytes(data) => self.append(entry(kind::BYTES, 0), data),
            Value::Text(text) => self.append(entry(kind::TEXT, 0), text.as_bytes()),
            Value::Opaque(data) => self.append(entry(kind::OPAQUE, 0), data),
            Value::Packed { kind, data } => {
                self.append(Entry { flags: *kind, ..entry(kind::MSGPACK, 0) }, data);
            }
            Value::Payload { format, data } => {
                self.append(Entry { flags: *format as u32, ..entry(kind::PAYLOAD, 0) }, data);
            }
        }
    }

    /// Appends a text: its UTF-8.
    #[inline]
    pub(crate) fn push_text(&mut self, utf8: &[u8]) {
        self.append(Entry { kind: kind::TEXT, ..Entry::default() }, utf8);
    }

    /// Makes room for so many bytes of values to come.
    pub(crate) fn reserve(&mut self, bytes: usize) {
        self.buffer.reserve(bytes);
    }

    /// Appends an element that is not there.
    pub(crate) fn push_missing(&mut self) {
        self.append(Entry { kind: kind::MISSING, ..Entry::default() }, &[]);
    }

    /// Appends an element that failed. `flags` are those of a `DJREDIS_ERROR` slot.
    pub(crate) fn push_error(&mut self, error: &Error, flags: u32) {
        let integer = i64::from(error.status() as i32);
        self.append(
            Entry { kind: kind::ERROR, flags, integer, ..Entry::default() },
            error.message().as_bytes(),
        );
    }

    #[inline]
    fn append(&mut self, mut entry: Entry, data: &[u8]) {
        if self.count == self.room {
            self.make_room();
        }
        entry.offset = self.buffer.len() as u64;
        entry.len = data.len() as u64;
        self.buffer.extend_from_slice(data);
        let at = self.count * ITEM_SIZE;
        self.buffer[at..at + ITEM_SIZE].copy_from_slice(&entry.to_bytes());
        self.count += 1;
    }

    /// Doubles the table of a list whose length was not known; its bytes move up.
    #[cold]
    fn make_room(&mut self) {
        let room = (self.room * 2).max(16);
        self.resize_table(room);
    }

    /// The finished list. Entries that were laid out and never pushed are cut off.
    pub(crate) fn finish(mut self) -> Items {
        if self.room != self.count {
            self.resize_table(self.count);
        }
        Items { count: self.count, buffer: self.buffer }
    }

    fn resize_table(&mut self, room: usize) {
        let (old, new) = (self.room * ITEM_SIZE, room * ITEM_SIZE);
        let bytes = self.buffer.len() - old;
        if new > old {
            self.buffer.resize(new + bytes, 0);
        }
        self.buffer.copy_within(old..old + bytes, new);
        self.buffer.truncate(new + bytes);
        for index in 0..self.count {
            let at = index * ITEM_SIZE + 16;
            let offset = self.buffer[at..].first_chunk().map_or(0, |offset| u64::from_ne_bytes(*offset));
            let moved = offset - old as u64 + new as u64;
            self.buffer[at..at + 8].copy_from_slice(&moved.to_ne_bytes());
        }
        self.room = room;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values() -> Vec<Value<'static>> {
        vec![
            Value::None,
            Value::Bool(true),
            Value::Int(i64::MIN),
            Value::BigInt("-99999999999999999999".into()),
            Value::Float(-0.0),
            Value::Bytes(b"\xff\x00"[..].into()),
            Value::Text("hel\u{f3}".into()),
            Value::Packed { kind: 5, data: b"\xc7\x01\x05\x90"[..].into() },
            Value::Opaque(b"cos\n"[..].into()),
            Value::Payload { format: Format::Pickle, data: b"\x80\x04N."[..].into() },
        ]
    }

    fn filled(mut builder: ItemsBuilder) -> Items {
        for value in values() {
            builder.push(&value);
        }
        builder.push_missing();
        builder.push_error(&Error::new(Status::Decode, "the value is broken"), 2);
        builder.finish()
    }

    fn check(items: &Items) {
        let mut expected: Vec<_> = values().into_iter().map(Item::Value).collect();
        expected.push(Item::Missing);
        expected.push(Item::Error { status: Some(Status::Decode), message: "the value is broken".into() });
        assert_eq!(items.iter().collect::<Vec<_>>(), expected);
        assert_eq!(items.len(), 12);
        assert!(items.get(12).is_none());
    }

    #[test]
    fn holds_every_kind_of_value() {
        check(&filled(ItemsBuilder::with_capacity(12)));
    }

    #[test]
    fn grows_and_shrinks_when_the_length_was_not_known() {
        for capacity in [0, 1, 11, 13, 100] {
            check(&filled(ItemsBuilder::with_capacity(capacity)));
        }
        let mut builder = ItemsBuilder::with_capacity(0);
        for index in 0..1000 {
            builder.push(&Value::Text(format!("key:{index}").into()));
        }
        let items = builder.finish();
        assert_eq!(items.get(999), Some(Item::Value(Value::Text("key:999".into()))));
        assert_eq!(items.get(17), Some(Item::Value(Value::Text("key:17".into()))));
    }

    #[test]
    fn places_are_filled_in_any_order() {
        let mut builder = ItemsBuilder::with_capacity(4);
        builder.at(2).push(&Value::Text("c".into()));
        builder.at(0).push(&Value::Text("a".into()));
        builder.at(0).push(&Value::Text("again".into()));
        builder.at(1).push_missing();
        builder.at(4);
        let text = |text: &'static str| Item::Value(Value::Text(text.into()));
        let items = builder.finish();
        assert_eq!(
            items.iter().collect::<Vec<_>>(),
            [text("again"), Item::Missing, text("c"), Item::Value(Value::None)]
        );
    }

    #[test]
    fn no_items() {
        let items = ItemsBuilder::with_capacity(0).finish();
        assert!(items.is_empty() && items.get(0).is_none() && items.into_buffer().is_empty());
    }

    #[test]
    fn the_table_has_the_layout_of_djredis_item() {
        let mut builder = ItemsBuilder::with_capacity(1);
        builder.push(&Value::Packed { kind: 255, data: b"\x80"[..].into() });
        let buffer = builder.finish().into_buffer();
        assert_eq!(buffer.len(), ITEM_SIZE + 1);
        assert_eq!(buffer[0..4], kind::MSGPACK.to_ne_bytes());
        assert_eq!(buffer[4..8], 255_u32.to_ne_bytes());
        assert_eq!(buffer[16..24], 32_u64.to_ne_bytes());
        assert_eq!(buffer[24..32], 1_u64.to_ne_bytes());
    }
}
