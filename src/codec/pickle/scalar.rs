//! The short way for a pickle that is one scalar: a header, one opcode, STOP.

use super::opcode as op;
use crate::value::Value;

/// What stands in the input between its header and its end.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Scalar<'a> {
    None,
    Bool(bool),
    Float(f64),
    Text(&'a str),
    Bytes(&'a [u8]),
}

impl Scalar<'_> {
    fn into_value(self) -> Value<'static> {
        match self {
            Scalar::None => Value::None,
            Scalar::Bool(truth) => Value::Bool(truth),
            Scalar::Float(real) => Value::Float(real),
            Scalar::Text(text) => Value::Text(text.to_owned().into()),
            Scalar::Bytes(bytes) => Value::Bytes(bytes.to_owned().into()),
        }
    }
}

/// The value, if it is one scalar as CPython writes it; `None` leaves it to the machine, errors included.
pub(super) fn decode(input: &[u8]) -> Option<Value<'static>> {
    find(input).map(Scalar::into_value)
}

fn find(input: &[u8]) -> Option<Scalar<'_>> {
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
            (Scalar::Text(std::str::from_utf8(text).ok()?), end)
        }
        op::SHORT_BINBYTES | op::BINBYTES => {
            let (bytes, end) = counted(rest, opcode == op::SHORT_BINBYTES)?;
            (Scalar::Bytes(bytes), end)
        }
        _ => return None,
    };
    matches!(end, [op::STOP] | [op::MEMOIZE, op::STOP] | [op::BINPUT, _, op::STOP]).then_some(scalar)
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
            (b"\x80\x04\x95\x06\0\0\0\0\0\0\0\x8c\x02ab\x94.", Scalar::Text("ab")),
            (b"\x80\x02X\x02\0\0\0abq\x00.", Scalar::Text("ab")),
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
        for input in
            [&b""[..], b"N.", b"\x80\x06N.", b"\x80\x04].", b"\x80\x04N..", b"\x80\x04\x8c\x01\xff\x94."]
        {
            assert_eq!(find(input), None, "{input:x?}");
        }
    }
}
