//! Which server gets which command. This layer knows bytes and commands, never values.

mod default;

pub(crate) use default::DefaultClient;

pub(crate) use crate::pool::Exchange;

use crate::error::Result;
use crate::net::Deadline;
use crate::session::Session;
use crate::stats::Counters;

/// Where a command goes.
#[allow(dead_code, reason = "a layout of one server need not look")]
#[derive(Clone, Copy, Debug)]
pub(crate) enum Route<'k> {
    /// To the server that holds this full key.
    Key(&'k [u8]),
    /// To the server with this index, from 0 to [`Client::servers`].
    Server(usize),
}

/// A layout of servers.
pub(crate) trait Client: Send + Sync {
    /// How many servers hold keys.
    fn servers(&self) -> usize;

    /// The index of the server that holds a full key.
    fn server_of(&self, key: &[u8]) -> usize;

    /// Does the exchange.
    fn exchange(&self, route: Route<'_>, exchange: Exchange<'_, '_>) -> Result<()>;

    /// An error where only the cache's own operations work.
    fn check_commands(&self) -> Result<()> {
        Ok(())
    }

    /// A connection for the caller alone.
    fn borrow(&self, deadline: Deadline) -> Result<Session>;

    /// The counters of the server with this index.
    fn counters(&self, server: usize) -> &Counters;

    /// Closes what nobody uses any more; running calls finish.
    fn close(&self);
}
