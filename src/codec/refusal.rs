//! How the serializers that hold less than pickle say that they can't hold a value.

use crate::error::Error;
use crate::msgpack::ext;
use crate::value::LIST;

/// The error for a value of this kind ([`LIST`], a map, or an extension's number).
pub(super) fn of_kind(kind: u32, serializer: &str) -> Error {
    let what = match u8::try_from(kind).unwrap_or(0) {
        _ if kind == LIST => "a list",
        ext::OPAQUE => "a value that could not be typed",
        ext::BIGINT => "an integer over 64 bits",
        ext::TUPLE => "a tuple",
        ext::SET => "a set",
        ext::FROZENSET => "a frozenset",
        ext::DATETIME => "a datetime",
        ext::DATE => "a date",
        ext::TIME => "a time",
        ext::TIMEDELTA => "a timedelta",
        ext::DECIMAL => "a Decimal",
        ext::UUID => "a UUID",
        ext::COMPLEX => "a complex number",
        ext::FRACTION => "a Fraction",
        ext::RECORD => "an object of a Python class",
        ext::SURROGATES => "text with lone surrogates",
        ext::ERROR_REPLY | ext::STATUS_REPLY => "a reply of Redis",
        ext::BYTEARRAY => "a bytearray",
        ext::ORDERED_DICT => "an OrderedDict",
        ext::DEFAULTDICT => "a defaultdict",
        ext::COUNTER => "a Counter",
        ext::DEQUE => "a deque",
        ext::RANGE => "a range",
        ext::ELLIPSIS => "Ellipsis",
        ext::SAFE_STRING => "a SafeString",
        _ => "a map",
    };
    of(what, serializer)
}

/// The error for a value that is called so.
pub(super) fn of(what: &str, serializer: &str) -> Error {
    Error::encode(format!(
        "{what} can't be stored with SERIALIZER {serializer}, as in Django; store a plainer value, or use pickle"
    ))
}
