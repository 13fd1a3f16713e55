//! Integers as decimal digits: how they stand in Redis, and how wide ones cross the ABI.

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
}
