//! `djredis_value` and `djredis_item`: what crosses, in both directions, and the cursor over composite values.

use std::borrow::Cow;
use std::ffi::{c_char, c_void};
use std::ptr;

use super::boundary::{Output, plain, silent};
use super::{input, slot};
use crate::error::{Error, Result};
use crate::items::kind;
use crate::msgpack;
use crate::value::{Format, Value};

/// One slot for what comes back, and for typed values going in. 48 bytes on 64-bit machines, frozen. One thread at a time.
///
/// Zero it once (`djredis_value v = {0};`) and reuse it; never copy it by assignment. As `out` it is filled by the
/// call, and what it held is freed just before the call returns, so inputs may point into it, and `value`
/// may be `out`. `data` stays valid until the slot is passed as `out` to another call or to
/// djredis_value_clear, which the last use must end with. As an input only `type` and the fields
/// that its type names are read; input slots need no owner.
#[repr(C)]
pub struct djredis_value {
    /// DJREDIS_NONE ... DJREDIS_ITEMS.
    pub r#type: i32,
    /// MSGPACK: what it is; PAYLOAD: the format; ERROR: DJREDIS_NOT_SENT, DJREDIS_MAYBE_SENT, DJREDIS_AWAY.
    pub flags: u32,
    /// BOOL, INT; ITEMS: how many; ERROR: how many stored bytes follow the message.
    pub integer: i64,
    /// FLOAT.
    pub real: f64,
    /// The bytes; not NUL-terminated. NULL or anything where `len` is 0.
    pub data: *const u8,
    /// How many.
    pub len: usize,
    /// Private: never read or change it. NULL in a slot that a program fills by itself.
    pub owner: *mut c_void,
}

/// One item of a DJREDIS_ITEMS value; 32 bytes, frozen. Its bytes stand at `value.data + offset`.
#[repr(C)]
pub struct djredis_item {
    /// As in djredis_value; DJREDIS_MISSING for a key that is not there.
    pub r#type: i32,
    /// As in djredis_value.
    pub flags: u32,
    /// BOOL, INT; FLOAT: the bits of the double; ERROR: the status (the bytes are the message).
    pub integer: i64,
    /// Where the bytes start, counted from `value.data`.
    pub offset: u64,
    /// How many.
    pub len: u64,
}

impl djredis_value {
    pub(super) const EMPTY: djredis_value = djredis_value {
        r#type: kind::NONE,
        flags: 0,
        integer: 0,
        real: 0.0,
        data: ptr::null(),
        len: 0,
        owner: ptr::null_mut(),
    };
}

/// Frees what a slot holds and makes it all zeros, ready for reuse. NULL and an empty slot are fine.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn djredis_value_clear(value: *mut djredis_value) {
    silent(|| {
        // SAFETY: the caller's contract: NULL, or a slot that this call has to itself.
        if let Some(value) = unsafe { value.as_mut() } {
            slot::clear(value);
        }
    });
}

/// How many elements (pairs, of a map) a DJREDIS_MSGPACK or DJREDIS_ITEMS value has; 0 for dates and other leaves.
///
/// DJREDIS_OK; DJREDIS_ERR_NULL; DJREDIS_ERR_TYPE for other types; DJREDIS_ERR_DECODE for bytes that are no MessagePack. Any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn djredis_value_count(value: *const djredis_value, count: *mut usize) -> i32 {
    plain(|| {
        let value = required(value)?;
        // SAFETY: the caller's contract: NULL or writable.
        let count = unsafe { count.as_mut() }.ok_or_else(|| input::null("count"))?;
        *count = match value.r#type {
            kind::ITEMS => items(value)?.len(),
            _ => msgpack::count(packed(value)?).map_err(|_| malformed())?,
        };
        Ok(Output::Done)
    })
}

/// The next element of a DJREDIS_MSGPACK or DJREDIS_ITEMS value. `*pos` starts at 0 and is moved on.
///
/// `item` (and `key`, for maps and records; it is NONE for others and may be NULL) borrow from `value`: they are
/// valid as long as it holds its data, and need no clearing. What they owned is freed first. DJREDIS_OK;
/// DJREDIS_MISS at the end; else as djredis_value_count. A DJREDIS_ERROR item has its status in `integer`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn djredis_value_next(
    value: *const djredis_value,
    pos: *mut usize,
    key: *mut djredis_value,
    item: *mut djredis_value,
) -> i32 {
    plain(|| {
        let value = required(value)?;
        // SAFETY: the caller's contract: NULL or writable, and none of them is `value`.
        let (pos, key, item) = unsafe { (pos.as_mut(), key.as_mut(), item.as_mut()) };
        let (pos, item) = (pos.ok_or_else(|| input::null("pos"))?, item.ok_or_else(|| input::null("item"))?);
        if value.r#type == kind::ITEMS {
            return next_item(value, pos, key, item);
        }
        let Some((name, element)) = msgpack::next(packed(value)?, pos).map_err(|_| malformed())? else {
            return Ok(Output::Miss);
        };
        lend(item, &element);
        if let Some(key) = key {
            lend(key, &name.unwrap_or(Value::None));
        }
        Ok(Output::Done)
    })
}

fn next_item(
    value: &djredis_value,
    pos: &mut usize,
    key: Option<&mut djredis_value>,
    item: &mut djredis_value,
) -> Result<Output> {
    let Some(entry) = items(value)?.get(*pos) else { return Ok(Output::Miss) };
    let bytes = contents(value)?;
    let start = usize::try_from(entry.offset).unwrap_or(usize::MAX);
    let end = start.saturating_add(usize::try_from(entry.len).unwrap_or(usize::MAX));
    let data = bytes.get(start..end).ok_or_else(malformed)?;
    slot::clear(item);
    item.r#type = entry.r#type;
    item.flags = entry.flags;
    item.integer = entry.integer;
    if entry.r#type == kind::FLOAT {
        item.real = f64::from_bits(entry.integer.cast_unsigned());
        item.integer = 0;
    }
    item.data = data.as_ptr();
    item.len = data.len();
    if let Some(key) = key {
        slot::clear(key);
    }
    *pos += 1;
    Ok(Output::Done)
}

/// The element of a map or record under a text key. `item` borrows from `value`, as with djredis_value_next.
///
/// DJREDIS_OK; DJREDIS_MISS if there is no such key, or no keys at all; else as djredis_value_count.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn djredis_value_lookup(
    value: *const djredis_value,
    key: *const c_char,
    key_len: usize,
    item: *mut djredis_value,
) -> i32 {
    plain(|| {
        let value = required(value)?;
        let key = input::utf8(key, key_len, "key")?;
        // SAFETY: the caller's contract: NULL or writable, and not `value`.
        let item = unsafe { item.as_mut() }.ok_or_else(|| input::null("item"))?;
        if value.r#type == kind::ITEMS {
            return Ok(Output::Miss);
        }
        match msgpack::lookup(packed(value)?, key).map_err(|_| malformed())? {
            Some(element) => lend(item, &element),
            None => return Ok(Output::Miss),
        }
        Ok(Output::Done)
    })
}

/// What a value that is all bytes amounts to: TEXT for a Decimal, a Fraction and a SafeString, BYTES (docs/values.md, section 3) for a
/// UUID, a bytearray, a complex number and the others. `item` borrows from `value`, as with djredis_value_next.
///
/// DJREDIS_OK; DJREDIS_MISS for containers and all other values; else as djredis_value_count.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn djredis_value_leaf(value: *const djredis_value, item: *mut djredis_value) -> i32 {
    plain(|| {
        let value = required(value)?;
        // SAFETY: the caller's contract: NULL or writable, and not `value`.
        let item = unsafe { item.as_mut() }.ok_or_else(|| input::null("item"))?;
        if value.r#type != kind::MSGPACK {
            return Ok(Output::Miss);
        }
        match msgpack::leaf(contents(value)?).map_err(|_| malformed())? {
            Some(leaf) => lend(item, &leaf),
            None => return Ok(Output::Miss),
        }
        Ok(Output::Done)
    })
}

fn malformed() -> Error {
    Error::decode("the value's data is no MessagePack as docs/values.md describes it")
}

fn required<'a>(value: *const djredis_value) -> Result<&'a djredis_value> {
    // SAFETY: the caller's contract: NULL, or a slot that nobody changes meanwhile.
    unsafe { value.as_ref() }.ok_or_else(|| input::null("value"))
}

fn contents(value: &djredis_value) -> Result<&[u8]> {
    input::bytes(value.data.cast(), value.len, "value.data")
}

fn packed(value: &djredis_value) -> Result<&[u8]> {
    if value.r#type != kind::MSGPACK {
        let message = "only DJREDIS_MSGPACK and DJREDIS_ITEMS values have elements; look at value.type first";
        return Err(Error::new(crate::error::Status::Type, message));
    }
    contents(value)
}

/// The table of an ITEMS value, checked against its length.
fn items(value: &djredis_value) -> Result<&[djredis_item]> {
    let bytes = contents(value)?;
    let count = usize::try_from(value.integer).unwrap_or(usize::MAX);
    if count.saturating_mul(size_of::<djredis_item>()) > bytes.len() {
        return Err(malformed());
    }
    input::array(value.data.cast(), count, "value.data")
}

/// Fills a slot with a value that it does not own.
fn lend(to: &mut djredis_value, value: &Value<'_>) {
    slot::clear(to);
    let (kind, flags, data): (i32, u32, &[u8]) = match value {
        Value::None => (kind::NONE, 0, &[]),
        Value::Bool(flag) => {
            to.integer = i64::from(*flag);
            (kind::BOOL, 0, &[])
        }
        Value::Int(number) => {
            to.integer = *number;
            (kind::INT, 0, &[])
        }
        Value::Float(number) => {
            to.real = *number;
            (kind::FLOAT, 0, &[])
        }
        Value::Bytes(data) => (kind::BYTES, 0, data),
        Value::Text(text) => (kind::TEXT, 0, text.as_bytes()),
        Value::BigInt(digits) => (kind::BIGINT, 0, digits.as_bytes()),
        Value::Packed { kind: top, data } => (kind::MSGPACK, *top, data),
        Value::Opaque(data) => (kind::OPAQUE, 0, data),
        Value::Payload { format, data } => (kind::PAYLOAD, *format as u32, data),
    };
    to.r#type = kind;
    to.flags = flags;
    to.data = if data.is_empty() { ptr::null() } else { data.as_ptr() };
    to.len = data.len();
}

/// The value in a slot that a program filled, or that a call filled before.
pub(super) fn read<'a>(value: *const djredis_value) -> Result<Value<'a>> {
    let value = required(value)?;
    let data = || contents(value).map(Cow::Borrowed);
    let text = |what: &str| {
        std::str::from_utf8(contents(value)?).map(Cow::Borrowed).map_err(|_| {
            Error::argument(format!("value.data of {what} is no valid UTF-8; use DJREDIS_BYTES"))
        })
    };
    Ok(match value.r#type {
        kind::NONE => Value::None,
        kind::BOOL => Value::Bool(value.integer != 0),
        kind::INT => Value::Int(value.integer),
        kind::FLOAT => Value::Float(value.real),
        kind::BYTES => Value::Bytes(data()?),
        kind::TEXT => Value::Text(text("DJREDIS_TEXT")?),
        kind::BIGINT => Value::BigInt(text("DJREDIS_BIGINT")?),
        kind::MSGPACK => Value::Packed { kind: value.flags, data: data()? },
        kind::OPAQUE => Value::Opaque(data()?),
        kind::PAYLOAD => Value::Payload { format: format(value.flags)?, data: data()? },
        other => {
            let message =
                format!("a value of type {other} can't be stored; see DJREDIS_NONE to DJREDIS_PAYLOAD");
            return Err(Error::argument(message));
        }
    })
}

/// The format with this number.
pub(super) fn format(number: u32) -> Result<Format> {
    Format::from_number(number).ok_or_else(|| {
        Error::argument(format!("there is no payload format {number}: 1 pickle, 2 json, 3 msgpack, 4 raw"))
    })
}
