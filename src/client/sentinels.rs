//! What the sentinels say: who is the primary of a service, and which replicas it has.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use redis::Value;

use super::SentinelConfig;
use crate::error::{Error, Result, Sent, Status};
use crate::limits::SENTINEL_PATIENCE;
use crate::net::{Address, Deadline, Endpoint};
use crate::pool::{PoolConfig, PoolUser};
use crate::resp::{Replies, Request};
use crate::stats::Totals;

/// The sentinels of one service.
pub(super) struct Sentinels {
    service: String,
    /// At least one.
    sentinels: Vec<Sentinel>,
    wants_replicas: bool,
    /// The one that answered last: it is asked first.
    first: AtomicUsize,
}

struct Sentinel {
    server: PoolUser,
    /// Whom it named last.
    named: Mutex<Option<Address>>,
}

/// What one of them says.
pub(super) struct Answer {
    pub(super) primary: Address,
    /// It named another one before, or nobody.
    pub(super) is_news: bool,
    /// Those that it can reach; none where nobody asked for them.
    pub(super) replicas: Vec<Address>,
}

/// How much an error says: what becomes of the primary that they name, more than what is wrong with a sentinel, more than that one is
/// away.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Weight {
    Away,
    Wrong,
    OfPrimary,
}

impl Sentinels {
    /// `server`: what their pools have in common with the servers'.
    pub(super) fn new(config: &SentinelConfig, server: &PoolConfig) -> Sentinels {
        let sentinel = |endpoint: &Endpoint| Sentinel {
            server: PoolUser::join(&PoolConfig {
                endpoint: endpoint.clone(),
                max_connections: 1,
                ..server.clone()
            }),
            named: Mutex::default(),
        };
        Sentinels {
            service: config.service.clone(),
            sentinels: config.sentinels.iter().map(sentinel).collect(),
            wants_replicas: config.replicas,
            first: AtomicUsize::new(0),
        }
    }

    /// One of them, for messages.
    pub(super) fn address(&self) -> &Address {
        &self.sentinels[0].server.pool().endpoint().address
    }

    /// Asks one after the other, each with its share of the time that is left, until `accept` takes what one says.
    pub(super) fn ask<T>(
        &self,
        deadline: Deadline,
        mut accept: impl FnMut(Answer, Deadline) -> Result<T>,
    ) -> Result<T> {
        let (count, first) = (self.sentinels.len(), self.first.load(Ordering::Relaxed));
        let mut worst: Option<(Weight, Error)> = None;
        for turn in 0..count {
            let index = (first + turn) % count;
            let sentinel = &self.sentinels[index];
            // Whoever asks holds up the others, so that a call without a limit has one here.
            let patience = sentinel.server.pool().endpoint().connect_timeout;
            let share = share(deadline, count - turn).within(patience, "SOCKET_CONNECT_TIMEOUT");
            let (weight, error) = match self.query(sentinel, share) {
                Err(error) => (if error.is_away() { Weight::Away } else { Weight::Wrong }, error),
                Ok(answer) => match accept(answer, share) {
                    Ok(accepted) => {
                        self.first.store(index, Ordering::Relaxed);
                        return Ok(accepted);
                    }
                    Err(error) => (Weight::OfPrimary, error),
                },
            };
            if error.status() == Status::Interrupted {
                return Err(error.sent(Sent::No));
            }
            if worst.as_ref().is_none_or(|(known, _)| *known < weight) {
                worst = Some((weight, error));
            }
            if deadline.passed() {
                break;
            }
        }
        Err(self.explain(worst))
    }

    fn query(&self, sentinel: &Sentinel, deadline: Deadline) -> Result<Answer> {
        let (service, pool) = (self.service.as_bytes(), sentinel.server.pool());
        let answer = pool.ask(
            deadline,
            |request: &mut Request<'_>| {
                request.push(&[b"SENTINEL", b"GET-MASTER-ADDR-BY-NAME", service]);
                if self.wants_replicas {
                    request.push(&[b"SENTINEL", b"REPLICAS", service]);
                }
            },
            |replies| self.read(sentinel, replies),
        );
        answer.map_err(|error| refused(&pool.endpoint().address, error))
    }

    fn read(&self, sentinel: &Sentinel, replies: &mut Replies<'_>) -> Result<Answer> {
        let primary = match &texts(&replies.value()?)[..] {
            [host, port] => address(host, port),
            _ => None,
        };
        let primary = primary.ok_or_else(|| {
            Error::config(format!(
                "sentinel {} knows no primary named \"{}\": give the name that its `sentinel monitor` has, as \
                 SENTINEL_SERVICE or as the host of the location",
                sentinel.server.pool().endpoint().address,
                self.service
            ))
        })?;
        let known = if self.wants_replicas { replies.value()? } else { Value::Nil };
        let replicas = if let Value::Array(known) = &known {
            known.iter().filter_map(replica).collect()
        } else {
            Vec::new()
        };
        Ok(Answer { is_news: sentinel.is_news(&primary), primary, replicas })
    }

    fn pools(&self) -> impl Iterator<Item = &PoolUser> {
        self.sentinels.iter().map(|sentinel| &sentinel.server)
    }

    pub(super) fn count(&self, totals: &mut Totals) {
        self.pools().for_each(|server| totals.add(server.pool().counters()));
    }

    pub(super) fn close(&self) {
        self.pools().for_each(PoolUser::leave);
    }

    #[cold]
    fn explain(&self, worst: Option<(Weight, Error)>) -> Error {
        let service = &self.service;
        match worst {
            Some((Weight::OfPrimary, error)) => {
                error.context(format_args!("the primary of \"{service}\", as the sentinels name it"))
            }
            Some((Weight::Wrong, error)) => error,
            Some((Weight::Away, error)) => {
                error.context(format_args!("no sentinel of \"{service}\" answers"))
            }
            None => Error::config(format!("\"{service}\" has no sentinels")),
        }
        .sent(Sent::No)
    }
}

impl Sentinel {
    fn is_news(&self, primary: &Address) -> bool {
        let mut named = self.named.lock().unwrap_or_else(PoisonError::into_inner);
        named.replace(primary.clone()).as_ref() != Some(primary)
    }
}

/// What one may take while `left` of them, itself included, are to be asked.
fn share(deadline: Deadline, left: usize) -> Deadline {
    if left == 1 {
        return deadline;
    }
    let patience =
        deadline.left().map_or(SENTINEL_PATIENCE, |time| SENTINEL_PATIENCE.min(time / left as u32));
    deadline.within(Some(patience), deadline.set_by())
}

/// Why a sentinel gave no answer, with the options that are its own.
#[cold]
fn refused(sentinel: &Address, error: Error) -> Error {
    if error.status() == Status::Auth {
        return Error::new(
            Status::Auth,
            format!(
                "sentinel {sentinel} refused the login: a sentinel has a password of its own, or none; check the options \
                 SENTINEL_PASSWORD and SENTINEL_USERNAME"
            ),
        );
    }
    if error.message().contains("unknown command") {
        return Error::config(format!(
            "{sentinel}, which SENTINELS names, is a Redis server and no sentinel: give the sentinels' own addresses, usually with \
             port 26379"
        ));
    }
    error
}

/// The texts of a reply.
fn texts(reply: &Value) -> Vec<String> {
    let text = |value: &Value| match value {
        Value::BulkString(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        Value::SimpleString(text) => text.clone(),
        _ => String::new(),
    };
    if let Value::Array(parts) = reply { parts.iter().map(text).collect() } else { Vec::new() }
}

/// A replica, as names and values in turn, if the sentinel can reach it.
fn replica(reply: &Value) -> Option<Address> {
    let texts = texts(reply);
    let field = |name| texts.chunks_exact(2).find(|pair| pair[0] == name).map(|pair| pair[1].as_str());
    let is_down = |flag| matches!(flag, "s_down" | "o_down" | "disconnected");
    if field("flags")?.split(',').any(is_down) {
        return None;
    }
    address(field("ip")?, field("port")?)
}

fn address(host: &str, port: &str) -> Option<Address> {
    Some(Address::Tcp { host: host.to_owned(), port: port.parse().ok().filter(|_| !host.is_empty())? })
}
