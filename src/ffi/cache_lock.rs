//! `djredis_cache`: locks.

use std::ffi::c_char;
use std::ptr::NonNull;

use super::boundary::Output;
use super::cache::{djredis_cache, on_key};
use super::call::djredis_call;
use super::input;
use super::value::djredis_value;

/// Takes a lock that redis-py's clients respect: SET key token NX PX. `token` is what only its owner knows, a UUID say;
/// its time to live is `ttl_ms` with DJREDIS_TTL, else the option TIMEOUT.
///
/// DJREDIS_OK; DJREDIS_MISS if somebody has it; DJREDIS_ERR_ARGUMENT for an empty token; errors as djredis_cache_get: after
/// one with DJREDIS_MAYBE_SENT the lock may have been taken.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn djredis_cache_lock(
    cache: Option<NonNull<djredis_cache>>,
    key: *const c_char,
    key_len: usize,
    token: *const c_char,
    token_len: usize,
    call: *const djredis_call,
    out: *mut djredis_value,
) -> i32 {
    on_key(cache, key, key_len, call, out, |cache, key, call| {
        cache.lock(key, input::text(token, token_len, "token")?, call).map(Output::found)
    })
}

/// Sets the time to live of a lock that is still ours anew, counted from now.
///
/// DJREDIS_OK; DJREDIS_MISS if it is not ours any more; otherwise as djredis_cache_lock.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn djredis_cache_extend(
    cache: Option<NonNull<djredis_cache>>,
    key: *const c_char,
    key_len: usize,
    token: *const c_char,
    token_len: usize,
    call: *const djredis_call,
    out: *mut djredis_value,
) -> i32 {
    on_key(cache, key, key_len, call, out, |cache, key, call| {
        cache.extend(key, input::text(token, token_len, "token")?, call).map(Output::found)
    })
}

/// Gives up a lock. DJREDIS_OK; DJREDIS_MISS if it is not ours any more; otherwise as djredis_cache_lock.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn djredis_cache_unlock(
    cache: Option<NonNull<djredis_cache>>,
    key: *const c_char,
    key_len: usize,
    token: *const c_char,
    token_len: usize,
    call: *const djredis_call,
    out: *mut djredis_value,
) -> i32 {
    on_key(cache, key, key_len, call, out, |cache, key, call| {
        cache.unlock(key, input::text(token, token_len, "token")?, call).map(Output::found)
    })
}
