//! Dates and times as Django's `DjangoJSONEncoder` writes them: ISO 8601, seconds cut to milliseconds, UTC as Z.

use std::fmt::Write;

use super::zone::{Local, Zones};
use crate::codec::pickle::is_date;

/// Why a moment has no text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NoText {
    /// The bytes are no date or time.
    OutOfRange,
    /// Its zone is an object of a class, or a name that this system does not know.
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

pub(super) fn datetime(payload: &[u8], zones: &mut Zones) -> Result<String, NoText> {
    let (day, rest) = payload.split_at_checked(4).ok_or(NoText::OutOfRange)?;
    let (time, zone) = rest.split_at_checked(8).ok_or(NoText::OutOfRange)?;
    let mut text = date(day)?;
    text.push('T');
    text.push_str(&clock(time)?);
    match zone {
        [] => {}
        [1, offset @ ..] => text.push_str(&fixed(offset)?),
        [2, key @ ..] => {
            let seconds = zones.offset(key, local(day, time)?).ok_or(NoText::Zone)?;
            text.push_str(&offset_text(i64::from(seconds) * 1_000_000));
        }
        _ => return Err(NoText::Zone),
    }
    Ok(text)
}

pub(super) fn time(payload: &[u8], zones: &mut Zones) -> Result<String, NoText> {
    let (time, zone) = payload.split_at_checked(8).ok_or(NoText::OutOfRange)?;
    match zone {
        [] => clock(time),
        // Without a date such a zone has no offset, and Python takes the time for one without a zone.
        [2, key @ ..] if zones.is_fixed(key) == Some(false) => clock(time),
        _ => Err(NoText::TimeWithZone),
    }
}

fn local(day: &[u8], time: &[u8]) -> Result<Local, NoText> {
    let (&[high, low, month, day], &[hour, minute, second, fold, ..]) = (day, time) else {
        return Err(NoText::OutOfRange);
    };
    Ok(Local { year: u16::from_be_bytes([high, low]), month, day, hour, minute, second, fold })
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

/// The text of a `datetime.timezone`'s offset.
fn fixed(offset: &[u8]) -> Result<String, NoText> {
    let (Some(seconds), Some(microseconds)) = (be(offset, 0), be(offset, 4)) else {
        return Err(NoText::OutOfRange);
    };
    let total = i64::from(seconds.cast_signed()) * 1_000_000 + i64::from(microseconds);
    if total.abs() >= 86_400_000_000 || microseconds >= 1_000_000 {
        return Err(NoText::OutOfRange);
    }
    Ok(offset_text(total))
}

/// `Z`, or an offset in microseconds as Python's isoformat writes it: `+02:00`, seconds only where there are some.
fn offset_text(total: i64) -> String {
    if total == 0 {
        return "Z".into();
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
    text
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
            assert_eq!(datetime(&payload, &mut Zones::default()).as_deref(), Ok(text));
        }
        let in_zone = |key: &[u8]| datetime(&moment(0, key), &mut Zones::default());
        assert_eq!(in_zone(b"\x02Europe/Berlin").as_deref(), Ok("2013-06-06T17:05:58+02:00"));
        assert_eq!(in_zone(b"\x02Nowhere/Land"), Err(NoText::Zone));
        assert_eq!(in_zone(b"\x03\xc0"), Err(NoText::Zone));
        for broken in [moment(1_000_000, &[]), moment(0, &[1, 0]), vec![7, 0xdd, 13, 1], vec![]] {
            assert_eq!(datetime(&broken, &mut Zones::default()), Err(NoText::OutOfRange));
        }
    }

    #[test]
    fn times_and_dates() {
        assert_eq!(date(&[0x07, 0xdd, 6, 6]).as_deref(), Ok("2013-06-06"));
        assert_eq!(date(&[0, 1, 1, 1]).as_deref(), Ok("0001-01-01"));
        assert_eq!(date(&[0x07, 0xdd, 2, 30]), Err(NoText::OutOfRange));
        let of_day = |zone: &[u8]| time(&moment(0, zone)[4..], &mut Zones::default());
        assert_eq!(of_day(&[]).as_deref(), Ok("17:05:58"));
        assert_eq!(of_day(b"\x02Europe/Berlin").as_deref(), Ok("17:05:58"));
        for zone in [&zone(0, 0)[..], b"\x02UTC", b"\x02Nowhere/Land"] {
            assert_eq!(of_day(zone), Err(NoText::TimeWithZone));
        }
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
