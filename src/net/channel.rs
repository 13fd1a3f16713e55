//! Sending without waiting for the reply, and receiving what comes: pub/sub, and blocking commands.

use std::time::Instant;

use redis::Value;

use super::connection::{take_socket, take_usable};
use super::patience::Patience;
use super::socket::Incoming;
use super::{Connection, Deadline};
use crate::error::{Result, Sent, Status};
use crate::resp::{Replies, Request, begins_with_reply};

impl Connection {
    /// Sends what `encode` packs; says how many replies it will bring. A failure breaks the connection.
    pub(crate) fn send<'a>(
        &mut self,
        encode: impl FnOnce(&mut Request<'a>),
        deadline: Deadline,
    ) -> Result<usize> {
        let patience = Patience { server: &self.endpoint.address, deadline };
        let socket =
            take_socket(&mut self.socket, &patience, Instant::now()).map_err(|error| error.sent(Sent::No))?;
        let mut request = Request::reusing(std::mem::take(&mut self.outgoing));
        encode(&mut request);
        socket.send(&request, &patience)?;
        let expected = request.expected();
        self.outgoing = request.into_memory();
        self.socket = Some(socket);
        Ok(expected)
    }

    /// The next reply or message; `None` if none was there, whole, by the deadline: what came of it stays for
    /// the next call. Any other failure breaks the connection.
    pub(crate) fn receive(&mut self, deadline: Deadline) -> Result<Option<Value>> {
        let patience = Patience { server: &self.endpoint.address, deadline };
        let socket = take_usable(&mut self.socket, &patience)?;
        let mut incoming = Incoming::new(&socket, patience, None);
        while !begins_with_reply(self.received.unread()) {
            match self.received.fill(1, &mut incoming) {
                Err(error) if error.status() == Status::Timeout => {
                    self.socket = Some(socket);
                    return Ok(None);
                }
                other => other?,
            }
        }
        let message = Replies::new(&mut self.received, &mut incoming, 1).message()?;
        self.socket = Some(socket);
        Ok(Some(message))
    }
}
