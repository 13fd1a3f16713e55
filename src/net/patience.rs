//! Waiting for one server until one deadline, and the errors that waiting ends with.

use std::io;
use std::os::fd::RawFd;
use std::time::Duration;

use super::sys::{self, Readiness};
use super::{Address, Deadline, Endpoint, interrupt};
use crate::error::{Error, Result, Status};

/// How long to wait for which server, and the option that allows more.
#[derive(Clone, Copy)]
pub(super) struct Patience<'a> {
    pub(super) endpoint: &'a Endpoint,
    pub(super) deadline: Deadline,
}

impl<'a> Patience<'a> {
    pub(super) fn server(&self) -> &'a Address {
        &self.endpoint.address
    }

    /// Waits until the socket is ready or has failed. Signals don't end it, unless the host says so.
    pub(super) fn until_ready(&self, fd: RawFd, readiness: Readiness) -> Result<()> {
        loop {
            let left = self.deadline.left();
            if left.is_some_and(|left| left.is_zero()) {
                return Err(self.timed_out());
            }
            match sys::poll(fd, readiness, left) {
                Ok(true) => return Ok(()),
                Ok(false) => {}
                Err(error) if error.kind() == io::ErrorKind::Interrupted => self.go_on()?,
                Err(error) => return Err(self.lost(&error)),
            }
        }
    }

    /// An error if the time is over.
    pub(super) fn check(&self) -> Result<()> {
        if self.deadline.passed() { Err(self.timed_out()) } else { Ok(()) }
    }

    /// The indices of those sockets that have something to read or have failed; none when the time is over.
    pub(super) fn until_any_readable(&self, fds: &[RawFd]) -> Result<Vec<usize>> {
        loop {
            let left = self.deadline.left();
            match sys::poll_all(fds, left) {
                Ok(ready) if ready.is_empty() && left != Some(Duration::ZERO) => {}
                Ok(ready) => return Ok(ready),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => self.go_on()?,
                Err(error) => return Err(self.lost(&error)),
            }
        }
    }

    /// After a call that did nothing: returns when it is worth another try.
    #[cold]
    pub(super) fn after(&self, error: &io::Error, fd: RawFd, readiness: Readiness) -> Result<()> {
        match error.kind() {
            io::ErrorKind::WouldBlock => self.until_ready(fd, readiness),
            io::ErrorKind::Interrupted => self.go_on(),
            _ => Err(self.lost(error)),
        }
    }

    /// After a signal: an error if the host wants the call to end.
    pub(super) fn go_on(&self) -> Result<()> {
        interrupt::ask_host(self.server())
    }

    pub(super) fn timed_out(&self) -> Error {
        timed_out(self.server(), self.deadline)
    }

    #[cold]
    pub(super) fn closed(&self) -> Error {
        Error::new(Status::Connection, format!("{} closed the connection", self.server()))
    }

    #[cold]
    pub(super) fn lost(&self, error: &io::Error) -> Error {
        Error::new(Status::Connection, format!("the connection to {} was lost: {error}", self.server()))
    }
}

/// What a call ends with that a server did not answer in time.
#[cold]
pub(crate) fn timed_out(server: &Address, deadline: Deadline) -> Error {
    let (allowed, option) = (deadline.allowed(), deadline.set_by());
    Error::new(
        Status::Timeout,
        format!("{server} did not answer within {allowed:?}. If it is only slow, raise {option}."),
    )
}
