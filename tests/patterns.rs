//! Patterns over many keys: what one command asks of the server, and how much memory a walk takes.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;

use djredis::{Cache, Call, Options, Value};
use support::Server;

const HALF: usize = 10_000;
/// What SCAN_ITERSIZE is by default, and the most keys of one UNLINK.
const BATCH: usize = 1000;

fn open(server: &Server) -> Cache {
    Cache::open(&format!("127.0.0.1:{}:0", server.port()), &Options::new()).unwrap()
}

fn store(cache: &Cache, stem: &str) {
    let keys: Vec<String> = (0..HALF).map(|number| format!("{stem}_{number}")).collect();
    let pairs: Vec<_> = keys.iter().map(|key| (key.as_bytes(), Value::Int(1))).collect();
    cache.set_many(&pairs, &Call::default()).unwrap();
}

/// The commands that the server got during `work`, each with its arguments.
fn monitored(server: &Server, work: impl FnOnce()) -> Vec<Vec<String>> {
    let mut stream = TcpStream::connect(("127.0.0.1", server.port())).unwrap();
    stream.write_all(b"MONITOR\r\n").unwrap();
    let mut lines = BufReader::new(stream).lines().map(Result::unwrap);
    assert_eq!(lines.next().unwrap(), "+OK");
    work();
    server.command(&["ECHO", "the end"]);
    lines
        .take_while(|line| !line.contains("the end"))
        .map(|line| line.split('"').skip(1).step_by(2).map(str::to_owned).collect())
        .collect()
}

#[test]
fn no_command_of_delete_pattern_keeps_the_server_for_long() {
    let server = Server::start();
    let cache = open(&server);
    store(&cache, "kept");
    store(&cache, "doomed");

    let mut deleted = 0;
    let commands =
        monitored(&server, || deleted = cache.delete_pattern(b"doomed_*", &Call::default()).unwrap());

    assert_eq!(deleted, HALF as u64);
    let count = BATCH.to_string();
    let named = |name: &str| commands.iter().filter(|command| command[0] == name).collect::<Vec<_>>();
    let (scans, unlinks) = (named("SCAN"), named("UNLINK"));
    assert!(scans.iter().all(|scan| scan[4..] == ["COUNT".to_owned(), count.clone()]), "{:?}", scans[0]);
    assert!(unlinks.iter().all(|unlink| unlink.len() <= 1 + BATCH));
    assert_eq!(unlinks.iter().map(|unlink| unlink.len() - 1).sum::<usize>(), HALF);
    // SCAN looks at some more keys than it is asked to: those that share a bucket.
    assert!(scans.len() <= 2 * HALF / BATCH * 2, "{} scans", scans.len());
    assert_eq!(scans.len() + unlinks.len(), commands.len() - handshake(&commands));
}

/// The commands of a new connection, and others' that the monitor sees.
fn handshake(commands: &[Vec<String>]) -> usize {
    commands.iter().filter(|command| command[0] == "CLIENT").count()
}

/// The most memory this process has ever had, in KiB. The tests of this program run in one process, and the
/// others take less than the bound below.
fn peak_memory() -> usize {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

#[test]
fn a_scan_of_a_million_keys_takes_bounded_memory() {
    const MILLION: usize = 1_000_000;
    // The keys alone, in a list, are over 70 MB.
    const BOUND: usize = 32 << 10;
    let server = Server::with(&["--enable-debug-command", "yes"]);
    server.command(&["DEBUG", "POPULATE", &MILLION.to_string(), ":1:a_key_with_a_long_name"]);
    let cache = open(&server);
    let before = peak_memory();

    let mut scan = cache.scan(b"*", &Call::default()).unwrap();
    let mut found = 0;
    while let Some(batch) = scan.next_batch(&Call::default()).unwrap() {
        assert!(batch.len() <= 4 * BATCH, "{} keys in one batch", batch.len());
        found += batch.len();
    }

    assert!(found >= MILLION, "{found}");
    let grown = peak_memory() - before;
    assert!(grown < BOUND, "{grown} KiB more");
}
