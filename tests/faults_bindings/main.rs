//! Programs in C, Python, Ruby and Go make random calls through a proxy that breaks each of their connections sooner or later: no
//! reply is wrong, nothing fails but with the errors of a connection, no call hangs, every increment is counted or its caller was
//! told.
//!
//! They need the library in target/release and their languages: `make test-faults`. A program gets a location, how many calls
//! it shall make, and a seed. Its threads use the keys `count0` to `count3`, their counters, `shared0` to `shared49`, which nobody
//! writes, and keys of their own. It prints the figures of [`Figures`], and on stderr what was wrong.
//! DJREDIS_FAULT_BINDING_CALLS and DJREDIS_FAULT_SEED set other numbers.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stderr)]
#[path = "../support/mod.rs"]
mod support;

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use std::{fmt, fs, thread};

use djredis::{Cache, Call, Options, Ttl, Value};
use support::plan::faults;
use support::{Cut, Place, Proxy, Server};

const THREADS: usize = 4;
const SHARED: usize = 50;
/// More than any program takes, on any machine.
const PATIENCE: Duration = Duration::from_secs(900);

const DELAY: Cut = Cut::Delay(Duration::from_millis(150));
const TRICKLE: Cut = Cut::Trickle(Duration::from_millis(1));
/// What calls that ride together may meet; tests/faults_mix says why.
const EVERYWHERE: &[Cut] = &[Cut::Stall, Cut::Close, Cut::Reset, DELAY, TRICKLE, Cut::Split];
const ALONE: &[Cut] =
    &[Cut::Stall, Cut::Close, Cut::Reset, DELAY, TRICKLE, Cut::Split, Cut::CorruptHead(0), Cut::Repeat];

#[test]
#[ignore = "needs the library in target/release: make test-faults"]
fn c() {
    let (source, program) = (own("faults.c"), built("faults-c"));
    done(
        Command::new("cc")
            .args(["-std=c11", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Werror", "-pthread", "-I"])
            .args([root().join("include"), source, "-o".into(), program.clone(), library()])
            .arg(format!("-Wl,-rpath,{}", library().parent().unwrap().display())),
    );
    run("C", ALONE, || Command::new(&program));
}

#[test]
#[ignore = "needs the library in target/release: make test-faults"]
fn python() {
    run("Python", ALONE, || python_with("1"));
}

#[test]
#[ignore = "needs the library in target/release: make test-faults"]
fn python_by_ctypes() {
    run("Python by ctypes", ALONE, || python_with("0"));
}

fn python_with(native: &str) -> Command {
    let mut python = Command::new(root().join("build/venv/bin/python"));
    python.arg(own("faults.py")).env("PYTHONPATH", root().join("bindings/python/src"));
    python.env("DJREDIS_NATIVE", native);
    python
}

#[test]
#[ignore = "needs the library in target/release: make test-faults"]
fn ruby() {
    run("Ruby", ALONE, || ruby_with("1"));
}

#[test]
#[ignore = "needs the library in target/release: make test-faults"]
fn ruby_by_ffi() {
    run("Ruby by FFI", ALONE, || ruby_with("0"));
}

fn ruby_with(native: &str) -> Command {
    let mut ruby = Command::new("ruby");
    ruby.arg("-I").arg(root().join("bindings/ruby/lib")).arg(own("faults.rb")).env("DJREDIS_NATIVE", native);
    ruby
}

/// Its calls go together, as if they rode.
#[test]
#[ignore = "needs the library in target/release: make test-faults"]
fn go() {
    let program = built("faults-go");
    done(Command::new("go").arg("-C").arg(own("go")).args(["build", "-race", "-o"]).arg(&program).arg("."));
    run("Go", EVERYWHERE, || Command::new(&program));
}

/// Once with a connection for each thread, once with half as many.
fn run(name: &str, cuts: &'static [Cut], program: impl Fn() -> Command) {
    for (connections, cuts) in [(THREADS, cuts), (THREADS / 2, EVERYWHERE)] {
        run_on(name, connections, cuts, program());
    }
}

fn run_on(name: &str, connections: usize, cuts: &'static [Cut], mut program: Command) {
    let (calls, seed) = (number("DJREDIS_FAULT_BINDING_CALLS", 1000), number("DJREDIS_FAULT_SEED", 20));
    let server = Server::start();
    let direct = Cache::open(&format!("unix://{}", server.socket().display()), &Options::new()).unwrap();
    fill(&direct);
    let proxy = Proxy::planned(Place::Path(server.socket()), move |number| faults(seed, number, cuts));
    let options = "timeout=none&socket_timeout=0.1&socket_connect_timeout=0.1&breaker_failures=0";
    let location = format!("redis://127.0.0.1:{}/0?max_connections={connections}&{options}", proxy.port());
    program.args([&location, &calls.to_string(), &seed.to_string()]).env("DJREDIS_LIBRARY", library());
    let started = Instant::now();
    let figures = Figures::of(name, program);
    // A delayed request may still be on its way.
    thread::sleep(Duration::from_millis(500));
    let counted = counted(&direct);
    let done = proxy.done();
    let report = format!(
        "faults, {name}, {connections} connections: seed {seed}, {figures} and {counted} counted, {} faults, {} s\n",
        done.values().sum::<usize>(),
        started.elapsed().as_secs()
    );
    // Past the test harness, which would keep it.
    std::io::stderr().write_all(report.as_bytes()).unwrap();
    assert!(figures.calls > 0 && figures.failed > 0, "{report}");
    assert_eq!((figures.wrong, figures.hangs), (0, 0), "{report}");
    let possible = figures.acknowledged..=figures.acknowledged + figures.in_doubt;
    assert!(possible.contains(&counted), "{report}");
}

/// What the threads share, and their counters.
fn fill(direct: &Cache) {
    let for_ever = Call { ttl: Some(Ttl::Forever), ..Call::default() };
    for number in 0..SHARED {
        let key = format!("shared{number}");
        direct.set(key.as_bytes(), &Value::Text(format!("{key} 1 x").into()), &for_ever).unwrap();
    }
    for thread in 0..THREADS {
        direct.set(format!("count{thread}").as_bytes(), &Value::Int(0), &for_ever).unwrap();
    }
}

fn counted(direct: &Cache) -> u64 {
    let count = |thread| match direct.get(format!("count{thread}").as_bytes(), &Call::default()) {
        Ok(Some(Value::Int(count))) => count.unsigned_abs(),
        other => panic!("count{thread} is {other:?}"),
    };
    (0..THREADS).map(count).sum()
}

/// What a program says of its calls.
struct Figures {
    calls: u64,
    /// With an error that says so.
    failed: u64,
    /// With another answer than the right one, or another error.
    wrong: u64,
    /// Took more than ten seconds.
    hangs: u64,
    /// Increments that were answered.
    acknowledged: u64,
    /// Increments that may have been executed.
    in_doubt: u64,
}

impl Figures {
    /// Runs a program to its end.
    fn of(name: &str, mut program: Command) -> Figures {
        let mut running = program.stdout(Stdio::piped()).spawn().expect("the program starts");
        let end = Instant::now() + PATIENCE;
        let status = loop {
            if let Some(status) = running.try_wait().unwrap() {
                break status;
            }
            if Instant::now() > end {
                running.kill().unwrap();
                panic!("{name} hangs");
            }
            thread::sleep(Duration::from_millis(20));
        };
        let line = std::io::read_to_string(running.stdout.take().unwrap()).unwrap();
        assert!(status.success(), "{name}: {status}, {line}");
        let figure = |name: &str| {
            let found = line.split_whitespace().find_map(|word| word.strip_prefix(name)?.strip_prefix('='));
            found.unwrap_or_else(|| panic!("no {name} in {line}")).parse().unwrap()
        };
        Figures {
            calls: figure("calls"),
            failed: figure("failed"),
            wrong: figure("wrong"),
            hangs: figure("hangs"),
            acknowledged: figure("acknowledged"),
            in_doubt: figure("in_doubt"),
        }
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Figures { calls, failed, wrong, hangs, acknowledged, in_doubt } = self;
        write!(
            f,
            "{calls} calls, {failed} failed, {wrong} wrong replies, {hangs} hangs, {acknowledged} increments acknowledged and \
             {in_doubt} in doubt"
        )
    }
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn own(file: &str) -> PathBuf {
    root().join("tests/faults_bindings").join(file)
}

fn library() -> PathBuf {
    root().join("target/release/libdjredis.so")
}

/// Where a program is built.
fn built(name: &str) -> PathBuf {
    let folder = root().join("build/faults");
    fs::create_dir_all(&folder).unwrap();
    folder.join(name)
}

fn done(command: &mut Command) {
    let status = command.status().unwrap();
    assert!(status.success(), "{command:?}: {status}");
}

fn number(variable: &str, or: u64) -> u64 {
    std::env::var(variable).map_or(or, |text| text.parse().expect("a number"))
}
