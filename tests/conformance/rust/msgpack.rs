//! Composite values as docs/values.md lays them out: written with the widest headers, read in every form.
//!
//! It recurses, as a program may that knows its values.

use serde_json::{Value as Json, json};

use crate::values::{bits, bytes, hex, kind};

const LIST: u32 = 0;
const MAP: u32 = 255;
const BIGINT: u8 = 4;

/// The extensions that hold other values or text, by their name in the plain notation.
const NAMED: [(&str, u8); 6] =
    [("tuple", 5), ("set", 6), ("frozenset", 7), ("record", 16), ("surrogates", 17), ("bytearray", 20)];

fn extension(name: &str) -> Option<u8> {
    NAMED.iter().find(|(known, _)| *known == name).map(|(_, number)| *number)
}

/// What stands beside the bytes in a packed value.
pub(crate) fn kind_of(json: &Json) -> u32 {
    match kind(json) {
        ("dict", _) => MAP,
        ("ext", pair) => u32::try_from(pair[0].as_u64().unwrap()).unwrap(),
        (name, _) => extension(name).map_or(LIST, u32::from),
    }
}

pub(crate) fn write(json: &Json, out: &mut Vec<u8>) {
    let (kind, content) = kind(json);
    let data = || bytes(content.as_str().unwrap());
    match kind {
        "none" => out.push(0xc0),
        "bool" => out.push(if content.as_bool().unwrap() { 0xc3 } else { 0xc2 }),
        "int" => write_integer(content.as_str().unwrap(), out),
        "float" => {
            out.push(0xcb);
            out.extend(bits(content).to_be_bytes());
        }
        "utf8" => write_bytes(0xdb, &data(), out),
        "bytes" => write_bytes(0xc6, &data(), out),
        "list" => write_list(content, out),
        "dict" => write_map(content, out),
        "ext" => {
            let number = u8::try_from(content[0].as_u64().unwrap()).unwrap();
            write_extension(number, &bytes(content[1].as_str().unwrap()), out);
        }
        "surrogates" | "bytearray" => write_extension(extension(kind).unwrap(), &data(), out),
        name => {
            let mut inner = Vec::new();
            if name == "record" {
                write_map(content, &mut inner)
            } else {
                write_list(content, &mut inner)
            }
            write_extension(extension(name).unwrap(), &inner, out);
        }
    }
}

fn write_integer(digits: &str, out: &mut Vec<u8>) {
    match digits.parse::<i64>() {
        Ok(number) => {
            out.push(0xd3);
            out.extend(number.to_be_bytes());
        }
        Err(_) => write_extension(BIGINT, digits.as_bytes(), out),
    }
}

fn write_head(tag: u8, len: usize, out: &mut Vec<u8>) {
    out.push(tag);
    out.extend(u32::try_from(len).unwrap().to_be_bytes());
}

fn write_bytes(tag: u8, data: &[u8], out: &mut Vec<u8>) {
    write_head(tag, data.len(), out);
    out.extend(data);
}

fn write_extension(number: u8, data: &[u8], out: &mut Vec<u8>) {
    write_head(0xc9, data.len(), out);
    out.push(number);
    out.extend(data);
}

fn write_list(items: &Json, out: &mut Vec<u8>) {
    let items = items.as_array().unwrap();
    write_head(0xdd, items.len(), out);
    for item in items {
        write(item, out);
    }
}

fn write_map(pairs: &Json, out: &mut Vec<u8>) {
    let pairs = pairs.as_array().unwrap();
    write_head(0xdf, pairs.len(), out);
    for pair in pairs {
        write(&pair[0], out);
        write(&pair[1], out);
    }
}

/// Reads one value and moves on.
pub(crate) fn read(input: &mut &[u8]) -> Json {
    let tag = take(input, 1)[0];
    match tag {
        0x00..=0x7f | 0xe0..=0xff => json!({"int": tag.cast_signed().to_string()}),
        0x80..=0x8f => read_map(usize::from(tag & 0x0f), input),
        0x90..=0x9f => read_list(usize::from(tag & 0x0f), input),
        0xa0..=0xbf => json!({"utf8": hex(take(input, usize::from(tag & 0x1f)))}),
        0xc0 => json!({"none": true}),
        0xc2 | 0xc3 => json!({"bool": tag == 0xc3}),
        0xc4..=0xc6 => {
            let len = length(tag - 0xc4, input);
            json!({"bytes": hex(take(input, len))})
        }
        0xc7..=0xc9 => {
            let len = length(tag - 0xc7, input);
            read_extension(len, input)
        }
        0xcb => json!({"float": hex(take(input, 8))}),
        0xcc..=0xcf => json!({"int": number(1 << (tag - 0xcc), input).to_string()}),
        0xd0..=0xd3 => json!({"int": signed(1 << (tag - 0xd0), input).to_string()}),
        0xd4..=0xd8 => read_extension(1 << (tag - 0xd4), input),
        0xd9..=0xdb => {
            let len = length(tag - 0xd9, input);
            json!({"utf8": hex(take(input, len))})
        }
        0xdc | 0xdd => read_list(length(tag - 0xdb, input), input),
        0xde | 0xdf => read_map(length(tag - 0xdd, input), input),
        _ => panic!("no tag of MessagePack that the library writes: {tag:#x}"),
    }
}

fn take<'a>(input: &mut &'a [u8], len: usize) -> &'a [u8] {
    let (data, rest) = input.split_at(len);
    *input = rest;
    data
}

fn number(width: usize, input: &mut &[u8]) -> u64 {
    take(input, width).iter().fold(0, |number, byte| number << 8 | u64::from(*byte))
}

fn signed(width: usize, input: &mut &[u8]) -> i64 {
    let shift = 64 - 8 * width;
    (number(width, input) << shift).cast_signed() >> shift
}

/// A length of 1, 2 or 4 bytes.
fn length(power: u8, input: &mut &[u8]) -> usize {
    usize::try_from(number(1 << power, input)).unwrap()
}

fn read_list(len: usize, input: &mut &[u8]) -> Json {
    let items: Vec<Json> = (0..len).map(|_| read(input)).collect();
    json!({"list": items})
}

fn read_map(len: usize, input: &mut &[u8]) -> Json {
    let pairs: Vec<Json> = (0..len).map(|_| json!([read(input), read(input)])).collect();
    json!({"dict": pairs})
}

fn read_extension(len: usize, input: &mut &[u8]) -> Json {
    let number = take(input, 1)[0];
    let mut data = take(input, len);
    let name = NAMED.iter().find(|(_, known)| *known == number).map(|(name, _)| *name);
    match name {
        Some("surrogates" | "bytearray") => json!({name.unwrap(): hex(data)}),
        Some(name) => {
            let inner = read(&mut data);
            json!({name: kind(&inner).1})
        }
        None if number == BIGINT => json!({"int": std::str::from_utf8(data).unwrap()}),
        None => json!({"ext": [number, hex(data)]}),
    }
}
