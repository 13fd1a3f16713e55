//! The library itself: versions, names of statuses, and the host's interrupt check.

use std::ffi::{c_char, c_void};

use super::boundary::{Output, plain};
use crate::error::Status;
use crate::net;

/// Bumped only when an existing symbol or layout changes; the number in the SONAME.
pub(crate) const ABI: u32 = 1;

/// The ABI that the library was built with; compare it with DJREDIS_ABI. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn djredis_abi() -> u32 {
    ABI
}

/// The version of the library, as `1.2.3`. Static; any thread.
#[unsafe(no_mangle)]
pub extern "C" fn djredis_version() -> *const c_char {
    concat!(env!("CARGO_PKG_VERSION"), "\0").as_ptr().cast()
}

/// The name of a status without its `DJREDIS_`: `"ERR_TIMEOUT"`; `"UNKNOWN"` for other numbers. Static; any thread.
#[unsafe(no_mangle)]
pub extern "C" fn djredis_status_name(status: i32) -> *const c_char {
    let known = Status::ALL.iter().find(|known| **known as i32 == status);
    known.map_or("UNKNOWN\0", |known| known.c_name()).as_ptr().cast()
}

/// The host's context, to be handed back to it; what it points to is the host's concern.
struct Context(*mut c_void);
// SAFETY: the library never looks behind the pointer; the host promises that its check works on any thread.
unsafe impl Send for Context {}
// SAFETY: as above.
unsafe impl Sync for Context {}

impl Context {
    fn pointer(&self) -> *mut c_void {
        self.0
    }
}

/// Sets what is asked when a signal interrupts a wait, for the whole process.
///
/// `check` is called with `ctx` on the thread that waits, never under a lock: 0 goes on with the time that is left,
/// anything else ends the call with DJREDIS_ERR_INTERRUPTED. NULL, the default: always go on. `ctx` must stay
/// valid for ever, since a call may just be using it when the check is replaced. DJREDIS_OK. Any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn djredis_set_interrupt_check(
    check: Option<unsafe extern "C" fn(ctx: *mut c_void) -> i32>,
    ctx: *mut c_void,
) -> i32 {
    plain(|| {
        let ctx = Context(ctx);
        net::set_interrupt_check(check.map(|check| {
            let ask = move || {
                // SAFETY: the host's contract: `check` may be called with `ctx` on any thread, at any time.
                unsafe { check(ctx.pointer()) != 0 }
            };
            Box::new(ask) as Box<dyn Fn() -> bool + Send + Sync>
        }));
        Ok(Output::Done)
    })
}

#[cfg(feature = "test-panic")]
std::thread_local! {
    static PANIC: std::cell::Cell<bool> = const { std::cell::Cell::new(false) };
}

/// For tests only: the next call of this thread into the library panics inside.
#[cfg(feature = "test-panic")]
#[unsafe(no_mangle)]
pub extern "C" fn djredis_test_panic() {
    PANIC.set(true);
}

#[cfg(feature = "test-panic")]
#[expect(clippy::panic, reason = "what this feature is for")]
pub(super) fn panic_if_asked() {
    if PANIC.replace(false) {
        panic!("asked for by djredis_test_panic");
    }
}
