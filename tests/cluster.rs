//! Keys on the nodes of a cluster: while slots move, and while nodes fail.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod support;

use std::collections::HashSet;

use djredis::cache::{BatchCall, Operation, TimeLeft};
use djredis::items::Item;
use djredis::{Cache, Call, Options, Status, Ttl, Value};
use support::cache::{self, borrowed, calls, check_batch, counter, text};
use support::cluster::{place, slot_of};
use support::{Cluster, FakeServer, Server, free_port};

const KEYS: usize = 120;

fn call() -> Call {
    Call::default()
}

fn open_at(location: &str, options: &[(&str, &str)]) -> djredis::Result<Cache> {
    cache::open(location, &[&[("CLIENT_CLASS", "cluster")], options].concat())
}

fn open(cluster: &Cluster, options: &[(&str, &str)]) -> Cache {
    open_at(&cluster.location(), options).expect("a cache")
}

fn names() -> Vec<Vec<u8>> {
    (0..KEYS).map(|number| format!("key{number}").into_bytes()).collect()
}

fn set_all(cache: &Cache, names: &[Vec<u8>]) {
    let pairs: Vec<_> = names.iter().map(|name| (name.as_slice(), text(name))).collect();
    let stored = cache.set_many(&pairs, &call()).unwrap();
    assert!(
        stored.iter().all(|item| item == Item::Value(Value::None)),
        "{:?}",
        stored.iter().find(|item| *item != Item::Value(Value::None))
    );
}

fn check_all(cache: &Cache, names: &[Vec<u8>]) {
    let found = cache.get_many(&borrowed(names), &call()).unwrap();
    for (name, item) in names.iter().zip(found.iter()) {
        assert_eq!(item, Item::Value(text(name)));
    }
}

#[test]
fn keys_live_where_the_cluster_says() {
    let cluster = Cluster::start(3);
    // One seed is enough.
    let cache = open_at(&place(&cluster.primaries[1]), &[]).unwrap();
    let names = names();
    let mut homes = HashSet::new();
    for name in &names {
        cache.set(name, &text(name), &call()).unwrap();
        assert_eq!(cache.get(name, &call()).unwrap(), Some(text(name)));
        let slot = slot_of(&cluster.primaries[0], &format!(":1:{}", String::from_utf8_lossy(name)));
        let port = cluster.primaries[cluster.home(slot)].port();
        assert_eq!(cache.server_for(name, &call()).unwrap(), format!("127.0.0.1:{port}"));
        homes.insert(port);
    }
    assert_eq!(homes.len(), 3);
    check_all(&cache, &names);
    let tagged = |number: usize| cache.server_for(format!("{{user}}.{number}").as_bytes(), &call()).unwrap();
    assert_eq!((0..50).map(tagged).collect::<HashSet<_>>().len(), 1, "a tag keeps keys together");
    assert_eq!(counter(&cache, "connects"), 3, "nothing was sent to the wrong node");
    assert_eq!((counter(&cache, "hits"), counter(&cache, "sets")), (2 * KEYS as u64, KEYS as u64));
}

#[test]
fn every_operation_finds_its_keys() {
    let cluster = Cluster::start(3);
    let cache = open(&cluster, &[]);
    let names = names();
    set_all(&cache, &names);
    check_all(&cache, &names);
    assert_eq!(cache.get_many_raw(&[b"none", &names[0]], &call()).unwrap().get(0), Some(Item::Missing));

    check_batch(&cache, &names);

    let found: HashSet<_> = cache.keys(b"*", &call()).unwrap().into_iter().collect();
    assert_eq!(found, names.iter().cloned().collect());
    let mut scan = cache.scan(b"key1*", &call()).unwrap();
    let mut scanned = HashSet::new();
    while let Some(batch) = scan.next_batch(&call()).unwrap() {
        scanned.extend(batch);
    }
    assert_eq!(scanned.len(), 31);
    assert_eq!(cache.delete_many(&[b"key0", b"none", b"key1"], &call()).unwrap(), 2);
    assert_eq!(cache.delete_pattern(b"key1*", &Call { itersize: Some(10), ..call() }).unwrap(), 30);
    cache.clear(&call()).unwrap();
    for node in &cluster.primaries {
        assert_eq!(node.command(&["DBSIZE"]), ":0\r\n");
    }
    let lives = Call { ttl: Some(Ttl::Millis(60_000)), ..call() };
    for name in names.iter().take(10) {
        assert!(cache.lock(name, b"ours", &lives).unwrap());
        assert!(!cache.lock(name, b"theirs", &lives).unwrap());
        assert!(cache.extend(name, b"ours", &lives).unwrap());
        assert!(cache.unlock(name, b"ours", &call()).unwrap());
    }
    assert_eq!(cache.command(&[b"SETNX", b"key", b"1"], Some(1), &call()).unwrap(), Value::Int(1));
}

#[test]
fn many_keys_take_one_write_to_each_node() {
    let cluster = Cluster::start(3);
    let cache = open(&cluster, &[]);
    let names = names();
    set_all(&cache, &names);
    check_all(&cache, &names);
    let sum = |command: &str| cluster.primaries.iter().map(|node| calls(node, command)).sum::<usize>();
    assert_eq!((sum("mget"), sum("set")), (KEYS, KEYS));
    assert_eq!(counter(&cache, "connects"), 3);
}

#[test]
fn every_key_finds_its_next_version() {
    let cluster = Cluster::start(3);
    let cache = open(&cluster, &[]);
    let names = names();
    set_all(&cache, &names);
    for name in &names {
        let second = Call { version: Some(2), ..call() };
        assert_eq!(cache.incr_version(name, 1, &call()).unwrap(), 2);
        assert_eq!(cache.get(name, &second).unwrap(), Some(text(name)));
        assert_eq!(cache.get(name, &call()).unwrap(), None);
        assert!(cache.ttl(name, &second).unwrap().is_some_and(|left| left != TimeLeft::Forever));
    }
    // In one slot it is a RENAME.
    cache.set(b"{tag}a", &Value::Int(1), &call()).unwrap();
    cache.move_key(b"{tag}a", b"{tag}b", &call()).unwrap();
    assert_eq!(cluster.primaries.iter().map(|node| calls(node, "rename")).sum::<usize>(), 1);
    assert_eq!(cache.move_key(b"none", b"other", &call()).unwrap_err().status(), Status::NotFound);
}

#[test]
fn a_slot_that_moves_is_followed() {
    let cluster = Cluster::start(3);
    let cache = open(&cluster, &[]);
    let names: Vec<_> = (0..40).map(|number| format!("{{tag}}{number}").into_bytes()).collect();
    set_all(&cache, &names);
    let slot = slot_of(&cluster.primaries[0], "{tag}");
    let from = cluster.home(slot);
    let (from, to) = (&cluster.primaries[from], &cluster.primaries[(from + 1) % 3]);

    cluster.begin_move(slot, from, to);
    // Half of the keys are there, half are here, and new ones belong there.
    let keys: Vec<_> =
        names[..20].iter().map(|name| format!(":1:{}", String::from_utf8_lossy(name))).collect();
    let port = to.port().to_string();
    let mut migrate = vec!["MIGRATE", "127.0.0.1", &port, "", "0", "5000", "KEYS"];
    migrate.extend(keys.iter().map(String::as_str));
    assert_eq!(from.command(&migrate), "+OK\r\n");
    check_all(&cache, &names);
    for name in &names {
        assert_eq!(cache.get(name, &call()).unwrap(), Some(text(name)));
    }
    cache.set(b"{tag}new", &Value::Int(1), &call()).unwrap();
    assert_eq!(cache.incr(b"{tag}new", 1, &call()).unwrap(), Value::Int(2));
    assert!(cache.touch(b"{tag}new", &Call { ttl: Some(Ttl::Forever), ..call() }).unwrap());
    assert_eq!(cache.ttl(b"{tag}new", &call()).unwrap(), Some(TimeLeft::Forever));
    cache.move_key(b"{tag}new", b"elsewhere", &call()).unwrap();
    assert_eq!(cache.get(b"elsewhere", &call()).unwrap(), Some(Value::Int(2)));
    let batch: Vec<_> = names
        .iter()
        .flat_map(|name| {
            [Operation::Touch, Operation::Get].map(|operation| BatchCall {
                key: name,
                operation,
                call: Call { ttl: Some(Ttl::Forever), ..call() },
            })
        })
        .collect();
    let answers = cache.batch(&batch, &call()).unwrap();
    for (index, name) in names.iter().enumerate() {
        assert_eq!(answers.get(2 * index), Some(Item::Value(Value::None)));
        assert_eq!(answers.get(2 * index + 1), Some(Item::Value(text(name))));
    }

    cluster.move_keys(slot, from, to);
    cluster.end_move(slot, from, to);
    check_all(&cache, &names);
    assert_eq!(cache.server_for(&names[0], &call()).unwrap(), format!("127.0.0.1:{port}"));
    let before = calls(from, "mget");
    check_all(&cache, &names);
    assert_eq!(calls(from, "mget"), before, "the new node is known");
    assert_eq!(cache.delete_pattern(b"{tag}*", &call()).unwrap(), 40);
}

#[test]
fn a_command_on_keys_that_are_on_two_nodes_fails_after_some_tries() {
    let cluster = Cluster::start(3);
    let cache = open(&cluster, &[]);
    set_all(&cache, &[b"{tag}a".to_vec(), b"{tag}b".to_vec()]);
    let slot = slot_of(&cluster.primaries[0], "{tag}");
    let from = cluster.home(slot);
    let (from, to) = (&cluster.primaries[from], &cluster.primaries[(from + 1) % 3]);
    cluster.begin_move(slot, from, to);
    let port = to.port().to_string();
    assert_eq!(from.command(&["MIGRATE", "127.0.0.1", &port, ":1:{tag}a", "0", "5000"]), "+OK\r\n");
    let both: [&[u8]; 3] = [b"MGET", b":1:{tag}a", b":1:{tag}b"];
    let whole = Call { key_made: true, ..call() };
    let error = cache.command(&both, Some(1), &whole).unwrap_err();
    assert_eq!(error.status(), Status::Unavailable, "{error}");
    assert!(error.message().contains("TRYAGAIN"), "{error}");
    cluster.move_keys(slot, from, to);
    cluster.end_move(slot, from, to);
    assert!(cache.command(&both, Some(1), &whole).is_ok());
}

#[test]
fn what_needs_one_server_is_refused() {
    let cluster = Cluster::start(3);
    let cache = open(&cluster, &[]);
    assert_eq!(cache.connection(&call()).err().expect("no connection").status(), Status::Unsupported);
    assert_eq!(cache.command(&[b"DBSIZE"], None, &call()).unwrap_err().status(), Status::Unsupported);
}

#[test]
fn a_node_by_itself_says_what_it_is() {
    let cluster = Cluster::start(3);
    let cache = Cache::open(&place(&cluster.primaries[0]), &Options::new()).unwrap();
    let names = names();
    let moved = names.iter().find_map(|name| cache.get(name, &call()).err()).expect("a key of another node");
    assert_eq!(moved.status(), Status::Server);
    assert!(moved.message().contains("MOVED") && moved.message().contains("CLIENT_CLASS=cluster"), "{moved}");
    let crossed = cache.get_many(&borrowed(&names), &call()).unwrap_err();
    assert!(crossed.message().contains("CLIENT_CLASS=cluster"), "{crossed}");
    let stored = cache.set_many(
        &[(&names[0], text(&names[0])), (&names[1], text(&names[1])), (&names[2], text(&names[2]))],
        &call(),
    );
    assert!(stored.unwrap_err().message().contains("CLIENT_CLASS=cluster"));
}

#[test]
fn a_server_that_is_no_node_is_told_from_one_that_is_away() {
    let server = Server::start();
    let cache = open_at(&place(&server), &[("IGNORE_EXCEPTIONS", "true")]).unwrap();
    let error = cache.get(b"key", &call()).unwrap_err();
    assert_eq!((error.status(), error.is_ignored()), (Status::Config, false), "{error}");
    assert!(error.message().contains("leave out CLIENT_CLASS=cluster"), "{error}");

    let dead = format!("127.0.0.1:{}:0,127.0.0.1:{}:0", free_port(), free_port());
    for (ignore, ignored) in [("false", false), ("true", true)] {
        let cache = open_at(&dead, &[("IGNORE_EXCEPTIONS", ignore), ("BREAKER_FAILURES", "0")]).unwrap();
        let names = names();
        for error in [
            cache.get(b"key", &call()).map(drop).unwrap_err(),
            cache.get_many(&borrowed(&names), &call()).map(drop).unwrap_err(),
            cache.delete_many(&borrowed(&names), &call()).map(drop).unwrap_err(),
            cache.keys(b"*", &call()).map(drop).unwrap_err(),
            cache.scan(b"*", &call()).unwrap().next_batch(&call()).map(drop).unwrap_err(),
            cache.delete_pattern(b"*", &call()).map(drop).unwrap_err(),
            cache.clear(&call()).unwrap_err(),
            cache.server_for(b"key", &call()).map(drop).unwrap_err(),
        ] {
            assert_eq!((error.status(), error.is_ignored()), (Status::Connection, ignored), "{error}");
        }
    }
    // A dead seed costs nothing where another one lives, even if that does not know its own address.
    let cluster = Cluster::start(1);
    let cache = open_at(&format!("{dead},{}", cluster.location()), &[]).unwrap();
    set_all(&cache, &names());
}

#[test]
fn silent_seeds_cost_a_few_timeouts_not_one_for_each_call() {
    let (one, other) = (FakeServer::silent(), FakeServer::silent());
    let location = format!("127.0.0.1:{},127.0.0.1:{}", one.port(), other.port());
    let cache = open_at(&location, &[("SOCKET_TIMEOUT", "0.2"), ("BREAKER_RESET", "60")]).unwrap();
    let errors: Vec<_> = (0..20).map(|_| cache.get(b"key", &call()).unwrap_err()).collect();
    let silences = errors.iter().filter(|error| error.status() == Status::Timeout).count();
    assert!(silences < 10, "{silences}");
    assert!(errors.iter().all(|error| error.is_away()));
    assert_eq!(counter(&cache, "breaker_opens"), 2);
}

#[test]
fn a_user_who_may_not_ask_for_the_slots_is_told() {
    let cluster = Cluster::start(1);
    cluster.primaries[0].command(&["ACL", "SETUSER", "site", "on", ">pw", "~*", "+@all", "-cluster"]);
    let error = open(&cluster, &[("USERNAME", "site"), ("PASSWORD", "pw")]).get(b"key", &call()).unwrap_err();
    assert_eq!(error.status(), Status::Auth, "{error}");
    let place = format!("site@127.0.0.1:{}", cluster.primaries[0].port());
    for word in [&place, "'cluster|slots'", "ACL SETUSER"] {
        assert!(error.message().contains(word), "{error}");
    }
}

#[test]
fn the_options_of_one_server_are_refused() {
    let refused = |location: &str, options: &[(&str, &str)], words: &str| {
        let error = open_at(location, options).unwrap_err();
        assert_eq!(error.status(), Status::Config);
        assert!(error.message().contains(words), "{error}");
    };
    refused("127.0.0.1:1:3", &[], "database 3");
    refused("127.0.0.1:1", &[("DB", "3")], "database 3");
    refused("127.0.0.1:1", &[("NEAR_CACHE", "1000")], "NEAR_CACHE");
    refused("127.0.0.1:1", &[("RING", "3.2")], "RING");
    refused("memory:x", &[], "inside the process");
    refused("redis://:a@h:1,redis://:b@h:2", &[], "PASSWORD");
}

#[test]
fn a_node_need_not_know_its_host() {
    // As a cluster behind a proxy, or one whose nodes are told no address, announces itself.
    let cluster = Cluster::with(3, false, &["--cluster-preferred-endpoint-type", "unknown-endpoint"]);
    let cache = open(&cluster, &[]);
    set_all(&cache, &names());
    check_all(&cache, &names());
    let named = ["--cluster-preferred-endpoint-type", "hostname", "--cluster-announce-hostname", "localhost"];
    let cluster = Cluster::with(2, false, &named);
    let cache = open(&cluster, &[]);
    set_all(&cache, &names());
    assert!(cache.server_for(b"key", &call()).unwrap().starts_with("localhost:"));
}
