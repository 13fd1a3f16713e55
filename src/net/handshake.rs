//! The first exchange on a connection, in one round trip: log in, choose the database, say who we are.

use super::{Connection, Deadline, Endpoint, Protocol};
use crate::error::{Error, Result, Status};
use crate::resp::{Replies, Request};

/// What must succeed. The client's name and version come after it and may be refused: servers before 7.2
/// don't know the command.
enum Step {
    Auth,
    Hello,
    Select,
}

const INTRODUCTIONS: [(&[u8], &[u8]); 2] =
    [(b"LIB-NAME", b"djredis"), (b"LIB-VER", env!("CARGO_PKG_VERSION").as_bytes())];

pub(super) fn shake_hands(
    connection: &mut Connection,
    endpoint: &Endpoint,
    deadline: Deadline,
) -> Result<()> {
    let steps = steps(endpoint);
    connection.exchange(
        |request| {
            for step in &steps {
                encode(step, endpoint, request);
            }
            for (name, value) in INTRODUCTIONS {
                request.push(&[b"CLIENT", b"SETINFO", name, value]);
            }
        },
        deadline,
        |replies| {
            for step in &steps {
                replies.value().map_err(|error| explain(step, endpoint, error))?;
            }
            read_introductions(replies)
        },
    )
}

fn steps(endpoint: &Endpoint) -> Vec<Step> {
    let logs_in = endpoint.username.is_some() || endpoint.password.is_some();
    let mut steps = Vec::new();
    match endpoint.protocol {
        Protocol::Resp3 => steps.push(Step::Hello),
        Protocol::Resp2 if logs_in => steps.push(Step::Auth),
        Protocol::Resp2 => {}
    }
    if endpoint.db != 0 {
        steps.push(Step::Select);
    }
    steps
}

fn encode<'a>(step: &Step, endpoint: &'a Endpoint, request: &mut Request<'a>) {
    let username = endpoint.username.as_deref().map(str::as_bytes);
    let password = endpoint.password.as_ref().map(|secret| secret.reveal().as_bytes());
    match (step, username, password) {
        (Step::Auth, None, password) => {
            request.command(2).arg(b"AUTH").secret(password.unwrap_or_default());
        }
        (Step::Auth, Some(username), password) => {
            request.command(3).arg(b"AUTH").arg(username).secret(password.unwrap_or_default());
        }
        (Step::Hello, None, None) => {
            request.push(&[b"HELLO", b"3"]);
        }
        (Step::Hello, username, password) => {
            let username = username.unwrap_or(b"default");
            request.command(5).arg(b"HELLO").arg(b"3").arg(b"AUTH").arg(username);
            request.secret(password.unwrap_or_default());
        }
        (Step::Select, ..) => {
            request.command(2).arg(b"SELECT").arg_int(endpoint.db.into());
        }
    }
}

/// Their refusal says nothing, unless it is one of the connection as a whole.
fn read_introductions(replies: &mut Replies<'_>) -> Result<()> {
    for _ in INTRODUCTIONS {
        match replies.value() {
            Err(error) if replies.have_failed() || is_farewell(&error) => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

/// What a server says before it hangs up on a new client, whatever that sent.
fn is_farewell(error: &Error) -> bool {
    ["max number of clients", "DENIED"].iter().any(|words| error.message().contains(words))
}

fn explain(step: &Step, endpoint: &Endpoint, error: Error) -> Error {
    match step {
        Step::Select => error.context(format_args!("DB {} can't be used", endpoint.db)),
        Step::Hello if error.status() == Status::Server => {
            error.context("RESP3 was refused (PROTOCOL=resp2 works with every server)")
        }
        Step::Hello | Step::Auth => error,
    }
}
