//! The machine that reads a pickle: a stack, marks and a memo, over an [`Arena`].
//!
//! This file takes the input apart; `stack.rs` builds containers, `object.rs` classes and objects.

use super::Stop;
use super::arena::{Arena, Node, Span};
use super::memo::Memo;
use super::opcode as op;
use super::tables::Tables;
use crate::codec::surrogates;
use crate::decimal;
use crate::limits;

type Step = Result<(), Stop>;

/// Reads one pickle.
pub(super) struct Machine<'a> {
    input: &'a [u8],
    pub(super) pos: usize,
    pub(super) protocol: u8,
    pub(super) stack: Vec<Node>,
    /// Stack heights at each open MARK.
    pub(super) marks: Vec<u32>,
    pub(super) memo: Memo,
    pub(super) arena: Arena<'a>,
    /// What integers over 64 bits may still cost, in digits squared.
    wide_work: u64,
}

impl<'a> Machine<'a> {
    pub(super) fn new(input: &'a [u8], budget: usize) -> Machine<'a> {
        let tables = Tables::take(input.len());
        Machine {
            input,
            pos: 0,
            protocol: 0,
            stack: tables.stack,
            marks: Vec::with_capacity(8),
            memo: Memo::new(tables.memo),
            arena: Arena::new(input, budget, tables.children, tables.containers),
            wide_work: limits::MAX_INT_WORK,
        }
    }

    /// Gives the tables back; the value was copied out of them.
    pub(super) fn finish(self) {
        let (children, containers) = self.arena.into_tables();
        Tables { stack: self.stack, memo: self.memo.into_table(), children, containers }
            .give(self.input.len());
    }

    /// Reads to the STOP; gives the value.
    pub(super) fn run(&mut self) -> Result<Node, Stop> {
        let mut opcodes = 0;
        loop {
            let opcode = self.byte()?;
            if opcode == op::STOP {
                break;
            }
            opcodes += 1;
            if opcodes > limits::MAX_NODES {
                return Err(self.broken("there are more than 16,777,216 opcodes"));
            }
            self.step(opcode)?;
        }
        if self.pos != self.input.len() {
            return Err(self.broken("there are bytes after the end of the pickle"));
        }
        let value = self.pop()?;
        // Something was made and thrown away; it may have changed what is left.
        if self.stack.is_empty() && self.marks.is_empty() { Ok(value) } else { Err(Stop::Opaque) }
    }

    fn step(&mut self, opcode: u8) -> Step {
        match opcode {
            op::SHORT_BINUNICODE => self.short(Machine::text),
            op::MEMOIZE => self.memoize(),
            op::BININT1 => self.number::<1>().map(|[byte]| self.push(Node::Int(i64::from(byte)))),
            op::BINGET => self.number::<1>().and_then(|[number]| self.recall(usize::from(number))),
            op::BINPUT => self.number::<1>().and_then(|[number]| self.remember(usize::from(number))),
            op::BINFLOAT => self.number().map(|bytes| self.push(Node::Float(f64::from_be_bytes(bytes)))),
            op::BINUNICODE => self.counted::<4>(Machine::text),
            op::NONE => self.plain(Node::None),
            op::NEWTRUE => self.plain(Node::Bool(true)),
            op::NEWFALSE => self.plain(Node::Bool(false)),
            op::BININT2 | op::BININT | op::LONG1 | op::LONG4 => self.binary_integer(opcode),
            op::MARK | op::POP | op::POP_MARK | op::DUP => self.stack_step(opcode),
            op::EMPTY_DICT | op::SETITEM | op::SETITEMS | op::DICT => self.stack_step(opcode),
            op::EMPTY_LIST | op::APPEND | op::APPENDS | op::LIST => self.stack_step(opcode),
            op::EMPTY_TUPLE | op::TUPLE1 | op::TUPLE2 | op::TUPLE3 | op::TUPLE => self.stack_step(opcode),
            op::EMPTY_SET | op::ADDITEMS | op::FROZENSET => self.stack_step(opcode),
            op::GLOBAL | op::STACK_GLOBAL | op::EXT1 | op::EXT2 | op::EXT4 => self.object_step(opcode),
            op::REDUCE | op::NEWOBJ | op::NEWOBJ_EX | op::BUILD => self.object_step(opcode),
            op::INST | op::OBJ | op::PERSID | op::BINPERSID => self.object_step(opcode),
            op::INT | op::LONG | op::FLOAT | op::STRING | op::UNICODE | op::GET | op::PUT => {
                self.line_step(opcode)
            }
            _ => self.rare_step(opcode),
        }
    }

    fn rare_step(&mut self, opcode: u8) -> Step {
        match opcode {
            op::SHORT_BINBYTES => self.short(|_, span| Ok(Node::Bytes(span))),
            op::BINBYTES => self.counted::<4>(|_, span| Ok(Node::Bytes(span))),
            op::BINBYTES8 => self.counted::<8>(|_, span| Ok(Node::Bytes(span))),
            op::BINUNICODE8 => self.counted::<8>(Machine::text),
            op::BYTEARRAY8 => self.counted::<8>(|_, span| Ok(Node::ByteArray(span))),
            op::SHORT_BINSTRING => self.short(|_, span| Ok(Node::Str8(span))),
            op::BINSTRING => self.counted::<4>(|_, span| Ok(Node::Str8(span))),
            op::LONG_BINGET => {
                self.number().and_then(|number| self.recall(u32::from_le_bytes(number) as usize))
            }
            op::LONG_BINPUT => {
                self.number().and_then(|number| self.remember(u32::from_le_bytes(number) as usize))
            }
            op::FRAME => self.frame(),
            op::PROTO => self.proto(),
            op::NEXT_BUFFER | op::READONLY_BUFFER => {
                Err(self.broken("it needs an out-of-band buffer, which is not stored with it"))
            }
            _ => Err(self.broken("that is no opcode of pickle")),
        }
    }

    /// The error that something is wrong at the last opcode.
    pub(super) fn broken(&self, what: &'static str) -> Stop {
        Stop::Broken { offset: self.pos.saturating_sub(1), what }
    }

    pub(super) fn push(&mut self, node: Node) {
        self.stack.push(node);
    }

    pub(super) fn plain(&mut self, node: Node) -> Step {
        self.stack.push(node);
        Ok(())
    }

    fn proto(&mut self) -> Step {
        let [version] = self.number()?;
        if version > 5 {
            return Err(self.broken("that protocol is newer than 5"));
        }
        self.protocol = version;
        Ok(())
    }

    fn frame(&mut self) -> Step {
        let len = u64::from_le_bytes(self.number()?);
        let left = (self.input.len() - self.pos) as u64;
        if len > left { Err(self.broken("a frame reaches beyond the end")) } else { Ok(()) }
    }

    fn memoize(&mut self) -> Step {
        let node = self.top()?;
        self.memo.push(node);
        Ok(())
    }

    pub(super) fn remember(&mut self, number: usize) -> Step {
        let node = self.top()?;
        self.memo.put(number, node);
        Ok(())
    }

    pub(super) fn recall(&mut self, number: usize) -> Step {
        let node = self.memo.get(number).ok_or_else(|| self.broken("the memo has no such number"))?;
        self.plain(node)
    }

    fn byte(&mut self) -> Result<u8, Stop> {
        let byte = *self.input.get(self.pos).ok_or_else(|| self.cut())?;
        self.pos += 1;
        Ok(byte)
    }

    fn cut(&self) -> Stop {
        Stop::Broken { offset: self.input.len(), what: "it ends too early" }
    }

    pub(super) fn number<const N: usize>(&mut self) -> Result<[u8; N], Stop> {
        let rest = self.input.get(self.pos..).unwrap_or_default();
        let number = *rest.first_chunk().ok_or_else(|| self.cut())?;
        self.pos += N;
        Ok(number)
    }

    /// A stretch of the input.
    fn take(&mut self, len: usize) -> Result<Span, Stop> {
        let left = self.input.len() - self.pos;
        if len > left {
            return Err(self.broken("a length reaches beyond the end"));
        }
        let span = Arena::span(self.pos, len);
        self.pos += len;
        Ok(span)
    }

    /// Bytes behind a length of one byte.
    fn short(&mut self, make: impl Fn(&Machine<'a>, Span) -> Result<Node, Stop>) -> Step {
        let [len] = self.number()?;
        let span = self.take(usize::from(len))?;
        let node = make(self, span)?;
        self.plain(node)
    }

    /// Bytes behind a little-endian length of `N` bytes.
    fn counted<const N: usize>(&mut self, make: impl Fn(&Machine<'a>, Span) -> Result<Node, Stop>) -> Step {
        let bytes = self.number::<N>()?;
        let len = bytes.iter().rev().fold(0_u64, |len, byte| len << 8 | u64::from(*byte));
        let len = usize::try_from(len).map_err(|_| self.broken("a length reaches beyond the end"))?;
        let span = self.take(len)?;
        let node = make(self, span)?;
        self.plain(node)
    }

    fn text(&self, span: Span) -> Result<Node, Stop> {
        let bytes = self.arena.bytes(span);
        if std::str::from_utf8(bytes).is_ok() {
            Ok(Node::Text(span))
        } else if surrogates::is_text(bytes) {
            Ok(Node::Surrogates(span))
        } else {
            Err(self.broken("a text is not UTF-8"))
        }
    }

    fn binary_integer(&mut self, opcode: u8) -> Step {
        let integer = match opcode {
            op::BININT2 => i64::from(u16::from_le_bytes(self.number()?)),
            op::BININT => i64::from(i32::from_le_bytes(self.number()?)),
            op::LONG1 => {
                let [len] = self.number()?;
                return self.twos_complement(usize::from(len));
            }
            _ => {
                let len = i32::from_le_bytes(self.number()?);
                let len =
                    usize::try_from(len).map_err(|_| self.broken("an integer has a negative length"))?;
                return self.twos_complement(len);
            }
        };
        self.plain(Node::Int(integer))
    }

    fn twos_complement(&mut self, len: usize) -> Step {
        let span = self.take(len)?;
        let node = match decimal::narrow(self.arena.bytes(span)) {
            Some(integer) => Node::Int(integer),
            None => {
                self.allow_digits(decimal::digits_of(len))?;
                Node::Wide(span)
            }
        };
        self.plain(node)
    }

    /// Accounts for an integer over 64 bits, whose conversion costs the square of its length.
    pub(super) fn allow_digits(&mut self, digits: usize) -> Step {
        let cost = (digits as u64).saturating_mul(digits as u64);
        self.wide_work = self
            .wide_work
            .checked_sub(cost)
            .ok_or_else(|| self.broken("its integers are too long: 100,000 digits is the most"))?;
        Ok(())
    }

    /// The rest of the line, without its end.
    pub(super) fn line(&mut self) -> Result<&'a [u8], Stop> {
        let rest = self.input.get(self.pos..).unwrap_or_default();
        let len = memchr::memchr(b'\n', rest).ok_or_else(|| self.cut())?;
        self.pos += len + 1;
        Ok(&rest[..len])
    }
}
