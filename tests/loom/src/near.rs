//! The order of fetches, writes and news of a near cache.

#[path = "../../../src/near/kept.rs"]
mod kept;

use std::sync::{Arc, PoisonError};

use kept::{Kept, Value};
use loom::thread;

use crate::sync::atomic::{AtomicU64, Ordering};
use crate::sync::{Mutex, MutexGuard};
use crate::{Model, right, wrong};

pub(crate) const MODELS: &[Model] = &[
    right("what was written is not found any more", || written(fetch)),
    wrong("a fetch that draws its number when it ends", || written(fetch_with_a_late_number)),
    right("nobody goes back in time", nobody_goes_back_in_time),
    right("a copy is good while its number stays", a_copy_is_good_while_its_number_stays),
];
const KEY: &[u8] = b"k";

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A server whose one value is a number that grows, and what is kept of it.
struct World {
    server: AtomicU64,
    kept: Kept,
}

fn world() -> Arc<World> {
    Arc::new(World { server: AtomicU64::new(1), kept: Kept::new(10_000).unwrap() })
}

fn number(value: &Value) -> u64 {
    u64::from_be_bytes(value.data[..].try_into().unwrap())
}

fn found(world: &World) -> Option<u64> {
    world.kept.get(KEY).as_ref().map(number)
}

fn value(number: u64) -> Option<Value> {
    Some(Value { data: number.to_be_bytes().as_slice().into(), expires: u64::MAX })
}

/// What the server had.
fn fetch(world: &World) -> u64 {
    let ticket = world.kept.ticket();
    let seen = world.server.load(Ordering::SeqCst);
    world.kept.settle(KEY, ticket, value(seen));
    seen
}

fn fetch_with_a_late_number(world: &World) -> u64 {
    let seen = world.server.load(Ordering::SeqCst);
    world.kept.settle(KEY, world.kept.ticket(), value(seen));
    seen
}

/// A write of our own: the server first, then what is kept.
fn write(world: &World, number: u64) {
    world.server.store(number, Ordering::SeqCst);
    world.kept.forget(KEY);
}

fn written(fetch: fn(&World) -> u64) {
    let world = world();
    let other = Arc::clone(&world);
    let thread = thread::spawn(move || fetch(&other));
    write(&world, 2);
    assert_ne!(found(&world), Some(1), "the writer was told");
    thread.join().unwrap();
    assert_ne!(found(&world), Some(1));
}

/// Two fetch while the server changes, and its news are late.
fn nobody_goes_back_in_time() {
    let world = world();
    let other = Arc::clone(&world);
    let thread = thread::spawn(move || {
        let seen = fetch(&other);
        let again = found(&other).unwrap_or(seen);
        assert!(again >= seen, "{seen}, then {again}");
        seen
    });
    world.server.store(2, Ordering::SeqCst);
    let seen = fetch(&world);
    let others = thread.join().unwrap();
    let newest = seen.max(others);
    assert!(found(&world).is_none_or(|now| now >= newest), "{newest}, then {:?}", found(&world));
}

/// A host that keeps a copy of what it was given, beside a write and a fetch of what was written.
fn a_copy_is_good_while_its_number_stays() {
    let world = world();
    fetch(&world);
    let host = Arc::clone(&world);
    let copies = thread::spawn(move || {
        let number = host.kept.changes(KEY).load(Ordering::Acquire);
        (number, found(&host))
    });
    write(&world, 2);
    fetch(&world);
    let (number, copy) = copies.join().unwrap();
    if number == world.kept.changes(KEY).load(Ordering::Acquire) {
        assert_ne!(copy, Some(1), "the copy is older than what was written");
    }
}
