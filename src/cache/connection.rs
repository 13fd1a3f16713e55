//! The raw connection, and any command on a cache key.

use std::sync::Arc;

use super::Cache;
use super::call::Call;
use super::core::Core;
use crate::client::Route;
use crate::error::{Error, Result};
use crate::items::Items;
use crate::pool::{Intent, Lane};
use crate::reply::value_of;
use crate::resp::Request;
use crate::session::{Session, needs_own_connection};
use crate::value::Value;

/// A connection borrowed from the cache's pool. It belongs to one thread, and to the process that acquired it. Dropping it
/// gives it back; it is closed instead if its state was changed (SELECT, AUTH, CLIENT, SUBSCRIBE, an open MULTI or WATCH),
/// a reply was not read, or something failed.
pub struct Connection {
    pub(super) core: Arc<Core>,
    pub(super) session: Session,
}

impl Cache {
    /// Borrows a connection. Keys are sent as they are given, without prefix and version.
    ///
    /// # Errors
    /// [`crate::Status::Unsupported`] where keys are spread over several servers; connection trouble.
    pub fn connection(&self, call: &Call) -> Result<Connection> {
        self.core.check_open()?;
        let session = self.core.client().borrow(self.core.deadline(call))?;
        Ok(Connection { core: Arc::clone(&self.core), session })
    }

    /// Any command, on the server of a cache key: the argument with index `key` is made into `prefix:version:key`. Without one
    /// it goes to the one server. Like a write, it is never sent twice.
    ///
    /// # Errors
    /// [`crate::Status::Unsupported`] without a key where keys are spread over several servers.
    /// [`crate::Status::Argument`] for commands that change the connection's state, which need one of their own
    /// ([`Cache::connection`]); connection trouble and the server's own errors.
    pub fn command(&self, args: &[&[u8]], key: Option<usize>, call: &Call) -> Result<Value<'static>> {
        self.core.run(|| {
            let name = args.first().copied().unwrap_or_default();
            if name.is_empty() {
                return Err(Error::argument("there is no command: give its name, then its arguments"));
            }
            self.core.client().check_command(key.is_some())?;
            if needs_own_connection(name) {
                let name = String::from_utf8_lossy(name);
                return Err(Error::argument(format!("'{name}' needs a connection of its own; acquire one")));
            }
            let full = match key {
                None => None,
                Some(index) => {
                    let key = args.get(index).filter(|_| index > 0);
                    let key = key
                        .ok_or_else(|| Error::argument(format!("there is no argument {index} for a key")))?;
                    Some((index, self.core.full_key(key, call)?))
                }
            };
            let mut args = args.to_vec();
            if let Some((index, full)) = &full
                && let Some(arg) = args.get_mut(*index)
            {
                *arg = full;
            }
            let route = full.as_ref().map_or(Route::Server(0), |(_, full)| Route::Key(full));
            self.core.command(route, &args, call)
        })
    }
}

impl Core {
    fn command(&self, route: Route<'_>, args: &[&[u8]], call: &Call) -> Result<Value<'static>> {
        let mut answer = None;
        let result = self.exchange_on(
            Lane::Waiting,
            route,
            Intent::Write,
            self.deadline(call),
            |request: &mut Request<'_>| {
                request.push(args);
            },
            |replies| {
                answer = Some(replies.value()?);
                Ok(())
            },
        );
        self.sent(args);
        result?;
        value_of(answer.unwrap_or(redis::Value::Nil), &self.config.label)
    }
}

impl Connection {
    /// One command and its reply: a status is text, a string bytes, an aggregate packed; `None` for an EXEC that a change of a
    /// watched key prevented.
    ///
    /// # Errors
    /// [`crate::Status::Argument`] for (un)subscribing and the like, which [`Connection::send`] does; connection trouble and
    /// the server's own errors.
    pub fn command(&mut self, args: &[&[u8]], call: &Call) -> Result<Option<Value<'static>>> {
        self.core.check_open()?;
        let answer = self.session.command(args, self.core.deadline(call));
        self.core.sent(args);
        answer
    }

    /// Many commands in one write; their replies in order, errors among them.
    ///
    /// # Errors
    /// As [`Connection::command`], but for the server's own errors, which are items.
    pub fn pipeline(&mut self, commands: &[&[&[u8]]], call: &Call) -> Result<Items> {
        self.core.check_open()?;
        let answers = self.session.pipeline(commands, self.core.deadline(call));
        commands.iter().for_each(|args| self.core.sent(args));
        answers
    }

    /// The same in MULTI ... EXEC; `None` if a change of a watched key prevented it.
    ///
    /// # Errors
    /// As [`Connection::pipeline`], and the first error of a command that could not be queued: then nothing was executed.
    pub fn transaction(&mut self, commands: &[&[&[u8]]], call: &Call) -> Result<Option<Items>> {
        self.core.check_open()?;
        let answers = self.session.transaction(commands, self.core.deadline(call));
        commands.iter().for_each(|args| self.core.sent(args));
        answers
    }

    /// Sends a command without waiting for its reply.
    ///
    /// # Errors
    /// Connection trouble.
    pub fn send(&mut self, args: &[&[u8]], call: &Call) -> Result<()> {
        self.core.check_open()?;
        self.session.send(args, self.core.deadline(call))
    }

    /// The next reply or message; `None` if none came by the deadline, after which the connection is still good.
    ///
    /// # Errors
    /// Connection trouble and the server's own errors.
    pub fn receive(&mut self, call: &Call) -> Result<Option<Value<'static>>> {
        self.core.check_open()?;
        self.session.receive(self.core.deadline(call))
    }
}
