//! What the modelled files know of the network.

use std::fmt;
use std::time::Duration;

use crate::error::Result;

pub(crate) struct Address;

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a server")
    }
}

/// None.
#[derive(Clone, Copy)]
pub(crate) struct Deadline;

impl Deadline {
    pub(crate) fn left(self) -> Option<Duration> {
        None
    }
}

/// The host has nothing to say.
pub(crate) fn ask_host(_server: &Address) -> Result<()> {
    Ok(())
}
