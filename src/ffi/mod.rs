//! The C ABI and nothing but: one file per C type. It knows handles, pointers and slots; it knows no Redis.
//!
//! Every function is a line or two: pointers are turned into Rust types (`input`), the work is done inside
//! `boundary`, which turns panics into a status, and the result goes into the caller's slot (`slot`).
#![allow(unsafe_code, non_camel_case_types)]
// What a pointer must be is said for each function in the header, in C's words.
#![allow(clippy::missing_safety_doc)]

mod boundary;
pub mod cache;
pub mod cache_batch;
pub mod cache_command;
pub mod cache_inspect;
pub mod cache_lock;
pub mod cache_many;
pub mod cache_pattern;
pub mod call;
pub mod conn;
pub mod cpython;
mod input;
pub mod library;
pub mod near;
pub mod options;
pub mod pack;
mod panic;
pub mod parser;
pub mod ruby;
pub mod scan;
mod slot;
#[cfg(test)]
mod tests;
pub mod time;
pub mod value;

pub use cache::djredis_cache;
pub use call::djredis_call;
pub use conn::djredis_conn;
pub use near::djredis_near;
pub use options::djredis_options;
pub use pack::djredis_pack;
pub use parser::djredis_parser;
pub use scan::djredis_scan;
pub use time::djredis_time;
pub use value::{djredis_item, djredis_value};
