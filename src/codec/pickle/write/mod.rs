//! Writes values as pickles, with the opcodes, batches, frames and memo that CPython's own pickler has.
//!
//! [`Pickler`] goes through MessagePack once, with a list of what is left to do in place of recursion.

mod atom;
mod class;
mod data;
mod keys;
mod moment;
mod output;
mod record;

use super::opcode as op;
use crate::error::Error;
use crate::limits;
use crate::msgpack::{Malformed, Reader, Token};
use crate::value::Value;
use class::Classes;
use keys::Keys;
use output::Output;

/// Elements that one APPENDS, SETITEMS or ADDITEMS takes.
const BATCH: usize = 1000;

/// The pickle of a value at this protocol, 2 to 5.
pub(crate) fn encode(value: &Value<'_>, protocol: u8) -> Result<Vec<u8>, Error> {
    let packed = if let Value::Packed { data, .. } = value { &data[..] } else { &[] };
    let mut pickler = Pickler::new(protocol, Reader::at(packed, 0), packed.len());
    match value {
        Value::Packed { .. } => {
            pickler.value(false)?;
            pickler.run()?;
        }
        Value::None => pickler.out.op(op::NONE),
        Value::Bool(truth) => pickler.bool(*truth),
        Value::Int(integer) => pickler.int(*integer),
        Value::BigInt(digits) => pickler.digits(digits)?,
        Value::Float(real) => pickler.out.op_with(op::BINFLOAT, real.to_be_bytes()),
        Value::Bytes(bytes) => pickler.bytes(bytes),
        Value::Opaque(stored) | Value::Payload { data: stored, .. } => return Ok(stored.to_vec()),
        Value::Text(text) => pickler.text(text.as_bytes()),
    }
    Ok(pickler.out.finish())
}

type Step = Result<(), Malformed>;

/// What is left to do; the last comes first.
enum Task<'a> {
    /// Elements for a tuple, a frozenset or the arguments of OBJ; they stay on the stack.
    Elements {
        left: usize,
        hashed: bool,
    },
    /// Elements that go into what is under them, in batches.
    Batch(Batch),
    /// Go on behind an extension that was gone into.
    Resume(Reader<'a>),
    /// One value that stands elsewhere.
    Value(Reader<'a>),
    /// An array, as a tuple.
    Tuple(Reader<'a>),
    /// An array, to be appended.
    Append(Reader<'a>),
    /// A map, to be set by key.
    SetItems(Reader<'a>),
    /// The elements of an array, left on the stack.
    Arguments(Reader<'a>),
    /// A class by module and name.
    Class(&'a str, &'a str),
    Op(u8),
    /// Give what is on top of the stack a number.
    Memoize,
}

#[derive(Clone, Copy)]
struct Batch {
    left: usize,
    /// Elements since the last MARK.
    written: usize,
    kind: &'static BatchKind,
    single: bool,
}

/// How a list, a dict and a set are filled.
struct BatchKind {
    /// Values per element.
    width: usize,
    /// For one element alone; a set has none.
    single: Option<u8>,
    many: u8,
    /// Whether elements, or the keys of pairs, must be hashable.
    hashed: bool,
}

const LIST: BatchKind = BatchKind { width: 1, single: Some(op::APPEND), many: op::APPENDS, hashed: false };
const DICT: BatchKind = BatchKind { width: 2, single: Some(op::SETITEM), many: op::SETITEMS, hashed: true };
const SET: BatchKind = BatchKind { width: 1, single: None, many: op::ADDITEMS, hashed: true };

/// Turns one MessagePack value into opcodes.
struct Pickler<'a> {
    protocol: u8,
    out: Output,
    reader: Reader<'a>,
    tasks: Vec<Task<'a>>,
    /// Numbers given so far.
    memo: u32,
    classes: Classes,
    keys: Keys<'a>,
    depth: usize,
    /// What integers over 64 bits may still cost, in digits squared.
    wide_work: u64,
}

impl<'a> Pickler<'a> {
    fn new(protocol: u8, reader: Reader<'a>, size: usize) -> Pickler<'a> {
        Pickler {
            protocol,
            out: Output::new(protocol, size + size / 4),
            reader,
            tasks: Vec::with_capacity(16),
            memo: 0,
            classes: Classes::default(),
            keys: Keys::default(),
            depth: 0,
            wide_work: limits::MAX_INT_WORK,
        }
    }

    fn run(&mut self) -> Step {
        while let Some(task) = self.tasks.pop() {
            match task {
                Task::Elements { left: 0, .. } => self.depth -= 1,
                Task::Elements { left, hashed } => {
                    self.tasks.push(Task::Elements { left: left - 1, hashed });
                    self.value(hashed)?;
                }
                Task::Batch(batch) => self.batch(batch)?,
                Task::Resume(outer) => {
                    self.nothing_more()?;
                    self.reader = outer;
                }
                Task::Value(part) => self.at(part, |pickler| pickler.value(false))?,
                Task::Tuple(part) => self.at(part, Pickler::tuple_of_array)?,
                Task::Append(part) => self.at(part, |pickler| pickler.fill_from_array(&LIST))?,
                Task::SetItems(part) => self.at(part, Pickler::fill_from_map)?,
                Task::Arguments(part) => self.at(part, Pickler::elements_of_array)?,
                Task::Class(module, name) => self.class(module, name),
                Task::Op(opcode) => self.out.op(opcode),
                Task::Memoize => self.memoize(),
            }
        }
        Ok(())
    }

    fn at(&mut self, part: Reader<'a>, step: impl FnOnce(&mut Self) -> Step) -> Step {
        self.reader = part;
        step(self)
    }

    /// Writes the next value, or its beginning and the tasks for the rest.
    fn value(&mut self, hashed: bool) -> Step {
        match self.scalar(false)? {
            None => Ok(()),
            Some(token) => self.composite(token, hashed),
        }
    }

    /// Writes the next value if it has no elements; else gives its token.
    #[inline]
    fn scalar(&mut self, is_key: bool) -> Result<Option<Token<'a>>, Malformed> {
        self.out.boundary();
        // Matched where it is: moving the token first would cost as much as all the rest.
        match self.reader.token() {
            Ok(Token::Str(text)) if is_key => self.key(text),
            Ok(Token::Str(text)) => self.text(text.as_bytes()),
            Ok(Token::Int(integer)) => self.int(integer),
            Ok(Token::Float(real)) => self.out.op_with(op::BINFLOAT, real.to_be_bytes()),
            Ok(Token::Nil) => self.out.op(op::NONE),
            Ok(Token::Bool(truth)) => self.bool(truth),
            Ok(Token::UInt(unsigned)) => self.digits(&unsigned.to_string())?,
            Ok(Token::Bin(bytes)) => self.bytes(bytes),
            Ok(composite) => return Ok(Some(composite)),
            Err(malformed) => return Err(malformed),
        }
        Ok(None)
    }

    fn composite(&mut self, token: Token<'a>, hashed: bool) -> Step {
        match token {
            Token::Ext(kind, payload) => {
                let inside = self.reader.inside(payload);
                self.extension(kind.cast_unsigned(), payload, inside, hashed)
            }
            _ if hashed => Err(self.unhashable()),
            Token::Array(len) => self.list(len),
            Token::Map(len) => self.dict(len),
            _ => Ok(()),
        }
    }

    /// A key of a map. Texts come again from map to map, so one that was written is referred to, as Python
    /// does with names that are one object.
    fn key(&mut self, text: &'a str) {
        if let Some(number) = self.keys.find(text) {
            self.recall(number);
        } else {
            self.text(text.as_bytes());
            self.keys.put(text, self.memo - 1);
        }
    }

    fn unhashable(&self) -> Malformed {
        self.reader
            .malformed("a list, map, set or bytearray as a key or in a set, where Python can't have it,")
    }

    fn list(&mut self, len: usize) -> Step {
        self.out.op(op::EMPTY_LIST);
        self.memoize();
        self.fill(&LIST, len)
    }

    fn dict(&mut self, len: usize) -> Step {
        self.out.op(op::EMPTY_DICT);
        self.memoize();
        self.fill(&DICT, len)
    }

    /// Puts the next `len` elements into what is on top of the stack.
    fn fill(&mut self, kind: &'static BatchKind, len: usize) -> Step {
        if len == 0 {
            return Ok(());
        }
        self.deeper()?;
        let single = len == 1 && kind.single.is_some();
        if !single {
            self.out.op(op::MARK);
        }
        self.tasks.push(Task::Batch(Batch { left: len * kind.width, written: 0, kind, single }));
        Ok(())
    }

    /// Writes elements until one is composite; the rest waits until that is done.
    fn batch(&mut self, mut batch: Batch) -> Step {
        let BatchKind { width, single, many, hashed } = *batch.kind;
        loop {
            if batch.written == BATCH * width && (batch.left > 0 || hashed) {
                // CPython learns that a dict or a set is at its end only after it has begun another batch.
                self.out.op(many);
                self.out.op(op::MARK);
                batch.written = 0;
            }
            if batch.left == 0 {
                self.out.op(single.filter(|_| batch.single).unwrap_or(many));
                self.depth -= 1;
                return Ok(());
            }
            let is_key = width == 2 && batch.written.is_multiple_of(2);
            batch.left -= 1;
            batch.written += 1;
            if let Some(token) = self.scalar(is_key)? {
                self.tasks.push(Task::Batch(batch));
                return self.composite(token, hashed && (is_key || width == 1));
            }
        }
    }

    /// A tuple of the next `len` elements.
    fn tuple(&mut self, len: usize, hashed: bool) -> Step {
        let opcode = match len {
            0 => {
                self.out.op(op::EMPTY_TUPLE);
                return Ok(());
            }
            1 => op::TUPLE1,
            2 => op::TUPLE2,
            3 => op::TUPLE3,
            _ => op::TUPLE,
        };
        if opcode == op::TUPLE {
            self.out.op(op::MARK);
        }
        self.tasks.push(Task::Memoize);
        self.tasks.push(Task::Op(opcode));
        self.elements(len, hashed)
    }

    fn elements(&mut self, left: usize, hashed: bool) -> Step {
        self.deeper()?;
        self.tasks.push(Task::Elements { left, hashed });
        Ok(())
    }

    fn deeper(&mut self) -> Step {
        self.depth += 1;
        if self.depth > limits::MAX_VALUE_DEPTH {
            return Err(self.reader.malformed("nesting deeper than 512"));
        }
        Ok(())
    }

    fn tuple_of_array(&mut self) -> Step {
        self.out.boundary();
        let len = self.array()?;
        self.tuple(len, false)
    }

    fn elements_of_array(&mut self) -> Step {
        let len = self.array()?;
        self.elements(len, false)
    }

    fn fill_from_array(&mut self, kind: &'static BatchKind) -> Step {
        let len = self.array()?;
        self.fill(kind, len)
    }

    fn fill_from_map(&mut self) -> Step {
        let len = self.map()?;
        self.fill(&DICT, len)
    }

    fn array(&mut self) -> Result<usize, Malformed> {
        match self.reader.token()? {
            Token::Array(len) => Ok(len),
            _ => Err(self.reader.malformed("something else where an array must be")),
        }
    }

    fn map(&mut self) -> Result<usize, Malformed> {
        match self.reader.token()? {
            Token::Map(len) => Ok(len),
            _ => Err(self.reader.malformed("something else where a map must be")),
        }
    }

    /// Gives what is on top of the stack the next number, as CPython does to all it might meet again.
    fn memoize(&mut self) {
        match (self.protocol, u8::try_from(self.memo)) {
            (4.., _) => self.out.op(op::MEMOIZE),
            (_, Ok(number)) => self.out.op_with(op::BINPUT, [number]),
            _ => self.out.op_with(op::LONG_BINPUT, self.memo.to_le_bytes()),
        }
        self.memo += 1;
    }

    /// What was given this number.
    fn recall(&mut self, number: u32) {
        match u8::try_from(number) {
            Ok(number) => self.out.op_with(op::BINGET, [number]),
            Err(_) => self.out.op_with(op::LONG_BINGET, number.to_le_bytes()),
        }
    }
}
