//! Ruby's plain objects as MessagePack. What is not plain is left to Ruby's own writer.

use std::ffi::c_int;
use std::str;

use super::api::Value;
use super::layout::{self, FLOAT, STRING, SYMBOL};
use super::vm::{Encoding, FALSE, Ruby};
use crate::msgpack::Writer;

/// Deeper values are Ruby's: a frame here for each level, and the objects may hold themselves.
const LEVELS: usize = 32;
/// Longer ones too: objects that hold others twice may become larger than memory.
const LONGEST: usize = 64 << 20;

/// What rb_hash_foreach goes on or stops with.
const CONTINUE: c_int = 0;
const STOP: c_int = 1;

/// Writes a value; false, with something or nothing written, where it is not plain all through.
pub(super) fn pack(ruby: &Ruby, out: &mut Writer, value: Value) -> bool {
    at_level(ruby, out, value, LEVELS)
}

fn at_level(ruby: &Ruby, out: &mut Writer, value: Value, levels: usize) -> bool {
    if let Some(integer) = layout::small_integer(value) {
        out.int(integer);
        return true;
    }
    match value {
        _ if value == ruby.nil => out.nil(),
        _ if value == FALSE || value == ruby.truth => out.bool(value != FALSE),
        _ if layout::is_flonum(value) => float(ruby, out, value),
        _ if layout::is_static_symbol(value) => return symbol(ruby, out, value),
        _ => return object(ruby, out, value, levels),
    }
    true
}

fn object(ruby: &Ruby, out: &mut Writer, value: Value, levels: usize) -> bool {
    match ruby.type_of(value) {
        STRING => string(ruby, out, value),
        FLOAT => {
            float(ruby, out, value);
            true
        }
        SYMBOL => symbol(ruby, out, value),
        layout::IMMEDIATE => false,
        _ if levels == 0 || out.len() > LONGEST => false,
        _ if layout::class_of(value) == ruby.symbols.hash => map(ruby, out, value, levels),
        _ if layout::class_of(value) == ruby.symbols.array => list(ruby, out, value, levels),
        _ => false,
    }
}

fn float(ruby: &Ruby, out: &mut Writer, value: Value) {
    // SAFETY: a Float.
    out.float(unsafe { (ruby.symbols.api.rb_float_value)(value) });
}

fn symbol(ruby: &Ruby, out: &mut Writer, value: Value) -> bool {
    // SAFETY: a Symbol.
    let name = unsafe { (ruby.symbols.api.rb_sym2str)(value) };
    text(ruby, name).is_some_and(|text| {
        out.checked_str(text);
        true
    })
}

fn string(ruby: &Ruby, out: &mut Writer, value: Value) -> bool {
    if let Some(text) = text(ruby, value) {
        out.checked_str(text);
    } else if let Some(bytes) = bytes(ruby, value) {
        out.bin(bytes);
    } else {
        return false;
    }
    true
}

/// The UTF-8 of a plain String of text.
pub(super) fn text(ruby: &Ruby, string: Value) -> Option<&[u8]> {
    if layout::class_of(string) != ruby.symbols.string {
        return None;
    }
    let bytes = ruby.strings.bytes(string);
    let valid = match ruby.encoding(string)? {
        Encoding::Utf8 => str::from_utf8(bytes).is_ok(),
        Encoding::Ascii => bytes.is_ascii(),
        Encoding::Binary => false,
    };
    valid.then_some(bytes)
}

/// The bytes of a plain binary String.
pub(super) fn bytes(ruby: &Ruby, string: Value) -> Option<&[u8]> {
    let plain = layout::class_of(string) == ruby.symbols.string;
    (plain && ruby.encoding(string) == Some(Encoding::Binary)).then(|| ruby.strings.bytes(string))
}

fn list(ruby: &Ruby, out: &mut Writer, array: Value, levels: usize) -> bool {
    let len = ruby.send(array, ruby.names.size, &[]);
    let Some(len) = layout::small_integer(len).and_then(|len| usize::try_from(len).ok()) else {
        return false;
    };
    out.array(len);
    (0..len).all(|index| at_level(ruby, out, ruby.element(array, index), levels - 1))
}

struct Pairs<'p> {
    ruby: &'p Ruby,
    out: &'p mut Writer,
    levels: usize,
    plain: bool,
}

fn map(ruby: &Ruby, out: &mut Writer, hash: Value, levels: usize) -> bool {
    unsafe extern "C-unwind" fn pair(key: Value, value: Value, pairs: Value) -> c_int {
        // SAFETY: what is passed below.
        let pairs = unsafe { &mut *(pairs as *mut Pairs<'_>) };
        pairs.plain =
            [key, value].into_iter().all(|part| at_level(pairs.ruby, pairs.out, part, pairs.levels));
        if pairs.plain { CONTINUE } else { STOP }
    }
    // SAFETY: a Hash.
    out.map(unsafe { (ruby.symbols.api.rb_hash_size_num)(hash) });
    let mut pairs = Pairs { ruby, out, levels: levels - 1, plain: true };
    // SAFETY: a Hash, which nothing changes meanwhile, and what `pair` takes.
    unsafe { (ruby.symbols.api.rb_hash_foreach)(hash, pair, (&raw mut pairs) as Value) };
    pairs.plain
}
