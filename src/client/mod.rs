//! Which server gets which command. This layer knows bytes and commands, never values.

mod default;

pub(crate) use default::DefaultClient;

use crate::error::Result;
use crate::net::Deadline;
use crate::pool::Intent;
use crate::resp::{Replies, Request};
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

/// One exchange, to be made on whatever connection the route leads to.
pub(crate) struct Exchange<'x, 'a> {
    /// Whether it may be sent again.
    pub(crate) intent: Intent,
    /// The moment it must end by.
    pub(crate) deadline: Deadline,
    /// Writes the commands.
    pub(crate) encode: &'x mut dyn FnMut(&mut Request<'a>),
    /// Takes the replies. It may run a second time, so it starts its result anew.
    pub(crate) read: &'x mut dyn FnMut(&mut Replies<'_>) -> Result<()>,
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
