//! MessagePack, as far as values need it: a writer, a reader and a cursor that never recurse.
//!
//! The format is <https://github.com/msgpack/msgpack/blob/master/spec.md>; what values look like in it
//! is docs/values.md.

mod cursor;
mod read;
mod walk;
mod write;

pub(crate) use cursor::{count, leaf, lookup, next};
pub(crate) use read::{Malformed, Reader, Token};
pub(crate) use walk::{Event, Walk};
pub(crate) use write::Writer;

/// Extension numbers of docs/values.md, section 3.
pub(crate) mod ext {
    pub(crate) const OPAQUE: u8 = 3;
    pub(crate) const BIGINT: u8 = 4;
    pub(crate) const TUPLE: u8 = 5;
    pub(crate) const SET: u8 = 6;
    pub(crate) const FROZENSET: u8 = 7;
    pub(crate) const DATETIME: u8 = 8;
    pub(crate) const DATE: u8 = 9;
    pub(crate) const TIME: u8 = 10;
    pub(crate) const TIMEDELTA: u8 = 11;
    pub(crate) const DECIMAL: u8 = 12;
    pub(crate) const UUID: u8 = 13;
    pub(crate) const COMPLEX: u8 = 14;
    pub(crate) const FRACTION: u8 = 15;
    pub(crate) const RECORD: u8 = 16;
    pub(crate) const SURROGATES: u8 = 17;
    pub(crate) const ERROR_REPLY: u8 = 18;
    pub(crate) const STATUS_REPLY: u8 = 19;
    pub(crate) const BYTEARRAY: u8 = 20;
    pub(crate) const PAYLOAD: u8 = 21;
    pub(crate) const ORDERED_DICT: u8 = 22;
    pub(crate) const DEFAULTDICT: u8 = 23;
    pub(crate) const COUNTER: u8 = 24;
    pub(crate) const DEQUE: u8 = 25;
    pub(crate) const RANGE: u8 = 26;
    pub(crate) const ELLIPSIS: u8 = 27;
    pub(crate) const SAFE_STRING: u8 = 28;

    /// Whether values of this kind are composite ones, as a value handed over carries them.
    pub(crate) fn is_known(kind: u8) -> bool {
        (TUPLE..=SAFE_STRING).contains(&kind) && kind != PAYLOAD
    }

    /// Whether the payload ends with a map.
    pub(crate) fn holds_map(kind: u8) -> bool {
        matches!(kind, RECORD | ORDERED_DICT | DEFAULTDICT | COUNTER)
    }

    /// Whether Python can't hash it, so that it is no key and in no set.
    pub(crate) fn is_unhashable(kind: u8) -> bool {
        matches!(kind, SET | BYTEARRAY | ORDERED_DICT | DEFAULTDICT | COUNTER | DEQUE)
    }

    /// Whether the payload ends with an array or a map to walk through.
    pub(crate) fn holds_container(kind: u8) -> bool {
        matches!(
            kind,
            TUPLE | SET | FROZENSET | RECORD | ORDERED_DICT | DEFAULTDICT | COUNTER | DEQUE | RANGE
        )
    }
}
