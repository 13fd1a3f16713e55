//! A caller that waits for its turn: it gets it, and what it does not take is not lost.

#[path = "../../../src/pool/waiter.rs"]
mod waiter;

use std::sync::{Arc, PoisonError};

use loom::thread;
use waiter::{Turn, Waiter};

use crate::net::{Address, Deadline};
use crate::sync::{Mutex, MutexGuard};
use crate::{Model, right, wrong};

pub(crate) const MODELS: &[Model] = &[
    right("whoever waits gets its turn", whoever_waits_gets_its_turn),
    right("a slot that is offered to one who leaves is not lost", a_slot_is_not_lost),
    wrong("one who leaves without looking", one_who_leaves_without_looking),
    right("two turns that are offered are had once", two_turns_are_had_once),
];

mod round {
    pub(crate) struct Round;
}

mod slots {
    pub(crate) struct Taken;
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn lane() -> Turn {
    Turn::Lane(slots::Taken)
}

fn whoever_waits_gets_its_turn() {
    let waiter = Arc::new(Waiter::new(None));
    let other = Arc::clone(&waiter);
    let thread = thread::spawn(move || other.offer(lane()).is_none());
    let turn = waiter.wait(Deadline, &Address).unwrap();
    assert!(matches!(turn, Some(Turn::Lane(_))));
    assert!(thread.join().unwrap());
}

/// How many have the slot in the end, where the waiter leaves in this way while it is offered one.
fn owners(leave: fn(&Waiter) -> bool) -> usize {
    let waiter = Arc::new(Waiter::new(None));
    let other = Arc::clone(&waiter);
    let thread = thread::spawn(move || other.offer(lane()).is_some());
    let taken = leave(&waiter);
    usize::from(taken) + usize::from(thread.join().unwrap())
}

fn a_slot_is_not_lost() {
    assert_eq!(owners(|waiter| matches!(waiter.go(), Turn::Lane(_))), 1);
}

fn one_who_leaves_without_looking() {
    assert_eq!(owners(|waiter| !matches!(waiter.go(), Turn::Lane(_) | Turn::Waits)), 1);
}

/// A rider is told that its round broke while somebody hands it on.
fn two_turns_are_had_once() {
    let waiter = Arc::new(Waiter::new(None));
    let other = Arc::clone(&waiter);
    let thread = thread::spawn(move || other.offer(lane()).is_none());
    let first = waiter.wait(Deadline, &Address).unwrap();
    assert!(first.is_some());
    assert!(waiter.offer(Turn::Answered(Vec::new())).is_some(), "it has had its turn");
    assert!(thread.join().unwrap());
}
