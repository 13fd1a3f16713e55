//! MRI's C functions, found in the running process: nothing of Ruby is there when the library is built, and a program
//! without Ruby has none of them.

use std::ffi::{c_char, c_double, c_int, c_long, c_void};
use std::mem;

/// Ruby's word for every object: a pointer, or a small value itself.
pub(super) type Value = usize;
/// Ruby's number for a name.
pub(super) type Id = usize;

/// What rb_protect runs.
pub(super) type Body = unsafe extern "C-unwind" fn(Value) -> Value;
/// What runs without Ruby's lock, the GVL.
pub(super) type Unlocked = unsafe extern "C-unwind" fn(*mut c_void) -> *mut c_void;
/// What rb_hash_foreach runs for each pair.
pub(super) type EachPair = unsafe extern "C-unwind" fn(Value, Value, Value) -> c_int;

macro_rules! api {
    ($($(#[$doc:meta])* $name:ident: ($($argument:ty),*) $(-> $result:ty)?;)*) => {
        /// The functions, by their names in ruby.h. Any of those that make or ask an object may raise: leave by longjmp, that is,
        /// over all frames up to the next rb_protect. So no frame in between may own anything.
        pub(super) struct Api {
            $($(#[$doc])* pub(super) $name: unsafe extern "C-unwind" fn($($argument),*) $(-> $result)?,)*
        }

        impl Api {
            /// None where one of them is missing.
            fn find() -> Option<Api> {
                // SAFETY: each type is that of the function in ruby.h, from Ruby 2.7 on.
                Some(unsafe {
                    Api { $($name: mem::transmute::<*mut c_void, unsafe extern "C-unwind" fn($($argument),*) $(-> $result)?>(
                        find(concat!(stringify!($name), "\0"))?,
                    ),)* }
                })
            }
        }
    };
}

api! {
    rb_ary_entry: (Value, c_long) -> Value;
    rb_ary_new_capa: (c_long) -> Value;
    rb_ary_push: (Value, Value) -> Value;
    rb_ascii8bit_encindex: () -> c_int;
    rb_attr_get: (Value, Id) -> Value;
    rb_define_singleton_method: (Value, *const c_char, *const c_void, c_int);
    rb_equal: (Value, Value) -> Value;
    rb_float_new: (c_double) -> Value;
    rb_float_value: (Value) -> c_double;
    rb_funcallv: (Value, Id, c_int, *const Value) -> Value;
    rb_gc_register_mark_object: (Value);
    rb_hash_aset: (Value, Value, Value) -> Value;
    rb_hash_foreach: (Value, EachPair, Value);
    rb_hash_new: () -> Value;
    rb_hash_size_num: (Value) -> usize;
    rb_intern2: (*const c_char, c_long) -> Id;
    rb_jump_tag: (c_int);
    rb_ll2inum: (i64) -> Value;
    rb_num2ll: (Value) -> i64;
    rb_path2class: (*const c_char) -> Value;
    rb_protect: (Body, Value, *mut c_int) -> Value;
    rb_set_errinfo: (Value);
    rb_str_new: (*const c_char, c_long) -> Value;
    rb_str_new_frozen: (Value) -> Value;
    rb_sym2str: (Value) -> Value;
    rb_thread_call_without_gvl: (Unlocked, *mut c_void, *mut c_void, *mut c_void) -> *mut c_void;
    rb_time_timespec_new: (*const libc::timespec, c_int) -> Value;
    rb_ull2inum: (u64) -> Value;
    rb_usascii_encindex: () -> c_int;
    rb_utf8_encindex: () -> c_int;
    rb_utf8_str_new: (*const c_char, c_long) -> Value;
}

/// The functions, and those classes that are variables of Ruby's.
pub(super) struct Symbols {
    pub(super) api: Api,
    pub(super) string: Value,
    pub(super) array: Value,
    pub(super) hash: Value,
    /// rb_enc_interned_str, since Ruby 3.0, with the encoding UTF-8.
    pub(super) interned: Option<(Interned, *const c_void)>,
    /// rb_hash_new_capa, since Ruby 3.2, or what it was before.
    pub(super) sized_hash: Option<SizedHash>,
}

type Interned = unsafe extern "C-unwind" fn(*const c_char, c_long, *const c_void) -> Value;
type SizedHash = unsafe extern "C-unwind" fn(c_long) -> Value;
type Encoding = unsafe extern "C-unwind" fn() -> *const c_void;

// SAFETY: functions, classes and an encoding, which stay where they are for as long as Ruby runs.
unsafe impl Send for Symbols {}
// SAFETY: as above; only threads that hold the GVL call them.
unsafe impl Sync for Symbols {}

impl Symbols {
    /// None in a program that is no MRI.
    pub(super) fn find() -> Option<Symbols> {
        let class = |name| {
            let variable: *const Value = find(name)?.cast();
            // SAFETY: a VALUE that Ruby set when it started.
            Some(unsafe { *variable })
        };
        Some(Symbols {
            api: Api::find()?,
            string: class("rb_cString\0")?,
            array: class("rb_cArray\0")?,
            hash: class("rb_cHash\0")?,
            interned: Symbols::interned(),
            sized_hash: Symbols::sized_hash(),
        })
    }

    fn interned() -> Option<(Interned, *const c_void)> {
        let (interned, encoding) = (find("rb_enc_interned_str\0")?, find("rb_utf8_encoding\0")?);
        // SAFETY: the types of ruby.h. The encoding is there since Ruby started.
        unsafe {
            let encoding = mem::transmute::<*mut c_void, Encoding>(encoding)();
            Some((mem::transmute::<*mut c_void, Interned>(interned), encoding))
        }
    }

    fn sized_hash() -> Option<SizedHash> {
        let found = find("rb_hash_new_capa\0").or_else(|| find("rb_hash_new_with_size\0"))?;
        // SAFETY: both take a number of pairs.
        Some(unsafe { mem::transmute::<*mut c_void, SizedHash>(found) })
    }
}

/// A symbol of the program or of what it was linked with. `name` ends with a NUL.
fn find(name: &str) -> Option<*mut c_void> {
    // SAFETY: a NUL-terminated name.
    let found = unsafe { libc::dlsym(libc::RTLD_DEFAULT, name.as_ptr().cast()) };
    (!found.is_null()).then_some(found)
}
