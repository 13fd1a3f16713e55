//! CPython's functions and objects, found in the running process: nothing is linked, and outside of CPython nothing is found.
//!
//! All of them are in CPython 3.9 and in every later one, most in its stable ABI.

use std::ffi::{CStr, c_char, c_double, c_int, c_longlong, c_void};
use std::ptr::NonNull;
use std::sync::OnceLock;

/// The head of every object. A CPython whose objects begin otherwise is refused by the Python package.
#[repr(C)]
pub(super) struct PyObject {
    refcount: isize,
    kind: Object,
}

/// An object, borrowed unless said otherwise; NULL where an exception is set.
pub(super) type Object = *mut PyObject;

macro_rules! api {
    ($($name:ident: $kind:ty = $symbol:literal;)*) => {
        /// What is used of CPython.
        pub(super) struct Api {
            $(pub(super) $name: $kind,)*
        }

        impl Api {
            /// None outside of CPython.
            fn found() -> Option<Api> {
                // SAFETY: a symbol of this name is CPython's, and has the type that its documentation gives it.
                Some(Api { $($name: unsafe { symbol::<$kind>($symbol)? },)* })
            }
        }
    };
}

// What makes an object may collect garbage and so run any code, and the interpreter may end the thread there: by unwinding it.
api! {
    save_thread: unsafe extern "C-unwind" fn() -> *mut c_void = c"PyEval_SaveThread";
    restore_thread: unsafe extern "C-unwind" fn(*mut c_void) = c"PyEval_RestoreThread";
    inc_ref: unsafe extern "C-unwind" fn(Object) = c"Py_IncRef";
    dec_ref: unsafe extern "C-unwind" fn(Object) = c"Py_DecRef";
    call: unsafe extern "C-unwind" fn(Object, Object, Object) -> Object = c"PyObject_Call";
    call_with: unsafe extern "C-unwind" fn(Object, ...) -> Object = c"PyObject_CallFunctionObjArgs";
    error: unsafe extern "C-unwind" fn() -> Object = c"PyErr_Occurred";
    clear_error: unsafe extern "C-unwind" fn() = c"PyErr_Clear";
    error_is: unsafe extern "C-unwind" fn(Object) -> c_int = c"PyErr_ExceptionMatches";

    utf8: unsafe extern "C-unwind" fn(Object, *mut isize) -> *const c_char = c"PyUnicode_AsUTF8AndSize";
    bytes_from: unsafe extern "C-unwind" fn(*const c_char, isize) -> Object = c"PyBytes_FromStringAndSize";
    bytes_parts: unsafe extern "C-unwind" fn(Object, *mut *mut c_char, *mut isize) -> c_int = c"PyBytes_AsStringAndSize";
    str_from: unsafe extern "C-unwind" fn(*const c_char, isize) -> Object = c"PyUnicode_FromStringAndSize";
    float_from: unsafe extern "C-unwind" fn(c_double) -> Object = c"PyFloat_FromDouble";
    int_from: unsafe extern "C-unwind" fn(c_longlong) -> Object = c"PyLong_FromLongLong";
    int_parts: unsafe extern "C-unwind" fn(Object, *mut c_int) -> c_longlong = c"PyLong_AsLongLongAndOverflow";
    int_pointer: unsafe extern "C-unwind" fn(Object) -> *mut c_void = c"PyLong_AsVoidPtr";
    tuple_new: unsafe extern "C-unwind" fn(isize) -> Object = c"PyTuple_New";
    tuple_get: unsafe extern "C-unwind" fn(Object, isize) -> Object = c"PyTuple_GetItem";
    tuple_set: unsafe extern "C-unwind" fn(Object, isize, Object) -> c_int = c"PyTuple_SetItem";
    list_new: unsafe extern "C-unwind" fn(isize) -> Object = c"PyList_New";
    list_len: unsafe extern "C-unwind" fn(Object) -> isize = c"PyList_Size";
    list_get: unsafe extern "C-unwind" fn(Object, isize) -> Object = c"PyList_GetItem";
    list_set: unsafe extern "C-unwind" fn(Object, isize, Object) -> c_int = c"PyList_SetItem";
    dict_new: unsafe extern "C-unwind" fn() -> Object = c"PyDict_New";
    dict_set: unsafe extern "C-unwind" fn(Object, Object, Object) -> c_int = c"PyDict_SetItem";
    dict_items: unsafe extern "C-unwind" fn(Object) -> Object = c"PyDict_Items";

    none: Object = c"_Py_NoneStruct";
    yes: Object = c"_Py_TrueStruct";
    no: Object = c"_Py_FalseStruct";
    str_type: Object = c"PyUnicode_Type";
    int_type: Object = c"PyLong_Type";
    bool_type: Object = c"PyBool_Type";
    dict_type: Object = c"PyDict_Type";
    list_type: Object = c"PyList_Type";
    tuple_type: Object = c"PyTuple_Type";
    type_flags: unsafe extern "C-unwind" fn(Object) -> libc::c_ulong = c"PyType_GetFlags";
    // A variable that holds the class.
    exception: *const Object = c"PyExc_Exception";
}

/// # Safety
/// `T` has the size of a pointer and is what this symbol points to, or a pointer to that.
unsafe fn symbol<T: Copy>(name: &CStr) -> Option<T> {
    const { assert!(size_of::<T>() == size_of::<NonNull<c_void>>()) };
    // SAFETY: the name ends at its NUL.
    let found = NonNull::new(unsafe { libc::dlsym(libc::RTLD_DEFAULT, name.as_ptr()) })?;
    // SAFETY: the caller's contract.
    Some(unsafe { std::mem::transmute_copy(&found) })
}

// SAFETY: addresses of functions and of objects that live as long as the process.
unsafe impl Send for Api {}
// SAFETY: as above; each use has CPython's own rules.
unsafe impl Sync for Api {}

static API: OnceLock<Option<Api>> = OnceLock::new();

/// CPython's functions; None outside of CPython.
pub(super) fn api() -> Option<&'static Api> {
    API.get_or_init(Api::found).as_ref()
}

/// `Py_TPFLAGS_LONG_SUBCLASS`, fixed in the stable ABI.
const INT_SUBCLASS: libc::c_ulong = 1 << 24;

// SAFETY of all that follows: the caller has the GIL and hands over living objects, as everywhere in this module. Borrowed
// slices live as long as their object does.
impl Api {
    pub(super) fn kind(object: Object) -> Object {
        // SAFETY: as above.
        unsafe { (*object).kind }
    }

    /// The UTF-8 of an exact str.
    pub(super) fn text<'a>(&self, object: Object) -> Option<&'a [u8]> {
        if Api::kind(object) != self.str_type {
            return None;
        }
        let mut len = 0;
        // SAFETY: as above.
        let data = unsafe { (self.utf8)(object, &raw mut len) };
        // SAFETY: CPython's promise; it is NULL where a lone surrogate has no UTF-8.
        (!data.is_null()).then(|| unsafe { slice(data, len) })
    }

    /// The content of bytes.
    pub(super) fn content<'a>(&self, object: Object) -> Option<&'a [u8]> {
        let (mut data, mut len) = (std::ptr::null_mut(), 0);
        // SAFETY: as above.
        let found = unsafe { (self.bytes_parts)(object, &raw mut data, &raw mut len) } == 0;
        // SAFETY: CPython's promise.
        found.then(|| unsafe { slice(data, len) })
    }

    /// The number of an exact int of 64 bits.
    pub(super) fn integer(&self, object: Object) -> Option<i64> {
        if Api::kind(object) != self.int_type {
            return None;
        }
        let mut overflow = 0;
        // SAFETY: as above.
        let number = unsafe { (self.int_parts)(object, &raw mut overflow) };
        (overflow == 0).then_some(number)
    }

    /// Whether it is an int of a class of its own.
    pub(super) fn is_other_int(&self, object: Object) -> bool {
        let kind = Api::kind(object);
        // SAFETY: as above.
        kind != self.bool_type && unsafe { (self.type_flags)(kind) } & INT_SUBCLASS != 0
    }

    /// True, False: the same object always.
    pub(super) fn truth(&self, object: Object) -> Option<bool> {
        match object {
            _ if object == self.yes => Some(true),
            _ if object == self.no => Some(false),
            _ => None,
        }
    }

    /// New bytes, owned by the caller.
    pub(super) fn new_bytes(&self, data: &[u8]) -> Option<Object> {
        // SAFETY: as above; a slice has SSIZE_MAX bytes at most.
        made(unsafe { (self.bytes_from)(data.as_ptr().cast(), data.len().cast_signed()) })
    }

    /// A new str of UTF-8, owned by the caller.
    pub(super) fn new_str(&self, utf8: &[u8]) -> Option<Object> {
        // SAFETY: as above; a slice has SSIZE_MAX bytes at most.
        made(unsafe { (self.str_from)(utf8.as_ptr().cast(), utf8.len().cast_signed()) })
    }

    /// The same object, owned by the caller.
    pub(super) fn owned(&self, object: Object) -> Object {
        // SAFETY: as above.
        unsafe { (self.inc_ref)(object) };
        object
    }

    /// Gives an owned reference up.
    pub(super) fn release(&self, object: Object) {
        // SAFETY: as above.
        unsafe { (self.dec_ref)(object) };
    }

    /// Forgets an exception that is set. False where it ends the call instead: KeyboardInterrupt, say.
    pub(super) fn may_go_on(&self) -> bool {
        // SAFETY: as above.
        unsafe {
            let ends = !(self.error)().is_null() && (self.error_is)(*self.exception) == 0;
            if !ends {
                (self.clear_error)();
            }
            !ends
        }
    }
}

/// What a function has made; None where an exception is set instead.
pub(super) fn made(object: Object) -> Option<Object> {
    (!object.is_null()).then_some(object)
}

/// # Safety
/// `len` bytes are at `data`.
unsafe fn slice<'a>(data: *const c_char, len: isize) -> &'a [u8] {
    // SAFETY: the caller's contract; CPython gives a pointer for an empty text too, and no negative length.
    unsafe { std::slice::from_raw_parts(data.cast(), len.cast_unsigned()) }
}
