//! The functions for one key.

use std::mem::ManuallyDrop;

use super::api::{Object, made};
use super::frame::{Answer, Frame, State};
use crate::cache::{Cache, Call};
use crate::error::Result;
use crate::ffi::boundary::Output;
use crate::value::Value;

/// get(cache, native, key, default, version)
pub(super) fn get(frame: &Frame<'_>) -> Answer {
    let (state, [key, default, version]) = frame.arguments()?;
    let name = frame.api.text(key)?;
    let call = frame.call(version)?;
    let mut room = ManuallyDrop::new(None);
    let result = match Frame::at_hand(|| state.cache.get_at_hand(name, &call, &mut room)) {
        Some(found) => found.map(Some),
        None => frame.released((), |()| state.cache.get(name, &call)).1,
    };
    let answer = match result {
        Ok(None) => frame.api.owned(default),
        Ok(Some(value)) => object(frame, &state, value, (default, key)),
        Err(error) => frame.unusual(Err(error), default, key),
    };
    drop(ManuallyDrop::into_inner(room));
    Some(answer)
}

/// The object of a value. Where a payload can't be read, Python tries once more, and says why.
fn object(
    frame: &Frame<'_>,
    state: &State<'_>,
    value: Value<'_>,
    (default, key): (Object, Object),
) -> Object {
    let value = ManuallyDrop::new(value);
    let object = match &*value {
        // SAFETY: the GIL is here.
        Value::Int(number) => made(unsafe { (frame.api.int_from)(*number) }),
        Value::Payload { format, data } => state.loads(frame.api, *format, data),
        _ => None,
    };
    let value = ManuallyDrop::into_inner(value);
    object.unwrap_or_else(|| frame.unusual(Ok(Output::Value(value.into_owned())), default, key))
}

/// set(cache, native, key, value, timeout, version, nx, xx)
pub(super) fn set(frame: &Frame<'_>) -> Answer {
    let (state, [key, value, timeout, version, nx, xx]) = frame.arguments()?;
    let name = frame.api.text(key)?;
    let ttl = frame.ttl(timeout)?;
    let call = Call { ttl, condition: frame.condition(nx, xx)?, ..frame.call(version)? };
    let format = state.format(frame.api)?;
    if let Some(plain) = State::plain(frame.api, format, value) {
        return Some(stored(frame, state.cache, name, plain, &call));
    }
    if State::is_for_python(frame.api, format, value) {
        return None;
    }
    let payload = state.dumps(frame.api, value)?;
    let done = frame
        .api
        .content(payload)
        .map(|data| stored(frame, state.cache, name, Value::Payload { format, data: data.into() }, &call));
    frame.api.release(payload);
    done
}

fn stored(frame: &Frame<'_>, cache: &Cache, key: &[u8], value: Value<'_>, call: &Call) -> Object {
    let (_, result) = frame.released(value, |value| cache.set(key, value, call));
    truth(frame, result)
}

/// True or False, owned.
fn truth(frame: &Frame<'_>, result: Result<bool>) -> Object {
    match result {
        Ok(true) => frame.api.owned(frame.api.yes),
        Ok(false) => frame.api.owned(frame.api.no),
        Err(error) => frame.unusual(Err(error), frame.api.no, frame.api.none),
    }
}

/// delete(cache, native, key, version)
pub(super) fn delete(frame: &Frame<'_>) -> Answer {
    asked(frame, |_, _, _| false, Cache::delete)
}

/// has_key(cache, native, key, version)
pub(super) fn has_key(frame: &Frame<'_>) -> Answer {
    asked(frame, Cache::has_key_at_hand, Cache::has_key)
}

/// `at_hand`: whether the answer is known to be yes, without waiting.
fn asked(
    frame: &Frame<'_>,
    at_hand: fn(&Cache, &[u8], &Call) -> bool,
    ask: fn(&Cache, &[u8], &Call) -> Result<bool>,
) -> Answer {
    let (state, [key, version]) = frame.arguments()?;
    let name = frame.api.text(key)?;
    let call = frame.call(version)?;
    let result = match Frame::at_hand(|| at_hand(state.cache, name, &call).then_some(true)) {
        Some(found) => found,
        None => frame.released((), |()| ask(state.cache, name, &call)).1,
    };
    Some(truth(frame, result))
}

/// touch(cache, native, key, timeout, version)
pub(super) fn touch(frame: &Frame<'_>) -> Answer {
    let (state, [key, timeout, version]) = frame.arguments()?;
    let name = frame.api.text(key)?;
    let call = Call { ttl: frame.ttl(timeout)?, ..frame.call(version)? };
    let ((), result) = frame.released((), |()| state.cache.touch(name, &call));
    Some(truth(frame, result))
}

/// incr(cache, native, key, delta, version)
pub(super) fn incr(frame: &Frame<'_>) -> Answer {
    let (state, [key, delta, version]) = frame.arguments()?;
    let name = frame.api.text(key)?;
    let delta = frame.api.integer(delta)?;
    let call = frame.call(version)?;
    let ((), result) = frame.released((), |()| state.cache.incr(name, delta, &call));
    Some(match result {
        // SAFETY: the GIL is here again.
        Ok(Value::Int(number)) => unsafe { (frame.api.int_from)(number) },
        other => frame.unusual(other.map(Output::Value), frame.api.none, frame.api.none),
    })
}
