//! A real failover under load: the primary is killed under 8 threads, and a real sentinel makes the replica the new one.
//!
//! Replication is asynchronous: what the primary acknowledged and had not passed on yet when it died is lost, whatever a client
//! does. How much that is, the replica says after the primary's death, before it is promoted: `kept`. All else is accounted for:
//!
//! * each counter is written to by one thread, so that its answers must rise by 1 as long as no call fails;
//! * the first answer after the failover goes on from what was kept, plus at most the calls since that may have been executed;
//! * in the end the counter stands where its last answer left it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod support;

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use djredis::error::Sent;
use djredis::{Cache, Call, Error, Options, Status, Ttl, Value};
use support::{SERVICE, Sentinel, Server, free_port, wait_until};

const THREADS: usize = 8;
/// Answers that each thread wants after the failover.
const ENOUGH: usize = 100;
const PATIENCE: Duration = Duration::from_secs(60);

/// What one thread saw.
#[derive(Default)]
struct Seen {
    /// The answers to INCR until the first error, and after it.
    before: Vec<i64>,
    after: Vec<i64>,
    /// Of the calls since the first error: those that may have been executed before each answer.
    unsure: Vec<i64>,
    failed: usize,
}

fn open(sentinel: u16, replicas: &str) -> Cache {
    let mut options = Options::new();
    // One of the sentinels is dead.
    let sentinels = format!("127.0.0.1:{},127.0.0.1:{sentinel}", free_port());
    for (name, value) in [
        ("CLIENT_CLASS", "sentinel"),
        ("SENTINELS", &sentinels),
        ("SENTINEL_REPLICAS", replicas),
        ("SOCKET_TIMEOUT", "2"),
        ("MAX_CONNECTIONS", "4"),
    ] {
        options.set(name, value).expect("a known option");
    }
    Cache::open(&format!("redis://{SERVICE}/0"), &options).expect("a cache")
}

fn forever() -> Call {
    Call { ttl: Some(Ttl::Forever), ..Call::default() }
}

fn counter_of(thread: usize) -> Vec<u8> {
    format!("counter{thread}").into_bytes()
}

/// A failure that a program may expect while a server is away.
fn check(error: &Error) {
    let known = matches!(error.status(), Status::Connection | Status::Timeout | Status::Unavailable);
    assert!(known && error.is_away(), "{error}");
}

/// Counts, writes and reads until there was enough of it after the first error.
fn work(cache: &Cache, thread: usize, killed: &AtomicBool) -> Seen {
    let (counter, end) = (counter_of(thread), Instant::now() + PATIENCE);
    let (mut seen, mut unsure, mut turn) = (Seen::default(), 0, 0_usize);
    let mut written: Vec<HashSet<String>> = vec![HashSet::new(); 5];
    while seen.after.len() < ENOUGH {
        assert!(Instant::now() < end, "thread {thread} was not served again");
        match cache.incr(&counter, 1, &Call::default()) {
            Ok(Value::Int(number)) if seen.failed == 0 => seen.before.push(number),
            Ok(Value::Int(number)) => {
                seen.after.push(number);
                seen.unsure.push(std::mem::take(&mut unsure));
            }
            Ok(other) => panic!("{other:?}"),
            Err(error) => {
                check(&error);
                assert!(killed.load(Ordering::SeqCst), "before anything happened: {error}");
                seen.failed += 1;
                unsure += i64::from(error.was_sent() != Sent::No);
            }
        }
        turn += 1;
        let (place, text) =
            (turn % written.len(), format!("value {turn} of {thread}:{}", turn % written.len()));
        let key = format!("{thread}:{place}");
        written[place].insert(text.clone());
        if let Err(error) = cache.set(key.as_bytes(), &Value::Text(text.into()), &forever()) {
            check(&error);
        }
        match cache.get(key.as_bytes(), &Call::default()) {
            Ok(None) => {}
            Ok(Some(Value::Text(found))) => assert!(written[place].contains(&*found), "{key} has {found}"),
            Ok(Some(other)) => panic!("{other:?}"),
            Err(error) => check(&error),
        }
    }
    seen
}

/// What became of one counter. Answers how many acknowledged increments replication lost.
fn account(seen: &Seen, kept: i64, stands: i64) -> i64 {
    assert!(seen.before.windows(2).all(|pair| pair[1] == pair[0] + 1), "{:?}", seen.before);
    let acknowledged = *seen.before.last().expect("answers before the failover");
    assert!(kept <= acknowledged + 1, "{kept} of {acknowledged}");
    let mut last = kept;
    for (number, unsure) in seen.after.iter().zip(&seen.unsure) {
        assert!((last + 1..=last + 1 + unsure).contains(number), "{number} after {last}, {unsure} unsure");
        last = *number;
    }
    assert_eq!(stands, last);
    (acknowledged - kept).max(0)
}

#[expect(clippy::print_stderr, reason = "what replication lost is no failure, and worth knowing")]
fn failover(replicas: &str) {
    let mut primary = Server::with(&["--repl-diskless-sync-delay", "0"]);
    let port = primary.port().to_string();
    let replica = Server::with(&["--replicaof", "127.0.0.1", &port]);
    // A machine under load may keep a living primary from answering: nothing is to happen before it is killed.
    let patient = format!("sentinel down-after-milliseconds {SERVICE} 60000");
    let sentinel = Sentinel::watching(primary.port(), &[&patient]);
    let says = |server: &Server, words: &str| server.command(&["INFO", "replication"]).contains(words);
    wait_until("the replica follows", || says(&replica, "master_link_status:up"));
    let known = replica.port().to_string();
    wait_until("the sentinel knows it", || {
        sentinel.command(&["SENTINEL", "REPLICAS", SERVICE]).contains(&known)
    });

    let cache = open(sentinel.port(), replicas);
    for thread in 0..THREADS {
        cache.set(&counter_of(thread), &Value::Int(0), &forever()).unwrap();
    }
    let kept_of = |thread: usize| {
        let key = format!(":1:counter{thread}");
        let reply = replica.command(&["GET", &key]);
        reply.split("\r\n").nth(1).and_then(|digits| digits.parse::<i64>().ok()).unwrap_or(0)
    };
    let killed = AtomicBool::new(false);
    let (seen, kept) = thread::scope(|scope| {
        let workers: Vec<_> = (0..THREADS)
            .map(|thread| {
                let (cache, killed) = (&cache, &killed);
                scope.spawn(move || work(cache, thread, killed))
            })
            .collect();
        wait_until("work goes on", || (0..THREADS).all(|thread| kept_of(thread) > 50));
        killed.store(true, Ordering::SeqCst);
        primary.kill();
        wait_until("the replica has noticed", || says(&replica, "master_link_status:down"));
        let kept: Vec<_> = (0..THREADS).map(kept_of).collect();
        sentinel.command(&["SENTINEL", "SET", SERVICE, "down-after-milliseconds", "500"]);
        (workers.into_iter().map(|worker| worker.join().unwrap()).collect::<Vec<_>>(), kept)
    });
    let mut lost = 0;
    for (thread, (seen, kept)) in seen.iter().zip(kept).enumerate() {
        lost += account(seen, kept, kept_of(thread));
    }
    let failed: usize = seen.iter().map(|seen| seen.failed).sum();
    assert!(failed > 0);
    eprintln!("{failed} increments failed meanwhile; replication lost {lost} that were acknowledged");
}

#[test]
fn writes_resume_on_the_new_primary() {
    failover("false");
}

#[test]
fn so_they_do_where_reads_go_to_replicas() {
    failover("true");
}
