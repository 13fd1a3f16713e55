//! Eight threads do a random mix of everything, on connections of which each suffers a fault sooner or later: no reply is
//! wrong, no call hangs, no write that was acknowledged is lost, and every increment is counted or its caller was told.
//!
//! 20,000 calls with a fixed seed; DJREDIS_FAULT_CALLS and DJREDIS_FAULT_SEED set other numbers. Each test prints its figures.
//!
//! Two faults are limited to what any client of this protocol can find out, which has neither checksums nor numbers of
//! replies. A *corrupted* byte is always one of a reply's head, its type or a length (`Heads`): in what a reply says, a changed
//! byte is as good as the right one. A *repeated* reply comes in one write with the first: what comes after a call has ended
//! may, for a client, as well be the answer to the next. And neither falls on connections where calls ride together: there
//! the next call's reply is expected behind, so that one too many, or one that swallows it, is found out only at the end.
//! TLS finds all of these: tests/faults_tls.rs.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stderr)]
#[path = "../support/mod.rs"]
mod support;

mod tally;
mod worker;

use std::io::Write;
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::thread;
use std::time::{Duration, Instant};

use djredis::{Cache, Options, Value};
use support::plan::faults;
use support::{Cut, Place, Proxy, Server};
use tally::Tally;
use worker::{SHARED, Worker, counter, shared_key, value};

const THREADS: usize = 8;
/// They share the calls among them.
const TESTS: u64 = 3;
/// More than any call takes, on any machine: who waits longer hangs.
const PATIENCE: Duration = Duration::from_secs(60);
const TIMEOUT: &str = "0.1";

const DELAY: Cut = Cut::Delay(Duration::from_millis(150));
/// A byte a millisecond: never done by the deadline.
const TRICKLE: Cut = Cut::Trickle(Duration::from_millis(1));
const EVERYWHERE: [Cut; 6] = [Cut::Stall, Cut::Close, Cut::Reset, DELAY, TRICKLE, Cut::Split];
const ALONE: [Cut; 8] =
    [Cut::Stall, Cut::Close, Cut::Reset, DELAY, TRICKLE, Cut::Split, Cut::CorruptHead(0), Cut::Repeat];

/// Each call has a connection to itself.
#[test]
fn a_connection_for_each() {
    run("a connection for each", "resp2", THREADS, &ALONE);
}

#[test]
fn a_connection_for_each_resp3() {
    run("a connection for each, RESP3", "resp3", THREADS, &ALONE);
}

/// Calls ride together.
#[test]
fn two_connections() {
    run("two connections", "resp2", 2, &EVERYWHERE);
}

fn run(name: &str, protocol: &str, connections: usize, cuts: &'static [Cut]) {
    let (calls, seed) =
        (number("DJREDIS_FAULT_CALLS", 20_000).div_ceil(TESTS), number("DJREDIS_FAULT_SEED", 20));
    let server = Server::start();
    let direct = open(&format!("unix://{}", server.socket().display()), &[]);
    for number in 0..SHARED {
        let key = shared_key(number);
        direct.set(key.as_bytes(), &value(&key, 0), &worker::for_ever()).unwrap();
    }
    for thread in 0..THREADS {
        direct.set(counter(thread).as_bytes(), &Value::Int(0), &worker::for_ever()).unwrap();
    }
    let proxy = Proxy::planned(Place::Path(server.socket()), move |number| faults(seed, number, cuts));
    let connections = connections.to_string();
    let options = [
        ("MAX_CONNECTIONS", connections.as_str()),
        ("PROTOCOL", protocol),
        ("SOCKET_TIMEOUT", TIMEOUT),
        ("SOCKET_CONNECT_TIMEOUT", TIMEOUT),
        // Each call is to meet the faults, not the breaker.
        ("BREAKER_FAILURES", "0"),
    ];
    let cache = Arc::new(open(&format!("127.0.0.1:{}:0", proxy.port()), &options));
    let started = Instant::now();
    let mut tally = work(&cache, (calls as usize).div_ceil(THREADS), seed);
    // A delayed request may still be on its way.
    thread::sleep(Duration::from_millis(500));
    tally.check(&direct);
    let faults = proxy.done();
    let rides = cache.stats().counters().into_iter().find(|(name, _)| *name == "rides").unwrap().1;
    let kinds: Vec<_> = faults.iter().map(|(name, count)| format!("{count} {name}")).collect();
    let report = format!(
        "faults, {name}: seed {seed}, {} calls, {rides} rode, {} faults ({}), {tally}, {} s\n",
        tally.calls,
        faults.values().sum::<usize>(),
        kinds.join(", "),
        started.elapsed().as_secs(),
    );
    // Past the test harness, which would keep it.
    std::io::stderr().write_all(report.as_bytes()).unwrap();
    assert!(tally.wrong.is_empty(), "wrong: {:#?}", &tally.wrong[..tally.wrong.len().min(10)]);
    assert_eq!((tally.hangs, tally.lost()), (0, 0));
    assert!(cuts.iter().all(|cut| faults.contains_key(cut.name())), "{faults:?}");
    assert!(connections != "2" || rides > 0);
}

/// All threads' calls; panics if they don't come to an end.
fn work(cache: &Arc<Cache>, calls: usize, seed: u64) -> Tally {
    let (sender, progress) = channel();
    for thread in 0..THREADS {
        let (cache, sender) = (Arc::clone(cache), sender.clone());
        thread::spawn(move || {
            let mut worker = Worker::new(&cache, thread, seed);
            for call in 0..calls {
                worker.call();
                if call % 100 == 0 {
                    sender.send(None).unwrap();
                }
            }
            sender.send(Some(worker.into_tally())).unwrap();
        });
    }
    drop(sender);
    let (mut all, mut ended) = (Tally::default(), 0);
    while ended < THREADS {
        let message = progress.recv_timeout(PATIENCE).expect("calls hang, or a thread panicked");
        if let Some(tally) = message {
            all.add(tally);
            ended += 1;
        }
    }
    all
}

fn open(location: &str, options: &[(&str, &str)]) -> Cache {
    let mut set = Options::new();
    for (name, value) in options {
        set.set(name, value).expect("a known option");
    }
    Cache::open(location, &set).expect("a cache")
}

fn number(variable: &str, or: u64) -> u64 {
    std::env::var(variable).map_or(or, |text| text.parse().expect("a number"))
}
