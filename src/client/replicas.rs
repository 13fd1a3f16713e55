//! A primary and its replicas, as the location lists them.

use super::group::Group;
use super::{Client, Exchange, Route};
use crate::error::Result;
use crate::net::Deadline;
use crate::pool::PoolConfig;
use crate::session::Session;
use crate::stats::Totals;

/// The client of a cache that is written to on a primary and read from its replicas.
pub(crate) struct ReplicaClient {
    group: Group,
}

impl ReplicaClient {
    pub(crate) fn new(primary: &PoolConfig, replicas: &[PoolConfig]) -> ReplicaClient {
        ReplicaClient { group: Group::new(primary, replicas) }
    }
}

impl Client for ReplicaClient {
    fn servers(&self) -> usize {
        1
    }

    fn server_of(&self, _key: &[u8]) -> usize {
        0
    }

    fn exchange(&self, route: Route<'_>, exchange: Exchange<'_, '_>) -> Result<()> {
        self.group.exchange(route, exchange)
    }

    fn borrow(&self, deadline: Deadline) -> Result<Session> {
        self.group.primary().borrow(deadline).map(Session::new)
    }

    fn count(&self, totals: &mut Totals) {
        self.group.count(totals);
    }

    fn close(&self) {
        self.group.close();
    }
}
