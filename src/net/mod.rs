//! Our wire: sockets with one deadline per call, and the connection on top of them.

mod deadline;
mod endpoint;

pub(crate) use deadline::Deadline;
pub(crate) use endpoint::{Address, Endpoint, Protocol, Secret};
