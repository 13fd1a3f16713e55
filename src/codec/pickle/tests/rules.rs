//! What docs/values.md says of single cases, and the errors of malformed pickles.

use std::sync::LazyLock;

use super::render::{hex, render, unhex};
use crate::codec::Codec;
use crate::codec::Stored;
use crate::error::Status;
use crate::value::{Format, Value};

static CODEC: LazyLock<Codec> = LazyLock::new(|| Codec::of_pickle(5));

fn rendered(bytes: &[u8]) -> String {
    CODEC.decode(bytes.into()).map_or_else(|error| error.message().to_owned(), |value| render(&value))
}

#[test]
fn every_opcode_has_its_meaning() {
    let cases: [(&[u8], &str); 24] = [
        (b"I01\n.", "True"),
        (b"I00\n.", "False"),
        (b"I-0\n.", "0"),
        (b"L5L\n.", "5"),
        (b"F-1.5e300\n.", "ffe41eb2d66005835"),
        (b"Fnan\n.", "f7ff8000000000000"),
        (b"S'a\\x62'\n.", "\"ab\""),
        (b"U\x02\xff\xfe.", "bfffe"),
        (b"T\x01\0\0\0a.", "\"a\""),
        (b"Vhel\xf3\n.", "\"hel\\u{f3}\""),
        (b"(lI1\na.", "[1]"),
        (b"(I1\nI2\nd.", "{1: 2}"),
        (b"(dI1\nI2\ns.", "{1: 2}"),
        (b"](NNNe.", "[None, None, None]"),
        (b"N2\x86.", "(None, None)"),
        (b"NI1\n0.", "None"),
        (b"(NN1N.", "None"),
        (b"Np5\n0g5\n.", "None"),
        (b"\x80\x05\x96\x02\0\0\0\0\0\0\0ab.", "bytearray:6162"),
        (b"\x80\x04\x8e\x01\0\0\0\0\0\0\0a.", "b61"),
        (b"\x80\x04\x8d\x01\0\0\0\0\0\0\0a.", "\"a\""),
        (b"\x82\x07.", "record{\"class\": 7, \"args\": None, \"state\": None}"),
        (b"Pid\n.", "record{\"class\": None, \"args\": [\"id\"], \"state\": None, \"how\": \"persistent\"}"),
        (b"(cm\nC\nI1\no.", "record{\"class\": \"m.C\", \"args\": [1], \"state\": None, \"how\": \"obj\"}"),
    ];
    for (bytes, text) in cases {
        assert_eq!(rendered(bytes), text, "{}", bytes.escape_ascii());
    }
}

#[test]
fn malformed_pickles_say_where_and_why() {
    let cases: [(&[u8], &str); 35] = [
        (b"", "at offset 0, it ends too early"),
        (b"\x80\x05", "at offset 2, it ends too early"),
        (b".", "at offset 0, the stack is empty"),
        (b"N..", "bytes after the end"),
        (b"\x80\x06N.", "newer than 5"),
        (b"hello world", "no such number"),
        (b"<html>", "at offset 0, that is no opcode of pickle"),
        (b"h\x05.", "no such number"),
        (b"q\x05.", "the stack is empty"),
        (b"NNa.", "no list"),
        (b"(a.", "the stack is empty"),
        (b"]N(a.", "the stack is empty"),
        (b"Ne.", "no MARK"),
        (b"(e.", "the stack is empty"),
        (b"}(Nu.", "a key has no value"),
        (b"}]Ns.", "can't be a key"),
        (b"(]\x91.", "can't be a key"),
        (b"}]\x85Ns.", "can't be a key"),
        (b"}(]NtNs.", "can't be a key"),
        (b"}ccollections\ndeque\n)RNs.", "can't be a key"),
        (b"}ccollections\nOrderedDict\n)R\x85Ns.", "can't be a key"),
        (b"ccollections\nOrderedDict\n(](](]NeetR.", "can't be a key"),
        (b"cbuiltins\nfrozenset\n(](]etR.", "in a set"),
        (b"NN\x90.", "no MARK"),
        (b"](N\x90.", "no set"),
        (b"NNR.", "without a tuple"),
        (b"N)R.", "what is called is no class"),
        (b"cm\nC\n)N\x92.", "without a dict"),
        (b"NN\x93.", "two texts"),
        (b"X\x01\0\0\0\xff.", "not UTF-8"),
        (b"I1x\n.", "no decimal number"),
        (b"I007\n.", "no decimal number"),
        (b"F1,5\n.", "no number"),
        (b"S'a\n.", "not quoted well"),
        (b"\x80\x05\x97.", "out-of-band"),
    ];
    for (bytes, reason) in cases {
        let error = CODEC.decode(bytes.into()).unwrap_err();
        assert_eq!((error.status(), error.stored()), (Status::Decode, bytes));
        assert!(error.message().contains(reason), "{}: {}", bytes.escape_ascii(), error.message());
    }
}

#[test]
fn what_no_record_can_say_is_opaque() {
    let cases: [&[u8]; 9] = [
        b"cm\nC\n)R}b}b.",
        b"cm\nC\n)R}bNa.",
        b"cm\nC\n)RNNsNa.",
        b"cm\nC\n)R0N.",
        b"cm\nC\n(cm\nC\n)R1N.",
        b"NN.",
        b"]Nb.",
        b"cm\nC\n}b.",
        b"](NN(e.",
    ];
    for bytes in &cases[..8] {
        assert_eq!(
            CODEC.decode((*bytes).into()).unwrap(),
            Value::Opaque(bytes.to_vec().into()),
            "{}",
            bytes.escape_ascii()
        );
    }
    assert!(CODEC.decode(cases[8].into()).is_err());
}

#[test]
fn integers_stand_as_canonical_digits_only() {
    let wide = "-99999999999999999999";
    assert_eq!(CODEC.decode(b"42"[..].into()).unwrap(), Value::Int(42));
    assert_eq!(CODEC.decode(b"-9223372036854775808"[..].into()).unwrap(), Value::Int(i64::MIN));
    assert_eq!(CODEC.decode(wide.as_bytes().into()).unwrap(), Value::BigInt(wide.into()));
    for other in ["", " 12 ", "1_0", "+5", "-0", "007", "12\n"] {
        assert!(CODEC.decode(other.as_bytes().into()).is_err(), "{other:?}");
    }
    assert_eq!(CODEC.encode(&Value::Int(-7)).unwrap().into_owned(), b"-7");
    assert_eq!(CODEC.encode(&Value::BigInt(wide.into())).unwrap().into_owned(), wide.as_bytes());
    assert_eq!(CODEC.encode(&Value::Bool(true)).unwrap().into_owned(), b"\x80\x05\x88.");
    for bad in ["", "-", "12a", "007", "+5"] {
        assert_eq!(CODEC.encode(&Value::BigInt(bad.into())).unwrap_err().status(), Status::Encode);
    }
}

#[test]
fn payloads_pass_as_they_are() {
    let pickle = Value::Payload { format: Format::Pickle, data: b"\x80\x04N."[..].into() };
    assert_eq!(CODEC.encode(&pickle).unwrap().into_owned(), b"\x80\x04N.");
    assert_eq!(CODEC.decode_payload(b"\x80\x04N."[..].into()).unwrap(), pickle);
    assert_eq!(CODEC.decode_payload(b"12"[..].into()).unwrap(), Value::Int(12));
    let like_an_integer = Value::Payload { format: Format::Pickle, data: b"12"[..].into() };
    let json = Value::Payload { format: Format::Json, data: b"{}"[..].into() };
    for refused in [like_an_integer, json] {
        assert_eq!(CODEC.encode(&refused).unwrap_err().status(), Status::Encode);
    }
    assert_eq!(CODEC.encode(&Value::Opaque(b"anything"[..].into())).unwrap().into_owned(), b"anything");
}

#[test]
fn untouched_records_go_back_byte_for_byte() {
    // Protocol 0 and shared parts: nothing that would be written so today.
    let stored = b"(lp0\n(iapp\nUser\np1\n(dp2\nS'name'\nS'x'\nsbag1\na.";
    let value = CODEC.decode(stored[..].into()).unwrap();
    assert_eq!(CODEC.encode(&value).unwrap().into_owned(), stored);
    let Value::Packed { kind, data } = value else { panic!() };
    let at = data.windows(2).position(|two| two == b"\xa1x").unwrap();
    let mut edited = data.into_owned();
    edited[at + 1] = b'y';
    let written = CODEC.encode(&Value::Packed { kind, data: edited.into() }).unwrap().into_owned();
    assert!(written.starts_with(b"\x80\x05"));
    let user = r#"record{"class": "app.User", "args": [], "state": {"name": "NAME"}, "how": "obj"}"#;
    assert_eq!(rendered(&written), format!("[{}, {}]", user.replace("NAME", "y"), user.replace("NAME", "x")));
}

#[test]
fn packed_scalars_are_stored_as_scalars() {
    let packed = |data: &'static [u8]| Value::Packed { kind: 0, data: data.into() };
    let cases: [(&[u8], &[u8]); 7] = [
        (b"\x2a", b"42"),
        (b"\xcf\xff\xff\xff\xff\xff\xff\xff\xff", b"18446744073709551615"),
        (b"\xd5\x0442", b"42"),
        (b"\xc0", b"\x80\x05N."),
        (b"\xc3", b"\x80\x05\x88."),
        (b"\xa2hi", b"\x80\x05\x95\x06\0\0\0\0\0\0\0\x8c\x02hi\x94."),
        (b"\xd5\x03xy", b"xy"),
    ];
    for (data, stored) in cases {
        assert_eq!(CODEC.encode(&packed(data)).unwrap().into_owned(), stored, "{data:x?}");
    }
}

/// The table of docs/values.md, section 11.
#[test]
fn the_documented_examples_hold() {
    let docs = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/values.md")).unwrap();
    let (_, table) = docs.split_once("## 11. Examples").unwrap();
    let rows: Vec<Vec<&str>> = table
        .lines()
        .filter(|line| line.starts_with("| `"))
        .map(|line| line.trim_matches('|').split('|').map(|cell| cell.trim().trim_matches('`')).collect())
        .collect();
    assert!(rows.len() > 20);
    for row in rows {
        let &[python, pickle, flags, messagepack] = row.as_slice() else { panic!("{row:?}") };
        let stored = unhex(pickle);
        let Value::Packed { kind, data } = CODEC.decode(stored[..].into()).unwrap() else {
            panic!("{python}")
        };
        assert_eq!((kind.to_string().as_str(), hex(&data).as_str()), (flags, messagepack), "{python}");
        let bare = Value::Packed { kind, data: data.split_at(bare_len(&data)).0.into() };
        assert_eq!(hex(&CODEC.encode(&bare).unwrap().into_owned()), pickle, "{python}");
    }
}

fn bare_len(data: &[u8]) -> usize {
    let mut reader = crate::msgpack::Reader::at(data, 0);
    reader.skip().unwrap();
    reader.pos()
}

#[test]
fn broken_messagepack_is_refused() {
    let cases: [(&[u8], &str); 16] = [
        (b"", "ends too early"),
        (b"\x92\x01", "more elements than bytes"),
        (b"\x91\x01\x02", "no stored payload"),
        (b"\x81\x91\x01\x02", "as a key"),
        (b"\xc7\x02\x06\x91\x90", "as a key or in a set"),
        (b"\xc7\x02\x05\x90\x90", "bytes behind its value"),
        (b"\xd4\x05\x01", "where an array must be"),
        (b"\xd4\x16\x90", "where a map must be"),
        (b"\x91\xd4\x04x", "broken payload"),
        (b"\x91\xd4\x15x", "inside another value"),
        (b"\x91\xd4\x03x", "inside another value"),
        (b"\x91\xd4\x12x", "a reply of Redis"),
        (b"\x91\xd4\x63x", "docs/values.md"),
        (b"\x91\xd4\xffx", "docs/values.md"),
        (b"\xd4\x10\x80", "without a class"),
        (b"\x91\xd4\x0cx", "broken payload"),
    ];
    for (data, reason) in cases {
        let error = CODEC.encode(&Value::Packed { kind: 0, data: data.into() }).map(|_| ()).unwrap_err();
        assert_eq!(error.status(), Status::Encode);
        assert!(error.message().contains(reason), "{data:x?}: {}", error.message());
    }
}

#[test]
fn payloads_out_of_range_are_refused() {
    let timezone = |seconds: i32| {
        [b"\x07\xdd\x06\x06\0\0\0\0\0\0\0\0\x01", &seconds.to_be_bytes()[..], &[0; 4]].concat()
    };
    let cases: [(u8, Vec<u8>); 13] = [
        (9, b"\x07\xdd\x02\x1d".to_vec()),
        (9, b"\0\0\x01\x01".to_vec()),
        (9, b"\x07\xdd\x01".to_vec()),
        (8, b"\x07\xdd\x0d\x06\0\0\0\0\0\0\0\0".to_vec()),
        (8, timezone(86_400)),
        (8, timezone(-86_400)),
        (10, b"\x18\0\0\0\0\0\0\0".to_vec()),
        (10, b"\0\0\0\x02\0\0\0\0".to_vec()),
        (10, b"\0\0\0\0\0\x0f\x42\x40".to_vec()),
        (11, b"\x3b\x9a\xca\0\0\0\0\0\0\0\0\0".to_vec()),
        (15, b"1/0".to_vec()),
        (26, b"\x93\0\x01\0".to_vec()),
        (26, b"\x92\0\x01".to_vec()),
    ];
    for (kind, payload) in cases {
        let mut writer = crate::msgpack::Writer::default();
        writer.ext(kind, &payload);
        let value = Value::Packed { kind: u32::from(kind), data: writer.into_bytes().into() };
        assert_eq!(
            CODEC.encode(&value).map(Stored::into_owned).map_err(|error| error.status()),
            Err(Status::Encode),
            "{kind} {payload:x?}"
        );
    }
}

#[test]
fn a_name_can_not_smuggle_opcodes() {
    let record = |class: &str| {
        let mut writer = crate::msgpack::Writer::default();
        let opened = writer.open_ext(16);
        writer.map(2);
        writer.str("class");
        writer.str(class);
        writer.str("args");
        writer.nil();
        writer.close_ext(opened);
        Value::Packed { kind: 16, data: writer.into_bytes().into() }
    };
    let codec = Codec::of_pickle(2);
    assert_eq!(codec.encode(&record("m.C")).unwrap().into_owned(), b"\x80\x02cm\nC\nq\x00.");
    for bad in ["m.C\n(S'x'\ntR", "m\n.C", "C", ".C", "m.", "m.\u{e9}", ""] {
        assert!(codec.encode(&record(bad)).is_err(), "{bad:?}");
    }
}
