//! A primary and its replicas: who answers a read, and what becomes of it while one of them is away.

use std::sync::atomic::{AtomicU32, AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use smallvec::SmallVec;

use super::{Exchange, Place, Route};
use crate::error::{Error, Result, Status};
use crate::limits::{REPLICA_PATIENCE, REPLICA_PAUSES};
use crate::net::Deadline;
use crate::pool::{Intent, Pool, PoolConfig, PoolUser};
use crate::stats::Totals;

/// Servers that have the same keys.
pub(super) struct Group {
    primary: PoolUser,
    replicas: Vec<Replica>,
    /// Counts reads: each begins at another replica.
    turns: AtomicUsize,
    born: Instant,
}

struct Replica {
    server: PoolUser,
    /// How often it failed, one time after the other.
    failures: AtomicU32,
    /// When it may be asked again, in nanoseconds since the group was made; 0: all is well.
    rests_until: AtomicU64,
}

/// A server that a read may ask.
#[derive(Clone, Copy)]
struct Candidate<'g> {
    server: &'g PoolUser,
    /// None for the primary.
    replica: Option<&'g Replica>,
}

type Candidates<'g> = SmallVec<[Candidate<'g>; 8]>;

impl Group {
    pub(super) fn new(primary: &PoolConfig, replicas: &[PoolConfig]) -> Group {
        let replica = |config| Replica {
            server: PoolUser::join(config),
            failures: AtomicU32::new(0),
            rests_until: AtomicU64::new(0),
        };
        Group {
            primary: PoolUser::join(primary),
            replicas: replicas.iter().map(replica).collect(),
            turns: AtomicUsize::new(0),
            born: Instant::now(),
        }
    }

    pub(super) fn primary(&self) -> &std::sync::Arc<Pool> {
        self.primary.pool()
    }

    /// Does an exchange: a read on a replica, or wherever else somebody answers, all others on the primary.
    pub(super) fn exchange(&self, route: Route<'_>, exchange: Exchange<'_, '_>) -> Result<()> {
        let place = if let Route::Walk { place, .. } = route { Some(place) } else { None };
        if exchange.intent == Intent::Read && !self.replicas.is_empty() {
            return self.read(place, exchange);
        }
        let done = self.primary.pool().exchange(exchange);
        arrived(place, &self.primary);
        done
    }

    /// Asks one server after the other. While others are left each has half of the time, so that a silent one does not use it up.
    fn read(&self, place: Option<&Place>, exchange: Exchange<'_, '_>) -> Result<()> {
        let Exchange { intent, lane, deadline, encode, read } = exchange;
        let mut candidates = self.candidates(place).into_iter();
        let mut next = candidates.next();
        loop {
            let Candidate { server, replica } =
                next.unwrap_or(Candidate { server: &self.primary, replica: None });
            next = candidates.next();
            let share = if next.is_some() { deadline.half() } else { deadline };
            let attempt = Exchange { intent, lane, deadline: share, encode: &mut *encode, read: &mut *read };
            let done = server.pool().exchange(attempt);
            match (&done, replica) {
                (Err(error), Some(replica)) if is_trouble(error, share) => replica.rest(self.now()),
                (Ok(()), Some(replica)) => replica.is_well_again(),
                _ => {}
            }
            match done {
                Err(error) if error.is_away() && next.is_some() && !deadline.passed() => {}
                done => {
                    arrived(place, server);
                    return done;
                }
            }
        }
    }

    /// Whom to ask, in this order: one that has rested, the replicas in turn, the primary, those that rest.
    fn candidates(&self, place: Option<&Place>) -> Candidates<'_> {
        let turn = self.turns.fetch_add(1, Ordering::Relaxed);
        let (before, after) = self.replicas.split_at(turn % self.replicas.len());
        let mut order = Candidates::new();
        let mut resting = Candidates::new();
        let mut tries_one = false;
        for replica in after.iter().chain(before) {
            let candidate = Candidate { server: &replica.server, replica: Some(replica) };
            match replica.rests_until.load(Ordering::Relaxed) {
                0 => order.push(candidate),
                until if !tries_one && replica.has_rested(until, self.now()) => {
                    tries_one = true;
                    order.insert(0, candidate);
                }
                _ => resting.push(candidate),
            }
        }
        order.push(Candidate { server: &self.primary, replica: None });
        order.extend(resting);
        let same = place.and_then(Place::get);
        if let Some(at) = order.iter().position(|candidate| Some(candidate.server.pool().number()) == same) {
            order[..=at].rotate_right(1);
        }
        order
    }

    fn now(&self) -> u64 {
        nanoseconds(self.born.elapsed())
    }

    fn servers(&self) -> impl Iterator<Item = &PoolUser> {
        std::iter::once(&self.primary).chain(self.replicas.iter().map(|replica| &replica.server))
    }

    pub(super) fn count(&self, totals: &mut Totals) {
        self.servers().for_each(|server| totals.add(server.pool().counters()));
    }

    pub(super) fn close(&self) {
        self.servers().for_each(PoolUser::leave);
    }
}

impl Replica {
    /// It failed: others are asked for a while, longer each time.
    #[cold]
    fn rest(&self, now: u64) {
        let [shortest, longest] = REPLICA_PAUSES;
        let failures = self.failures.fetch_add(1, Ordering::Relaxed);
        let pause = shortest.saturating_mul(1 << failures.min(10)).min(longest);
        self.rests_until.store(now + nanoseconds(pause), Ordering::Relaxed);
    }

    /// Whether the caller is the one that tries it again: others go on without it in the meantime.
    #[cold]
    fn has_rested(&self, until: u64, now: u64) -> bool {
        let claimed = now + nanoseconds(REPLICA_PAUSES[0]);
        until <= now
            && self.rests_until.compare_exchange(until, claimed, Ordering::Relaxed, Ordering::Relaxed).is_ok()
    }

    fn is_well_again(&self) {
        if self.rests_until.load(Ordering::Relaxed) != 0 {
            self.failures.store(0, Ordering::Relaxed);
            self.rests_until.store(0, Ordering::Relaxed);
        }
    }
}

/// Whether an error says that its server is better left alone, more than that the caller had little time or many friends.
fn is_trouble(error: &Error, share: Deadline) -> bool {
    match error.status() {
        Status::Pool => false,
        Status::Timeout => share.allowed() >= REPLICA_PATIENCE,
        _ => error.is_away(),
    }
}

fn arrived(place: Option<&Place>, server: &PoolUser) {
    if let Some(place) = place {
        place.set(Some(server.pool().number()));
    }
}

fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}
