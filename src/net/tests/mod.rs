//! The connection against real servers, fake ones, and a proxy that cuts it off.

#[path = "../../../tests/support/mod.rs"]
pub(crate) mod support;

mod commands;
mod connecting;
mod crate_commands;
mod cutting;
#[cfg(feature = "tls")]
mod encrypted;
mod hostile;
mod waiting;

use std::sync::Mutex;
use std::time::Duration;

use super::{Address, Connection, Deadline, Endpoint, Protocol, Secret};
use crate::error::Result;
use support::{Place, Server};

/// For tests that set the interrupt check, which the whole process has in common: one at a time, and for its own thread.
pub(crate) static INTERRUPT_CHECK: Mutex<()> = Mutex::new(());

/// An endpoint without password, in database 0.
pub(crate) fn endpoint(place: &Place) -> Endpoint {
    let address = match place {
        Place::Port(port) => Address::Tcp { host: "127.0.0.1".to_owned(), port: *port },
        Place::Path(path) => Address::Unix { path: path.to_str().unwrap().to_owned() },
    };
    Endpoint {
        address,
        db: 0,
        username: None,
        password: None,
        protocol: Protocol::Resp2,
        connect_timeout: None,
        tls: None,
        parser: None,
    }
}

/// A deadline that only a test that hangs can reach.
pub(crate) fn soon() -> Deadline {
    Deadline::after(Duration::from_secs(30), "SOCKET_TIMEOUT")
}

pub(crate) fn millis(count: u64) -> Deadline {
    Deadline::after(Duration::from_millis(count), "SOCKET_TIMEOUT")
}

/// Both transports to a server.
fn places(server: &Server) -> [Place; 2] {
    [Place::Port(server.port()), Place::Path(server.socket())]
}

impl Connection {
    fn set(&mut self, key: &str, value: &[u8], deadline: Deadline) -> Result<bool> {
        self.exchange(
            |request| {
                request.push(&[b"SET", key.as_bytes(), value]);
            },
            deadline,
            |replies| replies.ok(),
        )
    }

    fn get(&mut self, key: &str, deadline: Deadline) -> Result<Option<Vec<u8>>> {
        self.exchange(
            |request| {
                request.push(&[b"GET", key.as_bytes()]);
            },
            deadline,
            |replies| Ok(replies.bulk()?.map(|value| value.into_owned())),
        )
    }

    fn incr(&mut self, key: &str) -> Result<i64> {
        self.exchange(
            |request| {
                request.push(&[b"INCR", key.as_bytes()]);
            },
            soon(),
            |replies| replies.integer(),
        )
    }
}
