//! datetime, date, time and timedelta, as the calls that Python makes them by.

use super::{Pickler, Step, Task};
use crate::codec::pickle::{moment, opcode as op};
use crate::msgpack::{Malformed, Reader, ext};

impl<'a> Pickler<'a> {
    pub(super) fn date(&mut self, payload: &[u8]) -> Step {
        moment::date(payload).ok_or_else(|| self.out_of_range())?;
        self.class("datetime", "date");
        self.bytes(payload);
        self.close_call(op::TUPLE1);
        Ok(())
    }

    pub(super) fn timedelta(&mut self, payload: &[u8]) -> Step {
        let (Some(days), Some(seconds), Some(microseconds)) =
            (be(payload, 0), be(payload, 4), be(payload, 8))
        else {
            return Err(self.out_of_range());
        };
        if payload.len() != 12 {
            return Err(self.out_of_range());
        }
        self.timedelta_of(i64::from(days.cast_signed()), i64::from(seconds), i64::from(microseconds))
    }

    fn timedelta_of(&mut self, days: i64, seconds: i64, microseconds: i64) -> Step {
        if days.abs() > 999_999_999 || seconds >= 86_400 || microseconds >= 1_000_000 {
            return Err(self.out_of_range());
        }
        self.class("datetime", "timedelta");
        for part in [days, seconds, microseconds] {
            self.int(part);
        }
        self.close_call(op::TUPLE3);
        Ok(())
    }

    /// A datetime or a time with its zone.
    pub(super) fn moment(&mut self, kind: u8, payload: &'a [u8], inside: Reader<'a>) -> Step {
        let (date, name) = if kind == ext::DATETIME { (4, "datetime") } else { (0, "time") };
        let Some((fixed, zone)) = payload.split_at_checked(date + 8) else { return Err(self.out_of_range()) };
        let (date, time) = fixed.split_at(date);
        let packed = pack(date, time).ok_or_else(|| self.out_of_range())?;
        self.class("datetime", name);
        self.bytes(&packed);
        match zone {
            [] => self.close_call(op::TUPLE1),
            [1, offset @ ..] => {
                self.offset(offset)?;
                self.close_call(op::TUPLE2);
            }
            [2, key @ ..] => {
                self.zone_info(key)?;
                self.close_call(op::TUPLE2);
            }
            [3, ..] => {
                let mut inside = inside;
                inside.forward_to(fixed.len() + 1);
                let outer = std::mem::replace(&mut self.reader, inside.clone());
                self.tasks.push(Task::Resume(outer));
                self.push_call(op::TUPLE2);
                return self.value(false);
            }
            _ => return Err(self.reader.malformed("an extension 8 or 10 with an unknown kind of zone")),
        }
        Ok(())
    }

    /// `timezone(timedelta(...))`, with a name where there is one.
    fn offset(&mut self, offset: &[u8]) -> Step {
        let (Some(seconds), Some(microseconds)) = (be(offset, 0), be(offset, 4)) else {
            return Err(self.out_of_range());
        };
        let seconds = i64::from(seconds.cast_signed());
        let name = std::str::from_utf8(&offset[8..]).map_err(|_| self.out_of_range())?;
        // Less than a day to either side; microseconds count upwards.
        if !(-86_400..86_400).contains(&seconds) || (seconds == -86_400 && microseconds == 0) {
            return Err(self.out_of_range());
        }
        self.class("datetime", "timezone");
        self.timedelta_of(seconds.div_euclid(86_400), seconds.rem_euclid(86_400), i64::from(microseconds))?;
        if name.is_empty() {
            self.close_call(op::TUPLE1);
        } else {
            self.text(name.as_bytes());
            self.close_call(op::TUPLE2);
        }
        Ok(())
    }

    /// `ZoneInfo._unpickle(key, True)`.
    fn zone_info(&mut self, key: &[u8]) -> Step {
        if key.is_empty() || std::str::from_utf8(key).is_err() {
            return Err(self.out_of_range());
        }
        self.class("builtins", "getattr");
        self.class("zoneinfo", "ZoneInfo");
        self.text(b"_unpickle");
        self.close_call(op::TUPLE2);
        self.text(key);
        self.int(1);
        self.close_call(op::TUPLE2);
        Ok(())
    }

    fn out_of_range(&self) -> Malformed {
        self.reader.malformed("a date or time out of range")
    }
}

fn be(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().map(|chunk| u32::from_be_bytes(*chunk))
}

/// The bytes that Python packs a datetime or a time into.
fn pack(date: &[u8], time: &[u8]) -> Option<Vec<u8>> {
    let &[hour @ 0..24, minute @ 0..60, second @ 0..60, fold @ 0..=1, 0, high, middle, low] = time else {
        return None;
    };
    if u32::from_be_bytes([0, high, middle, low]) >= 1_000_000 {
        return None;
    }
    let mut packed = date.to_vec();
    if date.is_empty() {
        packed.push(hour | fold << 7);
    } else {
        moment::date(date)?;
        packed[2] |= fold << 7;
        packed.push(hour);
    }
    packed.extend([minute, second, high, middle, low]);
    Some(packed)
}
