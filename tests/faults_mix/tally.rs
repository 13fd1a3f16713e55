//! What happened to one thread's calls, or to all of them.

use std::fmt;

use djredis::items::Item;
use djredis::{Cache, Call};

use crate::worker::value;

/// A key, and the serial numbers of the values that may stand there; `None` is none.
pub(crate) struct Expected {
    pub(crate) key: String,
    pub(crate) possible: Vec<Option<u64>>,
}

/// A counter: the increments that were acknowledged, and those that may have been done.
pub(crate) struct Counted {
    pub(crate) key: String,
    pub(crate) acknowledged: i64,
    pub(crate) in_doubt: i64,
}

#[derive(Default)]
pub(crate) struct Tally {
    pub(crate) calls: usize,
    pub(crate) failed: usize,
    pub(crate) hangs: usize,
    pub(crate) writes: usize,
    pub(crate) keys: Vec<Expected>,
    pub(crate) counters: Vec<Counted>,
    /// A sentence for each wrong reply.
    pub(crate) wrong: Vec<String>,
    /// A sentence for each key or counter that is not as the callers were told.
    pub(crate) lost: Vec<String>,
    counted: i64,
}

impl Tally {
    pub(crate) fn add(&mut self, other: Tally) {
        self.calls += other.calls;
        self.failed += other.failed;
        self.hangs += other.hangs;
        self.writes += other.writes;
        self.keys.extend(other.keys);
        self.counters.extend(other.counters);
        self.wrong.extend(other.wrong);
    }

    /// Compares what stands in the server, asked without the proxy, with what callers were told.
    pub(crate) fn check(&mut self, direct: &Cache) {
        for expected in self.keys.chunks(500) {
            let keys: Vec<_> = expected.iter().map(|expected| expected.key.as_bytes()).collect();
            let found = direct.get_many(&keys, &Call::default()).expect("the server answers");
            for (expected, item) in expected.iter().zip(found.iter()) {
                let fits = expected.possible.iter().any(|serial| match serial {
                    Some(serial) => item == Item::Value(value(&expected.key, *serial)),
                    None => item == Item::Missing,
                });
                if !fits {
                    self.lost.push(format!("{} {:?}: {item:?}", expected.key, expected.possible));
                }
            }
        }
        for counter in &self.counters {
            let found = direct.get(counter.key.as_bytes(), &Call::default()).expect("the server answers");
            let counted = match found {
                Some(djredis::Value::Int(counted)) => counted,
                other => panic!("{} is {other:?}", counter.key),
            };
            self.counted += counted;
            if !(counter.acknowledged..=counter.acknowledged + counter.in_doubt).contains(&counted) {
                let Counted { key, acknowledged, in_doubt } = counter;
                self.lost.push(format!("{key}: {counted}, not {acknowledged} to {in_doubt} more"));
            }
        }
    }

    /// How much is not as callers were told; each is printed.
    pub(crate) fn lost(&self) -> usize {
        self.lost.iter().take(10).for_each(|lost| eprintln!("{lost}"));
        self.lost.len()
    }
}

/// For the report.
impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let acknowledged: i64 = self.counters.iter().map(|counter| counter.acknowledged).sum();
        let in_doubt: i64 = self.counters.iter().map(|counter| counter.in_doubt).sum();
        write!(
            f,
            "{} calls failed, {} wrong replies, {} hangs, {} writes acknowledged and {} keys or counters wrong in the end, \
             {acknowledged} increments acknowledged and {in_doubt} in doubt and {} counted",
            self.failed,
            self.wrong.len(),
            self.hangs,
            self.writes,
            self.lost.len(),
            self.counted,
        )
    }
}
