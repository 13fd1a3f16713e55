//! Dates and times field by field, for languages and programs that have no type for Python's.

use crate::error::{Error, Result};
use crate::msgpack::{Reader, Token, ext};
use crate::value::Value;

/// A `date`, a `time`, a `datetime` or a `timedelta`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Moment<'a> {
    /// [`value`](crate::value)'s DATETIME, DATE, TIME or TIMEDELTA.
    pub kind: u32,
    /// 1 to 9999; of a date and a datetime.
    pub year: i32,
    /// 1 to 12.
    pub month: i32,
    /// 1 to 31.
    pub day: i32,
    /// Of a timedelta: -999,999,999 to 999,999,999.
    pub days: i32,
    /// 0 to 23; of a time and a datetime.
    pub hour: i32,
    /// 0 to 59.
    pub minute: i32,
    /// 0 to 59; of a timedelta 0 to 86,399.
    pub second: i32,
    /// 0 to 999,999.
    pub microsecond: i32,
    /// 1 for the later of two moments that read alike, when clocks are put back.
    pub fold: i32,
    /// Of a time and a datetime.
    pub zone: Zone<'a>,
}

/// What a time says of its zone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Zone<'a> {
    /// Nothing: Python calls it naive.
    #[default]
    None,
    /// A fixed offset east of UTC; UTC is 0.
    Fixed {
        /// Whole seconds, rounded down.
        seconds: i32,
        /// What is left: 0 to 999,999.
        microseconds: i32,
        /// Its name, most often empty.
        name: &'a str,
    },
    /// A name of the time zone database: `Europe/Berlin`.
    Named(&'a str),
    /// An object of a class that is not known here (pytz, dateutil). It can't be written.
    Object,
}

impl<'a> Moment<'a> {
    /// The moment that a value is; `None` for any other value.
    ///
    /// # Errors
    /// [`crate::Status::Decode`] if its bytes are no such thing.
    pub fn of(value: &'a Value<'_>) -> Result<Option<Moment<'a>>> {
        let Value::Packed { data, .. } = value else { return Ok(None) };
        match Reader::at(data, 0).token() {
            Ok(Token::Ext(kind, payload)) if is_moment(kind.cast_unsigned()) => {
                let moment = Moment::read(kind.cast_unsigned(), payload);
                moment
                    .map(Some)
                    .ok_or_else(|| Error::decode("the value's data is no date or time of docs/values.md"))
            }
            _ => Ok(None),
        }
    }

    pub(crate) fn read(kind: u8, payload: &'a [u8]) -> Option<Moment<'a>> {
        let moment = Moment { kind: u32::from(kind), ..Moment::default() };
        if kind == ext::TIMEDELTA {
            let [days, second, microsecond] = [number(payload, 0)?, number(payload, 4)?, number(payload, 8)?];
            return (payload.len() == 12).then_some(Moment { days, second, microsecond, ..moment });
        }
        let (date, rest) = payload.split_at_checked(if kind == ext::TIME { 0 } else { 4 })?;
        let moment = match *date {
            [high, low, month, day] => Moment {
                year: i32::from(u16::from_be_bytes([high, low])),
                month: i32::from(month),
                day: i32::from(day),
                ..moment
            },
            _ => moment,
        };
        if kind == ext::DATE {
            return rest.is_empty().then_some(moment);
        }
        let (&[hour, minute, second, fold, ..], zone) = rest.split_at_checked(8)? else { return None };
        let [hour, minute, second, fold] = [hour, minute, second, fold].map(i32::from);
        let microsecond = number(rest, 4)?;
        Some(Moment { hour, minute, second, fold, microsecond, zone: Zone::read(zone)?, ..moment })
    }

    /// The payload of its extension.
    pub(crate) fn payload(&self) -> Result<Vec<u8>> {
        self.write().ok_or_else(|| Error::argument("a field of the date or time is out of range"))
    }

    fn write(&self) -> Option<Vec<u8>> {
        let kind = u8::try_from(self.kind).ok().filter(|kind| is_moment(*kind))?;
        let mut out = Vec::with_capacity(32);
        if kind == ext::TIMEDELTA {
            let in_range = (0..86_400).contains(&self.second) && (0..1_000_000).contains(&self.microsecond);
            let parts = [self.days, self.second, self.microsecond];
            return in_range.then(|| parts.iter().flat_map(|part| part.to_be_bytes()).collect());
        }
        if kind != ext::TIME {
            out.extend(u16::try_from(self.year).ok()?.to_be_bytes());
            out.extend([u8::try_from(self.month).ok()?, u8::try_from(self.day).ok()?]);
        }
        if kind != ext::DATE {
            for part in [self.hour, self.minute, self.second, self.fold] {
                out.push(u8::try_from(part).ok()?);
            }
            out.extend(u32::try_from(self.microsecond).ok()?.to_be_bytes());
            self.zone.write(&mut out)?;
        }
        Some(out)
    }
}

impl<'a> Zone<'a> {
    fn read(bytes: &'a [u8]) -> Option<Zone<'a>> {
        match bytes {
            [] => Some(Zone::None),
            [1, offset @ ..] => Some(Zone::Fixed {
                seconds: number(offset, 0)?,
                microseconds: number(offset, 4)?,
                name: std::str::from_utf8(offset.get(8..)?).ok()?,
            }),
            [2, name @ ..] => Some(Zone::Named(std::str::from_utf8(name).ok()?)),
            [3, ..] => Some(Zone::Object),
            _ => None,
        }
    }

    fn write(&self, out: &mut Vec<u8>) -> Option<()> {
        match self {
            Zone::None => {}
            Zone::Fixed { seconds, microseconds, name } => {
                out.push(1);
                out.extend(seconds.to_be_bytes());
                out.extend(u32::try_from(*microseconds).ok()?.to_be_bytes());
                out.extend_from_slice(name.as_bytes());
            }
            Zone::Named(name) => {
                out.push(2);
                out.extend_from_slice(name.as_bytes());
            }
            Zone::Object => return None,
        }
        Some(())
    }
}

fn is_moment(kind: u8) -> bool {
    matches!(kind, ext::DATETIME | ext::DATE | ext::TIME | ext::TIMEDELTA)
}

fn number(bytes: &[u8], at: usize) -> Option<i32> {
    bytes.get(at..)?.first_chunk().map(|chunk| i32::from_be_bytes(*chunk))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::builder::Builder;
    use crate::value::{DATE, DATETIME, TIME, TIMEDELTA};

    fn datetime(zone: Zone<'_>) -> Moment<'_> {
        Moment {
            kind: DATETIME,
            year: 2013,
            month: 6,
            day: 7,
            hour: 17,
            minute: 5,
            second: 58,
            microsecond: 123_456,
            fold: 1,
            zone,
            days: 0,
        }
    }

    #[test]
    fn moments_come_back_as_they_were_written() {
        let fixed = Zone::Fixed { seconds: -12_600, microseconds: 5, name: "NST" };
        let moments = [
            datetime(Zone::None),
            datetime(fixed),
            datetime(Zone::Named("Europe/Berlin")),
            Moment { kind: DATE, year: 1, month: 12, day: 31, ..Moment::default() },
            Moment { kind: TIME, hour: 23, minute: 59, second: 1, microsecond: 7, ..Moment::default() },
            Moment { kind: TIMEDELTA, days: -1, second: 86_399, microsecond: 999_999, ..Moment::default() },
        ];
        for moment in moments {
            let mut builder = Builder::new();
            builder.moment(&moment).unwrap();
            let value = builder.finish().unwrap();
            assert_eq!(Moment::of(&value).unwrap(), Some(moment));
        }
    }

    #[test]
    fn other_values_are_no_moments() {
        assert_eq!(Moment::of(&Value::Int(5)).unwrap(), None);
        assert_eq!(Moment::of(&Value::Packed { kind: 0, data: b"\x90"[..].into() }).unwrap(), None);
        for broken in [&b"\xd6\x08\0\0\0\0"[..], b"\xd4\x09\0", b"\xd8\x0b0123456789abcdef"] {
            assert!(Moment::of(&Value::Packed { kind: 8, data: broken.into() }).is_err(), "{broken:?}");
        }
        for wrong in [
            Moment { kind: 5, ..Moment::default() },
            Moment { kind: DATE, year: -1, ..Moment::default() },
            Moment { kind: TIME, hour: 300, ..Moment::default() },
            Moment { kind: TIMEDELTA, second: 86_400, ..Moment::default() },
            datetime(Zone::Object),
        ] {
            assert!(Builder::new().moment(&wrong).is_err(), "{wrong:?}");
        }
    }
}
