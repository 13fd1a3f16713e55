//! In the place of TLS, where the library is built without it: a session that can't be begun.

use std::io::IoSlice;
use std::os::fd::RawFd;
use std::time::Instant;

use super::Tls;
use super::patience::Patience;
use crate::error::{Error, Result, Sent};

/// There is none.
#[derive(Debug)]
pub(super) enum Session {}

pub(crate) fn check_tls(_tls: &Tls) -> Result<()> {
    Err(missing())
}

fn missing() -> Error {
    Error::config("this library was built without TLS: use redis://, or build it with the feature tls")
}

impl Session {
    pub(super) fn begin(_: &Tls, _: RawFd, _: &Patience<'_>) -> Result<Session> {
        Err(missing())
    }

    pub(super) fn send(&mut self, _: RawFd, _: &[IoSlice<'_>], _: &Patience<'_>) -> Result<()> {
        match *self {}
    }

    pub(super) fn seal(&mut self, _: &[u8], _: &Patience<'_>) -> Result<usize> {
        match *self {}
    }

    pub(super) fn holds_back(&self) -> bool {
        match *self {}
    }

    pub(super) fn flush(&mut self, _: RawFd, _: &Patience<'_>, _: &mut Sent) -> Result<()> {
        match *self {}
    }

    pub(super) fn is_quiet(&self) -> bool {
        match *self {}
    }

    pub(super) fn receive(
        &mut self,
        _: RawFd,
        _: &Patience<'_>,
        _: &mut Option<Instant>,
        _: &mut Vec<u8>,
        _: usize,
    ) -> Result<()> {
        match *self {}
    }
}
