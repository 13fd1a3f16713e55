//! Django's Redis cache for every language: the same keys and the same values, typed, over one wire.
//!
//! Start with [`Cache::open`]. The C ABI (`include/djredis.h`) is in `ffi`; every other language sits on it.

// tests/support, which the tests in here use too, names the crate as other programs do.
#[cfg(test)]
extern crate self as djredis;

mod breaker;
mod builder;
pub mod cache;
mod chance;
mod client;
mod codec;
mod compress;
pub mod config;
mod decimal;
pub mod error;
#[cfg(feature = "capi")]
pub mod ffi;
mod fork;
#[cfg(fuzzing)]
pub mod fuzzing;
pub mod items;
mod key;
mod limits;
mod location;
mod memory;
mod moment;
mod msgpack;
mod near;
mod net;
mod pool;
mod reply;
mod resp;
mod script;
mod session;
mod sign;
mod stats;
mod sync;
pub mod value;

pub use builder::Builder;
pub use cache::{Cache, Call, Connection, Scan, Ttl};
pub use client::{Commands, Layer};
pub use config::Options;
pub use error::{Error, Result, Status};
pub use items::Items;
pub use moment::{Moment, Zone};
pub use value::{Format, Value};
