//! The methods for one key, and how all of them are defined.

use std::ffi::{CStr, c_int, c_void};
use std::ptr;

use super::api::Value;
use super::build::Part;
use super::input::{Key, Values};
use super::layout;
use super::many;
use super::unpack;
use super::vm::{FALSE, Ruby};
use crate::cache::{Cache, Call};
use crate::error::{Error, Result, Status};
use crate::ffi::boundary::{Output, guarded};
use crate::ffi::cache::djredis_cache;
use crate::ffi::call::{djredis_call, read};
use crate::ffi::value::{self, djredis_value};
use crate::value::Value as Stored;

/// Defines the methods; false where Ruby refuses.
pub(super) fn define(ruby: &Ruby) -> bool {
    let methods: [(&CStr, *const c_void, c_int); 10] = [
        (c"get", get as *const c_void, 4),
        (c"get_at_hand", get_at_hand as *const c_void, 4),
        (c"set", set as *const c_void, 4),
        (c"delete", delete as *const c_void, 3),
        (c"key?", has_key as *const c_void, 3),
        (c"incr", incr as *const c_void, 4),
        (c"get_many", many::get_many as *const c_void, 4),
        (c"set_many", many::set_many as *const c_void, 5),
        (c"delete_many", many::delete_many as *const c_void, 4),
        (c"unpack", unpack as *const c_void, 1),
    ];
    let mut owned = methods;
    let outcome = ruby.protected(&mut owned, |ruby, methods| {
        for (name, function, arguments) in methods {
            ruby.define(name, *function, *arguments);
        }
        ruby.nil
    });
    outcome.is_ok()
}

/// A handle and how to call it, as the Ruby code keeps them.
#[derive(Clone, Copy)]
pub(super) struct Target {
    cache: *const djredis_cache,
    how: *const djredis_call,
}

impl Target {
    /// `address`: of the handle, as an Integer. `how`: the bytes of a djredis_call, or nil.
    pub(super) fn new(ruby: &Ruby, address: Value, how: Value) -> Target {
        let address = layout::small_integer(address).unwrap_or(0);
        let cache = ptr::with_exposed_provenance(address.cast_unsigned() as usize);
        let how = if how == ruby.nil { ptr::null() } else { ruby.strings.bytes(how).as_ptr().cast() };
        Target { cache, how }
    }

    /// Does the work of a method, without the GVL. Ruby keeps the handle and the call, its receiver and its argument, alive.
    pub(super) fn run<T>(&self, work: impl FnOnce(&Cache, &Call) -> Result<T>) -> Result<T> {
        guarded(|| {
            // SAFETY: NULL, or a handle that its Ruby object has not freed.
            let cache = unsafe { self.cache.as_ref() };
            let cache = cache.ok_or_else(|| Error::new(Status::Null, "the cache is NULL"))?;
            work(cache.get(), &read(self.how)?)
        })
    }
}

/// What a call on one key owns. `operation` has none of it: it is copied.
struct OnKey<O> {
    target: Target,
    key: Value,
    value: Option<Value>,
    otherwise: Value,
    operation: O,
    bytes: Key,
    values: Values,
    result: Result<Output>,
}

/// One call on one key: its value or yes, `otherwise` for a no, or a Failure.
fn on_key<O>(ruby: &Ruby, arguments: [Value; 4], value: Option<Value>, operation: O) -> Value
where
    O: Fn(&Cache, &[u8], Option<&djredis_value>, &Call) -> Result<Output> + Copy,
{
    let outcome = {
        let mut call = OnKey::new(ruby, arguments, value, operation);
        ruby.protected(&mut call, OnKey::body)
    };
    ruby.leave(outcome)
}

/// A value of the near cache, or `default`; the state of `Ruby::protected`.
fn look(ruby: &Ruby, target: Target, key: Value, default: Value) -> std::result::Result<Value, c_int> {
    let mut key = key;
    if !ruby.is_plain_key(key) {
        key = ruby.protected(&mut key, |ruby, key| ruby.call(ruby.names.plain, &[*key]))?;
    }
    let mut room = None;
    // The GVL is kept, so nobody changes the key meanwhile.
    let found = target.run(|cache, how| Ok(cache.get_at_hand(ruby.strings.bytes(key), how, &mut room)));
    match found {
        Ok(Some(mut value)) => ruby.protected(&mut value, |ruby, value| ruby.value(Part::of(value))),
        _ => Ok(default),
    }
}

impl<O> OnKey<O>
where
    O: Fn(&Cache, &[u8], Option<&djredis_value>, &Call) -> Result<Output> + Copy,
{
    fn new(
        ruby: &Ruby,
        [address, how, key, otherwise]: [Value; 4],
        value: Option<Value>,
        operation: O,
    ) -> OnKey<O> {
        OnKey {
            target: Target::new(ruby, address, how),
            key,
            value,
            otherwise,
            operation,
            bytes: Key::new(),
            values: Values::default(),
            result: Ok(Output::Done),
        }
    }

    fn body(ruby: &Ruby, call: &mut OnKey<O>) -> Value {
        call.bytes.extend_from_slice(ruby.key(call.key));
        let slot = call.value.map(|value| {
            call.values.set(ruby, value);
            call.values.slot(ruby, 0)
        });
        let OnKey { target, bytes, result, operation, .. } = call;
        ruby.unlocked(|| *result = target.run(|cache, how| operation(cache, bytes, slot.as_ref(), how)));
        ruby.answer(&call.result, call.otherwise)
    }
}

macro_rules! method {
    ($(#[$doc:meta])* $visible:vis $name:ident($ruby:ident $(, $argument:ident)*) $body:block) => {
        $(#[$doc])*
        $visible unsafe extern "C-unwind" fn $name(_module: Value $(, $argument: Value)*) -> Value {
            let Some($ruby) = Ruby::get() else { return FALSE };
            $body
        }
    };
}
pub(super) use method;

method! {
    /// get(address, how, key, default)
    get(ruby, address, how, key, default) {
        on_key(ruby, [address, how, key, default], None, |cache, key, _, how| {
            Ok(cache.get(key, how)?.map_or(Output::Miss, Output::Value))
        })
    }
}

method! {
    /// get_at_hand(address, how, key, default): what get answers from the near cache; `default` where that has no answer
    get_at_hand(ruby, address, how, key, default) {
        let outcome = look(ruby, Target::new(ruby, address, how), key, default);
        ruby.leave(outcome)
    }
}

method! {
    /// set(address, how, key, value)
    set(ruby, address, how, key, value) {
        on_key(ruby, [address, how, key, FALSE], Some(value), |cache, key, slot, how| {
            let value = slot.map_or(Ok(Stored::None), |slot| value::read(ptr::from_ref(slot)))?;
            cache.set(key, &value, how).map(Output::found)
        })
    }
}

method! {
    /// delete(address, how, key)
    delete(ruby, address, how, key) {
        on_key(ruby, [address, how, key, FALSE], None, |cache, key, _, how| cache.delete(key, how).map(Output::found))
    }
}

method! {
    /// key?(address, how, key)
    has_key(ruby, address, how, key) {
        on_key(ruby, [address, how, key, FALSE], None, |cache, key, _, how| cache.has_key(key, how).map(Output::found))
    }
}

method! {
    /// incr(address, how, key, delta), an Integer of 64 bits
    incr(ruby, address, how, key, delta) {
        // SAFETY: Ruby's code has made sure of it, so that this does not raise.
        let delta = unsafe { (ruby.symbols.api.rb_num2ll)(delta) };
        on_key(ruby, [address, how, key, FALSE], None, move |cache, key, _, how| {
            cache.incr(key, delta, how).map(Output::Value)
        })
    }
}

method! {
    /// unpack(data): a composite value from its MessagePack
    unpack(ruby, data) {
        unpack::unpack(ruby, ruby.strings.bytes(data))
    }
}
