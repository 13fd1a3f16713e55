//! Datetimes as Times.

use std::ffi::c_int;

use super::api::Value;
use super::vm::Ruby;
use crate::moment::{Moment, Zone};
use crate::msgpack::ext;

/// As the offset of rb_time_timespec_new: UTC.
const UTC: c_int = c_int::MAX - 1;
const DAY: i64 = 86_400;
/// Days from 0000-03-01 to 1970-01-01.
const TO_1970: i64 = 719_468;

/// A datetime of which a Time says the same: at a distance from UTC in whole seconds, without a name.
pub(super) fn time(ruby: &Ruby, kind: u8, payload: &[u8]) -> Option<Value> {
    if kind != ext::DATETIME {
        return None;
    }
    let moment = Moment::read(kind, payload)?;
    let Zone::Fixed { seconds: offset, microseconds: 0, name: "" } = moment.zone else { return None };
    if moment.fold != 0 || i64::from(offset).abs() >= DAY {
        return None;
    }
    let clock = [moment.hour, moment.minute, moment.second, -offset].map(i64::from);
    let [hour, minute, second, to_utc] = clock;
    let days = days(i64::from(moment.year), i64::from(moment.month), i64::from(moment.day));
    let since_1970 = days * DAY + hour * 3600 + minute * 60 + second + to_utc;
    let at = libc::timespec { tv_sec: since_1970 as _, tv_nsec: (i64::from(moment.microsecond) * 1000) as _ };
    let offset = if offset == 0 { UTC } else { offset };
    // SAFETY: a live timespec, and an offset that Ruby takes.
    Some(unsafe { (ruby.symbols.api.rb_time_timespec_new)(&raw const at, offset) })
}

/// Days since 1970-01-01, in the Gregorian calendar. Years are counted from March, so that a leap day is a year's last.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    year * 365 + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + day - 1 - TO_1970
}

#[cfg(test)]
mod tests {
    use super::days;

    #[test]
    fn days_of_the_calendar() {
        for (date, expected) in [
            ((1970, 1, 1), 0),
            ((1969, 12, 31), -1),
            ((2000, 2, 29), 11_016),
            ((2000, 3, 1), 11_017),
            ((1900, 3, 1), -25_508),
            ((1, 1, 1), -719_162),
            ((9999, 12, 31), 2_932_896),
        ] {
            let (year, month, day) = date;
            assert_eq!(days(year, month, day), expected, "{date:?}");
        }
    }
}
