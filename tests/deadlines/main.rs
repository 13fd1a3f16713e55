//! Each call ends by its deadline, whatever its server does, connects and retries included: each test makes calls that
//! can't be answered, and prints the longest of them.
//!
//! Every call may take SOCKET_TIMEOUT, 0.2 s. DJREDIS_DEADLINE_CALLS is how many each test makes, DJREDIS_DEADLINE_MARGIN how many
//! milliseconds later they may end: without it so many that a busy machine does not matter.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stderr)]
#[path = "../support/mod.rs"]
mod support;

mod layouts;
mod names;
mod namespace;
mod servers;
mod talker;

use std::io::Write;
use std::time::{Duration, Instant};

use djredis::cache::Patience;
use djredis::{Cache, Call, Options, Result, Status};
use support::{Cut, Direction, Fault, Place, Proxy, Server};

const TIMEOUT: Duration = Duration::from_millis(200);

fn open(location: &str, options: &[(&str, &str)]) -> Cache {
    let mut set = Options::new();
    // Each call is to meet the server, not the breaker.
    let all = [("SOCKET_TIMEOUT", "0.2"), ("BREAKER_FAILURES", "0")];
    for (name, value) in all.iter().chain(options) {
        set.set(name, value).expect("a known option");
    }
    Cache::open(location, &set).expect("a cache")
}

fn open_port(port: u16, options: &[(&str, &str)]) -> Cache {
    open(&format!("127.0.0.1:{port}:0"), options)
}

/// A proxy before a server that does this to every connection, after so many bytes that follow the login.
fn faulty(server: &Server, direction: Direction, after: usize, cut: Cut) -> Proxy {
    let offset = login(server, direction) + after;
    Proxy::planned(Place::Path(server.socket()), move |_| vec![Fault { direction, offset, cut }])
}

/// The bytes of a login, which depend on what the server knows.
fn login(server: &Server, direction: Direction) -> usize {
    let proxy = Proxy::tcp(Place::Path(server.socket()));
    drop(open_port(proxy.port(), &[("SOCKET_TIMEOUT", "20")]).connection(&Call::default()).unwrap());
    proxy.passed(direction)
}

fn get(cache: &Cache) -> Result<()> {
    cache.get(b"key", &Call::default()).map(drop)
}

/// For what comes before the call that is timed: it is answered, but not always soon.
fn patiently() -> Call {
    Call { deadline: Some(Patience::Within(Duration::from_secs(20))), ..Call::default() }
}

/// The calls of one test, which all fail in the same way.
struct Calls {
    case: &'static str,
    expected: Status,
    times: Vec<Duration>,
}

impl Calls {
    fn of(case: &'static str, expected: Status) -> Calls {
        Calls { case, expected, times: Vec::new() }
    }

    /// How many a test makes.
    fn wanted() -> usize {
        number("DJREDIS_DEADLINE_CALLS", 2) as usize
    }

    /// Makes and times one call.
    fn time(&mut self, call: impl FnOnce() -> Result<()>) {
        let begun = Instant::now();
        let ended = call();
        let time = begun.elapsed();
        match ended {
            Err(error) if error.status() == self.expected => self.times.push(time),
            other => panic!("{}: {other:?} after {time:?}", self.case),
        }
    }

    /// Makes and times as many as are wanted.
    fn time_all(mut self, mut call: impl FnMut() -> Result<()>) {
        (0..Calls::wanted()).for_each(|_| self.time(&mut call));
        self.report();
    }

    /// Prints a row of the table. Fails, where the longest call was too long.
    fn report(self) {
        let longest = self.times.iter().max().expect("a call");
        let (case, calls, over) = (self.case, self.times.len(), longest.saturating_sub(TIMEOUT));
        let milliseconds = |time: Duration| time.as_secs_f64() * 1000.0;
        let row = format!(
            "deadline: {case} | {} ms | {calls} | {:.1} ms | {:.1} ms\n",
            TIMEOUT.as_millis(),
            milliseconds(*longest),
            milliseconds(over)
        );
        // Past the test harness, which would keep it.
        std::io::stderr().write_all(row.as_bytes()).unwrap();
        let margin = Duration::from_millis(number("DJREDIS_DEADLINE_MARGIN", 20_000));
        assert!(over <= margin, "{case}: {over:?} after the deadline");
    }
}

fn number(variable: &str, or: u64) -> u64 {
    std::env::var(variable).map_or(or, |text| text.parse().expect("a number"))
}
