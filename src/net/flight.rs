//! An exchange in steps, which need not all be taken by the same thread: for callers who ride together.

use std::time::Instant;

use super::connection::take_usable;
use super::patience::Patience;
use super::socket::{Incoming, Socket};
use super::{Connection, Deadline};
use crate::error::{Result, Sent};
use crate::limits::KEEP_BUFFER;
use crate::resp::{Extent, Reached, Replies};

/// A connection with replies to come. Dropping it closes the connection; it becomes one again by [`Flight::land`].
pub(crate) struct Flight {
    connection: Box<Connection>,
    socket: Socket,
    /// How many of the outgoing bytes were sent.
    sent: usize,
}

impl Flight {
    /// Begins an exchange.
    pub(crate) fn begin(mut connection: Box<Connection>) -> Result<Flight> {
        let patience = Patience { endpoint: &connection.endpoint, deadline: Deadline::NEVER };
        let socket = take_usable(&mut connection.socket, &patience).map_err(|error| error.sent(Sent::No))?;
        connection.outgoing.clear();
        Ok(Flight { connection, socket, sent: 0 })
    }

    /// Adds packed commands to the request; says where they begin in it.
    pub(crate) fn load(&mut self, commands: &[u8]) -> usize {
        let begin = self.connection.outgoing.len();
        self.connection.outgoing.extend_from_slice(commands);
        begin
    }

    /// How many bytes of the request were sent.
    pub(crate) fn sent(&self) -> usize {
        self.sent
    }

    /// Sends what was not sent yet, then receives until the next `replies` are whole: says how long they are. After a
    /// timeout or an interrupt another caller may go on; after another error nobody can.
    pub(crate) fn advance(&mut self, replies: usize, deadline: Deadline) -> Result<usize> {
        let patience = Patience { endpoint: &self.connection.endpoint, deadline };
        if self.sent < self.connection.outgoing.len() || self.socket.holds_back() {
            patience.check()?;
            self.socket.send_from(&self.connection.outgoing, &mut self.sent, &patience)?;
        }
        let mut incoming = Incoming::new(&mut self.socket, patience, None);
        let received = &mut self.connection.received;
        let mut extent = Extent::default();
        extent.expect(replies);
        loop {
            match extent.reach(received.unread()) {
                Reached::Whole => return Ok(extent.length()),
                Reached::Partial => received.fill(1, &mut incoming)?,
                Reached::Malformed => {
                    // Reading them says what is wrong.
                    let mut malformed = Replies::new(received, &mut incoming, replies);
                    malformed.finish()?;
                    return Err(patience.closed());
                }
            }
        }
    }

    /// Whether the next `replies` are there already, to the last byte.
    pub(crate) fn is_whole(&self, replies: usize) -> bool {
        let mut extent = Extent::default();
        extent.expect(replies);
        extent.reach(self.connection.received.unread()) == Reached::Whole
    }

    /// Takes so many bytes of replies out.
    pub(crate) fn take(&mut self, length: usize) -> Vec<u8> {
        self.connection.received.take(length)
    }

    /// Ends the exchange: an error if there is more than was asked for.
    pub(crate) fn land(mut self, deadline: Deadline) -> Result<Box<Connection>> {
        let patience = Patience { endpoint: &self.connection.endpoint, deadline };
        let mut incoming = Incoming::new(&mut self.socket, patience, None);
        Replies::new(&mut self.connection.received, &mut incoming, 0).finish()?;
        self.connection.received.trim();
        self.connection.outgoing.shrink_to(KEEP_BUFFER);
        self.connection.socket = Some(self.socket);
        self.connection.used_at = Instant::now();
        Ok(self.connection)
    }
}
