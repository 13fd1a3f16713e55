//! Composite values, which are MessagePack (docs/values.md), as Ruby's objects. What is rare is left to Ruby's own reader.

use super::api::Value;
use super::time;
use super::vm::Ruby;
use crate::msgpack::{Reader, Token, ext};

/// Deeper values are Ruby's, which needs no frame for each level.
const LEVELS: usize = 32;

/// A composite value, perhaps with the stored payload behind it.
pub(super) fn unpack(ruby: &Ruby, data: &[u8]) -> Value {
    let mut reader = Reader::at(data, 0);
    match value(ruby, &mut reader, LEVELS) {
        Some(made) if reader.is_done() => made,
        _ => ruby.call(ruby.names.composite, &[ruby.bytes(data)]),
    }
}

/// The next value; None where Ruby has to read the whole.
fn value(ruby: &Ruby, reader: &mut Reader<'_>, levels: usize) -> Option<Value> {
    Some(match reader.token().ok()? {
        Token::Nil => ruby.nil,
        Token::Bool(truth) => ruby.bool(truth),
        Token::Int(integer) => ruby.integer(integer),
        // SAFETY: any number is fine.
        Token::UInt(integer) => unsafe { (ruby.symbols.api.rb_ull2inum)(integer) },
        Token::Float(real) => ruby.float(real),
        Token::Str(text) => ruby.text(text.as_bytes()),
        Token::Bin(bytes) => ruby.bytes(bytes),
        Token::Ext(kind, payload) => return extension(ruby, kind.cast_unsigned(), payload, levels),
        Token::Array(_) | Token::Map(_) if levels == 0 => return None,
        Token::Array(len) => {
            let list = ruby.list(len);
            for _ in 0..len {
                ruby.push(list, value(ruby, reader, levels - 1)?);
            }
            list
        }
        Token::Map(len) => {
            let map = ruby.map(len);
            for _ in 0..len {
                let key = key(ruby, reader, levels - 1)?;
                ruby.put(map, key, value(ruby, reader, levels - 1)?);
            }
            map
        }
    })
}

/// The key of a Hash.
fn key(ruby: &Ruby, reader: &mut Reader<'_>, levels: usize) -> Option<Value> {
    let mut ahead = reader.clone();
    let Token::Str(text) = ahead.token().ok()? else { return value(ruby, reader, levels) };
    *reader = ahead;
    Some(ruby.key_text(text.as_bytes()))
}

fn extension(ruby: &Ruby, kind: u8, payload: &[u8], levels: usize) -> Option<Value> {
    let number = ruby.integer(i64::from(kind));
    match kind {
        // Its origin stands behind the whole value.
        ext::RECORD => None,
        ext::TUPLE | ext::SET | ext::FROZENSET => {
            let elements = value(ruby, &mut Reader::at(payload, 0), levels.checked_sub(1)?)?;
            Some(ruby.call(ruby.names.container, &[number, elements]))
        }
        _ => time::time(ruby, kind, payload)
            .or_else(|| Some(ruby.call(ruby.names.extension, &[number, ruby.bytes(payload)]))),
    }
}
