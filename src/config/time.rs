//! Seconds as decimal text, there and back. Exact: no float is involved, so 4.035 is 4035 ms and not 4036.

use crate::limits::MAX_TIME_MS;

/// `"5"`, `"0.5"`, `"-1"`, `"1e-05"` in milliseconds; a fraction of one rounds away from zero.
/// `None` for what is no decimal number or too large to count in milliseconds.
pub(super) fn parse_ms(text: &str) -> Option<i64> {
    let (negative, text) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i16>().ok()?),
        None => (text, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = [whole, fraction].concat();
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let point = i64::try_from(whole.len()).ok()? + i64::from(exponent) + 3;
    let ms = round_up(digits.trim_start_matches('0'), point - leading_zeros(&digits))?;
    Some(if negative { -ms } else { ms })
}

fn leading_zeros(digits: &str) -> i64 {
    let zeros = digits.len() - digits.trim_start_matches('0').len();
    i64::try_from(zeros).unwrap_or(i64::MAX)
}

/// The digits with the point after the first `point` of them, rounded up to a whole number.
fn round_up(digits: &str, point: i64) -> Option<i64> {
    if digits.is_empty() {
        return Some(0);
    }
    let Ok(point) = usize::try_from(point) else { return Some(1) };
    if point > MAX_TIME_MS.ilog10() as usize + 1 {
        return None;
    }
    let (whole, fraction) = digits.split_at(point.min(digits.len()));
    let whole = format!("0{whole}{}", "0".repeat(point - whole.len()));
    let more = i64::from(fraction.bytes().any(|b| b != b'0'));
    whole.parse::<i64>().ok()?.checked_add(more).filter(|ms| *ms <= MAX_TIME_MS)
}

/// Milliseconds as seconds, as short as can be: `5`, `0.5`.
pub(super) fn format_ms(ms: i64) -> String {
    let sign = if ms < 0 { "-" } else { "" };
    let (seconds, rest) = (ms.unsigned_abs() / 1000, ms.unsigned_abs() % 1000);
    if rest == 0 {
        return format!("{sign}{seconds}");
    }
    let fraction = format!("{rest:03}");
    format!("{sign}{seconds}.{}", fraction.trim_end_matches('0'))
}
