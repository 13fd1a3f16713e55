//! What a forked child must know: that it is one, and which descriptors are not its own.
//!
//! `pthread_atfork` bumps a generation that every call compares (one relaxed load). Nothing of the
//! parent's is locked, dropped or waited for in the child: its locks may be held for ever by threads that
//! no longer exist. State is made anew per process ([`PerProcess`]), and the parent's sockets are closed from a
//! fixed table of atomics - close only, never shutdown, since the connection is still the parent's.
#![allow(unsafe_code)]

mod per_process;

use std::cell::Cell;
use std::marker::PhantomData;
use std::os::fd::RawFd;
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

pub(crate) use per_process::PerProcess;
#[cfg(test)]
mod tests;

/// Sockets that the child handler can find. Past this number a socket works, but its copy stays open in a child.
const TABLE_SIZE: usize = 8192;
/// How long fork() waits for other threads that are just opening or closing a socket, or building a pool: microseconds' work,
/// but the system may give its time to others meanwhile.
const PREPARE_WAIT: Duration = Duration::from_secs(5);
/// How long it rests between two looks at them.
const PREPARE_PAUSE: Duration = Duration::from_micros(100);
const EMPTY: RawFd = -1;
/// The top bit.
const FORKING: i32 = i32::MIN;

static GENERATION: AtomicU64 = AtomicU64::new(1);
static INSTALLED: AtomicBool = AtomicBool::new(false);
static DESCRIPTORS: [AtomicI32; TABLE_SIZE] = [const { AtomicI32::new(EMPTY) }; TABLE_SIZE];
/// One more than the highest entry ever used: what the child has to walk.
static HIGHEST: AtomicUsize = AtomicUsize::new(0);
/// How many threads are between socket() and the table, or between the table and close(); with FORKING while one forks.
static WINDOW: AtomicI32 = AtomicI32::new(0);

thread_local! {
    /// Whether this thread's prepare handler closed the window.
    static CLOSED_WINDOW: Cell<bool> = const { Cell::new(false) };
    /// How many windows this thread holds.
    static HELD: Cell<u32> = const { Cell::new(0) };
}

/// The number of this process's generation; a forked child has another one than its parent.
#[inline]
pub(crate) fn generation() -> u64 {
    GENERATION.load(Ordering::Relaxed)
}

/// Registers the fork handlers, once. Called before the first socket can be made.
pub(crate) fn install() {
    if !INSTALLED.swap(true, Ordering::AcqRel) {
        // SAFETY: the handlers touch atomics and close descriptors only, and stay loaded (-z nodelete).
        unsafe {
            libc::pthread_atfork(Some(before_fork), Some(after_fork_in_parent), Some(after_fork_in_child))
        };
    }
}

extern "C" fn before_fork() {
    if HELD.get() > 0 {
        // fork() called by a signal handler inside the window would wait for itself.
        return;
    }
    let end = Instant::now() + PREPARE_WAIT;
    // From here on nobody opens it; another thread that forks comes first.
    CLOSED_WINDOW.set(wait_until(end, || WINDOW.fetch_or(FORKING, Ordering::AcqRel) & FORKING == 0));
    wait_until(end, || WINDOW.load(Ordering::Acquire) == FORKING);
}

fn wait_until(end: Instant, condition: impl Fn() -> bool) -> bool {
    loop {
        if condition() {
            return true;
        }
        if Instant::now() >= end {
            return false;
        }
        std::thread::sleep(PREPARE_PAUSE);
    }
}

extern "C" fn after_fork_in_parent() {
    if CLOSED_WINDOW.replace(false) {
        WINDOW.fetch_and(!FORKING, Ordering::Release);
    }
}

extern "C" fn after_fork_in_child() {
    CLOSED_WINDOW.set(false);
    HELD.set(0);
    WINDOW.store(0, Ordering::Release);
    GENERATION.fetch_add(1, Ordering::AcqRel);
    for entry in &DESCRIPTORS[..HIGHEST.swap(0, Ordering::AcqRel)] {
        let fd = entry.swap(EMPTY, Ordering::AcqRel);
        if fd != EMPTY {
            // SAFETY: the table holds open sockets of the parent; the child's copies are used by nobody.
            unsafe { libc::close(fd) };
        }
    }
}

/// While it lives, fork() in another thread waits: for the few instructions between a socket and its place in the table.
/// It stays in its thread.
pub(crate) struct Window(PhantomData<*const ()>);

/// Opens the window. Hold it around `socket()` and [`register`] together, while r2d2 builds a pool, and for nothing slower.
pub(crate) fn opening() -> Window {
    let inside = HELD.get() > 0;
    HELD.set(HELD.get() + 1);
    loop {
        let state = WINDOW.load(Ordering::Relaxed);
        // Who is inside already is waited for, and can't wait in turn.
        if (inside || state & FORKING == 0)
            && WINDOW.compare_exchange(state, state + 1, Ordering::AcqRel, Ordering::Relaxed).is_ok()
        {
            return Window(PhantomData);
        }
        std::thread::yield_now();
    }
}

impl Drop for Window {
    fn drop(&mut self) {
        // In a child that was forked inside the window the count starts at 0 again.
        let left = |state: i32| (state & !FORKING > 0).then(|| state - 1);
        let _ = WINDOW.fetch_update(Ordering::AcqRel, Ordering::Relaxed, left);
        HELD.set(HELD.get().saturating_sub(1));
    }
}

/// A descriptor's place in the table. Dropping it closes the descriptor, unless this is a forked child,
/// where it is closed already and its number may belong to somebody else.
#[derive(Debug)]
pub(crate) struct Registration {
    fd: RawFd,
    entry: Option<usize>,
    generation: u64,
}

/// Takes over `fd`, which was opened in the same [`Window`].
pub(crate) fn register(fd: RawFd) -> Registration {
    let entry = DESCRIPTORS.iter().position(|entry| {
        entry.load(Ordering::Relaxed) == EMPTY
            && entry.compare_exchange(EMPTY, fd, Ordering::AcqRel, Ordering::Relaxed).is_ok()
    });
    if let Some(index) = entry {
        HIGHEST.fetch_max(index + 1, Ordering::AcqRel);
    }
    Registration { fd, entry, generation: generation() }
}

impl Registration {
    /// The descriptor; use it only while [`Registration::is_ours`].
    pub(crate) fn fd(&self) -> RawFd {
        self.fd
    }

    /// Whether the descriptor was opened by this process.
    pub(crate) fn is_ours(&self) -> bool {
        self.generation == generation()
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        if !self.is_ours() {
            return;
        }
        let _window = opening();
        if let Some(index) = self.entry {
            DESCRIPTORS[index].store(EMPTY, Ordering::Release);
        }
        // SAFETY: the descriptor is ours, open, and used by nobody else from here on.
        unsafe { libc::close(self.fd) };
    }
}
