//! One call from Python: its arguments, the cache it is about, and the ways out.

use std::mem::ManuallyDrop;
use std::ptr;

use super::api::{Api, Object, made};
use crate::cache::{Cache, Call, Condition, Ttl};
use crate::codec::{Scalar, find_scalar};
use crate::error::Result;
use crate::ffi::boundary::{self, Output};
use crate::ffi::cache::djredis_cache;
use crate::ffi::slot;
use crate::ffi::value::djredis_value;
use crate::value::{Format, Value};

/// What a function was called with. The first two arguments are the djredis.Cache and its `_native`.
pub(super) struct Frame<'a> {
    pub(super) api: &'static Api,
    /// The tuple that the function was made with: see `djredis._native`.
    context: Object,
    pub(super) args: &'a [Object],
}

/// The places in a function's tuple.
const DEFAULT: isize = 0;
const MADE: isize = 1;
const MILLISECONDS: isize = 2;
const PYTHON_WAY: isize = 3;
const UNUSUAL: isize = 4;

/// What a function answers: an owned object. None where it is Python's turn; an exception that is set tells why, or ends the call.
pub(super) type Answer = Option<Object>;

// SAFETY of all that follows: see `api`. Only plain data stands here while Python code runs or the GIL is waited for: that
// may end the thread, when the interpreter ends, and what is unwound then must not touch objects.
impl<'a> Frame<'a> {
    pub(super) fn new(api: &'static Api, context: Object, args: &'a [Object]) -> Frame<'a> {
        Frame { api, context, args }
    }

    /// The arguments behind the first two, and the cache; None for another number of them, or without a cache.
    pub(super) fn arguments<const N: usize>(&self) -> Option<(State<'a>, [Object; N])> {
        let [_, state, rest @ ..] = self.args else { return None };
        let rest = rest.try_into().ok()?;
        (Api::kind(*state) == self.api.tuple_type).then_some(())?;
        Some((State::read(self.api, *state)?, rest))
    }

    fn context(&self, place: isize) -> Object {
        // SAFETY: as above; the package makes the tuple as long as that.
        unsafe { (self.api.tuple_get)(self.context, place) }
    }

    /// How a call is done that has a version.
    pub(super) fn call(&self, version: Object) -> Option<Call> {
        let mut call = Call { as_payload: true, ..Call::default() };
        if version == self.api.none {
            return Some(call);
        }
        if version == self.context(MADE) {
            call.key_made = true;
        } else {
            call.version = Some(self.api.integer(version)?);
        }
        Some(call)
    }

    /// What the argument `timeout` says; None inside where the option TIMEOUT decides.
    pub(super) fn ttl(&self, timeout: Object) -> Option<Option<Ttl>> {
        if timeout == self.context(DEFAULT) {
            return Some(None);
        }
        if timeout == self.api.none {
            return Some(Some(Ttl::Forever));
        }
        if let Some(seconds) = self.api.integer(timeout) {
            return Some(Some(Ttl::Millis(seconds.checked_mul(1000)?)));
        }
        // SAFETY: as above; the list of arguments ends with NULL.
        let made = made(unsafe {
            (self.api.call_with)(self.context(MILLISECONDS), timeout, ptr::null_mut::<()>())
        })?;
        let milliseconds = self.api.integer(made);
        self.api.release(made);
        milliseconds.map(|milliseconds| Some(Ttl::Millis(milliseconds)))
    }

    /// When `set` writes.
    pub(super) fn condition(&self, nx: Object, xx: Object) -> Option<Condition> {
        match (self.api.truth(nx)?, self.api.truth(xx)?) {
            (false, false) => Some(Condition::Always),
            (true, false) => Some(Condition::Absent),
            (false, true) => Some(Condition::Present),
            (true, true) => None,
        }
    }

    /// Does the library's work without the GIL. `held`: what the work needs and this thread must not drop without it.
    pub(super) fn released<H, T>(&self, held: H, work: impl FnOnce(&H) -> Result<T>) -> (H, Result<T>) {
        let held = ManuallyDrop::new(held);
        // SAFETY: this thread has the GIL.
        let thread = unsafe { (self.api.save_thread)() };
        let result = ManuallyDrop::new(boundary::guarded(|| work(&held)));
        // SAFETY: what save_thread gave.
        unsafe { (self.api.restore_thread)(thread) };
        (ManuallyDrop::into_inner(held), ManuallyDrop::into_inner(result))
    }

    /// A look at what the process has at hand. It waits for nothing, so the GIL is kept.
    pub(super) fn at_hand<T>(look: impl FnOnce() -> Option<T>) -> Option<Result<T>> {
        boundary::guarded(|| Ok(look())).transpose()
    }

    /// The rest of a call, done in Python: what is no plain answer, or can't be read. It is called with the cache, the status,
    /// the bytes of a djredis_value that lives until it returns, and these two.
    pub(super) fn unusual(&self, result: Result<Output>, first: Object, second: Object) -> Object {
        let Some(&cache) = self.args.first().filter(|_| self.api.may_go_on()) else {
            return ptr::null_mut();
        };
        let mut out = djredis_value::EMPTY;
        let status = slot::put(&mut out, result);
        // SAFETY: as above; the struct is plain data, and the list of arguments ends with NULL.
        let answer = unsafe {
            let status = (self.api.int_from)(status.into());
            let bytes =
                (self.api.bytes_from)((&raw const out).cast(), size_of::<djredis_value>().cast_signed());
            let end = ptr::null_mut::<()>();
            let answer =
                (self.api.call_with)(self.context(UNUSUAL), cache, status, bytes, first, second, end);
            (self.api.dec_ref)(status);
            (self.api.dec_ref)(bytes);
            answer
        };
        slot::clear(&mut out);
        answer
    }

    /// The whole call, done in Python: nothing was sent so far.
    pub(super) fn python_way(&self) -> Object {
        if !self.api.may_go_on() {
            return ptr::null_mut();
        }
        let places = (0_isize..).zip(self.args.iter().enumerate().filter(|(index, _)| *index != 1));
        // SAFETY: as above; the tuple takes over the references that it is given.
        unsafe {
            let all = (self.api.tuple_new)(self.args.len().saturating_sub(1).cast_signed());
            if all.is_null() {
                return all;
            }
            for (place, (_, argument)) in places {
                (self.api.tuple_set)(all, place, self.api.owned(*argument));
            }
            let answer = (self.api.call)(self.context(PYTHON_WAY), all, ptr::null_mut());
            (self.api.dec_ref)(all);
            answer
        }
    }
}

/// `djredis.Cache._native`: the handle, the format that is written, what writes it with which protocol, and what reads each
/// format.
pub(super) struct State<'a> {
    pub(super) cache: &'a Cache,
    tuple: Object,
}

const HANDLE: isize = 0;
const FORMAT: isize = 1;
const DUMPS: isize = 2;
/// The second argument of DUMPS; None where it has none.
const PROTOCOL: isize = 3;
/// The first of those that read; their formats begin with 1.
const LOADS: isize = 3;

impl State<'_> {
    fn read<'a>(api: &Api, tuple: Object) -> Option<State<'a>> {
        // SAFETY: as above.
        let number = made(unsafe { (api.tuple_get)(tuple, HANDLE) })?;
        // SAFETY: as above; the handle lives as long as the djredis.Cache.
        let handle: *const djredis_cache = unsafe { (api.int_pointer)(number) }.cast();
        // SAFETY: as above.
        let cache = unsafe { handle.as_ref() }?;
        Some(State { cache: cache.get(), tuple })
    }

    /// The format that is written.
    pub(super) fn format(&self, api: &Api) -> Option<Format> {
        // SAFETY: as above.
        let number = api.integer(unsafe { (api.tuple_get)(self.tuple, FORMAT) })?;
        Format::from_number(number.try_into().ok()?)
    }

    /// What the cache's serializer makes of a value: owned.
    pub(super) fn dumps(&self, api: &Api, value: Object) -> Answer {
        // SAFETY: as above; the list of arguments ends with NULL, after one or two.
        made(unsafe {
            let end: Object = ptr::null_mut();
            let protocol = (api.tuple_get)(self.tuple, PROTOCOL);
            let protocol = if protocol == api.none { end } else { protocol };
            (api.call_with)((api.tuple_get)(self.tuple, DUMPS), value, protocol, end)
        })
    }

    /// What the library stores of an object without asking the serializer, borrowed: an integer, and what is text in a pickle.
    pub(super) fn plain<'o>(api: &Api, format: Format, object: Object) -> Option<Value<'o>> {
        if Api::kind(object) == api.int_type {
            return api.integer(object).map(Value::Int);
        }
        let Some(text) = api.text(object).filter(|_| format == Format::Pickle) else {
            // A text of lone surrogates has no UTF-8, which has set an exception.
            api.may_go_on();
            return None;
        };
        std::str::from_utf8(text).ok().map(|text| Value::Text(text.into()))
    }

    /// Whether it is an integer that the library can't hold, or must not take for a plain one.
    pub(super) fn is_for_python(api: &Api, format: Format, object: Object) -> bool {
        Api::kind(object) == api.int_type || (format != Format::Pickle && api.is_other_int(object))
    }

    /// The value of a payload of this format: owned. What a pickle of a scalar holds is made without asking pickle.
    pub(super) fn loads(&self, api: &Api, format: Format, data: &[u8]) -> Answer {
        // SAFETY: as above.
        let loads = unsafe { (api.tuple_get)(self.tuple, LOADS + format as isize) };
        if loads == api.none {
            return None;
        }
        if format == Format::Pickle
            && let Some(scalar) = find_scalar(data)
        {
            let object = scalar_object(api, scalar);
            // A text of lone surrogates is no UTF-8, which has set an exception; pickle reads it.
            if object.is_some() || !api.may_go_on() {
                return object;
            }
        }
        let payload = api.new_bytes(data)?;
        // SAFETY: as above; the list of arguments ends with NULL.
        let value = unsafe { (api.call_with)(loads, payload, ptr::null_mut::<()>()) };
        api.release(payload);
        made(value)
    }
}

/// What CPython's pickle would make of a scalar: owned. None where an exception is set.
fn scalar_object(api: &Api, scalar: Scalar<'_>) -> Answer {
    match scalar {
        Scalar::Text(text) => api.new_str(text),
        Scalar::Bytes(data) => api.new_bytes(data),
        // SAFETY: as above.
        Scalar::Float(number) => made(unsafe { (api.float_from)(number) }),
        Scalar::Bool(truth) => Some(api.owned(if truth { api.yes } else { api.no })),
        Scalar::None => Some(api.owned(api.none)),
    }
}
