//! What every operation stands on: the configuration, the client of this process, and one exchange at a time.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::call::{Call, Patience};
use super::recent::Recent;
use super::stats::CacheCounters;
use crate::client::{
    Client, ClusterClient, DefaultClient, Exchange, Layer, LayeredClient, ReplicaClient, Route,
    SentinelClient, ShardClient,
};
use crate::codec::Codec;
use crate::config::{Backend, Config};
use crate::error::{Error, Result, Sent, Status};
use crate::fork::{self, PerProcess};
use crate::key::KeySpace;
use crate::limits::MAX_RIDE_KEYS;
use crate::memory::MemoryClient;
use crate::near::NearUser;
use crate::net::{Deadline, Endpoint, OWN_DEADLINE};
use crate::pool::{Intent, Joint, Lane, PoolConfig};
use crate::resp::{Replies, Request};
use crate::stats::Copies;

/// Where a call with so many keys goes.
pub(crate) fn lane_of(keys: usize) -> Lane {
    if keys <= MAX_RIDE_KEYS { Lane::Shared } else { Lane::Own }
}

/// What set a deadline, for messages.
const SOCKET_TIMEOUT: &str = "SOCKET_TIMEOUT";

/// The part of a cache that its handles share.
pub(crate) struct Core {
    pub(crate) config: Config,
    pub(crate) keys: KeySpace,
    pub(crate) codec: Codec,
    pub(crate) counters: Copies<CacheCounters>,
    /// The server has no UNLINK (before Redis 4): DEL is used.
    pub(crate) no_unlink: AtomicBool,
    client: PerProcess<Box<dyn Client>>,
    /// The program's own, around the client.
    layer: Option<Arc<dyn Layer>>,
    /// Made by the first read, where NEAR_CACHE is on.
    pub(super) near: PerProcess<NearUser>,
    /// Where READ_YOUR_WRITES is on.
    pub(super) recent: Option<Recent>,
    closed: AtomicBool,
}

/// The time of one call: the end of the whole, and how long each round trip may take.
#[derive(Clone, Copy)]
pub(crate) struct Clock {
    whole: Deadline,
    step: Option<Duration>,
}

impl Clock {
    /// The deadline of the round trip that starts now.
    pub(crate) fn step(self) -> Deadline {
        self.whole.within(self.step, SOCKET_TIMEOUT)
    }
}

impl Core {
    pub(crate) fn new(config: Config, layer: Option<Arc<dyn Layer>>) -> Core {
        fork::install();
        Core {
            keys: KeySpace::new(&config.key_prefix, config.version),
            codec: Codec::new(config.values.clone()),
            counters: Copies::default(),
            no_unlink: AtomicBool::new(false),
            client: PerProcess::new(),
            layer,
            near: PerProcess::new(),
            recent: config.read_your_writes.then(Recent::new),
            closed: AtomicBool::new(false),
            config,
        }
    }

    /// Runs an operation: refused when closed, counted, and marked as ignored where IGNORE_EXCEPTIONS covers it.
    #[inline]
    pub(crate) fn run<T>(&self, operation: impl FnOnce() -> Result<T>) -> Result<T> {
        self.check_open()?;
        operation().map_err(|error| self.failed(error))
    }

    pub(crate) fn check_open(&self) -> Result<()> {
        if self.closed.load(Ordering::Acquire) {
            return Err(Error::new(Status::Closed, "the cache was closed; open it again"));
        }
        Ok(())
    }

    #[cold]
    fn failed(&self, error: Error) -> Error {
        self.counters.mine().errors.add(1);
        if self.is_ignored(&error) { error.ignore() } else { error }
    }

    /// Whether IGNORE_EXCEPTIONS covers an error.
    pub(crate) fn is_ignored(&self, error: &Error) -> bool {
        self.config.ignore_exceptions && error.is_away()
    }

    /// The deadline of a call with one round trip.
    pub(crate) fn deadline(&self, call: &Call) -> Deadline {
        match call.deadline {
            None => Deadline::NEVER.within(self.config.socket_timeout, SOCKET_TIMEOUT),
            Some(Patience::Forever) => Deadline::NEVER,
            Some(Patience::Within(time)) => Deadline::after(time, OWN_DEADLINE),
        }
    }

    /// The time of a call with many round trips: SOCKET_TIMEOUT for each, the call's deadline for the whole.
    pub(crate) fn clock(&self, call: &Call) -> Clock {
        let whole = match call.deadline {
            Some(Patience::Within(time)) => Deadline::after(time, OWN_DEADLINE),
            _ => Deadline::NEVER,
        };
        Clock { whole, step: self.config.socket_timeout }
    }

    pub(crate) fn client(&self) -> &dyn Client {
        let made = self.client.get_or_make(|| Ok::<_, Infallible>(self.layered_client()));
        match made {
            Ok(client) => client.as_ref(),
            Err(never) => match never {},
        }
    }

    fn layered_client(&self) -> Box<dyn Client> {
        match &self.layer {
            Some(layer) => Box::new(LayeredClient::new(self.new_client(), Arc::clone(layer))),
            None => self.new_client(),
        }
    }

    fn new_client(&self) -> Box<dyn Client> {
        match &self.config.place {
            Backend::Server(endpoint) => Box::new(DefaultClient::new(&self.pool_of(endpoint))),
            Backend::Shards { endpoints, homes, selection } => {
                let servers: Vec<_> = endpoints.iter().map(|endpoint| self.pool_of(endpoint)).collect();
                let nodes = self.config.label.entries().zip(homes.iter().copied());
                Box::new(ShardClient::new(&servers, nodes, *selection))
            }
            Backend::Replicas { primary, replicas } => {
                let replicas: Vec<_> = replicas.iter().map(|endpoint| self.pool_of(endpoint)).collect();
                Box::new(ReplicaClient::new(&self.pool_of(primary), &replicas))
            }
            Backend::Sentinel(config) => Box::new(SentinelClient::new(config, self.pool_of(&config.server))),
            Backend::Cluster { seeds } => {
                let seeds: Vec<_> = seeds.iter().map(|seed| self.pool_of(seed)).collect();
                Box::new(ClusterClient::new(seeds))
            }
            Backend::Memory { name, max_bytes } => Box::new(MemoryClient::new(name, *max_bytes)),
        }
    }

    /// The server that holds a full key: its entry of the location, the first where it has several, without its password; or its
    /// address.
    pub(crate) fn server_name(&self, key: &[u8], deadline: Deadline) -> Result<String> {
        let client = self.client();
        if let Some(name) = client.name_of(key, deadline)? {
            return Ok(name);
        }
        let server = client.server_of(key);
        let entry = match &self.config.place {
            Backend::Shards { homes, .. } => homes.iter().position(|home| *home == server).unwrap_or(server),
            _ => server,
        };
        Ok(self.config.label.0.get(entry).map_or(String::new(), ToString::to_string))
    }

    fn pool_of(&self, endpoint: &Endpoint) -> PoolConfig {
        PoolConfig {
            endpoint: endpoint.clone(),
            max_connections: self.config.max_connections,
            pool_timeout: self.config.pool_timeout,
            breaker: self.config.breaker,
        }
    }

    /// One exchange with the server of `route`, for short commands with short replies.
    pub(crate) fn exchange<'a>(
        &self,
        route: Route<'_>,
        intent: Intent,
        deadline: Deadline,
        encode: impl FnMut(&mut Request<'a>),
        read: impl FnMut(&mut Replies<'_>) -> Result<()>,
    ) -> Result<()> {
        self.exchange_on(Lane::Shared, route, intent, deadline, encode, read)
    }

    /// One exchange with the server of `route`. Who writes other keys than that of the route tells the near cache
    /// ([`Core::wrote`]).
    pub(crate) fn exchange_on<'a>(
        &self,
        lane: Lane,
        route: Route<'_>,
        intent: Intent,
        deadline: Deadline,
        mut encode: impl FnMut(&mut Request<'a>),
        mut read: impl FnMut(&mut Replies<'_>) -> Result<()>,
    ) -> Result<()> {
        let intent = match (intent, route) {
            (Intent::Read, Route::Key(key)) => self.intent_of_reads(std::iter::once(key)),
            _ => intent,
        };
        let exchange = Exchange { intent, lane, deadline, encode: &mut encode, read: &mut read };
        let result = self.client().exchange(route, exchange);
        if let (Intent::Write, Route::Key(key)) = (intent, route) {
            self.wrote(key);
        }
        result
    }

    /// The part with index i on `routes[i]`, all at the same time. What became of each, where at least one was done; where none
    /// was, the first error.
    pub(crate) fn exchange_all<'a>(
        &self,
        routes: &[Route<'_>],
        lane: Lane,
        intent: Intent,
        deadline: Deadline,
        mut encode: impl FnMut(usize, &mut Request<'a>),
        mut read: impl FnMut(usize, &mut Replies<'_>) -> Result<()>,
    ) -> Result<Vec<Result<()>>> {
        if let [route] = *routes {
            let encode = |request: &mut Request<'a>| encode(0, request);
            let read = |replies: &mut Replies<'_>| read(0, replies);
            return self.exchange_on(lane, route, intent, deadline, encode, read).map(|()| vec![Ok(())]);
        }
        let joint = Joint { intent, deadline, encode: &mut encode, read: &mut read };
        let mut outcomes = self.client().exchange_all(routes, joint)?;
        if outcomes.is_empty() || outcomes.iter().any(Result::is_ok) {
            return Ok(outcomes);
        }
        let maybe = |outcome: &Result<()>| matches!(outcome, Err(error) if error.was_sent() == Sent::Maybe);
        let maybe_sent = outcomes.iter().any(maybe);
        let first = outcomes.swap_remove(0);
        first.map_err(|error| if maybe_sent { error.sent(Sent::Maybe) } else { error }).map(|()| outcomes)
    }

    pub(crate) fn close(&self) {
        if self.closed.swap(true, Ordering::AcqRel) {
            return;
        }
        if let Some(near) = self.near.get() {
            near.leave();
        }
        if let Some(client) = self.client.get() {
            client.close();
        }
    }
}
