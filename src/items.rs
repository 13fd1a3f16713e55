//! Lists that the library makes: a frozen table of 32-byte items, then their bytes, in one buffer.
//!
//! Every language reads it without a decoder: `struct.unpack` in Python, `String#unpack` in Ruby,
//! `unsafe.Slice` in Go, an array of `djredis_item` in C.

use crate::error::Error;
use crate::value::Value;

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

/// Bytes of one entry of the table: type, flags, integer, offset, length.
pub(crate) const ITEM_SIZE: usize = 32;

/// A list of values in the layout of `DJREDIS_ITEMS`.
#[derive(Debug, Default)]
pub struct Items {
    count: usize,
    /// The table of `count` entries, then the bytes; offsets count from its start.
    buffer: Vec<u8>,
}

/// Fills an [`Items`] of a known length, in order.
pub(crate) struct ItemsBuilder {
    written: usize,
    items: Items,
}
