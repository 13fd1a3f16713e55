//! `djredis_cache`: opening, closing, and the operations on one key.

use std::ffi::{c_char, c_void};
use std::ptr::{self, NonNull};

use super::boundary::{Output, call, silent};
use super::call::{NEAR_ONLY, djredis_call, read, read_with_flags};
use super::input;
use super::options::djredis_options;
use super::slot;
use super::value::{self, djredis_value};
use crate::cache::{Cache, Call, TimeLeft};
use crate::config::Options;
use crate::error::Result;
use crate::value::Value;

/// A cache. Any number of threads may use it at once, before and after fork(). Made by djredis_cache_open, freed once by
/// djredis_cache_free; scans made from it may be freed before or after it.
pub struct djredis_cache {
    cache: Cache,
}

impl djredis_cache {
    pub(super) fn get(&self) -> &Cache {
        &self.cache
    }
}

/// Does an operation on one key.
pub(super) fn on_key(
    cache: Option<NonNull<djredis_cache>>,
    key: *const c_char,
    key_len: usize,
    how: *const djredis_call,
    out: *mut djredis_value,
    operation: impl FnOnce(&Cache, &[u8], &Call) -> Result<Output>,
) -> i32 {
    call(out, || {
        let cache = input::shared(cache, "cache")?;
        operation(&cache.cache, input::text(key, key_len, "key")?, &read(how)?)
    })
}

/// The same for a read, with what it answers under DJREDIS_NEAR_ONLY.
fn on_key_nearby(
    cache: Option<NonNull<djredis_cache>>,
    key: *const c_char,
    key_len: usize,
    how: *const djredis_call,
    out: *mut djredis_value,
    at_hand: impl FnOnce(&Cache, &[u8], &Call) -> Output,
    operation: impl FnOnce(&Cache, &[u8], &Call) -> Result<Output>,
) -> i32 {
    call(out, || {
        let cache = input::shared(cache, "cache")?;
        let key = input::text(key, key_len, "key")?;
        let (how, flags) = read_with_flags(how)?;
        if flags & NEAR_ONLY == 0 {
            operation(&cache.cache, key, &how)
        } else {
            Ok(at_hand(&cache.cache, key, &how))
        }
    })
}

/// Opens a cache. No socket is touched and no thread started before its first use.
///
/// `location`: `127.0.0.1:6379:1`, `unix:/path/to/socket:1`, a `redis://` or `unix://` URL, ...: docs/options.md. What
/// the location gives wins over `options`, which may be NULL. `*cache` becomes the handle, or NULL. DJREDIS_OK;
/// DJREDIS_ERR_CONFIG; DJREDIS_ERR_NULL; DJREDIS_ERR_ARGUMENT. Any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn djredis_cache_open(
    location: *const c_char,
    location_len: usize,
    options: Option<&djredis_options>,
    cache: *mut *mut djredis_cache,
    out: *mut djredis_value,
) -> i32 {
    call(out, || {
        // SAFETY: the caller's contract: NULL or writable.
        let cache = unsafe { cache.as_mut() }.ok_or_else(|| input::null("cache"))?;
        *cache = ptr::null_mut();
        let location = input::utf8(location, location_len, "location")?;
        let defaults = Options::new();
        let options = options.map_or(&defaults, djredis_options::get);
        let opened = Cache::open(location, options)?;
        *cache = Box::into_raw(Box::new(djredis_cache { cache: opened }));
        Ok(Output::Done)
    })
}

/// Closes a cache: running calls finish, later ones answer DJREDIS_ERR_CLOSED. Idempotent; any thread. NULL is fine.
/// The handle still has to be freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn djredis_cache_close(cache: Option<NonNull<djredis_cache>>) {
    silent(|| {
        if let Ok(cache) = input::shared(cache, "cache") {
            cache.cache.close();
        }
    });
}

/// Closes and frees a cache; once, when no call is using it any more. Scans made from it answer
/// DJREDIS_ERR_CLOSED from then on, and may be freed later. NULL is fine.
#[unsafe(no_mangle)]
pub extern "C" fn djredis_cache_free(cache: Option<Box<djredis_cache>>) {
    silent(|| {
        if let Some(cache) = cache {
            cache.cache.close();
        }
    });
}

/// The value under a key, typed; PAYLOAD for what is not an integer with DJREDIS_AS_PAYLOAD.
///
/// DJREDIS_OK; DJREDIS_MISS; DJREDIS_ERR_DECODE, where the stored bytes follow the message; DJREDIS_IGNORED and the
/// errors of docs/errors.md. With DJREDIS_NEAR_ONLY it never waits, and DJREDIS_MISS says nothing about the server: ask once
/// more without it. Such a miss is not counted, nor is what can't be read an error.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn djredis_cache_get(
    cache: Option<NonNull<djredis_cache>>,
    key: *const c_char,
    key_len: usize,
    call: *const djredis_call,
    out: *mut djredis_value,
) -> i32 {
    let at_hand = |cache: &Cache, key: &[u8], call: &Call| {
        let mut room = None;
        let Some(value) = cache.get_at_hand(key, call, &mut room) else { return Output::Miss };
        // SAFETY: the caller's contract: NULL, or a slot that this call has to itself.
        if let Some(out) = unsafe { out.as_mut() } {
            slot::copy(out, value);
        }
        Output::Filled
    };
    on_key_nearby(cache, key, key_len, call, out, at_hand, |cache, key, call| {
        Ok(cache.get(key, call)?.map_or(Output::Miss, Output::Value))
    })
}

/// Exactly the bytes that stand in Redis under a key, as BYTES. DJREDIS_OK; DJREDIS_MISS; errors as djredis_cache_get.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn djredis_cache_get_raw(
    cache: Option<NonNull<djredis_cache>>,
    key: *const c_char,
    key_len: usize,
    call: *const djredis_call,
    out: *mut djredis_value,
) -> i32 {
    on_key(cache, key, key_len, call, out, |cache, key, call| {
        let found = cache.get_raw(key, call)?;
        Ok(found.map_or(Output::Miss, |data| Output::Value(Value::Bytes(data.into()))))
    })
}

/// Stores a value. An INT or BIGINT is stored as digits, an OPAQUE value or PAYLOAD as it is, everything else pickled.
///
/// DJREDIS_OK; DJREDIS_MISS if DJREDIS_NX or DJREDIS_XX was not met; DJREDIS_ERR_ENCODE for a value that can't be written
/// or has over 512 MiB; errors as djredis_cache_get. Nothing is written unless it is OK, but see DJREDIS_MAYBE_SENT.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn djredis_cache_set(
    cache: Option<NonNull<djredis_cache>>,
    key: *const c_char,
    key_len: usize,
    value: *const djredis_value,
    call: *const djredis_call,
    out: *mut djredis_value,
) -> i32 {
    on_key(cache, key, key_len, call, out, |cache, key, call| {
        cache.set(key, &value::read(value)?, call).map(Output::found)
    })
}

/// Stores `len` bytes exactly as they are; otherwise as djredis_cache_set.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn djredis_cache_set_raw(
    cache: Option<NonNull<djredis_cache>>,
    key: *const c_char,
    key_len: usize,
    data: *const c_void,
    len: usize,
    call: *const djredis_call,
    out: *mut djredis_value,
) -> i32 {
    on_key(cache, key, key_len, call, out, |cache, key, call| {
        cache.set_raw(key, input::bytes(data, len, "data")?, call).map(Output::found)
    })
}

/// Stores a payload that the host serialized by itself, in the format with this number (1 pickle, 2 json, 3 msgpack, 4 raw):
/// djredis_cache_set of a PAYLOAD, flat.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn djredis_cache_set_payload(
    cache: Option<NonNull<djredis_cache>>,
    key: *const c_char,
    key_len: usize,
    data: *const c_void,
    len: usize,
    format: u32,
    call: *const djredis_call,
    out: *mut djredis_value,
) -> i32 {
    on_key(cache, key, key_len, call, out, |cache, key, call| {
        let data = input::bytes(data, len, "data")?.into();
        cache.set(key, &Value::Payload { format: value::format(format)?, data }, call).map(Output::found)
    })
}

/// Deletes a key. DJREDIS_OK; DJREDIS_MISS if it was not there; errors as djredis_cache_get.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn djredis_cache_delete(
    cache: Option<NonNull<djredis_cache>>,
    key: *const c_char,
    key_len: usize,
    call: *const djredis_call,
    out: *mut djredis_value,
) -> i32 {
    on_key(cache, key, key_len, call, out, |cache, key, call| cache.delete(key, call).map(Output::found))
}

/// Whether a key is there: DJREDIS_OK or DJREDIS_MISS; errors, and DJREDIS_NEAR_ONLY, as djredis_cache_get.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn djredis_cache_has_key(
    cache: Option<NonNull<djredis_cache>>,
    key: *const c_char,
    key_len: usize,
    call: *const djredis_call,
    out: *mut djredis_value,
) -> i32 {
    let at_hand = |cache: &Cache, key: &[u8], call: &Call| Output::found(cache.has_key_at_hand(key, call));
    on_key_nearby(cache, key, key_len, call, out, at_hand, |cache, key, call| {
        cache.has_key(key, call).map(Output::found)
    })
}

/// Gives a key a new time to live: `ttl_ms` with DJREDIS_TTL, else the option TIMEOUT; DJREDIS_FOREVER takes it away.
///
/// DJREDIS_OK; DJREDIS_MISS if the key is not there; errors as djredis_cache_get. 0 and below delete the key under
/// ZERO_TIMEOUT=expire.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn djredis_cache_touch(
    cache: Option<NonNull<djredis_cache>>,
    key: *const c_char,
    key_len: usize,
    call: *const djredis_call,
    out: *mut djredis_value,
) -> i32 {
    on_key(cache, key, key_len, call, out, |cache, key, call| cache.touch(key, call).map(Output::found))
}

/// How long a key still lives: INT milliseconds, or NONE if it never expires. DJREDIS_OK; DJREDIS_MISS if it is not
/// there; errors as djredis_cache_get.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn djredis_cache_ttl(
    cache: Option<NonNull<djredis_cache>>,
    key: *const c_char,
    key_len: usize,
    call: *const djredis_call,
    out: *mut djredis_value,
) -> i32 {
    on_key(cache, key, key_len, call, out, |cache, key, call| {
        Ok(match cache.ttl(key, call)? {
            None => Output::Miss,
            Some(TimeLeft::Forever) => Output::Value(Value::None),
            Some(TimeLeft::Millis(ms)) => Output::Value(Value::Int(ms)),
        })
    })
}

/// Adds `delta` to a number that is there, keeping its time to live; INT or BIGINT, FLOAT where a float was stored.
///
/// DJREDIS_OK; DJREDIS_ERR_NOT_FOUND; DJREDIS_ERR_TYPE if it is no number; errors as djredis_cache_get.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn djredis_cache_incr(
    cache: Option<NonNull<djredis_cache>>,
    key: *const c_char,
    key_len: usize,
    delta: i64,
    call: *const djredis_call,
    out: *mut djredis_value,
) -> i32 {
    on_key(cache, key, key_len, call, out, |cache, key, call| cache.incr(key, delta, call).map(Output::Value))
}

/// Moves a value to the version `delta` higher, keeping its time to live; INT: the new version.
///
/// DJREDIS_OK; DJREDIS_ERR_NOT_FOUND; errors as djredis_cache_get.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn djredis_cache_incr_version(
    cache: Option<NonNull<djredis_cache>>,
    key: *const c_char,
    key_len: usize,
    delta: i64,
    call: *const djredis_call,
    out: *mut djredis_value,
) -> i32 {
    on_key(cache, key, key_len, call, out, |cache, key, call| {
        cache.incr_version(key, delta, call).map(|version| Output::Value(Value::Int(version)))
    })
}

/// Moves a value with its time to live to another key, over what stands there.
///
/// DJREDIS_OK; DJREDIS_ERR_NOT_FOUND; errors as djredis_cache_get.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn djredis_cache_move(
    cache: Option<NonNull<djredis_cache>>,
    key: *const c_char,
    key_len: usize,
    to: *const c_char,
    to_len: usize,
    call: *const djredis_call,
    out: *mut djredis_value,
) -> i32 {
    on_key(cache, key, key_len, call, out, |cache, key, call| {
        cache.move_key(key, input::text(to, to_len, "to")?, call).map(|()| Output::Done)
    })
}
