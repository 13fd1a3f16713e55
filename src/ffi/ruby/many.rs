//! The methods for many keys.

use super::api::Value;
use super::build::Part;
use super::input::Values;
use super::layout;
use super::methods::{Target, method};
use super::vm::{FALSE, Ruby};
use crate::cache::{Cache, Call};
use crate::error::{Error, Result};
use crate::ffi::boundary::Output;
use crate::ffi::value::{self, djredis_value};
use crate::items::{Items, kind};
use crate::value::Value as Stored;

/// Keys, one after the other.
#[derive(Default)]
struct Keys {
    joined: Vec<u8>,
    ends: Vec<usize>,
}

impl Keys {
    fn copy(&mut self, ruby: &Ruby, keys: Value, count: usize) {
        self.ends.reserve(count);
        self.joined.reserve(count * 16);
        for index in 0..count {
            self.joined.extend_from_slice(ruby.key(ruby.element(keys, index)));
            self.ends.push(self.joined.len());
        }
    }

    fn each(&self) -> Vec<&[u8]> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).map(|(start, &end)| &self.joined[start..end]).collect()
    }
}

/// What is done with keys and as many values, or none.
type Operation = fn(&Cache, &[&[u8]], &[djredis_value], &Call) -> Result<Output>;

/// What a call on many keys owns.
struct OnKeys {
    target: Target,
    keys: Value,
    /// An Array as long as `keys`, where values are given.
    given: Option<Value>,
    count: usize,
    copied: Keys,
    values: Values,
    result: Result<Output>,
}

impl OnKeys {
    fn new(ruby: &Ruby, address: Value, how: Value, keys: Value, count: Value) -> OnKeys {
        let count = layout::small_integer(count).unwrap_or(0);
        OnKeys {
            target: Target::new(ruby, address, how),
            keys,
            given: None,
            count: usize::try_from(count).unwrap_or(0),
            copied: Keys::default(),
            values: Values::default(),
            result: Ok(Output::Done),
        }
    }

    /// Copies the keys and values, and does the operation. A part of a body.
    fn run(&mut self, ruby: &Ruby, operation: Operation) {
        self.copied.copy(ruby, self.keys, self.count);
        if let Some(given) = self.given {
            for index in 0..self.count {
                self.values.add(ruby, ruby.element(given, index));
            }
        }
        let OnKeys { target, copied, values, result, .. } = self;
        ruby.unlocked(|| {
            let slots: Vec<_> = (0..values.len()).map(|index| values.slot(ruby, index)).collect();
            *result = target.run(|cache, how| operation(cache, &copied.each(), &slots, how));
        });
    }
}

method! {
    /// get_many(address, how, keys, count): a Hash, a Partial, or a Failure
    pub(super) get_many(ruby, address, how, keys, count) {
        let outcome = {
            let mut call = OnKeys::new(ruby, address, how, keys, count);
            ruby.protected(&mut call, |ruby, call| {
                call.run(ruby, |cache, keys, _, how| cache.get_many(keys, how).map(Output::Items));
                match &call.result {
                    Ok(Output::Items(items)) => found(ruby, call.keys, items),
                    result => ruby.answer(result, ruby.nil),
                }
            })
        };
        ruby.leave(outcome)
    }
}

/// What is there, by key; with the first error, if there is one.
fn found(ruby: &Ruby, keys: Value, items: &Items) -> Value {
    let values = ruby.map(items.len());
    let mut failure = ruby.nil;
    for index in 0..items.len() {
        let Some(part) = Part::at(items, index) else { break };
        match part.kind {
            kind::MISSING => {}
            kind::ERROR if failure != ruby.nil => {}
            kind::ERROR => failure = error(ruby, part),
            _ => {
                let value = ruby.value(part);
                ruby.put(values, ruby.frozen_key(ruby.element(keys, index)), value);
            }
        }
    }
    if failure == ruby.nil { values } else { ruby.call(ruby.names.partial, &[values, failure]) }
}

/// The exception of an item.
fn error(ruby: &Ruby, part: Part<'_>) -> Value {
    ruby.call(ruby.names.error, &[ruby.integer(part.integer), ruby.bytes(part.data)])
}

method! {
    /// set_many(address, how, keys, values, count): nil; an Array of places and exceptions; or a Failure
    pub(super) set_many(ruby, address, how, keys, values, count) {
        let outcome = {
            let mut call = OnKeys::new(ruby, address, how, keys, count);
            call.given = Some(values);
            ruby.protected(&mut call, |ruby, call| {
                call.run(ruby, |cache, keys, slots, how| {
                    let pairs = keys.iter().zip(slots).map(|(key, slot)| Ok((*key, value::read(slot)?)));
                    cache.set_many(&pairs.collect::<Result<Vec<_>>>()?, how).map(Output::Items)
                });
                match &call.result {
                    Ok(Output::Items(items)) => errors(ruby, items),
                    result => ruby.answer(result, ruby.nil),
                }
            })
        };
        ruby.leave(outcome)
    }
}

fn errors(ruby: &Ruby, items: &Items) -> Value {
    let mut list = ruby.nil;
    for index in 0..items.len() {
        let Some(part) = Part::at(items, index) else { break };
        if part.kind == kind::ERROR {
            if list == ruby.nil {
                list = ruby.list(2);
            }
            ruby.push(list, ruby.integer(index.cast_signed() as i64));
            ruby.push(list, error(ruby, part));
        }
    }
    list
}

method! {
    /// delete_many(address, how, keys, count): how many were there, or a Failure
    pub(super) delete_many(ruby, address, how, keys, count) {
        let outcome = {
            let mut call = OnKeys::new(ruby, address, how, keys, count);
            ruby.protected(&mut call, |ruby, call| {
                call.run(ruby, |cache, keys, _, how| {
                    let deleted = cache.delete_many(keys, how)?;
                    let deleted = i64::try_from(deleted).map_err(|_| Error::argument("more keys than an INT holds"))?;
                    Ok(Output::Value(Stored::Int(deleted)))
                });
                ruby.answer(&call.result, ruby.nil)
            })
        };
        ruby.leave(outcome)
    }
}
