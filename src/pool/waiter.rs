//! A caller that found no free connection, and what it is given in the end.

use std::mem;
use std::sync::PoisonError;

use super::locked;
use super::round::Round;
use super::slots::Taken;
use crate::error::{Error, Result};
use crate::limits::ASK_HOST;
use crate::net::{Address, Deadline, ask_host};
use crate::sync::{Condvar, Mutex};

/// Packed commands that may go together with others'.
pub(super) struct Load {
    pub(super) bytes: Vec<u8>,
    /// How many replies they bring.
    pub(super) replies: usize,
}

/// What a waiting caller is given by another.
pub(super) enum Turn {
    /// Nothing yet.
    Waits,
    /// A slot to itself.
    Lane(Taken),
    /// Its commands were sent together with others', and it is the one who reads on.
    Reads(Box<Round>),
    /// Its replies: others' calls did the rest.
    Answered(Vec<u8>),
    /// The connection that it rode on broke.
    Broken(Error),
    /// It has had its turn, or left: it takes nothing more.
    Gone,
}

/// A waiting caller, as others see it.
pub(super) struct Waiter {
    /// None where it needs a connection to itself.
    load: Option<Load>,
    turn: Mutex<Turn>,
    changed: Condvar,
}

impl Waiter {
    pub(super) fn new(load: Option<Load>) -> Waiter {
        Waiter { load, turn: Mutex::new(Turn::Waits), changed: Condvar::new() }
    }

    pub(super) fn load(&self) -> Option<&Load> {
        self.load.as_ref()
    }

    /// How many replies it expects.
    pub(super) fn replies(&self) -> usize {
        self.load.as_ref().map_or(0, |load| load.replies)
    }

    /// Gives it its turn and wakes it. What it does not take comes back.
    pub(super) fn offer(&self, offered: Turn) -> Option<Turn> {
        let mut turn = locked(&self.turn);
        if matches!(*turn, Turn::Gone) {
            return Some(offered);
        }
        *turn = offered;
        drop(turn);
        self.changed.notify_one();
        None
    }

    /// Takes no more turns; the last one, if it was given meanwhile.
    pub(super) fn go(&self) -> Turn {
        mem::replace(&mut locked(&self.turn), Turn::Gone)
    }

    /// Its turn, once it has come; `None` at the limit. An error if the host interrupts the wait.
    pub(super) fn wait(&self, limit: Deadline, server: &Address) -> Result<Option<Turn>> {
        loop {
            let mut turn = locked(&self.turn);
            if matches!(*turn, Turn::Waits) {
                let left = limit.left().unwrap_or(ASK_HOST);
                if left.is_zero() {
                    return Ok(None);
                }
                let woken = self.changed.wait_timeout(turn, left.min(ASK_HOST));
                turn = woken.unwrap_or_else(PoisonError::into_inner).0;
            }
            if !matches!(*turn, Turn::Waits) {
                return Ok(Some(mem::replace(&mut turn, Turn::Gone)));
            }
            // The host may use this very pool, or wait for a lock of its own, while it is asked.
            drop(turn);
            ask_host(server)?;
        }
    }
}
