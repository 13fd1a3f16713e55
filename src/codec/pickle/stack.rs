//! Opcodes that move values on the stack and build containers.

use super::Stop;
use super::arena::{Id, Node};
use super::opcode as op;
use super::read::Machine;

type Step = Result<(), Stop>;

impl Machine<'_> {
    pub(super) fn stack_step(&mut self, opcode: u8) -> Step {
        match opcode {
            op::MARK => {
                self.marks.push(self.stack.len() as u32);
                Ok(())
            }
            op::EMPTY_DICT => self.begin(Node::Dict),
            op::EMPTY_LIST => self.begin(Node::List),
            op::EMPTY_TUPLE => self.begin(Node::Tuple),
            op::EMPTY_SET => self.begin(Node::Set),
            op::SETITEMS => self.set_items(),
            op::SETITEM => self.set_item(),
            op::APPENDS => self.append_items(),
            op::APPEND => self.append_item(),
            op::ADDITEMS => self.add_items(),
            op::TUPLE => self.gather(Node::Tuple),
            op::LIST => self.gather(Node::List),
            op::FROZENSET => self.gather(Node::FrozenSet),
            op::DICT => self.gather_pairs(Node::Dict),
            op::TUPLE1..=op::TUPLE3 => self.short_tuple(usize::from(opcode - op::TUPLE1) + 1),
            op::DUP => {
                let node = self.top()?;
                self.plain(node)
            }
            op::POP if self.marks.last().is_some_and(|mark| *mark as usize == self.stack.len()) => {
                self.marks.pop();
                Ok(())
            }
            op::POP => self.pop().and_then(|node| discard(&[node])),
            _ => {
                let mark = self.unmark()?;
                let step = discard(&self.stack[mark..]);
                self.stack.truncate(mark);
                step
            }
        }
    }

    /// The height under which nothing may be taken from the stack.
    fn fence(&self) -> usize {
        self.marks.last().map_or(0, |mark| *mark as usize)
    }

    pub(super) fn pop(&mut self) -> Result<Node, Stop> {
        if self.stack.len() == self.fence() {
            return Err(self.broken("the stack is empty"));
        }
        self.stack.pop().ok_or(Stop::Opaque)
    }

    pub(super) fn top(&self) -> Result<Node, Stop> {
        match self.stack.last() {
            Some(node) if self.stack.len() > self.fence() => Ok(*node),
            _ => Err(self.broken("the stack is empty")),
        }
    }

    /// Takes the last mark; what was pushed since stands on the stack from there on.
    pub(super) fn unmark(&mut self) -> Result<usize, Stop> {
        match self.marks.pop() {
            Some(mark) => Ok(mark as usize),
            None => Err(self.broken("there is no MARK")),
        }
    }

    fn begin(&mut self, node: fn(Id) -> Node) -> Step {
        let id = self.arena.container(&[]);
        self.plain(node(id))
    }

    fn short_tuple(&mut self, len: usize) -> Step {
        let Some(start) = self.stack.len().checked_sub(len).filter(|start| *start >= self.fence()) else {
            return Err(self.broken("the stack is empty"));
        };
        self.replace(start, Node::Tuple)
    }

    fn gather(&mut self, node: fn(Id) -> Node) -> Step {
        let mark = self.unmark()?;
        self.replace(mark, node)
    }

    fn gather_pairs(&mut self, node: fn(Id) -> Node) -> Step {
        let mark = self.unmark()?;
        self.check_pairs(mark)?;
        self.replace(mark, node)
    }

    /// Puts a container in the place of its elements.
    fn replace(&mut self, start: usize, node: fn(Id) -> Node) -> Step {
        let id = self.arena.container(&self.stack[start..]);
        self.stack.truncate(start);
        self.plain(node(id))
    }

    /// Checks that what stands from `start` on is keys with values.
    fn check_pairs(&self, start: usize) -> Step {
        if (self.stack.len() - start).is_multiple_of(2) {
            Ok(())
        } else {
            Err(self.broken("a key has no value"))
        }
    }

    fn append_item(&mut self) -> Step {
        let item = self.pop()?;
        let target = self.top()?;
        self.append(target, &[item])
    }

    fn append_items(&mut self) -> Step {
        let mark = self.unmark()?;
        self.with_items(mark, Machine::append)
    }

    fn set_item(&mut self) -> Step {
        let Some(start) = self.stack.len().checked_sub(2).filter(|start| *start >= self.fence()) else {
            return Err(self.broken("the stack is empty"));
        };
        self.with_items(start, Machine::set)
    }

    fn set_items(&mut self) -> Step {
        let mark = self.unmark()?;
        self.check_pairs(mark)?;
        self.with_items(mark, Machine::set)
    }

    fn add_items(&mut self) -> Step {
        let mark = self.unmark()?;
        self.with_items(mark, |machine, target, items| match target {
            Node::Set(id) => {
                machine.arena.extend(id, items);
                Ok(())
            }
            Node::Object(_) => Err(Stop::Opaque),
            _ => Err(machine.broken("ADDITEMS to what is no set")),
        })
    }

    /// Takes the items from `start` on off the stack and adds them to what is under them.
    fn with_items(&mut self, start: usize, add: fn(&mut Self, Node, &[Node]) -> Step) -> Step {
        if start <= self.fence() {
            return Err(self.broken("the stack is empty"));
        }
        let mut stack = std::mem::take(&mut self.stack);
        let done = add(self, stack[start - 1], &stack[start..]);
        stack.truncate(start);
        self.stack = stack;
        done
    }

    fn append(&mut self, target: Node, items: &[Node]) -> Step {
        match target {
            Node::List(id) => {
                self.arena.extend(id, items);
                Ok(())
            }
            Node::Object(id) => self.append_to_object(id, items),
            Node::ByteArray(_) => Err(Stop::Opaque),
            _ => Err(self.broken("APPEND to what is no list")),
        }
    }

    fn set(&mut self, target: Node, entries: &[Node]) -> Step {
        match target {
            Node::Dict(id) => {
                self.arena.extend(id, entries);
                Ok(())
            }
            Node::Object(id) => self.set_in_object(id, entries),
            Node::List(_) | Node::ByteArray(_) => Err(Stop::Opaque),
            _ => Err(self.broken("SETITEM in what is no dict")),
        }
    }
}

/// Whether these can be thrown away: a call may have changed something else on its way.
fn discard(nodes: &[Node]) -> Step {
    if nodes.iter().any(|node| matches!(node, Node::Object(_))) { Err(Stop::Opaque) } else { Ok(()) }
}
