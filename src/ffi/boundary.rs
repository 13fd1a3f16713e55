//! The one place where Rust ends and C begins: results become statuses and slots, panics become ERR_PANIC.

use super::value::djredis_value;
use super::{panic, slot};
use crate::error::Result;
use crate::items::Items;
use crate::value::Value;

/// What a call that went well leaves behind.
pub(super) enum Output {
    /// OK and nothing to say.
    Done,
    /// An ordinary "no".
    Miss,
    /// OK with a value.
    Value(Value<'static>),
    /// OK, and the work has filled the slot itself, as the last thing it did.
    Filled,
    /// OK with a list.
    Items(Items),
}

impl Output {
    /// OK for true, MISS for false.
    pub(super) fn found(found: bool) -> Output {
        if found { Output::Done } else { Output::Miss }
    }
}

/// Does the work of one extern function: its result goes into `out`, its status is returned. `out` is
/// written last, since inputs may point into what it holds.
pub(super) fn call(out: *mut djredis_value, work: impl FnOnce() -> Result<Output>) -> i32 {
    let result = guarded(work);
    // SAFETY: each caller's contract: `out` is NULL or points to a slot that this call has to itself.
    match unsafe { out.as_mut() } {
        Some(out) => slot::put(out, result),
        None => slot::status(&result),
    }
}

/// The same for functions without a slot.
pub(super) fn plain(work: impl FnOnce() -> Result<Output>) -> i32 {
    slot::status(&guarded(work))
}

/// The same for functions that answer nothing.
pub(super) fn silent(work: impl FnOnce()) {
    let _ = guarded(|| {
        work();
        Ok(Output::Done)
    });
}

/// What `work` answers; a panic is an error.
pub(super) fn guarded<T>(work: impl FnOnce() -> Result<T>) -> Result<T> {
    panic::caught(|| {
        #[cfg(feature = "test-panic")]
        super::library::panic_if_asked();
        work()
    })
}
