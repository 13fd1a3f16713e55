//! The operation on many different calls.

use djredis::cache::{BatchCall, Operation};
use djredis::{Cache, Result};

use crate::operations::Outcome;
use crate::step::Step;
use crate::values::{items_to_json, json_to_value};

pub(crate) fn run(cache: &Cache, step: &Step) -> Result<Outcome> {
    let calls: Vec<Step> = step.list("calls").iter().cloned().map(Step).collect();
    let keys: Vec<Vec<u8>> = calls.iter().map(Step::key).collect();
    let calls: Vec<BatchCall<'_>> = calls
        .iter()
        .zip(&keys)
        .map(|(call, key)| BatchCall { key, operation: operation(call), call: call.call() })
        .collect();
    Ok(Outcome::Value(items_to_json(&cache.batch(&calls, &step.call())?)))
}

fn operation(call: &Step) -> Operation<'static> {
    match call.text("op") {
        "get" => Operation::Get,
        "get_raw" => Operation::GetRaw,
        "set" => Operation::Set(json_to_value(&call.0["value"])),
        "delete" => Operation::Delete,
        "has_key" => Operation::HasKey,
        "touch" => Operation::Touch,
        "ttl" => Operation::Ttl,
        _ => Operation::Incr(call.number("delta").unwrap()),
    }
}
