//! `djredis_cache`: what the cache would send, and where, and what it counted.

use std::ffi::{c_char, c_void};
use std::ptr::NonNull;

use super::boundary::{Output, call};
use super::cache::djredis_cache;
use super::call::{djredis_call, read};
use super::input;
use super::value::{self, djredis_value};
use crate::msgpack::Writer;
use crate::value::{MAP, Value};

/// The full key that the cache uses in Redis, as BYTES. Nothing is sent. DJREDIS_OK; DJREDIS_ERR_NULL; DJREDIS_ERR_ARGUMENT.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn djredis_cache_make_key(
    cache: Option<NonNull<djredis_cache>>,
    key: *const c_char,
    key_len: usize,
    call: *const djredis_call,
    out: *mut djredis_value,
) -> i32 {
    self::call(out, || {
        let cache = input::shared(cache, "cache")?;
        let made = cache.get().make_key(input::text(key, key_len, "key")?, &read(call)?)?;
        Ok(Output::Value(Value::Bytes(made.into())))
    })
}

/// The bytes that djredis_cache_set would store, as BYTES. Nothing is sent. DJREDIS_OK; DJREDIS_ERR_ENCODE.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn djredis_cache_encode(
    cache: Option<NonNull<djredis_cache>>,
    value: *const djredis_value,
    out: *mut djredis_value,
) -> i32 {
    call(out, || {
        let stored = input::shared(cache, "cache")?.get().encode(&value::read(value)?)?;
        Ok(Output::Value(Value::Bytes(stored.into())))
    })
}

/// The value that djredis_cache_get would make of `len` stored bytes. Nothing is sent. DJREDIS_OK; DJREDIS_ERR_DECODE.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn djredis_cache_decode(
    cache: Option<NonNull<djredis_cache>>,
    data: *const c_void,
    len: usize,
    out: *mut djredis_value,
) -> i32 {
    call(out, || {
        let cache = input::shared(cache, "cache")?;
        cache.get().decode(input::bytes(data, len, "data")?).map(Output::Value)
    })
}

/// What djredis_cache_get_many would make of `n` stored values, as ITEMS in their order: a value (with
/// DJREDIS_AS_PAYLOAD a payload), or ERROR. Nothing is sent.
///
/// They stand one after the other at `data`, their lengths at `lens`. DJREDIS_OK; DJREDIS_ERR_ARGUMENT.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn djredis_cache_decode_many(
    cache: Option<NonNull<djredis_cache>>,
    n: usize,
    data: *const c_void,
    lens: *const u32,
    call: *const djredis_call,
    out: *mut djredis_value,
) -> i32 {
    self::call(out, || {
        let cache = input::shared(cache, "cache")?;
        let stored = input::joined(data, input::array(lens, n, "lens")?, "data")?;
        cache.get().decode_many(&stored, &read(call)?).map(Output::Items)
    })
}

/// The server that holds a key, as TEXT: its entry of the location, without a password. Nothing is sent.
/// DJREDIS_OK; DJREDIS_ERR_NULL; DJREDIS_ERR_ARGUMENT.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn djredis_cache_server_for(
    cache: Option<NonNull<djredis_cache>>,
    key: *const c_char,
    key_len: usize,
    call: *const djredis_call,
    out: *mut djredis_value,
) -> i32 {
    self::call(out, || {
        let cache = input::shared(cache, "cache")?;
        let server = cache.get().server_for(input::text(key, key_len, "key")?, &read(call)?)?;
        Ok(Output::Value(Value::Text(server.into())))
    })
}

/// The value of an option that is in force, as TEXT; secrets as `***`. DJREDIS_OK; DJREDIS_ERR_CONFIG for an unknown name.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn djredis_cache_option(
    cache: Option<NonNull<djredis_cache>>,
    name: *const c_char,
    name_len: usize,
    out: *mut djredis_value,
) -> i32 {
    call(out, || {
        let cache = input::shared(cache, "cache")?;
        let text = cache.get().option(input::utf8(name, name_len, "name")?)?;
        Ok(Output::Value(Value::Text(text.into())))
    })
}

/// What was counted since the cache was opened: a MSGPACK map of texts to integers (docs/options.md), and under `formats` another
/// one: how many values were read of each format. DJREDIS_OK; DJREDIS_ERR_NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn djredis_cache_stats(
    cache: Option<NonNull<djredis_cache>>,
    out: *mut djredis_value,
) -> i32 {
    call(out, || {
        let stats = input::shared(cache, "cache")?.get().stats();
        let counters = stats.counters();
        let mut map = Writer::default();
        map.map(counters.len() + 1);
        push_counters(&mut map, &counters);
        map.str("formats");
        map.map(stats.formats.len());
        push_counters(&mut map, &stats.formats);
        Ok(Output::Value(Value::Packed { kind: MAP, data: map.into_bytes().into() }))
    })
}

fn push_counters(map: &mut Writer, counters: &[(&str, u64)]) {
    for (name, number) in counters {
        map.str(name);
        map.int(i64::try_from(*number).unwrap_or(i64::MAX));
    }
}
