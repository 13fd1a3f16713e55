//! `djredis_near`: how long a host may keep a copy of what the near cache has given it.

use std::ffi::c_char;
use std::ptr::{self, NonNull};

use super::boundary::{Output, call};
use super::cache::djredis_cache;
use super::call::{djredis_call, read};
use super::input;
use super::slot;
use super::value::djredis_value;
use crate::near::Lease;

/// How long a copy of a value from the near cache may be used: while the number at `changes` is `unchanged`, and before the moments `expires` and
/// `*trusted`. All moments are nanoseconds of CLOCK_MONOTONIC.
///
/// With each use read the clock first, then `*trusted`, then `*changes`, each by an atomic load that acquires. Both stay in place until
/// djredis_cache_free of the cache, and only the library writes them. In a child of fork() such copies must not be used.
#[repr(C)]
pub struct djredis_near {
    /// Counts what happens to the key, and to some others: news of a write, a write by this process, a flush, the loss of the connection.
    pub changes: *const u64,
    /// `*changes` before the value was looked up.
    pub unchanged: u64,
    /// Until when the server's silence is trusted: it moves on as the server answers, and is 0 where the connection is lost.
    pub trusted: *const u64,
    /// When the value's time to live is over; UINT64_MAX: never.
    pub expires: u64,
}

impl djredis_near {
    const NONE: djredis_near =
        djredis_near { changes: ptr::null(), unchanged: 0, trusted: ptr::null(), expires: 0 };

    fn of(lease: &Lease<'_>) -> djredis_near {
        djredis_near {
            changes: lease.changes.as_ptr(),
            unchanged: lease.unchanged,
            trusted: lease.trusted.as_ptr(),
            expires: lease.expires,
        }
    }
}

/// djredis_cache_get with DJREDIS_NEAR_ONLY, for a host that keeps copies of its own: `*near` says how long it may use this one. It is all
/// zeros where there is no answer at hand.
///
/// DJREDIS_OK; DJREDIS_MISS; DJREDIS_ERR_NULL; DJREDIS_ERR_ARGUMENT. Any thread; it never waits. What the host reads from its copies is not
/// counted.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn djredis_cache_near_get(
    cache: Option<NonNull<djredis_cache>>,
    key: *const c_char,
    key_len: usize,
    call: *const djredis_call,
    near: *mut djredis_near,
    out: *mut djredis_value,
) -> i32 {
    self::call(out, || {
        let cache = input::shared(cache, "cache")?;
        let key = input::text(key, key_len, "key")?;
        let how = read(call)?;
        // SAFETY: the caller's contract: NULL or writable, and not part of `out`.
        let near = unsafe { near.as_mut() }.ok_or_else(|| input::null("near"))?;
        *near = djredis_near::NONE;
        let mut room = None;
        let Some((value, lease)) = cache.get().lend_at_hand(key, &how, &mut room) else {
            return Ok(Output::Miss);
        };
        *near = djredis_near::of(&lease);
        // SAFETY: the caller's contract: NULL, or a slot that this call has to itself.
        if let Some(out) = unsafe { out.as_mut() } {
            slot::copy(out, value);
        }
        Ok(Output::Filled)
    })
}
