//! The Ruby that this process runs: its functions, constants, and the frames that its calls need.

use std::ffi::{CStr, c_int, c_long, c_void};
use std::mem;
use std::ptr;
use std::sync::OnceLock;

use super::api::{Id, Symbols, Value};
use super::layout::{self, Strings};
use super::methods;

/// What is called of bindings/ruby/lib/djredis/native.rb.
pub(super) struct Names {
    pub(super) plain: Id,
    pub(super) fields: Id,
    pub(super) built: Id,
    pub(super) composite: Id,
    pub(super) extension: Id,
    pub(super) container: Id,
    pub(super) failure: Id,
    pub(super) error: Id,
    pub(super) partial: Id,
    pub(super) size: Id,
    /// The instance variable of values that remember what they were read from.
    pub(super) origin: Id,
}

/// Everything that stays the same once it is installed.
pub(super) struct Ruby {
    pub(super) symbols: Symbols,
    pub(super) strings: Strings,
    pub(super) names: Names,
    pub(super) nil: Value,
    pub(super) truth: Value,
    utf8: usize,
    ascii: usize,
    binary: usize,
    /// The module `DJRedis::Native`.
    native: Value,
}

static RUBY: OnceLock<Ruby> = OnceLock::new();

/// RUBY_UBF_IO: who wakes a thread that waits without the GVL sends it a signal, until it has come back.
const WAKE_BY_SIGNAL: *mut c_void = ptr::without_provenance_mut(usize::MAX);
/// Ruby's `false`, in every version.
pub(super) const FALSE: Value = 0;

impl Ruby {
    /// The one that was installed: its methods are only there afterwards.
    pub(super) fn get() -> Option<&'static Ruby> {
        RUBY.get()
    }

    /// Whether the methods are there now.
    pub(super) fn install() -> bool {
        // The tags in a word are those of 64 bits.
        if cfg!(not(target_pointer_width = "64")) {
            return false;
        }
        let Some(symbols) = Symbols::find() else { return false };
        let mut made = (Some(symbols), None);
        let protect = made.0.as_ref().map(|symbols| symbols.api.rb_protect);
        let clear = made.0.as_ref().map(|symbols| symbols.api.rb_set_errinfo);
        let (Some(protect), Some(clear)) = (protect, clear) else { return false };
        let mut state = 0;
        // SAFETY: `look` takes a pointer to this pair. Where it raises rb_protect answers nil.
        let nil = unsafe { protect(look, (&raw mut made) as Value, &raw mut state) };
        if state != 0 {
            // SAFETY: what was raised is forgotten.
            unsafe { clear(nil) };
            return false;
        }
        made.1.is_some_and(|ruby| RUBY.set(ruby).is_ok() && Ruby::get().is_some_and(methods::define))
    }

    /// Runs `body`, out of which Ruby may jump, over `owned`, which it can't jump over. The state is for `leave`, once what
    /// is owned is gone.
    pub(super) fn protected<T>(
        &self,
        owned: &mut T,
        body: fn(&Ruby, &mut T) -> Value,
    ) -> Result<Value, c_int> {
        struct Passed<'p, T> {
            ruby: &'p Ruby,
            owned: &'p mut T,
            body: fn(&Ruby, &mut T) -> Value,
        }
        unsafe extern "C-unwind" fn run<T>(passed: Value) -> Value {
            // SAFETY: rb_protect passes on what it got below.
            let passed = unsafe { &mut *(passed as *mut Passed<'_, T>) };
            (passed.body)(passed.ruby, passed.owned)
        }
        let mut passed = Passed { ruby: self, owned, body };
        let mut state = 0;
        // SAFETY: `run` gets what it takes; a jump out of it ends in rb_protect.
        let made =
            unsafe { (self.symbols.api.rb_protect)(run::<T>, (&raw mut passed) as Value, &raw mut state) };
        if state == 0 { Ok(made) } else { Err(state) }
    }

    /// The end of a method: goes on with what `protected` stopped. The frames from here to Ruby own nothing.
    pub(super) fn leave(&self, outcome: Result<Value, c_int>) -> Value {
        outcome.unwrap_or_else(|state| {
            // SAFETY: the state of the rb_protect that just ended.
            unsafe { (self.symbols.api.rb_jump_tag)(state) };
            self.nil
        })
    }

    /// Runs `work` without the GVL: it must touch nothing of Ruby's. A part of a body.
    pub(super) fn unlocked<F: FnMut()>(&self, mut work: F) {
        // Ruby may jump when it takes the GVL again.
        const { assert!(!mem::needs_drop::<F>()) };
        unsafe extern "C-unwind" fn run<F: FnMut()>(work: *mut c_void) -> *mut c_void {
            // SAFETY: what is passed below.
            unsafe { (*work.cast::<F>())() };
            ptr::null_mut()
        }
        let unlocked = self.symbols.api.rb_thread_call_without_gvl;
        // SAFETY: `run` gets what it takes. It doesn't unwind: the boundary catches panics.
        unsafe { unlocked(run::<F>, (&raw mut work).cast(), WAKE_BY_SIGNAL, ptr::null_mut()) };
    }

    /// Calls a method of `DJRedis::Native`. A part of a body, as everything below.
    pub(super) fn call(&self, name: Id, arguments: &[Value]) -> Value {
        self.send(self.native, name, arguments)
    }

    pub(super) fn send(&self, receiver: Value, name: Id, arguments: &[Value]) -> Value {
        let count = arguments.len() as c_int;
        // SAFETY: live objects on the stack.
        unsafe { (self.symbols.api.rb_funcallv)(receiver, name, count, arguments.as_ptr()) }
    }

    /// Defines a method of `DJRedis::Native`: a C-unwind function of the receiver and so many arguments.
    pub(super) fn define(&self, name: &CStr, function: *const c_void, arguments: c_int) {
        // SAFETY: live, and of that many arguments: `methods::define`.
        unsafe {
            (self.symbols.api.rb_define_singleton_method)(self.native, name.as_ptr(), function, arguments);
        }
    }

    pub(super) fn text(&self, text: &[u8]) -> Value {
        let made = self.bytes(text);
        self.strings.make_text(made);
        made
    }

    /// A text that is the key of a Hash. Ruby has each but once, as it would make of it there.
    pub(super) fn key_text(&self, text: &[u8]) -> Value {
        let Some((interned, utf8)) = self.symbols.interned else { return self.text(text) };
        // SAFETY: a live slice, which Ruby copies.
        unsafe { interned(text.as_ptr().cast(), text.len().cast_signed() as c_long, utf8) }
    }

    pub(super) fn bytes(&self, bytes: &[u8]) -> Value {
        // SAFETY: a live slice, which Ruby copies.
        unsafe { (self.symbols.api.rb_str_new)(bytes.as_ptr().cast(), bytes.len().cast_signed() as c_long) }
    }

    pub(super) fn integer(&self, integer: i64) -> Value {
        // SAFETY: any number is fine.
        unsafe { (self.symbols.api.rb_ll2inum)(integer) }
    }

    pub(super) fn float(&self, real: f64) -> Value {
        // SAFETY: any number is fine.
        unsafe { (self.symbols.api.rb_float_new)(real) }
    }

    pub(super) fn bool(&self, truth: bool) -> Value {
        if truth { self.truth } else { FALSE }
    }

    /// An Array of a size that is known.
    pub(super) fn list(&self, capacity: usize) -> Value {
        // SAFETY: the sizes here are those of data in memory.
        unsafe { (self.symbols.api.rb_ary_new_capa)(capacity.cast_signed() as c_long) }
    }

    pub(super) fn push(&self, list: Value, element: Value) {
        // SAFETY: an Array of ours.
        unsafe { (self.symbols.api.rb_ary_push)(list, element) };
    }

    /// nil past the end.
    pub(super) fn element(&self, list: Value, index: usize) -> Value {
        // SAFETY: the callers' contract: an Array.
        unsafe { (self.symbols.api.rb_ary_entry)(list, index.cast_signed() as c_long) }
    }

    /// A key of the program's for a Hash of ours. Of a String that may change, a Hash keeps a copy that Ruby has but once, which
    /// takes longer to find than a copy to make.
    pub(super) fn frozen_key(&self, key: Value) -> Value {
        if self.type_of(key) != layout::STRING || layout::class_of(key) != self.symbols.string {
            return key;
        }
        // SAFETY: a String; a frozen one is its own copy.
        unsafe { (self.symbols.api.rb_str_new_frozen)(key) }
    }

    /// A Hash for so many pairs.
    pub(super) fn map(&self, pairs: usize) -> Value {
        // SAFETY: any number is fine, and the sizes here are those of data in memory.
        unsafe {
            match self.symbols.sized_hash {
                Some(new) => new(pairs.cast_signed() as c_long),
                None => (self.symbols.api.rb_hash_new)(),
            }
        }
    }

    pub(super) fn put(&self, map: Value, key: Value, value: Value) {
        // SAFETY: a Hash of ours.
        unsafe { (self.symbols.api.rb_hash_aset)(map, key, value) };
    }

    pub(super) fn type_of(&self, value: Value) -> usize {
        layout::type_of(value, self.nil)
    }

    /// Which of the encodings of texts and bytes a String has; None for others.
    pub(super) fn encoding(&self, string: Value) -> Option<Encoding> {
        let index = self.strings.encoding(string);
        match index {
            _ if index == self.utf8 => Some(Encoding::Utf8),
            _ if index == self.ascii => Some(Encoding::Ascii),
            _ if index == self.binary => Some(Encoding::Binary),
            _ => None,
        }
    }
}

/// The encodings whose bytes are taken as they are.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Encoding {
    Utf8,
    Ascii,
    Binary,
}

/// Looks at this Ruby; answers nil.
unsafe extern "C-unwind" fn look(pair: Value) -> Value {
    // SAFETY: what `install` passes.
    let (symbols, ruby) = unsafe { &mut *(pair as *mut (Option<Symbols>, Option<Ruby>)) };
    let Some(found) = symbols.as_ref() else { return FALSE };
    let api = &found.api;
    // SAFETY: names that end with a NUL, and objects that were just made.
    unsafe {
        let nil = (api.rb_ary_entry)((api.rb_ary_new_capa)(0), 0);
        let native = (api.rb_path2class)(c"DJRedis::Native".as_ptr());
        (api.rb_gc_register_mark_object)(native);
        let index = |index: c_int| usize::try_from(index).unwrap_or(usize::MAX);
        let [utf8, ascii, binary] =
            [(api.rb_utf8_encindex)(), (api.rb_usascii_encindex)(), (api.rb_ascii8bit_encindex)()].map(index);
        let strings = Strings::probe(api, [binary, utf8]);
        let name = |text: &str| (api.rb_intern2)(text.as_ptr().cast(), text.len().cast_signed() as c_long);
        let names = Names {
            plain: name("plain"),
            fields: name("fields"),
            built: name("built"),
            composite: name("composite"),
            extension: name("extension"),
            container: name("container"),
            failure: name("failure"),
            error: name("error"),
            partial: name("partial"),
            size: name("size"),
            origin: name("@djredis_origin"),
        };
        let truth = (api.rb_equal)(nil, nil);
        *ruby = strings.and_then(|strings| {
            let symbols = symbols.take()?;
            Some(Ruby { symbols, strings, names, nil, truth, utf8, ascii, binary, native })
        });
        nil
    }
}
