//! `djredis_cache`: many different calls in one round trip.

use std::ffi::c_void;
use std::ptr::NonNull;

use super::boundary::{Output, call};
use super::cache::djredis_cache;
use super::call::{djredis_call, from_parts, read};
use super::input;
use super::value::{djredis_value, format};
use crate::cache::{BatchCall, Operation};
use crate::error::{Error, Result};
use crate::msgpack;
use crate::value::Value;

/// Many different calls as one pipeline: MessagePack `[[op, key, payload, flags, version, ttl_ms], ...]` -> ITEMS, in order.
///
/// `op`: "get", "get_raw", "set", "set_payload", "delete", "has_key", "touch", "ttl" or "incr". `key`: text or binary.
/// `payload`: the value of "set" (docs/values.md), `[format, binary]` of "set_payload", the delta of "incr", else nil.
/// `flags`, `version`, `ttl_ms` as in djredis_call; what is left out at the end is 0. An item is what the single call leaves: a value, NONE where it was DJREDIS_OK without one, MISSING for
/// DJREDIS_MISS, or ERROR. Not a transaction. DJREDIS_OK; DJREDIS_ERR_ARGUMENT for a batch that is not of this form, with
/// nothing sent; errors as djredis_cache_get.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn djredis_cache_batch(
    cache: Option<NonNull<djredis_cache>>,
    ops: *const c_void,
    len: usize,
    call: *const djredis_call,
    out: *mut djredis_value,
) -> i32 {
    self::call(out, || {
        let cache = input::shared(cache, "cache")?.get();
        let fields = elements(input::bytes(ops, len, "ops")?)?;
        let rows = fields.iter().map(row).collect::<Result<Vec<_>>>()?;
        let calls = rows.iter().map(|row| batch_call(row)).collect::<Result<Vec<_>>>()?;
        cache.batch(&calls, &read(call)?).map(Output::Items)
    })
}

fn wrong(what: &str) -> Error {
    Error::argument(format!("ops is no [[op, key, payload, flags, version, ttl_ms], ...]: {what}"))
}

/// The elements of a MessagePack array.
fn elements(data: &[u8]) -> Result<Vec<Value<'_>>> {
    // The cursor also walks maps and tuples, and finds nothing in a nil.
    if !matches!(data.first(), Some(0x90..=0x9f | 0xdc | 0xdd)) {
        return Err(wrong("it is no MessagePack array"));
    }
    let (mut pos, mut found) = (0, Vec::new());
    while let Some((_, element)) =
        msgpack::next(data, &mut pos).map_err(|_| wrong("it is no MessagePack array"))?
    {
        found.push(element);
    }
    Ok(found)
}

fn row<'a>(element: &'a Value<'_>) -> Result<Vec<Value<'a>>> {
    match element {
        Value::Packed { data, .. } => elements(data),
        _ => Err(wrong("an element is no array")),
    }
}

fn batch_call<'a>(row: &'a [Value<'a>]) -> Result<BatchCall<'a>> {
    let [op, key, rest @ ..] = row else { return Err(wrong("an element has no op and key")) };
    let payload = rest.first().unwrap_or(&Value::None);
    let number = |index: usize| match rest.get(index) {
        None | Some(Value::None) => Ok(0),
        Some(Value::Int(number)) => Ok(*number),
        Some(_) => Err(wrong("flags, version and ttl_ms are integers")),
    };
    if rest.len() > 4 {
        return Err(wrong("an element has more than six fields"));
    }
    let flags = u32::try_from(number(1)?).map_err(|_| wrong("flags are out of range"))?;
    Ok(BatchCall {
        key: match key {
            Value::Text(text) => text.as_bytes(),
            Value::Bytes(bytes) => bytes,
            _ => return Err(wrong("a key is neither text nor binary")),
        },
        operation: operation(op, payload)?,
        call: from_parts(flags, number(2)?, number(3)?)?,
    })
}

fn operation<'a>(op: &Value<'_>, payload: &'a Value<'a>) -> Result<Operation<'a>> {
    let Value::Text(name) = op else { return Err(wrong("an op is no text")) };
    Ok(match (&**name, payload) {
        ("set", value) => Operation::Set(value.clone()),
        ("set_payload", Value::Packed { data, .. }) => Operation::Set(serialized(&elements(data)?)?),
        ("incr", Value::Int(delta)) => Operation::Incr(*delta),
        ("incr", Value::None) => Operation::Incr(1),
        ("get", Value::None) => Operation::Get,
        ("get_raw", Value::None) => Operation::GetRaw,
        ("delete", Value::None) => Operation::Delete,
        ("has_key", Value::None) => Operation::HasKey,
        ("touch", Value::None) => Operation::Touch,
        ("ttl", Value::None) => Operation::Ttl,
        (name, _) => return Err(wrong(&format!("'{name}' is no op, or does not take this payload"))),
    })
}

/// What a host serialized by itself: `[format, binary]`.
fn serialized<'a>(parts: &[Value<'a>]) -> Result<Value<'a>> {
    let [Value::Int(number), Value::Bytes(data)] = parts else {
        return Err(wrong("the payload of 'set_payload' is [format, binary]"));
    };
    let format = format(u32::try_from(*number).unwrap_or(0))?;
    Ok(Value::Payload { format, data: data.clone() })
}
