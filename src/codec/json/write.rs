//! A typed value to JSON, byte for byte as `json.dumps(value, cls=DjangoJSONEncoder)` writes it.

use super::moment::NoText;
use super::zone::Zones;
use super::{float, moment, string};
use crate::codec::refusal;
use crate::decimal;
use crate::error::{Error, Result};
use crate::msgpack::{Event, Token, Walk, ext};
use crate::value::{LIST, MAP, Value};

const NAME: &str = "json";

/// The JSON of a value.
pub(crate) fn encode(value: &Value<'_>) -> Result<Vec<u8>> {
    let mut walk = Walk::of(value);
    let mut writer = Writer::default();
    while let Some(event) = walk.next()? {
        writer.event(event)?;
    }
    Ok(writer.out)
}

/// A list or an object that has begun.
struct Open {
    is_map: bool,
    /// Values written, keys included.
    written: usize,
}

#[derive(Default)]
struct Writer {
    out: Vec<u8>,
    open: Vec<Open>,
    zones: Zones,
}

impl Writer {
    fn event(&mut self, event: Event<'_>) -> Result<()> {
        if event == Event::Close {
            let is_map = self.open.pop().is_some_and(|open| open.is_map);
            self.out.push(if is_map { b'}' } else { b']' });
            return Ok(());
        }
        let is_key = self.separate();
        match event {
            Event::Scalar(token) if is_key => self.key(token),
            Event::Scalar(token) => self.scalar(token),
            Event::Leaf(kind, payload) if is_key => self.leaf_key(kind, payload),
            Event::Leaf(kind, payload) => self.leaf(kind, payload),
            Event::Open { kind, .. } if is_key && kind == u32::from(ext::RECORD) => {
                Err(refusal::of_kind(kind, NAME))
            }
            Event::Open { .. } if is_key => Err(no_key()),
            Event::Open { kind, is_map, .. } => self.begin(kind, is_map),
            Event::Close => Ok(()),
        }
    }

    /// Writes what stands between the last value and the next; whether the next is a key.
    fn separate(&mut self) -> bool {
        let Some(open) = self.open.last_mut() else { return false };
        let is_key = open.is_map && open.written % 2 == 0;
        if open.is_map && !is_key {
            self.out.extend_from_slice(b": ");
        } else if open.written > 0 {
            self.out.extend_from_slice(b", ");
        }
        open.written += 1;
        is_key
    }

    fn begin(&mut self, kind: u32, is_map: bool) -> Result<()> {
        let known = [u32::from(ext::TUPLE), u32::from(ext::ORDERED_DICT), u32::from(ext::DEFAULTDICT)];
        if !matches!(kind, LIST | MAP) && kind != u32::from(ext::COUNTER) && !known.contains(&kind) {
            return Err(refusal::of_kind(kind, NAME));
        }
        self.open.push(Open { is_map, written: 0 });
        self.out.push(if is_map { b'{' } else { b'[' });
        Ok(())
    }

    fn scalar(&mut self, token: Token<'_>) -> Result<()> {
        match token {
            Token::Str(text) => self.text(text.as_bytes())?,
            Token::Bin(_) => return Err(refusal::of("a byte string", NAME)),
            token => self.out.extend_from_slice(&plain(token)),
        }
        Ok(())
    }

    /// Python writes the keys that are no text as the text of their JSON.
    fn key(&mut self, token: Token<'_>) -> Result<()> {
        match token {
            Token::Str(text) => self.text(text.as_bytes()),
            Token::Bin(_) => Err(no_key()),
            token => self.text(&plain(token)),
        }
    }

    fn leaf_key(&mut self, kind: u8, payload: &[u8]) -> Result<()> {
        match kind {
            ext::SURROGATES | ext::SAFE_STRING | ext::BIGINT => self.text(payload),
            _ => Err(no_key()),
        }
    }

    fn leaf(&mut self, kind: u8, payload: &[u8]) -> Result<()> {
        match kind {
            ext::BIGINT => {
                let digits = decimal::canonical(payload)
                    .ok_or_else(|| malformed("an extension 4 that is no integer"))?;
                self.out.extend_from_slice(digits.as_bytes());
                Ok(())
            }
            ext::SURROGATES | ext::SAFE_STRING | ext::DECIMAL => self.text(payload),
            ext::UUID => self.text(uuid(payload)?.as_bytes()),
            ext::DATETIME => {
                let text = moment::datetime(payload, &mut self.zones);
                self.moment(text)
            }
            ext::DATE => self.moment(moment::date(payload)),
            ext::TIME => {
                let text = moment::time(payload, &mut self.zones);
                self.moment(text)
            }
            ext::TIMEDELTA => self.moment(moment::timedelta(payload)),
            _ => Err(refusal::of_kind(u32::from(kind), NAME)),
        }
    }

    fn moment(&mut self, text: std::result::Result<String, NoText>) -> Result<()> {
        let text = text.map_err(|why| match why {
            NoText::OutOfRange => malformed("a date or time out of range"),
            NoText::Zone => refusal::of("a datetime in a zone that this system does not know", NAME),
            NoText::TimeWithZone => refusal::of("a time of day with a zone", NAME),
        })?;
        self.text(text.as_bytes())
    }

    fn text(&mut self, text: &[u8]) -> Result<()> {
        string::write(&mut self.out, text).ok_or_else(|| malformed("a text that is no UTF-8"))
    }
}

/// The JSON of what is neither text nor bytes.
fn plain(token: Token<'_>) -> Vec<u8> {
    match token {
        Token::Bool(true) => b"true".to_vec(),
        Token::Bool(false) => b"false".to_vec(),
        Token::Int(integer) => itoa::Buffer::new().format(integer).into(),
        Token::UInt(integer) => itoa::Buffer::new().format(integer).into(),
        Token::Float(real) => float::repr(real).into_bytes(),
        _ => b"null".to_vec(),
    }
}

fn uuid(payload: &[u8]) -> Result<String> {
    let bytes: [u8; 16] = payload.try_into().map_err(|_| malformed("an extension 13 that is no UUID"))?;
    let hex = format!("{:032x}", u128::from_be_bytes(bytes));
    Ok([&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-"))
}

fn no_key() -> Error {
    refusal::of("a key that is no text, number, bool or None", NAME)
}

fn malformed(what: &str) -> Error {
    Error::encode(format!("the value is no valid MessagePack: {what}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(data: &[u8]) -> String {
        let value = Value::Packed { kind: LIST, data: data.into() };
        String::from_utf8(encode(&value).unwrap()).unwrap()
    }

    fn refused(data: &[u8]) -> String {
        encode(&Value::Packed { kind: LIST, data: data.into() }).unwrap_err().message().to_owned()
    }

    #[test]
    fn separators_and_escapes_are_those_of_python() {
        assert_eq!(json(b"\x82\xa1a\x01\xa1b\x92\x02\x90"), r#"{"a": 1, "b": [2, []]}"#);
        let text = encode(&Value::Text("a\"\\/\n\u{8}\u{1}\u{7f}hél😀".into())).unwrap();
        assert_eq!(text, br#""a\"\\/\n\b\u0001\u007fh\u00e9l\ud83d\ude00""#);
        assert_eq!(json(b"\xc7\x03\x11\xed\xa0\x80"), r#""\ud800""#);
    }

    #[test]
    fn keys_are_text() {
        assert_eq!(
            json(b"\x84\xc0\x01\xc3\x02\x07\x03\xcb\x3f\xf8\0\0\0\0\0\0\x04"),
            r#"{"null": 1, "true": 2, "7": 3, "1.5": 4}"#
        );
        for key in
            [&b"\x81\xc4\x01a\x01"[..], b"\x81\xc7\x02\x05\x91\x01\x01", b"\x81\xd6\x09\x07\xdd\x06\x06\x01"]
        {
            assert!(refused(key).contains("a key that is no text"), "{key:x?}");
        }
    }

    #[test]
    fn types_beyond_json() {
        assert_eq!(json(b"\xc7\x03\x05\x92\x01\x02"), "[1, 2]");
        assert_eq!(json(b"\xd6\x0c1.50"), r#""1.50""#);
        let id = "00000000-0000-0000-0000-0000000000ff";
        assert_eq!(json(b"\xd8\x0d\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\xff"), format!("\"{id}\""));
        assert!(refused(b"\xc7\x02\x06\x91\x01").starts_with("a set can't be stored with SERIALIZER json"));
        assert!(refused(b"\x91\xc4\x01a").starts_with("a byte string can't"));
    }
}
