//! A cluster under load, while it changes: slots move, a node is killed, a node hangs.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod support;

use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use djredis::error::Sent;
use djredis::items::Item;
use djredis::{Cache, Call, Error, Status, Ttl, Value};
use support::Cluster;
use support::cache::{self, text};
use support::cluster::{slot_of, wait};

const THREADS: usize = 8;
/// Counters and texts of each thread, over all nodes.
const EACH: usize = 9;

fn call() -> Call {
    Call { ttl: Some(Ttl::Forever), ..Call::default() }
}

fn open(cluster: &Cluster, options: &[(&str, &str)]) -> Cache {
    cache::open(&cluster.location(), &[&[("CLIENT_CLASS", "cluster")], options].concat()).expect("a cache")
}

/// Ends the threads however a test ends.
struct Ends<'d>(&'d AtomicBool);

impl Drop for Ends<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

fn int(value: &Value<'_>) -> i64 {
    let Value::Int(number) = value else { panic!("no integer: {value:?}") };
    *number
}

#[test]
fn slots_that_move_under_load_disturb_nobody() {
    let cluster = Cluster::start(3);
    let caches = [open(&cluster, &[]), open(&cluster, &[("MAX_CONNECTIONS", "1")])];
    let done = AtomicBool::new(false);
    let slot = slot_of(&cluster.primaries[0], "{tag}");
    let first = cluster.home(slot);
    thread::scope(|threads| {
        let ends = Ends(&done);
        let workers: Vec<_> = (0..THREADS)
            .map(|number| {
                let (cache, done) = (&caches[number % 2], &done);
                threads.spawn(move || work(cache, number, done))
            })
            .collect();
        for step in 0..9 {
            let (from, to) =
                (&cluster.primaries[(first + step) % 3], &cluster.primaries[(first + step + 1) % 3]);
            cluster.begin_move(slot, from, to);
            thread::sleep(Duration::from_millis(30));
            cluster.move_keys(slot, from, to);
            thread::sleep(Duration::from_millis(30));
            cluster.move_keys(slot, from, to);
            cluster.end_move(slot, from, to);
        }
        drop(ends);
        for (number, worker) in workers.into_iter().enumerate() {
            let rounds = worker.join().expect("no error reached it");
            assert!(rounds > 0);
            let counter = caches[0].get(&counter(number, 0), &call()).unwrap().unwrap();
            assert_eq!(int(&counter), rounds, "each was counted once");
        }
    });
    let shared = caches[0].get(b"{tag}shared", &call()).unwrap().unwrap();
    let own = (0..THREADS).map(|number| caches[0].get(&counter(number, 0), &call()).unwrap().unwrap());
    assert_eq!(int(&shared), own.map(|value| int(&value)).sum::<i64>());
}

/// The counter of a thread; number 0 is in the slot that moves.
fn counter(thread: usize, number: usize) -> Vec<u8> {
    if number == 0 {
        format!("{{tag}}c{thread}").into_bytes()
    } else {
        format!("c{thread}.{number}").into_bytes()
    }
}

/// Reads and writes until it is done; says how often.
fn work(cache: &Cache, thread: usize, done: &AtomicBool) -> i64 {
    let own = counter(thread, 0);
    let names: Vec<_> = (0..20)
        .flat_map(|number| [format!("{{tag}}{thread}.{number}"), format!("k{thread}.{number}")])
        .map(String::into_bytes)
        .collect();
    let keys: Vec<_> = names.iter().map(Vec::as_slice).collect();
    let pairs: Vec<_> = keys.iter().map(|&key| (key, text(key))).collect();
    // Whoever comes first makes it.
    let only_new = Call { condition: djredis::cache::Condition::Absent, ..call() };
    cache.set(&own, &Value::Int(0), &call()).unwrap();
    cache.set(b"{tag}shared", &Value::Int(0), &only_new).unwrap();
    let mut rounds = 0;
    while !done.load(Ordering::Relaxed) {
        rounds += 1;
        assert_eq!(int(&cache.incr(&own, 1, &call()).unwrap()), rounds);
        cache.incr(b"{tag}shared", 1, &call()).unwrap();
        let stored = cache.set_many(&pairs, &call()).unwrap();
        assert!(stored.iter().all(|item| item == Item::Value(Value::None)));
        let found = cache.get_many(&keys, &call()).unwrap();
        for (key, item) in keys.iter().zip(found.iter()) {
            assert_eq!(item, Item::Value(text(key)));
        }
        assert_eq!(cache.get(keys[0], &call()).unwrap(), Some(text(keys[0])));
        assert_eq!(cache.delete_many(&keys[..4], &call()).unwrap(), 4);
    }
    rounds
}

/// What a thread knows of one counter of its own.
struct Counted {
    key: Vec<u8>,
    /// The last number that was answered.
    last: i64,
    /// Calls since then that failed, and those of them that may have been executed.
    failed: i64,
    maybe: i64,
}

impl Counted {
    /// Counts once. What was acknowledged is counted: the next number follows the last one. Only after a failure it may be lower, by
    /// what the replica did not have yet when it took over, and never lower than what it is known to have had; or higher, by
    /// calls that failed after they had been sent.
    fn count(&mut self, cache: &Cache, seen: &Seen) -> Result<(), Error> {
        match cache.incr(&self.key, 1, &call()) {
            Ok(value) => {
                let number = int(&value);
                if self.failed == 0 {
                    assert_eq!(number, self.last + 1);
                } else {
                    let safe = seen.safe.load(Ordering::SeqCst);
                    assert!(
                        number > safe && number <= self.last + self.maybe + 1,
                        "{safe} {number} {}",
                        self.last
                    );
                }
                (self.last, self.failed, self.maybe) = (number, 0, 0);
                seen.last.store(number, Ordering::SeqCst);
                Ok(())
            }
            Err(error) => {
                self.failed += 1;
                self.maybe += i64::from(error.was_sent() == Sent::Maybe);
                Err(error)
            }
        }
    }
}

/// What others see of a counter.
#[derive(Default)]
struct Seen {
    /// The last number that was answered.
    last: AtomicI64,
    /// A number that is known to stand on the replica.
    safe: AtomicI64,
}

/// How far the threads are.
#[derive(Default)]
struct Stage {
    /// Of each thread.
    seen: [[Seen; EACH]; THREADS],
    rounds: AtomicUsize,
    failures: AtomicUsize,
    /// Threads whose every counter counts again.
    recovered: AtomicUsize,
    done: AtomicBool,
}

/// 8 threads count and read, one primary fails by `fail`, its replica takes over.
fn survive(options: &[(&str, &str)], fail: impl FnOnce(&mut Cluster, usize)) {
    let mut cluster = Cluster::with_replicas(3);
    let cache = open(&cluster, options);
    let stage = Stage::default();
    let victim = cluster.home(slot_of(&cluster.primaries[0], ":1:c0.1"));
    let dead = format!("127.0.0.1:{}", cluster.primaries[victim].port());
    for thread in 0..THREADS {
        for number in 0..EACH {
            let name = name(thread, number);
            cache.set(&name, &text(&name), &call()).unwrap();
            cache.set(&counter(thread, number + 1), &Value::Int(0), &call()).unwrap();
        }
    }
    thread::scope(|threads| {
        let _ends = Ends(&stage.done);
        for thread in 0..THREADS {
            let (cache, stage, dead) = (&cache, &stage, &dead);
            threads.spawn(move || count_on(cache, stage, thread, dead));
        }
        wait(|| stage.rounds.load(Ordering::Relaxed) > 20 * THREADS);
        let seen = || stage.seen.iter().flatten();
        let answered: Vec<_> = seen().map(|seen| seen.last.load(Ordering::SeqCst)).collect();
        let offset = |node: &support::Server, field: &str| {
            let info = node.command(&["INFO", "replication"]);
            let found = info
                .lines()
                .find_map(|line| line.strip_prefix(field)?.strip_prefix(':')?.parse::<u64>().ok());
            found.expect("an offset")
        };
        let written = offset(&cluster.primaries[victim], "master_repl_offset");
        let replica = &cluster.replicas[victim];
        wait(|| offset(replica, "slave_repl_offset") >= written);
        seen().zip(answered).for_each(|(seen, last)| seen.safe.store(last, Ordering::SeqCst));
        fail(&mut cluster, victim);
        wait(|| stage.failures.load(Ordering::Relaxed) > 0);
        wait(|| stage.recovered.load(Ordering::Relaxed) == THREADS);
    });
    let replica = format!("127.0.0.1:{}", cluster.replicas[victim].port());
    assert_eq!(cache.server_for(&counter(0, 1), &call()).unwrap(), replica);
}

fn name(thread: usize, number: usize) -> Vec<u8> {
    format!("t{thread}.{number}").into_bytes()
}

fn count_on(cache: &Cache, stage: &Stage, thread: usize, dead: &str) {
    let on_victim = |key: &[u8]| cache.server_for(key, &call()).unwrap() == dead;
    let mut counters: Vec<_> = (1..=EACH)
        .map(|number| Counted { key: counter(thread, number), last: 0, failed: 0, maybe: 0 })
        .map(|counter| (on_victim(&counter.key), counter))
        .collect();
    let names: Vec<_> =
        (0..EACH).map(|number| name(thread, number)).map(|name| (on_victim(&name), name)).collect();
    let (mut has_failed, mut recovered) = (!counters.iter().any(|(on_victim, _)| *on_victim), false);
    while !stage.done.load(Ordering::Relaxed) {
        let mut failures = 0;
        for ((on_victim, counter), seen) in counters.iter_mut().zip(&stage.seen[thread]) {
            if let Err(error) = counter.count(cache, seen) {
                check(&error, *on_victim);
                failures += 1;
            }
        }
        for (on_victim, name) in &names {
            match cache.get(name, &call()) {
                Ok(found) => assert_eq!(found, Some(text(name))),
                Err(error) => check(&error, *on_victim),
            }
        }
        stage.rounds.fetch_add(1, Ordering::Relaxed);
        stage.failures.fetch_add(failures, Ordering::Relaxed);
        has_failed |= failures > 0;
        if failures == 0 && has_failed && !recovered {
            recovered = true;
            stage.recovered.fetch_add(1, Ordering::Relaxed);
        }
        thread::sleep(Duration::from_millis(1));
    }
}

/// Only the keys of the node that failed are concerned, by errors that say what happened.
fn check(error: &Error, may_fail: bool) {
    assert!(may_fail, "{error}");
    assert!(
        matches!(error.status(), Status::Connection | Status::Timeout | Status::Unavailable),
        "{:?}: {error}",
        error.status()
    );
}

#[test]
fn a_killed_primary_is_replaced_by_its_replica() {
    survive(&[], |cluster, victim| cluster.primaries[victim].kill());
}

#[test]
fn a_primary_that_hangs_is_replaced_by_its_replica() {
    survive(&[("SOCKET_TIMEOUT", "0.5")], |cluster, victim| {
        let pid = cluster.primaries[victim].pid().to_string();
        assert!(Command::new("kill").args(["-STOP", &pid]).status().unwrap().success());
    });
}
