//! Host names to addresses. The system's resolver can't be told to stop, so it works on threads of its own and callers leave at
//! their deadline. A name is looked up once at a time, however many callers want it, and a few names are at the same time: one that
//! hangs does not keep the others. A thread ends when no name is left.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::io;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use super::patience::Patience;
use super::sys;
use crate::error::{Error, Result, Status};
use crate::fork::PerProcess;
use crate::limits::{ASK_HOST, RESOLVERS};

static RESOLVER: PerProcess<Mutex<Resolver>> = PerProcess::new();

/// The names that somebody wants.
#[derive(Default)]
struct Resolver {
    /// Each in a thread.
    running: Vec<Arc<Lookup>>,
    /// Those that come next.
    waiting: VecDeque<Arc<Lookup>>,
}

/// A name, and what became of it.
struct Lookup {
    host: String,
    answer: Mutex<Option<Answer>>,
    answered: Condvar,
}

/// Addresses without a port, or why there are none.
type Answer = std::result::Result<Vec<SocketAddr>, String>;

/// The addresses of a host; an IP address is taken as it is.
pub(super) fn resolve(host: &str, port: u16, patience: &Patience<'_>) -> Result<Vec<SocketAddr>> {
    if let Ok(address) = host.parse::<IpAddr>() {
        return Ok(vec![SocketAddr::new(address, port)]);
    }
    let lookup = look_up(host).map_err(|error| failed(host, &error.to_string()))?;
    let mut addresses = lookup.wait(patience)?.map_err(|reason| failed(host, &reason))?;
    addresses.iter_mut().for_each(|address| address.set_port(port));
    if addresses.is_empty() { Err(failed(host, "it has no address")) } else { Ok(addresses) }
}

fn resolver() -> MutexGuard<'static, Resolver> {
    match RESOLVER.get_or_make(|| Ok::<_, Infallible>(Mutex::default())) {
        Ok(resolver) => locked(resolver),
        Err(never) => match never {},
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The lookup of a name: the one that is under way, or a new one.
fn look_up(host: &str) -> io::Result<Arc<Lookup>> {
    let mut resolver = resolver();
    let known = resolver.running.iter().chain(&resolver.waiting).find(|known| known.host == host);
    if let Some(known) = known {
        return Ok(Arc::clone(known));
    }
    let lookup =
        Arc::new(Lookup { host: host.to_owned(), answer: Mutex::default(), answered: Condvar::new() });
    if resolver.running.len() == RESOLVERS {
        resolver.waiting.push_back(Arc::clone(&lookup));
        return Ok(lookup);
    }
    let builder = thread::Builder::new().name("djredis-resolver".to_owned());
    let first = Arc::clone(&lookup);
    sys::with_signals_blocked(|| builder.spawn(|| work(first)))?;
    resolver.running.push(Arc::clone(&lookup));
    Ok(lookup)
}

/// Does one lookup after the other.
fn work(first: Arc<Lookup>) {
    let mut next = Some(first);
    while let Some(lookup) = next {
        let addresses = (lookup.host.as_str(), 0).to_socket_addrs();
        let answer = addresses.map(Iterator::collect).map_err(|error| error.to_string());
        *locked(&lookup.answer) = Some(answer);
        lookup.answered.notify_all();
        next = resolver().next(&lookup);
    }
}

impl Resolver {
    /// What the thread that has done a lookup does next.
    fn next(&mut self, done: &Arc<Lookup>) -> Option<Arc<Lookup>> {
        self.running.retain(|lookup| !Arc::ptr_eq(lookup, done));
        // Those whose callers have all left are in vain.
        self.waiting.retain(|lookup| Arc::strong_count(lookup) > 1);
        let next = self.waiting.pop_front()?;
        self.running.push(Arc::clone(&next));
        Some(next)
    }
}

impl Lookup {
    fn wait(&self, patience: &Patience<'_>) -> Result<Answer> {
        loop {
            let left = patience.deadline.left().unwrap_or(ASK_HOST).min(ASK_HOST);
            let waited =
                self.answered.wait_timeout_while(locked(&self.answer), left, |answer| answer.is_none());
            let (answer, _) = waited.unwrap_or_else(PoisonError::into_inner);
            if let Some(answer) = &*answer {
                return Ok(answer.clone());
            }
            // Whatever the host does next, it does without the lock.
            drop(answer);
            if patience.deadline.passed() {
                return Err(patience.timed_out().context("its name was not resolved in time"));
            }
            patience.go_on()?;
        }
    }
}

fn failed(host: &str, reason: &str) -> Error {
    Error::new(
        Status::Connection,
        format!("the host name {host} could not be resolved: {reason}. Check it in the location."),
    )
}
