//! datetime, date, time and timedelta, and the zones of the first and third.
//!
//! Python packs them into bytes of its own (`datetime.__reduce__`): year, month, day, hour, minute, second
//! one byte each (the year two), microsecond three; fold is the top bit of the month, or of a time's hour.

use super::arena::{Arena, Node};
use super::emit::Part;
use super::known::{self, Known, is_call};
use crate::msgpack::ext;

/// The object of this class of module `datetime`, made from these arguments.
pub(super) fn data<'a>(arena: &Arena<'_>, name: &str, args: &[Node]) -> Option<Known<'a>> {
    match (name, args) {
        ("timedelta", args) => Some(Known::Leaf(ext::TIMEDELTA, timedelta(args)?.to_bytes().to_vec())),
        ("date", &[packed]) => Some(Known::Leaf(ext::DATE, date(bytes(arena, packed)?)?.to_vec())),
        ("datetime", &[packed, ref zone @ ..]) => {
            let (date_bytes, time_bytes) = bytes(arena, packed)?.split_at_checked(4)?;
            let (year, [month, day]) = (&date_bytes[..2], [date_bytes[2], date_bytes[3]]);
            let fold = month >> 7;
            let mut fixed = date(&[year[0], year[1], month & 0x7f, day])?.to_vec();
            fixed.extend(time(time_bytes, fold)?);
            zoned(arena, ext::DATETIME, fixed, zone)
        }
        ("time", &[packed, ref zone @ ..]) => {
            let mut packed: [u8; 6] = bytes(arena, packed)?.try_into().ok()?;
            let fold = packed[0] >> 7;
            packed[0] &= 0x7f;
            zoned(arena, ext::TIME, time(&packed, fold)?.to_vec(), zone)
        }
        _ => None,
    }
}

/// What Python packed, as Python 2 and 3 write bytes.
fn bytes<'s>(arena: &'s Arena<'_>, node: Node) -> Option<&'s [u8]> {
    match node {
        Node::Bytes(span) | Node::Str8(span) => Some(arena.bytes(span)),
        _ => None,
    }
}

/// Whether these bytes are a day that there is: the year in two, month and day in one each.
pub(in crate::codec) fn is_date(packed: &[u8]) -> bool {
    date(packed).is_some()
}

/// The bytes of a date, if there is such a day.
pub(super) fn date(packed: &[u8]) -> Option<[u8; 4]> {
    let packed: [u8; 4] = packed.try_into().ok()?;
    let [high, low, month, day] = packed;
    let year = u16::from_be_bytes([high, low]);
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        2 => 28 + u8::from(leap),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    ((1..=9999).contains(&year) && (1..=12).contains(&month) && (1..=days).contains(&day)).then_some(packed)
}

/// Hour, minute, second, fold and the microsecond in four bytes.
fn time(packed: &[u8], fold: u8) -> Option<[u8; 8]> {
    let [hour, minute, second, high, middle, low]: [u8; 6] = packed.try_into().ok()?;
    let microsecond = u32::from_be_bytes([0, high, middle, low]);
    let good = hour < 24 && minute < 60 && second < 60 && microsecond < 1_000_000;
    good.then_some([hour, minute, second, fold, 0, high, middle, low])
}

/// A span of time, normalised as Python does it.
#[derive(Clone, Copy)]
struct Timedelta {
    days: i32,
    seconds: u32,
    microseconds: u32,
}

impl Timedelta {
    fn to_bytes(self) -> [u8; 12] {
        let mut bytes = [0; 12];
        bytes[..4].copy_from_slice(&self.days.to_be_bytes());
        bytes[4..8].copy_from_slice(&self.seconds.to_be_bytes());
        bytes[8..].copy_from_slice(&self.microseconds.to_be_bytes());
        bytes
    }
}

fn timedelta(args: &[Node]) -> Option<Timedelta> {
    let &[Node::Int(days), Node::Int(seconds), Node::Int(microseconds)] = args else { return None };
    let in_range =
        days.abs() <= 999_999_999 && (0..86_400).contains(&seconds) && (0..1_000_000).contains(&microseconds);
    in_range.then_some(Timedelta {
        days: days as i32,
        seconds: seconds as u32,
        microseconds: microseconds as u32,
    })
}

/// The fixed part with its zone behind it.
fn zoned<'a>(arena: &Arena<'_>, kind: u8, mut fixed: Vec<u8>, zone: &[Node]) -> Option<Known<'a>> {
    let zone = match *zone {
        [] | [Node::None] => return Some(Known::Leaf(kind, fixed)),
        [zone] => zone,
        _ => return None,
    };
    if let Some(offset) = fixed_offset(arena, zone).or_else(|| named_zone(arena, zone)) {
        fixed.extend(offset);
        return Some(Known::Leaf(kind, fixed));
    }
    fixed.push(3);
    Some(Known::Parts(kind, vec![Part::Raw(fixed), Part::Node(zone)]))
}

/// `datetime.timezone(offset)` or `(offset, name)`.
fn fixed_offset(arena: &Arena<'_>, zone: Node) -> Option<Vec<u8>> {
    let (("datetime", "timezone"), args) = call(arena, zone)? else { return None };
    let (offset, name) = match *args {
        [offset] => (offset, ""),
        [offset, name] => (offset, known::text(arena, name)?),
        _ => return None,
    };
    let (("datetime", "timedelta"), args) = call(arena, offset)? else { return None };
    let Timedelta { days, seconds, microseconds } = timedelta(args)?;
    // An offset is under a day, so the days are 0 or -1.
    if !(-1..=0).contains(&days) {
        return None;
    }
    let seconds = days * 86_400 + seconds as i32;
    let mut bytes = vec![1];
    bytes.extend(seconds.to_be_bytes());
    bytes.extend(microseconds.to_be_bytes());
    bytes.extend_from_slice(name.as_bytes());
    Some(bytes)
}

/// `zoneinfo.ZoneInfo._unpickle(key, from_cache)`.
fn named_zone(arena: &Arena<'_>, zone: Node) -> Option<Vec<u8>> {
    let (("zoneinfo", "ZoneInfo._unpickle"), args) = call(arena, zone)? else { return None };
    let &[key, Node::Bool(true) | Node::Int(1)] = args else { return None };
    let mut bytes = vec![2];
    bytes.extend_from_slice(known::text(arena, key)?.as_bytes());
    Some(bytes)
}

/// The name and the arguments of a call, if the node is one.
fn call<'s>(arena: &'s Arena<'_>, node: Node) -> Option<((&'s str, &'s str), &'s [Node])> {
    let Node::Object(id) = node else { return None };
    let object = arena.object(id).filter(is_call)?;
    let Node::Tuple(args) = object.args else { return None };
    Some((arena.named(object.class)?, arena.slice(args)))
}
