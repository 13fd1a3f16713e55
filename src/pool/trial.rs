//! What a call tells the breaker.

use super::{Lane, Pool};
use crate::error::{Error, Result, Sent, Status};
use crate::limits::BREAKER_PATIENCE;
use crate::net::{Deadline, OWN_DEADLINE};

/// A call that the breaker has let through. Dropped without a report, by an interrupt or a panic, it has told nothing.
pub(super) struct Trial<'p> {
    pool: &'p Pool,
    /// It finds out whether the server is back, and nobody else goes meanwhile.
    is_probe: bool,
}

impl Pool {
    /// An error while the server is not to be called.
    #[inline]
    pub(super) fn admit(&self) -> Result<Trial<'_>> {
        let is_probe = self.breaker.admit(&self.config.endpoint.address, &self.counters)?;
        Ok(Trial { pool: self, is_probe })
    }
}

impl Trial<'_> {
    /// Says what became of the call.
    #[inline]
    pub(super) fn report<T>(mut self, outcome: &Result<T>, lane: Lane, deadline: Deadline) {
        match outcome {
            Ok(_) => self.answered(),
            Err(error) => self.report_error(error, lane, deadline),
        }
    }

    #[inline]
    fn answered(&mut self) {
        self.is_probe = false;
        self.pool.breaker.answered();
    }

    fn failed(&mut self, error: &Error) {
        self.pool.breaker.failed(error, std::mem::take(&mut self.is_probe), &self.pool.counters);
    }

    #[cold]
    fn report_error(&mut self, error: &Error, lane: Lane, deadline: Deadline) {
        match error.status() {
            // A connection that breaks is one failure, however many calls ride on it.
            _ if error.is_shared() => {}
            Status::Connection => self.failed(error),
            Status::Timeout if tells(error, lane, deadline) => self.failed(error),
            Status::Timeout | Status::Pool | Status::Interrupted | Status::Protocol => {}
            // Of this side: the server was not even reached.
            Status::Config | Status::Forked if error.was_sent() == Sent::No => {}
            _ => self.answered(),
        }
    }
}

impl Drop for Trial<'_> {
    #[inline]
    fn drop(&mut self) {
        if self.is_probe {
            // It has told nothing: the next call is another probe.
            self.pool.try_now();
        }
    }
}

/// Whether a timeout says something about the server: a caller may be in more of a hurry than any server, or have sent a command that
/// waits there.
fn tells(error: &Error, lane: Lane, deadline: Deadline) -> bool {
    let waits = lane == Lane::Waiting && error.was_sent() != Sent::No;
    let hurries = deadline.set_by() == OWN_DEADLINE && deadline.allowed() < BREAKER_PATIENCE;
    !waits && !hurries
}
