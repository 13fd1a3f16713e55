//! The short way for a pickle that is one scalar: a header, one opcode, STOP.

use super::opcode as op;
use crate::value::Value;

/// What stands in the input between its header and its end.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Scalar<'a> {
    None,
    Bool(bool),
    Float(f64),
    /// Not yet known to be UTF-8.
    Text(&'a [u8]),
    Bytes(&'a [u8]),
}

/// Texts are looked at in blocks of this size.
const BLOCK: usize = 64;

/// The UTF-8 of a text, if the pickle is nothing else. Most texts are ASCII, which is known sooner than what else is UTF-8.
pub(crate) fn plain_text(input: &[u8]) -> Option<&[u8]> {
    let [op::PROTO, 2..=5, body @ ..] = input else { return None };
    let (text, end) = match skip_frame(body)? {
        [op::SHORT_BINUNICODE, rest @ ..] => counted(rest, true)?,
        [op::BINUNICODE, rest @ ..] => counted(rest, false)?,
        _ => return None,
    };
    (is_end(end) && (is_ascii(text) || std::str::from_utf8(text).is_ok())).then_some(text)
}

/// In whole blocks, of which the last one reaches back into the one before: std looks at each byte that is left over.
#[inline]
fn is_ascii(text: &[u8]) -> bool {
    match text.last_chunk::<BLOCK>() {
        Some(end) => end.is_ascii() && text.chunks_exact(BLOCK).all(<[u8]>::is_ascii),
        None => text.is_ascii(),
    }
}

/// The value, borrowed, if it is one scalar as CPython writes it; `None` leaves it to the machine, errors included.
#[inline]
pub(crate) fn decode(input: &[u8]) -> Option<Value<'_>> {
    Some(match find(input)? {
        Scalar::None => Value::None,
        Scalar::Bool(truth) => Value::Bool(truth),
        Scalar::Float(real) => Value::Float(real),
        Scalar::Text(text) => Value::Text(std::str::from_utf8(text).ok()?.into()),
        Scalar::Bytes(bytes) => Value::Bytes(bytes.into()),
    })
}

/// The same for a long text or bytes, in the memory that the pickle came in; else the pickle again.
pub(crate) fn decode_in_place(mut input: Vec<u8>) -> Result<Value<'static>, Vec<u8>> {
    let (content, is_text) = match find(&input) {
        Some(Scalar::Text(text)) if std::str::from_utf8(text).is_ok() => (text, true),
        Some(Scalar::Bytes(bytes)) => (bytes, false),
        _ => return Err(input),
    };
    let (start, len) = (content.as_ptr().addr() - input.as_ptr().addr(), content.len());
    input.truncate(start + len);
    input.drain(..start);
    if !is_text {
        return Ok(Value::Bytes(input.into()));
    }
    String::from_utf8(input)
        .map(|text| Value::Text(text.into()))
        .map_err(std::string::FromUtf8Error::into_bytes)
}

/// How many bytes stand before the content, if a pickle that starts like this is a long text or bytes; else 0.
pub(crate) fn content_start(first: &[u8]) -> usize {
    let opcode_at = match first {
        [op::PROTO, 2..=5, op::FRAME, ..] => 11,
        _ => 2,
    };
    match first {
        [op::PROTO, 2..=5, ..] if matches!(first.get(opcode_at), Some(&(op::BINUNICODE | op::BINBYTES))) => {
            opcode_at + 5
        }
        _ => 0,
    }
}

/// The same as [`decode_in_place`] for a pickle that came without its first [`content_start`] bytes; else the rest again.
pub(crate) fn decode_parted(head: &[u8], mut rest: Vec<u8>) -> Result<Value<'static>, Vec<u8>> {
    let Some((len, is_text)) = find_parted(head, &rest) else { return Err(rest) };
    if !is_text {
        rest.truncate(len);
        return Ok(Value::Bytes(rest.into()));
    }
    let end = rest.split_off(len);
    String::from_utf8(rest)
        .map(|text| Value::Text(text.into()))
        .map_err(|error| [error.into_bytes(), end].concat())
}

/// The content's length, and whether it is text.
fn find_parted(head: &[u8], rest: &[u8]) -> Option<(usize, bool)> {
    let (start, argument) = head.split_last_chunk::<4>()?;
    let len = u32::from_le_bytes(*argument) as usize;
    let framed = (1 + argument.len() + rest.len()) as u64;
    let opcode = match start {
        [op::PROTO, 2..=5, opcode] => *opcode,
        [op::PROTO, 2..=5, op::FRAME, length @ .., opcode] if length == framed.to_le_bytes() => *opcode,
        _ => return None,
    };
    let is_text = match opcode {
        op::BINUNICODE => true,
        op::BINBYTES => false,
        _ => return None,
    };
    is_end(rest.get(len..)?).then_some((len, is_text))
}

/// Nothing but an entry in the memo follows.
fn is_end(rest: &[u8]) -> bool {
    matches!(rest, [op::STOP] | [op::MEMOIZE, op::STOP] | [op::BINPUT, _, op::STOP])
}

/// What a pickle is, if it is one scalar as CPython writes it: for hosts that would ask their own pickle module, and check texts
/// themselves.
#[inline]
pub(crate) fn find(input: &[u8]) -> Option<Scalar<'_>> {
    let [op::PROTO, 2..=5, body @ ..] = input else { return None };
    let body = skip_frame(body)?;
    let (&opcode, rest) = body.split_first()?;
    let (scalar, end) = match opcode {
        op::NONE => (Scalar::None, rest),
        op::NEWTRUE => (Scalar::Bool(true), rest),
        op::NEWFALSE => (Scalar::Bool(false), rest),
        op::BINFLOAT => {
            let (bytes, end) = rest.split_first_chunk()?;
            (Scalar::Float(f64::from_be_bytes(*bytes)), end)
        }
        op::SHORT_BINUNICODE | op::BINUNICODE => {
            let (text, end) = counted(rest, opcode == op::SHORT_BINUNICODE)?;
            (Scalar::Text(text), end)
        }
        op::SHORT_BINBYTES | op::BINBYTES => {
            let (bytes, end) = counted(rest, opcode == op::SHORT_BINBYTES)?;
            (Scalar::Bytes(bytes), end)
        }
        _ => return None,
    };
    is_end(end).then_some(scalar)
}

/// A frame is passed over only if it ends where the input ends, or goes on after a long scalar.
fn skip_frame(body: &[u8]) -> Option<&[u8]> {
    let [op::FRAME, rest @ ..] = body else { return Some(body) };
    let (len, framed) = rest.split_first_chunk()?;
    (u64::from_le_bytes(*len) == framed.len() as u64).then_some(framed)
}

fn counted(rest: &[u8], short: bool) -> Option<(&[u8], &[u8])> {
    if short {
        let (len, rest) = rest.split_first()?;
        return rest.split_at_checked(usize::from(*len));
    }
    let (len, rest) = rest.split_first_chunk()?;
    rest.split_at_checked(u32::from_le_bytes(*len) as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scalars_of_every_protocol() {
        let cases: [(&[u8], Scalar<'_>); 8] = [
            (b"\x80\x02N.", Scalar::None),
            (b"\x80\x05\x88.", Scalar::Bool(true)),
            (b"\x80\x04\x95\x0a\0\0\0\0\0\0\0G\x3f\xf8\0\0\0\0\0\0.", Scalar::Float(1.5)),
            (b"\x80\x02G\x3f\xf8\0\0\0\0\0\0.", Scalar::Float(1.5)),
            (b"\x80\x04\x95\x06\0\0\0\0\0\0\0\x8c\x02ab\x94.", Scalar::Text(b"ab")),
            (b"\x80\x02X\x02\0\0\0abq\x00.", Scalar::Text(b"ab")),
            (b"\x80\x03C\x01\xffq\x00.", Scalar::Bytes(b"\xff")),
            (b"\x80\x04\x95\x04\0\0\0\0\0\0\0C\x00\x94.", Scalar::Bytes(b"")),
        ];
        for (input, scalar) in cases {
            assert_eq!(find(input), Some(scalar), "{input:x?}");
            for cut in 0..input.len() {
                assert_eq!(find(&input[..cut]), None, "{input:x?} cut at {cut}");
            }
        }
    }

    #[test]
    fn the_rest_is_left_to_the_machine() {
        let no_utf8 = b"\x80\x04\x8c\x01\xff\x94.";
        for input in [&b""[..], b"N.", b"\x80\x06N.", b"\x80\x04].", b"\x80\x04N..", no_utf8] {
            assert_eq!(decode(input), None, "{input:x?}");
        }
    }

    #[test]
    fn long_ones_in_two_parts() {
        let content = "x".repeat(70_000);
        let accents = "é".repeat(10_000);
        let long = [content.as_str(), accents.as_str()].map(|text| Value::Text(text.into()));
        let bytes = [50_000, 70_000].map(|len| Value::Bytes(content.as_bytes()[..len].into()));
        for value in long.into_iter().chain(bytes) {
            for protocol in 3..=5 {
                let mut head = crate::codec::pickle::encode(&value, protocol).unwrap();
                let rest = head.split_off(content_start(&head));
                assert!(!head.is_empty(), "{protocol}");
                assert_eq!(decode_parted(&head, rest.clone()), Ok(value.clone()));
                for cut in 0..head.len() {
                    assert_eq!(decode_parted(&head[..cut], rest.clone()), Err(rest.clone()));
                }
                assert!(decode_parted(&head, rest[..rest.len() - 1].to_vec()).is_err());
            }
        }
        let no_utf8 = b"\xff\x94.".to_vec();
        assert_eq!(decode_parted(b"\x80\x04X\x01\0\0\0", no_utf8.clone()), Err(no_utf8));
        for other in
            [&b""[..], b"\x80", b"\x80\x05", b"\x80\x05]", b"\x80\x05\x95", b"\x80\x06B", b"12345678"]
        {
            assert_eq!(content_start(other), 0, "{other:x?}");
        }
    }

    #[test]
    fn long_ones_stay_where_they_are() {
        let pickle = |opcode: u8, content: &[u8]| {
            let len = (content.len() as u32).to_le_bytes();
            [&[op::PROTO, 4, opcode], &len[..], content, &[op::MEMOIZE, op::STOP]].concat()
        };
        let content = b"x".repeat(100_000);
        let bytes = pickle(op::BINBYTES, &content);
        let place = bytes.as_ptr();
        let Ok(Value::Bytes(decoded)) = decode_in_place(bytes) else { panic!("no bytes") };
        assert_eq!((decoded.as_ptr(), &decoded[..]), (place, &content[..]));
        let text = Value::Text(String::from_utf8(content).unwrap().into());
        assert_eq!(decode_in_place(pickle(op::BINUNICODE, &b"x".repeat(100_000))), Ok(text));
        for other in [pickle(op::BINUNICODE, b"\xff"), b"\x80\x04N.".to_vec(), b"".to_vec()] {
            assert_eq!(decode_in_place(other.clone()), Err(other));
        }
    }
}
