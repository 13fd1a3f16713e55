//! One slot, for one call.

use std::sync::atomic::Ordering;
use std::time::Duration;

use super::Pool;
use super::slots::Taken;
use crate::error::{Error, Result, Sent, Status};
use crate::net::{Connection, Deadline};
use crate::resp::{Replies, Request};

/// After idling this long a connection is peeked at before it is written to.
const PEEK_AFTER: Duration = Duration::from_secs(1);

/// An exclusive borrow of one slot; dropping it gives the slot back, without its connection if that is broken.
pub(super) struct Lease<'p> {
    pool: &'p Pool,
    /// Taken out by drop only.
    slot: Option<Taken>,
}

impl<'p> Lease<'p> {
    pub(super) fn new(pool: &'p Pool, slot: Taken) -> Lease<'p> {
        Lease { pool, slot: Some(slot) }
    }

    /// Makes sure that there is a connection. True if it is one that was used before.
    pub(super) fn ready(&mut self, deadline: Deadline) -> Result<bool> {
        let epoch = self.pool.epoch.load(Ordering::Acquire);
        let Some(slot) = &mut self.slot else { return Ok(false) };
        if let Some(connection) = slot.connection.as_ref().filter(|_| slot.epoch == epoch) {
            if connection.idle_since().elapsed() < PEEK_AFTER || connection.is_alive() {
                return Ok(true);
            }
            self.pool.epoch.fetch_add(1, Ordering::AcqRel);
        }
        self.connect(deadline)?;
        Ok(false)
    }

    pub(super) fn connect(&mut self, deadline: Deadline) -> Result<()> {
        let Some(slot) = &mut self.slot else { return Ok(()) };
        slot.connection = None;
        slot.epoch = self.pool.epoch.load(Ordering::Acquire);
        slot.connection = Some(Connection::open(&self.pool.config.endpoint, deadline)?);
        self.pool.counters.connects.add(1);
        Ok(())
    }

    pub(super) fn exchange<'a>(
        &mut self,
        encode: &mut dyn FnMut(&mut Request<'a>),
        deadline: Deadline,
        read: &mut dyn FnMut(&mut Replies<'_>) -> Result<()>,
    ) -> Result<()> {
        match self.slot.as_mut().and_then(|slot| slot.connection.as_mut()) {
            Some(connection) => connection.exchange(encode, deadline, read),
            None => Err(Error::new(Status::Connection, "there is no connection").sent(Sent::No)),
        }
    }
}

impl Drop for Lease<'_> {
    fn drop(&mut self) {
        let Some(mut slot) = self.slot.take() else { return };
        let unusable = slot.connection.as_ref().is_some_and(Connection::is_broken);
        if unusable || self.pool.shut.load(Ordering::SeqCst) {
            slot.connection = None;
        }
        self.pool.slots.give_back(slot);
    }
}
