//! Python's pickle: what Django caches values as. Nothing in a pickle is ever imported, called or executed.
//!
//! Reading goes from the input over flat tables ([`arena`]) to MessagePack ([`emit`]); writing goes from
//! MessagePack straight to opcodes ([`write`]). Neither recurses. The format is documented by Python's
//! `pickletools` and PEP 307, 3154 and 574; what becomes of each type is docs/values.md.

mod arena;
mod emit;
mod herd;
mod known;
mod line;
mod memo;
mod moment;
mod names;
mod object;
mod opcode;
mod read;
mod record;
mod scalar;
mod stack;
mod tables;
#[cfg(test)]
mod tests;
mod text;
mod write;

pub(super) use herd::{unwrap as take_out_of_herd, wrap as put_into_herd};
pub(super) use moment::is_date;
pub(crate) use scalar::{
    Scalar, content_start, decode as scalar, decode_in_place, decode_parted, find as find_scalar, plain_text,
};
pub(crate) use write::encode;

use crate::error::Error;
use crate::limits;
use crate::value::Value;

/// Why reading ended without a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stop {
    /// It is no pickle, or one beyond the limits.
    Broken { offset: usize, what: &'static str },
    /// It has a key, or an element of a set, that Python can't hash.
    Unhashable,
    /// A good pickle that MessagePack can't carry.
    Opaque,
}

/// The value of a pickle, of at most `limit` bytes; `None` if it is a good pickle that can't be typed.
pub(crate) fn decode(payload: &[u8], limit: usize) -> Result<Option<Value<'static>>, Error> {
    if payload.len() > limits::MAX_VALUE {
        return Err(Error::decode("the stored pickle is over 512 MiB"));
    }
    if let Some(value) = scalar::decode(payload) {
        return Ok(Some(value.into_owned()));
    }
    let budget = expansion(payload.len()).min(limit);
    let mut machine = read::Machine::new(payload, budget);
    let value = machine.run().and_then(|node| emit::value(&machine.arena, node, payload, budget));
    machine.finish();
    match value {
        Ok(value) => Ok(Some(value)),
        Err(Stop::Opaque) => Ok(None),
        Err(Stop::Broken { offset, what }) => Err(broken(offset, what)),
        Err(Stop::Unhashable) => Err(Error::decode(
            "the stored value is no valid pickle: a list, dict, set, deque or bytearray can't be a key or in a set",
        )),
    }
}

fn broken(offset: usize, what: &str) -> Error {
    Error::decode(format!("the stored value is no valid pickle: at offset {offset}, {what}"))
}

/// How many bytes a payload of this length may become.
fn expansion(payload: usize) -> usize {
    limits::MAX_EXPANSION + limits::MAX_EXPANSION_FACTOR.saturating_mul(payload).min(limits::MAX_VALUE)
}
