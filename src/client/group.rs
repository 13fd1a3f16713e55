//! A primary and its replicas: who answers a read, and what becomes of it while one of them is away.

use std::sync::atomic::{AtomicU32, AtomicU64, AtomicUsize, Ordering};
use std::time::Instant;

use smallvec::SmallVec;

use super::{Exchange, Place, Route};
use crate::error::{Error, Result, Sent, Status};
use crate::limits::{REPLICA_PATIENCE, REPLICA_PAUSES};
use crate::net::{Deadline, nanoseconds};
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
    /// Its `rests_until`, as whoever asks it has seen that; [`Candidate::LAST`] where its failing is no news.
    seen: u64,
}

impl<'g> Candidate<'g> {
    const LAST: u64 = u64::MAX;

    fn primary(server: &'g PoolUser) -> Candidate<'g> {
        Candidate { server, replica: None, seen: 0 }
    }
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
            let Candidate { server, replica, seen } =
                next.unwrap_or_else(|| Candidate::primary(&self.primary));
            next = candidates.next();
            let share = if next.is_some() { deadline.half() } else { deadline };
            let attempt = Exchange { intent, lane, deadline: share, encode: &mut *encode, read: &mut *read };
            let done = server.pool().exchange(attempt);
            match (&done, replica) {
                (Err(error), Some(replica)) if is_trouble(error, share) => replica.rest(seen, self.now()),
                (done, Some(replica)) if is_answer(done) => replica.is_well_again(),
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
            let candidate = |seen| Candidate { server: &replica.server, replica: Some(replica), seen };
            match replica.rests_until.load(Ordering::Relaxed) {
                0 => order.push(candidate(0)),
                until => {
                    let claimed = if tries_one { None } else { replica.claim(until, self.now()) };
                    match claimed {
                        Some(claimed) => order.insert(0, candidate(claimed)),
                        None => resting.push(candidate(Candidate::LAST)),
                    }
                    tries_one |= claimed.is_some();
                }
            }
        }
        order.push(Candidate::primary(&self.primary));
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
    /// It failed: others are asked for a while, longer each time. Of several calls that had begun when it was well, and failed
    /// together, the first one counts.
    #[cold]
    fn rest(&self, seen: u64, now: u64) {
        let [shortest, longest] = REPLICA_PAUSES;
        let failures = self.failures.load(Ordering::Relaxed);
        let pause = shortest.saturating_mul(1 << failures.min(10)).min(longest);
        let until = now + nanoseconds(pause);
        if self.rests_until.compare_exchange(seen, until, Ordering::Relaxed, Ordering::Relaxed).is_ok() {
            self.failures.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Its new `rests_until`, if the caller is the one that tries it again: others go on without it in the meantime.
    #[cold]
    fn claim(&self, until: u64, now: u64) -> Option<u64> {
        let claimed = now + nanoseconds(REPLICA_PAUSES[0]);
        let exchanged = || {
            self.rests_until.compare_exchange(until, claimed, Ordering::Relaxed, Ordering::Relaxed).is_ok()
        };
        (until <= now && exchanged()).then_some(claimed)
    }

    fn is_well_again(&self) {
        if self.rests_until.load(Ordering::Relaxed) != 0 {
            self.failures.store(0, Ordering::Relaxed);
            self.rests_until.store(0, Ordering::Relaxed);
        }
    }
}

/// Whether an error says that its server is better left alone, more than that the caller had little time or many friends, or that
/// the breaker, which waits by itself, let nobody ask.
fn is_trouble(error: &Error, share: Deadline) -> bool {
    match error.status() {
        Status::Pool => false,
        Status::Timeout => share.allowed() >= REPLICA_PATIENCE,
        _ => error.is_away() && !error.is_unasked(),
    }
}

/// Whether a server has answered, be it that it can't do what it was asked for.
fn is_answer(done: &Result<()>) -> bool {
    match done {
        Ok(()) => true,
        Err(error) => !error.is_away() && error.was_sent() == Sent::Answered,
    }
}

fn arrived(place: Option<&Place>, server: &PoolUser) {
    if let Some(place) = place {
        place.set(Some(server.pool().number()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::breaker::BreakerConfig;
    use crate::net::tests::endpoint;
    use crate::net::tests::support::Place;

    fn config(port: u16) -> PoolConfig {
        PoolConfig {
            endpoint: endpoint(&Place::Port(port)),
            max_connections: 1,
            pool_timeout: None,
            breaker: BreakerConfig::default(),
        }
    }

    fn failed(candidate: Candidate<'_>, now: u64) {
        candidate.replica.unwrap().rest(candidate.seen, now);
    }

    #[test]
    fn calls_that_fail_together_make_one_pause() {
        let [shortest, _] = REPLICA_PAUSES.map(nanoseconds);
        let group = Group::new(&config(1), &[config(2)]);
        let replica = &group.replicas[0];
        let rests_until = || replica.rests_until.load(Ordering::Relaxed);
        let together: Vec<_> = (0..8).map(|_| group.candidates(None)[0]).collect();
        together.into_iter().for_each(|candidate| failed(candidate, 5));
        assert_eq!(rests_until(), 5 + shortest);
        // Asked because nobody else answers.
        let last = group.candidates(None)[1];
        failed(last, 7);
        assert_eq!(rests_until(), 5 + shortest);
        // Tried again by one call.
        let now = rests_until();
        let claimed = replica.claim(now, now).unwrap();
        assert_eq!(replica.claim(now, now), None);
        replica.rest(claimed, now);
        assert_eq!(rests_until(), now + 2 * shortest);
    }

    #[test]
    fn what_the_breaker_kept_back_is_no_failure_of_a_replica() {
        let away = || Error::new(Status::Unavailable, "away");
        assert!(is_trouble(&away(), Deadline::NEVER));
        assert!(!is_trouble(&away().unasked(), Deadline::NEVER));
    }
}
