//! The conformance driver for Rust: reads one step as a line of JSON, answers with one line. See ../README.md.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]

mod batch;
mod connections;
mod msgpack;
mod operations;
mod step;
mod values;

use std::collections::HashMap;
use std::io::{Write, stdin, stdout};

use djredis::error::Sent;
use djredis::{Cache, Connection, Error, Options, Status};
use serde_json::{Value as Json, json};

use self::operations::Outcome;
use self::step::Step;

fn main() {
    let mut state = State::default();
    for line in stdin().lines() {
        let step = Step(serde_json::from_str(&line.unwrap()).unwrap());
        let answer = answer(&step, &mut state);
        println!("{answer}");
        stdout().flush().unwrap();
    }
}

/// What lives from one step to the next.
#[derive(Default)]
struct State {
    caches: HashMap<String, Cache>,
    connections: HashMap<String, Connection>,
}

fn answer(step: &Step, state: &mut State) -> Json {
    let outcome = match step.text("do") {
        "reset" => {
            *state = State::default();
            Ok(Outcome::Done)
        }
        "open" => open(step).map(|cache| {
            state.caches.insert(step.text("cache").to_owned(), cache);
            Outcome::Done
        }),
        "acquire" => state.caches[step.text("cache")].connection(&step.call()).map(|connection| {
            state.connections.insert(step.text("conn").to_owned(), connection);
            Outcome::Done
        }),
        "release" => {
            state.connections.remove(step.text("conn"));
            Ok(Outcome::Done)
        }
        name @ ("conn_command" | "pipeline" | "send" | "receive") => {
            connections::run(name, state.connections.get_mut(step.text("conn")).unwrap(), step)
        }
        name => operations::run(name, &state.caches[step.text("cache")], step),
    };
    match outcome {
        Ok(Outcome::Done) => json!({"status": "OK"}),
        Ok(Outcome::Miss) => json!({"status": "MISS"}),
        Ok(Outcome::Value(value)) => json!({"status": "OK", "value": value}),
        Err(error) => failure(&error),
    }
}

fn open(step: &Step) -> Result<Cache, Error> {
    let mut options = Options::new();
    for (name, value) in step.0["options"].as_object().unwrap() {
        match value {
            Json::String(text) => options.set(name, text)?,
            other => options.set(name, &other.to_string())?,
        }
    }
    Cache::open(step.text("location"), &options)
}

fn failure(error: &Error) -> Json {
    let mut flags = Vec::new();
    match error.was_sent() {
        Sent::No => flags.push("NOT_SENT"),
        Sent::Maybe => flags.push("MAYBE_SENT"),
        Sent::Answered => {}
    }
    if error.is_away() {
        flags.push("AWAY");
    }
    let status = if error.is_ignored() { "IGNORED" } else { name_of(error.status()) };
    json!({
        "status": status,
        "message": error.message(),
        "stored": values::hex(error.stored()),
        "flags": flags,
    })
}

/// The name of the C constant, which the cases use for all languages.
fn name_of(status: Status) -> &'static str {
    match status {
        Status::Ok => "OK",
        Status::Miss => "MISS",
        Status::Ignored => "IGNORED",
        Status::Null => "ERR_NULL",
        Status::Argument => "ERR_ARGUMENT",
        Status::Config => "ERR_CONFIG",
        Status::Panic => "ERR_PANIC",
        Status::Connection => "ERR_CONNECTION",
        Status::Timeout => "ERR_TIMEOUT",
        Status::Pool => "ERR_POOL",
        Status::Auth => "ERR_AUTH",
        Status::Server => "ERR_SERVER",
        Status::Protocol => "ERR_PROTOCOL",
        Status::Encode => "ERR_ENCODE",
        Status::Decode => "ERR_DECODE",
        Status::NotFound => "ERR_NOT_FOUND",
        Status::Unsupported => "ERR_UNSUPPORTED",
        Status::Closed => "ERR_CLOSED",
        Status::Forked => "ERR_FORKED",
        Status::Callback => "ERR_CALLBACK",
        Status::Type => "ERR_TYPE",
        Status::Unavailable => "ERR_UNAVAILABLE",
        Status::Interrupted => "ERR_INTERRUPTED",
    }
}
