//! What CPython, Django and django-redis wrote (tests/golden), read and written.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::render::{hex, render, unhex};
use crate::codec::Codec;
use crate::value::Value;

/// One pickle, what it holds, and who writes it so.
pub(super) struct Golden {
    name: String,
    writers: Vec<String>,
    pub(super) bytes: Vec<u8>,
    text: String,
}

pub(super) fn goldens() -> Vec<Golden> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/pickles.json");
    let file: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let array = |value: &serde_json::Value| value.as_array().unwrap().clone();
    let string = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let mut goldens = Vec::new();
    for case in array(&file["cases"]) {
        for value in array(&case["values"]) {
            for pickle in array(&value["pickles"]) {
                goldens.push(Golden {
                    name: string(&case["name"]),
                    writers: array(&pickle["by"]).iter().map(string).collect(),
                    bytes: unhex(&string(&pickle["hex"])),
                    text: string(&value["value"]),
                });
            }
        }
    }
    goldens
}

fn decode(bytes: &[u8]) -> Value<'static> {
    Codec::of_pickle(5).decode(bytes.into()).unwrap_or_else(|error| panic!("{error}: {}", hex(bytes)))
}

#[test]
fn every_golden_pickle_is_read() {
    let goldens = goldens();
    assert!(goldens.len() > 500, "{}", goldens.len());
    let mut failures = Vec::new();
    for Golden { name, writers, bytes, text } in &goldens {
        let rendered = render(&decode(bytes));
        if rendered != *text {
            failures
                .push(format!("{name} by {writers:?}\n  want {text}\n  got  {rendered}\n  {}", hex(bytes)));
        }
    }
    assert!(failures.is_empty(), "{} differ:\n{}", failures.len(), failures.join("\n"));
}

/// The four writers that pickle, as dumped from a Redis: each value is the same whoever wrote it.
#[test]
fn what_stood_in_redis_is_read_alike() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/stored.json");
    let file: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let column = |writer: &str| {
        let values = file["writers"][writer].as_object().unwrap().iter();
        let read = |stored: &serde_json::Value| render(&decode(&unhex(stored["hex"].as_str().unwrap())));
        values.map(|(name, stored)| (name.clone(), read(stored))).collect::<BTreeMap<_, _>>()
    };
    let newest = column("django-redis 7");
    assert_eq!(newest.len(), 48);
    for writer in ["django-redis 7, PICKLE_VERSION -1", "django-redis 7, PICKLE_VERSION 2", "django"] {
        for (name, text) in column(writer) {
            // django-redis stores subclasses of int as digits, or refuses them.
            if name != "IntEnum" && name != "int subclass" {
                assert_eq!(newest.get(&name), Some(&text), "{name} by {writer}");
            }
        }
    }
    let samples = [
        ("int 2**63", "9223372036854775808"),
        ("True", "True"),
        ("bytes b\"42\"", "b3432"),
        ("date", "date(2013, 6, 6)"),
        ("Decimal", "Decimal(1.10)"),
        ("UUID", "UUID(12345678-1234-5678-1234-567812345678)"),
        ("SafeString", "safe\"<b>\""),
    ];
    for (name, text) in samples {
        assert_eq!(newest[name], text);
    }
}

/// Protocols of CPython that we write, by the name of the writer.
const WRITTEN: [(&str, u8); 4] = [("python p2", 2), ("python p3", 3), ("python p4", 4), ("python p5", 5)];

/// Values whose bytes depend on more than the value: on which equal objects are one object, on the order of
/// a set, or on what a later Python changed.
const NOT_REPRODUCIBLE: [&str; 4] = ["shared", "shared text", "exception", KEYWORDS];

/// Made with keyword arguments, which protocols 2 and 3 have no opcode for.
const KEYWORDS: &str = "object with keyword arguments";

#[test]
fn every_golden_value_is_written() {
    let mut failures = Vec::new();
    for Golden { name, writers, bytes, text } in goldens() {
        let value = decode(&bytes);
        let Value::Packed { kind, data } = &value else { continue };
        // Without the stored payload, so that it is encoded anew.
        let mut reader = crate::msgpack::Reader::at(data, 0);
        reader.skip().unwrap();
        let bare = Value::Packed { kind: *kind, data: Cow::Borrowed(&data[..reader.pos()]) };
        for (writer, pickle_protocol) in WRITTEN {
            let codec = Codec::of_pickle(pickle_protocol);
            let written = match codec.encode(&bare) {
                Ok(written) => written.into_owned(),
                Err(error) if name == KEYWORDS && pickle_protocol < 4 => {
                    assert!(error.message().contains("protocol 4"), "{error}");
                    continue;
                }
                Err(error) => {
                    failures.push(format!("{name} at {pickle_protocol}: {error} {text}"));
                    continue;
                }
            };
            let again = render(&decode(&written));
            if again != text {
                failures.push(format!(
                    "{name} at {pickle_protocol}\n  want {text}\n  got  {again}\n  {}",
                    hex(&written)
                ));
            }
            let exact = writers.iter().any(|by| by == writer) && !NOT_REPRODUCIBLE.contains(&name.as_str());
            if exact && written != *bytes {
                failures.push(format!(
                    "{name} at {pickle_protocol}\n  want {}\n  got  {}",
                    hex(&bytes),
                    hex(&written)
                ));
            }
        }
    }
    assert!(failures.is_empty(), "{} differ:\n{}", failures.len(), failures.join("\n"));
}
