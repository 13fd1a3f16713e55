//! Dates and times as Django's `DjangoJSONEncoder` writes them: ISO 8601, seconds cut to milliseconds, UTC as Z.

use std::fmt::Write;

use crate::codec::pickle::is_date;

/// Why a moment has no text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NoText {
    /// The bytes are no date or time.
    OutOfRange,
    /// Its zone is a name or an object, whose offset only the time zone database knows.
    Zone,
    /// Django refuses a time of day with a zone.
    TimeWithZone,
}

pub(super) fn date(payload: &[u8]) -> Result<String, NoText> {
    let &[high, low, month, day] = payload else { return Err(NoText::OutOfRange) };
    if !is_date(payload) {
        return Err(NoText::OutOfRange);
    }
    Ok(format!("{:04}-{month:02}-{day:02}", u16::from_be_bytes([high, low])))
}

pub(super) fn datetime(payload: &[u8]) -> Result<String, NoText> {
    let (day, rest) = payload.split_at_checked(4).ok_or(NoText::OutOfRange)?;
    let (time, zone) = rest.split_at_checked(8).ok_or(NoText::OutOfRange)?;
    let mut text = date(day)?;
    text.push('T');
    text.push_str(&clock(time)?);
    match zone {
        [] => {}
        [1, offset @ ..] => text.push_str(&offset_text(offset)?),
        _ => return Err(NoText::Zone),
    }
    Ok(text)
}

pub(super) fn time(payload: &[u8]) -> Result<String, NoText> {
    let (time, zone) = payload.split_at_checked(8).ok_or(NoText::OutOfRange)?;
    if zone.is_empty() { clock(time) } else { Err(NoText::TimeWithZone) }
}

/// Hour, minute, second and, unless there are none, milliseconds.
fn clock(time: &[u8]) -> Result<String, NoText> {
    let &[hour @ 0..24, minute @ 0..60, second @ 0..60, _, ref microseconds @ ..] = time else {
        return Err(NoText::OutOfRange);
    };
    let microseconds = be(microseconds, 0).filter(|us| *us < 1_000_000).ok_or(NoText::OutOfRange)?;
    let mut text = format!("{hour:02}:{minute:02}:{second:02}");
    if microseconds > 0 {
        push(&mut text, format_args!(".{:03}", microseconds / 1000));
    }
    Ok(text)
}

/// `Z`, or an offset as Python's isoformat writes it: `+02:00`, seconds only where there are some.
fn offset_text(offset: &[u8]) -> Result<String, NoText> {
    let (Some(seconds), Some(microseconds)) = (be(offset, 0), be(offset, 4)) else {
        return Err(NoText::OutOfRange);
    };
    let total = i64::from(seconds.cast_signed()) * 1_000_000 + i64::from(microseconds);
    if total.abs() >= 86_400_000_000 || microseconds >= 1_000_000 {
        return Err(NoText::OutOfRange);
    }
    if total == 0 {
        return Ok("Z".into());
    }
    let (sign, total) = (if total < 0 { '-' } else { '+' }, total.abs());
    let (seconds, microseconds) = (total / 1_000_000, total % 1_000_000);
    let mut text = format!("{sign}{:02}:{:02}", seconds / 3600, seconds / 60 % 60);
    if seconds % 60 != 0 || microseconds != 0 {
        push(&mut text, format_args!(":{:02}", seconds % 60));
    }
    if microseconds != 0 {
        push(&mut text, format_args!(".{microseconds:06}"));
    }
    Ok(text)
}

/// `P1DT02H03M04.000005S`, as `django.utils.duration.duration_iso_string` writes it.
pub(super) fn timedelta(payload: &[u8]) -> Result<String, NoText> {
    let (Some(days), Some(seconds), Some(microseconds), 12) =
        (be(payload, 0), be(payload, 4), be(payload, 8), payload.len())
    else {
        return Err(NoText::OutOfRange);
    };
    let days = days.cast_signed();
    if days.abs() > 999_999_999 || seconds >= 86_400 || microseconds >= 1_000_000 {
        return Err(NoText::OutOfRange);
    }
    let total = (i128::from(days) * 86_400 + i128::from(seconds)) * 1_000_000 + i128::from(microseconds);
    let (sign, total) = (if total < 0 { "-" } else { "" }, total.abs());
    let (seconds, microseconds) = (total / 1_000_000, total % 1_000_000);
    let (hours, minutes, days) = (seconds / 3600 % 24, seconds / 60 % 60, seconds / 86_400);
    let mut text = format!("{sign}P{days}DT{hours:02}H{minutes:02}M{:02}", seconds % 60);
    if microseconds != 0 {
        push(&mut text, format_args!(".{microseconds:06}"));
    }
    text.push('S');
    Ok(text)
}

fn push(text: &mut String, piece: std::fmt::Arguments<'_>) {
    // Writing to a String can't fail.
    let _ = text.write_fmt(piece);
}

fn be(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().map(|chunk| u32::from_be_bytes(*chunk))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moment(microsecond: u32, zone: &[u8]) -> Vec<u8> {
        [&[0x07, 0xdd, 6, 6, 17, 5, 58, 0][..], &microsecond.to_be_bytes(), zone].concat()
    }

    fn zone(seconds: i32, microseconds: u32) -> Vec<u8> {
        [&[1][..], &seconds.to_be_bytes(), &microseconds.to_be_bytes()].concat()
    }

    // Each is what json.dumps(..., cls=DjangoJSONEncoder) of Django 5.2 writes.
    #[test]
    fn datetimes() {
        let cases = [
            (moment(0, &[]), "2013-06-06T17:05:58"),
            (moment(123_456, &[]), "2013-06-06T17:05:58.123"),
            (moment(1, &[]), "2013-06-06T17:05:58.000"),
            (moment(0, &zone(0, 0)), "2013-06-06T17:05:58Z"),
            (moment(999_999, &zone(0, 0)), "2013-06-06T17:05:58.999Z"),
            (moment(0, &zone(7200, 0)), "2013-06-06T17:05:58+02:00"),
            (moment(0, &zone(-12_600, 0)), "2013-06-06T17:05:58-03:30"),
            (moment(0, &zone(-1, 0)), "2013-06-06T17:05:58-00:00:01"),
            (moment(0, &zone(1, 5)), "2013-06-06T17:05:58+00:00:01.000005"),
        ];
        for (payload, text) in cases {
            assert_eq!(datetime(&payload).as_deref(), Ok(text));
        }
        assert_eq!(datetime(&moment(0, b"\x02Europe/Berlin")), Err(NoText::Zone));
        for broken in [moment(1_000_000, &[]), moment(0, &[1, 0]), vec![7, 0xdd, 13, 1], vec![]] {
            assert_eq!(datetime(&broken), Err(NoText::OutOfRange));
        }
    }

    #[test]
    fn times_and_dates() {
        assert_eq!(date(&[0x07, 0xdd, 6, 6]).as_deref(), Ok("2013-06-06"));
        assert_eq!(date(&[0, 1, 1, 1]).as_deref(), Ok("0001-01-01"));
        assert_eq!(date(&[0x07, 0xdd, 2, 30]), Err(NoText::OutOfRange));
        assert_eq!(time(&moment(0, &[])[4..]).as_deref(), Ok("17:05:58"));
        assert_eq!(time(&moment(0, &zone(0, 0))[4..]), Err(NoText::TimeWithZone));
    }

    #[test]
    fn timedeltas() {
        let cases: [(i32, u32, u32, &str); 4] = [
            (1, 2, 3, "P1DT00H00M02.000003S"),
            (0, 86_399, 0, "P0DT23H59M59S"),
            (-1, 86_399, 999_999, "-P0DT00H00M00.000001S"),
            (-1, 0, 0, "-P1DT00H00M00S"),
        ];
        for (days, seconds, microseconds, text) in cases {
            let payload =
                [&days.to_be_bytes()[..], &seconds.to_be_bytes(), &microseconds.to_be_bytes()].concat();
            assert_eq!(timedelta(&payload).as_deref(), Ok(text));
        }
        assert_eq!(timedelta(&[0; 11]), Err(NoText::OutOfRange));
    }
}
