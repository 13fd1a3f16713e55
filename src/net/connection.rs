//! One connection to one server: whole exchanges of requests and replies, or none.

use std::mem;
use std::time::{Duration, Instant};

use super::dial::dial;
use super::handshake::shake_hands;
use super::patience::Patience;
use super::socket::{Incoming, Socket};
use super::{Address, Deadline, Endpoint};
use crate::error::{Error, Result, Sent, Status};
use crate::limits::KEEP_BUFFER;
use crate::resp::{Buffer, Parsing, Replies, Request};

/// A connection that has logged in. It belongs to one thread at a time.
///
/// While an exchange is under way the connection holds no socket; it gets it back when every reply was read to
/// its last byte. However an exchange ends otherwise - by an error, a deadline, a panic - the socket is closed
/// by then, and no later call can read what was meant for this one.
#[derive(Debug)]
pub(crate) struct Connection {
    pub(super) endpoint: Endpoint,
    pub(super) socket: Option<Socket>,
    pub(super) received: Buffer,
    pub(super) outgoing: Vec<u8>,
    pub(super) used_at: Instant,
    /// The host's own parser, once logged in.
    pub(super) parsing: Option<Parsing>,
}

/// Commands that were sent and not answered yet. Dropping it closes the socket.
#[derive(Debug)]
pub(crate) struct Pending {
    socket: Socket,
    /// How many replies there will be.
    expected: usize,
    begun: Instant,
}

impl Pending {
    /// Those whose replies begin to come, or that were cut off: at least one, or none when the deadline has passed. `endpoint`
    /// stands for all of them in the message of an interrupt.
    pub(crate) fn ready(all: &[&Pending], endpoint: &Endpoint, deadline: Deadline) -> Result<Vec<usize>> {
        let fds: Vec<_> = all.iter().map(|pending| pending.socket.fd()).collect();
        let patience = Patience { endpoint, deadline };
        patience.until_any_readable(&fds).map_err(|error| error.sent(Sent::Maybe))
    }
}

impl Connection {
    /// Connects and logs in, within the deadline and the endpoint's connect timeout.
    pub(crate) fn open(endpoint: &Endpoint, deadline: Deadline) -> Result<Connection> {
        let deadline = deadline.within(endpoint.connect_timeout, "SOCKET_CONNECT_TIMEOUT");
        let patience = Patience { endpoint, deadline };
        let socket = dial(&patience).map_err(|error| error.sent(Sent::No))?;
        let mut connection = Connection {
            endpoint: endpoint.clone(),
            socket: Some(socket),
            received: Buffer::default(),
            outgoing: Vec::new(),
            used_at: Instant::now(),
            parsing: None,
        };
        // Nothing of the caller's was sent, whatever became of our own commands.
        shake_hands(&mut connection, endpoint, deadline)
            .map_err(|error| perhaps_encrypted(endpoint, error).sent(Sent::No))?;
        if let Some(class) = &endpoint.parser {
            let parsing = class.parsing(&endpoint.address).map_err(|error| error.sent(Sent::No))?;
            connection.parsing = Some(parsing);
        }
        Ok(connection)
    }

    /// Sends what `encode` packs, and reads the replies by `read`; those that it leaves are dropped.
    ///
    /// A server's error reply is an `Err` with [`Sent::Answered`] and leaves the connection usable. After every
    /// other error of this layer it [is broken](Connection::is_broken).
    pub(crate) fn exchange<'a, T>(
        &mut self,
        encode: impl FnOnce(&mut Request<'a>),
        deadline: Deadline,
        read: impl FnOnce(&mut Replies<'_>) -> Result<T>,
    ) -> Result<T> {
        let pending = self.begin(Instant::now(), encode, deadline)?;
        self.finish(pending, deadline, read)
    }

    /// The first half of an exchange that begins at this moment: sends.
    pub(crate) fn begin<'a>(
        &mut self,
        begun: Instant,
        encode: impl FnOnce(&mut Request<'a>),
        deadline: Deadline,
    ) -> Result<Pending> {
        let patience = Patience { endpoint: &self.endpoint, deadline };
        let mut socket =
            take_socket(&mut self.socket, &patience, begun).map_err(|error| error.sent(Sent::No))?;
        let mut request = Request::reusing(mem::take(&mut self.outgoing));
        encode(&mut request);
        let expected = request.expected();
        if let Err(error) = socket.send(&request, &patience) {
            return Err(farewell(&mut self.received, &mut socket, patience, error));
        }
        self.outgoing = request.into_memory();
        self.outgoing.shrink_to(KEEP_BUFFER);
        Ok(Pending { socket, expected, begun })
    }

    /// The second half of an exchange: reads.
    pub(crate) fn finish<T>(
        &mut self,
        Pending { mut socket, expected, begun }: Pending,
        deadline: Deadline,
        read: impl FnOnce(&mut Replies<'_>) -> Result<T>,
    ) -> Result<T> {
        let patience = Patience { endpoint: &self.endpoint, deadline };
        let mut incoming = Incoming::new(&mut socket, patience, Some(begun));
        let result = match &mut self.parsing {
            None => Replies::new(&mut self.received, &mut incoming, expected).conclude(read),
            Some(parsing) => {
                let mut parsed = parsing.over(&mut incoming);
                let result = Replies::new(&mut self.received, &mut parsed, expected).conclude(read);
                result.and_then(|result| parsed.finish().map(|()| result))
            }
        };
        let result = result.map_err(|error| error.sent(Sent::Maybe))?;
        self.socket = Some(socket);
        self.used_at = begun;
        result
    }

    /// Whether an exchange was not completed: the socket is closed, and every call answers so without I/O.
    pub(crate) fn is_broken(&self) -> bool {
        self.socket.is_none()
    }

    /// For a connection that idled: false if the server has hung up or sent what nobody asked for, or if it
    /// was opened before a fork. One system call, no waiting.
    pub(crate) fn is_alive(&self) -> bool {
        self.socket.as_ref().is_some_and(|socket| socket.is_ours() && socket.is_quiet())
    }

    /// When the last exchange began: it has idled for less.
    pub(crate) fn idle_since(&self) -> Instant {
        self.used_at
    }

    /// Where it is connected to.
    pub(crate) fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }
}

/// What a port that speaks TLS makes of a plain handshake: it hangs up, with an alert or without.
fn perhaps_encrypted(endpoint: &Endpoint, error: Error) -> Error {
    let is_plain = endpoint.tls.is_none() && matches!(endpoint.address, Address::Tcp { .. });
    if is_plain && matches!(error.status(), Status::Connection | Status::Protocol) {
        let message = format!("{error}. If that is a TLS port, write rediss:// in the location.");
        return Error::new(error.status(), message);
    }
    error
}

/// A server that hangs up may have said why: its error reply, or its alert over TLS, in the place of `error`.
#[cold]
fn farewell(received: &mut Buffer, socket: &mut Socket, patience: Patience<'_>, error: Error) -> Error {
    if error.status() != Status::Connection {
        return error;
    }
    let sent = error.was_sent();
    let mut incoming = Incoming::new(socket, patience, None);
    let mut replies = Replies::new(received, &mut incoming, 1);
    let said =
        replies.value().err().filter(|said| !replies.have_failed() || said.status() == Status::Connection);
    said.map_or(error, |said| said.sent(sent))
}

/// Takes the socket for one exchange, if that can be begun.
pub(super) fn take_socket(
    socket: &mut Option<Socket>,
    patience: &Patience<'_>,
    now: Instant,
) -> Result<Socket> {
    if socket.is_some() && patience.deadline.passes(now, Duration::ZERO) {
        return Err(patience.timed_out());
    }
    take_usable(socket, patience)
}

/// Takes the socket, if it is open and this process's.
pub(super) fn take_usable(socket: &mut Option<Socket>, patience: &Patience<'_>) -> Result<Socket> {
    let server = patience.server();
    match socket {
        None => Err(Error::new(
            Status::Connection,
            format!("the connection to {server} was closed by an earlier failure"),
        )),
        Some(socket) if !socket.is_ours() => Err(Error::new(
            Status::Forked,
            format!("the connection to {server} was opened before fork(): open a new one in the child"),
        )),
        taken => taken.take().ok_or_else(|| patience.closed()),
    }
}
