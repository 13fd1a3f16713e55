//! `djredis_call`: how to do one call.

use std::time::Duration;

use crate::cache::{Call, Condition, Patience, Ttl};
use crate::error::{Error, Result};

/// How to do one call. NULL or all zeros means all defaults; otherwise `struct_size` is `sizeof(djredis_call)`.
///
/// `version` and `ttl_ms` are read only with their flag. Unknown flag bits, NX with XX and negative deadlines are
/// DJREDIS_ERR_ARGUMENT. New fields are appended: `struct_size` says which the caller knows; a larger one than
/// the library's is accepted if the extra bytes are zero. The library only reads it, during the call.
#[repr(C)]
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct djredis_call {
    /// `sizeof(djredis_call)` as the caller was compiled; 0 only if everything is 0.
    pub struct_size: u32,
    /// DJREDIS_NX, DJREDIS_XX, DJREDIS_KEY_MADE, DJREDIS_VERSION, DJREDIS_TTL, DJREDIS_AS_PAYLOAD, DJREDIS_MULTI,
    /// DJREDIS_NEAR_ONLY, or'ed.
    pub flags: u32,
    /// The key's version, with DJREDIS_VERSION.
    pub version: i64,
    /// Milliseconds to live, with DJREDIS_TTL: DJREDIS_FOREVER; > 0; 0 and below as the option ZERO_TIMEOUT says.
    pub ttl_ms: i64,
    /// Keys that one SCAN looks at; 0: the option SCAN_ITERSIZE.
    pub itersize: i64,
    /// Milliseconds that the whole call may take; 0: the option SOCKET_TIMEOUT; DJREDIS_FOREVER: as long as it takes.
    pub deadline_ms: i64,
}

pub(crate) const FOREVER: i64 = i64::MAX;
pub(crate) const NX: u32 = 1;
pub(crate) const XX: u32 = 2;
pub(crate) const KEY_MADE: u32 = 4;
pub(crate) const VERSION: u32 = 8;
pub(crate) const TTL: u32 = 16;
pub(crate) const AS_PAYLOAD: u32 = 32;
pub(crate) const MULTI: u32 = 64;
pub(crate) const NEAR_ONLY: u32 = 128;
const KNOWN: u32 = NX | XX | KEY_MADE | VERSION | TTL | AS_PAYLOAD | MULTI | NEAR_ONLY;

/// What a caller from the future may have appended, at most.
const MAX_STRUCT_SIZE: usize = 4096;

/// Reads and checks a call.
pub(super) fn read(call: *const djredis_call) -> Result<Call> {
    read_with_flags(call).map(|(call, _)| call)
}

/// The same, with its flags: some are not about the cache.
pub(super) fn read_with_flags(call: *const djredis_call) -> Result<(Call, u32)> {
    if call.is_null() {
        return Ok((Call::default(), 0));
    }
    // SAFETY: the caller's contract: every version of the struct starts with these fields.
    let given = unsafe { call.read_unaligned() };
    if let Some(plain) = plain(&given) {
        return Ok((plain, given.flags));
    }
    if given.struct_size == 0 {
        let zeros =
            djredis_call { struct_size: 0, flags: 0, version: 0, ttl_ms: 0, itersize: 0, deadline_ms: 0 };
        return if given == zeros { Ok((Call::default(), 0)) } else { Err(wrong_size("djredis_call")) };
    }
    check_size(call, given.struct_size as usize, "djredis_call")?;
    let call = Call {
        itersize: itersize(given.itersize)?,
        deadline: deadline(given.deadline_ms)?,
        ..from_parts(given.flags, given.version, given.ttl_ms)?
    };
    Ok((call, given.flags))
}

/// The most frequent calls, in which there is nothing to check: they say at most which key it is, and how a value crosses.
fn plain(given: &djredis_call) -> Option<Call> {
    const PLAIN: u32 = VERSION | KEY_MADE | AS_PAYLOAD | NEAR_ONLY;
    let is_plain = given.struct_size as usize == size_of::<djredis_call>()
        && given.flags & !PLAIN == 0
        && given.itersize == 0
        && given.deadline_ms == 0;
    is_plain.then(|| Call {
        version: (given.flags & VERSION != 0).then_some(given.version),
        key_made: given.flags & KEY_MADE != 0,
        as_payload: given.flags & AS_PAYLOAD != 0,
        ..Call::default()
    })
}

/// The part of a call that a batch has for each of its calls.
pub(super) fn from_parts(flags: u32, version: i64, ttl_ms: i64) -> Result<Call> {
    check_flags(flags)?;
    Ok(Call {
        version: (flags & VERSION != 0).then_some(version),
        ttl: (flags & TTL != 0).then(|| ttl(ttl_ms)),
        condition: condition(flags),
        key_made: flags & KEY_MADE != 0,
        as_payload: flags & AS_PAYLOAD != 0,
        ..Call::default()
    })
}

fn wrong_size(name: &str) -> Error {
    Error::argument(format!("struct_size of {name} is wrong; set it to sizeof({name})"))
}

/// Refuses a struct that is smaller than this library's, or that has more in it.
pub(super) fn check_size<T>(given: *const T, size: usize, name: &str) -> Result<()> {
    let known = size_of::<T>();
    if !(known..=MAX_STRUCT_SIZE).contains(&size) {
        return Err(wrong_size(name));
    }
    // SAFETY: the caller's contract: struct_size bytes are there.
    let extra = unsafe { std::slice::from_raw_parts(given.cast::<u8>().add(known), size - known) };
    if extra.iter().any(|&byte| byte != 0) {
        return Err(Error::argument(format!(
            "{name} has fields that this version of libdjredis does not know; upgrade it or leave them 0"
        )));
    }
    Ok(())
}

fn check_flags(flags: u32) -> Result<()> {
    if flags & !KNOWN != 0 {
        let unknown = flags & !KNOWN;
        return Err(Error::argument(format!("djredis_call.flags has unknown bits: {unknown:#x}")));
    }
    if flags & NX != 0 && flags & XX != 0 {
        return Err(Error::argument("DJREDIS_NX and DJREDIS_XX exclude each other; give one of them"));
    }
    Ok(())
}

fn ttl(ms: i64) -> Ttl {
    if ms == FOREVER { Ttl::Forever } else { Ttl::Millis(ms) }
}

fn condition(flags: u32) -> Condition {
    match (flags & NX != 0, flags & XX != 0) {
        (true, _) => Condition::Absent,
        (_, true) => Condition::Present,
        _ => Condition::Always,
    }
}

fn itersize(keys: i64) -> Result<Option<u64>> {
    let keys =
        u64::try_from(keys).map_err(|_| Error::argument("itersize is negative; 0 means the default"))?;
    Ok((keys > 0).then_some(keys))
}

fn deadline(ms: i64) -> Result<Option<Patience>> {
    match u64::try_from(ms) {
        Err(_) => {
            Err(Error::argument("deadline_ms is negative; 0 means SOCKET_TIMEOUT, DJREDIS_FOREVER no limit"))
        }
        Ok(0) => Ok(None),
        Ok(_) if ms == FOREVER => Ok(Some(Patience::Forever)),
        Ok(ms) => Ok(Some(Patience::Within(Duration::from_millis(ms)))),
    }
}
