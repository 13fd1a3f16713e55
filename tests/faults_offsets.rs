//! Every operation, hit at every byte of its request and its reply: it ends in time, with an error or its own answer, and
//! every later call on the cache gets its own reply. The login is hit at every byte too.
//!
//! Stalled and closed at every byte of both directions; of replies, each bit of each type and length is turned over, and what
//! stands behind each byte comes twice, in one write (tests/faults_mix says why no more than that).
//!
//! DJREDIS_FAULTS=whole is every byte in both protocols; else RESP3, and what is twice or turned over, is hit at every fifth one.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod support;

use std::thread;
use std::time::{Duration, Instant};

use djredis::cache::{BatchCall, Condition, Operation as Batched, Patience};
use djredis::error::Sent;
use djredis::items::Item;
use djredis::{Cache, Call, Result, Status, Ttl, Value};
use support::cache::{self, PASSWORD};
use support::proxy::{Cut, Direction, Fault, Proxy};
use support::{Place, Server};

/// What the call that is hit may take.
const SHORT: Duration = Duration::from_millis(40);
/// The same with room for a busy machine.
const IN_TIME: Duration = Duration::from_secs(10);
const THREADS: usize = 16;
const CUTS: [Cut; 2] = [Cut::Stall, Cut::Close];
const ALL: [Operation; 15] = [
    Operation::Login,
    Operation::Get,
    Operation::Set,
    Operation::Add,
    Operation::Delete,
    Operation::Incr,
    Operation::GetMany,
    Operation::SetMany,
    Operation::Touch,
    Operation::HasKey,
    Operation::Keys,
    Operation::DeletePattern,
    Operation::Lock,
    Operation::Batch,
    Operation::Pipeline,
];

#[derive(Clone, Copy, Debug)]
enum Operation {
    Login,
    Get,
    Set,
    Add,
    Delete,
    Incr,
    GetMany,
    SetMany,
    Touch,
    HasKey,
    Keys,
    DeletePattern,
    Lock,
    Batch,
    Pipeline,
}

/// One thread's turns: its keys are its own, and what it writes tells one turn from another.
struct Caller {
    thread: usize,
    turn: usize,
    counted: i64,
}

impl Caller {
    /// A key of this caller alone; all of them are equally long.
    fn own(&self, name: &str) -> String {
        format!("{name}-{:02}", self.thread)
    }

    /// A key that nobody used before.
    fn fresh(&self, name: &str) -> String {
        format!("{name}-{:02}-{:06}", self.thread, self.turn)
    }

    /// Does it once, and checks the answer.
    fn run(&mut self, operation: Operation, cache: &Cache, call: &Call) -> Result<()> {
        self.turn += 1;
        // One SCAN, however many keys there are.
        let call = &Call { itersize: Some(10_000), ..*call };
        let minute = Call { ttl: Some(Ttl::Millis(60_000)), ..*call };
        match operation {
            Operation::Login | Operation::Get => assert_eq!(cache.get(b"stays", call)?, Some(text("stays"))),
            Operation::Set => assert!(cache.set(self.own("set").as_bytes(), &text("set"), call)?),
            Operation::Add => {
                let absent = Call { condition: Condition::Absent, ..minute };
                assert!(cache.set(self.fresh("added").as_bytes(), &text("added"), &absent)?);
            }
            Operation::Delete => assert!(!cache.delete(b"absent", call)?),
            Operation::Incr => {
                let answer = cache.incr(self.own("count").as_bytes(), 1, call)?;
                let Value::Int(counted) = answer else { panic!("{answer:?}") };
                assert!(counted > self.counted, "{counted} after {}", self.counted);
                self.counted = counted;
            }
            Operation::GetMany => {
                let found = cache.get_many(&[b"stays", b"absent", b"other"], call)?;
                let expected = [Item::Value(text("stays")), Item::Missing, Item::Value(text("other"))];
                assert_eq!(found.iter().collect::<Vec<_>>(), expected);
            }
            Operation::SetMany => {
                let keys = [self.own("many1"), self.own("many2")];
                let pairs = [(keys[0].as_bytes(), text("1")), (keys[1].as_bytes(), text("2"))];
                let stored = cache.set_many(&pairs, call)?;
                assert!(stored.len() == 2 && stored.iter().all(|item| item == Item::Value(Value::None)));
            }
            Operation::Touch => assert!(cache.touch(b"touched", &minute)?),
            Operation::HasKey => {
                assert!(cache.has_key(b"stays", call)?);
                assert!(!cache.has_key(b"absent", call)?);
            }
            Operation::Keys => assert_eq!(cache.keys(b"sta*", call)?, [b"stays".to_vec()]),
            Operation::DeletePattern => {
                let doomed = self.own("doomed");
                cache.set(doomed.as_bytes(), &text("doomed"), call)?;
                assert_eq!(cache.delete_pattern(doomed.as_bytes(), call)?, 1);
            }
            Operation::Lock => {
                let lock = self.fresh("lock");
                assert!(cache.lock(lock.as_bytes(), b"token", &minute)?);
                assert!(cache.unlock(lock.as_bytes(), b"token", call)?);
            }
            Operation::Batch => batched(cache, call)?,
            Operation::Pipeline => self.pipeline(cache, call)?,
        }
        Ok(())
    }

    fn pipeline(&self, cache: &Cache, call: &Call) -> Result<()> {
        let turn = self.fresh("echo");
        let mut connection = cache.connection(call)?;
        let commands: [&[&[u8]]; 3] = [&[b"ECHO", turn.as_bytes()], &[b"EXISTS", b":1:stays"], &[b"PING"]];
        let answers = connection.pipeline(&commands, call)?;
        let expected = [Value::Bytes(turn.as_bytes().into()), Value::Int(1), text("PONG")].map(Item::Value);
        assert_eq!(answers.iter().collect::<Vec<_>>(), expected);
        Ok(())
    }
}

fn batched(cache: &Cache, call: &Call) -> Result<()> {
    let asked = |key: &'static str, operation| BatchCall { key: key.as_bytes(), operation, call: *call };
    let calls = [
        asked("stays", Batched::Get),
        asked("absent", Batched::Get),
        asked("other", Batched::HasKey),
        asked("absent", Batched::Delete),
        asked("other", Batched::Get),
    ];
    let answers = cache.batch(&calls, call)?;
    let (stays, other) = (Item::Value(text("stays")), Item::Value(text("other")));
    let expected = [stays, Item::Missing, Item::Value(Value::None), Item::Missing, other];
    assert_eq!(answers.iter().collect::<Vec<_>>(), expected);
    Ok(())
}

/// What stands under a key: it names the key.
fn text(key: &str) -> Value<'_> {
    Value::Text(key.into())
}

fn open(proxy: &Proxy, protocol: &str) -> Cache {
    // Each call is to meet the server, not the breaker.
    cache::open_one(&format!("127.0.0.1:{}:3", proxy.port()), protocol, &[("BREAKER_FAILURES", "0")])
}

fn server() -> Server {
    let server = Server::with_password(PASSWORD);
    let proxy = Proxy::tcp(Place::Path(server.socket()));
    let cache = open(&proxy, "resp2");
    for key in ["stays", "other", "touched"] {
        cache.set(key.as_bytes(), &text(key), &Call::default()).expect("it is there");
    }
    for thread in 0..THREADS {
        cache.set(format!("count-{thread:02}").as_bytes(), &Value::Int(0), &Call::default()).expect("zero");
    }
    server
}

/// The places of an operation's bytes, counted from its first one; of the login those of the connection.
fn places(server: &Server, protocol: &str, operation: Operation) -> Vec<(Direction, usize)> {
    let proxy = Proxy::tcp(Place::Path(server.socket()));
    let passed = || Direction::both().map(|direction| proxy.passed(direction));
    let cache = open(&proxy, protocol);
    let mut caller = Caller { thread: 0, turn: 0, counted: -1 };
    let mut run = || caller.run(operation, &cache, &Call::default()).expect("without a fault it works");
    let mut before = passed();
    run();
    if !matches!(operation, Operation::Login) {
        // A second time: scripts are sent whole once.
        before = passed();
        run();
    }
    let lengths = passed().into_iter().zip(before).map(|(after, before)| after - before);
    let each = |(direction, length)| (0..length).map(move |offset| (direction, offset));
    Direction::both().into_iter().zip(lengths).flat_map(each).collect()
}

/// Hits one connection at one place, and uses the cache again. False if the call did not come to the place.
fn hit(caller: &mut Caller, proxy: &Proxy, protocol: &str, operation: Operation, fault: Fault) -> bool {
    let cache = open(proxy, protocol);
    let done = || proxy.done().values().sum::<usize>();
    let before = done();
    if matches!(operation, Operation::Login) {
        proxy.fault_next(fault);
    } else {
        caller.run(Operation::Get, &cache, &Call::default()).expect("it is not hit yet");
        proxy.fault_now(Some(fault));
    }
    let short = Call { deadline: Some(Patience::Within(SHORT)), ..Call::default() };
    let started = Instant::now();
    if let Err(error) = caller.run(operation, &cache, &short) {
        let expected = [Status::Timeout, Status::Connection, Status::Pool, Status::Protocol];
        // With a changed head one command of the login may be refused by the reply to another: that is an error all the same.
        let refused = matches!(operation, Operation::Login) && error.status() == Status::Server;
        assert!(refused || expected.contains(&error.status()), "{operation:?} {fault:?}: {error:?}");
        assert!(refused || error.was_sent() != Sent::Answered, "{operation:?} {fault:?}: {error:?}");
    }
    assert!(started.elapsed() < IN_TIME, "{operation:?} {fault:?}: {:?}", started.elapsed());
    proxy.fault_now(None);
    if done() == before {
        return false;
    }
    for next in [Operation::GetMany, operation, Operation::Get, operation, Operation::Pipeline] {
        let result = caller.run(next, &cache, &Call::default());
        result.unwrap_or_else(|error| panic!("{next:?} after {operation:?} {fault:?}: {error:?}"));
    }
    true
}

/// Hits it until the call comes to the place: on a busy machine a short one may end before.
fn hit_surely(caller: &mut Caller, proxy: &Proxy, protocol: &str, operation: Operation, fault: Fault) {
    // There may be no head behind the place.
    let attempts = if matches!(fault.cut, Cut::CorruptHead(_)) { 1 } else { 100 };
    let came = (0..attempts).any(|_| hit(caller, proxy, protocol, operation, fault));
    assert!(came || attempts == 1, "{operation:?} never comes to {fault:?}");
}

fn every_fault(server: &Server, protocol: &str, operation: Operation, faults: &[Fault]) {
    thread::scope(|scope| {
        for (thread, faults) in faults.chunks(faults.len().div_ceil(THREADS)).enumerate() {
            scope.spawn(move || {
                let proxy = Proxy::tcp(Place::Path(server.socket()));
                let mut caller = Caller { thread, turn: 0, counted: -1 };
                faults.iter().for_each(|&fault| hit_surely(&mut caller, &proxy, protocol, operation, fault));
            });
        }
    });
}

/// Every `step`th of the places, hit in each of these ways.
fn every_place(server: &Server, protocol: &str, operation: Operation, cuts: &[Cut], step: usize) {
    let in_replies = |cut: &Cut| matches!(cut, Cut::Repeat | Cut::CorruptHead(_));
    let faults: Vec<_> = places(server, protocol, operation)
        .iter()
        .flat_map(|&(direction, offset)| cuts.iter().map(move |&cut| Fault { direction, offset, cut }))
        .filter(|fault| fault.direction == Direction::Replies || !in_replies(&fault.cut))
        .step_by(step)
        .collect();
    every_fault(server, protocol, operation, &faults);
}

/// One, where everything is to be done.
fn step() -> usize {
    if std::env::var("DJREDIS_FAULTS").is_ok_and(|faults| faults == "whole") { 1 } else { 5 }
}

fn stalled_and_closed(operation: Operation) {
    for (protocol, step) in [("resp2", 1), ("resp3", step())] {
        every_place(&server(), protocol, operation, &CUTS, step);
    }
}

fn everything(cuts: &[Cut]) {
    for operation in ALL {
        for protocol in ["resp2", "resp3"] {
            every_place(&server(), protocol, operation, cuts, step());
        }
    }
}

#[test]
fn replies_that_come_twice() {
    everything(&[Cut::Repeat]);
}

#[test]
fn replies_with_another_head() {
    everything(&[0, 1, 2, 3, 4, 5, 6, 7].map(Cut::CorruptHead));
}

macro_rules! operations {
    ($($name:ident: $operation:ident,)*) => {
        $(
            #[test]
            fn $name() {
                stalled_and_closed(Operation::$operation);
            }
        )*
    };
}

operations! {
    login: Login,
    get: Get,
    set: Set,
    add: Add,
    delete: Delete,
    incr: Incr,
    get_many: GetMany,
    set_many: SetMany,
    touch: Touch,
    has_key: HasKey,
    keys: Keys,
    delete_pattern: DeletePattern,
    lock: Lock,
    batch: Batch,
    pipeline: Pipeline,
}
