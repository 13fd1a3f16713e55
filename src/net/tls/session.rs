//! What encrypts and decrypts on one socket.

use std::fmt;
use std::io::{self, IoSlice, Write};
use std::net::IpAddr;
use std::os::fd::RawFd;
use std::sync::Arc;
use std::time::Instant;

use rustls::ClientConnection;
use rustls::pki_types::ServerName;

use super::client_config;
use super::explain::explain;
use crate::error::{Error, Result, Sent, Status};
use crate::limits::READ_BUFFER;
use crate::net::patience::Patience;
use crate::net::socket::receive_some;
use crate::net::sys::{self, Readiness};
use crate::net::{Address, Tls};

/// One side of a TLS connection: ours.
pub(in crate::net) struct Session {
    tls: Tls,
    connection: ClientConnection,
    /// What came from the socket, and how much of that was decrypted.
    sealed: Vec<u8>,
    opened: usize,
}

impl fmt::Debug for Session {
    /// Nothing of what it holds, which may be values.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").finish_non_exhaustive()
    }
}

impl Session {
    /// Shakes hands with the server of `patience`, over a socket that is connected to it.
    pub(in crate::net) fn begin(tls: &Tls, fd: RawFd, patience: &Patience<'_>) -> Result<Session> {
        let config = Arc::new(client_config(tls)?);
        let connection = ClientConnection::new(config, server_name(tls, patience.server())?)
            .map_err(|error| explain(patience.server(), tls, &error))?;
        let sealed = Vec::with_capacity(READ_BUFFER);
        let mut session = Session { tls: tls.clone(), connection, sealed, opened: 0 };
        match session.shake_hands(fd, patience) {
            Ok(()) => Ok(session),
            Err(error) if error.status() == Status::Timeout => Err(error.context(
                "the TLS handshake was not answered (a port without TLS keeps silent: write redis:// for one)",
            )),
            Err(error) => Err(error),
        }
    }

    fn shake_hands(&mut self, fd: RawFd, patience: &Patience<'_>) -> Result<()> {
        let mut sent = Sent::No;
        self.flush(fd, patience, &mut sent)?;
        while self.connection.is_handshaking() {
            self.fill(fd, patience, &mut None)?;
            self.flush(fd, patience, &mut sent)?;
        }
        Ok(())
    }

    /// Sends all of it. The error knows whether any of it was sent.
    pub(in crate::net) fn send(
        &mut self,
        fd: RawFd,
        slices: &[IoSlice<'_>],
        patience: &Patience<'_>,
    ) -> Result<()> {
        let mut sent = Sent::No;
        let result = slices.iter().try_for_each(|slice| {
            let mut rest: &[u8] = slice;
            while !rest.is_empty() {
                rest = rest.get(self.seal(rest, patience)?..).unwrap_or_default();
                if !rest.is_empty() {
                    self.flush(fd, patience, &mut sent)?;
                }
            }
            Ok(())
        });
        result.and_then(|()| self.flush(fd, patience, &mut sent)).map_err(|error: Error| error.sent(sent))
    }

    /// Encrypts as much as there is room for: what is not flushed yet has a bound.
    pub(in crate::net) fn seal(&mut self, bytes: &[u8], patience: &Patience<'_>) -> Result<usize> {
        match self.connection.writer().write(bytes) {
            Ok(0) if !self.connection.wants_write() => Err(patience.closed()),
            sealed => sealed.map_err(|error| patience.lost(&error)),
        }
    }

    /// Whether anything was encrypted and not sent.
    pub(in crate::net) fn holds_back(&self) -> bool {
        self.connection.wants_write()
    }

    /// Sends what is encrypted.
    pub(in crate::net) fn flush(
        &mut self,
        fd: RawFd,
        patience: &Patience<'_>,
        sent: &mut Sent,
    ) -> Result<()> {
        while self.connection.wants_write() {
            match self.connection.write_tls(&mut Outgoing(fd)) {
                Ok(_) => *sent = Sent::Maybe,
                Err(error) => patience.after(&error, fd, Readiness::Writable)?,
            }
        }
        Ok(())
    }

    /// Whether nothing came that was not asked for.
    pub(in crate::net) fn is_quiet(&self) -> bool {
        self.opened == self.sealed.len() && self.connection.wants_read()
    }

    /// Appends what the server sent: a byte at least, and `room` at most.
    pub(in crate::net) fn receive(
        &mut self,
        fd: RawFd,
        patience: &Patience<'_>,
        begun: &mut Option<Instant>,
        into: &mut Vec<u8>,
        room: usize,
    ) -> Result<()> {
        while !self.take_opened(patience, into, room)? {
            self.fill(fd, patience, begun)?;
        }
        Ok(())
    }

    /// Appends what is decrypted; false if there is nothing.
    fn take_opened(&mut self, patience: &Patience<'_>, into: &mut Vec<u8>, room: usize) -> Result<bool> {
        let end = into.len() + room;
        let before = into.len();
        while into.len() < end {
            match self.connection.reader().into_first_chunk() {
                Ok([]) if into.len() == before => return Err(patience.closed()),
                Ok([]) => break,
                Ok(chunk) => {
                    let part = chunk.get(..end - into.len()).unwrap_or(chunk);
                    let length = part.len();
                    into.extend_from_slice(part);
                    io::BufRead::consume(&mut self.connection.reader(), length);
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(error) => return Err(patience.lost(&error)),
            }
        }
        Ok(into.len() > before)
    }

    /// Decrypts what came, once more came.
    fn fill(&mut self, fd: RawFd, patience: &Patience<'_>, begun: &mut Option<Instant>) -> Result<()> {
        if self.opened == self.sealed.len() {
            self.sealed.clear();
            self.opened = 0;
            receive_some(fd, patience, begun, &mut self.sealed, READ_BUFFER)?;
        }
        let mut rest = self.sealed.get(self.opened..).unwrap_or_default();
        let count = self.connection.read_tls(&mut rest).map_err(|error| patience.lost(&error))?;
        if count == 0 {
            // It goes on after its farewell.
            return Err(patience.closed());
        }
        self.opened += count;
        if let Err(error) = self.connection.process_new_packets() {
            // Tells the server why, if that goes at once.
            let _ = self.connection.write_tls(&mut Outgoing(fd));
            return Err(explain(patience.server(), &self.tls, &error));
        }
        Ok(())
    }
}

/// The name that the server's certificate must have.
fn server_name(tls: &Tls, server: &Address) -> Result<ServerName<'static>> {
    let name = match server {
        _ if !tls.server_name.is_empty() => tls.server_name.as_str(),
        // A zone is only this machine's.
        Address::Tcp { host, .. } => host.split('%').next().unwrap_or(host),
        Address::Unix { .. } => "localhost",
    };
    if let Ok(address) = name.parse::<IpAddr>() {
        return Ok(ServerName::IpAddress(address.into()));
    }
    ServerName::try_from(name.to_owned()).map_err(|_| {
        Error::config(format!(
            "\"{}\" is no name that a certificate can have: give the certificate's name as option TLS_SERVER_NAME",
            name.escape_debug()
        ))
    })
}

/// Sends without waiting.
struct Outgoing(RawFd);

impl Write for Outgoing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        sys::send(self.0, &[IoSlice::new(bytes)])
    }

    fn write_vectored(&mut self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        sys::send(self.0, slices)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
