//! MessagePack as django-redis's MSGPackSerializer writes and reads it: Python's `msgpack.dumps(value)` and
//! `msgpack.loads(data)`, without extensions of our own.

use crate::codec::refusal;
use crate::error::{Error, Result};
use crate::limits;
use crate::msgpack::{Event, Malformed, Reader, Token, Walk, Writer, ext};
use crate::value::{LIST, MAP, Value};

const NAME: &str = "msgpack";
/// MessagePack's own extension type for points in time.
const TIMESTAMP: i8 = -1;

/// The MessagePack of a value.
pub(super) fn encode(value: &Value<'_>) -> Result<Vec<u8>> {
    let mut walk = Walk::of(value);
    let mut out = Writer::default();
    // For each open container: whether it is a map, and how many values it has so far.
    let mut open: Vec<(bool, usize)> = Vec::new();
    while let Some(event) = walk.next()? {
        let is_key = match open.last_mut() {
            Some((is_map, written)) if event != Event::Close => {
                *written += 1;
                *is_map && *written % 2 == 1
            }
            _ => false,
        };
        match event {
            Event::Scalar(token) => scalar(&mut out, token),
            Event::Leaf(kind, payload) => leaf(&mut out, kind, payload)?,
            Event::Open { kind, is_map, len } => {
                begin(&mut out, kind, is_map, len, is_key)?;
                open.push((is_map, 0));
            }
            Event::Close => drop(open.pop()),
        }
    }
    Ok(out.into_bytes())
}

fn begin(out: &mut Writer, kind: u32, is_map: bool, len: usize, is_key: bool) -> Result<()> {
    let is_held = if is_map { is_dict(kind) } else { kind == LIST || kind == u32::from(ext::TUPLE) };
    if !is_held {
        return Err(refusal::of_kind(kind, NAME));
    }
    if is_key {
        // Python would write it, and could never read it: a tuple comes back as a list.
        return Err(refusal::of("a key that is a tuple, a list or a map", NAME));
    }
    if is_map {
        out.map(len)
    } else {
        out.array(len)
    }
    Ok(())
}

fn is_dict(kind: u32) -> bool {
    kind == MAP || [ext::ORDERED_DICT, ext::DEFAULTDICT, ext::COUNTER].map(u32::from).contains(&kind)
}

fn scalar(out: &mut Writer, token: Token<'_>) {
    match token {
        Token::Bool(truth) => out.bool(truth),
        Token::Int(integer) => out.int(integer),
        Token::UInt(integer) => out.uint(integer),
        Token::Float(real) => out.float(real),
        Token::Str(text) => out.str(text),
        Token::Bin(bytes) => out.bin(bytes),
        _ => out.nil(),
    }
}

fn leaf(out: &mut Writer, kind: u8, payload: &[u8]) -> Result<()> {
    let text = std::str::from_utf8(payload).ok();
    match (kind, text) {
        (ext::SAFE_STRING, Some(text)) => out.str(text),
        (ext::BYTEARRAY, _) => out.bin(payload),
        (ext::BIGINT, Some(digits)) => match digits.parse() {
            Ok(integer) => out.uint(integer),
            Err(_) => return Err(refusal::of_kind(u32::from(kind), NAME)),
        },
        _ => return Err(refusal::of_kind(u32::from(kind), NAME)),
    }
    Ok(())
}

/// The value of a MessagePack; `None` if it is a good one that can't be typed.
pub(super) fn decode(payload: &[u8]) -> Result<Option<Value<'static>>> {
    read(payload).map_err(|Malformed { offset, what }| {
        Error::decode(format!("the stored value is no valid MessagePack: at offset {offset}, {what}"))
    })
}

type Read<T> = std::result::Result<T, Malformed>;

fn read(payload: &[u8]) -> Read<Option<Value<'static>>> {
    let mut reader = Reader::at(payload, 0);
    let mut out = Writer::with_capacity(payload.len());
    // Values left of each open container, with keys; whether it is a map.
    let mut open: Vec<(usize, bool)> = Vec::new();
    let mut typed = true;
    loop {
        let is_key = open.last().is_some_and(|(left, is_map)| *is_map && left % 2 == 0);
        if let Some((left, _)) = open.last_mut() {
            *left -= 1;
        }
        match reader.token()? {
            Token::Array(_) | Token::Map(_) if is_key => {
                return Err(reader.malformed("a key that Python can't hash"));
            }
            // It can't be typed, so it need not be remembered what is open: that could be as many as there are bytes.
            Token::Array(_) | Token::Map(_) if open.len() == limits::MAX_VALUE_DEPTH => {
                return untyped(payload);
            }
            Token::Array(len) => {
                out.array(len);
                open.push((len, false));
            }
            Token::Map(len) => {
                out.map(len);
                open.push((2 * len, true));
            }
            Token::Ext(TIMESTAMP, data) => typed &= timestamp(&mut out, data),
            Token::Ext(..) => typed = false,
            Token::UInt(integer) => out.ext(ext::BIGINT, integer.to_string().as_bytes()),
            token => scalar(&mut out, token),
        }
        while open.last().is_some_and(|(left, _)| *left == 0) {
            open.pop();
        }
        if open.is_empty() {
            break;
        }
    }
    at_end(&reader)?;
    if !typed {
        return Ok(None);
    }
    Ok(Some(owned(out.into_bytes())?))
}

/// A value that is nested too deep: it only has to be whole.
fn untyped(payload: &[u8]) -> Read<Option<Value<'static>>> {
    let mut reader = Reader::at(payload, 0);
    reader.skip()?;
    at_end(&reader).map(|()| None)
}

fn at_end(reader: &Reader<'_>) -> Read<()> {
    if reader.is_done() { Ok(()) } else { Err(reader.malformed("something behind the value")) }
}

/// What was written, as the value it is.
fn owned(data: Vec<u8>) -> Read<Value<'static>> {
    let kind = match Reader::at(&data, 0).value()? {
        Value::Packed { kind, .. } => kind,
        Value::Bool(truth) => return Ok(Value::Bool(truth)),
        Value::Int(integer) => return Ok(Value::Int(integer)),
        Value::BigInt(digits) => return Ok(Value::BigInt(digits.into_owned().into())),
        Value::Float(real) => return Ok(Value::Float(real)),
        Value::Text(text) => return Ok(Value::Text(text.into_owned().into())),
        Value::Bytes(bytes) => return Ok(Value::Bytes(bytes.into_owned().into())),
        _ => return Ok(Value::None),
    };
    Ok(Value::Packed { kind, data: data.into() })
}

/// A point in time as a datetime in UTC; false where Python has none that says the same.
fn timestamp(out: &mut Writer, data: &[u8]) -> bool {
    let Some((seconds, nanoseconds)) = instant(data) else { return false };
    let Some(payload) = utc(seconds, nanoseconds) else { return false };
    out.ext(ext::DATETIME, &payload);
    true
}

/// Seconds since 1970 and nanoseconds, from each of the three layouts of the specification.
fn instant(data: &[u8]) -> Option<(i64, u32)> {
    match data.len() {
        4 => Some((i64::from(u32::from_be_bytes(data.try_into().ok()?)), 0)),
        8 => {
            let both = u64::from_be_bytes(data.try_into().ok()?);
            Some(((both & 0x3_ffff_ffff) as i64, (both >> 34) as u32))
        }
        12 => {
            let (nanoseconds, seconds) = data.split_first_chunk::<4>()?;
            Some((i64::from_be_bytes(seconds.try_into().ok()?), u32::from_be_bytes(*nanoseconds)))
        }
        _ => None,
    }
}

/// The payload of a datetime (docs/values.md) in UTC.
fn utc(seconds: i64, nanoseconds: u32) -> Option<Vec<u8>> {
    if nanoseconds >= 1_000_000_000 || !nanoseconds.is_multiple_of(1000) {
        return None;
    }
    let (days, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400) as u32);
    let (year, month, day) = civil(days)?;
    let mut payload = year.to_be_bytes().to_vec();
    payload.extend([month, day, (second / 3600) as u8, (second / 60 % 60) as u8, (second % 60) as u8, 0]);
    payload.extend((nanoseconds / 1000).to_be_bytes());
    payload.extend([1, 0, 0, 0, 0, 0, 0, 0, 0]);
    Some(payload)
}

/// Year, month and day of a day counted from 1970-01-01, in the years that Python has.
///
/// Years are taken to begin in March, so that the day of the leap year is the last one; 146,097 days are 400 years.
fn civil(days: i64) -> Option<(u16, u8, u8)> {
    let days = days.checked_add(719_468)?;
    let (era, day_of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era.checked_mul(400)? + i64::from(month <= 2);
    let year = u16::try_from(year).ok().filter(|year| (1..=9999).contains(year))?;
    Some((year, month as u8, day as u8))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_of_the_calendar() {
        let cases = [
            (0, Some((1970, 1, 1))),
            (-1, Some((1969, 12, 31))),
            (11_016, Some((2000, 2, 29))),
            (19_782, Some((2024, 2, 29))),
            (47_540, Some((2100, 2, 28))),
            (47_541, Some((2100, 3, 1))),
            (-719_162, Some((1, 1, 1))),
            (-719_163, None),
            (2_932_896, Some((9999, 12, 31))),
            (2_932_897, None),
            (i64::MAX, None),
            (i64::MIN, None),
        ];
        for (days, date) in cases {
            assert_eq!(civil(days), date, "{days}");
        }
    }

    #[test]
    fn values_come_back() {
        let plain = b"\x86\xa1a\x01\x02\xc0\xc3\xcb\x3f\xf8\0\0\0\0\0\0\xc4\x01\xff\x92\xa0\x90\xa1b\x81\xc2\x80\xcb\0\0\0\0\0\0\0\0\xcf\xff\xff\xff\xff\xff\xff\xff\xff";
        let value = decode(plain).unwrap().unwrap();
        assert_eq!(encode(&value).unwrap(), plain);
        for scalar in [
            Value::None,
            Value::Bool(false),
            Value::Float(0.5),
            Value::Text("a".into()),
            Value::Bytes(b"\0"[..].into()),
        ] {
            assert_eq!(decode(&encode(&scalar).unwrap()).unwrap(), Some(scalar));
        }
    }

    #[test]
    fn points_in_time() {
        let packed = |data: &[u8]| {
            let mut out = Writer::default();
            out.ext(0xff, data);
            decode(&out.into_bytes()).unwrap()
        };
        let expected = [0x07, 0xb2, 1, 1, 0, 0, 1, 0, 0, 0, 0, 5, 1, 0, 0, 0, 0, 0, 0, 0, 0];
        let at = |nanoseconds: u64| packed(&(nanoseconds << 34 | 1).to_be_bytes());
        assert!(matches!(at(5000), Some(Value::Packed { kind: 8, data }) if data.ends_with(&expected)));
        assert_eq!(at(5001), None);
        assert!(packed(&7_u32.to_be_bytes()).is_some());
        assert!(packed(&[&[0; 4][..], &(-1_i64).to_be_bytes()].concat()).is_some());
        assert_eq!(packed(&[&[0; 4][..], &i64::MIN.to_be_bytes()].concat()), None);
        assert_eq!(packed(b"12345"), None);
    }

    #[test]
    fn broken_bytes() {
        for (bytes, what) in [
            (&b""[..], "ends too early"),
            (b"\xc0\xc0", "behind the value"),
            (b"\x81\x90\x01", "can't hash"),
            (b"\xa1\xff", "UTF-8"),
            (b"\xdd\xff\xff\xff\xff", "more elements"),
        ] {
            assert!(decode(bytes).unwrap_err().message().contains(what), "{bytes:x?}");
        }
        let mut deep = vec![0x91; 1_000_000];
        deep.push(0xc0);
        assert_eq!(decode(&deep).unwrap(), None);
        deep.push(0xc0);
        assert!(decode(&deep).unwrap_err().message().contains("behind the value"));
        assert_eq!(decode(b"\xd4\x05\x01").unwrap(), None);
    }
}
