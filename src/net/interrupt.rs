//! The host's interrupt check: asked when a signal ended a wait.
#![allow(unsafe_code)]

use std::ptr;
use std::sync::atomic::{AtomicPtr, Ordering};

use super::Address;
use crate::error::{Error, Result, Status};

/// Answers true when the call that waits shall end. It runs on the thread that made the call.
pub(crate) type InterruptCheck = Box<dyn Fn() -> bool + Send + Sync>;

/// A pointer instead of a lock, which a fork could leave held. What was set once is never freed:
/// another thread may just be calling it.
static CHECK: AtomicPtr<InterruptCheck> = AtomicPtr::new(ptr::null_mut());

/// Sets the check of the whole process; without one, signals never end a call.
pub(crate) fn set_interrupt_check(check: Option<InterruptCheck>) {
    let check = check.map_or(ptr::null_mut(), |check| Box::into_raw(Box::new(check)));
    CHECK.store(check, Ordering::Release);
}

/// Asks the host whether to stop waiting for a server: an error if so.
pub(crate) fn ask_host(server: &Address) -> Result<()> {
    // SAFETY: null, or a box that set_interrupt_check leaked.
    if !unsafe { CHECK.load(Ordering::Acquire).as_ref() }.is_some_and(|check| check()) {
        return Ok(());
    }
    let message = format!("the host interrupted the wait for {server}; the connection was closed");
    Err(Error::new(Status::Interrupted, message))
}
