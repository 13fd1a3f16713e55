//! `djredis_cache`: many different calls in one round trip.

use std::borrow::Cow;
use std::ffi::c_void;
use std::ptr::NonNull;

use super::boundary::{Output, call};
use super::cache::djredis_cache;
use super::call::{djredis_call, from_parts, read};
use super::input;
use super::value::{djredis_value, format};
use crate::cache::{BatchCall, Operation};
use crate::error::{Error, Result};
use crate::msgpack::{Malformed, Reader, Token};
use crate::value::{LIST, Value};

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
        let calls = calls(input::bytes(ops, len, "ops")?)?;
        cache.batch(&calls, &read(call)?).map(Output::Items)
    })
}

fn wrong(what: &str) -> Error {
    Error::argument(format!("ops is no [[op, key, payload, flags, version, ttl_ms], ...]: {what}"))
}

fn malformed(what: Malformed) -> Error {
    wrong(what.what)
}

fn calls(ops: &[u8]) -> Result<Vec<BatchCall<'_>>> {
    let mut reader = Reader::at(ops, 0);
    let count = list(&mut reader, "it is no MessagePack array")?;
    let calls = (0..count).map(|_| batch_call(&mut reader)).collect::<Result<_>>()?;
    if !reader.is_done() {
        return Err(wrong("something follows it"));
    }
    Ok(calls)
}

/// How many elements follow.
fn list(reader: &mut Reader<'_>, otherwise: &str) -> Result<usize> {
    match reader.token().map_err(malformed)? {
        Token::Array(count) => Ok(count),
        _ => Err(wrong(otherwise)),
    }
}

fn batch_call<'a>(reader: &mut Reader<'a>) -> Result<BatchCall<'a>> {
    let fields = list(reader, "an element is no array")?;
    if !(2..=6).contains(&fields) {
        return Err(wrong("an element has less than an op and a key, or more than six fields"));
    }
    let Token::Str(op) = reader.token().map_err(malformed)? else { return Err(wrong("an op is no text")) };
    let key = match reader.token().map_err(malformed)? {
        Token::Str(text) => text.as_bytes(),
        Token::Bin(bytes) => bytes,
        _ => return Err(wrong("a key is neither text nor binary")),
    };
    let payload = if fields > 2 { reader.value().map_err(malformed)? } else { Value::None };
    let mut numbers = [0; 3];
    for number in numbers.iter_mut().take(fields.saturating_sub(3)) {
        *number = integer(reader)?;
    }
    let [flags, version, ttl_ms] = numbers;
    let flags = u32::try_from(flags).map_err(|_| wrong("flags are out of range"))?;
    Ok(BatchCall { key, operation: operation(op, payload)?, call: from_parts(flags, version, ttl_ms)? })
}

fn integer(reader: &mut Reader<'_>) -> Result<i64> {
    match reader.token().map_err(malformed)? {
        Token::Nil => Ok(0),
        Token::Int(number) => Ok(number),
        _ => Err(wrong("flags, version and ttl_ms are integers")),
    }
}

fn operation<'a>(op: &str, payload: Value<'a>) -> Result<Operation<'a>> {
    Ok(match (op, payload) {
        ("get", Value::None) => Operation::Get,
        ("set", value) => Operation::Set(value),
        ("set_payload", Value::Packed { kind: LIST, data: Cow::Borrowed(data) }) => {
            Operation::Set(serialized(&mut Reader::at(data, 0))?)
        }
        ("incr", Value::Int(delta)) => Operation::Incr(delta),
        ("incr", Value::None) => Operation::Incr(1),
        ("get_raw", Value::None) => Operation::GetRaw,
        ("delete", Value::None) => Operation::Delete,
        ("has_key", Value::None) => Operation::HasKey,
        ("touch", Value::None) => Operation::Touch,
        ("ttl", Value::None) => Operation::Ttl,
        (name, _) => return Err(wrong(&format!("'{name}' is no op, or does not take this payload"))),
    })
}

/// What a host serialized by itself: `[format, binary]`.
fn serialized<'a>(reader: &mut Reader<'a>) -> Result<Value<'a>> {
    let parts = (
        list(reader, "a payload is no array")?,
        reader.token().map_err(malformed)?,
        reader.token().map_err(malformed)?,
    );
    let (2, Token::Int(number), Token::Bin(data)) = parts else {
        return Err(wrong("the payload of 'set_payload' is [format, binary]"));
    };
    let format = format(u32::try_from(number).unwrap_or(0))?;
    Ok(Value::Payload { format, data: data.into() })
}
