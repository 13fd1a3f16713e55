//! Which node has which slot, as far as it is known.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::slot::SLOTS;
use super::slots::Range;
use crate::net::Address;
use crate::pool::{Pool, PoolConfig, PoolUser};
use crate::stats::Totals;

/// A slot that no node has.
const NOWHERE: u16 = u16::MAX;

/// A node and the connections to it.
pub(super) struct Node {
    pub(super) address: Address,
    user: PoolUser,
    /// Whether something was sent to it since the map was last renewed.
    used: AtomicBool,
    left: AtomicBool,
}

impl Node {
    fn join(server: &PoolConfig, address: &Address) -> Arc<Node> {
        let mut server = server.clone();
        server.endpoint.address = address.clone();
        let user = PoolUser::join(&server);
        Arc::new(Node {
            address: address.clone(),
            user,
            used: AtomicBool::new(true),
            left: AtomicBool::new(false),
        })
    }

    /// Its connections, to be used now.
    pub(super) fn pool(&self) -> &Arc<Pool> {
        if !self.used.load(Ordering::Relaxed) {
            self.used.store(true, Ordering::Relaxed);
        }
        self.user.pool()
    }

    pub(super) fn count(&self, totals: &mut Totals) {
        totals.add(self.user.pool().counters());
    }

    /// Closes its idle connections; calls that are running finish.
    pub(super) fn leave(&self) {
        self.left.store(true, Ordering::Relaxed);
        self.user.leave();
    }
}

/// The state of the cluster at one moment. It is replaced, not changed, so that a call sees one state.
#[derive(Clone)]
pub(super) struct Map {
    /// What connections are made with, but for the address.
    server: PoolConfig,
    /// The index of each slot's node.
    slots: Vec<u16>,
    /// All that were ever met: a node keeps its index, and what it counted.
    nodes: Vec<Arc<Node>>,
    /// The indices of those that have slots.
    primaries: Vec<usize>,
    replicas: Vec<Address>,
}

impl Map {
    pub(super) fn new(server: PoolConfig) -> Map {
        Map {
            server,
            slots: vec![NOWHERE; usize::from(SLOTS)],
            nodes: Vec::new(),
            primaries: Vec::new(),
            replicas: Vec::new(),
        }
    }

    /// Whether it was ever learnt.
    pub(super) fn is_known(&self) -> bool {
        !self.primaries.is_empty()
    }

    pub(super) fn node_of(&self, slot: u16) -> Option<&Arc<Node>> {
        let index = *self.slots.get(usize::from(slot))?;
        self.nodes.get(usize::from(index))
    }

    pub(super) fn nodes(&self) -> &[Arc<Node>] {
        &self.nodes
    }

    pub(super) fn primaries(&self) -> &[usize] {
        &self.primaries
    }

    /// Where the cluster can be asked about itself.
    pub(super) fn addresses(&self) -> impl Iterator<Item = &Address> {
        let primaries = self.primaries.iter().filter_map(|&index| self.nodes.get(index));
        primaries.map(|node| &node.address).chain(&self.replicas)
    }

    /// The same with the slots as a node told them. Nodes without slots that nobody uses are left.
    pub(super) fn renewed(&self, ranges: Vec<Range>) -> Map {
        let mut map = Map { nodes: self.nodes.clone(), ..Map::new(self.server.clone()) };
        for range in ranges {
            let index = map.index(&range.primary);
            let slots = map.slots.get_mut(usize::from(range.first)..=usize::from(range.last));
            slots.into_iter().for_each(|slots| slots.fill(index as u16));
            map.add_primary(index);
            map.replicas.extend(range.replicas);
        }
        for (index, node) in map.nodes.iter().enumerate() {
            if !map.primaries.contains(&index) && !node.used.swap(false, Ordering::Relaxed) {
                node.leave();
            }
        }
        map
    }

    /// Notes that a slot is on the node at this address.
    pub(super) fn put(&mut self, slot: u16, address: &Address) {
        let index = self.index(address);
        self.add_primary(index);
        if let Some(place) = self.slots.get_mut(usize::from(slot)) {
            *place = index as u16;
        }
    }

    /// The node at this address that is in use, if there is one.
    pub(super) fn find(&self, address: &Address) -> Option<&Arc<Node>> {
        self.nodes.iter().find(|node| node.address == *address && !node.left.load(Ordering::Relaxed))
    }

    /// The index of the node at this address, which joins if it is new, or had left.
    pub(super) fn index(&mut self, address: &Address) -> usize {
        match self.nodes.iter().position(|node| node.address == *address) {
            Some(index) => {
                let node = &mut self.nodes[index];
                if node.left.load(Ordering::Relaxed) {
                    *node = Node::join(&self.server, address);
                }
                index
            }
            None => {
                self.nodes.push(Node::join(&self.server, address));
                self.nodes.len() - 1
            }
        }
    }

    fn add_primary(&mut self, index: usize) {
        if !self.primaries.contains(&index) {
            self.primaries.push(index);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::breaker::BreakerConfig;
    use crate::net::tests::endpoint;
    use crate::net::tests::support::Place;

    fn address(port: u16) -> Address {
        Address::Tcp { host: "127.0.0.1".into(), port }
    }

    fn range(first: u16, last: u16, port: u16) -> Range {
        Range { first, last, primary: address(port), replicas: vec![address(port + 1000)] }
    }

    fn map() -> Map {
        let server = PoolConfig {
            endpoint: endpoint(&Place::Port(1)),
            max_connections: 1,
            pool_timeout: None,
            breaker: BreakerConfig::default(),
        };
        Map::new(server).renewed(vec![range(0, 99, 1), range(100, 16383, 2)])
    }

    fn port_of(map: &Map, slot: u16) -> Option<u16> {
        match map.node_of(slot)?.address {
            Address::Tcp { port, .. } => Some(port),
            Address::Unix { .. } => None,
        }
    }

    #[test]
    fn slots_are_where_they_were_said_to_be() {
        let mut map = map();
        assert_eq!([0, 99, 100, 16383].map(|slot| port_of(&map, slot)), [1, 1, 2, 2].map(Some));
        map.put(7, &address(3));
        assert_eq!([6, 7, 8].map(|slot| port_of(&map, slot)), [1, 3, 1].map(Some));
        assert_eq!(map.primaries(), [0, 1, 2]);
        assert_eq!(map.addresses().count(), 5);
        let map = map.renewed(vec![range(0, 99, 2)]);
        assert_eq!([7, 100].map(|slot| port_of(&map, slot)), [Some(2), None]);
        assert_eq!(map.primaries(), [1], "a node keeps its index");
    }

    #[test]
    fn a_node_without_slots_leaves_when_nobody_uses_it() {
        let joined = |map: &Map, port| map.find(&address(port)).is_some();
        let only_two = || vec![range(0, 16383, 2)];
        let map = map().renewed(only_two());
        assert!(joined(&map, 1), "it was used until now");
        map.nodes()[0].pool();
        let map = map.renewed(only_two());
        assert!(joined(&map, 1), "it was used since");
        let map = map.renewed(only_two());
        assert!(!joined(&map, 1) && joined(&map, 2));
        let map = map.renewed(vec![range(0, 16383, 1)]);
        assert!(joined(&map, 1), "it is back");
        assert_eq!(map.primaries(), [0]);
    }
}
