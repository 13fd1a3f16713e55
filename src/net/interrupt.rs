//! The host's interrupt check: asked when a signal ended a wait.
#![allow(unsafe_code)]

use std::cell::Cell;
use std::ptr;
use std::sync::atomic::{AtomicPtr, Ordering};

use super::Address;
use crate::error::{Error, Result, Status};

/// Answers true when the call that waits shall end. It runs on the thread that made the call.
pub(crate) type InterruptCheck = Box<dyn Fn() -> bool + Send + Sync>;

/// What was set, and what it replaced: another thread may just be calling that, so it is never freed, only kept.
struct Installed {
    check: Option<InterruptCheck>,
    _replaced: *const Installed,
}

/// A pointer instead of a lock, which a fork could leave held.
static LATEST: AtomicPtr<Installed> = AtomicPtr::new(ptr::null_mut());

thread_local! {
    static IS_OURS: Cell<bool> = const { Cell::new(false) };
}

/// Says that this thread is the library's own: the host, which knows nothing of it, is never asked on it.
pub(crate) fn never_ask_on_this_thread() {
    IS_OURS.set(true);
}

/// Sets the check of the whole process; without one, signals never end a call.
pub(crate) fn set_interrupt_check(check: Option<InterruptCheck>) {
    let installed = Installed { check, _replaced: LATEST.load(Ordering::Acquire) };
    LATEST.store(Box::into_raw(Box::new(installed)), Ordering::Release);
}

/// Asks the host whether to stop waiting for a server: an error if so.
pub(crate) fn ask_host(server: &Address) -> Result<()> {
    if IS_OURS.get() {
        return Ok(());
    }
    // SAFETY: null, or a box that is never freed.
    let installed = unsafe { LATEST.load(Ordering::Acquire).as_ref() };
    if !installed.and_then(|installed| installed.check.as_ref()).is_some_and(|check| check()) {
        return Ok(());
    }
    let message = format!("the host interrupted the wait for {server}; the connection was closed");
    Err(Error::new(Status::Interrupted, message))
}
