//! `djredis_parser`: the host's own parser of replies.

use std::ffi::c_void;
use std::ptr;
use std::sync::Arc;

use super::boundary::{Output, call};
use super::call::check_size;
use super::input;
use super::options::djredis_options;
use super::value::djredis_value;
use crate::error::{Error, Result};
use crate::resp::{MakeParser, Parser, ParserClass};

/// The host's own parser of replies, as hiredis.Reader is one: docs/parsers.md. `struct_size` is
/// `sizeof(djredis_parser)`; the library copies it.
///
/// A connection has one parser. The functions are called on the thread whose call reads from it, never under a lock and never
/// from a thread of the library's; one parser is with one thread at a time. They must not block, since no deadline reaches into them,
/// and must return: no exception and no longjmp.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct djredis_parser {
    /// `sizeof(djredis_parser)` as the caller was compiled.
    pub struct_size: u32,
    /// 0.
    pub flags: u32,
    /// Handed to `create` and `destroy`.
    pub ctx: *mut c_void,
    /// A parser for a new connection, once that is logged in; NULL is a failure. Needed.
    pub create: Option<unsafe extern "C-unwind" fn(ctx: *mut c_void) -> *mut c_void>,
    /// Gives a parser `len` bytes at `data`, one whole reply; they stand until it returns. 0, or anything else for a failure. Needed.
    pub feed: Option<unsafe extern "C-unwind" fn(parser: *mut c_void, data: *const u8, len: usize) -> i32>,
    /// Asks a parser for the reply. 0: it stands in RESP, `*len` bytes at `*data`, until the next call with this parser.
    /// 1: it has none. Below 0: it failed, and a text that says why may stand there. Needed.
    pub gets: Option<
        unsafe extern "C-unwind" fn(parser: *mut c_void, data: *mut *const u8, len: *mut usize) -> i32,
    >,
    /// Ends a parser: its connection is closed. May be NULL.
    pub free: Option<unsafe extern "C-unwind" fn(parser: *mut c_void)>,
    /// `ctx` is needed no more: no options, cache and connection have it. Not called in a child of fork() for what the parent
    /// used. May be NULL.
    pub destroy: Option<unsafe extern "C-unwind" fn(ctx: *mut c_void)>,
}

/// Makes the host's own parser what reads replies, in the place of option PARSER_CLASS. NULL: the built-in one.
///
/// Caches whose parsers have the same functions and the same `ctx` share connections. `destroy` is called once for each call
/// that was DJREDIS_OK. Else DJREDIS_ERR_ARGUMENT for a wrong struct_size, flags or a function that is missing;
/// DJREDIS_ERR_NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn djredis_options_set_parser(
    options: Option<&mut djredis_options>,
    parser: *const djredis_parser,
    out: *mut djredis_value,
) -> i32 {
    call(out, || {
        let options = options.ok_or_else(|| input::null("options"))?;
        if parser.is_null() {
            options.get_mut().set("PARSER_CLASS", "builtin")?;
        } else {
            options.get_mut().set_parser(ParserClass::new(Arc::new(read(parser)?)));
        }
        Ok(Output::Done)
    })
}

fn read(parser: *const djredis_parser) -> Result<Class> {
    // SAFETY: the caller's contract: every version of the struct starts with these fields.
    let given = unsafe { parser.read_unaligned() };
    check_size(parser, given.struct_size as usize, "djredis_parser")?;
    if given.flags != 0 {
        return Err(Error::argument(format!("djredis_parser.flags has unknown bits: {:#x}", given.flags)));
    }
    let (Some(create), Some(feed), Some(gets)) = (given.create, given.feed, given.gets) else {
        return Err(Error::argument("djredis_parser lacks a function: create, feed and gets are needed"));
    };
    Ok(Class { create, feed, gets, free: given.free, destroy: given.destroy, ctx: given.ctx })
}

type Ends = Option<unsafe extern "C-unwind" fn(*mut c_void)>;

/// Calls a function of the host's, which may end the thread: at its end Python does so with daemon threads that come back to it. That
/// must not unwind through the library, whose boundary would stop it and thereby end the process, so the thread stays here.
fn hosted<T>(function: impl FnOnce() -> T) -> T {
    struct Stay;
    impl Drop for Stay {
        fn drop(&mut self) {
            loop {
                std::thread::park();
            }
        }
    }
    let stay = Stay;
    let answer = function();
    std::mem::forget(stay);
    answer
}

/// The host's functions. Dropping it says that `ctx` is needed no more.
struct Class {
    create: unsafe extern "C-unwind" fn(*mut c_void) -> *mut c_void,
    feed: unsafe extern "C-unwind" fn(*mut c_void, *const u8, usize) -> i32,
    gets: unsafe extern "C-unwind" fn(*mut c_void, *mut *const u8, *mut usize) -> i32,
    free: Ends,
    destroy: Ends,
    ctx: *mut c_void,
}

// SAFETY: the library never looks behind `ctx`; the host promises that its functions work on any thread.
unsafe impl Send for Class {}
// SAFETY: as above.
unsafe impl Sync for Class {}

impl Drop for Class {
    fn drop(&mut self) {
        if let Some(destroy) = self.destroy {
            // SAFETY: the host's contract for `destroy`; nobody has `ctx` any more.
            hosted(|| unsafe { destroy(self.ctx) });
        }
    }
}

impl MakeParser for Class {
    fn make(self: Arc<Self>) -> std::result::Result<Box<dyn Parser>, String> {
        // SAFETY: the host's contract for `create`.
        let object = hosted(|| unsafe { (self.create)(self.ctx) });
        if object.is_null() {
            return Err(String::new());
        }
        Ok(Box::new(Object { class: self, object }))
    }

    fn identity(&self) -> [usize; 6] {
        let optional = |function: Ends| function.map_or(0, |function| function as usize);
        [
            self.ctx as usize,
            self.create as usize,
            self.feed as usize,
            self.gets as usize,
            optional(self.free),
            optional(self.destroy),
        ]
    }
}

/// A parser of the host's.
struct Object {
    /// Keeps `ctx` until the parser is freed.
    class: Arc<Class>,
    object: *mut c_void,
}

// SAFETY: the host promises that a parser may be with one thread after the other.
unsafe impl Send for Object {}

impl Parser for Object {
    fn feed(&mut self, bytes: &[u8]) -> std::result::Result<(), String> {
        // SAFETY: the host's contract for `feed`: it only reads these bytes, until it returns.
        match hosted(|| unsafe { (self.class.feed)(self.object, bytes.as_ptr(), bytes.len()) }) {
            0 => Ok(()),
            _ => Err(String::new()),
        }
    }

    fn gets(&mut self, into: &mut Vec<u8>) -> std::result::Result<bool, String> {
        let (mut data, mut len) = (ptr::null(), 0);
        // SAFETY: the host's contract for `gets`; both pointers are to live values.
        let status = hosted(|| unsafe { (self.class.gets)(self.object, &mut data, &mut len) });
        let given =
            || input::bytes(data.cast(), len, "what gets gave").map_err(|error| error.message().to_owned());
        match status {
            0 => {
                into.extend_from_slice(given()?);
                Ok(true)
            }
            1 => Ok(false),
            i32::MIN..0 => Err(String::from_utf8_lossy(given()?).into_owned()),
            _ => Err(format!("gets returned {status}, which means nothing")),
        }
    }
}

impl Drop for Object {
    fn drop(&mut self) {
        if let Some(free) = self.class.free {
            // SAFETY: the host's contract for `free`: once, and nobody uses the parser any more.
            hosted(|| unsafe { free(self.object) });
        }
    }
}
