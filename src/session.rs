//! A connection that its borrower has to itself: any command, pipelines, MULTI, and pub/sub.
//!
//! It goes back to the pool only when nobody could tell that it was used: no other database or user, nothing watched,
//! queued or subscribed to, no reply left behind, no error.

use std::mem;

use redis::{RedisResult, Value as Reply};

use crate::error::{Error, Result, Sent, Status};
use crate::fork;
use crate::items::{Items, ItemsBuilder};
use crate::net::{Deadline, Endpoint, Until, error_to_redis};
use crate::pool::OwnedLease;
use crate::reply::value_of;
use crate::resp::{Request, commands};
use crate::value::Value;

/// Commands that leave a connection in a state of their own.
const TAINTING: &[&str] = &[
    "ASKING",
    "AUTH",
    "CLIENT",
    "HELLO",
    "MONITOR",
    "PSUBSCRIBE",
    "PSYNC",
    "QUIT",
    "READONLY",
    "READWRITE",
    "REPLCONF",
    "RESET",
    "SELECT",
    "SSUBSCRIBE",
    "SUBSCRIBE",
    "SYNC",
];
/// Commands whose replies don't come one for one.
const STREAMING: &[&str] = &[
    "MONITOR",
    "PSUBSCRIBE",
    "PSYNC",
    "PUNSUBSCRIBE",
    "SSUBSCRIBE",
    "SUBSCRIBE",
    "SUNSUBSCRIBE",
    "SYNC",
    "UNSUBSCRIBE",
];
/// Commands that make no sense on a connection that others use too.
const CONNECTION_STATE: &[&str] = &["DISCARD", "EXEC", "MULTI", "UNWATCH", "WATCH"];

/// The command is one of these, in any case.
fn is_one_of(command: &[u8], names: &[&str]) -> bool {
    names.iter().any(|name| command.eq_ignore_ascii_case(name.as_bytes()))
}

/// Whether a command changes the connection that it is sent on, or its replies don't come one for one.
pub(crate) fn needs_own_connection(command: &[u8]) -> bool {
    [TAINTING, STREAMING, CONNECTION_STATE].iter().any(|names| is_one_of(command, names))
}

/// A borrowed connection.
pub(crate) struct Session {
    /// Taken out by drop only.
    lease: Option<OwnedLease>,
    generation: u64,
    /// It will not go back to the pool.
    tainted: bool,
    /// Between MULTI and EXEC or DISCARD, or with watched keys.
    transaction: bool,
    /// Replies to what was sent without waiting.
    unread: usize,
}

impl Session {
    pub(crate) fn new(lease: OwnedLease) -> Session {
        Session {
            lease: Some(lease),
            generation: fork::generation(),
            tainted: false,
            transaction: false,
            unread: 0,
        }
    }

    /// One command and its reply; `None` for an EXEC that a change of a watched key prevented.
    pub(crate) fn command(&mut self, args: &[&[u8]], deadline: Deadline) -> Result<Option<Value<'static>>> {
        self.check_exchange([args])?;
        let name = args.first().copied().unwrap_or_default();
        let mut replies = self.exchange(&[args], deadline)?;
        match replies.pop() {
            Some(Reply::Nil) if is_one_of(name, &["EXEC"]) => Ok(None),
            reply => {
                let value = self.value(reply.unwrap_or(Reply::Nil));
                self.tainted |= value.is_err();
                value.map(Some)
            }
        }
    }

    /// Many commands in one write; their replies in order, errors among them.
    pub(crate) fn pipeline(&mut self, commands: &[&[&[u8]]], deadline: Deadline) -> Result<Items> {
        self.check_exchange(commands.iter().copied())?;
        let replies = if commands.is_empty() { Vec::new() } else { self.exchange(commands, deadline)? };
        self.items(replies)
    }

    /// Many commands in MULTI ... EXEC, in one write; their replies in order, errors among them. `None` if a change of a
    /// watched key prevented it.
    pub(crate) fn transaction(&mut self, commands: &[&[&[u8]]], deadline: Deadline) -> Result<Option<Items>> {
        self.check_exchange(commands.iter().copied())?;
        let (multi, exec): (&[&[u8]], &[&[u8]]) = (&[b"MULTI"], &[b"EXEC"]);
        let all: Vec<_> = [multi].into_iter().chain(commands.iter().copied()).chain([exec]).collect();
        let mut replies = self.exchange(&all, deadline)?;
        let outcome = replies.pop();
        match outcome {
            Some(Reply::Nil) => Ok(None),
            Some(Reply::Array(results)) => self.items(results).map(Some),
            outcome => {
                self.tainted = true;
                let queued = replies.into_iter().find(|reply| matches!(reply, Reply::ServerError(_)));
                let refused = queued.or(outcome).unwrap_or(Reply::Nil);
                let what = "the transaction was not executed";
                Err(match self.value(refused) {
                    Err(error) => error.context(what),
                    Ok(_) => Error::new(Status::Protocol, format!("{what}: EXEC was answered by no array")),
                })
            }
        }
    }

    /// Sends a command without waiting for its reply, which [`Session::receive`] brings.
    pub(crate) fn send(&mut self, args: &[&[u8]], deadline: Deadline) -> Result<()> {
        self.check_process()?;
        check_arguments(args)?;
        self.note(args);
        let sent = self.lease()?.connection()?.send(
            |request| {
                request.push(args);
            },
            deadline,
        );
        self.tainted |= sent.is_err();
        self.unread += sent?;
        Ok(())
    }

    /// The next reply or message; `None` if none came, whole, by the deadline.
    pub(crate) fn receive(&mut self, deadline: Deadline) -> Result<Option<Value<'static>>> {
        self.check_process()?;
        let received = self.lease()?.connection()?.receive(deadline);
        self.tainted |= received.is_err();
        let Some(reply) = received? else { return Ok(None) };
        self.unread = self.unread.saturating_sub(1);
        let value = self.value(reply);
        self.tainted |= value.is_err();
        value.map(Some)
    }

    /// An exchange that the redis crate packed.
    pub(crate) fn packed<T>(
        &mut self,
        packed: &[u8],
        deadline: Deadline,
        exchange: impl FnOnce(&mut Until<'_>) -> RedisResult<T>,
    ) -> RedisResult<T> {
        let packed: Vec<_> = commands(packed).collect();
        self.check_exchange(packed.iter().map(Vec::as_slice)).map_err(error_to_redis)?;
        packed.iter().for_each(|args| self.note(args));
        let connection = self.lease().and_then(OwnedLease::connection).map_err(error_to_redis)?;
        let result = exchange(&mut connection.until(deadline));
        self.tainted |= result.is_err();
        result
    }

    /// Where it is connected to, while it is.
    pub(crate) fn endpoint(&self) -> Option<&Endpoint> {
        self.lease.as_ref().map(OwnedLease::endpoint)
    }

    /// Whether nothing has broken the connection.
    pub(crate) fn is_open(&self) -> bool {
        self.lease.as_ref().is_some_and(OwnedLease::is_open)
    }

    fn exchange(&mut self, commands: &[&[&[u8]]], deadline: Deadline) -> Result<Vec<Reply>> {
        commands.iter().for_each(|args| self.note(args));
        let mut replies = Vec::new();
        let exchanged = self.lease()?.exchange(
            &mut |request: &mut Request<'_>| {
                for args in commands {
                    request.push(args);
                }
            },
            deadline,
            &mut |incoming| {
                replies = commands.iter().map(|_| incoming.value_or_error()).collect::<Result<_>>()?;
                Ok(())
            },
        );
        self.tainted |= exchanged.is_err();
        exchanged.map(|()| replies)
    }

    fn items(&mut self, replies: Vec<Reply>) -> Result<Items> {
        let mut items = ItemsBuilder::with_capacity(replies.len());
        for reply in replies {
            match self.value(reply) {
                Ok(value) => items.push(&value),
                Err(error) => {
                    self.tainted = true;
                    items.push_error(&error, error.flags());
                }
            }
        }
        Ok(items.finish())
    }

    fn value(&mut self, reply: Reply) -> Result<Value<'static>> {
        let server = &self.lease()?.connection()?.endpoint().address;
        value_of(reply, server)
    }

    fn lease(&mut self) -> Result<&mut OwnedLease> {
        let gone = || Error::new(Status::Closed, "the connection was given back");
        self.lease.as_mut().ok_or_else(gone)
    }

    /// What a command does to the connection's state.
    fn note(&mut self, args: &[&[u8]]) {
        let name = args.first().copied().unwrap_or_default();
        self.tainted |= is_one_of(name, TAINTING) || is_one_of(name, STREAMING);
        if is_one_of(name, &["MULTI", "WATCH"]) {
            self.transaction = true;
        } else if is_one_of(name, &["EXEC", "DISCARD"]) {
            self.transaction = false;
        }
    }

    fn check_process(&self) -> Result<()> {
        if self.generation == fork::generation() {
            return Ok(());
        }
        let message = "this connection was acquired before fork(); acquire a new one in the child";
        Err(Error::new(Status::Forked, message))
    }

    /// Whether commands can be exchanged for replies, one for one.
    fn check_exchange<'c>(&self, commands: impl IntoIterator<Item = &'c [&'c [u8]]>) -> Result<()> {
        self.check_process()?;
        if self.unread > 0 {
            let message =
                "replies to what was sent are not received yet; receive them before the next command";
            return Err(Error::argument(message).sent(Sent::No));
        }
        for args in commands {
            check_arguments(args)?;
            let name = args.first().copied().unwrap_or_default();
            if is_one_of(name, STREAMING) {
                let name = String::from_utf8_lossy(name);
                let message = format!("{name} is not answered one for one; send it, then receive what comes");
                return Err(Error::argument(message).sent(Sent::No));
            }
        }
        Ok(())
    }
}

fn check_arguments(args: &[&[u8]]) -> Result<()> {
    if args.is_empty() {
        return Err(Error::argument("a command needs at least its name"));
    }
    Ok(())
}

impl Drop for Session {
    fn drop(&mut self) {
        let Some(mut lease) = self.lease.take() else { return };
        if self.generation != fork::generation() {
            // The parent's pool: its locks may be held for ever here, and its sockets are closed.
            mem::forget(lease);
            return;
        }
        if self.tainted || self.transaction || self.unread > 0 {
            lease.discard();
        }
    }
}
