//! serde-pickle as a second opinion on what we write, for the types that it has.

use serde_pickle::value::{HashableValue, Value as Other};

use super::render::{hex, quoted, sorted_plain};
use crate::value::Value;

/// 0: serde-pickle can't read it; 1: it reads the same; 2: it reads something else.
pub(super) fn judge(value: &Value<'_>, written: &[u8]) -> u8 {
    let other = serde_pickle::value_from_slice(written, serde_pickle::DeOptions::new());
    match (other, sorted_plain(value)) {
        (Ok(other), Some(text)) => 2 - u8::from(render(&other) == text),
        _ => 0,
    }
}

fn render(other: &Other) -> String {
    match other {
        Other::None => "None".into(),
        Other::Bool(truth) => if *truth { "True" } else { "False" }.into(),
        Other::I64(integer) => integer.to_string(),
        Other::Int(integer) => integer.to_string(),
        Other::F64(real) => format!("f{:016x}", real.to_bits()),
        Other::Bytes(bytes) => format!("b{}", hex(bytes)),
        Other::String(text) => quoted(text.as_bytes()),
        Other::List(items) => format!("[{}]", items.iter().map(render).collect::<Vec<_>>().join(", ")),
        Other::Tuple(items) => format!("({})", items.iter().map(render).collect::<Vec<_>>().join(", ")),
        Other::Set(items) => format!("set{{{}}}", in_order(items.iter().map(key).collect())),
        Other::FrozenSet(items) => format!("frozenset{{{}}}", in_order(items.iter().map(key).collect())),
        Other::Dict(pairs) => {
            let pair = |(name, value): (&HashableValue, &Other)| format!("{}: {}", key(name), render(value));
            format!("{{{}}}", in_order(pairs.iter().map(pair).collect()))
        }
    }
}

fn key(key: &HashableValue) -> String {
    render(&key.clone().into_value())
}

fn in_order(mut texts: Vec<String>) -> String {
    texts.sort();
    texts.join(", ")
}
