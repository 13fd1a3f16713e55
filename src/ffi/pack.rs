//! `djredis_pack`: a composite value in the making.

use std::ffi::{c_char, c_void};

use super::boundary::{Output, call, guarded, plain, silent};
use super::input;
use super::time::{djredis_time, moment};
use super::value::{djredis_value, read};
use crate::builder::Builder;
use crate::error::{Error, Result, Status};
use crate::value::Value;

/// A list, map, set, ... in the making, to be given to djredis_cache_set. One thread at a time. Made by djredis_pack_new, freed by
/// djredis_pack_free. Of the parts that were refused the first one's error comes out of djredis_pack_value, so that a program need
/// not look at each status.
#[derive(Default)]
pub struct djredis_pack {
    builder: Builder,
    refused: Option<(Status, String)>,
}

impl djredis_pack {
    fn add(&mut self, part: impl FnOnce(&mut Builder) -> Result<()>) -> Result<Output> {
        part(&mut self.builder).map(|()| Output::Done).inspect_err(|error| {
            self.refused.get_or_insert_with(|| (error.status(), error.message().to_owned()));
        })
    }

    fn finish(&mut self) -> Result<Output> {
        let pack = std::mem::take(self);
        match pack.refused {
            Some((status, message)) => Err(Error::new(status, format!("a part was refused: {message}"))),
            None => { pack.builder }.finish().map(Output::Value),
        }
    }
}

fn adding(pack: Option<&mut djredis_pack>, part: impl FnOnce(&mut Builder) -> Result<()>) -> i32 {
    plain(|| pack.ok_or_else(|| input::null("pack"))?.add(part))
}

/// A pack with nothing in it. Free it with djredis_pack_free. NULL only if memory is out.
#[unsafe(no_mangle)]
pub extern "C" fn djredis_pack_new() -> Option<Box<djredis_pack>> {
    guarded(|| Ok(Box::default())).ok()
}

/// Begins a container: DJREDIS_LIST, DJREDIS_MAP, DJREDIS_TUPLE, DJREDIS_SET, DJREDIS_FROZENSET, DJREDIS_ORDERED_DICT, DJREDIS_COUNTER,
/// DJREDIS_DEQUE, DJREDIS_DEFAULTDICT, DJREDIS_RANGE (of start, stop and step) or DJREDIS_RECORD.
///
/// What is added next goes into it until djredis_pack_end; in a map key, value, key, value. DJREDIS_OK; DJREDIS_ERR_NULL;
/// DJREDIS_ERR_ARGUMENT for another kind, or more than 512 levels.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn djredis_pack_begin(pack: Option<&mut djredis_pack>, kind: u32) -> i32 {
    adding(pack, |builder| builder.begin(kind))
}

/// Ends the container that began last. DJREDIS_OK; DJREDIS_ERR_NULL; DJREDIS_ERR_ARGUMENT if there is none, or a key has no value.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn djredis_pack_end(pack: Option<&mut djredis_pack>) -> i32 {
    adding(pack, Builder::end)
}

/// Adds a scalar, or a composite value as a part. It is copied. DJREDIS_OK; DJREDIS_ERR_NULL; DJREDIS_ERR_ARGUMENT for a value that can't
/// be a part of another.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn djredis_pack_add(
    pack: Option<&mut djredis_pack>,
    value: *const djredis_value,
) -> i32 {
    adding(pack, |builder| builder.add(&read(value)?))
}

/// Adds a text: valid UTF-8, a length in bytes or DJREDIS_NUL. DJREDIS_OK; DJREDIS_ERR_NULL; DJREDIS_ERR_ARGUMENT.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn djredis_pack_text(
    pack: Option<&mut djredis_pack>,
    text: *const c_char,
    text_len: usize,
) -> i32 {
    adding(pack, |builder| builder.add(&Value::Text(input::utf8(text, text_len, "text")?.into())))
}

/// Adds an integer. DJREDIS_OK; DJREDIS_ERR_NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn djredis_pack_int(pack: Option<&mut djredis_pack>, integer: i64) -> i32 {
    adding(pack, |builder| builder.add(&Value::Int(integer)))
}

/// Adds a date, time, datetime or timedelta. DJREDIS_OK; DJREDIS_ERR_NULL; DJREDIS_ERR_ARGUMENT for a field out of range, a wrong
/// struct_size, or DJREDIS_ZONE_OBJECT.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn djredis_pack_time(
    pack: Option<&mut djredis_pack>,
    time: *const djredis_time,
) -> i32 {
    adding(pack, |builder| builder.moment(&moment(time)?))
}

/// Adds what is all bytes, as docs/values.md, section 3, has its payload: DJREDIS_DECIMAL ("1.50"), DJREDIS_UUID (16 bytes),
/// DJREDIS_FRACTION ("-1/3"), DJREDIS_BYTEARRAY, ... DJREDIS_OK; DJREDIS_ERR_NULL; DJREDIS_ERR_ARGUMENT for another kind.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn djredis_pack_bytes(
    pack: Option<&mut djredis_pack>,
    kind: u32,
    data: *const c_void,
    len: usize,
) -> i32 {
    adding(pack, |builder| builder.extension(kind, input::bytes(data, len, "data")?))
}

/// The value: a DJREDIS_MSGPACK, which djredis_cache_set takes. The pack is empty then, and can be used again.
///
/// DJREDIS_OK; DJREDIS_ERR_NULL; DJREDIS_ERR_ARGUMENT if a container is still open, or it is not one value; the error of the first
/// part that was refused.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn djredis_pack_value(pack: Option<&mut djredis_pack>, out: *mut djredis_value) -> i32 {
    call(out, || pack.ok_or_else(|| input::null("pack"))?.finish())
}

/// Frees a pack; NULL is fine. Values made of it stay.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn djredis_pack_free(pack: Option<Box<djredis_pack>>) {
    silent(|| drop(pack));
}
