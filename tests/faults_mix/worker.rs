//! One thread's random calls. It knows what stands under its own keys, so it knows each right answer.

use std::time::{Duration, Instant};

use djredis::cache::{BatchCall, Condition, Operation, Patience};
use djredis::error::{Error, Sent};
use djredis::items::Item;
use djredis::{Cache, Call, Items, Result, Status, Ttl, Value};

use crate::support::proxy::split_mix;
use crate::tally::{Counted, Expected, Tally};

/// Keys that all threads read, and nobody writes.
pub(crate) const SHARED: u64 = 50;
/// Keys of each thread's own at a time.
const OWN: usize = 10;
/// A hundred times what a call may take.
const HANG: Duration = Duration::from_secs(10);

pub(crate) fn shared_key(number: u64) -> String {
    format!("shared{number}")
}

pub(crate) fn counter(thread: usize) -> String {
    format!("count{thread}")
}

/// What stands under a key: it names the key, and the write that made it; now short, now long.
pub(crate) fn value(key: &str, serial: u64) -> Value<'static> {
    let length = if serial % 50 == 49 { 5000 } else { serial % 100 } as usize;
    Value::Text(format!("{key} {serial} {}", "x".repeat(length)).into())
}

pub(crate) fn for_ever() -> Call {
    Call { ttl: Some(Ttl::Forever), ..Call::default() }
}

/// An own key: the serial number of its value, if there is one.
struct Own {
    key: String,
    serial: Option<u64>,
}

impl Own {
    fn item(&self) -> Item<'static> {
        self.serial.map_or(Item::Missing, |serial| Item::Value(value(&self.key, serial)))
    }
}

pub(crate) struct Worker<'a> {
    cache: &'a Cache,
    thread: usize,
    random: u64,
    /// Numbers values and keys.
    next: u64,
    own: Vec<Own>,
    counter: Counted,
    highest: i64,
    tally: Tally,
}

impl<'a> Worker<'a> {
    pub(crate) fn new(cache: &'a Cache, thread: usize, seed: u64) -> Worker<'a> {
        let counter = Counted { key: counter(thread), acknowledged: 0, in_doubt: 0 };
        let random = seed.wrapping_mul(1000) + thread as u64;
        let (own, tally) = (Vec::new(), Tally::default());
        let mut worker = Worker { cache, thread, random, next: 0, own, counter, highest: 0, tally };
        for _ in 0..OWN {
            let own = worker.new_key();
            worker.own.push(own);
        }
        worker
    }

    /// One call with a random operation.
    pub(crate) fn call(&mut self) {
        let started = Instant::now();
        self.tally.calls += 1;
        let place = self.draw(OWN as u64) as usize;
        match self.draw(21) {
            0..4 => self.get(place),
            4 | 5 => self.get_shared(),
            6..9 => self.set(place),
            9 => self.delete(place),
            10 => self.add(place),
            11 | 12 => self.incr(),
            13 => self.get_many(),
            14 => self.set_many(),
            15 => self.has_key(place),
            16 => self.touch(place),
            17 => self.batch(place),
            18 => self.pipeline(place),
            19 => self.lock(),
            // Each looks at all keys.
            _ if self.draw(20) > 0 => self.get(place),
            _ => {
                self.keys();
                self.delete_pattern();
            }
        }
        self.tally.hangs += usize::from(started.elapsed() > HANG);
    }

    /// With what is known of the own keys, for the check at the end.
    pub(crate) fn into_tally(mut self) -> Tally {
        let known = self.own.drain(..).map(|own| Expected { key: own.key, possible: vec![own.serial] });
        self.tally.keys.extend(known);
        self.tally.counters.push(self.counter);
        self.tally
    }

    fn get(&mut self, place: usize) {
        let own = &self.own[place];
        let expected = own.serial.map(|serial| value(&own.key, serial));
        let answer = self.cache.get(own.key.as_bytes(), &Call::default());
        self.judge("get", answer, &expected);
    }

    fn get_shared(&mut self) {
        let key = shared_key(self.draw(SHARED));
        let answer = self.cache.get(key.as_bytes(), &Call::default());
        self.judge("get", answer, &Some(value(&key, 0)));
    }

    fn set(&mut self, place: usize) {
        let serial = self.serial();
        let own = &self.own[place];
        let answer = self.cache.set(own.key.as_bytes(), &value(&own.key, serial), &for_ever());
        let error = self.judge("set", answer, &true);
        self.wrote(place, Some(serial), error.as_ref());
    }

    fn delete(&mut self, place: usize) {
        let own = &self.own[place];
        let was = own.serial.is_some();
        let answer = self.cache.delete(own.key.as_bytes(), &Call::default());
        let error = self.judge("delete", answer, &was);
        self.wrote(place, None, error.as_ref());
    }

    fn add(&mut self, place: usize) {
        let serial = self.serial();
        let own = &self.own[place];
        let is = own.serial;
        let how = Call { condition: Condition::Absent, ..for_ever() };
        let answer = self.cache.set(own.key.as_bytes(), &value(&own.key, serial), &how);
        let error = self.judge("add", answer, &is.is_none());
        self.wrote(place, is.or(Some(serial)), error.as_ref());
    }

    fn incr(&mut self) {
        match self.cache.incr(self.counter.key.as_bytes(), 1, &Call::default()) {
            Ok(Value::Int(counted)) => {
                self.counter.acknowledged += 1;
                let most = self.counter.acknowledged + self.counter.in_doubt;
                if counted <= self.highest || counted > most {
                    self.tally.wrong.push(format!("incr: {counted} after {}, {most} at most", self.highest));
                }
                self.highest = counted;
            }
            Ok(other) => self.tally.wrong.push(format!("incr: {other:?}")),
            Err(error) => {
                self.counter.in_doubt += i64::from(error.was_sent() != Sent::No);
                self.failed(&error);
            }
        }
    }

    fn get_many(&mut self) {
        let key = shared_key(self.draw(SHARED));
        let mut keys: Vec<_> = self.own.iter().map(|own| own.key.as_bytes()).collect();
        keys.push(key.as_bytes());
        let answer = self.cache.get_many(&keys, &Call::default());
        let mut expected: Vec<_> = self.own.iter().map(Own::item).collect();
        expected.push(Item::Value(value(&key, 0)));
        self.judge_items("get_many", answer, &expected);
    }

    fn set_many(&mut self) {
        let serials = [self.serial(), self.serial()];
        let pair = |place: usize| {
            let own = &self.own[place];
            (own.key.as_bytes(), value(&own.key, serials[place]))
        };
        let answer = self.cache.set_many(&[pair(0), pair(1)], &for_ever());
        let error =
            self.judge_items("set_many", answer, &[Item::Value(Value::None), Item::Value(Value::None)]);
        (0..2).for_each(|place| self.wrote(place, Some(serials[place]), error.as_ref()));
    }

    fn has_key(&mut self, place: usize) {
        let own = &self.own[place];
        let is = own.serial.is_some();
        let answer = self.cache.has_key(own.key.as_bytes(), &Call::default());
        self.judge("has_key", answer, &is);
    }

    fn touch(&mut self, place: usize) {
        let own = &self.own[place];
        let is = own.serial.is_some();
        let answer = self.cache.touch(own.key.as_bytes(), &for_ever());
        self.judge("touch", answer, &is);
    }

    fn batch(&mut self, place: usize) {
        let shared = shared_key(self.draw(SHARED));
        let own = &self.own[place];
        let asked = |operation, key| BatchCall { key, operation, call: Call::default() };
        let calls = [
            asked(Operation::Get, own.key.as_bytes()),
            asked(Operation::HasKey, shared.as_bytes()),
            asked(Operation::Get, shared.as_bytes()),
            asked(Operation::Delete, b"absent"),
        ];
        let answer = self.cache.batch(&calls, &Call::default());
        let found = Item::Value(value(&shared, 0));
        let expected = [own.item(), Item::Value(Value::None), found, Item::Missing];
        self.judge_items("batch", answer, &expected);
    }

    fn pipeline(&mut self, place: usize) {
        let turn = self.name("echo");
        let own = &self.own[place];
        let key = format!(":1:{}", own.key);
        let exists = Item::Value(Value::Int(i64::from(own.serial.is_some())));
        let commands: [&[&[u8]]; 3] = [&[b"ECHO", turn.as_bytes()], &[b"EXISTS", key.as_bytes()], &[b"PING"]];
        let answer = self
            .cache
            .connection(&Call::default())
            .and_then(|mut connection| connection.pipeline(&commands, &Call::default()));
        let echo = Item::Value(Value::Bytes(turn.as_bytes().into()));
        self.judge_items("pipeline", answer, &[echo, exists, Item::Value(Value::Text("PONG".into()))]);
    }

    /// A lock that nobody else wants.
    fn lock(&mut self) {
        let (lock, token) = (self.name("lock"), self.serial().to_string());
        let minute = Call { ttl: Some(Ttl::Millis(60_000)), ..Call::default() };
        let taken = self.cache.lock(lock.as_bytes(), token.as_bytes(), &minute);
        if self.judge("lock", taken, &true).is_none() {
            let given_up = self.cache.unlock(lock.as_bytes(), token.as_bytes(), &Call::default());
            self.judge("unlock", given_up, &true);
        }
    }

    fn keys(&mut self) {
        let key = shared_key(7);
        let answer = self.cache.keys(key.as_bytes(), &call_of_many());
        self.judge("keys", answer, &vec![key.into_bytes()]);
    }

    fn delete_pattern(&mut self) {
        let answer = self.cache.delete_pattern(b"absent*", &call_of_many());
        self.judge("delete_pattern", answer, &0);
    }

    /// Counts an answer; what went wrong, if it is an error.
    fn judge<T: PartialEq + std::fmt::Debug>(
        &mut self,
        what: &str,
        answer: Result<T>,
        expected: &T,
    ) -> Option<Error> {
        match answer {
            Ok(answer) if answer == *expected => None,
            Ok(answer) => {
                self.tally.wrong.push(format!("{what}: {answer:?}, not {expected:?}"));
                None
            }
            Err(error) => {
                self.failed(&error);
                Some(error)
            }
        }
    }

    fn judge_items(&mut self, what: &str, answer: Result<Items>, expected: &[Item<'_>]) -> Option<Error> {
        let answer = match &answer {
            Ok(items) => Ok(items.iter().collect()),
            Err(_) => Err(answer.err()?),
        };
        self.judge(what, answer, &expected.to_vec())
    }

    /// An error that says that the connection failed is as good as an answer; any other is a wrong one.
    fn failed(&mut self, error: &Error) {
        self.tally.failed += 1;
        let expected = [Status::Timeout, Status::Connection, Status::Pool, Status::Protocol];
        if !expected.contains(&error.status()) {
            self.tally.wrong.push(format!("{error:?}"));
        }
    }

    /// Notes what stands under an own key after a write. One that may have been done, and may even still be on its way, costs
    /// the key: it is looked at in the end.
    fn wrote(&mut self, place: usize, serial: Option<u64>, error: Option<&Error>) {
        match error.map(Error::was_sent) {
            None => {
                self.tally.writes += 1;
                self.own[place].serial = serial;
            }
            Some(Sent::No) => {}
            Some(Sent::Maybe | Sent::Answered) => {
                let fresh = self.new_key();
                let Own { key, serial: before } = std::mem::replace(&mut self.own[place], fresh);
                self.tally.keys.push(Expected { key, possible: vec![before, serial] });
            }
        }
    }

    fn new_key(&mut self) -> Own {
        Own { key: self.name("own"), serial: None }
    }

    /// One that nobody used before.
    fn name(&mut self, kind: &str) -> String {
        let serial = self.serial();
        format!("{kind}{}-{serial}", self.thread)
    }

    fn serial(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    fn draw(&mut self, choices: u64) -> u64 {
        split_mix(&mut self.random) % choices
    }
}

/// SOCKET_TIMEOUT holds for each round trip; here all have a second together.
fn call_of_many() -> Call {
    let deadline = Some(Patience::Within(Duration::from_secs(1)));
    Call { deadline, itersize: Some(10_000), ..Call::default() }
}
