//! One server.

use super::{Client, Exchange, Route};
use crate::error::Result;
use crate::net::Deadline;
use crate::pool::{PoolConfig, PoolUser};
use crate::session::Session;
use crate::stats::Totals;

/// The client of a cache on a single server.
pub(crate) struct DefaultClient {
    server: PoolUser,
}

impl DefaultClient {
    pub(crate) fn new(server: &PoolConfig) -> DefaultClient {
        DefaultClient { server: PoolUser::join(server) }
    }
}

impl Client for DefaultClient {
    fn servers(&self) -> usize {
        1
    }

    fn exchange(&self, _route: Route<'_>, exchange: Exchange<'_, '_>) -> Result<()> {
        self.server.pool().exchange(exchange)
    }

    fn borrow(&self, deadline: Deadline) -> Result<Session> {
        self.server.pool().borrow(deadline).map(Session::new)
    }

    fn count(&self, totals: &mut Totals) {
        totals.add(self.server.pool().counters());
    }

    fn close(&self) {
        self.server.leave();
    }
}
