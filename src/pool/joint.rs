//! One call on several servers: every one of them is sent to before any is read from, so that they work at the same time.
//!
//! A server that is away costs its own part alone. What it takes to reach a server is half of the time that is left at most, and
//! whoever answers first is read first; what has come when the time is over is still read.

use std::sync::Arc;
use std::time::Instant;

use super::lease::Lease;
use super::trial::Trial;
use super::{Intent, Lane, PEEK_AFTER, Pool};
use crate::error::{Error, Result, Sent, Status};
use crate::limits::LATE_READ;
use crate::net::{Deadline, Pending};
use crate::resp::{Replies, Request};

/// A call with one part for each of several servers.
pub(crate) struct Joint<'x, 'a> {
    /// Whether its parts may be sent again.
    pub(crate) intent: Intent,
    /// The moment it must end by.
    pub(crate) deadline: Deadline,
    /// Writes the commands of the part with this index.
    pub(crate) encode: &'x mut dyn FnMut(usize, &mut Request<'a>),
    /// Takes the replies to a part. It may run a second time for a part, so it starts that part's result anew.
    pub(crate) read: &'x mut dyn FnMut(usize, &mut Replies<'_>) -> Result<()>,
}

/// A part on its way.
struct Flight<'p> {
    part: usize,
    trial: Trial<'p>,
    lease: Lease<&'p Pool>,
    /// Whether the connection was used before.
    idled: bool,
    pending: Pending,
}

/// A part whose connection broke: perhaps it had died while it idled.
struct Again<'p> {
    part: usize,
    trial: Trial<'p>,
    lease: Lease<&'p Pool>,
}

/// What became of the parts so far.
struct Parts<'p, 'x, 'a> {
    joint: Joint<'x, 'a>,
    outcomes: Vec<Result<()>>,
    again: Vec<Again<'p>>,
}

/// Does the part with index i on the pool with index i. One outcome for each; an error where the host ends the call.
pub(crate) fn exchange_all(pools: &[&Arc<Pool>], joint: Joint<'_, '_>) -> Result<Vec<Result<()>>> {
    let outcomes = pools.iter().map(|_| Ok(())).collect();
    let mut parts = Parts { joint, outcomes, again: Vec::new() };
    let mut order: Vec<usize> = (0..pools.len()).collect();
    // The same order for all callers: two of them never wait for each other's connections.
    order.sort_by_key(|&part| pools.get(part).map(|&pool| Arc::as_ptr(pool)));
    let mut flights = Vec::with_capacity(pools.len());
    for part in order {
        if let Some(pool) = pools.get(part) {
            flights.extend(parts.launch(part, pool)?);
        }
    }
    while !flights.is_empty() {
        parts.land_some(&mut flights)?;
    }
    parts.repeat()?;
    Ok(parts.outcomes)
}

impl<'p> Parts<'p, '_, '_> {
    /// Sends a part.
    fn launch(&mut self, part: usize, pool: &'p Arc<Pool>) -> Result<Option<Flight<'p>>> {
        let deadline = self.joint.deadline.half();
        let trial = match pool.admit() {
            Ok(trial) => trial,
            Err(refusal) => {
                self.keep(part, Err(refusal));
                return Ok(None);
            }
        };
        let ready = pool.own_slot(deadline).and_then(|slot| {
            let mut lease = Lease::new(pool.as_ref(), slot);
            let idled = lease.ready(Instant::now(), PEEK_AFTER, deadline)?;
            Ok((lease, idled))
        });
        let (mut lease, idled) = match ready {
            Ok(ready) => ready,
            Err(error) => return self.settle(part, trial, Err(error), deadline).map(|()| None),
        };
        let encode = &mut *self.joint.encode;
        let begun = lease.connection()?.begin(Instant::now(), |request| encode(part, request), deadline);
        match begun {
            Ok(pending) => Ok(Some(Flight { part, trial, lease, idled, pending })),
            Err(error) => self.failed(Again { part, trial, lease }, idled, error, deadline).map(|()| None),
        }
    }

    /// Reads the replies of those who answer first.
    fn land_some(&mut self, flights: &mut Vec<Flight<'p>>) -> Result<()> {
        let deadline = self.joint.deadline;
        let Some(first) = flights.first() else { return Ok(()) };
        let pending: Vec<_> = flights.iter().map(|flight| &flight.pending).collect();
        let ready = Pending::ready(&pending, first.lease.endpoint(), deadline)?;
        if ready.is_empty() {
            return std::mem::take(flights).into_iter().try_for_each(|flight| self.land(flight, deadline));
        }
        // Each its share: one that sends on and on must not use up what the others need to be read at all.
        let late = LATE_READ / self.outcomes.len().max(1) as u32;
        // From the last one on: taking one out moves only what follows it.
        let mut indices = ready.into_iter().rev();
        indices.try_for_each(|index| self.land(flights.swap_remove(index), deadline.at_least(late)))
    }

    fn land(&mut self, flight: Flight<'p>, deadline: Deadline) -> Result<()> {
        let Flight { part, trial, mut lease, idled, pending } = flight;
        let read = &mut *self.joint.read;
        match lease.connection()?.finish(pending, deadline, |replies| read(part, replies)) {
            Ok(()) => self.settle(part, trial, Ok(()), deadline),
            Err(error) => self.failed(Again { part, trial, lease }, idled, error, deadline),
        }
    }

    fn failed(&mut self, failed: Again<'p>, idled: bool, error: Error, deadline: Deadline) -> Result<()> {
        if failed.lease.pool().goes_again(&error, idled, self.joint.intent, self.joint.deadline) {
            self.again.push(failed);
            return Ok(());
        }
        self.settle(failed.part, failed.trial, Err(error), deadline)
    }

    /// Does what is to be done again, one after the other: it is rare.
    fn repeat(&mut self) -> Result<()> {
        for Again { part, trial, mut lease } in std::mem::take(&mut self.again) {
            let deadline = self.joint.deadline;
            let Joint { encode, read, .. } = &mut self.joint;
            let outcome = lease.connect(deadline).and_then(|()| {
                lease.exchange(&mut |request| encode(part, request), deadline, &mut |replies| {
                    read(part, replies)
                })
            });
            self.settle(part, trial, outcome, deadline)?;
        }
        Ok(())
    }

    /// Keeps a part's outcome; an error where the host wants the whole call to end. `deadline` is how long the server had: where that
    /// was a share of the call's time, a timeout says no more about the server than so short a call would.
    fn settle(
        &mut self,
        part: usize,
        trial: Trial<'_>,
        outcome: Result<()>,
        deadline: Deadline,
    ) -> Result<()> {
        trial.report(&outcome, Lane::Shared, deadline);
        match outcome {
            // Other parts may have been sent.
            Err(error) if error.status() == Status::Interrupted => Err(error.sent(Sent::Maybe)),
            outcome => {
                self.keep(part, outcome);
                Ok(())
            }
        }
    }

    fn keep(&mut self, part: usize, outcome: Result<()>) {
        if let Some(kept) = self.outcomes.get_mut(part) {
            *kept = outcome;
        }
    }
}
