//! Integers as decimal digits: how they stand in Redis, and how wide ones cross the ABI.

/// One limb of base 10^9, the largest power of ten in 32 bits.
const LIMB: u64 = 1_000_000_000;
const LIMB_DIGITS: usize = 9;

/// The text, if it is an integer as this library writes it: `0`, or an optional `-` and digits that do
/// not start with 0. Python's `int()` takes more (`" 12 "`, `+5`, `007`, `1_0`); those are no integers here.
pub(crate) fn canonical(bytes: &[u8]) -> Option<&str> {
    let digits = bytes.strip_prefix(b"-").unwrap_or(bytes);
    let is_canonical = match digits {
        [b'0'] => bytes.len() == 1,
        [b'1'..=b'9', rest @ ..] => rest.iter().all(u8::is_ascii_digit),
        _ => false,
    };
    if is_canonical { std::str::from_utf8(bytes).ok() } else { None }
}

/// Whether this is what Python's `str(Decimal)` can be: `1.50`, `-0`, `1E+3`, `NaN`, `sNaN12`, `-Infinity`.
pub(crate) fn is_python_decimal(text: &str) -> bool {
    let text = text.strip_prefix('-').unwrap_or(text);
    let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if let Some(payload) = text.strip_prefix("NaN").or_else(|| text.strip_prefix("sNaN")) {
        return is_digits(payload);
    }
    let (mantissa, exponent) = text.split_once('E').unwrap_or((text, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, "0"));
    let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
    let parts = [whole, fraction, exponent];
    text == "Infinity" || parts.iter().all(|part| !part.is_empty() && is_digits(part))
}

/// Whether this is `numerator/denominator`, the denominator over 0.
pub(crate) fn is_fraction(text: &str) -> bool {
    text.split_once('/').is_some_and(|(numerator, denominator)| {
        let (numerator, denominator) = (canonical(numerator.as_bytes()), canonical(denominator.as_bytes()));
        numerator.is_some() && denominator.is_some_and(|text| text != "0" && !text.starts_with('-'))
    })
}

/// How many decimal digits an integer of so many bytes has at most.
pub(crate) fn digits_of(bytes: usize) -> usize {
    // log10(256) is 2.408.
    bytes.saturating_mul(2409) / 1000 + 1
}

/// The integer in these bytes (two's complement, little-endian, any length), if it has 64 bits at most.
pub(crate) fn narrow(bytes: &[u8]) -> Option<i64> {
    let negative = bytes.last().is_some_and(|last| last & 0x80 != 0);
    let sign = if negative { 0xff } else { 0 };
    let mut low = [sign; 8];
    let (head, tail) = bytes.split_at(bytes.len().min(8));
    low[..head.len()].copy_from_slice(head);
    let integer = i64::from_le_bytes(low);
    (tail.iter().all(|byte| *byte == sign) && (integer < 0) == negative).then_some(integer)
}

/// The decimal digits of two's complement, little-endian bytes. The cost is the square of their number.
pub(crate) fn from_bytes(bytes: &[u8]) -> String {
    let negative = bytes.last().is_some_and(|last| last & 0x80 != 0);
    let mut limbs = to_limbs(bytes, negative);
    let mut groups = Vec::new();
    while let Some(top) = limbs.last() {
        if *top == 0 {
            limbs.pop();
            continue;
        }
        let mut rest = 0;
        for limb in limbs.iter_mut().rev() {
            let value = rest << 32 | u64::from(*limb);
            *limb = (value / LIMB) as u32;
            rest = value % LIMB;
        }
        groups.push(rest);
    }
    let mut text = String::from(if negative { "-" } else { "" });
    text.push_str(&groups.pop().unwrap_or(0).to_string());
    for group in groups.iter().rev() {
        text.push_str(&format!("{group:09}"));
    }
    text
}

/// The absolute value, as 32-bit limbs from the lowest.
fn to_limbs(bytes: &[u8], negative: bool) -> Vec<u32> {
    let sign = if negative { 0xff } else { 0 };
    let mut limbs = Vec::with_capacity(bytes.len() / 4 + 1);
    let mut carry = negative;
    for chunk in bytes.chunks(4) {
        let mut limb = [sign; 4];
        limb[..chunk.len()].copy_from_slice(chunk);
        let limb = u32::from_le_bytes(limb);
        let limb = if negative { !limb } else { limb };
        let (limb, carried) = limb.overflowing_add(u32::from(carry));
        carry = carried;
        limbs.push(limb);
    }
    limbs
}

/// The shortest two's complement, little-endian bytes of canonical digits, as pickle's LONG1 has them.
/// The cost is the square of the number of digits.
pub(crate) fn to_bytes(digits: &str) -> Vec<u8> {
    let (negative, digits) = digits.strip_prefix('-').map_or((false, digits), |digits| (true, digits));
    let mut limbs: Vec<u32> = Vec::with_capacity(digits.len() / LIMB_DIGITS + 1);
    let first = digits.len() % LIMB_DIGITS;
    let (head, tail) = digits.as_bytes().split_at(first);
    for group in std::iter::once(head).chain(tail.chunks(LIMB_DIGITS)) {
        let mut carry = group.iter().fold(0, |value, digit| value * 10 + u64::from(digit - b'0'));
        for limb in &mut limbs {
            let value = u64::from(*limb) * LIMB + carry;
            *limb = value as u32;
            carry = value >> 32;
        }
        if carry > 0 {
            limbs.push(carry as u32);
        }
    }
    let bytes = limbs.iter().flat_map(|limb| limb.to_le_bytes()).collect();
    with_sign(bytes, negative)
}

fn with_sign(mut bytes: Vec<u8>, negative: bool) -> Vec<u8> {
    // One byte more than needed, so that the sign has room; what is too much goes again.
    bytes.push(0);
    if negative {
        let mut carry = true;
        for byte in &mut bytes {
            (*byte, carry) = (!*byte).overflowing_add(u8::from(carry));
        }
    }
    let sign = if negative { 0xff } else { 0 };
    while let [.., below, last] = bytes[..] {
        if last != sign || (below & 0x80 != 0) != negative {
            break;
        }
        bytes.pop();
    }
    if bytes == [0] { Vec::new() } else { bytes }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_canonical_digits_are_integers() {
        let wide = format!("-1{}", "0".repeat(10_000));
        for good in ["0", "1", "-1", "42", "10", "-9223372036854775808", "9223372036854775808", &wide] {
            assert_eq!(canonical(good.as_bytes()), Some(good));
        }
        let bad = [
            "", "-", "-0", "00", "007", "-01", "+5", " 12 ", "12\n", "1_0", "0x10", "1e3", "1.0", "--1",
            "1-", "\u{661}",
        ];
        for bad in bad {
            assert_eq!(canonical(bad.as_bytes()), None, "{bad:?}");
        }
    }

    #[test]
    fn bytes_and_digits_both_ways() {
        let cases: [(&str, &[u8]); 12] = [
            ("0", b""),
            ("1", b"\x01"),
            ("127", b"\x7f"),
            ("128", b"\x80\x00"),
            ("-1", b"\xff"),
            ("-128", b"\x80"),
            ("-129", b"\x7f\xff"),
            ("9223372036854775808", b"\0\0\0\0\0\0\0\x80\0"),
            ("-9223372036854775809", b"\xff\xff\xff\xff\xff\xff\xff\x7f\xff"),
            ("18446744073709551616", b"\0\0\0\0\0\0\0\0\x01"),
            ("-18446744073709551616", b"\0\0\0\0\0\0\0\0\xff"),
            ("1000000000000000000000000000000", b"\0\0\0\x40\xea\xed\x74\x46\xd0\x9c\x2c\x9f\x0c"),
        ];
        for (digits, bytes) in cases {
            assert_eq!(from_bytes(bytes), digits);
            assert_eq!(to_bytes(digits), bytes, "{digits}");
        }
        assert_eq!(from_bytes(b"\xff\xff\xff\xff\xff"), "-1");
        assert_eq!(from_bytes(b"\0\0\0\0\0\x80"), "-140737488355328");
    }

    #[test]
    fn long_integers_come_back() {
        for len in [18, 19, 20, 27, 28, 1000, 4300] {
            for digits in
                ["9".repeat(len), format!("1{}", "0".repeat(len)), format!("-{}", "98765".repeat(len))]
            {
                assert_eq!(from_bytes(&to_bytes(&digits)), digits);
            }
        }
    }

    #[test]
    fn narrow_integers_of_any_length() {
        assert_eq!(narrow(b""), Some(0));
        assert_eq!(narrow(b"\xff"), Some(-1));
        assert_eq!(narrow(b"\x05\0\0\0\0\0\0\0\0\0\0"), Some(5));
        assert_eq!(narrow(b"\0\0\0\0\0\0\0\x80"), Some(i64::MIN));
        assert_eq!(narrow(b"\0\0\0\0\0\0\0\x80\xff"), Some(i64::MIN));
        assert_eq!(narrow(b"\0\0\0\0\0\0\0\x80\0"), None);
        assert_eq!(narrow(b"\xff\xff\xff\xff\xff\xff\xff\x7f"), Some(i64::MAX));
        assert_eq!(narrow(b"\0\0\0\0\0\0\0\0\x01"), None);
    }
}
