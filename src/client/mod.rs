//! Which server gets which command. This layer knows bytes and commands, never values.

mod default;
mod layer;
mod ring;
mod shard;

pub(crate) use default::DefaultClient;
pub(crate) use layer::LayeredClient;
pub use layer::{Commands, Layer};
pub(crate) use ring::Selection;
pub(crate) use shard::ShardClient;

pub(crate) use crate::pool::Exchange;

use crate::error::Result;
use crate::net::Deadline;
use crate::pool::Joint;
use crate::session::Session;
use crate::stats::Counters;

/// Where a command goes.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Route<'k> {
    /// To the server that holds this full key.
    Key(&'k [u8]),
    /// To the server with this index, from 0 to [`Client::servers`].
    Server(usize),
}

/// A layout of servers. [`LayeredClient`] passes every method on, those with a default too.
pub(crate) trait Client: Send + Sync {
    /// How many servers hold keys.
    fn servers(&self) -> usize;

    /// The index of the server that holds a full key.
    fn server_of(&self, key: &[u8]) -> usize;

    /// Does the exchange.
    fn exchange(&self, route: Route<'_>, exchange: Exchange<'_, '_>) -> Result<()>;

    /// Does the part with index i on `servers[i]`, each on a server of its own, all at the same time. One outcome for each part;
    /// an error where the host ends the whole call. Layouts of one server are not asked: [`Client::exchange`] does it.
    fn exchange_all(&self, _servers: &[usize], _joint: Joint<'_, '_>) -> Result<Vec<Result<()>>> {
        Ok(Vec::new())
    }

    /// An error where the caller's own commands don't work: with a key that tells their server, or without one.
    fn check_command(&self, _has_key: bool) -> Result<()> {
        Ok(())
    }

    /// A connection for the caller alone.
    fn borrow(&self, deadline: Deadline) -> Result<Session>;

    /// The counters of the server with this index.
    fn counters(&self, server: usize) -> &Counters;

    /// Closes what nobody uses any more; running calls finish.
    fn close(&self);
}
