//! What a caller does when all connections are in use: it waits for one, or its commands ride along on another's.

use std::sync::Arc;
use std::time::Instant;

use super::lease::{Lease, OwnedLease};
use super::round::Round;
use super::slots::Taken;
use super::waiter::{Load, Turn, Waiter};
use super::{Exchange, Intent, Lane, PEEK_AFTER, Pool};
use crate::error::{Error, Result, Sent, Status};
use crate::limits::MAX_RIDE;
use crate::net::{Deadline, timed_out};
use crate::resp::{Buffer, Ended, Replies, Request};

/// A caller's place in the queue, and later in a round. Dropping it leaves both.
struct Ticket<'p> {
    pool: &'p Arc<Pool>,
    waiter: Arc<Waiter>,
}

impl Pool {
    /// An exchange that found no free connection.
    #[cold]
    pub(super) fn exchange_in_turn(self: &Arc<Pool>, mut exchange: Exchange<'_, '_>) -> Result<()> {
        let mut retried = false;
        loop {
            // Riders' replies are read in many threads, and an own parser belongs to one connection: its calls wait instead.
            let load = if self.config.endpoint.parser.is_none() { load_of(&mut exchange) } else { None };
            let replies = load.as_ref().map_or(0, |load| load.replies);
            let ticket = Ticket { pool: self, waiter: Arc::new(Waiter::new(load)) };
            let answered = match ticket.turn(exchange.deadline)? {
                Turn::Lane(slot) if ticket.waiter.load().is_none() => {
                    return self.exchange_on(Lease::new(self.as_ref(), slot), Instant::now(), exchange);
                }
                Turn::Lane(slot) => self.lead(slot, &ticket.waiter, exchange.deadline)?,
                Turn::Reads(round) => round.read(&ticket.waiter, exchange.deadline),
                Turn::Answered(replies) => Ok(replies),
                Turn::Broken(error) => Err(error),
                Turn::Waits | Turn::Gone => return Err(lost_turn()),
            };
            match answered {
                Ok(bytes) => return self.decode(bytes, replies, exchange.read),
                Err(error) if retried || !may_go_again(&error, &exchange) => return Err(error),
                Err(_) => {
                    retried = true;
                    self.counters.retries.add(1);
                }
            }
        }
    }

    /// A slot for the caller alone.
    pub(super) fn own_slot(self: &Arc<Pool>, deadline: Deadline) -> Result<Taken> {
        if let Some(slot) = self.slots.take() {
            return Ok(slot);
        }
        let ticket = Ticket { pool: self, waiter: Arc::new(Waiter::new(None)) };
        match ticket.turn(deadline)? {
            Turn::Lane(slot) => Ok(slot),
            _ => Err(lost_turn()),
        }
    }

    /// Sends the caller's commands with those of others who wait, and reads. The outer error is that of connecting.
    fn lead(
        self: &Arc<Pool>,
        slot: Taken,
        leader: &Arc<Waiter>,
        deadline: Deadline,
    ) -> Result<Result<Vec<u8>>> {
        let mut lease = OwnedLease::new(Arc::clone(self), slot);
        lease.ready(Instant::now(), PEEK_AFTER, deadline)?;
        let mut round = Round::begin(lease)?;
        round.board(Arc::clone(leader));
        let own = leader.load().map_or(0, |load| load.bytes.len());
        for companion in self.slots.companions(own) {
            self.counters.rides.add(1);
            round.board(companion);
        }
        Ok(round.read(leader, deadline))
    }

    /// Reads replies that came by another caller's hands.
    fn decode(
        &self,
        bytes: Vec<u8>,
        expected: usize,
        read: &mut dyn FnMut(&mut Replies<'_>) -> Result<()>,
    ) -> Result<()> {
        let (mut buffer, mut ended) = (Buffer::from(bytes), Ended { server: &self.config.endpoint });
        let mut replies = Replies::new(&mut buffer, &mut ended, expected);
        let result = replies.conclude(read);
        if result.is_err() {
            // Replies of the wrong type may be out of step, and then so is every connection that gave them.
            self.distrust_connections();
        }
        result.map_err(|error| error.sent(Sent::Maybe))?
    }

    fn no_free_connection(&self) -> Error {
        let (server, size) = (&self.config.endpoint.address, self.config.max_connections);
        let message = format!(
            "no free connection to {server} in time: all {size} are in use; raise MAX_CONNECTIONS or POOL_TIMEOUT"
        );
        Error::new(Status::Pool, message).sent(Sent::No)
    }
}

/// The commands of a call that may ride.
fn load_of(exchange: &mut Exchange<'_, '_>) -> Option<Load> {
    if exchange.lane != Lane::Shared {
        return None;
    }
    let mut request = Request::default();
    (exchange.encode)(&mut request);
    request.as_one().filter(|bytes| bytes.len() <= MAX_RIDE)?;
    let replies = request.expected();
    Some(Load { bytes: request.into_memory(), replies })
}

/// Whether a call whose connection broke may be sent on another one.
fn may_go_again(error: &Error, exchange: &Exchange<'_, '_>) -> bool {
    matches!(error.status(), Status::Connection | Status::Protocol)
        && (exchange.intent != Intent::Write || error.was_sent() == Sent::No)
        && !exchange.deadline.passed()
}

#[cold]
fn lost_turn() -> Error {
    Error::new(Status::Panic, "a waiting call was woken for nothing")
}

impl Ticket<'_> {
    /// Waits for what the call is given, and by POOL_TIMEOUT until it is on its way.
    fn turn(&self, deadline: Deadline) -> Result<Turn> {
        let Ticket { pool, waiter } = self;
        let server = &pool.config.endpoint.address;
        if let Some(slot) = pool.slots.take_or_queue(waiter) {
            return Ok(Turn::Lane(slot));
        }
        let limit = deadline.within(pool.config.pool_timeout, "POOL_TIMEOUT");
        match waiter.wait(limit, server) {
            Ok(Some(turn)) => return Ok(turn),
            Ok(None) if pool.slots.leave_queue(waiter) => return Err(pool.no_free_connection()),
            Ok(None) => {}
            Err(interrupted) => return Err(self.left(interrupted)),
        }
        // It is on its way.
        match waiter.wait(deadline, server) {
            Ok(Some(turn)) => Ok(turn),
            Ok(None) if waiter.load().is_none() => Err(pool.no_free_connection()),
            Ok(None) => Err(timed_out(server, deadline).sent(Sent::Maybe)),
            Err(interrupted) => Err(self.left(interrupted)),
        }
    }

    /// The error of a call that ends before its turn.
    fn left(&self, error: Error) -> Error {
        let queued = self.pool.slots.leave_queue(&self.waiter) || self.waiter.load().is_none();
        error.sent(if queued { Sent::No } else { Sent::Maybe })
    }
}

impl Drop for Ticket<'_> {
    fn drop(&mut self) {
        match self.waiter.go() {
            Turn::Gone => {}
            Turn::Lane(slot) => self.pool.slots.give_back(slot),
            Turn::Reads(round) => {
                let _ = round.pass_on();
            }
            Turn::Waits | Turn::Answered(_) | Turn::Broken(_) => {
                let _ = self.pool.slots.leave_queue(&self.waiter);
            }
        }
    }
}
