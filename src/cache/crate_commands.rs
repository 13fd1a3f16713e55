//! The redis crate's commands, pipelines and scripts over a borrowed connection.

use redis::{ConnectionLike, RedisError, RedisResult, Value};

use super::Connection;
use super::call::Call;
use crate::error::Error;
use crate::resp::commands;

/// `redis::cmd("GET").arg("k").query(&mut connection)` and all of the redis crate's `Commands`. Each exchange ends within
/// SOCKET_TIMEOUT.
///
/// ```no_run
/// use redis::Commands;
/// # let cache = djredis::Cache::open("127.0.0.1:6379:0", &djredis::Options::new())?;
/// let mut connection = cache.connection(&djredis::Call::default())?;
/// let members: Vec<String> = connection.smembers("tags").map_err(|error| connection.error(&error))?;
/// # Ok::<(), djredis::Error>(())
/// ```
impl ConnectionLike for Connection {
    fn req_packed_command(&mut self, cmd: &[u8]) -> RedisResult<Value> {
        let deadline = self.core.deadline(&Call::default());
        let answer = self.session.packed(cmd, deadline, |connection| connection.req_packed_command(cmd));
        self.sent_packed(cmd);
        answer
    }

    fn req_packed_commands(&mut self, cmd: &[u8], offset: usize, count: usize) -> RedisResult<Vec<Value>> {
        let deadline = self.core.deadline(&Call::default());
        let answers = self
            .session
            .packed(cmd, deadline, |connection| connection.req_packed_commands(cmd, offset, count));
        self.sent_packed(cmd);
        answers
    }

    fn get_db(&self) -> i64 {
        self.session.endpoint().map_or(0, |endpoint| endpoint.db.into())
    }

    fn check_connection(&mut self) -> bool {
        redis::cmd("PING").query::<()>(self).is_ok()
    }

    fn is_open(&self) -> bool {
        self.session.is_open()
    }
}

impl Connection {
    fn sent_packed(&self, packed: &[u8]) {
        if self.core.hears_of_writes() {
            commands(packed).for_each(|args| self.core.sent(&args));
        }
    }

    /// This library's error for one that the redis crate gave: the one that went in, or the server's reply.
    pub fn error(&self, error: &RedisError) -> Error {
        crate::net::error_from_redis(&self.core.config.label, error)
    }
}
