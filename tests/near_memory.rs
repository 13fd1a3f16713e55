//! What a near cache takes: counted by the allocator, with what malloc itself needs.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![expect(unsafe_code, reason = "an allocator")]

mod support;

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};

use djredis::{Cache, Call, Options, Value};
use support::Server;

static TAKEN: AtomicUsize = AtomicUsize::new(0);

struct Counting;

/// What glibc takes for an allocation.
fn chunk(layout: Layout) -> usize {
    (layout.size() + 8).next_multiple_of(16).max(32)
}

// SAFETY: it hands everything on to the system's allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        TAKEN.fetch_add(chunk(layout), Ordering::Relaxed);
        // SAFETY: the caller's contract.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        TAKEN.fetch_sub(chunk(layout), Ordering::Relaxed);
        // SAFETY: the caller's contract.
        unsafe { System.dealloc(memory, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

const LIMIT: usize = 4 << 20;
const BATCH: usize = 1000;

/// Reads twice what fits, and answers how much memory that took.
fn taken_by(server: &Server, size: usize) -> usize {
    let mut options = Options::new();
    options.set("NEAR_CACHE", &LIMIT.to_string()).unwrap();
    options.set("SERIALIZER", "raw").unwrap();
    options.set("SOCKET_TIMEOUT", "30").unwrap();
    let cache = Cache::open(&format!("127.0.0.1:{}:0", server.port()), &options).unwrap();
    let call = Call::default();
    cache.clear(&call).unwrap();
    let data = vec![b'x'; size];
    let mut before = 0;
    for first in (0..4 * LIMIT / (size + 100)).step_by(BATCH) {
        let names: Vec<_> = (first..first + BATCH).map(|number| format!("key{number}")).collect();
        let pairs: Vec<_> =
            names.iter().map(|name| (name.as_bytes(), Value::Bytes(data.as_slice().into()))).collect();
        cache.set_many(&pairs, &call).unwrap();
        let keys: Vec<_> = names.iter().map(String::as_bytes).collect();
        if before == 0 {
            // What connections keep is not the near cache's.
            cache.get_many(&keys[..1], &call).unwrap();
            before = TAKEN.load(Ordering::Relaxed);
        }
        cache.get_many(&keys, &call).unwrap();
    }
    let stats = cache.stats();
    assert!(stats.near_misses > 2 * LIMIT as u64 / (size as u64 + 200), "{stats:?}");
    TAKEN.load(Ordering::Relaxed) - before
}

#[test]
fn it_keeps_to_its_bytes() {
    let server = Server::start();
    for size in [1, 10, 100, 1000, 10_000] {
        let taken = taken_by(&server, size);
        assert!(taken < LIMIT * 5 / 4, "values of {size} bytes take {taken} of {LIMIT}");
        assert!(taken > LIMIT / 2, "values of {size} bytes take {taken} of {LIMIT}");
    }
}
