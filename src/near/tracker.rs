//! The thread that hears from the server what has changed.

use std::io;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use super::trust::Trust;
use super::{Near, locked};
use crate::error::{Error, Result, Status};
use crate::limits::{NEAR_ANSWER, NEAR_PAUSES, NEAR_PING};
use crate::net::{
    Connection, Deadline, Endpoint, HangUp, Protocol, nanoseconds, never_ask_on_this_thread,
    with_signals_blocked,
};
use crate::resp::{Notice, Request};

/// What set the deadlines of the thread, for messages that nobody sees.
const OWN: &str = "the deadline of NEAR_CACHE";

/// How the thread is told to end.
#[derive(Default)]
pub(super) struct Tracker {
    state: Mutex<State>,
    ended: Condvar,
}

#[derive(Default)]
struct State {
    ended: bool,
    /// Ends the wait for the server.
    waiting: Option<HangUp>,
}

impl Tracker {
    pub(super) fn end(&self) {
        let mut state = locked(&self.state);
        state.ended = true;
        if let Some(waiting) = state.waiting.take() {
            waiting.hang_up();
        }
        self.ended.notify_all();
    }

    /// False if it was told to end.
    fn waits_on(&self, connection: &Connection) -> bool {
        let mut state = locked(&self.state);
        state.waiting = connection.hang_up();
        !state.ended
    }

    /// Waits before the next try. False if it was told to end.
    fn rest(&self, pause: Duration) -> bool {
        let state = locked(&self.state);
        let rested = self.ended.wait_timeout_while(state, pause, |state| !state.ended);
        !rested.unwrap_or_else(PoisonError::into_inner).0.ended
    }
}

/// Connects within the deadline, and starts the thread. A server that is away is left to the thread, which tries again
/// and again; one that refuses to track is an error.
pub(super) fn start(near: &Arc<Near>, deadline: Deadline) -> Result<()> {
    let connection = match subscribe(near, deadline) {
        Ok(connection) => Some(connection),
        Err(error) if error.is_away() => None,
        Err(error) => return Err(explain(near, error)),
    };
    let thread = Arc::clone(near);
    let builder = thread::Builder::new().name("djredis-near".to_owned());
    with_signals_blocked(|| builder.spawn(move || track(&thread, connection))).map(drop).map_err(
        |error: io::Error| {
            near.trust.lose();
            Error::new(Status::Unavailable, format!("the thread of NEAR_CACHE could not be started: {error}"))
                .not_away()
        },
    )
}

fn explain(near: &Near, error: Error) -> Error {
    if error.status() != Status::Server {
        return error.context("NEAR_CACHE");
    }
    let server = &near.config.endpoint.address;
    let advice = format!("NEAR_CACHE needs Redis 6 or newer at {server}; without it leave the option out");
    error.context(advice)
}

/// A connection that hears of every key of the prefix that is written from now on. Trust begins with it.
fn subscribe(near: &Near, deadline: Deadline) -> Result<Connection> {
    let endpoint = Endpoint { protocol: Protocol::Resp3, ..near.config.endpoint.clone() };
    let mut connection = Connection::open(&endpoint, deadline)?;
    let asked = Trust::now();
    connection.exchange(
        |request| {
            request.push(&[b"CLIENT", b"TRACKING", b"ON", b"BCAST", b"PREFIX", &near.config.prefix]);
        },
        deadline,
        |replies| replies.ok(),
    )?;
    near.trust.gain(asked, NEAR_PING + NEAR_ANSWER);
    Ok(connection)
}

fn track(near: &Near, first: Option<Connection>) {
    never_ask_on_this_thread();
    let [shortest, longest] = NEAR_PAUSES;
    let (mut connection, mut pause) = (first, shortest);
    loop {
        if let Some(connection) = connection {
            // Why it ended is nothing that anybody could be told.
            let _ = near.listen(connection);
            near.lose();
            pause = shortest;
        }
        if !near.tracker.rest(pause) {
            return;
        }
        pause = longest.min(pause * 2);
        connection = subscribe(near, Deadline::after(NEAR_ANSWER, OWN)).ok();
    }
}

impl Near {
    /// Hears what the server says until the connection ends.
    fn listen(&self, mut connection: Connection) -> Result<()> {
        if !self.tracker.waits_on(&connection) {
            return Ok(());
        }
        let (ping, answer) = (nanoseconds(NEAR_PING), nanoseconds(NEAR_ANSWER));
        let mut next = Trust::now() + ping;
        let mut asked = None;
        loop {
            let now = Trust::now();
            if now >= next {
                if asked.is_some() {
                    return Ok(());
                }
                asked = Some(now);
                next = now + answer;
                let ask = |request: &mut Request<'_>| {
                    request.push(&[b"PING"]);
                };
                connection.send(ask, Deadline::after(NEAR_ANSWER, OWN))?;
            }
            let quiet = Deadline::after(Duration::from_nanos(next - now.min(next)), OWN);
            let rest = Deadline::after(NEAR_ANSWER, OWN);
            let heard =
                connection.listen(quiet, rest, |replies| replies.notice(&mut |key| self.changed(key)))?;
            if let (Some(Notice::Answer), Some(at)) = (heard, asked) {
                self.trust.gain(at, NEAR_PING + NEAR_ANSWER);
                next = at + ping;
                asked = None;
            }
        }
    }

    fn changed(&self, key: Option<&[u8]>) {
        match key {
            Some(key) => {
                self.kept.forget(key);
                self.counters.invalidations.add(1);
            }
            None => {
                self.kept.forget_all();
                self.counters.flushes.add(1);
            }
        }
    }

    /// The connection is gone: what happens on the server from now on is not known.
    fn lose(&self) {
        self.trust.lose();
        self.kept.forget_all();
        self.counters.flushes.add(1);
    }
}
