//! Holds include/djredis.h, which C programs are compiled against, to the Rust constants and layouts.

use std::collections::HashMap;
use std::mem::{align_of, offset_of, size_of};

use super::{call, djredis_call, djredis_item, djredis_time, djredis_value, input, library, time};
use crate::error::{self, Status};
use crate::items::kind;
use crate::value;

const HEADER: &str = include_str!("../../include/djredis.h");

/// The `#define DJREDIS_NAME value` lines, without prefix, comments and parentheses.
fn defines() -> HashMap<&'static str, &'static str> {
    let lines = HEADER.lines().filter_map(|line| line.strip_prefix("#define DJREDIS_"));
    let pairs = lines.filter_map(|line| line.split_once(' '));
    pairs.map(|(name, rest)| (name, number_in(rest))).collect()
}

fn number_in(rest: &'static str) -> &'static str {
    let value = rest.split("/*").next().unwrap_or_default().trim();
    value.trim_start_matches('(').trim_end_matches(')')
}

fn check(expected: &[(&str, i64)]) {
    let defines = defines();
    for (name, number) in expected {
        assert_eq!(defines.get(name), Some(&number.to_string().as_str()), "DJREDIS_{name}");
    }
}

#[test]
fn statuses_have_their_numbers_in_the_header() {
    let expected: Vec<_> =
        Status::ALL.iter().map(|s| (s.c_name().trim_end_matches('\0'), i64::from(*s as i32))).collect();
    check(&expected);
    let in_header = defines().keys().filter(|name| name.starts_with("ERR_")).count();
    assert_eq!(in_header, Status::ALL.len() - 3, "every error of the header is a status");
}

#[test]
fn types_have_their_numbers_in_the_header() {
    let numbers = [
        ("NONE", kind::NONE),
        ("BOOL", kind::BOOL),
        ("INT", kind::INT),
        ("FLOAT", kind::FLOAT),
        ("BYTES", kind::BYTES),
        ("TEXT", kind::TEXT),
        ("BIGINT", kind::BIGINT),
        ("MSGPACK", kind::MSGPACK),
        ("OPAQUE", kind::OPAQUE),
        ("ERROR", kind::ERROR),
        ("PAYLOAD", kind::PAYLOAD),
        ("MISSING", kind::MISSING),
        ("ITEMS", kind::ITEMS),
    ];
    check(&numbers.map(|(name, number)| (name, i64::from(number))));
}

#[test]
fn kinds_have_their_numbers_in_the_header() {
    let kinds = [
        ("LIST", value::LIST),
        ("MAP", value::MAP),
        ("TUPLE", value::TUPLE),
        ("SET", value::SET),
        ("FROZENSET", value::FROZENSET),
        ("DATETIME", value::DATETIME),
        ("DATE", value::DATE),
        ("TIME", value::TIME),
        ("TIMEDELTA", value::TIMEDELTA),
        ("DECIMAL", value::DECIMAL),
        ("UUID", value::UUID),
        ("COMPLEX", value::COMPLEX),
        ("FRACTION", value::FRACTION),
        ("RECORD", value::RECORD),
        ("SURROGATES", value::SURROGATES),
        ("BYTEARRAY", value::BYTEARRAY),
        ("ORDERED_DICT", value::ORDERED_DICT),
        ("DEFAULTDICT", value::DEFAULTDICT),
        ("COUNTER", value::COUNTER),
        ("DEQUE", value::DEQUE),
        ("RANGE", value::RANGE),
        ("ELLIPSIS", value::ELLIPSIS),
        ("SAFE_STRING", value::SAFE_STRING),
        ("ZONE_NONE", time::ZONE_NONE),
        ("ZONE_FIXED", time::ZONE_FIXED),
        ("ZONE_NAMED", time::ZONE_NAMED),
        ("ZONE_OBJECT", time::ZONE_OBJECT),
    ];
    check(&kinds.map(|(name, number)| (name, i64::from(number))));
}

#[test]
fn flags_have_their_numbers_in_the_header() {
    let flags = [
        ("ABI", library::ABI),
        ("NOT_SENT", error::NOT_SENT),
        ("MAYBE_SENT", error::MAYBE_SENT),
        ("AWAY", error::AWAY),
        ("NX", call::NX),
        ("XX", call::XX),
        ("KEY_MADE", call::KEY_MADE),
        ("VERSION", call::VERSION),
        ("TTL", call::TTL),
        ("AS_PAYLOAD", call::AS_PAYLOAD),
        ("MULTI", call::MULTI),
        ("NEAR_ONLY", call::NEAR_ONLY),
    ];
    check(&flags.map(|(name, number)| (name, i64::from(number))));
}

#[test]
fn limits_have_their_names_in_the_header() {
    assert_eq!(defines().get("NUL"), Some(&"SIZE_MAX"));
    assert_eq!(input::NUL, usize::MAX);
    assert_eq!(defines().get("FOREVER"), Some(&"INT64_MAX"));
    assert_eq!(call::FOREVER, i64::MAX);
}

#[test]
#[cfg(target_pointer_width = "64")]
fn frozen_layouts_stay() {
    assert_eq!((size_of::<djredis_value>(), align_of::<djredis_value>()), (48, 8));
    assert_eq!(offset_of!(djredis_value, flags), 4);
    assert_eq!(offset_of!(djredis_value, integer), 8);
    assert_eq!(offset_of!(djredis_value, real), 16);
    assert_eq!(offset_of!(djredis_value, data), 24);
    assert_eq!(offset_of!(djredis_value, len), 32);
    assert_eq!(offset_of!(djredis_value, owner), 40);
    assert_eq!((size_of::<djredis_item>(), align_of::<djredis_item>()), (32, 8));
    assert_eq!(offset_of!(djredis_item, integer), 8);
    assert_eq!(offset_of!(djredis_item, offset), 16);
    assert_eq!(offset_of!(djredis_item, len), 24);
    assert_eq!((size_of::<djredis_call>(), align_of::<djredis_call>()), (40, 8));
    assert_eq!((size_of::<djredis_time>(), offset_of!(djredis_time, zone)), (72, 56));
}

#[test]
fn the_soname_carries_the_abi() {
    let makefile = include_str!("../../Makefile");
    assert!(makefile.contains(&format!("libdjredis.so.{}", library::ABI)));
}
