//! Reads MessagePack from borrowed bytes, one header at a time, without recursion.

use std::borrow::Cow;

use super::ext;
use crate::decimal;
use crate::error::Error;
use crate::value::{LIST, MAP, Value};

/// One value, or the header of an array or map whose elements are the next tokens.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Token<'a> {
    Nil,
    Bool(bool),
    Int(i64),
    /// Over `i64::MAX`.
    UInt(u64),
    Float(f64),
    Str(&'a str),
    Bin(&'a [u8]),
    /// How many elements follow.
    Array(usize),
    /// How many pairs follow.
    Map(usize),
    Ext(i8, &'a [u8]),
}

/// Bytes that are no MessagePack value of docs/values.md.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Malformed {
    /// Where, in bytes from the start of what was read.
    pub(crate) offset: usize,
    pub(crate) what: &'static str,
}

impl From<Malformed> for Error {
    fn from(malformed: Malformed) -> Error {
        let Malformed { offset, what } = malformed;
        Error::encode(format!("the value is no valid MessagePack: {what} at offset {offset}"))
    }
}

/// Goes through MessagePack bytes. Every length is checked against the bytes that are there.
#[derive(Clone, Debug)]
pub(crate) struct Reader<'a> {
    bytes: &'a [u8],
    pos: usize,
    /// Where `bytes` starts in what was read first; for errors.
    base: usize,
}

impl<'a> Reader<'a> {
    /// Reads `bytes` from `pos` on.
    pub(crate) fn at(bytes: &'a [u8], pos: usize) -> Reader<'a> {
        Reader { bytes, pos: pos.min(bytes.len()), base: 0 }
    }

    /// Reads the payload of the extension that was the last token.
    pub(crate) fn inside(&self, payload: &'a [u8]) -> Reader<'a> {
        Reader { bytes: payload, pos: 0, base: self.base + self.pos - payload.len() }
    }

    /// Where the next token starts.
    pub(crate) fn pos(&self) -> usize {
        self.pos
    }

    /// Whether everything was read.
    pub(crate) fn is_done(&self) -> bool {
        self.pos == self.bytes.len()
    }

    /// What is left.
    pub(crate) fn rest(&self) -> &'a [u8] {
        &self.bytes[self.pos..]
    }

    pub(crate) fn malformed(&self, what: &'static str) -> Malformed {
        Malformed { offset: self.base + self.pos, what }
    }

    /// The next token.
    #[inline]
    pub(crate) fn token(&mut self) -> Result<Token<'a>, Malformed> {
        // The most frequent ones, where the caller is.
        match self.bytes.get(self.pos) {
            Some(&marker @ 0x00..=0x7f) => {
                self.pos += 1;
                Ok(Token::Int(i64::from(marker)))
            }
            Some(&marker @ 0xa0..=0xbf) => {
                self.pos += 1;
                self.str(usize::from(marker & 0x1f))
            }
            _ => self.any_token(),
        }
    }

    fn any_token(&mut self) -> Result<Token<'a>, Malformed> {
        let [marker] = self.number()?;
        match marker {
            0x00..=0x7f | 0xe0..=0xff => Ok(Token::Int(i64::from(marker.cast_signed()))),
            0xa0..=0xbf => self.str(usize::from(marker & 0x1f)),
            0xc0 => Ok(Token::Nil),
            0xc2 | 0xc3 => Ok(Token::Bool(marker == 0xc3)),
            0xca => Ok(Token::Float(f64::from(f32::from_be_bytes(self.number()?)))),
            0xcb => Ok(Token::Float(f64::from_be_bytes(self.number()?))),
            0xcc => Ok(Token::Int(i64::from(u8::from_be_bytes(self.number()?)))),
            0xcd => Ok(Token::Int(i64::from(u16::from_be_bytes(self.number()?)))),
            0xce => Ok(Token::Int(i64::from(u32::from_be_bytes(self.number()?)))),
            0xcf => {
                let unsigned = u64::from_be_bytes(self.number()?);
                Ok(i64::try_from(unsigned).map_or(Token::UInt(unsigned), Token::Int))
            }
            0xd0 => Ok(Token::Int(i64::from(i8::from_be_bytes(self.number()?)))),
            0xd1 => Ok(Token::Int(i64::from(i16::from_be_bytes(self.number()?)))),
            0xd2 => Ok(Token::Int(i64::from(i32::from_be_bytes(self.number()?)))),
            0xd3 => Ok(Token::Int(i64::from_be_bytes(self.number()?))),
            0xc1 => {
                self.pos -= 1;
                Err(self.malformed("the byte c1, which MessagePack never uses"))
            }
            _ => self.counted(marker),
        }
    }

    /// What has a length: of bytes, or of elements.
    fn counted(&mut self, marker: u8) -> Result<Token<'a>, Malformed> {
        match marker {
            0x80..=0x8f => self.container(usize::from(marker & 0xf), 2).map(Token::Map),
            0x90..=0x9f => self.container(usize::from(marker & 0xf), 1).map(Token::Array),
            0xc4..=0xc6 => {
                let len = self.length(marker - 0xc4)?;
                self.take(len).map(Token::Bin)
            }
            0xc7..=0xc9 => {
                let len = self.length(marker - 0xc7)?;
                self.ext(len)
            }
            0xd4..=0xd8 => self.ext(1 << (marker - 0xd4)),
            0xd9..=0xdb => {
                let len = self.length(marker - 0xd9)?;
                self.str(len)
            }
            0xdc | 0xdd => {
                let len = self.length(marker - 0xdb)?;
                self.container(len, 1).map(Token::Array)
            }
            _ => {
                let len = self.length(marker - 0xdd)?;
                self.container(len, 2).map(Token::Map)
            }
        }
    }

    /// Moves on to `pos` if that is further.
    pub(crate) fn forward_to(&mut self, pos: usize) {
        self.pos = self.pos.max(pos.min(self.bytes.len()));
    }

    /// The next value: scalars typed, composite ones as the bytes they are.
    pub(crate) fn value(&mut self) -> Result<Value<'a>, Malformed> {
        let mut ahead = self.clone();
        let value = match ahead.token()? {
            Token::Nil => Value::None,
            Token::Bool(truth) => Value::Bool(truth),
            Token::Int(integer) => Value::Int(integer),
            Token::UInt(unsigned) => Value::BigInt(unsigned.to_string().into()),
            Token::Float(real) => Value::Float(real),
            Token::Str(text) => Value::Text(text.into()),
            Token::Bin(bytes) => Value::Bytes(bytes.into()),
            Token::Array(_) => return self.packed(LIST),
            Token::Map(_) => return self.packed(MAP),
            Token::Ext(kind, payload) => match kind.cast_unsigned() {
                ext::OPAQUE => Value::Opaque(payload.into()),
                ext::BIGINT => Value::BigInt(self.digits(payload)?),
                kind if ext::is_known(kind) => return self.packed(u32::from(kind)),
                _ => return Err(self.malformed("an extension type of no meaning here")),
            },
        };
        *self = ahead;
        Ok(value)
    }

    fn packed(&mut self, kind: u32) -> Result<Value<'a>, Malformed> {
        let start = self.pos;
        self.skip()?;
        Ok(Value::Packed { kind, data: self.bytes[start..self.pos].into() })
    }

    fn digits(&self, payload: &'a [u8]) -> Result<Cow<'a, str>, Malformed> {
        let digits =
            decimal::canonical(payload).ok_or_else(|| self.malformed("an extension 4 that is no integer"))?;
        Ok(Cow::Borrowed(digits))
    }

    /// Passes over one whole value and gives its bytes, ready to be read.
    pub(crate) fn part(&mut self) -> Result<Reader<'a>, Malformed> {
        let start = self.pos;
        self.skip()?;
        Ok(Reader { bytes: &self.bytes[start..self.pos], pos: 0, base: self.base + start })
    }

    /// Passes over one whole value. The cost is its size; neither text nor extensions are looked into.
    pub(crate) fn skip(&mut self) -> Result<(), Malformed> {
        let mut left = 1_usize;
        while left > 0 {
            left -= 1;
            let marker = *self.bytes.get(self.pos).ok_or_else(|| self.malformed("it ends too early"))?;
            // How many bytes the value has, where the marker alone tells.
            let size = match marker {
                0x00..=0x7f | 0xe0..=0xff | 0xc0 | 0xc2 | 0xc3 => 1,
                0xa0..=0xbf => 1 + usize::from(marker & 0x1f),
                0xcc | 0xd0 => 2,
                0xcd | 0xd1 => 3,
                0xca | 0xce | 0xd2 => 5,
                0xcb | 0xcf | 0xd3 => 9,
                _ => {
                    // Each element has a byte at least, so the sum stays under the length of the input.
                    left += match self.any_token()? {
                        Token::Array(len) => len,
                        Token::Map(len) => 2 * len,
                        _ => 0,
                    };
                    0
                }
            };
            self.take(size)?;
        }
        Ok(())
    }

    #[inline]
    fn number<const N: usize>(&mut self) -> Result<[u8; N], Malformed> {
        let number = *self.rest().first_chunk().ok_or_else(|| self.malformed("it ends too early"))?;
        self.pos += N;
        Ok(number)
    }

    /// A length of 1, 2 or 4 bytes, by `width` 0, 1, 2.
    fn length(&mut self, width: u8) -> Result<usize, Malformed> {
        Ok(match width {
            0 => usize::from(u8::from_be_bytes(self.number()?)),
            1 => usize::from(u16::from_be_bytes(self.number()?)),
            _ => u32::from_be_bytes(self.number()?) as usize,
        })
    }

    #[inline]
    fn take(&mut self, len: usize) -> Result<&'a [u8], Malformed> {
        let taken = self.rest().get(..len).ok_or_else(|| self.malformed("a length beyond the end"))?;
        self.pos += len;
        Ok(taken)
    }

    fn str(&mut self, len: usize) -> Result<Token<'a>, Malformed> {
        let start = self.pos;
        let text = std::str::from_utf8(self.take(len)?);
        text.map(Token::Str)
            .map_err(|_| Malformed { offset: self.base + start, what: "a str that is not UTF-8" })
    }

    fn ext(&mut self, len: usize) -> Result<Token<'a>, Malformed> {
        let [kind] = self.number()?;
        Ok(Token::Ext(kind.cast_signed(), self.take(len)?))
    }

    /// A count of elements of which each has `width` bytes at least.
    fn container(&self, len: usize, width: usize) -> Result<usize, Malformed> {
        match len.checked_mul(width) {
            Some(least) if least <= self.rest().len() => Ok(len),
            _ => Err(self.malformed("more elements than bytes")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::msgpack::Writer;

    fn read_back(write: impl Fn(&mut Writer)) -> Vec<u8> {
        let mut writer = Writer::default();
        write(&mut writer);
        writer.into_bytes()
    }

    #[test]
    fn integers_take_their_shortest_form() {
        let edges = [0, 0x7f, 0x80, 0xff, 0x100, 0xffff, 0x1_0000, 0xffff_ffff, 0x1_0000_0000, i64::MAX];
        let negative =
            [-1, -0x20, -0x21, -0x80, -0x81, -0x8000, -0x8001, -0x8000_0000, -0x8000_0001, i64::MIN];
        let sizes = [1, 1, 2, 2, 3, 3, 5, 5, 9, 9, 1, 1, 2, 2, 3, 3, 5, 5, 9, 9];
        for (integer, size) in edges.into_iter().chain(negative).zip(sizes) {
            let bytes = read_back(|w| w.int(integer));
            assert_eq!(bytes.len(), size, "{integer}");
            assert_eq!(Reader::at(&bytes, 0).token(), Ok(Token::Int(integer)));
        }
    }

    #[test]
    fn lengths_of_every_width() {
        for len in [0, 1, 2, 3, 4, 8, 15, 16, 31, 32, 255, 256, 65_535, 65_536] {
            let (text, bytes) = ("x".repeat(len), vec![7; len]);
            let written = read_back(|w| {
                w.str(&text);
                w.bin(&bytes);
                w.ext(20, &bytes);
                w.array(len);
                w.raw(&vec![0xc0; len]);
                w.map(len);
                w.raw(&vec![0xc0; 2 * len]);
            });
            let mut reader = Reader::at(&written, 0);
            assert_eq!(reader.token(), Ok(Token::Str(&text)));
            assert_eq!(reader.token(), Ok(Token::Bin(&bytes)));
            assert_eq!(reader.token(), Ok(Token::Ext(20, &bytes)));
            assert_eq!(reader.clone().token(), Ok(Token::Array(len)));
            reader.skip().unwrap();
            assert_eq!(reader.clone().token(), Ok(Token::Map(len)));
            reader.skip().unwrap();
            assert!(reader.is_done());
        }
    }

    #[test]
    fn every_form_of_the_specification_is_read() {
        let forms: [(&[u8], Token<'_>); 12] = [
            (b"\xcc\x01", Token::Int(1)),
            (b"\xcd\0\x01", Token::Int(1)),
            (b"\xcf\0\0\0\0\0\0\0\x01", Token::Int(1)),
            (b"\xcf\xff\xff\xff\xff\xff\xff\xff\xff", Token::UInt(u64::MAX)),
            (b"\xd1\xff\xff", Token::Int(-1)),
            (b"\xd3\xff\xff\xff\xff\xff\xff\xff\xff", Token::Int(-1)),
            (b"\xca\x3f\xc0\0\0", Token::Float(1.5)),
            (b"\xdb\0\0\0\x01a", Token::Str("a")),
            (b"\xc6\0\0\0\x01a", Token::Bin(b"a")),
            (b"\xc9\0\0\0\x01\x05a", Token::Ext(5, b"a")),
            (b"\xdd\0\0\0\x01\xc0", Token::Array(1)),
            (b"\xdf\0\0\0\x01\xc0\xc0", Token::Map(1)),
        ];
        for (bytes, token) in forms {
            assert_eq!(Reader::at(bytes, 0).token(), Ok(token), "{bytes:x?}");
        }
    }

    #[test]
    fn deep_nesting_is_passed_over_without_a_deep_stack() {
        let mut deep = vec![0x91; 1_000_000];
        deep.push(0xc0);
        let mut reader = Reader::at(&deep, 0);
        reader.skip().unwrap();
        assert!(reader.is_done());
        deep.pop();
        assert_eq!(Reader::at(&deep, 0).skip().unwrap_err().what, "more elements than bytes");
    }

    #[test]
    fn a_stated_length_is_never_believed() {
        for bytes in [
            &b"\xdb\xff\xff\xff\xff"[..],
            b"\xc6\xff\xff\xff\xff",
            b"\xc9\xff\xff\xff\xff\x05",
            b"\xdf\xff\xff\xff\xff\xc0",
        ] {
            assert!(Reader::at(bytes, 0).skip().is_err());
        }
    }
}
