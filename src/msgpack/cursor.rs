//! Walks through one composite value, element by element, borrowing everything.

use super::ext;
use super::read::{Malformed, Reader, Token};
use crate::value::Value;

/// A key, where there is one, and the element.
pub(crate) type Element<'a> = (Option<Value<'a>>, Value<'a>);

/// What is walked through: behind the header of an array or a map.
struct Walk<'a> {
    reader: Reader<'a>,
    len: usize,
    is_map: bool,
}

impl<'a> Walk<'a> {
    /// The container in `data`, on its own or as the last value of an extension; `None` for a leaf.
    fn open(data: &'a [u8]) -> Result<Option<Walk<'a>>, Malformed> {
        let mut reader = Reader::at(data, 0);
        let mut token = reader.token()?;
        if let Token::Ext(kind, payload) = token {
            let kind = kind.cast_unsigned();
            if !ext::holds_container(kind) {
                return Ok(None);
            }
            reader = Reader::at(payload, 0);
            if matches!(kind, ext::DEFAULTDICT | ext::DEQUE) {
                reader.skip()?;
            }
            token = reader.token()?;
        }
        Ok(match token {
            Token::Array(len) => Some(Walk { reader, len, is_map: false }),
            Token::Map(len) => Some(Walk { reader, len, is_map: true }),
            _ => None,
        })
    }

    /// At the end of the container: of its bytes, or at the stored payload behind it.
    fn at_end(&self) -> Result<bool, Malformed> {
        if self.reader.is_done() {
            return Ok(true);
        }
        let next = self.reader.clone().token()?;
        Ok(matches!(next, Token::Ext(kind, _) if kind.cast_unsigned() == ext::PAYLOAD))
    }
}

/// How many elements (of a map: pairs) the composite value in `data` has; 0 for a date and other leaves.
pub(crate) fn count(data: &[u8]) -> Result<usize, Malformed> {
    Ok(Walk::open(data)?.map_or(0, |walk| walk.len))
}

/// The element at `pos`, which starts at 0 and is moved on; `None` at the end.
///
/// `pos` is a byte offset, so that a step costs the size of the element it passes.
pub(crate) fn next<'a>(data: &'a [u8], pos: &mut usize) -> Result<Option<Element<'a>>, Malformed> {
    let Some(mut walk) = Walk::open(data)? else { return Ok(None) };
    walk.reader.forward_to(*pos);
    if walk.at_end()? {
        return Ok(None);
    }
    let key = if walk.is_map { Some(walk.reader.value()?) } else { None };
    let item = walk.reader.value()?;
    *pos = walk.reader.pos();
    Ok(Some((key, item)))
}

/// What an extension that holds no container amounts to: its text, where it is one, or its bytes.
pub(crate) fn leaf(data: &[u8]) -> Result<Option<Value<'_>>, Malformed> {
    let mut reader = Reader::at(data, 0);
    let Token::Ext(kind, payload) = reader.token()? else { return Ok(None) };
    let kind = kind.cast_unsigned();
    if ext::holds_container(kind) {
        return Ok(None);
    }
    if !matches!(kind, ext::DECIMAL | ext::FRACTION | ext::SAFE_STRING) {
        return Ok(Some(Value::Bytes(payload.into())));
    }
    let text = std::str::from_utf8(payload).map_err(|_| reader.malformed("text that is not UTF-8"))?;
    Ok(Some(Value::Text(text.into())))
}

/// The element of a map under a text key; the last one if there are several.
pub(crate) fn lookup<'a>(data: &'a [u8], key: &str) -> Result<Option<Value<'a>>, Malformed> {
    let Some(mut walk) = Walk::open(data)? else { return Ok(None) };
    let mut found = None;
    while walk.is_map && !walk.at_end()? {
        let matches = matches!(walk.reader.clone().token()?, Token::Str(text) if text == key);
        walk.reader.skip()?;
        if matches {
            found = Some(walk.reader.clone());
        }
        walk.reader.skip()?;
    }
    found.map(|mut at| at.value()).transpose()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::msgpack::Writer;

    fn texts(elements: &[Element<'_>]) -> Vec<String> {
        elements.iter().map(|(key, item)| format!("{key:?} {item:?}")).collect()
    }

    fn all(data: &[u8]) -> Vec<String> {
        let (mut pos, mut elements) = (0, Vec::new());
        while let Some(element) = next(data, &mut pos).unwrap() {
            elements.push(element);
        }
        assert_eq!(next(data, &mut pos), Ok(None));
        assert_eq!(elements.len(), count(data).unwrap());
        texts(&elements)
    }

    fn written(write: impl Fn(&mut Writer)) -> Vec<u8> {
        let mut writer = Writer::default();
        write(&mut writer);
        writer.into_bytes()
    }

    #[test]
    fn steps_through_lists_and_maps() {
        let list = b"\x94\xc0\x92\x01\x02\xa1x\xd4\x04\x37";
        let expected = [
            "None None",
            "None Packed { kind: 0, data: [146, 1, 2] }",
            "None Text(\"x\")",
            "None BigInt(\"7\")",
        ];
        assert_eq!(all(list), expected);
        let map = b"\x82\xa1a\x01\x02\x80";
        assert_eq!(all(map), ["Some(Text(\"a\")) Int(1)", "Some(Int(2)) Packed { kind: 255, data: [128] }"]);
    }

    #[test]
    fn steps_into_extensions() {
        for kind in [ext::TUPLE, ext::SET, ext::FROZENSET, ext::RANGE] {
            assert_eq!(all(&written(|w| w.ext(kind, b"\x93\x01\x02\x03"))).len(), 3);
        }
        for kind in [ext::RECORD, ext::ORDERED_DICT, ext::COUNTER] {
            assert_eq!(all(&written(|w| w.ext(kind, b"\x81\xa1a\x01"))), ["Some(Text(\"a\")) Int(1)"]);
        }
        let factory_then_map = written(|w| w.ext(ext::DEFAULTDICT, b"\xc0\x81\xa1a\x01"));
        assert_eq!(all(&factory_then_map), ["Some(Text(\"a\")) Int(1)"]);
        let maxlen_then_array = written(|w| w.ext(ext::DEQUE, b"\x05\x92\x07\x08"));
        assert_eq!(all(&maxlen_then_array), ["None Int(7)", "None Int(8)"]);
    }

    #[test]
    fn leaves_have_no_elements() {
        for kind in [ext::DATE, ext::DECIMAL, ext::SURROGATES, ext::BYTEARRAY, ext::ELLIPSIS] {
            assert!(all(&written(|w| w.ext(kind, b"\x93\x01\x02\x03"))).is_empty());
        }
        assert!(all(b"\x90").is_empty());
    }

    #[test]
    fn leaves_are_text_or_bytes() {
        assert_eq!(leaf(b"\xd6\x0c1.50"), Ok(Some(Value::Text("1.50".into()))));
        assert_eq!(leaf(b"\xd4\x14a"), Ok(Some(Value::Bytes(b"a"[..].into()))));
        assert_eq!(leaf(b"\xd4\x05\x90"), Ok(None));
        assert_eq!(leaf(b"\x90"), Ok(None));
        assert!(leaf(b"\xd4\x0c\xff").is_err());
    }

    #[test]
    fn the_stored_payload_is_no_element() {
        let list = written(|w| {
            w.raw(b"\x92\x01\x02");
            w.ext(ext::PAYLOAD, b"\x80\x05N.");
        });
        assert_eq!(all(&list), ["None Int(1)", "None Int(2)"]);
    }

    #[test]
    fn looks_up_the_last_of_equal_keys() {
        let map = b"\x84\xa1a\x01\x92\xa1b\xa1b\x02\xa1b\x03\xa1a\x04";
        assert_eq!(lookup(map, "a"), Ok(Some(Value::Int(4))));
        assert_eq!(lookup(map, "b"), Ok(Some(Value::Int(3))));
        assert_eq!(lookup(map, "c"), Ok(None));
        assert_eq!(lookup(b"\x91\xa1a", "a"), Ok(None));
        assert_eq!(
            lookup(&written(|w| w.ext(ext::RECORD, b"\x81\xa5class\xa1C")), "class"),
            Ok(Some(Value::Text("C".into())))
        );
    }

    #[test]
    fn broken_bytes_are_refused() {
        for broken in [
            &b""[..],
            b"\x92\x01",
            b"\xc1",
            b"\x91\xc1",
            b"\xdd\xff\xff\xff\xff",
            b"\x81\xa1a",
            b"\x91\xa1\xff",
        ] {
            let mut pos = 0;
            assert!(next(broken, &mut pos).is_err() || count(broken).is_err(), "{broken:x?}");
        }
        for start in [usize::MAX, 3, 100] {
            let mut pos = start;
            assert_eq!(next(b"\x92\x01\x02", &mut pos), Ok(None));
        }
    }
}
