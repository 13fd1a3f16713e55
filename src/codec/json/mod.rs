//! JSON as Python's `json` module writes and reads it, with the dates of Django's `DjangoJSONEncoder`.
//!
//! Python's JSON is RFC 8259 and a little more: NaN, Infinity and -Infinity, integers of any width, and lone surrogates as
//! escapes. Neither direction recurses.

mod float;
mod lengths;
mod moment;
mod read;
mod string;
mod write;
mod zone;

pub(crate) use read::decode;
pub(crate) use write::encode;
