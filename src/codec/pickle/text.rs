//! The text forms of protocol 0.

use std::borrow::Cow;

use crate::codec::surrogates;

/// Decodes a UNICODE line (`raw-unicode-escape`) to UTF-8 with surrogates passed; `None` if it is malformed.
pub(super) fn unescape_unicode(line: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(line.len());
    let mut rest = line;
    while let Some((&byte, behind)) = rest.split_first() {
        rest = behind;
        let digits = match (byte, rest.first()) {
            (b'\\', Some(b'u')) => 4,
            (b'\\', Some(b'U')) => 8,
            (b'\\', Some(&escaped)) => {
                out.push(byte);
                surrogates::push(&mut out, u32::from(escaped))?;
                rest = &rest[1..];
                continue;
            }
            _ => {
                surrogates::push(&mut out, u32::from(byte))?;
                continue;
            }
        };
        surrogates::push(&mut out, hex(rest.get(1..=digits)?)?)?;
        rest = &rest[1 + digits..];
    }
    Some(out)
}

fn hex(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0, |code, digit| Some(code << 4 | char::from(*digit).to_digit(16)?))
}

/// Decodes a STRING line (Python 2's `repr` of a str) to its bytes; `None` if it is malformed.
pub(super) fn unquote(line: &[u8]) -> Option<Vec<u8>> {
    let line = line.trim_ascii();
    let [quote @ (b'\'' | b'"'), inner @ .., end] = line else { return None };
    if quote != end {
        return None;
    }
    let mut out = Vec::with_capacity(inner.len());
    let mut rest = inner;
    while let Some((&byte, behind)) = rest.split_first() {
        rest = behind;
        if byte == b'\\' {
            rest = unescape(rest, &mut out)?;
        } else {
            out.push(byte);
        }
    }
    Some(out)
}

/// Decodes what follows a backslash; gives what is left.
fn unescape<'a>(rest: &'a [u8], out: &mut Vec<u8>) -> Option<&'a [u8]> {
    let (&escaped, behind) = rest.split_first()?;
    let byte = match escaped {
        b'\n' => return Some(behind),
        b'\\' | b'\'' | b'"' => escaped,
        b'a' => 0x07,
        b'b' => 0x08,
        b'f' => 0x0c,
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        b'v' => 0x0b,
        b'x' => {
            out.push(hex(behind.get(..2)?)? as u8);
            return Some(&behind[2..]);
        }
        b'0'..=b'7' => {
            let len = rest.iter().take(3).take_while(|digit| (b'0'..=b'7').contains(digit)).count();
            out.push(rest[..len].iter().fold(0, |code: u8, digit| code << 3 | (digit - b'0')));
            return Some(&rest[len..]);
        }
        _ => {
            out.extend_from_slice(&[b'\\', escaped]);
            return Some(behind);
        }
    };
    out.push(byte);
    Some(behind)
}

/// The bytes of a text in Latin-1; `None` if a character is beyond it.
pub(super) fn latin1(text: &str) -> Option<Cow<'_, [u8]>> {
    if text.is_ascii() {
        return Some(Cow::Borrowed(text.as_bytes()));
    }
    text.chars()
        .map(|character| u8::try_from(u32::from(character)).ok())
        .collect::<Option<Vec<u8>>>()
        .map(Cow::Owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unicode_lines() {
        let cases: [(&[u8], &[u8]); 7] = [
            (b"abc", b"abc"),
            (b"hel\xf3", "hel\u{f3}".as_bytes()),
            (b"\\u20ac\\U0001f600", "\u{20ac}\u{1f600}".as_bytes()),
            (b"\\\\u0041", b"\\\\u0041"),
            (b"a\\", b"a\\"),
            (b"\\ud800x", b"\xed\xa0\x80x"),
            (b"\\ud83d\\ude00", b"\xed\xa0\xbd\xed\xb8\x80"),
        ];
        for (line, text) in cases {
            assert_eq!(unescape_unicode(line).as_deref(), Some(text));
        }
        for broken in [&b"\\u12"[..], b"\\U0011ffff", b"\\Uffffffff", b"\\uzzzz"] {
            assert_eq!(unescape_unicode(broken), None);
        }
    }

    #[test]
    fn string_lines() {
        let cases: [(&[u8], &[u8]); 5] = [
            (b"'abc'", b"abc"),
            (b"\"it's\" ", b"it's"),
            (b"'\\x00\\xff\\n\\\\\\''", b"\0\xff\n\\'"),
            (b"'\\0\\101\\7778'", b"\0A\xff8"),
            (b"'\\q'", b"\\q"),
        ];
        for (line, bytes) in cases {
            assert_eq!(unquote(line).as_deref(), Some(bytes), "{line:?}");
        }
        for broken in [&b""[..], b"'", b"'a\"", b"abc", b"'\\x1'", b"'\\'"] {
            assert_eq!(unquote(broken), None, "{broken:?}");
        }
    }

    #[test]
    fn latin1_bytes() {
        assert_eq!(latin1("a\u{ff}\0").as_deref(), Some(&b"a\xff\0"[..]));
        assert_eq!(latin1("\u{100}"), None);
    }
}
