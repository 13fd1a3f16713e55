//! One line of text for a value, the same as tests/golden/render.py makes for the Python object.

use std::fmt::Write;

use crate::msgpack::{Reader, Token, ext};
use crate::value::Value;

/// The text of a value.
pub(super) fn render(value: &Value<'_>) -> String {
    Renderer::default().value(value)
}

/// The text with the entries of maps in the order of their texts; `None` if it has more than built-in types.
pub(super) fn sorted_plain(value: &Value<'_>) -> Option<String> {
    let mut renderer = Renderer { sorts: true, extended: false };
    let text = renderer.value(value);
    (!renderer.extended).then_some(text)
}

#[derive(Default)]
struct Renderer {
    /// Whether the entries of maps are put in order.
    sorts: bool,
    /// Whether there was a type that is not built in.
    extended: bool,
}

fn python_bool(truth: bool) -> &'static str {
    if truth { "True" } else { "False" }
}

fn float(real: f64) -> String {
    format!("f{:016x}", real.to_bits())
}

/// Lower-case hexadecimal.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}

/// The bytes of hexadecimal text.
pub(super) fn unhex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}

/// UTF-8 with surrogates passed, in quotes.
pub(super) fn quoted(text: &[u8]) -> String {
    let mut quoted = String::from("\"");
    let mut rest = text;
    while !rest.is_empty() {
        let valid = rest.utf8_chunks().next().unwrap().valid();
        for character in valid.chars() {
            match character {
                ' '..='~' if character != '"' && character != '\\' => quoted.push(character),
                _ => write!(quoted, "\\u{{{:x}}}", u32::from(character)).unwrap(),
            }
        }
        rest = &rest[valid.len()..];
        if let [0xed, middle, low, behind @ ..] = rest {
            let code = 0xd000 | u32::from(middle & 0x3f) << 6 | u32::from(low & 0x3f);
            write!(quoted, "\\u{{{code:x}}}").unwrap();
            rest = behind;
        }
    }
    quoted + "\""
}

impl Renderer {
    fn value(&mut self, value: &Value<'_>) -> String {
        match value {
            Value::None => "None".into(),
            Value::Bool(truth) => python_bool(*truth).into(),
            Value::Int(integer) => integer.to_string(),
            Value::BigInt(digits) => digits.to_string(),
            Value::Float(real) => float(*real),
            Value::Bytes(bytes) => format!("b{}", hex(bytes)),
            Value::Text(text) => quoted(text.as_bytes()),
            Value::Packed { data, .. } => self.element(&mut Reader::at(data, 0)),
            Value::Opaque(_) => "opaque".into(),
            Value::Payload { .. } => "payload".into(),
        }
    }

    fn element(&mut self, reader: &mut Reader<'_>) -> String {
        match reader.token().unwrap() {
            Token::Nil => "None".into(),
            Token::Bool(truth) => python_bool(truth).into(),
            Token::Int(integer) => integer.to_string(),
            Token::UInt(unsigned) => unsigned.to_string(),
            Token::Float(real) => float(real),
            Token::Str(text) => quoted(text.as_bytes()),
            Token::Bin(bytes) => format!("b{}", hex(bytes)),
            Token::Array(len) => format!("[{}]", self.elements(reader, len).join(", ")),
            Token::Map(len) => self.map(reader, len),
            Token::Ext(kind, payload) => self.extension(kind.cast_unsigned(), payload),
        }
    }

    fn elements(&mut self, reader: &mut Reader<'_>, len: usize) -> Vec<String> {
        (0..len).map(|_| self.element(reader)).collect()
    }

    fn map(&mut self, reader: &mut Reader<'_>, len: usize) -> String {
        let mut pairs: Vec<_> =
            (0..len).map(|_| format!("{}: {}", self.element(reader), self.element(reader))).collect();
        if self.sorts {
            pairs.sort();
        }
        format!("{{{}}}", pairs.join(", "))
    }

    fn extension(&mut self, kind: u8, payload: &[u8]) -> String {
        self.extended |= !matches!(kind, ext::BIGINT | ext::TUPLE | ext::SET | ext::FROZENSET);
        let mut inside = Reader::at(payload, 0);
        let ascii = || String::from_utf8(payload.to_vec()).unwrap();
        let strip = |text: String| text[1..text.len() - 1].to_owned();
        match kind {
            ext::BIGINT => ascii(),
            ext::TUPLE => format!("({})", strip(self.element(&mut inside))),
            ext::SET | ext::FROZENSET => {
                let Token::Array(len) = inside.token().unwrap() else { panic!("a set is an array") };
                let mut items = self.elements(&mut inside, len);
                items.sort();
                format!("{}{{{}}}", if kind == ext::SET { "set" } else { "frozenset" }, items.join(", "))
            }
            ext::DATETIME => {
                let (date, time) = payload.split_at(4);
                format!("datetime({}, {})", calendar(date), self.clock(time))
            }
            ext::DATE => format!("date({})", calendar(payload)),
            ext::TIME => format!("time({})", self.clock(payload)),
            ext::TIMEDELTA => {
                let (days, rest) = (be(payload).cast_signed(), &payload[4..]);
                format!("timedelta({days}, {}, {})", be(rest), be(&rest[4..]))
            }
            ext::DECIMAL => format!("Decimal({})", ascii()),
            ext::UUID => {
                let text = hex(payload);
                format!(
                    "UUID({}-{}-{}-{}-{})",
                    &text[..8],
                    &text[8..12],
                    &text[12..16],
                    &text[16..20],
                    &text[20..]
                )
            }
            ext::COMPLEX => format!("complex(f{}, f{})", hex(&payload[..8]), hex(&payload[8..])),
            ext::FRACTION => format!("Fraction({})", ascii()),
            ext::RECORD => format!("record{}", self.element(&mut inside)),
            ext::SURROGATES => quoted(payload),
            ext::BYTEARRAY => format!("bytearray:{}", hex(payload)),
            ext::ORDERED_DICT => format!("OrderedDict{}", self.element(&mut inside)),
            ext::DEFAULTDICT => {
                format!("defaultdict({}){}", self.element(&mut inside), self.element(&mut inside))
            }
            ext::COUNTER => format!("Counter{}", self.element(&mut inside)),
            ext::DEQUE => format!("deque({}){}", self.element(&mut inside), self.element(&mut inside)),
            ext::RANGE => format!("range({})", strip(self.element(&mut inside))),
            ext::ELLIPSIS => "Ellipsis".into(),
            ext::SAFE_STRING => format!("safe{}", quoted(payload)),
            _ => panic!("no such extension: {kind}"),
        }
    }

    fn clock(&mut self, time: &[u8]) -> String {
        let zone = match &time[8..] {
            [] => "naive".into(),
            [1, offset @ ..] => {
                let name = quoted(&offset[8..]);
                format!("offset({}, {}, {name})", be(offset).cast_signed(), be(&offset[4..]))
            }
            [2, key @ ..] => format!("zone({})", quoted(key)),
            [3, record @ ..] => self.element(&mut Reader::at(record, 0)),
            other => panic!("no such zone: {other:?}"),
        };
        format!("{}, {}, {}, {}, {}, {zone}", time[0], time[1], time[2], be(&time[4..]), time[3])
    }
}

fn be(bytes: &[u8]) -> u32 {
    u32::from_be_bytes(*bytes.first_chunk().unwrap())
}

fn calendar(date: &[u8]) -> String {
    format!("{}, {}, {}", u16::from_be_bytes([date[0], date[1]]), date[2], date[3])
}
