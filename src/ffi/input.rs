//! Pointers from C as Rust types, checked.

use std::ffi::{CStr, c_char, c_void};
use std::ptr::NonNull;
use std::slice;

use crate::error::{Error, Result, Status};
use crate::limits::MAX_JOINED;

/// As a length: the text ends at its NUL.
pub(crate) const NUL: usize = usize::MAX;

pub(super) fn null(what: &str) -> Error {
    Error::new(Status::Null, format!("{what} is NULL"))
}

/// A handle that several threads may use.
pub(super) fn shared<'a, T>(handle: Option<NonNull<T>>, what: &str) -> Result<&'a T> {
    // SAFETY: the caller's contract: a handle of this library that was not freed.
    handle.map(|handle| unsafe { handle.as_ref() }).ok_or_else(|| null(what))
}

/// `len` bytes at `data`; a length of 0 never looks at the pointer.
pub(super) fn bytes<'a>(data: *const c_void, len: usize, what: &str) -> Result<&'a [u8]> {
    if len == 0 {
        return Ok(&[]);
    }
    if data.is_null() {
        return Err(null(what));
    }
    if len > isize::MAX as usize {
        return Err(Error::argument(format!("the length of {what} is over SSIZE_MAX")));
    }
    // SAFETY: the caller's contract: `len` readable bytes at `data`, unchanged while the call runs.
    Ok(unsafe { slice::from_raw_parts(data.cast(), len) })
}

/// `len` bytes of text, or up to its NUL where the length is DJREDIS_NUL.
pub(super) fn text<'a>(data: *const c_char, len: usize, what: &str) -> Result<&'a [u8]> {
    if len != NUL {
        return bytes(data.cast(), len, what);
    }
    if data.is_null() {
        return Err(null(what));
    }
    // SAFETY: the caller's contract for DJREDIS_NUL: a NUL-terminated string.
    Ok(unsafe { CStr::from_ptr(data) }.to_bytes())
}

/// The same where it must be UTF-8: names and values of options, locations.
pub(super) fn utf8<'a>(data: *const c_char, len: usize, what: &str) -> Result<&'a str> {
    let bytes = text(data, len, what)?;
    std::str::from_utf8(bytes).map_err(|_| Error::argument(format!("{what} is no valid UTF-8")))
}

/// `n` things at `data`; n = 0 never looks at the pointer.
pub(super) fn array<'a, T>(data: *const T, n: usize, what: &str) -> Result<&'a [T]> {
    if n == 0 {
        return Ok(&[]);
    }
    if data.is_null() {
        return Err(null(what));
    }
    if n > isize::MAX as usize / size_of::<T>().max(1) {
        return Err(Error::argument(format!("there are too many {what}")));
    }
    if !data.is_aligned() {
        return Err(Error::argument(format!("{what} is not aligned")));
    }
    // SAFETY: the caller's contract: `n` readable elements, unchanged while the call runs; alignment checked.
    Ok(unsafe { slice::from_raw_parts(data, n) })
}

/// A joined buffer cut at its lengths.
pub(super) fn joined<'a>(data: *const c_void, lens: &[u32], what: &str) -> Result<Vec<&'a [u8]>> {
    let total: u64 = lens.iter().map(|&len| u64::from(len)).sum();
    if total > MAX_JOINED as u64 {
        return Err(Error::argument(format!("{what} have more than 4 GiB together; use several calls")));
    }
    let mut rest = bytes(data, usize::try_from(total).unwrap_or(usize::MAX), what)?;
    let parts = lens.iter().map(|&len| {
        let (part, after) = rest.split_at(len as usize);
        rest = after;
        part
    });
    Ok(parts.collect())
}
