//! A primary that may change: sentinels say which server it is.
//!
//! They are asked by whoever needs to know, within its own deadline, one caller at a time: the others wait for the answer, or go
//! on with what is known where that will do. There is no thread, and nothing is locked while anybody waits for a server.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use redis::Value;

use super::group::Group;
use super::sentinels::{Answer, Sentinels};
use super::{Client, Exchange, Route};
use crate::error::{Error, Result, Sent, Status};
use crate::limits::{ASK_HOST, SENTINEL_PAUSE, SENTINEL_REFRESH};
use crate::net::{Address, Deadline, Endpoint, ask_host, timed_out};
use crate::pool::{Intent, Lane, Pool, PoolConfig};
use crate::resp::Request;
use crate::session::Session;
use crate::stats::Totals;

/// Where a service is asked for, and how its servers are logged in to.
#[derive(Clone, Debug)]
pub(crate) struct SentinelConfig {
    /// The name that the sentinels have for the primary.
    pub(crate) service: String,
    /// At least one.
    pub(crate) sentinels: Vec<Endpoint>,
    /// The servers, but for their addresses.
    pub(crate) server: Endpoint,
    /// Whether reads go to replicas.
    pub(crate) replicas: bool,
}

/// The client of a cache whose primary the sentinels name.
pub(crate) struct SentinelClient {
    sentinels: Sentinels,
    /// The servers, but for their addresses.
    server: PoolConfig,
    replicas: bool,
    state: Mutex<State>,
    /// Somebody has asked.
    asked: Condvar,
}

#[derive(Default)]
struct State {
    known: Option<Arc<Known>>,
    /// What the sentinels named last, where that is no primary: kept for what its breaker has learnt.
    unfit: Option<Known>,
    /// What is known was right when it was asked, and something has happened since.
    doubted: bool,
    /// When the sentinels were asked last.
    asked: Option<Instant>,
    /// Why that brought nothing.
    failure: Option<Error>,
    /// Somebody asks.
    asking: bool,
}

impl State {
    /// Takes over what the sentinels have named. Replicas can be read from before their new primary is there. What was there
    /// before is given back, to be closed without the lock.
    fn replace(
        &mut self,
        named: Option<Known>,
        is_unfit: bool,
        replicas: bool,
    ) -> (Option<Arc<Known>>, Option<Known>) {
        match named {
            None => (None, None),
            Some(named) if is_unfit && !replicas => (None, self.unfit.replace(named)),
            Some(named) => (self.known.replace(Arc::new(named)), self.unfit.take()),
        }
    }
}

/// The servers of the service.
struct Known {
    group: Group,
    /// The epoch of the primary's pool when it said that it is one.
    epoch: u64,
}

impl Known {
    /// Whether a connection to the primary has died: a primary that becomes a replica closes all of them.
    fn has_changed(&self) -> bool {
        self.group.primary().epoch() != self.epoch
    }
}

impl SentinelClient {
    /// `server`: of the pools, but for the addresses.
    pub(crate) fn new(config: &SentinelConfig, server: PoolConfig) -> SentinelClient {
        SentinelClient {
            sentinels: Sentinels::new(config, &server),
            server,
            replicas: config.replicas,
            state: Mutex::default(),
            asked: Condvar::new(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The servers as they are known; the sentinels are asked where that is nothing, or in doubt.
    fn known(&self, intent: Intent, deadline: Deadline) -> Result<Arc<Known>> {
        let any_will_do = self.replicas && intent == Intent::Read;
        loop {
            let mut state = self.state();
            let is_trusted = state.known.as_ref().is_some_and(|known| !state.doubted && !known.has_changed());
            if let (Some(known), true) = (&state.known, is_trusted && !self.replicas) {
                return Ok(Arc::clone(known));
            }
            let age = state.asked.map(|asked| asked.elapsed());
            let just_asked = age.is_some_and(|age| age < SENTINEL_PAUSE);
            let later = state.asking || just_asked;
            if let Some(known) = &state.known {
                let is_fresh = age.is_some_and(|age| age < SENTINEL_REFRESH);
                if is_trusted && is_fresh || later && (is_trusted || any_will_do) {
                    return Ok(Arc::clone(known));
                }
            }
            if let (true, Some(failure)) = (just_asked, &state.failure) {
                return Err(failure.copy());
            }
            if later {
                self.wait(state, deadline)?;
                continue;
            }
            state.asking = true;
            drop(state);
            let patience = if any_will_do { deadline.half() } else { deadline };
            match (self.ask(patience), &self.state().known) {
                (Err(error), Some(known)) if any_will_do && error.status() != Status::Interrupted => {
                    return Ok(Arc::clone(known));
                }
                (asked, _) => asked?,
            }
        }
    }

    /// Waits until somebody else has asked, or it is time to ask again.
    fn wait(&self, state: MutexGuard<'_, State>, deadline: Deadline) -> Result<()> {
        let left = deadline.left().unwrap_or(ASK_HOST);
        if left.is_zero() {
            return Err(timed_out(self.sentinels.address(), deadline).sent(Sent::No));
        }
        drop(self.asked.wait_timeout(state, left.min(ASK_HOST)));
        ask_host(self.sentinels.address()).map_err(|error| error.sent(Sent::No))
    }

    /// Asks the sentinels, for all who want to know. An error where the caller's own time is over, or its host says stop: then
    /// another one asks.
    fn ask(&self, deadline: Deadline) -> Result<()> {
        let turn = Turn(self);
        let mut seen = None;
        let asked = self.sentinels.ask(deadline, |answer, share| {
            let known = seen.insert(self.servers(&answer));
            // It was chosen since it answers, whatever it did when this process heard of it last.
            if answer.is_news {
                known.group.primary().try_now();
            }
            known.epoch = check(known.group.primary(), &answer.primary, share)?;
            Ok(())
        });
        let own = |error: &Error| error.status() == Status::Interrupted || deadline.passed();
        let (failed, is_own) = (asked.is_err(), asked.as_ref().is_err_and(own));
        let mut state = self.state();
        state.doubted |= failed;
        let old = state.replace(seen, failed, self.replicas);
        if !is_own {
            state.asked = Some(Instant::now());
            state.doubted = failed;
            state.failure = asked.as_ref().err().map(Error::copy);
        }
        drop(state);
        drop(turn);
        // What it closes, it closes without the lock.
        drop(old);
        if is_own { asked } else { Ok(()) }
    }

    /// What a sentinel named, not checked yet.
    fn servers(&self, answer: &Answer) -> Known {
        let pool = |address: &Address| {
            let endpoint = Endpoint { address: address.clone(), ..self.server.endpoint.clone() };
            PoolConfig { endpoint, ..self.server.clone() }
        };
        let replicas: Vec<_> = answer.replicas.iter().map(pool).collect();
        Known { group: Group::new(&pool(&answer.primary), &replicas), epoch: 0 }
    }

    fn doubt(&self, known: &Arc<Known>) {
        let mut state = self.state();
        if state.known.as_ref().is_some_and(|other| Arc::ptr_eq(other, known)) {
            state.doubted = true;
        }
    }

    /// Does something on the servers, and once more after a failover: a write only if it was not executed.
    fn follow<T>(
        &self,
        intent: Intent,
        deadline: Deadline,
        mut attempt: impl FnMut(&Known) -> Result<T>,
    ) -> Result<T> {
        let known = self.known(intent, deadline)?;
        let error = match attempt(&known) {
            Err(error) if may_be_failover(&error) => error,
            done => return done,
        };
        self.doubt(&known);
        let is_safe = intent != Intent::Write || error.was_sent() == Sent::No;
        if !is_safe || deadline.passed() {
            return Err(error);
        }
        let known = self.known(intent, deadline)?;
        attempt(&known)
    }
}

/// The right to ask, given back however that ends.
struct Turn<'c>(&'c SentinelClient);

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.0.state().asking = false;
        self.0.asked.notify_all();
    }
}

/// What a server says, or does not say, that is no primary any more.
fn may_be_failover(error: &Error) -> bool {
    let words = ["READONLY", "LOADING", "MASTERDOWN"];
    let says_so = || words.iter().any(|word| error.message().contains(word));
    error.lost_server() || error.status() == Status::Unavailable && says_so()
}

/// An error if the server says that it is no primary; the epoch of its pool by then.
fn check(pool: &Arc<Pool>, address: &Address, deadline: Deadline) -> Result<u64> {
    let mut role = Value::Nil;
    let asked = pool.exchange(Exchange {
        intent: Intent::Read,
        lane: Lane::Shared,
        deadline,
        encode: &mut |request: &mut Request<'_>| {
            request.push(&[b"ROLE"]);
        },
        read: &mut |replies| {
            role = replies.value()?;
            Ok(())
        },
    });
    match asked {
        // A user who may not ask takes the sentinel's word.
        Err(error) if error.message().contains("NOPERM") => {}
        asked => asked?,
    }
    if let Value::Array(parts) = &role
        && matches!(parts.first(), Some(Value::BulkString(role)) if role == b"slave")
    {
        let message =
            format!("{address} is a replica at the moment: a failover is under way, try again soon");
        return Err(Error::new(Status::Unavailable, message));
    }
    Ok(pool.epoch())
}

impl Client for SentinelClient {
    fn servers(&self) -> usize {
        1
    }

    fn server_of(&self, _key: &[u8]) -> usize {
        0
    }

    fn exchange(&self, route: Route<'_>, exchange: Exchange<'_, '_>) -> Result<()> {
        let Exchange { intent, lane, deadline, encode, read } = exchange;
        self.follow(intent, deadline, |known| {
            known
                .group
                .exchange(route, Exchange { intent, lane, deadline, encode: &mut *encode, read: &mut *read })
        })
    }

    fn borrow(&self, deadline: Deadline) -> Result<Session> {
        let mut is_first = true;
        self.follow(Intent::Write, deadline, |known| {
            let lease = known.group.primary().borrow(deadline)?;
            if std::mem::take(&mut is_first) && known.has_changed() {
                let server = &lease.endpoint().address;
                let message = format!("{server} closed its connections, and may be no primary any more");
                return Err(Error::new(Status::Connection, message).sent(Sent::No));
            }
            Ok(Session::new(lease))
        })
    }

    fn count(&self, totals: &mut Totals) {
        let state = self.state();
        if let Some(known) = state.known.as_deref().or(state.unfit.as_ref()) {
            known.group.count(totals);
        }
        self.sentinels.count(totals);
    }

    fn close(&self) {
        let (known, unfit) = {
            let mut state = self.state();
            (state.known.take(), state.unfit.take())
        };
        if let Some(known) = known {
            known.group.close();
        }
        drop(unfit);
        self.sentinels.close();
    }
}
