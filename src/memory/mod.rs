//! `memory:NAME`: the same cache inside the process, for examples, tests, and sites without a server.
//!
//! A store understands the few commands that the cache sends, and answers in the server's words; so everything above it (keys,
//! values, timeouts, patterns, locks) is the same code, with the same results. There is one store per name and process. It keeps within MEMORY_MAX bytes by dropping what was used longest ago, and is empty in a forked child.

mod commands;
mod entries;
mod glob;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::client::{Client, Exchange, Route};
use crate::error::{Error, Result, Status};
use crate::fork::PerProcess;
use crate::net::Deadline;
use crate::resp::{Buffer, Ended, Replies, Request, commands as unpacked};
use crate::session::Session;
use crate::stats::Totals;
use entries::Entries;
#[cfg(fuzzing)]
pub(crate) use glob::matches;

/// One store.
struct Store {
    name: String,
    max_bytes: usize,
    entries: Mutex<Entries>,
}

type Stores = Mutex<HashMap<String, Arc<Store>>>;

static STORES: PerProcess<Stores> = PerProcess::new();

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// This process's store of that name, made if it is not there.
fn store(name: &str, max_bytes: usize) -> Arc<Store> {
    let Ok(stores) = STORES.get_or_make(|| Ok::<_, std::convert::Infallible>(Stores::default()));
    let mut stores = locked(stores);
    let made = || {
        let entries = Mutex::new(Entries::new(max_bytes));
        Arc::new(Store { name: name.to_owned(), max_bytes, entries })
    };
    Arc::clone(stores.entry(name.to_owned()).or_insert_with(made))
}

/// Refuses to open a store with another limit than it has.
pub(crate) fn check(name: &str, max_bytes: usize) -> Result<()> {
    let has = store(name, max_bytes).max_bytes;
    if has == max_bytes {
        return Ok(());
    }
    Err(Error::config(format!(
        "memory:{name} is open in this process with MEMORY_MAX {has}, not {max_bytes}: use the same, or another name"
    )))
}

/// The client of a cache in memory.
pub(crate) struct MemoryClient {
    store: Arc<Store>,
}

impl MemoryClient {
    pub(crate) fn new(name: &str, max_bytes: usize) -> MemoryClient {
        MemoryClient { store: store(name, max_bytes) }
    }

    fn unsupported(&self) -> Error {
        let name = &self.store.name;
        let message =
            format!("memory:{name} has no server: commands and raw connections need a location with one");
        Error::new(Status::Unsupported, message)
    }
}

impl Client for MemoryClient {
    fn servers(&self) -> usize {
        1
    }

    fn exchange(&self, _route: Route<'_>, exchange: Exchange<'_, '_>) -> Result<()> {
        let mut request = Request::default();
        (exchange.encode)(&mut request);
        let packed = request.slices().iter().map(|slice| &**slice).collect::<Vec<_>>().concat();
        let mut answers = Vec::new();
        {
            let mut entries = locked(&self.store.entries);
            for args in unpacked(&packed) {
                commands::answer(&mut entries, &args, &mut answers);
            }
        }
        let name = format!("memory:{}", self.store.name);
        let (mut buffer, mut nothing) = (Buffer::from(answers), Ended { server: &name });
        let mut replies = Replies::new(&mut buffer, &mut nothing, request.expected());
        let read = (exchange.read)(&mut replies);
        replies.finish().and(read)
    }

    fn count(&self, _totals: &mut Totals) {}

    fn check_command(&self, _has_key: bool) -> Result<()> {
        Err(self.unsupported())
    }

    fn borrow(&self, _deadline: Deadline) -> Result<Session> {
        Err(self.unsupported())
    }

    fn close(&self) {}
}
