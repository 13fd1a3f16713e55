//! A layer of one's own around the client of a cache.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::{Client, Exchange, Route};
use crate::error::{Error, Result};
use crate::net::Deadline;
use crate::pool::{Intent, Joint};
use crate::resp::{Request, commands};
use crate::session::Session;
use crate::stats::Totals;

/// Sees each exchange with a server, and may refuse it: to log commands, to measure them, to forbid some.
///
/// It lies around whatever client the options select, one server or many; see [`Cache::open_with`](crate::Cache::open_with). Both
/// methods are called on the thread of the caller, by many threads at once, and in forked children as well. They may take as long
/// as they like: the caller waits, but holds no connection meanwhile. They must not use the same cache.
///
/// ```
/// use djredis::{Cache, Call, Commands, Error, Layer, Options, Result, Status, Value};
///
/// struct ReadOnly;
///
/// impl Layer for ReadOnly {
///     fn before(&self, commands: &Commands<'_>) -> Result<()> {
///         if commands.write() {
///             return Err(Error::new(Status::Unsupported, "this program only reads"));
///         }
///         Ok(())
///     }
/// }
///
/// let cache = Cache::open_with("memory:layer", &Options::new(), ReadOnly)?;
/// assert_eq!(cache.get(b"k", &Call::default())?, None);
/// let refused = cache.set(b"k", &Value::Int(1), &Call::default()).unwrap_err();
/// assert_eq!(refused.status(), Status::Unsupported);
/// # Ok::<(), Error>(())
/// ```
pub trait Layer: Send + Sync {
    /// Before commands are sent. An error ends the call, and nothing is sent.
    fn before(&self, commands: &Commands<'_>) -> Result<()> {
        let _ = commands;
        Ok(())
    }

    /// After their replies were read, or with the error that they were not. What a server answers to one command of several is
    /// none. `took` has all of it: connecting, waiting and reading.
    fn after(&self, commands: &Commands<'_>, error: Option<&Error>, took: Duration) {
        let _ = (commands, error, took);
    }
}

/// The commands of one exchange, as they are sent.
#[derive(Debug)]
pub struct Commands<'c> {
    packed: &'c [u8],
    server: usize,
    write: bool,
}

impl Commands<'_> {
    /// Each command with its arguments: the name first, whole keys, stored bytes.
    pub fn iter(&self) -> impl Iterator<Item = Vec<&[u8]>> {
        commands(self.packed)
    }

    /// The server that they go to: the place of its entry in the location, from 0. On a cluster, and with replicas, it means nothing.
    pub fn server(&self) -> usize {
        self.server
    }

    /// Whether they may change something there.
    pub fn write(&self) -> bool {
        self.write
    }
}

/// A client with a layer around it.
pub(crate) struct LayeredClient {
    client: Box<dyn Client>,
    layer: Arc<dyn Layer>,
}

impl LayeredClient {
    pub(crate) fn new(client: Box<dyn Client>, layer: Arc<dyn Layer>) -> LayeredClient {
        LayeredClient { client, layer }
    }

    fn commands<'c>(&self, packed: &'c [u8], route: Route<'_>, intent: Intent) -> Commands<'c> {
        let server = match route {
            Route::Key(key) => self.client.server_of(key),
            Route::Server(server) | Route::Walk { server, .. } => server,
        };
        Commands { packed, server, write: intent == Intent::Write }
    }
}

fn packed<'a>(encode: impl FnOnce(&mut Request<'a>)) -> Vec<u8> {
    let mut request = Request::default();
    encode(&mut request);
    request.slices().iter().map(|slice| &**slice).collect::<Vec<_>>().concat()
}

impl Client for LayeredClient {
    fn servers(&self) -> usize {
        self.client.servers()
    }

    fn server_of(&self, key: &[u8]) -> usize {
        self.client.server_of(key)
    }

    fn takes_keys_apart(&self) -> bool {
        self.client.takes_keys_apart()
    }

    fn is_one_command(&self, one: &[u8], other: &[u8]) -> bool {
        self.client.is_one_command(one, other)
    }

    fn primaries(&self, deadline: Deadline) -> Result<Vec<usize>> {
        self.client.primaries(deadline)
    }

    fn name_of(&self, key: &[u8], deadline: Deadline) -> Result<Option<String>> {
        self.client.name_of(key, deadline)
    }

    fn exchange(&self, route: Route<'_>, exchange: Exchange<'_, '_>) -> Result<()> {
        let packed = packed(&mut *exchange.encode);
        let commands = self.commands(&packed, route, exchange.intent);
        self.layer.before(&commands)?;
        let begun = Instant::now();
        let outcome = self.client.exchange(route, exchange);
        self.layer.after(&commands, outcome.as_ref().err(), begun.elapsed());
        outcome
    }

    fn exchange_all(&self, routes: &[Route<'_>], joint: Joint<'_, '_>) -> Result<Vec<Result<()>>> {
        let Joint { intent, deadline, encode, read } = joint;
        let parts: Vec<_> =
            (0..routes.len()).map(|part| packed(|request: &mut Request<'_>| encode(part, request))).collect();
        let of = |part: usize| self.commands(&parts[part], routes[part], intent);
        (0..routes.len()).try_for_each(|part| self.layer.before(&of(part)))?;
        let begun = Instant::now();
        let outcomes = self.client.exchange_all(routes, Joint { intent, deadline, encode, read });
        for part in 0..routes.len() {
            let error = match &outcomes {
                Ok(outcomes) => outcomes.get(part).and_then(|outcome| outcome.as_ref().err()),
                Err(error) => Some(error),
            };
            self.layer.after(&of(part), error, begun.elapsed());
        }
        outcomes
    }

    fn check_command(&self, has_key: bool) -> Result<()> {
        self.client.check_command(has_key)
    }

    fn borrow(&self, deadline: Deadline) -> Result<Session> {
        self.client.borrow(deadline)
    }

    fn count(&self, totals: &mut Totals) {
        self.client.count(totals);
    }

    fn close(&self) {
        self.client.close();
    }
}
