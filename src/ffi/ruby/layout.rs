//! Where an object keeps its type, its class and, of a String, its bytes. These stand in inline functions of ruby.h, so that
//! there is nothing to call; `Strings::probe` makes sure of what it says before anything relies on it.

use std::slice;

use super::api::{Api, Value};

/// The bits of RBasic.flags that are the type.
const TYPE: usize = 0x1f;
pub(super) const FLOAT: usize = 4;
pub(super) const STRING: usize = 5;
pub(super) const SYMBOL: usize = 0x14;
/// A type that no object has, for values that are no objects.
pub(super) const IMMEDIATE: usize = 0;

/// A String whose bytes are elsewhere.
const NOEMBED: usize = 1 << 13;
const EMBEDDED_LEN_SHIFT: usize = 14;
const EMBEDDED_LEN: usize = 0x1f;

/// The bits of RBasic.flags that are a String's encoding: its index, or all ones for those of large index.
const ENCODING_SHIFT: usize = 22;
const ENCODING: usize = 0x7f << ENCODING_SHIFT;

/// Longer than any String that Ruby keeps within the object.
static LONG: [u8; 2000] = [b'd'; 2000];

/// Small integers, floats and symbols are no pointers.
const IMMEDIATE_BITS: usize = 7;
const INTEGER_BIT: usize = 1;
const FLONUM_BITS: usize = 3;
const FLONUM: usize = 2;
const SYMBOL_BITS: usize = 0xff;
const STATIC_SYMBOL: usize = 0x0c;

/// The number in a word that is a small Integer.
pub(super) fn small_integer(value: Value) -> Option<i64> {
    (value & INTEGER_BIT != 0).then_some(value.cast_signed() as i64 >> 1)
}

/// A small Integer; larger ones need memory.
pub(super) fn from_small(integer: i32) -> Value {
    (integer as isize).cast_unsigned() << 1 | INTEGER_BIT
}

/// Whether a value is a Float in a word.
pub(super) fn is_flonum(value: Value) -> bool {
    value & FLONUM_BITS == FLONUM
}

/// Whether a value is a Symbol in a word.
pub(super) fn is_static_symbol(value: Value) -> bool {
    value & SYMBOL_BITS == STATIC_SYMBOL
}

fn word(object: Value, index: usize) -> usize {
    // SAFETY: the callers' contract: an object, which is five words at least.
    unsafe { *(object as *const usize).add(index) }
}

/// The type of an object. `nil` is the one value that looks like a pointer and is none, beside false, which is 0.
pub(super) fn type_of(value: Value, nil: Value) -> usize {
    if value & IMMEDIATE_BITS != 0 || value == nil || value == 0 { IMMEDIATE } else { word(value, 0) & TYPE }
}

/// The class of an object, or its singleton class.
pub(super) fn class_of(object: Value) -> Value {
    word(object, 1)
}

/// How Strings are kept.
#[derive(Clone, Copy)]
pub(super) struct Strings {
    short: Short,
    /// The bits of the flags in which text differs from bytes.
    utf8: usize,
}

/// How short ones are.
#[derive(Clone, Copy, PartialEq)]
enum Short {
    /// Before Ruby 3.2: the length is in the flags, and the bytes follow the class.
    InFlags,
    /// Since then: length, then bytes.
    Plain,
}

impl Strings {
    /// None where Strings are kept in a way that is not known here. A part of a body.
    /// `encodings`: the indexes of binary and of UTF-8.
    pub(super) fn probe(api: &Api, encodings: [usize; 2]) -> Option<Strings> {
        let (short, long): (&[u8], &[u8]) = (b"djr", &LONG);
        // SAFETY: constants.
        let [bytes, text, large] = unsafe {
            [(api.rb_str_new, short), (api.rb_utf8_str_new, short), (api.rb_str_new, long)]
                .map(|(new, from)| new(from.as_ptr().cast(), from.len().cast_signed() as _))
        };
        let utf8 = word(bytes, 0) ^ word(text, 0);
        if utf8 & !ENCODING != 0 {
            return None;
        }
        let known = [Short::Plain, Short::InFlags].map(|short| Strings { short, utf8 });
        known.into_iter().find(|strings| {
            word(bytes, 0) & NOEMBED == 0
                && word(large, 0) & NOEMBED != 0
                && strings.bytes(large) == long
                && [bytes, text].map(|made| strings.encoding(made)) == encodings
                && [bytes, text]
                    .into_iter()
                    .all(|made| strings.len(made) == 3 && strings.bytes(made) == short)
        })
    }

    /// The index of the String's encoding; one of no encoding for those of large index.
    pub(super) fn encoding(self, string: Value) -> usize {
        (word(string, 0) & ENCODING) >> ENCODING_SHIFT
    }

    fn len(self, string: Value) -> usize {
        if self.short == Short::InFlags && word(string, 0) & NOEMBED == 0 {
            word(string, 0) >> EMBEDDED_LEN_SHIFT & EMBEDDED_LEN
        } else {
            word(string, 2)
        }
    }

    /// The bytes of a String, as long as it lives and nobody changes it: copy them, or keep it in sight and frozen.
    pub(super) fn bytes<'a>(self, string: Value) -> &'a [u8] {
        let at = match self.short {
            _ if word(string, 0) & NOEMBED != 0 => word(string, 3) as *const u8,
            Short::InFlags => (string as *const usize).wrapping_add(2).cast(),
            Short::Plain => (string as *const usize).wrapping_add(3).cast(),
        };
        // SAFETY: what `probe` has seen of this Ruby's Strings.
        unsafe { slice::from_raw_parts(at, self.len(string)) }
    }

    /// Makes text of bytes that nobody else has seen: half the time of rb_utf8_str_new.
    pub(super) fn make_text(self, bytes: Value) {
        // SAFETY: an object; `probe` has seen which bits say so.
        unsafe { *(bytes as *mut usize) ^= self.utf8 };
    }
}
