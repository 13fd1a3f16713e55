//! Values that a process makes once.

#[path = "../../../src/fork/per_process.rs"]
mod per_process;

use std::convert::Infallible;
use std::sync::Arc;

use loom::cell::UnsafeCell;
use loom::sync::atomic::{AtomicPtr, Ordering};
use loom::thread;
use per_process::PerProcess;

use crate::{Model, right, wrong};

pub(crate) const MODELS: &[Model] = &[
    right("all threads have the same value, and see it whole", all_threads_have_the_same_value),
    wrong("a value that is published without an order", a_value_that_is_published_without_an_order),
];

/// The model is of one process.
fn generation() -> u64 {
    1
}

/// What loom knows the writes and reads of.
struct Watched(UnsafeCell<u32>);

// SAFETY: that threads take turns is what the model finds out.
unsafe impl Send for Watched {}
// SAFETY: as above.
unsafe impl Sync for Watched {}

impl Watched {
    fn made(number: u32) -> Watched {
        let made = Watched(UnsafeCell::new(0));
        // SAFETY: nobody else has it yet.
        made.0.with_mut(|place| unsafe { *place = number });
        made
    }

    fn read(&self) -> u32 {
        // SAFETY: nobody writes to it any more; loom says so if that is not true.
        self.0.with(|place| unsafe { *place })
    }
}

fn all_threads_have_the_same_value() {
    let value = Arc::new(PerProcess::new());
    // Makes the atomic in it, before there are two threads.
    assert!(value.get().is_none());
    let get = |value: &PerProcess<Watched>, number| {
        let Ok(made) = value.get_or_make(|| Ok::<_, Infallible>(Watched::made(number)));
        made.read()
    };
    let other = Arc::clone(&value);
    let thread = thread::spawn(move || get(&other, 1));
    let own = get(&value, 2);
    let others = thread.join().unwrap();
    assert_eq!(own, others);
    assert_eq!(value.get().map(Watched::read), Some(own));
}

fn a_value_that_is_published_without_an_order() {
    let place = Arc::new(AtomicPtr::new(std::ptr::null_mut()));
    let other = Arc::clone(&place);
    let thread = thread::spawn(move || {
        other.store(Box::into_raw(Box::new(Watched::made(1))), Ordering::Relaxed);
    });
    // SAFETY: null, or a value that is freed below.
    if let Some(made) = unsafe { place.load(Ordering::Relaxed).as_ref() } {
        made.read();
    }
    thread.join().unwrap();
    // SAFETY: it came from a box, and the thread that made it has ended.
    drop(unsafe { Box::from_raw(place.load(Ordering::Relaxed)) });
}
