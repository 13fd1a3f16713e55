//! What is known of the cluster, and how it is kept up to date: by the calls themselves, when something does not fit.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Instant;

use super::map::{Map, Node};
use super::slots::{Range, ask};
use crate::error::{Error, Result, Sent, Status};
use crate::limits::CLUSTER_RENEWAL;
use crate::net::{Address, Deadline};
use crate::pool::PoolConfig;

pub(super) struct Nodes {
    /// The servers of the location: they differ in their addresses alone.
    seeds: Vec<PoolConfig>,
    map: RwLock<Arc<Map>>,
    /// Something happened that the map does not explain: the next call renews it.
    stale: AtomicBool,
    trouble: Mutex<Trouble>,
    /// Which node is asked first: in turn.
    turn: AtomicUsize,
}

#[derive(Default)]
struct Trouble {
    /// When the map was last renewed, or that was tried.
    renewed: Option<Instant>,
    /// The node that failed last: asked after all others.
    suspect: Option<Address>,
}

impl Nodes {
    /// There is at least one seed.
    pub(super) fn new(seeds: Vec<PoolConfig>) -> Nodes {
        Nodes {
            map: RwLock::new(Arc::new(Map::new(seeds[0].clone()))),
            seeds,
            stale: AtomicBool::new(false),
            trouble: Mutex::default(),
            turn: AtomicUsize::new(0),
        }
    }

    /// What is known by now.
    pub(super) fn known(&self) -> Arc<Map> {
        Arc::clone(&self.map.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The map, learnt or renewed where that is due. Of several callers one renews it, and the others go on with what is known.
    pub(super) fn map(&self, deadline: Deadline) -> Result<Arc<Map>> {
        let known = self.known();
        if !known.is_known() {
            return self.learn(&known, deadline);
        }
        if self.stale.load(Ordering::Relaxed) && self.is_due() {
            return self.renew(&known, deadline);
        }
        Ok(known)
    }

    /// The map as the cluster tells it now, for calls on all nodes.
    pub(super) fn fresh(&self, deadline: Deadline) -> Result<Arc<Map>> {
        let known = self.known();
        if known.is_known() { self.renew(&known, deadline) } else { self.learn(&known, deadline) }
    }

    /// The node of a slot.
    pub(super) fn home(&self, slot: u16, deadline: Deadline) -> Result<Arc<Node>> {
        let map = self.map(deadline)?;
        if let Some(node) = map.node_of(slot) {
            return Ok(Arc::clone(node));
        }
        self.stale.store(true, Ordering::Relaxed);
        let map = self.map(deadline)?;
        map.node_of(slot).cloned().ok_or_else(|| {
            let message = format!("no node of the cluster has slot {slot} at the moment: try again soon");
            Error::new(Status::Unavailable, message).sent(Sent::No)
        })
    }

    /// A slot has moved to the node at this address: whoever says so knows better than the map.
    pub(super) fn moved(&self, slot: u16, address: &Address, deadline: Deadline) -> Result<Arc<Node>> {
        self.stale.store(true, Ordering::Relaxed);
        let map = self.map(deadline.half())?;
        if let Some(node) = map.node_of(slot).filter(|node| node.address == *address) {
            return Ok(Arc::clone(node));
        }
        Ok(self.change(address, |map| map.put(slot, address)))
    }

    /// The node at this address, which may have no slots yet.
    pub(super) fn at(&self, address: &Address) -> Arc<Node> {
        if let Some(node) = self.known().find(address) {
            return Arc::clone(node);
        }
        self.change(address, |map| {
            map.index(address);
        })
    }

    /// A node does not answer: it may have been replaced.
    pub(super) fn suspect(&self, address: &Address) {
        self.trouble().suspect = Some(address.clone());
        self.stale.store(true, Ordering::Relaxed);
    }

    /// The same, where that is what an error says.
    pub(super) fn suspect_of(&self, error: &Error, address: &Address) {
        if error.lost_server() {
            self.suspect(address);
        }
    }

    /// The cluster says that something is not as it should be.
    pub(super) fn doubt(&self) {
        self.stale.store(true, Ordering::Relaxed);
    }

    fn learn(&self, known: &Map, deadline: Deadline) -> Result<Arc<Map>> {
        let ranges = self.ask(known, deadline)?;
        Ok(self.install(ranges))
    }

    /// A map that is known serves where none can be got.
    fn renew(&self, known: &Arc<Map>, deadline: Deadline) -> Result<Arc<Map>> {
        match self.ask(known, deadline.half()) {
            Ok(ranges) => Ok(self.install(ranges)),
            Err(error) if error.status() == Status::Interrupted => Err(error),
            Err(_) => Ok(Arc::clone(known)),
        }
    }

    /// Whether the map may be renewed again: not each time that a call fails.
    fn is_due(&self) -> bool {
        let (mut trouble, now) = (self.trouble(), Instant::now());
        let due = trouble.renewed.is_none_or(|last| now.duration_since(last) >= CLUSTER_RENEWAL);
        if due {
            trouble.renewed = Some(now);
        }
        due
    }

    /// Asks one after the other. Each may take half of the time that is left, the last one all of it.
    fn ask(&self, known: &Map, deadline: Deadline) -> Result<Vec<Range>> {
        let addresses = self.candidates(known);
        let mut failure: Option<Error> = None;
        for (tried, address) in addresses.iter().enumerate() {
            let is_last = tried + 1 == addresses.len();
            match ask(self.at(address).pool(), if is_last { deadline } else { deadline.half() }) {
                Err(error) if error.status() == Status::Interrupted => return Err(error.sent(Sent::No)),
                // What is not just an absence says more.
                Err(error) if failure.as_ref().is_none_or(Error::is_away) => failure = Some(error),
                Err(_) => {}
                done => return done,
            }
        }
        let failure = failure.unwrap_or_else(|| Error::config("the location names no node of the cluster"));
        Err(failure.sent(Sent::No).context("no node of the cluster says which slots are where"))
    }

    fn candidates(&self, known: &Map) -> Vec<Address> {
        let mut all: Vec<Address> = known.addresses().cloned().collect();
        if !all.is_empty() {
            let turn = self.turn.fetch_add(1, Ordering::Relaxed) % all.len();
            all.rotate_left(turn);
        }
        all.extend(self.seeds.iter().map(|seed| seed.endpoint.address.clone()));
        let mut candidates = Vec::with_capacity(all.len());
        for address in all {
            if !candidates.contains(&address) {
                candidates.push(address);
            }
        }
        let suspect = self.trouble().suspect.clone();
        candidates.sort_by_key(|address| Some(address) == suspect.as_ref());
        candidates
    }

    fn install(&self, ranges: Vec<Range>) -> Arc<Map> {
        let mut map = self.map.write().unwrap_or_else(PoisonError::into_inner);
        *map = Arc::new(map.renewed(ranges));
        self.stale.store(false, Ordering::Relaxed);
        Arc::clone(&map)
    }

    /// Changes the map; the node at `address` as it is then.
    fn change(&self, address: &Address, change: impl FnOnce(&mut Map)) -> Arc<Node> {
        let mut map = self.map.write().unwrap_or_else(PoisonError::into_inner);
        let changed = Arc::make_mut(&mut map);
        change(changed);
        let index = changed.index(address);
        Arc::clone(&changed.nodes()[index])
    }

    fn trouble(&self) -> std::sync::MutexGuard<'_, Trouble> {
        self.trouble.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::super::travel::{Hop, Next};
    use super::*;
    use crate::breaker::BreakerConfig;
    use crate::net::tests::support::Place;
    use crate::net::tests::{endpoint, soon};
    use crate::pool::Intent;

    fn address(port: u16) -> Address {
        Address::Tcp { host: "127.0.0.1".into(), port }
    }

    #[test]
    fn what_a_lost_node_was_asked_goes_to_its_successor() {
        let nodes = Nodes::new(vec![PoolConfig {
            endpoint: endpoint(&Place::Port(1)),
            max_connections: 1,
            pool_timeout: None,
            breaker: BreakerConfig::default(),
        }]);
        nodes.install(vec![Range { first: 0, last: 9, primary: address(2), replicas: Vec::new() }]);
        let lost = Hop::home(nodes.at(&address(1)));
        let next = |intent, sent| {
            let error = Error::new(Status::Timeout, "silent").sent(sent);
            nodes.next(error, &lost, 0, intent, soon())
        };
        for (intent, sent) in
            [(Intent::Read, Sent::Maybe), (Intent::ReadPrimary, Sent::Maybe), (Intent::Write, Sent::No)]
        {
            let Ok(Next::To(hop)) = next(intent, sent) else { panic!("{intent:?}") };
            assert_eq!(hop.node.address, address(2));
        }
        assert!(next(Intent::Write, Sent::Maybe).is_err());
    }
}
