//! The memo: what a pickle has given numbers to.

use std::collections::BTreeMap;

use super::arena::Node;

/// Values by number. Picklers count up from 0 or 1, so a table serves; numbers out of proportion go to a
/// tree, where they can't ask for memory that the input does not pay for.
#[derive(Debug)]
pub(super) struct Memo {
    table: Vec<Option<Node>>,
    far: BTreeMap<usize, Node>,
    /// How many numbers were given.
    count: usize,
}

impl Memo {
    /// A memo in an empty table.
    pub(super) fn new(table: Vec<Option<Node>>) -> Memo {
        Memo { table, far: BTreeMap::new(), count: 0 }
    }

    /// The table, used.
    pub(super) fn into_table(self) -> Vec<Option<Node>> {
        self.table
    }

    /// Gives the number that Python gives: how many there are (MEMOIZE).
    pub(super) fn push(&mut self, node: Node) {
        self.put(self.count, node);
    }

    /// Gives this number.
    pub(super) fn put(&mut self, number: usize, node: Node) {
        let before = if number == self.table.len() {
            self.table.push(Some(node));
            None
        } else if number < self.table.len() {
            self.table[number].replace(node)
        } else if number <= 2 * self.count + 64 {
            self.table.resize(number, None);
            self.table.push(Some(node));
            None
        } else {
            self.far.insert(number, node)
        };
        self.count += usize::from(before.is_none());
    }

    pub(super) fn get(&self, number: usize) -> Option<Node> {
        match self.table.get(number) {
            Some(Some(node)) => Some(*node),
            _ => self.far.get(&number).copied(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn int(memo: &Memo, number: usize) -> Option<i64> {
        match memo.get(number) {
            Some(Node::Int(integer)) => Some(integer),
            _ => None,
        }
    }

    #[test]
    fn numbers_in_any_order() {
        let mut memo = Memo::new(Vec::new());
        for number in [1, 2, 0, 50, 1_000_000_000, 4_294_967_295, 51, 1] {
            memo.put(number, Node::Int(number as i64));
        }
        for number in [0, 1, 2, 50, 51, 1_000_000_000, 4_294_967_295] {
            assert_eq!(int(&memo, number), Some(number as i64));
        }
        assert!(int(&memo, 3).is_none() && int(&memo, 52).is_none());
        assert!(memo.table.len() < 100, "a far number must not cost a table");
        memo.push(Node::Int(-7));
        assert_eq!(int(&memo, 7), Some(-7), "the next number is how many there are");
    }
}
