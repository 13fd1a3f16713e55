//! What django-redis's HerdClient stores: the pickle of a tuple of its Marker, the value, and the moment (seconds since
//! 1970) from which on somebody is to renew the value.
//!
//! The value goes in and comes out as its own pickle. Nothing of it is decoded: the opcodes around it are put there or
//! exchanged, and its memo keeps its numbers.

use super::opcode as op;

/// Where the class Marker is, by release: since 3.8, and before.
const MODULES: [&[u8]; 2] = [b"django_redis.client.herd", b"redis_cache.client.herd"];
const MARKER: &[u8] = b"Marker";
/// A Marker as it is written here. Every protocol from 2 on can say it so, and it uses no number of the memo.
const HEAD: &[u8] = b"cdjango_redis.client.herd\nMarker\n)\x81";
/// The moment, TUPLE3 and STOP, as they are written here.
const TAIL: usize = 11;

/// A value taken out of what a herd stores.
#[derive(Debug, PartialEq)]
pub(crate) struct Herded {
    /// The value's own pickle.
    pub(crate) payload: Vec<u8>,
    /// Seconds since 1970.
    pub(crate) renew_at: f64,
}

/// What a herd stores for a value's pickle of protocol 2 or newer; `None` for one that is older.
pub(crate) fn wrap(payload: &[u8], renew_at: f64) -> Option<Vec<u8>> {
    let [op::PROTO, protocol, .., op::STOP] = *payload else { return None };
    let mut out = Vec::with_capacity(2 + HEAD.len() + payload.len() + TAIL);
    out.extend_from_slice(&[op::PROTO, protocol]);
    out.extend_from_slice(HEAD);
    out.extend_from_slice(&payload[..payload.len() - 1]);
    out.push(op::BINFLOAT);
    out.extend_from_slice(&renew_at.to_be_bytes());
    out.extend_from_slice(&[op::TUPLE3, op::STOP]);
    Some(out)
}

/// The value of what a herd has stored, in protocol 2 or newer; `None` for any other pickle.
pub(crate) fn unwrap(stored: &[u8]) -> Option<Herded> {
    let [op::PROTO, protocol, rest @ ..] = stored else { return None };
    match rest.strip_prefix(HEAD) {
        // Nobody else writes a second PROTO.
        Some(rest @ [op::PROTO, ..]) => own(rest),
        _ => of_python(*protocol, rest),
    }
}

fn own(rest: &[u8]) -> Option<Herded> {
    let (payload, tail) = rest.split_at_checked(rest.len().checked_sub(TAIL)?)?;
    let [op::BINFLOAT, moment @ .., op::TUPLE3, op::STOP] = tail else { return None };
    let renew_at = f64::from_be_bytes(*moment.first_chunk()?);
    Some(Herded { payload: [payload, &[op::STOP]].concat(), renew_at })
}

/// What Python's pickler has written: the Marker becomes something that is thrown away and takes the same numbers of the memo, and
/// so is the moment. All lengths stay, since frames count them.
fn of_python(protocol: u8, rest: &[u8]) -> Option<Herded> {
    let frame = if rest.first() == Some(&op::FRAME) { 9 } else { 0 };
    let (frame, body) = rest.split_at_checked(frame)?;
    let (nothing, value) = MODULES.iter().find_map(|module| without_marker(body, module))?;
    let (tuple, renew_at) = moment(value)?;
    let thrown_away = &[op::POP][..];
    let parts = [&[op::PROTO, protocol], frame, &nothing, &value[..tuple], thrown_away, &value[tuple + 1..]];
    Some(Herded { payload: parts.concat(), renew_at })
}

/// What stands in the place of a Marker, and what follows it.
fn without_marker<'s>(body: &'s [u8], module: &[u8]) -> Option<(Vec<u8>, &'s [u8])> {
    stacked(body, module).or_else(|| global(body, module))
}

/// Protocols 4 and 5: two texts, STACK_GLOBAL and NEWOBJ; four numbers of the memo.
fn stacked<'s>(body: &'s [u8], module: &[u8]) -> Option<(Vec<u8>, &'s [u8])> {
    let mut rest = body;
    for text in [module, MARKER] {
        rest = rest.strip_prefix(&[op::SHORT_BINUNICODE, u8::try_from(text.len()).ok()?])?;
        rest = rest.strip_prefix(text)?.strip_prefix(&[op::MEMOIZE])?;
    }
    rest = rest.strip_prefix(&[op::STACK_GLOBAL, op::MEMOIZE, op::EMPTY_TUPLE, op::NEWOBJ, op::MEMOIZE])?;
    let numbers = [op::MEMOIZE, op::MEMOIZE, op::MEMOIZE, op::MEMOIZE, op::POP];
    let filling = body.len() - rest.len() - numbers.len() - 2;
    let mut nothing = vec![op::SHORT_BINUNICODE, u8::try_from(filling).ok()?];
    nothing.resize(2 + filling, b' ');
    nothing.extend_from_slice(&numbers);
    Some((nothing, rest))
}

/// Protocols 2 and 3, which have no frames: GLOBAL and NEWOBJ, with two numbers of the memo.
fn global<'s>(body: &'s [u8], module: &[u8]) -> Option<(Vec<u8>, &'s [u8])> {
    let rest = body.strip_prefix(&[op::GLOBAL])?.strip_prefix(module)?.strip_prefix(b"\n")?;
    let rest = rest.strip_prefix(MARKER)?.strip_prefix(b"\n")?;
    let [op::BINPUT, class, op::EMPTY_TUPLE, op::NEWOBJ, op::BINPUT, marker, rest @ ..] = rest else {
        return None;
    };
    Some((vec![op::NONE, op::BINPUT, *class, op::BINPUT, *marker, op::POP], rest))
}

/// Where the last TUPLE3 stands, and the number before it.
fn moment(value: &[u8]) -> Option<(usize, f64)> {
    let (mut number, mut tuple, mut pos) = (0, 0, 0);
    loop {
        let opcode = *value.get(pos)?;
        match opcode {
            op::STOP => break,
            op::FRAME | op::MEMOIZE | op::BINPUT | op::LONG_BINPUT => {}
            _ => (number, tuple) = (tuple, pos),
        }
        pos = argument(opcode, value.get(pos + 1..)?)?.checked_add(pos + 1)?;
    }
    let is_end = pos + 1 == value.len() && value.get(tuple) == Some(&op::TUPLE3);
    is_end.then_some((tuple, number_at(value.get(number..)?)?))
}

fn number_at(opcode: &[u8]) -> Option<f64> {
    Some(match *opcode {
        [op::BININT1, number, ..] => number.into(),
        [op::BININT2, a, b, ..] => u16::from_le_bytes([a, b]).into(),
        [op::BININT, a, b, c, d, ..] => i32::from_le_bytes([a, b, c, d]).into(),
        [op::BINFLOAT, ref rest @ ..] => f64::from_be_bytes(*rest.first_chunk()?),
        // What is over 31 bits, from 2038 on.
        [op::LONG1, 5, a, b, c, d, e, ..] => {
            let low: f64 = u32::from_le_bytes([a, b, c, d]).into();
            f64::from(e.cast_signed()).mul_add(f64::from(u32::MAX) + 1.0, low)
        }
        _ => return None,
    })
}

/// The length of an opcode's argument, of those that protocols from 2 on have.
fn argument(opcode: u8, rest: &[u8]) -> Option<usize> {
    Some(match opcode {
        op::BINPUT | op::BINGET | op::BININT1 | op::EXT1 | op::PROTO => 1,
        op::BININT2 | op::EXT2 => 2,
        op::BININT | op::LONG_BINPUT | op::LONG_BINGET | op::EXT4 => 4,
        op::BINFLOAT | op::FRAME => 8,
        op::SHORT_BINSTRING | op::SHORT_BINBYTES | op::SHORT_BINUNICODE | op::LONG1 => {
            1 + usize::from(*rest.first()?)
        }
        op::BINSTRING | op::BINBYTES | op::BINUNICODE | op::LONG4 => {
            usize::try_from(u32::from_le_bytes(*rest.first_chunk()?)).ok()?.checked_add(4)?
        }
        op::BINBYTES8 | op::BINUNICODE8 | op::BYTEARRAY8 => {
            usize::try_from(u64::from_le_bytes(*rest.first_chunk()?)).ok()?.checked_add(8)?
        }
        op::GLOBAL => {
            let module = memchr::memchr(b'\n', rest)? + 1;
            module + memchr::memchr(b'\n', rest.get(module..)?)? + 1
        }
        _ => 0,
    })
}
