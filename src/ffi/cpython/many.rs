//! The functions for many keys.

use std::mem::ManuallyDrop;

use super::api::{Api, Object, made};
use super::frame::{Answer, Frame, State};
use crate::cache::Call;
use crate::ffi::boundary::Output;
use crate::items::{Item, Items};
use crate::value::{Format, Value};

/// `get_many(cache, native, keys, version)`: the keys are a list that nobody else has.
pub(super) fn get_many(frame: &Frame<'_>) -> Answer {
    let (state, [keys, version]) = frame.arguments()?;
    let call = frame.call(version)?;
    let names = names(frame.api, keys)?;
    let result = match Frame::at_hand(|| state.cache.get_many_at_hand(&names, &call)) {
        Some(found) => {
            drop(names);
            found
        }
        None => frame.released(names, |names| state.cache.get_many(names, &call)).1,
    };
    let items = match result {
        Ok(items) => ManuallyDrop::new(items),
        Err(error) => return Some(frame.unusual(Err(error), keys, frame.api.none)),
    };
    let found = found(frame.api, &state, keys, &items);
    let items = ManuallyDrop::into_inner(items);
    // Python reads all of them once more, and says why one can't be read.
    Some(found.unwrap_or_else(|| frame.unusual(Ok(Output::Items(items)), keys, frame.api.none)))
}

/// The bytes of the keys in a list; None unless all are exact strs.
fn names<'a>(api: &Api, keys: Object) -> Option<Vec<&'a [u8]>> {
    // SAFETY: the GIL is here; the list holds its keys.
    unsafe { (0..(api.list_len)(keys)).map(|index| api.text((api.list_get)(keys, index))).collect() }
}

/// `plain_keys(keys, longest)`: True if the keys are a list of exact strs of visible ASCII, none longer than that.
pub(super) fn plain_keys(frame: &Frame<'_>) -> Answer {
    let &[keys, longest] = frame.args else { return None };
    let is_plain = |name: &[u8], longest| name.len() <= longest && name.iter().all(u8::is_ascii_graphic);
    let longest = frame.api.integer(longest).and_then(|longest| usize::try_from(longest).ok());
    let plain = Api::kind(keys) == frame.api.list_type
        && longest
            .zip(names(frame.api, keys))
            .is_some_and(|(longest, names)| names.into_iter().all(|name| is_plain(name, longest)));
    // A lone surrogate has left an exception.
    frame.api.may_go_on().then(|| frame.api.owned(if plain { frame.api.yes } else { frame.api.no }))
}

/// The dict of what is there, owned; None where something can't be read, or is no payload and no small integer.
fn found(api: &Api, state: &State<'_>, keys: Object, items: &Items) -> Answer {
    // SAFETY: the GIL is here.
    let found = made(unsafe { (api.dict_new)() })?;
    for (index, item) in (0..).zip(items.iter()) {
        if item == Item::Missing {
            continue;
        }
        // SAFETY: as above; the list has as many keys as there are items, and holds them.
        let key = unsafe { (api.list_get)(keys, index) };
        if !value(api, state, &item).is_some_and(|value| keep(api, found, key, value)) {
            api.release(found);
            return None;
        }
    }
    Some(found)
}

/// The value of an item, owned.
fn value(api: &Api, state: &State<'_>, item: &Item<'_>) -> Answer {
    match item {
        // SAFETY: the GIL is here.
        Item::Value(Value::Int(number)) => made(unsafe { (api.int_from)(*number) }),
        Item::Value(Value::Payload { format, data }) => state.loads(api, *format, data),
        _ => None,
    }
}

/// Puts a value into a dict, and gives its reference up. False where an exception is set.
fn keep(api: &Api, dict: Object, key: Object, value: Object) -> bool {
    // SAFETY: the GIL is here.
    let kept = unsafe { (api.dict_set)(dict, key, value) } == 0;
    api.release(value);
    kept
}

/// `set_many(cache, native, mapping, timeout, version)`
pub(super) fn set_many(frame: &Frame<'_>) -> Answer {
    let (state, [mapping, timeout, version]) = frame.arguments()?;
    let call = Call { ttl: frame.ttl(timeout)?, ..frame.call(version)? };
    let api = frame.api;
    if Api::kind(mapping) != api.dict_type {
        return None;
    }
    // The pairs as they are now: code that runs while they are serialized may change the dict.
    // SAFETY: the GIL is here.
    let pairs = made(unsafe { (api.dict_items)(mapping) })?;
    // SAFETY: the GIL is here.
    let (keys, values) = unsafe {
        let len = (api.list_len)(pairs);
        ((api.list_new)(len), (api.list_new)(len))
    };
    let there = !keys.is_null() && !values.is_null();
    let done = if there { store(frame, &state, pairs, (keys, values), &call) } else { None };
    for list in [pairs, keys, values].into_iter().filter_map(made) {
        api.release(list);
    }
    done
}

/// Stores a list of pairs. `keys` and `values` are empty places, as many.
fn store(
    frame: &Frame<'_>,
    state: &State<'_>,
    pairs: Object,
    (keys, values): (Object, Object),
    call: &Call,
) -> Answer {
    let format = state.format(frame.api)?;
    serialize(frame.api, state, format, pairs, (keys, values))?;
    let names = names(frame.api, keys)?;
    let pairs: Vec<_> = names.into_iter().zip(contents(frame.api, format, values)?).collect();
    if pairs.is_empty() {
        return None;
    }
    let (_, result) = frame.released(pairs, |pairs| state.cache.set_many(pairs, call));
    Some(match result {
        Ok(items) if items.iter().all(|item| item == Item::Value(Value::None)) => {
            // SAFETY: the GIL is here again.
            unsafe { (frame.api.list_new)(0) }
        }
        other => frame.unusual(other.map(Output::Items), keys, frame.api.none),
    })
}

/// Fills `keys`, and `values` with plain ones and payloads.
fn serialize(
    api: &Api,
    state: &State<'_>,
    format: Format,
    pairs: Object,
    (keys, values): (Object, Object),
) -> Option<()> {
    // SAFETY: the GIL is here; the pairs hold what is in them, and the lists take over what they are given.
    unsafe {
        for index in 0..(api.list_len)(pairs) {
            let pair = (api.list_get)(pairs, index);
            let (key, value) = ((api.tuple_get)(pair, 0), (api.tuple_get)(pair, 1));
            (api.list_set)(keys, index, api.owned(key));
            let stored = if State::plain(api, format, value).is_some() {
                api.owned(value)
            } else if State::is_for_python(api, format, value) {
                return None;
            } else {
                state.dumps(api, value)?
            };
            (api.list_set)(values, index, stored);
        }
    }
    Some(())
}

/// What `serialize` has left, as the cache takes it.
fn contents<'a>(api: &Api, format: Format, values: Object) -> Option<Vec<Value<'a>>> {
    let content = |value| match State::plain(api, format, value) {
        Some(plain) => Some(plain),
        None => api.content(value).map(|data| Value::Payload { format, data: data.into() }),
    };
    // SAFETY: the GIL is here; the list holds its values.
    unsafe { (0..(api.list_len)(values)).map(|index| content((api.list_get)(values, index))).collect() }
}
