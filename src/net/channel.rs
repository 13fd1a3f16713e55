//! Sending without waiting for the reply, and receiving what comes: pub/sub, and blocking commands.

use std::time::Instant;

use redis::Value;

use super::connection::{take_socket, take_usable};
use super::patience::Patience;
use super::socket::{HangUp, Incoming, Socket};
use super::{Connection, Deadline};
use crate::error::{Result, Sent, Status};
use crate::resp::{Replies, Request, Source, begins_with_reply};

impl Connection {
    /// Sends what `encode` packs; says how many replies it will bring. A failure breaks the connection.
    pub(crate) fn send<'a>(
        &mut self,
        encode: impl FnOnce(&mut Request<'a>),
        deadline: Deadline,
    ) -> Result<usize> {
        let patience = Patience { endpoint: &self.endpoint, deadline };
        let mut socket =
            take_socket(&mut self.socket, &patience, Instant::now()).map_err(|error| error.sent(Sent::No))?;
        let mut request = Request::reusing(std::mem::take(&mut self.outgoing));
        encode(&mut request);
        socket.send(&request, &patience)?;
        let expected = request.expected();
        self.outgoing = request.into_memory();
        self.socket = Some(socket);
        Ok(expected)
    }

    /// What ends a wait in [`Connection::listen`] from another thread; `None` if the connection is broken.
    pub(crate) fn hang_up(&self) -> Option<HangUp> {
        self.socket.as_ref().map(Socket::hang_up)
    }

    /// Waits until `deadline` for the next message and lets `read` take it, as it comes, within `rest`; `None` if
    /// none began by then. Any other failure breaks the connection.
    pub(crate) fn listen<T>(
        &mut self,
        deadline: Deadline,
        rest: Deadline,
        read: impl FnOnce(&mut Replies<'_>) -> Result<T>,
    ) -> Result<Option<T>> {
        let endpoint = &self.endpoint;
        let mut socket = take_usable(&mut self.socket, &Patience { endpoint, deadline })?;
        if self.received.is_empty() {
            let mut first = Incoming::new(&mut socket, Patience { endpoint, deadline }, None);
            match self.received.fill(1, &mut first) {
                Err(error) if error.status() == Status::Timeout => {
                    self.socket = Some(socket);
                    return Ok(None);
                }
                other => other?,
            }
        }
        let mut incoming = Incoming::new(&mut socket, Patience { endpoint, deadline: rest }, None);
        let message = read(&mut Replies::new(&mut self.received, &mut incoming, 1))?;
        self.socket = Some(socket);
        Ok(Some(message))
    }

    /// The next reply or message; `None` if none was there, whole, by the deadline: what came of it stays for
    /// the next call. Any other failure breaks the connection.
    pub(crate) fn receive(&mut self, deadline: Deadline) -> Result<Option<Value>> {
        let patience = Patience { endpoint: &self.endpoint, deadline };
        let mut socket = take_usable(&mut self.socket, &patience)?;
        let mut incoming = Incoming::new(&mut socket, patience, None);
        let mut parsed;
        let source: &mut dyn Source = match &mut self.parsing {
            None => &mut incoming,
            Some(parsing) => {
                parsed = parsing.over(&mut incoming);
                &mut parsed
            }
        };
        while !begins_with_reply(self.received.unread()) {
            match self.received.fill(1, source) {
                Err(error) if error.status() == Status::Timeout => {
                    self.socket = Some(socket);
                    return Ok(None);
                }
                other => other?,
            }
        }
        let message = Replies::new(&mut self.received, source, 1).message()?;
        self.socket = Some(socket);
        Ok(Some(message))
    }
}
