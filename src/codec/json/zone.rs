//! Named time zones: their offsets, from the system's time zone database, where Python's zoneinfo finds them too.

use std::fs;

use tz::timezone::TransitionRule;
use tz::{DateTime, TimeZone};

/// Where systems keep the database: Python's default TZPATH.
const FOLDERS: [&str; 4] =
    ["/usr/share/zoneinfo", "/usr/lib/zoneinfo", "/usr/share/lib/zoneinfo", "/etc/zoneinfo"];
/// The largest file of the database is under 4 KiB.
const LARGEST_FILE: u64 = 1 << 20;

/// The zones that one value needed, read once each.
#[derive(Debug, Default)]
pub(super) struct Zones(Vec<(String, Option<TimeZone>)>);

/// The fields of a local date and time.
#[derive(Clone, Copy, Debug)]
pub(super) struct Local {
    pub(super) year: u16,
    pub(super) month: u8,
    pub(super) day: u8,
    pub(super) hour: u8,
    pub(super) minute: u8,
    pub(super) second: u8,
    /// 1: the later of two moments that read alike.
    pub(super) fold: u8,
}

impl Zones {
    /// Seconds east of UTC; `None` where this system does not know the zone.
    pub(super) fn offset(&mut self, key: &[u8], local: Local) -> Option<i32> {
        let zone = self.zone(key)?;
        let Local { year, month, day, hour, minute, second, fold } = local;
        let found =
            DateTime::find(i32::from(year), month, day, hour, minute, second, 0, zone.as_ref()).ok()?;
        let moment = if fold == 0 { found.earliest() } else { found.latest() }?;
        Some(moment.local_time_type().ut_offset())
    }

    /// Whether the zone has one offset for all times, so that a time of day has it too.
    pub(super) fn is_fixed(&mut self, key: &[u8]) -> Option<bool> {
        let zone = self.zone(key)?;
        let rule = zone.as_ref().extra_rule();
        Some(zone.as_ref().transitions().is_empty() && matches!(rule, None | Some(TransitionRule::Fixed(_))))
    }

    fn zone(&mut self, key: &[u8]) -> Option<&TimeZone> {
        let key = std::str::from_utf8(key).ok()?;
        let known = self.0.iter().position(|(name, _)| name == key);
        let index = known.unwrap_or_else(|| {
            self.0.push((key.to_owned(), read(key)));
            self.0.len() - 1
        });
        self.0.get(index)?.1.as_ref()
    }
}

fn read(key: &str) -> Option<TimeZone> {
    let is_name = |part: &str| !part.is_empty() && !part.starts_with('.');
    if !key.split('/').all(is_name) || key.contains('\0') {
        return None;
    }
    let paths = FOLDERS.iter().map(|folder| format!("{folder}/{key}"));
    let is_small =
        |path: &String| fs::metadata(path).is_ok_and(|file| file.is_file() && file.len() < LARGEST_FILE);
    TimeZone::from_tz_data(&fs::read(paths.into_iter().find(is_small)?).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(month: u8, day: u8, hour: u8, minute: u8, fold: u8) -> Local {
        Local { year: 2024, month, day, hour, minute, second: 0, fold }
    }

    // Each is what Python's zoneinfo answers.
    #[test]
    fn offsets_of_a_zone_with_summer_time() {
        let mut zones = Zones::default();
        let mut offset = |local| zones.offset(b"Europe/Berlin", local);
        assert_eq!(offset(at(1, 1, 12, 0, 0)), Some(3600));
        assert_eq!(offset(at(7, 1, 12, 0, 0)), Some(7200));
        assert_eq!((offset(at(10, 27, 2, 30, 0)), offset(at(10, 27, 2, 30, 1))), (Some(7200), Some(3600)));
        assert_eq!((offset(at(3, 31, 2, 30, 0)), offset(at(3, 31, 2, 30, 1))), (Some(3600), Some(7200)));
        assert_eq!(offset(Local { year: 9000, ..at(7, 1, 0, 0, 0) }), Some(7200));
        assert_eq!(zones.is_fixed(b"Europe/Berlin"), Some(false));
        assert_eq!(zones.is_fixed(b"UTC"), Some(true));
    }

    #[test]
    fn names_that_are_none() {
        for name in [
            &b""[..],
            b"../passwd",
            b"Europe/../../passwd",
            b"/etc/passwd",
            b"Nowhere/Land",
            b"Europe",
            b"\xff",
            b"a\0",
        ] {
            assert_eq!(Zones::default().is_fixed(name), None, "{name:?}");
        }
    }
}
