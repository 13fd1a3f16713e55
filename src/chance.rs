//! Chance, where nothing depends on who could guess it.

use std::hash::{BuildHasher, RandomState};
use std::process;
use std::time::{SystemTime, UNIX_EPOCH};

/// A random number over 0, up to 1. The number of the process is in it, since forked ones have the same keys.
pub(crate) fn chance() -> f64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let random = RandomState::new().hash_one((process::id(), now));
    let [a, b, c, d, ..] = random.to_le_bytes();
    (f64::from(u32::from_le_bytes([a, b, c, d])) + 1.0) / (f64::from(u32::MAX) + 1.0)
}
