//! Redis Cluster: each key has a slot, and each slot a node, which may change at any time.
//!
//! Nothing runs in the background. A call that finds out that the map does not fit renews it, within its own deadline.

mod many;
mod map;
mod nodes;
mod slot;
mod slots;
mod travel;

use self::nodes::Nodes;
use self::slot::slot_of;
use self::travel::{Hop, Next, Patience};
use super::{Client, Exchange, Route};
use crate::error::{Error, Result, Status};
use crate::net::Deadline;
use crate::pool::{Joint, PoolConfig};
use crate::session::Session;
use crate::stats::Totals;

/// The client of a cache on a cluster.
pub(crate) struct ClusterClient {
    nodes: Nodes,
}

impl ClusterClient {
    /// The seeds are asked for the cluster's nodes.
    pub(crate) fn new(seeds: Vec<PoolConfig>) -> ClusterClient {
        ClusterClient { nodes: Nodes::new(seeds) }
    }

    fn exchange_on_slot(&self, slot: u16, mut exchange: Exchange<'_, '_>) -> Result<()> {
        let (intent, deadline) = (exchange.intent, exchange.deadline);
        let mut patience = Patience::default();
        let mut hop = Hop::home(self.nodes.home(slot, deadline)?);
        loop {
            let Err(error) = hop.exchange(&mut exchange) else { return Ok(()) };
            hop = match self.nodes.next(error, &hop, slot, intent, deadline)? {
                Next::To(hop) => hop,
                Next::Later(error) => {
                    patience.pause(error, &hop.node.address, deadline)?;
                    Hop::home(self.nodes.home(slot, deadline)?)
                }
            };
            patience.hop(slot)?;
        }
    }

    /// For what a node does with all that it has.
    fn exchange_on_node(&self, node: usize, mut exchange: Exchange<'_, '_>) -> Result<()> {
        let map = self.nodes.map(exchange.deadline)?;
        let Some(node) = map.nodes().get(node) else {
            return Err(Error::new(Status::Panic, format!("the cluster has no node number {node}")));
        };
        let hop = Hop::home(node.clone());
        hop.exchange(&mut exchange).inspect_err(|error| self.nodes.suspect_of(error, &hop.node.address))
    }
}

impl Client for ClusterClient {
    /// All that were ever met.
    fn servers(&self) -> usize {
        self.nodes.known().nodes().len()
    }

    fn primaries(&self, deadline: Deadline) -> Result<Vec<usize>> {
        self.nodes.fresh(deadline).map(|map| map.primaries().to_vec())
    }

    fn name_of(&self, key: &[u8], deadline: Deadline) -> Result<Option<String>> {
        self.nodes.home(slot_of(key), deadline).map(|node| Some(node.address.to_string()))
    }

    fn is_one_command(&self, one: &[u8], other: &[u8]) -> bool {
        slot_of(one) == slot_of(other)
    }

    fn takes_keys_apart(&self) -> bool {
        true
    }

    fn exchange(&self, route: Route<'_>, exchange: Exchange<'_, '_>) -> Result<()> {
        match route {
            Route::Key(key) => self.exchange_on_slot(slot_of(key), exchange),
            Route::Server(node) | Route::Walk { server: node, .. } => self.exchange_on_node(node, exchange),
        }
    }

    fn exchange_all(&self, routes: &[Route<'_>], joint: Joint<'_, '_>) -> Result<Vec<Result<()>>> {
        many::exchange_all(&self.nodes, routes, joint)
    }

    fn check_command(&self, has_key: bool) -> Result<()> {
        if has_key {
            return Ok(());
        }
        Err(Error::new(
            Status::Unsupported,
            "the keys of this cache are on the nodes of a cluster, and the command has no key that says which: give the index \
             of its key, or open one of the nodes as a cache of its own",
        ))
    }

    fn borrow(&self, _deadline: Deadline) -> Result<Session> {
        Err(Error::new(
            Status::Unsupported,
            "a cache on a cluster has no raw connection, since its keys are on several nodes: open one of them as a cache of \
             its own",
        ))
    }

    fn count(&self, totals: &mut Totals) {
        self.nodes.known().nodes().iter().for_each(|node| node.count(totals));
    }

    fn close(&self) {
        self.nodes.known().nodes().iter().for_each(|node| node.leave());
    }
}
