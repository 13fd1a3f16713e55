//! The tables that a pickle is read into, and the spare ones.
//!
//! Fresh memory comes from the kernel page by page, which takes as long as reading a big pickle into it. So the tables of
//! a big one are kept for the next: one set in a process, of a bounded size. Whoever finds it taken makes new ones.

use std::sync::Mutex;

use super::arena::{Container, Node};
use crate::limits::{MAX_SPARE, MIN_SPARE};

static SPARE: Mutex<Option<Tables>> = Mutex::new(None);

/// Empty ones are made at first, for the room in them.
#[derive(Debug)]
pub(super) struct Tables {
    pub(super) stack: Vec<Node>,
    pub(super) memo: Vec<Option<Node>>,
    pub(super) children: Vec<Node>,
    pub(super) containers: Vec<Container>,
}

impl Tables {
    /// Empty tables for a pickle of this length.
    pub(super) fn take(input: usize) -> Tables {
        // Not waited for: the holder of the lock may be a thread that a fork left behind.
        let spare =
            if input < MIN_SPARE { None } else { SPARE.try_lock().ok().and_then(|mut spare| spare.take()) };
        spare.unwrap_or_else(|| Tables::sized(input))
    }

    /// Keeps tables of a pickle of this length for the next big one.
    pub(super) fn give(mut self, input: usize) {
        if input < MIN_SPARE || self.bytes() > MAX_SPARE {
            return;
        }
        self.stack.clear();
        self.memo.clear();
        self.children.clear();
        self.containers.clear();
        if let Ok(mut spare) = SPARE.try_lock() {
            *spare = Some(self);
        }
    }

    fn sized(input: usize) -> Tables {
        let stack = (input / 8).clamp(8, 1024);
        Tables {
            stack: Vec::with_capacity(stack),
            memo: Vec::with_capacity(stack),
            children: Vec::with_capacity((input / 4).clamp(8, 4096)),
            containers: Vec::with_capacity((input / 32).clamp(4, 1024)),
        }
    }

    fn bytes(&self) -> usize {
        size_of::<Node>() * (self.stack.capacity() + self.children.capacity())
            + size_of::<Option<Node>>() * self.memo.capacity()
            + size_of::<Container>() * self.containers.capacity()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_beyond_the_bound_are_not_kept() {
        let mut tables = Tables::sized(MIN_SPARE);
        tables.children.reserve(MAX_SPARE / size_of::<Node>() + 1);
        let room = tables.children.capacity();
        tables.give(MIN_SPARE);
        assert!(Tables::take(MIN_SPARE).children.capacity() < room);
    }

    #[test]
    fn what_is_taken_is_empty() {
        let mut tables = Tables::sized(MIN_SPARE);
        tables.memo.push(Some(Node::Int(1)));
        tables.stack.push(Node::None);
        tables.give(MIN_SPARE);
        let taken = Tables::take(MIN_SPARE);
        assert!(taken.memo.is_empty() && taken.stack.is_empty());
    }
}
