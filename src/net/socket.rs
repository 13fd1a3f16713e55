//! A connected socket that sends and receives under a deadline.

use std::fmt::Display;
use std::io::{self, ErrorKind, IoSlice};
use std::os::fd::RawFd;
use std::sync::{Arc, Weak};
use std::time::Instant;

use libc::c_int;

use super::Tls;
use super::patience::Patience;
use super::sys::{self, Readiness, Waiting};
use super::tls::Session;
use crate::error::{Result, Sent};
use crate::fork;
use crate::limits::{RECEIVE_SLICE, SHORT_WAIT};
use crate::resp::{Request, Source};

/// A socket of this process; a forked child closes its copy.
#[derive(Debug)]
pub(super) struct Socket {
    registration: Arc<fork::Registration>,
    /// What encrypts its bytes, where they are not plain.
    tls: Option<Box<Session>>,
}

/// Ends a connection from another thread than the one that reads from it. It keeps nothing open.
#[derive(Debug)]
pub(crate) struct HangUp(Weak<fork::Registration>);

impl HangUp {
    /// Whoever waits for the server then sees that the connection was closed.
    pub(crate) fn hang_up(&self) {
        if let Some(registration) = self.0.upgrade().filter(|registration| registration.is_ours()) {
            sys::shut_down(registration.fd());
        }
    }
}

impl Socket {
    pub(super) fn open(domain: c_int) -> io::Result<Socket> {
        fork::install();
        let _window = fork::opening();
        let registration = fork::register(sys::socket(domain)?);
        sys::set_timeout(registration.fd(), libc::SO_RCVTIMEO, RECEIVE_SLICE)?;
        Ok(Socket { registration: Arc::new(registration), tls: None })
    }

    /// Encrypts what is sent and received from now on.
    pub(super) fn encrypt(&mut self, tls: &Tls, patience: &Patience<'_>) -> Result<()> {
        self.tls = Some(Box::new(Session::begin(tls, self.fd(), patience)?));
        Ok(())
    }

    pub(super) fn hang_up(&self) -> HangUp {
        HangUp(Arc::downgrade(&self.registration))
    }

    pub(super) fn fd(&self) -> RawFd {
        self.registration.fd()
    }

    /// Whether this process opened it.
    pub(super) fn is_ours(&self) -> bool {
        self.registration.is_ours()
    }

    /// Whether the other side kept quiet and did not close it.
    pub(super) fn is_quiet(&self) -> bool {
        self.tls.as_ref().is_none_or(|session| session.is_quiet())
            && matches!(sys::peek(self.fd()), Err(error) if error.kind() == ErrorKind::WouldBlock)
    }

    /// Sends the whole request. The error knows whether any of it was sent.
    pub(super) fn send(&mut self, request: &Request<'_>, patience: &Patience<'_>) -> Result<()> {
        match request.as_one() {
            Some(bytes) if self.tls.is_none() => {
                let mut sent = 0;
                self.send_from(bytes, &mut sent, patience)
                    .map_err(|error| error.sent(if sent == 0 { Sent::No } else { Sent::Maybe }))
            }
            Some(bytes) => self.send_slices(&mut [IoSlice::new(bytes)], patience),
            None => self.send_slices(&mut request.slices(), patience),
        }
    }

    fn send_slices(&mut self, mut slices: &mut [IoSlice<'_>], patience: &Patience<'_>) -> Result<()> {
        let fd = self.fd();
        if let Some(session) = &mut self.tls {
            return session.send(fd, slices, patience);
        }
        let mut sent = Sent::No;
        IoSlice::advance_slices(&mut slices, 0);
        while !slices.is_empty() {
            let count = send_some(fd, slices, patience).map_err(|error| error.sent(sent))?;
            sent = Sent::Maybe;
            IoSlice::advance_slices(&mut slices, count);
        }
        Ok(())
    }

    /// Sends what follows the first `sent` bytes, and counts there what was sent, whatever ends it. What was encrypted and
    /// not sent counts too, and the next call sends it first.
    pub(super) fn send_from(
        &mut self,
        bytes: &[u8],
        sent: &mut usize,
        patience: &Patience<'_>,
    ) -> Result<()> {
        let fd = self.fd();
        while let Some(rest @ [_, ..]) = bytes.get(*sent..) {
            *sent += match &mut self.tls {
                None => send_some(fd, &[IoSlice::new(rest)], patience)?,
                Some(session) => {
                    session.flush(fd, patience, &mut Sent::No)?;
                    session.seal(rest, patience)?
                }
            };
        }
        match &mut self.tls {
            None => Ok(()),
            Some(session) => session.flush(fd, patience, &mut Sent::No),
        }
    }

    /// Whether bytes that count as sent are still to be sent.
    pub(super) fn holds_back(&self) -> bool {
        self.tls.as_ref().is_some_and(|session| session.holds_back())
    }
}

/// Sends as much as the socket takes, once it takes any.
fn send_some(fd: RawFd, slices: &[IoSlice<'_>], patience: &Patience<'_>) -> Result<usize> {
    loop {
        match sys::send(fd, slices) {
            Ok(count) => return Ok(count),
            Err(error) => patience.after(&error, fd, Readiness::Writable)?,
        }
    }
}

/// Receives what is there, once there is any. `begun` was a moment ago, if it is given.
pub(super) fn receive_some(
    fd: RawFd,
    patience: &Patience<'_>,
    begun: &mut Option<Instant>,
    into: &mut Vec<u8>,
    room: usize,
) -> Result<()> {
    let now = begun.take().unwrap_or_else(Instant::now);
    let short = patience.deadline.passes(now, SHORT_WAIT);
    // Where recv waits, the socket's own timeout is shorter than what is left.
    let mut waiting = if short { Waiting::Never } else { Waiting::ForTimeout };
    loop {
        if matches!(waiting, Waiting::Never) {
            patience.until_ready(fd, Readiness::Readable)?;
        }
        match sys::receive(fd, into, room, waiting) {
            Ok(0) => return Err(patience.closed()),
            Ok(_) => return Ok(()),
            Err(error) => match error.kind() {
                ErrorKind::WouldBlock => {}
                ErrorKind::Interrupted => patience.go_on()?,
                _ => return Err(patience.lost(&error)),
            },
        }
        waiting = Waiting::Never;
    }
}

/// A socket's replies, as long as patience lasts.
pub(super) struct Incoming<'a> {
    socket: &'a mut Socket,
    patience: Patience<'a>,
    /// When the request was about to be sent: saves the first receive a look at the clock.
    begun: Option<Instant>,
}

impl<'a> Incoming<'a> {
    pub(super) fn new(
        socket: &'a mut Socket,
        patience: Patience<'a>,
        begun: Option<Instant>,
    ) -> Incoming<'a> {
        Incoming { socket, patience, begun }
    }
}

impl Source for Incoming<'_> {
    fn receive(&mut self, into: &mut Vec<u8>, room: usize) -> Result<()> {
        let (fd, patience, begun) = (self.socket.fd(), &self.patience, &mut self.begun);
        match &mut self.socket.tls {
            None => receive_some(fd, patience, begun, into, room),
            Some(session) => session.receive(fd, patience, begun, into, room),
        }
    }

    fn server(&self) -> &dyn Display {
        self.patience.endpoint
    }
}
