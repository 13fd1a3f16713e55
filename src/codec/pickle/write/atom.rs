//! Values without elements.

use super::{Pickler, Step};
use crate::codec::pickle::opcode as op;
use crate::decimal;
use crate::limits;

impl Pickler<'_> {
    pub(super) fn bool(&mut self, truth: bool) {
        self.out.op(if truth { op::NEWTRUE } else { op::NEWFALSE });
    }

    pub(super) fn int(&mut self, integer: i64) {
        match integer {
            0..=0xff => self.out.op_with(op::BININT1, [integer as u8]),
            0x100..=0xffff => self.out.op_with(op::BININT2, (integer as u16).to_le_bytes()),
            -0x8000_0000..=0x7fff_ffff => self.out.op_with(op::BININT, (integer as i32).to_le_bytes()),
            _ => {
                let bytes = integer.to_le_bytes();
                let sign = if integer < 0 { 0xff } else { 0 };
                // The fewest bytes that keep the sign.
                let mut len = 8;
                while bytes[len - 1] == sign && (bytes[len - 2] ^ sign) & 0x80 == 0 {
                    len -= 1;
                }
                self.twos_complement(&bytes[..len]);
            }
        }
    }

    /// An integer of any width, from canonical digits.
    pub(super) fn digits(&mut self, digits: &str) -> Step {
        if let Ok(integer) = digits.parse() {
            self.int(integer);
            return Ok(());
        }
        if decimal::canonical(digits.as_bytes()).is_none() {
            return Err(self.reader.malformed("an integer that is not canonical decimal digits"));
        }
        let cost = (digits.len() as u64).saturating_mul(digits.len() as u64);
        let Some(left) = self.wide_work.checked_sub(cost) else {
            return Err(self.reader.malformed("integers of more than 100,000 digits"));
        };
        self.wide_work = left;
        self.twos_complement(&decimal::to_bytes(digits));
        Ok(())
    }

    pub(super) fn twos_complement(&mut self, bytes: &[u8]) {
        match u8::try_from(bytes.len()) {
            Ok(len) => self.out.op_with(op::LONG1, [len]),
            Err(_) => self.out.op_with(op::LONG4, (bytes.len() as u32).to_le_bytes()),
        }
        self.out.write(bytes);
    }

    /// UTF-8, lone surrogates let pass.
    pub(super) fn text(&mut self, text: &[u8]) {
        match u8::try_from(text.len()) {
            Ok(len) if self.protocol >= 4 => self.out.counted(&[op::SHORT_BINUNICODE, len], text),
            _ => self.counted(op::BINUNICODE, text),
        }
        self.memoize();
    }

    pub(super) fn bytes(&mut self, bytes: &[u8]) {
        match u8::try_from(bytes.len()) {
            _ if self.protocol < 3 => return self.bytes_by_call(bytes),
            Ok(len) => self.out.counted(&[op::SHORT_BINBYTES, len], bytes),
            Err(_) => self.counted(op::BINBYTES, bytes),
        }
        self.memoize();
    }

    /// Protocol 2 has no bytes: a text that Python encodes, or a call of `bytes`.
    fn bytes_by_call(&mut self, bytes: &[u8]) {
        if bytes.is_empty() {
            self.class("builtins", "bytes");
            self.out.op(op::EMPTY_TUPLE);
        } else {
            let text: String = bytes.iter().copied().map(char::from).collect();
            self.class("_codecs", "encode");
            self.text(text.as_bytes());
            self.interned_text("latin1");
            self.out.op(op::TUPLE2);
            self.memoize();
        }
        self.out.op(op::REDUCE);
        self.memoize();
    }

    pub(super) fn bytearray(&mut self, bytes: &[u8]) {
        if self.protocol >= 5 {
            let mut header = [op::BYTEARRAY8; 9];
            header[1..].copy_from_slice(&(bytes.len() as u64).to_le_bytes());
            self.out.counted(&header, bytes);
            self.memoize();
            return;
        }
        self.class("builtins", "bytearray");
        if bytes.is_empty() {
            self.out.op(op::EMPTY_TUPLE);
        } else {
            self.bytes(bytes);
            self.out.op(op::TUPLE1);
            self.memoize();
        }
        self.out.op(op::REDUCE);
        self.memoize();
    }

    /// Behind a length of 4 bytes: a value is 512 MiB at most.
    fn counted(&mut self, opcode: u8, bytes: &[u8]) {
        const { assert!(limits::MAX_VALUE < u32::MAX as usize) };
        let mut header = [opcode; 5];
        header[1..].copy_from_slice(&(bytes.len() as u32).to_le_bytes());
        self.out.counted(&header, bytes);
    }
}
