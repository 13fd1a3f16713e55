//! JSON to a typed value.

use super::lengths::lengths;
use super::string::{self, Text, Wrong};
use crate::error::Error;
use crate::limits;
use crate::msgpack::{Writer, ext};
use crate::value::{LIST, MAP, Value};

/// The value of a JSON text; `None` if it is nested too deep to be typed.
pub(crate) fn decode(text: &[u8]) -> Result<Option<Value<'static>>, Error> {
    let mut parser = Parser { text, at: 0 };
    parser.document().map_err(|Wrong(offset, what)| {
        Error::decode(format!("the stored value is no valid JSON: at offset {offset}, {what}"))
    })
}

type Read<T> = Result<T, Wrong>;

/// Goes through the text once.
struct Parser<'t> {
    text: &'t [u8],
    at: usize,
}

impl<'t> Parser<'t> {
    fn document(&mut self) -> Read<Option<Value<'static>>> {
        let value = match self.peek() {
            Some(b'[') => self.composite(LIST)?,
            Some(b'{') => self.composite(MAP)?,
            _ => Some(self.scalar()?.into_owned()),
        };
        match self.peek() {
            None => Ok(value),
            Some(_) => Err(self.wrong("something behind the value")),
        }
    }

    fn composite(&mut self, kind: u32) -> Read<Option<Value<'static>>> {
        let lengths = lengths(&self.text[self.at..])
            .ok_or_else(|| self.wrong("the first of more than 16,777,216 lists and objects"))?;
        let mut lengths = lengths.into_iter();
        let mut out = Writer::with_capacity(self.text.len() - self.at);
        // Whether each open container is an object.
        let mut open: Vec<bool> = Vec::new();
        let mut deepest = 0;
        loop {
            match self.peek() {
                Some(byte @ (b'[' | b'{')) => {
                    let is_empty =
                        self.begin(byte == b'{', lengths.next().unwrap_or(0) as usize, &mut open, &mut out)?;
                    deepest = deepest.max(open.len());
                    if !is_empty {
                        continue;
                    }
                }
                _ => put(&mut out, &self.scalar()?),
            }
            if self.end_of_value(&mut open, &mut out)? {
                break;
            }
        }
        let typed = deepest <= limits::MAX_VALUE_DEPTH;
        Ok(typed.then(|| Value::Packed { kind, data: out.into_bytes().into() }))
    }

    /// An opening bracket, and the first key; whether it is closed at once.
    fn begin(&mut self, is_map: bool, len: usize, open: &mut Vec<bool>, out: &mut Writer) -> Read<bool> {
        self.at += 1;
        open.push(is_map);
        if is_map {
            out.map(len)
        } else {
            out.array(len)
        }
        let is_empty = self.peek() == Some(if is_map { b'}' } else { b']' });
        if is_map && !is_empty {
            self.key(out)?;
        }
        Ok(is_empty)
    }

    /// Closes what ends behind a value; true at the end of the whole.
    fn end_of_value(&mut self, open: &mut Vec<bool>, out: &mut Writer) -> Read<bool> {
        loop {
            let Some(&is_map) = open.last() else { return Ok(true) };
            let (end, what) =
                if is_map { (b'}', "no comma or } there") } else { (b']', "no comma or ] there") };
            match self.peek() {
                Some(b',') => {
                    self.at += 1;
                    if is_map {
                        self.key(out)?;
                    }
                    return Ok(false);
                }
                Some(byte) if byte == end => {
                    self.at += 1;
                    open.pop();
                }
                Some(_) => return Err(self.wrong(what)),
                None => return Err(self.wrong("the end of the text within a list or an object")),
            }
        }
    }

    /// A key and its colon.
    fn key(&mut self, out: &mut Writer) -> Read<()> {
        if self.peek() != Some(b'"') {
            return Err(self.wrong("no key in quotes there"));
        }
        put(out, &self.string()?);
        if self.peek() != Some(b':') {
            return Err(self.wrong("no colon behind a key"));
        }
        self.at += 1;
        Ok(())
    }

    fn scalar(&mut self) -> Read<Value<'t>> {
        match self.peek() {
            Some(b'"') => self.string(),
            Some(b'-' | b'0'..=b'9') if !self.rest().starts_with(b"-I") => self.number(),
            Some(_) => self.word(),
            None => Err(self.wrong("the end of the text where a value should be")),
        }
    }

    fn word(&mut self) -> Read<Value<'t>> {
        let words: [(&[u8], Value<'static>); 6] = [
            (b"null", Value::None),
            (b"true", Value::Bool(true)),
            (b"false", Value::Bool(false)),
            (b"NaN", Value::Float(f64::NAN)),
            (b"Infinity", Value::Float(f64::INFINITY)),
            (b"-Infinity", Value::Float(f64::NEG_INFINITY)),
        ];
        for (word, value) in words {
            if self.rest().starts_with(word) {
                self.at += word.len();
                return Ok(value);
            }
        }
        Err(self.wrong("nothing that a JSON value starts with"))
    }

    fn string(&mut self) -> Read<Value<'t>> {
        self.at += 1;
        let (text, len) =
            string::read(self.rest()).map_err(|Wrong(offset, what)| Wrong(self.at + offset, what))?;
        self.at += len;
        Ok(match text {
            Text::Plain(text) => Value::Text(text),
            Text::Surrogates(text) => {
                let mut out = Writer::default();
                out.ext(ext::SURROGATES, &text);
                Value::Packed { kind: u32::from(ext::SURROGATES), data: out.into_bytes().into() }
            }
        })
    }

    fn number(&mut self) -> Read<Value<'t>> {
        let start = self.at;
        self.skip_one(b"-");
        let whole = self.digits();
        if whole == 0 || (whole > 1 && self.text[self.at - whole] == b'0') {
            return Err(Wrong(start, "a number that JSON does not have"));
        }
        let fraction = self.skip_one(b".");
        if fraction && self.digits() == 0 {
            return Err(self.wrong("no digit behind the point of a number"));
        }
        let exponent = self.skip_one(b"eE");
        if exponent && (self.skip_one(b"+-"), self.digits()).1 == 0 {
            return Err(self.wrong("no digit in the exponent of a number"));
        }
        // Digits, signs and a point: always ASCII.
        let text = std::str::from_utf8(&self.text[start..self.at]).unwrap_or_default();
        if fraction || exponent {
            return Ok(Value::Float(text.parse().unwrap_or(f64::NAN)));
        }
        if whole > limits::MAX_INT_DIGITS {
            return Err(Wrong(start, "an integer of more than 100,000 digits"));
        }
        Ok(text.parse().map_or_else(|_| Value::BigInt(text.into()), Value::Int))
    }

    /// Passes over digits; how many.
    fn digits(&mut self) -> usize {
        let count = self.rest().iter().take_while(|byte| byte.is_ascii_digit()).count();
        self.at += count;
        count
    }

    fn skip_one(&mut self, any_of: &[u8]) -> bool {
        let found = self.rest().first().is_some_and(|byte| any_of.contains(byte));
        self.at += usize::from(found);
        found
    }

    /// The next byte that is no white space; passes over what is.
    fn peek(&mut self) -> Option<u8> {
        while let Some(&byte) = self.text.get(self.at) {
            if !matches!(byte, b' ' | b'\t' | b'\n' | b'\r') {
                return Some(byte);
            }
            self.at += 1;
        }
        None
    }

    fn rest(&self) -> &'t [u8] {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn wrong(&self, what: &'static str) -> Wrong {
        Wrong(self.at, what)
    }
}

/// Appends a scalar.
fn put(out: &mut Writer, value: &Value<'_>) {
    match value {
        Value::Bool(truth) => out.bool(*truth),
        Value::Int(integer) => out.int(*integer),
        Value::BigInt(digits) => out.ext(ext::BIGINT, digits.as_bytes()),
        Value::Float(real) => out.float(*real),
        Value::Text(text) => out.str(text),
        Value::Packed { data, .. } => out.raw(data),
        _ => out.nil(),
    }
}
