//! Commands of several callers in one write, and their replies.
//!
//! The callers stand in the order of their commands. One of them reads at a time: the first that has not left, by its
//! own deadline, until it has its own replies. If all the others' came with them, it hands them out and ends the
//! round; otherwise the next caller reads on. So nobody waits for what comes after its own, nobody's deadline ends the
//! calls of others, and a round breaks only with its connection or when everyone has left. Replies to those who left are
//! read and dropped. Replies are decoded by their owners, never by the reader.

use std::collections::VecDeque;
use std::sync::Arc;

use super::lease::OwnedLease;
use super::waiter::{Turn, Waiter};
use crate::error::{Error, Result, Sent, Status};
use crate::net::{Deadline, Flight};

/// One write. If it is dropped, the connection is closed and all who still wait are told.
pub(super) struct Round {
    /// None once it has landed. It is closed before the lease ends.
    flight: Option<Flight>,
    lease: OwnedLease,
    /// Whose replies are still to be read.
    riders: VecDeque<Rider>,
    /// How it broke, for the riders.
    failure: Option<(Status, String)>,
}

struct Rider {
    waiter: Arc<Waiter>,
    /// Where its commands begin in the request.
    begin: usize,
}

impl Round {
    /// On the connection of `lease`. Nothing is sent before it is read.
    pub(super) fn begin(mut lease: OwnedLease) -> Result<Box<Round>> {
        let flight = Flight::begin(lease.take_connection()?)?;
        Ok(Box::new(Round { flight: Some(flight), lease, riders: VecDeque::new(), failure: None }))
    }

    /// Takes a caller along.
    pub(super) fn board(&mut self, waiter: Arc<Waiter>) {
        if let (Some(flight), Some(load)) = (&mut self.flight, waiter.load()) {
            let begin = flight.load(&load.bytes);
            self.riders.push_back(Rider { waiter, begin });
        }
    }

    /// Reads until the replies of `reader` are there, then ends the round or lets the next caller read on. An error of
    /// [`Status::Timeout`] or [`Status::Interrupted`] is the reader's own; any other one broke the connection.
    pub(super) fn read(mut self: Box<Self>, reader: &Arc<Waiter>, deadline: Deadline) -> Result<Vec<u8>> {
        while let (Some(rider), Some(flight)) = (self.riders.front(), &mut self.flight) {
            let length = match flight.advance(rider.waiter.replies(), deadline) {
                Ok(length) => length,
                Err(error) => return Err(self.stop(reader, error)),
            };
            let replies = flight.take(length);
            let own = Arc::ptr_eq(&rider.waiter, reader);
            // If it is another's, that one has left.
            self.riders.pop_front();
            if own {
                return self.go_on(deadline).map(|()| replies);
            }
        }
        Err(Error::new(Status::Panic, "a caller read on where it does not ride"))
    }

    /// Its reader is done: ends the round if all replies are there.
    fn go_on(mut self: Box<Self>, deadline: Deadline) -> Result<()> {
        let expected = self.riders.iter().map(|rider| rider.waiter.replies());
        match self.flight.take_if(|flight| flight.is_whole(expected.sum())) {
            Some(flight) => self.land(flight, deadline),
            None => {
                let _ = self.pass_on();
                Ok(())
            }
        }
    }

    /// The connection goes to whoever is next, the replies to their owners.
    fn land(mut self, mut flight: Flight, deadline: Deadline) -> Result<()> {
        let mut replies = Vec::with_capacity(self.riders.len());
        for rider in &self.riders {
            let length = flight.advance(rider.waiter.replies(), deadline)?;
            replies.push(flight.take(length));
        }
        match flight.land(deadline) {
            Ok(connection) => self.lease.put_connection(connection),
            Err(error) => return Err(self.broken(error.sent(Sent::Maybe))),
        }
        self.lease.give_back();
        for (rider, replies) in self.riders.drain(..).zip(replies) {
            rider.waiter.offer(Turn::Answered(replies));
        }
        Ok(())
    }

    /// The reader can't go on. If that is its own affair, the next one reads on.
    fn stop(self: Box<Self>, reader: &Arc<Waiter>, error: Error) -> Error {
        let own = self.riders.iter().find(|rider| Arc::ptr_eq(&rider.waiter, reader));
        let sent = own.map_or(Sent::Maybe, |rider| self.sent(rider));
        if !matches!(error.status(), Status::Timeout | Status::Interrupted) {
            return self.broken(error.sent(sent));
        }
        // Whoever reads on first sends what was not sent yet, the commands of this caller among it.
        error.sent(if self.pass_on() { Sent::Maybe } else { sent })
    }

    /// Lets the first caller that is still there read on. False if there is none: the connection is closed.
    pub(super) fn pass_on(self: Box<Self>) -> bool {
        let waiters: Vec<_> = self.riders.iter().map(|rider| Arc::clone(&rider.waiter)).collect();
        let mut turn = Turn::Reads(self);
        for waiter in waiters {
            match waiter.offer(turn) {
                Some(refused) => turn = refused,
                None => return true,
            }
        }
        false
    }

    /// Ends the round for everyone.
    fn broken(mut self, error: Error) -> Error {
        if error.status() == Status::Connection {
            self.lease.pool().distrust_connections();
        }
        self.failure = Some((error.status(), error.message().to_owned()));
        error
    }

    /// Whether a caller's commands were sent, in part at least.
    fn sent(&self, rider: &Rider) -> Sent {
        match &self.flight {
            Some(flight) if flight.sent() <= rider.begin => Sent::No,
            _ => Sent::Maybe,
        }
    }
}

impl Drop for Round {
    fn drop(&mut self) {
        if self.riders.is_empty() {
            return;
        }
        let (status, message) = self.failure.take().unwrap_or_else(|| {
            let server = &self.lease.endpoint().address;
            (Status::Connection, format!("the connection to {server} was given up by the call that used it"))
        });
        let sent: Vec<_> = self.riders.iter().map(|rider| self.sent(rider)).collect();
        self.flight = None;
        for (rider, sent) in self.riders.drain(..).zip(sent) {
            rider.waiter.offer(Turn::Broken(Error::new(status, message.as_str()).sent(sent).shared()));
        }
    }
}
