//! Our wire: sockets with one deadline per call, and the connection on top of them.

mod channel;
mod connection;
mod crate_api;
mod deadline;
mod dial;
mod endpoint;
mod flight;
mod handshake;
mod interrupt;
mod patience;
mod resolve;
mod socket;
mod sys;
#[cfg(feature = "tls")]
mod tls;
#[cfg(not(feature = "tls"))]
#[path = "no_tls.rs"]
mod tls;

pub(crate) use connection::{Connection, Pending};
pub(crate) use crate_api::{Until, error_from_redis, error_to_redis};
pub(crate) use deadline::{Deadline, OWN_DEADLINE, nanoseconds};
pub(crate) use endpoint::{Address, Endpoint, Protocol, Secret, Tls};
pub(crate) use flight::Flight;
pub(crate) use interrupt::{ask_host, never_ask_on_this_thread, set_interrupt_check};
pub(crate) use patience::timed_out;
pub(crate) use socket::HangUp;
pub(crate) use sys::{monotonic, with_signals_blocked};
pub(crate) use tls::check_tls;

#[cfg(test)]
pub(crate) mod tests;
