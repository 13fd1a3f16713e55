//! `djredis_time`: dates and times, field by field.

use std::ffi::c_char;
use std::ptr;

use super::boundary::{Output, plain};
use super::input;
use super::value::{djredis_value, read};
use crate::error::{Error, Result};
use crate::moment::{Moment, Zone};

/// What `zone_kind` says; the header's numbers.
pub(super) const ZONE_NONE: u32 = 0;
pub(super) const ZONE_FIXED: u32 = 1;
pub(super) const ZONE_NAMED: u32 = 2;
pub(super) const ZONE_OBJECT: u32 = 3;

/// A Python date, time, datetime or timedelta, field by field. Zero it and set struct_size to sizeof(djredis_time); new fields are
/// appended. `zone` borrows from the value that it was read from.
#[repr(C)]
pub struct djredis_time {
    /// sizeof(djredis_time).
    pub struct_size: u32,
    /// DJREDIS_DATETIME, DJREDIS_DATE, DJREDIS_TIME or DJREDIS_TIMEDELTA: which fields count.
    pub kind: u32,
    /// 1 to 9999; datetime and date.
    pub year: i32,
    /// 1 to 12.
    pub month: i32,
    /// 1 to 31.
    pub day: i32,
    /// Of a timedelta: -999999999 to 999999999.
    pub days: i32,
    /// 0 to 23; datetime and time.
    pub hour: i32,
    /// 0 to 59.
    pub minute: i32,
    /// 0 to 59; of a timedelta 0 to 86399, counted upwards from `days`.
    pub second: i32,
    /// 0 to 999999.
    pub microsecond: i32,
    /// 1: the later of two times that read alike, when clocks are put back.
    pub fold: i32,
    /// DJREDIS_ZONE_NONE, DJREDIS_ZONE_FIXED, DJREDIS_ZONE_NAMED or DJREDIS_ZONE_OBJECT; datetime and time.
    pub zone_kind: u32,
    /// ZONE_FIXED: seconds east of UTC, rounded down.
    pub offset_seconds: i32,
    /// ZONE_FIXED: what is left, 0 to 999999.
    pub offset_microseconds: i32,
    /// ZONE_NAMED: the name in the time zone database, "Europe/Berlin". ZONE_FIXED: a name, or none. Not NUL-terminated.
    pub zone: *const c_char,
    /// Its length.
    pub zone_len: usize,
}

/// A date, time, datetime or timedelta field by field. `time->zone` borrows from `value`.
///
/// DJREDIS_OK; DJREDIS_MISS for any other value; DJREDIS_ERR_NULL; DJREDIS_ERR_ARGUMENT for a wrong struct_size;
/// DJREDIS_ERR_DECODE for bytes that are none. Any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn djredis_value_time(value: *const djredis_value, time: *mut djredis_time) -> i32 {
    plain(|| {
        let value = read(value)?;
        // SAFETY: the caller's contract: NULL or writable.
        let time = unsafe { time.as_mut() }.ok_or_else(|| input::null("time"))?;
        check_size(time)?;
        let Some(moment) = Moment::of(&value)? else { return Ok(Output::Miss) };
        let (zone_kind, offset, name) = match moment.zone {
            Zone::None => (ZONE_NONE, (0, 0), ""),
            Zone::Fixed { seconds, microseconds, name } => (ZONE_FIXED, (seconds, microseconds), name),
            Zone::Named(name) => (ZONE_NAMED, (0, 0), name),
            Zone::Object => (ZONE_OBJECT, (0, 0), ""),
        };
        *time = djredis_time {
            struct_size: time.struct_size,
            kind: moment.kind,
            year: moment.year,
            month: moment.month,
            day: moment.day,
            days: moment.days,
            hour: moment.hour,
            minute: moment.minute,
            second: moment.second,
            microsecond: moment.microsecond,
            fold: moment.fold,
            zone_kind,
            offset_seconds: offset.0,
            offset_microseconds: offset.1,
            zone: if name.is_empty() { ptr::null() } else { name.as_ptr().cast() },
            zone_len: name.len(),
        };
        Ok(Output::Done)
    })
}

/// The moment that a program filled in.
pub(super) fn moment<'a>(time: *const djredis_time) -> Result<Moment<'a>> {
    // SAFETY: the caller's contract: NULL, or a struct that nobody changes meanwhile.
    let time = unsafe { time.as_ref() }.ok_or_else(|| input::null("time"))?;
    check_size(time)?;
    let name = || input::utf8(time.zone, time.zone_len, "time.zone");
    Ok(Moment {
        kind: time.kind,
        year: time.year,
        month: time.month,
        day: time.day,
        days: time.days,
        hour: time.hour,
        minute: time.minute,
        second: time.second,
        microsecond: time.microsecond,
        fold: time.fold,
        zone: match time.zone_kind {
            ZONE_NONE => Zone::None,
            ZONE_FIXED => Zone::Fixed {
                seconds: time.offset_seconds,
                microseconds: time.offset_microseconds,
                name: name()?,
            },
            ZONE_NAMED => Zone::Named(name()?),
            _ => Zone::Object,
        },
    })
}

fn check_size(time: &djredis_time) -> Result<()> {
    // A newer program's may be larger.
    if time.struct_size as usize >= size_of::<djredis_time>() {
        return Ok(());
    }
    Err(Error::argument("time.struct_size must be sizeof(djredis_time)"))
}
