//! The extensions of docs/values.md that are built-in or standard types, as the calls that Python makes them by.

use super::{Pickler, SET, Step, Task};
use crate::codec::pickle::opcode as op;
use crate::codec::surrogates;
use crate::decimal;
use crate::msgpack::{Reader, ext};
use crate::value::Value;

/// MessagePack's nil.
pub(super) const NIL: [u8; 1] = [0xc0];

impl<'a> Pickler<'a> {
    /// An extension; `inside` reads its payload.
    pub(super) fn extension(
        &mut self,
        kind: u8,
        payload: &'a [u8],
        inside: Reader<'a>,
        hashed: bool,
    ) -> Step {
        if hashed && ext::is_unhashable(kind) {
            return Err(self.unhashable());
        }
        match kind {
            ext::TUPLE..=ext::FROZENSET | ext::RECORD | ext::ORDERED_DICT..=ext::RANGE => {
                let outer = std::mem::replace(&mut self.reader, inside);
                self.tasks.push(Task::Resume(outer));
                self.container(kind, hashed)
            }
            ext::DATETIME | ext::TIME => self.moment(kind, payload, inside),
            _ => self.leaf(kind, payload),
        }
    }

    fn container(&mut self, kind: u8, hashed: bool) -> Step {
        match kind {
            ext::TUPLE => {
                let len = self.array()?;
                self.tuple(len, hashed)
            }
            ext::SET if self.protocol >= 4 => {
                self.out.op(op::EMPTY_SET);
                self.memoize();
                self.fill_from_array(&SET)
            }
            ext::FROZENSET if self.protocol >= 4 => {
                self.out.op(op::MARK);
                self.tasks.extend([Task::Memoize, Task::Op(op::FROZENSET)]);
                let len = self.array()?;
                self.elements(len, true)
            }
            ext::SET => self.set_by_call("set"),
            ext::FROZENSET => self.set_by_call("frozenset"),
            ext::RECORD => self.record(),
            _ => self.collection(kind),
        }
    }

    /// `set([...])`: protocols 2 and 3 have no sets.
    fn set_by_call(&mut self, name: &str) -> Step {
        self.class("builtins", name);
        self.push_call(op::TUPLE1);
        let len = self.array()?;
        self.list(len)
    }

    /// What comes after the arguments of a call.
    pub(super) fn push_call(&mut self, tuple: u8) {
        self.tasks.extend([Task::Memoize, Task::Op(op::REDUCE)]);
        if tuple != op::EMPTY_TUPLE {
            self.tasks.push(Task::Memoize);
        }
        self.tasks.push(Task::Op(tuple));
    }

    fn collection(&mut self, kind: u8) -> Step {
        match kind {
            ext::ORDERED_DICT => {
                self.class("collections", "OrderedDict");
                self.close_call(op::EMPTY_TUPLE);
                self.fill_from_map()
            }
            ext::COUNTER => {
                self.class("collections", "Counter");
                self.push_call(op::TUPLE1);
                let len = self.map()?;
                self.dict(len)
            }
            ext::DEFAULTDICT => {
                self.class("collections", "defaultdict");
                let factory = self.reader.part()?;
                self.tasks.push(Task::SetItems(self.reader.part()?));
                if factory.rest() == NIL {
                    self.close_call(op::EMPTY_TUPLE);
                } else {
                    self.push_call(op::TUPLE1);
                    self.tasks.push(Task::Value(factory));
                }
                self.nothing_more()
            }
            ext::DEQUE => self.deque(),
            _ => {
                self.class("builtins", "range");
                self.push_call(op::TUPLE3);
                self.range()
            }
        }
    }

    /// Start, stop and step: integers, the last not 0.
    fn range(&mut self) -> Step {
        let len = self.array()?;
        let mut ahead = self.reader.clone();
        for index in 0..len {
            let good = match ahead.value()? {
                Value::Int(integer) => integer != 0 || index < 2,
                value => matches!(value, Value::BigInt(_)),
            };
            if !good || len != 3 {
                return Err(self.reader.malformed("a range that is not start, stop and step"));
            }
        }
        self.elements(len, true)
    }

    fn deque(&mut self) -> Step {
        self.class("collections", "deque");
        let maxlen = self.reader.part()?;
        let elements = self.reader.part()?;
        self.tasks.push(Task::Append(elements));
        if maxlen.rest() == NIL {
            self.close_call(op::EMPTY_TUPLE);
        } else {
            self.out.op(op::EMPTY_TUPLE);
            self.push_call(op::TUPLE2);
            self.tasks.push(Task::Value(maxlen));
        }
        self.nothing_more()
    }

    /// Checks that the payload of an extension ends here.
    pub(super) fn nothing_more(&self) -> Step {
        if self.reader.is_done() {
            return Ok(());
        }
        Err(self.reader.malformed("an extension with bytes behind its value"))
    }

    fn leaf(&mut self, kind: u8, payload: &[u8]) -> Step {
        let ascii = std::str::from_utf8(payload).unwrap_or_default();
        match kind {
            ext::BIGINT if decimal::canonical(payload).is_some() => self.digits(ascii)?,
            ext::DATE => self.date(payload)?,
            ext::TIMEDELTA => self.timedelta(payload)?,
            ext::DECIMAL if decimal::is_python_decimal(ascii) => {
                self.class("decimal", "Decimal");
                self.text(payload);
                self.close_call(op::TUPLE1);
            }
            ext::UUID if payload.len() == 16 => self.uuid(payload),
            ext::COMPLEX if payload.len() == 16 => {
                self.class("builtins", "complex");
                for half in payload.chunks_exact(8) {
                    self.out.op(op::BINFLOAT);
                    self.out.write(half);
                }
                self.close_call(op::TUPLE2);
            }
            ext::FRACTION if decimal::is_fraction(ascii) => {
                self.class("fractions", "Fraction");
                for part in ascii.split('/') {
                    self.digits(part)?;
                }
                self.close_call(op::TUPLE2);
            }
            ext::SURROGATES if surrogates::is_text(payload) => self.text(payload),
            ext::BYTEARRAY => self.bytearray(payload),
            ext::ELLIPSIS if payload.is_empty() => self.class("builtins", "Ellipsis"),
            ext::SAFE_STRING if ascii.len() == payload.len() => {
                self.class("django.utils.safestring", "SafeString");
                self.text(payload);
                self.out.op(op::TUPLE1);
                self.memoize();
                self.out.op(op::NEWOBJ);
                self.memoize();
            }
            _ => return Err(self.unwritable(kind)),
        }
        Ok(())
    }

    fn unwritable(&self, kind: u8) -> crate::msgpack::Malformed {
        self.reader.malformed(match kind {
            ext::OPAQUE | ext::PAYLOAD => "stored bytes inside another value",
            ext::ERROR_REPLY | ext::STATUS_REPLY => "a reply of Redis, which pickle has no type for,",
            kind if ext::is_known(kind) || kind == ext::BIGINT => "an extension with a broken payload",
            _ => "an extension type that docs/values.md doesn't have",
        })
    }

    /// An empty UUID, then its number as state.
    fn uuid(&mut self, payload: &[u8]) {
        self.class("uuid", "UUID");
        self.out.op(op::EMPTY_TUPLE);
        self.out.op(op::NEWOBJ);
        self.memoize();
        self.out.op(op::EMPTY_DICT);
        self.memoize();
        self.interned_text("int");
        let number = payload.iter().fold(0, |number: u128, byte| number << 8 | u128::from(*byte));
        self.u128(number);
        self.out.op(op::SETITEM);
        self.out.op(op::BUILD);
    }

    fn u128(&mut self, number: u128) {
        match i64::try_from(number) {
            Ok(integer) => self.int(integer),
            Err(_) => {
                let mut bytes = [0; 17];
                bytes[..16].copy_from_slice(&number.to_le_bytes());
                let used = bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
                let sign = usize::from(bytes[used - 1] & 0x80 != 0);
                self.twos_complement(&bytes[..used + sign]);
            }
        }
    }
}
