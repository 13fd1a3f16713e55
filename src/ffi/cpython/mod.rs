//! For the Python package: the hot calls as functions of CPython's own kind, without ctypes in between.
//!
//! Nothing of CPython is linked: what is used of it is looked up in the process (`api`). A function does what it can do
//! without asking twice: text for keys, plain numbers, the serializer's own functions. Everything else it leaves to the
//! Python methods that ctypes serves (`Frame::python_way`), and so are errors (`Frame::unusual`): they are made in one place.

mod api;
mod frame;
mod many;
mod single;

use std::ffi::{CStr, c_char, c_int, c_void};
use std::ptr;
use std::slice;

use api::{Object, api};
use frame::{Answer, Frame};

use super::boundary::guarded;

/// CPython's PyMethodDef.
#[repr(C)]
struct PyMethodDef {
    name: *const c_char,
    function: Option<Function>,
    flags: c_int,
    doc: *const c_char,
}

// SAFETY: it is never written, and points to constants.
unsafe impl Sync for PyMethodDef {}

/// With METH_FASTCALL: what the function was made with, its arguments, and their number.
type Function = unsafe extern "C-unwind" fn(Object, *const Object, isize) -> Object;
const METH_FASTCALL: c_int = 0x80;

macro_rules! methods {
    ($($name:literal: $work:path;)*) => {
        [$({
            unsafe extern "C-unwind" fn function(context: Object, args: *const Object, count: isize) -> Object {
                // SAFETY: CPython's promise.
                unsafe { run(context, args, count, $work) }
            }
            method($name, function)
        },)* END]
    };
}

const END: PyMethodDef = PyMethodDef { name: ptr::null(), function: None, flags: 0, doc: ptr::null() };

static METHODS: [PyMethodDef; 10] = methods! {
    c"get": single::get;
    c"set": single::set;
    c"delete": single::delete;
    c"has_key": single::has_key;
    c"touch": single::touch;
    c"incr": single::incr;
    c"get_many": many::get_many;
    c"set_many": many::set_many;
    c"plain_keys": many::plain_keys;
};

const fn method(name: &'static CStr, function: Function) -> PyMethodDef {
    PyMethodDef { name: name.as_ptr(), function: Some(function), flags: METH_FASTCALL, doc: ptr::null() }
}

/// # Safety
/// As CPython calls it: with the GIL, and `count` objects at `args`.
unsafe fn run(context: Object, args: *const Object, count: isize, work: fn(&Frame<'_>) -> Answer) -> Object {
    let Some(api) = api() else { return ptr::null_mut() };
    // SAFETY: the caller's contract; without arguments the pointer may be NULL.
    let args = if count > 0 { unsafe { slice::from_raw_parts(args, count.cast_unsigned()) } } else { &[] };
    let frame = Frame::new(api, context, args);
    work(&frame).unwrap_or_else(|| frame.python_way())
}

/// For the Python package only: functions for CPython, as a table of PyMethodDef that ends with zeros, or NULL outside of
/// CPython 3.9 and newer. Which arguments they take is the package's own business and changes with it. Static. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn djredis_cpython_methods() -> *const c_void {
    let found = guarded(|| Ok(api().is_some())).unwrap_or(false);
    if found { METHODS.as_ptr().cast() } else { ptr::null() }
}
