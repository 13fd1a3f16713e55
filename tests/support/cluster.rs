//! A cluster of the test's own: primaries, each with a replica if wanted, on free ports.

use std::thread;
use std::time::{Duration, Instant};

use super::server::{CLUSTER_PORT, Server, free_port};

const SLOTS: usize = 16384;
const PATIENCE: Duration = Duration::from_secs(60);

/// Running nodes.
pub struct Cluster {
    /// Primaries when it was started.
    pub primaries: Vec<Server>,
    /// The replica with index i follows the primary with index i.
    pub replicas: Vec<Server>,
}

impl Cluster {
    /// Primaries alone.
    pub fn start(primaries: usize) -> Cluster {
        Cluster::with(primaries, false, &[])
    }

    /// Each primary with a replica.
    pub fn with_replicas(primaries: usize) -> Cluster {
        Cluster::with(primaries, true, &[])
    }

    /// With more arguments for redis-server.
    pub fn with(primaries: usize, replicated: bool, arguments: &[&str]) -> Cluster {
        let start = |count: usize| (0..count).map(|_| node(arguments)).collect::<Vec<_>>();
        let cluster =
            Cluster { primaries: start(primaries), replicas: start(if replicated { primaries } else { 0 }) };
        cluster.join();
        cluster
    }

    fn join(&self) {
        for (index, node) in self.nodes().enumerate() {
            node.command(&["CLUSTER", "SET-CONFIG-EPOCH", &(index + 1).to_string()]);
        }
        for (index, primary) in self.primaries.iter().enumerate() {
            let share = |index: usize| SLOTS * index / self.primaries.len();
            let (first, last) = (share(index).to_string(), (share(index + 1) - 1).to_string());
            primary.command(&["CLUSTER", "ADDSLOTSRANGE", &first, &last]);
        }
        let nodes: Vec<_> = self.nodes().collect();
        for node in &nodes[1..] {
            self.meet(node);
        }
        for node in &nodes {
            wait(|| {
                field(&node.command(&["CLUSTER", "INFO"]), "cluster_known_nodes") == nodes.len().to_string()
            });
        }
        for (primary, replica) in self.primaries.iter().zip(&self.replicas) {
            let id = self.id(primary);
            wait(|| replica.command(&["CLUSTER", "REPLICATE", &id]).starts_with("+OK"));
        }
        for replica in &self.replicas {
            wait(|| field(&replica.command(&["INFO", "replication"]), "master_link_status") == "up");
        }
        for node in &nodes {
            wait(|| field(&node.command(&["CLUSTER", "INFO"]), "cluster_state") == "ok");
            // One that met nobody does not know its address.
            wait(|| {
                nodes.len() == 1
                    || node.command(&["CLUSTER", "SLOTS"]).matches("127.0.0.1").count() == nodes.len()
            });
        }
    }

    /// Makes a node known to the cluster.
    pub fn meet(&self, node: &Server) {
        let port = node.port().to_string();
        let bus = node.argument(CLUSTER_PORT).expect("a node");
        wait(|| self.primaries[0].command(&["CLUSTER", "MEET", "127.0.0.1", &port, bus]).starts_with("+OK"));
    }

    /// All nodes, the primaries first.
    pub fn nodes(&self) -> impl Iterator<Item = &Server> {
        self.primaries.iter().chain(&self.replicas)
    }

    /// The location with all primaries.
    pub fn location(&self) -> String {
        self.primaries.iter().map(place).collect::<Vec<_>>().join(",")
    }

    /// The name that a node has in the cluster.
    pub fn id(&self, node: &Server) -> String {
        line(&node.command(&["CLUSTER", "MYID"]))
    }

    /// The index of the primary that has a slot, as a node that lives sees it.
    pub fn home(&self, slot: usize) -> usize {
        self.primaries.iter().position(|node| has_slot(node, slot)).expect("a primary has the slot")
    }

    /// Moves a slot with all of its keys, as redis-cli --cluster reshard does.
    pub fn move_slot(&self, slot: usize, from: &Server, to: &Server) {
        self.begin_move(slot, from, to);
        self.move_keys(slot, from, to);
        self.end_move(slot, from, to);
    }

    pub fn begin_move(&self, slot: usize, from: &Server, to: &Server) {
        let (slot, source, target) = (slot.to_string(), self.id(from), self.id(to));
        ok(to, &["CLUSTER", "SETSLOT", &slot, "IMPORTING", &source]);
        ok(from, &["CLUSTER", "SETSLOT", &slot, "MIGRATING", &target]);
    }

    /// Moves the keys that are there now; some were written meanwhile, until there are none.
    pub fn move_keys(&self, slot: usize, from: &Server, to: &Server) {
        loop {
            let keys = bulks(&from.command(&["CLUSTER", "GETKEYSINSLOT", &slot.to_string(), "20"]));
            if keys.is_empty() {
                return;
            }
            let port = to.port().to_string();
            let mut command = vec!["MIGRATE", "127.0.0.1", &port, "", "0", "5000", "KEYS"];
            command.extend(keys.iter().map(String::as_str));
            let reply = from.command(&command);
            assert!(reply.starts_with("+OK") || reply.starts_with("+NOKEY"), "{reply}");
        }
    }

    pub fn end_move(&self, slot: usize, from: &Server, to: &Server) {
        let (slot, target) = (slot.to_string(), self.id(to));
        ok(to, &["CLUSTER", "SETSLOT", &slot, "NODE", &target]);
        ok(from, &["CLUSTER", "SETSLOT", &slot, "NODE", &target]);
    }
}

/// A node that belongs to no cluster yet.
pub fn node(arguments: &[&str]) -> Server {
    let bus = free_port().to_string();
    let own = ["--cluster-enabled", "yes", "--cluster-config-file", "nodes.conf", CLUSTER_PORT, &bus];
    let quick = ["--cluster-node-timeout", "1000", "--repl-diskless-sync-delay", "0"];
    // A slot without a node takes no other one along.
    let alone = ["--cluster-require-full-coverage", "no"];
    Server::with(&[&own[..], &quick, &alone, arguments].concat())
}

/// A node's entry of a location.
pub fn place(node: &Server) -> String {
    format!("127.0.0.1:{}:0", node.port())
}

/// The slot of a key, as the server counts it.
pub fn slot_of(node: &Server, key: &str) -> usize {
    line(&node.command(&["CLUSTER", "KEYSLOT", key])).parse().expect("a number")
}

fn has_slot(node: &Server, slot: usize) -> bool {
    let myself = node.command(&["CLUSTER", "NODES"]);
    let own = myself.lines().find(|line| line.contains("myself")).unwrap_or_default();
    own.split(' ').skip(8).filter(|word| !word.starts_with('[')).any(|range| {
        let (first, last) = range.split_once('-').unwrap_or((range, range));
        (first.parse().unwrap()..=last.trim().parse().unwrap()).contains(&slot)
    })
}

/// Asks again and again until it is so.
pub fn wait(is_so: impl Fn() -> bool) {
    let end = Instant::now() + PATIENCE;
    while !is_so() {
        assert!(Instant::now() < end, "the cluster does not get there");
        thread::sleep(Duration::from_millis(10));
    }
}

fn ok(node: &Server, command: &[&str]) {
    let reply = node.command(command);
    assert!(reply.starts_with("+OK"), "{command:?}: {reply}");
}

/// `name:value` in the text of an INFO.
fn field(info: &str, name: &str) -> String {
    let found = info.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
    found.unwrap_or_default().trim().to_owned()
}

/// The last line of a reply: its only string, or its number.
fn line(reply: &str) -> String {
    reply.trim_end().rsplit("\r\n").next().unwrap_or_default().trim_start_matches(':').to_owned()
}

/// The strings of an array without line breaks in them.
fn bulks(reply: &str) -> Vec<String> {
    let lines: Vec<_> = reply.trim_end().split("\r\n").skip(1).collect();
    lines.chunks(2).filter_map(|pair| pair.get(1)).map(ToString::to_string).collect()
}
