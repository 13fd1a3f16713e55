//! `djredis_cache`: any command on a cache key.

use std::ffi::c_void;
use std::ptr::NonNull;

use super::boundary::{Output, call};
use super::cache::djredis_cache;
use super::call::{djredis_call, read};
use super::conn::arguments;
use super::input;
use super::value::djredis_value;
use crate::error::Error;

/// Any command in one crossing, on the server of a cache key: the argument with index `key_index` is made into
/// prefix:version:key; -1 for none. Arguments and reply as with djredis_conn_command. It is never sent twice.
///
/// DJREDIS_OK; DJREDIS_ERR_UNSUPPORTED without a key where keys are spread over several servers; DJREDIS_ERR_ARGUMENT for commands that change the connection's state (djredis_conn_acquire gives one of its own);
/// errors as djredis_cache_get.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn djredis_cache_command(
    cache: Option<NonNull<djredis_cache>>,
    argc: usize,
    args: *const c_void,
    lens: *const u32,
    key_index: i32,
    call: *const djredis_call,
    out: *mut djredis_value,
) -> i32 {
    self::call(out, || {
        let cache = input::shared(cache, "cache")?.get();
        let key = match key_index {
            -1 => None,
            index => Some(usize::try_from(index).map_err(|_| {
                Error::argument(format!("key_index is {index}; give the key's index, or -1 for none"))
            })?),
        };
        cache.command(&arguments(argc, args, lens)?, key, &read(call)?).map(Output::Value)
    })
}
