//! One slot, for one call.

use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use super::Pool;
use super::slots::Taken;
use crate::error::{Error, Result, Sent, Status};
use crate::net::{Connection, Deadline, Endpoint};
use crate::resp::{Replies, Request};

/// An exclusive borrow of one slot; dropping it gives the slot back, without its connection if that is broken.
pub(crate) struct Lease<P: Deref<Target = Pool>> {
    pool: P,
    /// Taken out by drop only.
    slot: Option<Taken>,
}

/// A lease that keeps its pool alive: for raw connections.
pub(crate) type OwnedLease = Lease<Arc<Pool>>;

impl<P: Deref<Target = Pool>> Lease<P> {
    pub(super) fn new(pool: P, slot: Taken) -> Lease<P> {
        Lease { pool, slot: Some(slot) }
    }

    /// Makes sure that there is a connection; one that has idled `now` for `peek_after` is looked at first. True if it is one
    /// that was used before.
    pub(super) fn ready(&mut self, now: Instant, peek_after: Duration, deadline: Deadline) -> Result<bool> {
        let epoch = self.pool.epoch.load(Ordering::Acquire);
        let Some(slot) = &mut self.slot else { return Ok(false) };
        if let Some(connection) = slot.connection.as_ref().filter(|_| slot.epoch == epoch) {
            if now.saturating_duration_since(connection.idle_since()) < peek_after || connection.is_alive() {
                return Ok(true);
            }
            self.pool.distrust_connections();
        }
        self.connect(deadline)?;
        Ok(false)
    }

    pub(super) fn connect(&mut self, deadline: Deadline) -> Result<()> {
        let Some(slot) = &mut self.slot else { return Ok(()) };
        slot.connection = None;
        slot.epoch = self.pool.epoch.load(Ordering::Acquire);
        slot.connection = Some(Box::new(Connection::open(&self.pool.config.endpoint, deadline)?));
        self.pool.counters.connects.add(1);
        Ok(())
    }

    /// The connection, for what is no exchange.
    pub(crate) fn connection(&mut self) -> Result<&mut Connection> {
        let connection = self.slot.as_mut().and_then(|slot| slot.connection.as_deref_mut());
        connection.ok_or_else(no_connection)
    }

    /// Whether there is a connection that nothing has broken.
    pub(crate) fn is_open(&self) -> bool {
        let connection = self.slot.as_ref().and_then(|slot| slot.connection.as_ref());
        connection.is_some_and(|connection| !connection.is_broken())
    }

    /// Where its pool connects to.
    pub(crate) fn endpoint(&self) -> &Endpoint {
        self.pool.endpoint()
    }

    /// Closes the connection: whoever gets the slot next opens a new one.
    pub(crate) fn discard(&mut self) {
        if let Some(slot) = &mut self.slot {
            slot.connection = None;
        }
    }

    /// Takes the connection out: without it the slot counts as empty.
    pub(super) fn take_connection(&mut self) -> Result<Box<Connection>> {
        let connection = self.slot.as_mut().and_then(|slot| slot.connection.take());
        connection.ok_or_else(no_connection)
    }

    /// Puts back what was taken out.
    pub(super) fn put_connection(&mut self, connection: Box<Connection>) {
        if let Some(slot) = &mut self.slot {
            slot.connection = Some(connection);
        }
    }

    pub(super) fn pool(&self) -> &Pool {
        &self.pool
    }

    /// Ends the lease.
    pub(super) fn give_back(&mut self) {
        let Some(mut slot) = self.slot.take() else { return };
        let unusable = slot.connection.as_deref().is_some_and(Connection::is_broken);
        if unusable || self.pool.shut.load(Ordering::SeqCst) {
            slot.connection = None;
        }
        self.pool.slots.give_back(slot);
    }

    pub(crate) fn exchange<'a>(
        &mut self,
        encode: &mut dyn FnMut(&mut Request<'a>),
        deadline: Deadline,
        read: &mut dyn FnMut(&mut Replies<'_>) -> Result<()>,
    ) -> Result<()> {
        self.exchange_at(Instant::now(), encode, deadline, read)
    }

    /// An exchange that begins at this moment.
    pub(super) fn exchange_at<'a>(
        &mut self,
        begun: Instant,
        encode: &mut dyn FnMut(&mut Request<'a>),
        deadline: Deadline,
        read: &mut dyn FnMut(&mut Replies<'_>) -> Result<()>,
    ) -> Result<()> {
        let connection = self.connection()?;
        let pending = connection.begin(begun, encode, deadline)?;
        connection.finish(pending, deadline, read)
    }
}

#[cold]
fn no_connection() -> Error {
    Error::new(Status::Connection, "there is no connection").sent(Sent::No)
}

impl<P: Deref<Target = Pool>> Drop for Lease<P> {
    fn drop(&mut self) {
        self.give_back();
    }
}
