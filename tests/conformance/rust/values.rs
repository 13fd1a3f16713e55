//! Typed values in the plain notation of README.md, and back.

use std::fmt::Write;

use djredis::items::Item;
use djredis::{Format, Items, Value};
use serde_json::{Value as Json, json};

use crate::msgpack;

const FORMATS: [(&str, Format); 4] =
    [("pickle", Format::Pickle), ("json", Format::Json), ("msgpack", Format::Msgpack), ("raw", Format::Raw)];

pub(crate) fn format_named(name: &str) -> Format {
    FORMATS.iter().find(|(known, _)| *known == name).unwrap().1
}

pub(crate) fn bytes(hex: &str) -> Vec<u8> {
    hex.as_bytes()
        .chunks(2)
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
        .collect()
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}

/// The one field of a plain value: its kind and its content.
pub(crate) fn kind(json: &Json) -> (&str, &Json) {
    let (kind, content) = json.as_object().unwrap().iter().next().unwrap();
    (kind, content)
}

pub(crate) fn bits(content: &Json) -> f64 {
    f64::from_bits(u64::from_str_radix(content.as_str().unwrap(), 16).unwrap())
}

pub(crate) fn json_to_value(json: &Json) -> Value<'static> {
    let (kind, content) = kind(json);
    let data = || bytes(content.as_str().unwrap());
    match kind {
        "none" => Value::None,
        "bool" => Value::Bool(content.as_bool().unwrap()),
        "int" => integer(content.as_str().unwrap()),
        "float" => Value::Float(bits(content)),
        "utf8" => Value::Text(String::from_utf8(data()).unwrap().into()),
        "bytes" => Value::Bytes(data().into()),
        "opaque" => Value::Opaque(data().into()),
        "payload" => Value::Payload {
            format: format_named(content["format"].as_str().unwrap()),
            data: bytes(content["data"].as_str().unwrap()).into(),
        },
        _ => {
            let mut data = Vec::new();
            msgpack::write(json, &mut data);
            Value::Packed { kind: msgpack::kind_of(json), data: data.into() }
        }
    }
}

fn integer(digits: &str) -> Value<'static> {
    digits.parse().map_or_else(|_| Value::BigInt(digits.to_owned().into()), Value::Int)
}

pub(crate) fn value_to_json(value: &Value<'_>) -> Json {
    match value {
        Value::None => json!({"none": true}),
        Value::Bool(flag) => json!({"bool": flag}),
        Value::Int(number) => json!({"int": number.to_string()}),
        Value::BigInt(digits) => json!({"int": digits}),
        Value::Float(number) => json!({"float": format!("{:016x}", number.to_bits())}),
        Value::Bytes(data) => json!({"bytes": hex(data)}),
        Value::Text(text) => json!({"utf8": hex(text.as_bytes())}),
        Value::Packed { data, .. } => msgpack::read(&mut &data[..]),
        Value::Opaque(data) => json!({"opaque": hex(data)}),
        Value::Payload { format, data } => {
            let name = FORMATS.iter().find(|(_, known)| known == format).unwrap().0;
            json!({"payload": {"format": name, "data": hex(data)}})
        }
    }
}

pub(crate) fn items_to_json(items: &Items) -> Json {
    let items: Vec<Json> = items
        .iter()
        .map(|item| match item {
            Item::Value(value) => value_to_json(&value),
            Item::Missing => json!({"missing": true}),
            Item::Error { status, message } => {
                json!({"error": crate::name_of(status.unwrap()), "message": message})
            }
        })
        .collect();
    json!({"items": items})
}
