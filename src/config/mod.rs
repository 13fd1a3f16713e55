//! Named options: one table that makes the parser, the defaults, the list that bindings read, and docs/options.md.

mod cluster;
mod kind;
mod options;
mod reader;
mod replicas;
mod resolve;
mod sentinel;
mod setting;
mod shards;
mod suggest;
mod table;
#[cfg(test)]
mod tests;
mod time;
mod tls;
mod values;

pub use options::Options;
pub(crate) use resolve::{Backend, Clear, Config, DecodeError, ZeroTimeout, resolve};
pub use table::{OptionInfo, list};
pub(crate) use table::{is_public, is_secret};
