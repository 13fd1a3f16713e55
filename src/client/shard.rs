//! Keys spread over several servers.

use super::ring::{Ring, Selection};
use super::{Client, Exchange, Route};
use crate::error::{Error, Result, Status};
use crate::net::Deadline;
use crate::pool::{Joint, PoolConfig, PoolUser, exchange_all};
use crate::session::Session;
use crate::stats::Totals;

/// The client of a cache whose keys a hash ring spreads over servers.
pub(crate) struct ShardClient {
    /// At least one.
    servers: Vec<PoolUser>,
    ring: Ring,
}

impl ShardClient {
    /// The servers, of which there is at least one; the labels on the ring, each with the index of its server.
    pub(crate) fn new<'l>(
        servers: &[PoolConfig],
        nodes: impl Iterator<Item = (&'l str, usize)>,
        selection: Selection,
    ) -> ShardClient {
        ShardClient {
            servers: servers.iter().map(PoolUser::join).collect(),
            ring: Ring::new(nodes, selection),
        }
    }

    fn server(&self, route: Route<'_>) -> &PoolUser {
        let server = match route {
            Route::Key(key) => self.server_of(key),
            Route::Server(server) | Route::Walk { server, .. } => server,
        };
        &self.servers[server]
    }
}

impl Client for ShardClient {
    fn servers(&self) -> usize {
        self.servers.len()
    }

    fn server_of(&self, key: &[u8]) -> usize {
        self.ring.server_of(key)
    }

    fn exchange(&self, route: Route<'_>, exchange: Exchange<'_, '_>) -> Result<()> {
        self.server(route).pool().exchange(exchange)
    }

    fn exchange_all(&self, routes: &[Route<'_>], joint: Joint<'_, '_>) -> Result<Vec<Result<()>>> {
        let pools: Vec<_> = routes.iter().map(|&route| self.server(route).pool()).collect();
        exchange_all(&pools, joint)
    }

    fn check_command(&self, has_key: bool) -> Result<()> {
        if has_key {
            return Ok(());
        }
        Err(Error::new(
            Status::Unsupported,
            "the keys of this cache are on several servers, and the command has no key that says which: give the index of \
             its key, or open one of the servers as a cache of its own",
        ))
    }

    fn borrow(&self, _deadline: Deadline) -> Result<Session> {
        Err(Error::new(
            Status::Unsupported,
            "a sharded cache has no raw connection, since its keys are on several servers: open one of them as a cache of \
             its own",
        ))
    }

    fn count(&self, totals: &mut Totals) {
        self.servers.iter().for_each(|server| totals.add(server.pool().counters()));
    }

    fn close(&self) {
        self.servers.iter().for_each(PoolUser::leave);
    }
}
