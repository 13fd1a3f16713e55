//! Panics: bugs of this library, caught at the boundary and told to the caller instead of printed.

use std::cell::{Cell, RefCell};
use std::panic::{self, AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};

use crate::error::{Error, Result, Status};

thread_local! {
    /// Whether this thread is inside a call: then its panics are ours.
    static INSIDE: Cell<bool> = const { Cell::new(false) };
    /// What the last panic of this thread said, and where.
    static LAST: RefCell<String> = const { RefCell::new(String::new()) };
}

static HOOKED: AtomicBool = AtomicBool::new(false);

/// Runs `work`; a panic becomes DJREDIS_ERR_PANIC with its text and place.
pub(super) fn caught<T>(work: impl FnOnce() -> Result<T>) -> Result<T> {
    if !HOOKED.load(Ordering::Relaxed) {
        install_hook();
    }
    let outer = INSIDE.replace(true);
    let result = catch_unwind(AssertUnwindSafe(work));
    INSIDE.set(outer);
    result.unwrap_or_else(|_| {
        let what = LAST.with_borrow_mut(std::mem::take);
        let message = format!(
            "a bug in libdjredis: it panicked {what}; the handle is still usable. Please report this message"
        );
        Err(Error::new(Status::Panic, message))
    })
}

/// Keeps panics inside calls off the host's standard error; others go where they went.
#[cold]
fn install_hook() {
    if HOOKED.swap(true, Ordering::AcqRel) {
        return;
    }
    let before = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        if INSIDE.get() {
            let what = info.to_string().replace('\n', " ");
            let _ = LAST.try_with(|last| last.try_borrow_mut().map(|mut last| *last = what));
        } else {
            before(info);
        }
    }));
}
