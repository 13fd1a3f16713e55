//! `djredis_cache`: all keys that match a pattern, and clear.

use std::ffi::c_char;
use std::ptr::{self, NonNull};

use super::boundary::{Output, call};
use super::cache::djredis_cache;
use super::call::{djredis_call, read};
use super::input;
use super::scan::{djredis_scan, key_items};
use super::value::djredis_value;
use crate::value::Value;

/// The keys that match a pattern (Redis's glob), without prefix and version, each once, in no order: ITEMS of TEXT, or
/// BYTES where they are not UTF-8. With DJREDIS_KEY_MADE the pattern and the keys are whole.
///
/// SCAN, not KEYS: other clients are served meanwhile. SOCKET_TIMEOUT holds for each round trip, `deadline_ms` for the
/// whole. DJREDIS_OK; errors as djredis_cache_get.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn djredis_cache_keys(
    cache: Option<NonNull<djredis_cache>>,
    pattern: *const c_char,
    len: usize,
    call: *const djredis_call,
    out: *mut djredis_value,
) -> i32 {
    self::call(out, || {
        let cache = input::shared(cache, "cache")?;
        let pattern = input::text(pattern, len, "pattern")?;
        Ok(Output::Items(key_items(cache.get().keys(pattern, &read(call)?)?)))
    })
}

/// Deletes the keys that match a pattern; INT: how many it deleted. Times as for djredis_cache_keys.
///
/// DJREDIS_OK; errors as djredis_cache_get: what was deleted until then stays deleted.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn djredis_cache_delete_pattern(
    cache: Option<NonNull<djredis_cache>>,
    pattern: *const c_char,
    len: usize,
    call: *const djredis_call,
    out: *mut djredis_value,
) -> i32 {
    self::call(out, || {
        let cache = input::shared(cache, "cache")?;
        let pattern = input::text(pattern, len, "pattern")?;
        let deleted = cache.get().delete_pattern(pattern, &read(call)?)?;
        Ok(Output::Value(Value::Int(i64::try_from(deleted).unwrap_or(i64::MAX))))
    })
}

/// Starts going through the keys that match a pattern; nothing is sent before djredis_scan_next. `*scan` becomes the
/// handle, to be freed with djredis_scan_free, or NULL. `version`, DJREDIS_KEY_MADE and `itersize` of `call` hold for the whole scan.
///
/// DJREDIS_OK; DJREDIS_ERR_NULL; DJREDIS_ERR_ARGUMENT; DJREDIS_ERR_CLOSED.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn djredis_cache_scan(
    cache: Option<NonNull<djredis_cache>>,
    pattern: *const c_char,
    len: usize,
    call: *const djredis_call,
    scan: *mut *mut djredis_scan,
    out: *mut djredis_value,
) -> i32 {
    self::call(out, || {
        // SAFETY: the caller's contract: NULL or writable.
        let scan = unsafe { scan.as_mut() }.ok_or_else(|| input::null("scan"))?;
        *scan = ptr::null_mut();
        let cache = input::shared(cache, "cache")?;
        let started = cache.get().scan(input::text(pattern, len, "pattern")?, &read(call)?)?;
        *scan = Box::into_raw(Box::new(djredis_scan::new(started)));
        Ok(Output::Done)
    })
}

/// Deletes everything: the whole database, or under CLEAR=prefix the keys of this cache's prefix in all versions.
///
/// DJREDIS_OK; DJREDIS_ERR_CONFIG for CLEAR=prefix without a prefix; errors as djredis_cache_get.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn djredis_cache_clear(
    cache: Option<NonNull<djredis_cache>>,
    call: *const djredis_call,
    out: *mut djredis_value,
) -> i32 {
    self::call(out, || {
        input::shared(cache, "cache")?.get().clear(&read(call)?)?;
        Ok(Output::Done)
    })
}
