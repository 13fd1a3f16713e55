//! Where a server is and how to log in to it.

use std::fmt;
use std::time::Duration;

use zeroize::Zeroize;

use crate::resp::ParserClass;

/// The address of one server.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Address {
    /// A host name or an IP address (an IPv6 address without its brackets), and a port.
    Tcp { host: String, port: u16 },
    /// The path of a unix socket.
    Unix { path: String },
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Address::Tcp { host, port } if host.contains(':') => write!(f, "[{host}]:{port}"),
            Address::Tcp { host, port } => write!(f, "{host}:{port}"),
            Address::Unix { path } => write!(f, "unix:{path}"),
        }
    }
}

/// A password or a key. It prints as `***`, is compared only to tell pools apart, and is overwritten when it is dropped.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct Secret(String);

impl Secret {
    pub(crate) fn new(text: impl Into<String>) -> Secret {
        Secret(text.into())
    }

    /// What it is itself, for AUTH and for signing, and nothing else.
    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }
}

impl Drop for Secret {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl fmt::Display for Endpoint {
    /// Who answers whom: a server's error is often about the user.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.username {
            Some(username) => write!(f, "{username}@{}", self.address),
            None => self.address.fmt(f),
        }
    }
}

/// The wire protocol asked for in the handshake.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Protocol {
    Resp2,
    Resp3,
}

/// How a connection is encrypted. It has the names of files, which are read for each connection.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Tls {
    /// The certificates that are trusted; empty: the system's.
    pub(crate) ca: String,
    /// The client's certificate; empty: none.
    pub(crate) cert: String,
    /// Its key; empty: it stands in the same file.
    pub(crate) key: String,
    /// Whether the server has to prove who it is.
    pub(crate) verify: bool,
    /// The name that the server's certificate must have; empty: that of its address.
    pub(crate) server_name: String,
}

/// Everything a connection to one server depends on; equal endpoints may share a pool.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Endpoint {
    pub(crate) address: Address,
    pub(crate) db: u32,
    pub(crate) username: Option<String>,
    pub(crate) password: Option<Secret>,
    pub(crate) protocol: Protocol,
    /// The most that connecting and the handshake may take; the call's deadline may be earlier.
    pub(crate) connect_timeout: Option<Duration>,
    /// `None`: a plain connection.
    pub(crate) tls: Option<Tls>,
    /// The host's own, in the place of the built-in parser.
    pub(crate) parser: Option<ParserClass>,
}
