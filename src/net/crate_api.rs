//! The redis crate's commands, pipelines and scripts over our connection.

use std::error::Error as _;
use std::io;
use std::sync::Arc;

use redis::{ConnectionLike, ErrorKind, RedisError, RedisResult, Value};

use super::{Connection, Deadline};
use crate::error::{Error, Result, Status};
use crate::resp::server_error;

/// A connection whose exchanges all end by one deadline: what `redis::cmd(..).query(..)` takes.
pub(crate) struct Until<'c> {
    connection: &'c mut Connection,
    deadline: Deadline,
}

impl Connection {
    /// This connection for the redis crate's commands. Turn its errors back with [`error_from_redis`].
    pub(crate) fn until(&mut self, deadline: Deadline) -> Until<'_> {
        Until { connection: self, deadline }
    }
}

impl Until<'_> {
    fn values(&mut self, packed: &[u8], count: usize) -> Result<Vec<Value>> {
        self.connection.exchange(
            |request| {
                request.raw(packed, count);
            },
            self.deadline,
            |replies| (0..count).map(|_| replies.value_or_error()).collect(),
        )
    }
}

impl ConnectionLike for Until<'_> {
    fn req_packed_command(&mut self, cmd: &[u8]) -> RedisResult<Value> {
        let mut values = self.values(cmd, 1).map_err(error_to_redis)?;
        Ok(values.pop().unwrap_or(Value::Nil))
    }

    /// The first `offset` replies are those to MULTI and to queueing: only their errors count.
    fn req_packed_commands(&mut self, cmd: &[u8], offset: usize, count: usize) -> RedisResult<Vec<Value>> {
        let mut values = self.values(cmd, offset + count).map_err(error_to_redis)?;
        let results = values.split_off(offset.min(values.len()));
        for queued in values {
            queued.extract_error()?;
        }
        Ok(results)
    }

    fn get_db(&self) -> i64 {
        self.connection.endpoint().db.into()
    }

    fn check_connection(&mut self) -> bool {
        redis::cmd("PING").query::<()>(self).is_ok()
    }

    fn is_open(&self) -> bool {
        !self.connection.is_broken()
    }
}

pub(crate) fn error_to_redis(error: Error) -> RedisError {
    let kind = match error.status() {
        Status::Timeout => io::ErrorKind::TimedOut,
        Status::Protocol => io::ErrorKind::InvalidData,
        Status::Connection => io::ErrorKind::BrokenPipe,
        _ => io::ErrorKind::Other,
    };
    io::Error::new(kind, error).into()
}

/// Our error for one of the redis crate: the one that went in, the server's reply, or a reply of another type
/// than was asked for.
pub(crate) fn error_from_redis(server: &dyn std::fmt::Display, error: &RedisError) -> Error {
    if let Some(own) = own_error(error) {
        return Error::new(own.status(), own.message()).sent(own.was_sent());
    }
    match (error.kind(), error.code()) {
        (ErrorKind::Server(_) | ErrorKind::Extension, Some(code)) => {
            let reply = format!("{code} {}", error.detail().unwrap_or_default());
            server_error(server, reply.as_bytes())
        }
        _ => Error::new(Status::Server, format!("{server} answered what was not expected: {error}")),
    }
}

/// Finds the error that [`error_to_redis`] wrapped.
fn own_error(error: &RedisError) -> Option<&Error> {
    let shared = error.source()?.downcast_ref::<Arc<dyn std::error::Error + Send + Sync>>()?;
    shared.downcast_ref::<io::Error>()?.get_ref()?.downcast_ref::<Error>()
}
