//! The Rust side of tests/differential/run.py: reads pickles from a file, writes what they are to another.

use std::io::Write;

use super::oracle;
use super::render::render;
use crate::codec::Codec;
use crate::msgpack::Reader;
use crate::value::Value;

/// One case each: protocol, length, pickle. Answers: lengths of text and pickle, the judgement, both.
#[test]
#[ignore = "run by tests/differential/run.py"]
fn differential_bridge() {
    let path = |name| std::env::var(name).unwrap();
    let input = std::fs::read(path("DIFFERENTIAL_IN")).unwrap();
    let mut out = std::io::BufWriter::new(std::fs::File::create(path("DIFFERENTIAL_OUT")).unwrap());
    let mut rest = &input[..];
    while let [protocol, length @ .., _] = rest {
        let length = u32::from_le_bytes(*length.first_chunk().unwrap()) as usize;
        let (pickle, behind) = rest[5..].split_at(length);
        rest = behind;
        let (text, written, judgement) = answer(pickle, *protocol);
        out.write_all(&(text.len() as u32).to_le_bytes()).unwrap();
        out.write_all(&(written.len() as u32).to_le_bytes()).unwrap();
        out.write_all(&[judgement]).unwrap();
        out.write_all(text.as_bytes()).unwrap();
        out.write_all(&written).unwrap();
    }
    out.flush().unwrap();
}

fn answer(pickle: &[u8], pickle_protocol: u8) -> (String, Vec<u8>, u8) {
    let codec = Codec::of_pickle(pickle_protocol);
    let value = match codec.decode(pickle.into()) {
        Ok(value) => value,
        Err(error) => return (error.to_string(), Vec::new(), 0),
    };
    let written = super::super::encode(&bare(&value), pickle_protocol).unwrap_or_default();
    (render(&value), written.clone(), oracle::judge(&value, &written))
}

/// The value without the payload it came from, so that it is encoded anew.
fn bare<'v>(value: &'v Value<'_>) -> Value<'v> {
    let Value::Packed { kind, data } = value else { return value.clone() };
    let mut reader = Reader::at(data, 0);
    reader.skip().unwrap();
    Value::Packed { kind: *kind, data: data[..reader.pos()].into() }
}
