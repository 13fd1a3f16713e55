//! One branch for each operation of a step: it calls one method of the cache.

use djredis::cache::TimeLeft;
use djredis::{Cache, Result, Value, config};
use serde_json::{Value as Json, json};

use crate::batch;
use crate::step::{Step, refs};
use crate::values::{bytes, format_named, hex, items_to_json, json_to_value, value_to_json};

/// What a step that did not fail ended with.
pub(crate) enum Outcome {
    Done,
    Miss,
    Value(Json),
}

pub(crate) fn run(name: &str, cache: &Cache, step: &Step) -> Result<Outcome> {
    match name {
        "get" | "get_raw" | "set" | "add" | "set_raw" | "set_payload" | "delete" | "has_key" => {
            single(name, cache, step)
        }
        "batch" => batch::run(cache, step),
        "lock" | "extend" | "unlock" => locks(name, cache, step),
        "touch" | "ttl" | "incr" | "incr_version" | "move" | "copy" => changing(name, cache, step),
        "keys" | "scan" | "delete_pattern" | "clear" => patterns(name, cache, step),
        "get_many" | "get_many_raw" | "set_many" | "set_many_raw" | "set_many_payload" | "delete_many" => {
            many(name, cache, step)
        }
        _ => inspecting(name, cache, step),
    }
}

fn found(found: bool) -> Outcome {
    if found { Outcome::Done } else { Outcome::Miss }
}

fn value(value: &Value<'_>) -> Outcome {
    Outcome::Value(value_to_json(value))
}

fn count(count: u64) -> Outcome {
    Outcome::Value(json!({"int": count.to_string()}))
}

fn raw(data: &[u8]) -> Outcome {
    Outcome::Value(json!({"bytes": hex(data)}))
}

fn text(text: &str) -> Outcome {
    Outcome::Value(json!({"utf8": hex(text.as_bytes())}))
}

fn single(name: &str, cache: &Cache, step: &Step) -> Result<Outcome> {
    let (key, call) = (step.key(), step.call());
    Ok(match name {
        "get" => cache.get(&key, &call)?.map_or(Outcome::Miss, |found| value(&found)),
        "get_raw" => cache.get_raw(&key, &call)?.map_or(Outcome::Miss, |found| raw(&found)),
        "set_raw" => found(cache.set_raw(&key, &step.bytes("data"), &call)?),
        "set_payload" => {
            let data = step.bytes("data");
            found(cache.set(&key, &payload(step, &data), &call)?)
        }
        "delete" => found(cache.delete(&key, &call)?),
        "has_key" => found(cache.has_key(&key, &call)?),
        _ => found(cache.set(&key, &json_to_value(&step.0["value"]), &call)?),
    })
}

fn payload<'a>(step: &Step, data: &'a [u8]) -> Value<'a> {
    Value::Payload { format: format_named(step.text("format")), data: data.into() }
}

fn changing(name: &str, cache: &Cache, step: &Step) -> Result<Outcome> {
    let (key, call) = (step.key(), step.call());
    let delta = step.number("delta").unwrap_or(1);
    Ok(match name {
        "touch" => found(cache.touch(&key, &call)?),
        "ttl" => match cache.ttl(&key, &call)? {
            None => Outcome::Miss,
            Some(TimeLeft::Forever) => value(&Value::None),
            Some(TimeLeft::Millis(ms)) => value(&Value::Int(ms)),
        },
        "incr" => value(&cache.incr(&key, delta, &call)?),
        "incr_version" => value(&Value::Int(cache.incr_version(&key, delta, &call)?)),
        "copy" => {
            let Some(value) = cache.get(&key, &call)? else { return Ok(Outcome::Miss) };
            found(cache.set(&step.bytes("to"), &value, &call)?)
        }
        _ => {
            cache.move_key(&key, &step.bytes("to"), &call)?;
            Outcome::Done
        }
    })
}

fn locks(name: &str, cache: &Cache, step: &Step) -> Result<Outcome> {
    let (key, token, call) = (step.key(), step.bytes("token"), step.call());
    Ok(found(match name {
        "lock" => cache.lock(&key, &token, &call)?,
        "extend" => cache.extend(&key, &token, &call)?,
        _ => cache.unlock(&key, &token, &call)?,
    }))
}

fn patterns(name: &str, cache: &Cache, step: &Step) -> Result<Outcome> {
    let call = step.call();
    if name == "clear" {
        return cache.clear(&call).map(|()| Outcome::Done);
    }
    let pattern = step.bytes("pattern");
    Ok(match name {
        "keys" => keys(cache.keys(&pattern, &call)?),
        "scan" => {
            let mut scan = cache.scan(&pattern, &call)?;
            let mut all = Vec::new();
            while let Some(batch) = scan.next_batch(&call)? {
                all.extend(batch);
            }
            keys(all)
        }
        _ => count(cache.delete_pattern(&pattern, &call)?),
    })
}

/// Keys are bytes here; where they are text they count as text, as in the other languages.
fn keys(found: Vec<Vec<u8>>) -> Outcome {
    let items: Vec<Json> = found
        .into_iter()
        .map(|key| match String::from_utf8(key) {
            Ok(text) => json!({"utf8": hex(text.as_bytes())}),
            Err(error) => json!({"bytes": hex(error.as_bytes())}),
        })
        .collect();
    Outcome::Value(json!({"items": items}))
}

fn many(name: &str, cache: &Cache, step: &Step) -> Result<Outcome> {
    let call = step.call();
    if matches!(name, "get_many" | "get_many_raw" | "delete_many") {
        let keys: Vec<Vec<u8>> = step.list("keys").iter().map(hex_of).collect();
        let keys = refs(&keys);
        return match name {
            "get_many" => cache.get_many(&keys, &call).map(|items| Outcome::Value(items_to_json(&items))),
            "get_many_raw" => {
                cache.get_many_raw(&keys, &call).map(|items| Outcome::Value(items_to_json(&items)))
            }
            _ => cache.delete_many(&keys, &call).map(count),
        };
    }
    let keys: Vec<Vec<u8>> = step.list("items").iter().map(|pair| hex_of(&pair[0])).collect();
    let stored = match name {
        "set_many" => {
            let values = step.list("items").iter().map(|pair| json_to_value(&pair[1]));
            cache.set_many(&pairs(&keys, values), &call)
        }
        _ => {
            let data: Vec<Vec<u8>> = step.list("items").iter().map(|pair| hex_of(&pair[1])).collect();
            if name == "set_many_raw" {
                cache.set_many_raw(&pairs(&keys, data.iter().map(Vec::as_slice)), &call)
            } else {
                cache.set_many(&pairs(&keys, data.iter().map(|data| payload(step, data))), &call)
            }
        }
    };
    stored.map(|items| Outcome::Value(items_to_json(&items)))
}

fn pairs<T>(keys: &[Vec<u8>], values: impl Iterator<Item = T>) -> Vec<(&[u8], T)> {
    keys.iter().map(Vec::as_slice).zip(values).collect()
}

fn hex_of(json: &Json) -> Vec<u8> {
    bytes(json.as_str().unwrap())
}

fn inspecting(name: &str, cache: &Cache, step: &Step) -> Result<Outcome> {
    Ok(match name {
        "command" => {
            let key = step.number("key_index").map(|index| usize::try_from(index).unwrap());
            value(&cache.command(&refs(&step.arguments()), key, &step.call())?)
        }
        "make_key" => raw(&cache.make_key(&step.key(), &step.call())?),
        "encode" => raw(&cache.encode(&json_to_value(&step.0["value"]))?),
        "decode" => value(&cache.decode(&step.bytes("data"))?),
        "server_for" => text(&cache.server_for(&step.key(), &step.call())?),
        "option" => text(&cache.option(step.text("name"))?),
        "stats" => {
            let stats = cache.stats();
            let pair = |(name, number): &(&str, u64)| json!([{"utf8": hex(name.as_bytes())}, {"int": number.to_string()}]);
            let formats: Vec<Json> = stats.formats.iter().map(pair).collect();
            let mut pairs: Vec<Json> = stats.counters().iter().map(pair).collect();
            pairs.push(json!([{"utf8": hex(b"formats")}, {"dict": formats}]));
            Outcome::Value(json!({"dict": pairs}))
        }
        "options_list" => options_list(),
        "close" => {
            cache.close();
            Outcome::Done
        }
        other => panic!("unknown operation {other}"),
    })
}

fn options_list() -> Outcome {
    let word = |text: &str| json!({"utf8": hex(text.as_bytes())});
    let options: Vec<Json> = config::list()
        .iter()
        .map(|option| {
            json!({"dict": [
                [word("name"), word(option.name())],
                [word("type"), word(option.type_name())],
                [word("default"), word(option.default())],
                [word("doc"), word(option.doc())],
            ]})
        })
        .collect();
    Outcome::Value(json!({"list": options}))
}
