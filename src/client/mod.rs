//! Which server gets which command. This layer knows bytes and commands, never values.

mod cluster;
mod default;
mod group;
mod layer;
mod replicas;
mod ring;
mod sentinel;
mod sentinels;
mod shard;

pub(crate) use cluster::ClusterClient;
pub(crate) use default::DefaultClient;
pub(crate) use layer::LayeredClient;
pub use layer::{Commands, Layer};
pub(crate) use replicas::ReplicaClient;
pub(crate) use ring::Selection;
pub(crate) use sentinel::{SentinelClient, SentinelConfig};
pub(crate) use shard::ShardClient;

pub(crate) use crate::pool::Exchange;

use std::cell::Cell;

use crate::error::Result;
use crate::net::Deadline;
use crate::pool::Joint;
use crate::session::Session;
use crate::stats::Totals;

/// Where a command goes.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Route<'k> {
    /// To the server that holds this full key.
    Key(&'k [u8]),
    /// To the server with this index, from 0 to [`Client::servers`].
    Server(usize),
    /// The same for a step of a walk over its keys.
    Walk { server: usize, place: &'k Place },
}

/// Which of the servers that have the same keys a walk is at, by the number of its pool: a cursor means something there alone.
/// The client goes there again if it can, and says where it went. Where there is but one it stays empty.
pub(crate) type Place = Cell<Option<u64>>;

/// A layout of servers. [`LayeredClient`] passes every method on, those with a default too.
pub(crate) trait Client: Send + Sync {
    /// How many servers hold keys.
    fn servers(&self) -> usize;

    /// The index of the server that holds a full key, where each server takes many keys in one command.
    fn server_of(&self, _key: &[u8]) -> usize {
        0
    }

    /// Whether the keys of one command must be together on the server too, so that a call on many keys sends a command for each.
    fn takes_keys_apart(&self) -> bool {
        false
    }

    /// Whether one command may name both keys.
    fn is_one_command(&self, one: &[u8], other: &[u8]) -> bool {
        self.server_of(one) == self.server_of(other)
    }

    /// The indices of the servers that have all keys between them at this moment.
    fn primaries(&self, _deadline: Deadline) -> Result<Vec<usize>> {
        Ok((0..self.servers()).collect())
    }

    /// The server that holds a full key, where no entry of the location says it.
    fn name_of(&self, _key: &[u8], _deadline: Deadline) -> Result<Option<String>> {
        Ok(None)
    }

    /// Does the exchange.
    fn exchange(&self, route: Route<'_>, exchange: Exchange<'_, '_>) -> Result<()>;

    /// Does the part with index i on `routes[i]`, all at the same time: each on a server of its own, but where keys are taken
    /// apart. One outcome for each part; an error where the host ends the whole call. Layouts of one server are not asked:
    /// [`Client::exchange`] does it.
    fn exchange_all(&self, _routes: &[Route<'_>], _joint: Joint<'_, '_>) -> Result<Vec<Result<()>>> {
        Ok(Vec::new())
    }

    /// An error where the caller's own commands don't work: with a key that tells their server, or without one.
    fn check_command(&self, _has_key: bool) -> Result<()> {
        Ok(())
    }

    /// A connection for the caller alone.
    fn borrow(&self, deadline: Deadline) -> Result<Session>;

    /// Adds what the pools of its servers have counted.
    fn count(&self, totals: &mut Totals);

    /// Closes what nobody uses any more; running calls finish.
    fn close(&self);
}
