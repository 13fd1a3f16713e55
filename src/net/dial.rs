//! Connecting, within a deadline.

use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::path::Path;

use super::Address;
use super::patience::Patience;
use super::resolve::resolve;
use super::socket::Socket;
use super::sys::{self, Readiness};
use crate::error::{Error, Result, Status};
use crate::limits::KEEPALIVE;

/// A socket that is connected to the server of `patience`, encrypted if its endpoint says so.
pub(super) fn dial(patience: &Patience<'_>) -> Result<Socket> {
    let mut socket = connect(patience)?;
    if let Some(tls) = &patience.endpoint.tls {
        socket.encrypt(tls, patience)?;
    }
    Ok(socket)
}

fn connect(patience: &Patience<'_>) -> Result<Socket> {
    match patience.server() {
        Address::Unix { path } => dial_unix(Path::new(path), patience),
        Address::Tcp { host, port } => {
            let addresses = resolve(host, *port, patience)?;
            let socket = dial_first(&addresses, patience)?;
            tune_tcp(&socket).map_err(|error| refused(patience, &error))?;
            Ok(socket)
        }
    }
}

/// Tries one address after the other, each with its share of the time that is left.
fn dial_first(addresses: &[SocketAddr], patience: &Patience<'_>) -> Result<Socket> {
    let mut last = patience.timed_out();
    for (tried, address) in addresses.iter().enumerate() {
        let untried = (addresses.len() - tried) as u32;
        let share = patience.deadline.left().map(|left| left / untried);
        let deadline = patience.deadline.within(share, patience.deadline.set_by());
        match dial_tcp(address, &Patience { deadline, ..*patience }) {
            Err(error) if error.status() != Status::Interrupted => last = error,
            done => return done,
        }
    }
    if patience.deadline.passed() { Err(patience.timed_out()) } else { Err(last) }
}

fn dial_tcp(address: &SocketAddr, patience: &Patience<'_>) -> Result<Socket> {
    let refused = |error: io::Error| refused(patience, &error);
    let socket = Socket::open(sys::domain(address)).map_err(refused)?;
    sys::set_blocking(socket.fd(), false).map_err(refused)?;
    match sys::connect_tcp(socket.fd(), address) {
        Ok(()) => {}
        // Interrupted or not, it goes on in the background.
        Err(error) if matches!(error.raw_os_error(), Some(libc::EINPROGRESS | libc::EINTR)) => {
            patience.until_ready(socket.fd(), Readiness::Writable)?;
            sys::connect_result(socket.fd()).map_err(refused)?;
        }
        Err(error) => return Err(refused(error)),
    }
    sys::set_blocking(socket.fd(), true).map_err(refused)?;
    Ok(socket)
}

fn tune_tcp(socket: &Socket) -> io::Result<()> {
    let fd = socket.fd();
    sys::set_option(fd, libc::IPPROTO_TCP, libc::TCP_NODELAY, 1)?;
    sys::set_option(fd, libc::SOL_SOCKET, libc::SO_KEEPALIVE, 1)?;
    #[cfg(target_os = "linux")]
    {
        sys::set_option(fd, libc::IPPROTO_TCP, libc::TCP_KEEPIDLE, KEEPALIVE.idle)?;
        sys::set_option(fd, libc::IPPROTO_TCP, libc::TCP_KEEPINTVL, KEEPALIVE.interval)?;
        sys::set_option(fd, libc::IPPROTO_TCP, libc::TCP_KEEPCNT, KEEPALIVE.probes)?;
    }
    Ok(())
}

/// A unix socket connects at once, unless the server's backlog is full: then connect waits, as long as
/// the send timeout says, and can't be polled for.
fn dial_unix(path: &Path, patience: &Patience<'_>) -> Result<Socket> {
    let socket = Socket::open(libc::AF_UNIX).map_err(|error| refused(patience, &error))?;
    loop {
        if let Some(left) = patience.deadline.left() {
            if left.is_zero() {
                return Err(patience.timed_out());
            }
            sys::set_timeout(socket.fd(), libc::SO_SNDTIMEO, left)
                .map_err(|error| refused(patience, &error))?;
        }
        match sys::connect_unix(socket.fd(), path) {
            Ok(()) => return Ok(socket),
            Err(error) => match error.kind() {
                ErrorKind::WouldBlock => {}
                ErrorKind::Interrupted => patience.go_on()?,
                _ => return Err(refused(patience, &error)),
            },
        }
    }
}

fn refused(patience: &Patience<'_>, error: &io::Error) -> Error {
    let server = patience.server();
    let advice = match error.kind() {
        ErrorKind::InvalidInput => "The path of a unix socket has less than 108 bytes.",
        ErrorKind::PermissionDenied => "Check the permissions of the socket file.",
        _ => "Check the location, and that the server runs.",
    };
    Error::new(Status::Connection, format!("could not connect to {server}: {error}. {advice}"))
}
