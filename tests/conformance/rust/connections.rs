//! The operations on a raw connection.

use djredis::{Connection, Items, Result, Value};

use crate::operations::Outcome;
use crate::step::{Step, refs};
use crate::values::{items_to_json, value_to_json};

pub(crate) fn run(name: &str, connection: &mut Connection, step: &Step) -> Result<Outcome> {
    let call = step.call();
    match name {
        "conn_command" => connection.command(&refs(&step.arguments()), &call).map(value),
        "receive" => connection.receive(&call).map(value),
        "send" => connection.send(&refs(&step.arguments()), &call).map(|()| Outcome::Done),
        _ => pipeline(connection, step),
    }
}

fn pipeline(connection: &mut Connection, step: &Step) -> Result<Outcome> {
    let commands: Vec<Vec<Vec<u8>>> = step.list("commands").iter().map(Step::arguments_of).collect();
    let commands: Vec<Vec<&[u8]>> = commands.iter().map(|command| refs(command)).collect();
    let commands: Vec<&[&[u8]]> = commands.iter().map(Vec::as_slice).collect();
    if step.has_flag("MULTI") {
        let done = connection.transaction(&commands, &step.call())?;
        return Ok(done.map_or(Outcome::Miss, |replies| items(&replies)));
    }
    connection.pipeline(&commands, &step.call()).map(|replies| items(&replies))
}

fn items(items: &Items) -> Outcome {
    Outcome::Value(items_to_json(items))
}

fn value(reply: Option<Value<'static>>) -> Outcome {
    reply.map_or(Outcome::Miss, |reply| Outcome::Value(value_to_json(&reply)))
}
