//! `djredis_cache`: many keys in one crossing.

use std::borrow::Cow;
use std::ffi::{c_char, c_void};
use std::ptr::NonNull;

use super::boundary::{Output, call};
use super::cache::djredis_cache;
use super::call::{djredis_call, read};
use super::input;
use super::value::{self, djredis_value};
use crate::cache::{Cache, Call};
use crate::error::{Error, Result};
use crate::value::Value;

/// Does an operation on many keys.
fn on_keys(
    cache: Option<NonNull<djredis_cache>>,
    keys: (usize, *const c_char, *const u32),
    how: *const djredis_call,
    out: *mut djredis_value,
    operation: impl FnOnce(&Cache, &[&[u8]], &Call) -> Result<Output>,
) -> i32 {
    call(out, || {
        let cache = input::shared(cache, "cache")?;
        let (n, keys, key_lens) = keys;
        let keys = input::joined(keys.cast(), input::array(key_lens, n, "key_lens")?, "keys")?;
        operation(cache.get(), &keys, &read(how)?)
    })
}

/// The values under `n` keys, as ITEMS in the order of the keys: a value, MISSING, or ERROR for one that can't be decoded. Where
/// keys are spread over servers and some of these fail, their keys are ERROR too; with IGNORE_EXCEPTIONS they are MISSING.
///
/// The keys stand one after the other at `keys`, their lengths at `key_lens`. DJREDIS_OK; errors as djredis_cache_get.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn djredis_cache_get_many(
    cache: Option<NonNull<djredis_cache>>,
    n: usize,
    keys: *const c_char,
    key_lens: *const u32,
    call: *const djredis_call,
    out: *mut djredis_value,
) -> i32 {
    on_keys(cache, (n, keys, key_lens), call, out, |cache, keys, call| {
        cache.get_many(keys, call).map(Output::Items)
    })
}

/// Exactly the bytes under `n` keys: ITEMS of BYTES and MISSING; otherwise as djredis_cache_get_many.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn djredis_cache_get_many_raw(
    cache: Option<NonNull<djredis_cache>>,
    n: usize,
    keys: *const c_char,
    key_lens: *const u32,
    call: *const djredis_call,
    out: *mut djredis_value,
) -> i32 {
    on_keys(cache, (n, keys, key_lens), call, out, |cache, keys, call| {
        cache.get_many_raw(keys, call).map(Output::Items)
    })
}

/// Stores `n` values in one round trip to each server: ITEMS of NONE, or ERROR for one that failed, in the order of the keys.
///
/// Keys as for djredis_cache_get_many; `values` has `n` slots. DJREDIS_OK; DJREDIS_ERR_ARGUMENT with DJREDIS_NX or
/// DJREDIS_XX; errors as djredis_cache_get.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn djredis_cache_set_many(
    cache: Option<NonNull<djredis_cache>>,
    n: usize,
    keys: *const c_char,
    key_lens: *const u32,
    values: *const djredis_value,
    call: *const djredis_call,
    out: *mut djredis_value,
) -> i32 {
    on_keys(cache, (n, keys, key_lens), call, out, |cache, keys, call| {
        let values = input::array(values, n, "values")?;
        let values = values.iter().map(|slot| value::read(slot));
        let pairs: Vec<_> =
            keys.iter().zip(values).map(|(key, value)| Ok((*key, value?))).collect::<Result<_>>()?;
        cache.set_many(&pairs, call).map(Output::Items)
    })
}

/// Stores `n` byte strings exactly as they are: they stand one after the other at `values`, their lengths at
/// `value_lens`; otherwise as djredis_cache_set_many.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn djredis_cache_set_many_raw(
    cache: Option<NonNull<djredis_cache>>,
    n: usize,
    keys: *const c_char,
    key_lens: *const u32,
    values: *const c_void,
    value_lens: *const u32,
    call: *const djredis_call,
    out: *mut djredis_value,
) -> i32 {
    on_keys(cache, (n, keys, key_lens), call, out, |cache, keys, call| {
        let values = input::joined(values, input::array(value_lens, n, "value_lens")?, "values")?;
        let pairs: Vec<_> = keys.iter().copied().zip(values).collect();
        cache.set_many_raw(&pairs, call).map(Output::Items)
    })
}

/// Stores `n` payloads that the host serialized by itself, all in the format with this number (see
/// djredis_cache_set_payload); otherwise as djredis_cache_set_many_raw.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn djredis_cache_set_many_payload(
    cache: Option<NonNull<djredis_cache>>,
    n: usize,
    keys: *const c_char,
    key_lens: *const u32,
    values: *const c_void,
    value_lens: *const u32,
    format: u32,
    call: *const djredis_call,
    out: *mut djredis_value,
) -> i32 {
    on_keys(cache, (n, keys, key_lens), call, out, |cache, keys, call| {
        let format = value::format(format)?;
        let values = input::joined(values, input::array(value_lens, n, "value_lens")?, "values")?;
        let payload = |data| Value::Payload { format, data: Cow::Borrowed(data) };
        let pairs: Vec<_> = keys.iter().copied().zip(values.into_iter().map(payload)).collect();
        cache.set_many(&pairs, call).map(Output::Items)
    })
}

/// Deletes `n` keys; INT: how many were there. Keys as for djredis_cache_get_many. Where one of several servers fails, the keys of
/// the others are deleted all the same. DJREDIS_OK; errors as djredis_cache_get.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn djredis_cache_delete_many(
    cache: Option<NonNull<djredis_cache>>,
    n: usize,
    keys: *const c_char,
    key_lens: *const u32,
    call: *const djredis_call,
    out: *mut djredis_value,
) -> i32 {
    on_keys(cache, (n, keys, key_lens), call, out, |cache, keys, call| {
        let deleted = cache.delete_many(keys, call)?;
        let deleted = i64::try_from(deleted).map_err(|_| Error::argument("more keys than an INT holds"))?;
        Ok(Output::Value(Value::Int(deleted)))
    })
}
