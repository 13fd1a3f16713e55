//! `djredis_scan`: a walk over the keys.

use super::boundary::{Output, call, silent};
use super::call::{djredis_call, read};
use super::input;
use super::value::djredis_value;
use crate::cache::Scan;
use crate::items::{Items, ItemsBuilder};
use crate::value::Value;

/// A walk over the keys that match a pattern. One thread at a time, in the process that started it. Made by djredis_cache_scan,
/// freed by djredis_scan_free, before or after its cache. It holds no connection between batches.
pub struct djredis_scan {
    scan: Scan,
}

impl djredis_scan {
    pub(super) fn new(scan: Scan) -> djredis_scan {
        djredis_scan { scan }
    }
}

/// The next batch of keys, as ITEMS of TEXT, or BYTES where they are not UTF-8; never an empty one.
///
/// As with SCAN itself a key may come in two batches. Of `call` only `deadline_ms` counts. DJREDIS_OK; DJREDIS_MISS at the
/// end; DJREDIS_ERR_FORKED in a child of the process that started it; errors as djredis_cache_get, after
/// which it can be called again.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn djredis_scan_next(
    scan: Option<&mut djredis_scan>,
    call: *const djredis_call,
    out: *mut djredis_value,
) -> i32 {
    self::call(out, || {
        let scan = scan.ok_or_else(|| input::null("scan"))?;
        let batch = scan.scan.next_batch(&read(call)?)?;
        Ok(batch.map_or(Output::Miss, |keys| Output::Items(key_items(keys))))
    })
}

/// Frees a scan. NULL is fine.
#[unsafe(no_mangle)]
pub extern "C" fn djredis_scan_free(scan: Option<Box<djredis_scan>>) {
    silent(|| drop(scan));
}

pub(super) fn key_items(keys: Vec<Vec<u8>>) -> Items {
    let mut items = ItemsBuilder::with_capacity(keys.len());
    for key in keys {
        match String::from_utf8(key) {
            Ok(text) => items.push(&Value::Text(text.into())),
            Err(error) => items.push(&Value::Bytes(error.into_bytes().into())),
        }
    }
    items.finish()
}
