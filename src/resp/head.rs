//! The first line of a reply: its type, and its value or length.

use crate::limits::{MAX_BULK, MAX_ELEMENTS, MAX_LINE};

/// An aggregate's type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Aggregate {
    Array,
    Set,
    Map,
    Push,
    /// Key-value pairs about the reply that follows them.
    Attribute,
}

/// What one line announces. Lengths are checked against the limits.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Head {
    /// The text is the rest of the line, here and in the next two.
    Status,
    Error,
    BigNumber,
    Integer(i64),
    Double(f64),
    Boolean(bool),
    Nil,
    /// This many bytes and a line end follow.
    Bulk(usize),
    /// The same, beginning with a format of three letters and a colon.
    Verbatim(usize),
    /// The same, the text of an error.
    BulkError(usize),
    /// This many frames follow: for pairs, twice their number.
    Aggregate(Aggregate, usize),
}

impl Head {
    /// Reads a line without its end. `None`: no reply begins like that, or it is over a limit.
    pub(super) fn parse(line: &[u8]) -> Option<Head> {
        let (&kind, text) = line.split_first()?;
        Some(match kind {
            b'+' => Head::Status,
            b'-' => Head::Error,
            b':' => Head::Integer(integer(text)?),
            b'$' => length(text, MAX_BULK)?.map_or(Head::Nil, Head::Bulk),
            b'*' => length(text, MAX_ELEMENTS)?.map_or(Head::Nil, |n| Head::Aggregate(Aggregate::Array, n)),
            b'_' if text.is_empty() => Head::Nil,
            b'#' => Head::Boolean(boolean(text)?),
            b',' => Head::Double(double(text)?),
            b'(' if is_big_number(text) => Head::BigNumber,
            b'=' => Head::Verbatim(length(text, MAX_BULK)?.filter(|&n| n >= 4)?),
            b'!' => Head::BulkError(length(text, MAX_LINE)??),
            b'~' => Head::Aggregate(Aggregate::Set, length(text, MAX_ELEMENTS)??),
            b'%' => Head::Aggregate(Aggregate::Map, 2 * length(text, MAX_ELEMENTS / 2)??),
            b'|' => Head::Aggregate(Aggregate::Attribute, 2 * length(text, MAX_ELEMENTS / 2)??),
            b'>' => Head::Aggregate(Aggregate::Push, length(text, MAX_ELEMENTS)?.filter(|&n| n >= 1)?),
            _ => return None,
        })
    }

    /// The type, for messages.
    pub(super) fn name(self) -> &'static str {
        match self {
            Head::Status => "a status",
            Head::Error | Head::BulkError(_) => "an error",
            Head::BigNumber => "a big number",
            Head::Integer(_) => "an integer",
            Head::Double(_) => "a float",
            Head::Boolean(_) => "a boolean",
            Head::Nil => "nil",
            Head::Bulk(_) | Head::Verbatim(_) => "a string",
            Head::Aggregate(Aggregate::Map, _) => "a map",
            Head::Aggregate(..) => "an array",
        }
    }
}

/// The first line of a string of up to `limit` bytes, which most replies are: its length, and what follows the line.
#[inline]
pub(super) fn short_string(bytes: &[u8], limit: usize) -> Option<(usize, &[u8])> {
    let [b'$', first @ b'0'..=b'9', rest @ ..] = bytes else { return None };
    let (mut length, mut rest) = (usize::from(first - b'0'), rest);
    while let [digit @ b'0'..=b'9', after @ ..] = rest {
        length = 10 * length + usize::from(digit - b'0');
        if length > limit {
            return None;
        }
        rest = after;
    }
    Some((length, rest.strip_prefix(b"\r\n")?))
}

/// A length up to `limit`; `Some(None)` for -1, RESP2's nil.
fn length(text: &[u8], limit: usize) -> Option<Option<usize>> {
    if text == b"-1" {
        return Some(None);
    }
    let length = digits(text)?;
    (length <= limit as u64).then_some(Some(length as usize))
}

fn integer(text: &[u8]) -> Option<i64> {
    match text.split_first()? {
        (b'-', rest) => 0i64.checked_sub_unsigned(digits(rest)?),
        (b'+', rest) => digits(rest)?.try_into().ok(),
        _ => digits(text)?.try_into().ok(),
    }
}

fn digits(text: &[u8]) -> Option<u64> {
    if text.is_empty() {
        return None;
    }
    text.iter().try_fold(0u64, |number, digit| {
        let digit = digit.wrapping_sub(b'0');
        (digit <= 9).then_some(())?;
        number.checked_mul(10)?.checked_add(u64::from(digit))
    })
}

fn boolean(text: &[u8]) -> Option<bool> {
    match text {
        b"t" => Some(true),
        b"f" => Some(false),
        _ => None,
    }
}

fn double(text: &[u8]) -> Option<f64> {
    std::str::from_utf8(text).ok()?.parse().ok()
}

fn is_big_number(text: &[u8]) -> bool {
    let unsigned = text.strip_prefix(b"-").or(text.strip_prefix(b"+")).unwrap_or(text);
    !unsigned.is_empty() && unsigned.iter().all(u8::is_ascii_digit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_of_both_protocols() {
        let cases: &[(&str, Head)] = &[
            ("+OK", Head::Status),
            ("+", Head::Status),
            ("-ERR no", Head::Error),
            (":0", Head::Integer(0)),
            (":+7", Head::Integer(7)),
            (":-9223372036854775808", Head::Integer(i64::MIN)),
            (":9223372036854775807", Head::Integer(i64::MAX)),
            ("(-123456789012345678901234567890", Head::BigNumber),
            (",1.5", Head::Double(1.5)),
            (",-inf", Head::Double(f64::NEG_INFINITY)),
            ("#t", Head::Boolean(true)),
            ("#f", Head::Boolean(false)),
            ("_", Head::Nil),
            ("$-1", Head::Nil),
            ("*-1", Head::Nil),
            ("$0", Head::Bulk(0)),
            ("$1073741824", Head::Bulk(1 << 30)),
            ("=7", Head::Verbatim(7)),
            ("!3", Head::BulkError(3)),
            ("*0", Head::Aggregate(Aggregate::Array, 0)),
            ("~2", Head::Aggregate(Aggregate::Set, 2)),
            ("%2", Head::Aggregate(Aggregate::Map, 4)),
            ("|1", Head::Aggregate(Aggregate::Attribute, 2)),
            (">3", Head::Aggregate(Aggregate::Push, 3)),
        ];
        for (line, head) in cases {
            assert_eq!(Head::parse(line.as_bytes()), Some(*head), "{line}");
        }
        assert!(matches!(Head::parse(b",nan"), Some(Head::Double(nan)) if nan.is_nan()));
    }

    #[test]
    fn hostile_lines_are_no_replies() {
        for line in [
            "",
            "hello",
            "\0",
            "$",
            "$-2",
            "$-0",
            "$+1",
            "$1a",
            "$ 1",
            "$1073741825",
            "$9223372036854775807",
            "$18446744073709551616",
            "$?",
            "*-2",
            "*2147483647",
            "*4294967295",
            "*67108865",
            "*?",
            "%-1",
            "%33554433",
            "~-1",
            "|-1",
            ">0",
            ">-1",
            ">",
            "=3",
            "=-1",
            "!-1",
            "!65537",
            ":",
            ":-",
            ":+",
            ":1.0",
            ":9223372036854775808",
            ":-9223372036854775809",
            "_x",
            "#",
            "#true",
            ",",
            ",x",
            "(",
            "(-",
            "(1x",
            ".",
        ] {
            assert_eq!(Head::parse(line.as_bytes()), None, "{line}");
        }
    }
}
