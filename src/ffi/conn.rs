//! `djredis_conn`: the raw connection.

use std::ffi::c_void;
use std::ptr::{self, NonNull};

use super::boundary::{Output, call, silent};
use super::cache::djredis_cache;
use super::call::{MULTI, djredis_call, read, read_with_flags};
use super::input;
use super::value::djredis_value;
use crate::cache::Connection;
use crate::error::{Error, Result};
use crate::value::Value;

/// A connection borrowed from a cache's pool. One thread at a time, in the process that acquired it. Made by
/// djredis_conn_acquire, given back by djredis_conn_release, before or after its cache is freed.
pub struct djredis_conn {
    connection: Connection,
}

/// Borrows a connection from the pool. `*conn` becomes the handle, or NULL. Keys are sent as they are given.
///
/// DJREDIS_OK; DJREDIS_ERR_UNSUPPORTED where keys are spread over several servers; DJREDIS_ERR_POOL if none is free in time;
/// errors as djredis_cache_get. IGNORE_EXCEPTIONS does not cover raw connections.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn djredis_conn_acquire(
    cache: Option<NonNull<djredis_cache>>,
    call: *const djredis_call,
    conn: *mut *mut djredis_conn,
    out: *mut djredis_value,
) -> i32 {
    self::call(out, || {
        // SAFETY: the caller's contract: NULL or writable.
        let conn = unsafe { conn.as_mut() }.ok_or_else(|| input::null("conn"))?;
        *conn = ptr::null_mut();
        let connection = input::shared(cache, "cache")?.get().connection(&read(call)?)?;
        *conn = Box::into_raw(Box::new(djredis_conn { connection }));
        Ok(Output::Done)
    })
}

/// One command and its reply. The `argc` arguments stand one after the other at `args`, their lengths at `lens`.
///
/// A status is TEXT, a string BYTES, nil NONE, an aggregate MSGPACK (docs/values.md). DJREDIS_OK; DJREDIS_MISS for an EXEC that
/// a change of a watched key prevented; DJREDIS_ERR_ARGUMENT for SUBSCRIBE and the like, see djredis_conn_send;
/// DJREDIS_ERR_FORKED in a child of the process that acquired it; errors as djredis_cache_get.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn djredis_conn_command(
    conn: Option<&mut djredis_conn>,
    argc: usize,
    args: *const c_void,
    lens: *const u32,
    call: *const djredis_call,
    out: *mut djredis_value,
) -> i32 {
    self::call(out, || {
        let conn = conn.ok_or_else(|| input::null("conn"))?;
        let args = arguments(argc, args, lens)?;
        Ok(value_or_miss(conn.connection.command(&args, &read(call)?)?))
    })
}

/// Many commands in one write: `n` of them, with `argcs[i]` arguments each, all arguments one after the other at `args`.
/// With DJREDIS_MULTI in MULTI ... EXEC. ITEMS: their replies in order, ERROR among them.
///
/// DJREDIS_OK; with DJREDIS_MULTI: DJREDIS_MISS if a change of a watched key prevented it, or the first error of a command that
/// could not be queued, with nothing executed; otherwise as djredis_conn_command.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn djredis_conn_pipeline(
    conn: Option<&mut djredis_conn>,
    n: usize,
    argcs: *const u32,
    args: *const c_void,
    lens: *const u32,
    call: *const djredis_call,
    out: *mut djredis_value,
) -> i32 {
    self::call(out, || {
        let conn = conn.ok_or_else(|| input::null("conn"))?;
        let argcs = input::array(argcs, n, "argcs")?;
        let total = argcs.iter().map(|&argc| argc as usize).sum();
        let args = input::joined(args, input::array(lens, total, "lens")?, "args")?;
        let commands = grouped(&args, argcs);
        let (call, flags) = read_with_flags(call)?;
        if flags & MULTI == 0 {
            return conn.connection.pipeline(&commands, &call).map(Output::Items);
        }
        Ok(conn.connection.transaction(&commands, &call)?.map_or(Output::Miss, Output::Items))
    })
}

/// Sends a command without waiting for its reply, which djredis_conn_receive brings: SUBSCRIBE, MONITOR, blocking commands.
///
/// DJREDIS_OK; otherwise as djredis_conn_command.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn djredis_conn_send(
    conn: Option<&mut djredis_conn>,
    argc: usize,
    args: *const c_void,
    lens: *const u32,
    call: *const djredis_call,
    out: *mut djredis_value,
) -> i32 {
    self::call(out, || {
        let conn = conn.ok_or_else(|| input::null("conn"))?;
        conn.connection.send(&arguments(argc, args, lens)?, &read(call)?)?;
        Ok(Output::Done)
    })
}

/// The next reply or message, as djredis_conn_command gives it; a pushed message is a MSGPACK list.
///
/// DJREDIS_OK; DJREDIS_MISS if none came by the deadline: the connection stays, and so does what came of a message;
/// otherwise as djredis_conn_command.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn djredis_conn_receive(
    conn: Option<&mut djredis_conn>,
    call: *const djredis_call,
    out: *mut djredis_value,
) -> i32 {
    self::call(out, || {
        let conn = conn.ok_or_else(|| input::null("conn"))?;
        Ok(value_or_miss(conn.connection.receive(&read(call)?)?))
    })
}

/// Gives a connection back, and frees the handle. It is closed instead if its state was changed (SELECT, AUTH, HELLO,
/// CLIENT, SUBSCRIBE, MONITOR, an open MULTI or WATCH), a reply was not received, or a call on it failed. NULL is fine.
#[unsafe(no_mangle)]
pub extern "C" fn djredis_conn_release(conn: Option<Box<djredis_conn>>) {
    silent(|| drop(conn));
}

pub(super) fn arguments<'a>(argc: usize, args: *const c_void, lens: *const u32) -> Result<Vec<&'a [u8]>> {
    if argc == 0 {
        return Err(Error::argument("a command needs at least its name; argc is 0"));
    }
    input::joined(args, input::array(lens, argc, "lens")?, "args")
}

fn grouped<'g, 'a>(args: &'g [&'a [u8]], argcs: &[u32]) -> Vec<&'g [&'a [u8]]> {
    let mut rest = args;
    let commands = argcs.iter().map(|&argc| {
        let (command, after) = rest.split_at(argc as usize);
        rest = after;
        command
    });
    commands.collect()
}

fn value_or_miss(value: Option<Value<'static>>) -> Output {
    value.map_or(Output::Miss, Output::Value)
}
