//! Keys and values on their way in. They are copied, since other threads may change them while the GVL is free.

use std::ptr;

use smallvec::SmallVec;

use super::api::Value;
use super::layout::{self, FLOAT, STRING};
use super::pack;
use super::vm::{FALSE, Ruby};
use crate::ffi::value::djredis_value;
use crate::items::kind;
use crate::msgpack::Writer;

/// The bytes of a key; most fit in without an allocation.
pub(super) type Key = SmallVec<[u8; 128]>;

/// A String of more bytes is not copied but frozen, if it is the only value: Ruby copies it if the program changes it meanwhile.
const COPIED: usize = 4096;

impl Ruby {
    /// The bytes of a key, good until the next call into Ruby.
    pub(super) fn key<'a>(&self, key: Value) -> &'a [u8] {
        self.strings.bytes(if self.is_plain_key(key) { key } else { self.call(self.names.plain, &[key]) })
    }

    /// Whether a key is a String whose bytes are taken as they are.
    pub(super) fn is_plain_key(&self, key: Value) -> bool {
        self.type_of(key) == STRING && self.encoding(key).is_some()
    }
}

/// Where the bytes of a value are.
#[derive(Clone, Copy)]
enum Place {
    /// In `Values::copied`, from here on.
    Copied(usize),
    /// In a frozen String. This word must stand on the stack, so that Ruby sees it.
    Frozen(Value),
}

/// A value as a slot has it.
#[derive(Clone, Copy)]
struct Given {
    kind: i32,
    flags: u32,
    integer: i64,
    real: f64,
    place: Place,
    len: usize,
}

impl Given {
    fn scalar(kind: i32, integer: i64, real: f64) -> Given {
        Given { kind, flags: 0, integer, real, place: Place::Copied(0), len: 0 }
    }
}

/// Values to be stored. The first one stands in this struct itself.
#[derive(Default)]
pub(super) struct Values {
    given: SmallVec<[Given; 1]>,
    copied: Writer,
}

impl Values {
    /// The only value.
    pub(super) fn set(&mut self, ruby: &Ruby, value: Value) {
        match string(ruby, value) {
            Some((kind, bytes)) if bytes.len() > COPIED => {
                let len = bytes.len();
                // SAFETY: a String.
                let frozen = unsafe { (ruby.symbols.api.rb_str_new_frozen)(value) };
                let place = Place::Frozen(frozen);
                self.given.push(Given { place, len, ..Given::scalar(kind, 0, 0.0) });
            }
            _ => self.add(ruby, value),
        }
    }

    /// One of several.
    pub(super) fn add(&mut self, ruby: &Ruby, value: Value) {
        if let Some((kind, bytes)) = string(ruby, value) {
            self.copy(kind, bytes);
        } else if let Some(given) = scalar(ruby, value) {
            self.given.push(given);
        } else {
            self.composite(ruby, value);
        }
    }

    fn copy(&mut self, kind: i32, bytes: &[u8]) {
        let place = Place::Copied(self.copied.len());
        self.copied.raw(bytes);
        self.given.push(Given { place, len: bytes.len(), ..Given::scalar(kind, 0, 0.0) });
    }

    fn composite(&mut self, ruby: &Ruby, value: Value) {
        let at = self.copied.len();
        // SAFETY: any object; one without variables has none of this name.
        let origin = unsafe { (ruby.symbols.api.rb_attr_get)(value, ruby.names.origin) };
        if origin == ruby.nil && pack::pack(ruby, &mut self.copied, value) {
            let len = self.copied.len() - at;
            self.given.push(Given { place: Place::Copied(at), len, ..Given::scalar(kind::MSGPACK, 0, 0.0) });
        } else {
            self.copied.truncate(at);
            self.by_ruby(ruby, value);
        }
    }

    /// What Ruby makes of it: the type, the flags, the integer, the real and the bytes.
    fn by_ruby(&mut self, ruby: &Ruby, value: Value) {
        let fields = ruby.call(ruby.names.fields, &[value]);
        let number = |index| {
            // SAFETY: an Integer of at most 64 bits.
            unsafe { (ruby.symbols.api.rb_num2ll)(ruby.element(fields, index)) }
        };
        let (kind, flags, integer) = (number(0) as i32, number(1) as u32, number(2));
        // SAFETY: a Float.
        let real = unsafe { (ruby.symbols.api.rb_float_value)(ruby.element(fields, 3)) };
        let bytes = ruby.strings.bytes(ruby.element(fields, 4));
        let place = Place::Copied(self.copied.len());
        self.copied.raw(bytes);
        self.given.push(Given { flags, place, len: bytes.len(), ..Given::scalar(kind, integer, real) });
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.given.len()
    }

    /// The value at `index` as a slot, which points into this.
    pub(super) fn slot(&self, ruby: &Ruby, index: usize) -> djredis_value {
        let given = self.given[index];
        let data = match given.place {
            Place::Copied(at) => self.copied.bytes()[at..].as_ptr(),
            Place::Frozen(string) => ruby.strings.bytes(string).as_ptr(),
        };
        let Given { kind, flags, integer, real, len, .. } = given;
        djredis_value { r#type: kind, flags, integer, real, data, len, owner: ptr::null_mut() }
    }
}

/// The type and the bytes of a plain String that is a value.
fn string(ruby: &Ruby, value: Value) -> Option<(i32, &[u8])> {
    if ruby.type_of(value) != STRING {
        return None;
    }
    let text = pack::text(ruby, value).map(|text| (kind::TEXT, text));
    text.or_else(|| pack::bytes(ruby, value).map(|bytes| (kind::BYTES, bytes)))
}

fn scalar(ruby: &Ruby, value: Value) -> Option<Given> {
    if let Some(integer) = layout::small_integer(value) {
        return Some(Given::scalar(kind::INT, integer, 0.0));
    }
    if value == ruby.nil {
        return Some(Given::scalar(kind::NONE, 0, 0.0));
    }
    if value == FALSE || value == ruby.truth {
        return Some(Given::scalar(kind::BOOL, i64::from(value != FALSE), 0.0));
    }
    if layout::is_flonum(value) || ruby.type_of(value) == FLOAT {
        // SAFETY: a Float.
        let real = unsafe { (ruby.symbols.api.rb_float_value)(value) };
        return Some(Given::scalar(kind::FLOAT, 0, real));
    }
    None
}
