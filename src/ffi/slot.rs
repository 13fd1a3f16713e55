//! Filling and emptying the caller's slot.
//!
//! `owner` is a boxed Vec that `data` points into. The box stays with the slot from call to call, so a reply
//! costs one allocation: its own bytes.

use std::borrow::Cow;
use std::ptr;

use super::boundary::Output;
use super::value::djredis_value;
use crate::error::{Error, Result, Status};
use crate::items::kind;
use crate::limits::NEAR_AT_HAND;
use crate::value::Value;

/// The status of a result.
pub(super) fn status(result: &Result<Output>) -> i32 {
    let status = match result {
        Ok(Output::Miss) => Status::Miss,
        Ok(_) => Status::Ok,
        Err(error) if error.is_ignored() => Status::Ignored,
        Err(error) => error.status(),
    };
    status as i32
}

/// Replaces what `out` holds by a result; answers the status.
pub(super) fn put(out: &mut djredis_value, result: Result<Output>) -> i32 {
    let status = status(&result);
    match result {
        Ok(Output::Filled) => {}
        Ok(Output::Done | Output::Miss) => put_value(out, Value::None),
        Ok(Output::Value(value)) => put_value(out, value),
        Ok(Output::Items(items)) => {
            let count = items.len();
            put_bytes(out, kind::ITEMS, 0, items.into_buffer());
            out.integer = i64::try_from(count).unwrap_or(i64::MAX);
        }
        Err(error) => put_error(out, &error),
    }
    status
}

fn put_value(out: &mut djredis_value, value: Value<'static>) {
    match value {
        Value::None => put_scalar(out, kind::NONE, 0, 0.0),
        Value::Bool(flag) => put_scalar(out, kind::BOOL, i64::from(flag), 0.0),
        Value::Int(number) => put_scalar(out, kind::INT, number, 0.0),
        Value::Float(number) => put_scalar(out, kind::FLOAT, 0, number),
        Value::Bytes(data) => put_bytes(out, kind::BYTES, 0, data.into_owned()),
        Value::Text(text) => put_bytes(out, kind::TEXT, 0, text.into_owned().into_bytes()),
        Value::BigInt(digits) => put_bytes(out, kind::BIGINT, 0, digits.into_owned().into_bytes()),
        Value::Packed { kind: top, data } => put_bytes(out, kind::MSGPACK, top, data.into_owned()),
        Value::Opaque(data) => put_bytes(out, kind::OPAQUE, 0, data.into_owned()),
        Value::Payload { format, data } => put_bytes(out, kind::PAYLOAD, format as u32, data.into_owned()),
    }
}

/// Replaces what `out` holds by a copy of a value that borrows its bytes, in the memory that the slot has already.
#[inline]
pub(super) fn copy(out: &mut djredis_value, value: Value<'_>) {
    match value {
        Value::Bytes(Cow::Borrowed(data)) => copy_bytes(out, kind::BYTES, 0, data),
        Value::Text(Cow::Borrowed(text)) => copy_bytes(out, kind::TEXT, 0, text.as_bytes()),
        Value::Payload { format, data: Cow::Borrowed(data) } => {
            copy_bytes(out, kind::PAYLOAD, format as u32, data);
        }
        other => put_value(out, other.into_owned()),
    }
}

fn copy_bytes(out: &mut djredis_value, kind: i32, flags: u32, bytes: &[u8]) {
    let owner: *mut Vec<u8> = out.owner.cast();
    // SAFETY: as in keep(); `bytes` are not the slot's.
    match unsafe { owner.as_mut() } {
        Some(owned) if (bytes.len()..=NEAR_AT_HAND).contains(&owned.capacity()) => {
            owned.clear();
            owned.extend_from_slice(bytes);
            let data = owned.as_ptr();
            *out = djredis_value {
                r#type: kind,
                flags,
                integer: 0,
                real: 0.0,
                data,
                len: bytes.len(),
                owner: out.owner,
            };
        }
        _ => put_bytes(out, kind, flags, bytes.to_vec()),
    }
}

fn put_error(out: &mut djredis_value, error: &Error) {
    let message = error.message().as_bytes();
    let stored = error.stored();
    put_bytes(out, kind::ERROR, error.flags(), [message, stored].concat());
    out.len = message.len();
    out.integer = i64::try_from(stored.len()).unwrap_or(0);
}

fn put_scalar(out: &mut djredis_value, kind: i32, integer: i64, real: f64) {
    keep(out, Vec::new());
    *out =
        djredis_value { r#type: kind, flags: 0, integer, real, data: ptr::null(), len: 0, owner: out.owner };
}

fn put_bytes(out: &mut djredis_value, kind: i32, flags: u32, bytes: Vec<u8>) {
    let len = bytes.len();
    let data = keep(out, bytes);
    *out = djredis_value { r#type: kind, flags, integer: 0, real: 0.0, data, len, owner: out.owner };
}

/// Makes `bytes` the slot's own, in place of what it owned; answers where they stand.
fn keep(out: &mut djredis_value, bytes: Vec<u8>) -> *const u8 {
    let owner: *mut Vec<u8> = out.owner.cast();
    // SAFETY: owner is NULL or came from Box::into_raw below; nobody else touches it (header: private).
    match unsafe { owner.as_mut() } {
        Some(owned) => {
            *owned = bytes;
            owned.as_ptr()
        }
        None if bytes.capacity() == 0 => ptr::null(),
        None => {
            let data = bytes.as_ptr();
            out.owner = Box::into_raw(Box::new(bytes)).cast();
            data
        }
    }
}

/// Frees what a slot owns and makes it all zeros.
pub(super) fn clear(slot: &mut djredis_value) {
    let owner: *mut Vec<u8> = slot.owner.cast();
    if !owner.is_null() {
        // SAFETY: it came from Box::into_raw in keep(), and is forgotten by the slot in the next line.
        let mut owned = unsafe { Box::from_raw(owner) };
        if cfg!(debug_assertions) {
            owned.fill(0xDD);
        }
    }
    *slot = djredis_value::EMPTY;
}
