//! One step, and the fields that operations take from it.

use std::time::Duration;

use djredis::cache::{Condition, Patience};
use djredis::{Call, Ttl};
use serde_json::Value as Json;

use crate::values::bytes;

/// The arguments as the library takes them.
pub(crate) fn refs(arguments: &[Vec<u8>]) -> Vec<&[u8]> {
    arguments.iter().map(Vec::as_slice).collect()
}

pub(crate) struct Step(pub(crate) Json);

impl Step {
    pub(crate) fn text(&self, name: &str) -> &str {
        self.0[name].as_str().unwrap_or_else(|| panic!("the step has no text {name}: {}", self.0))
    }

    pub(crate) fn bytes(&self, name: &str) -> Vec<u8> {
        bytes(self.text(name))
    }

    pub(crate) fn key(&self) -> Vec<u8> {
        self.bytes("key")
    }

    pub(crate) fn list(&self, name: &str) -> &[Json] {
        self.0[name].as_array().unwrap()
    }

    /// A decimal number, as the runner sends all numbers.
    pub(crate) fn number(&self, name: &str) -> Option<i64> {
        self.0[name].as_str().map(|digits| digits.parse().unwrap())
    }

    /// The arguments of a command.
    pub(crate) fn arguments(&self) -> Vec<Vec<u8>> {
        Step::arguments_of(&self.0["args"])
    }

    pub(crate) fn arguments_of(args: &Json) -> Vec<Vec<u8>> {
        args.as_array().unwrap().iter().map(|arg| bytes(arg.as_str().unwrap())).collect()
    }

    pub(crate) fn has_flag(&self, flag: &str) -> bool {
        self.0["flags"].as_array().is_some_and(|flags| flags.iter().any(|given| given == flag))
    }

    /// How to do the call.
    pub(crate) fn call(&self) -> Call {
        let condition = match (self.0["do"] == "add" || self.has_flag("NX"), self.has_flag("XX")) {
            (true, _) => Condition::Absent,
            (_, true) => Condition::Present,
            _ => Condition::Always,
        };
        Call {
            version: self.number("version"),
            ttl: self.ttl(),
            condition,
            key_made: self.has_flag("KEY_MADE"),
            as_payload: self.has_flag("AS_PAYLOAD"),
            itersize: self.number("itersize").map(|keys| keys.try_into().unwrap()),
            deadline: self
                .number("deadline_ms")
                .map(|ms| Patience::Within(Duration::from_millis(ms.try_into().unwrap()))),
        }
    }

    fn ttl(&self) -> Option<Ttl> {
        match self.0.get("ttl_ms")? {
            Json::Null => Some(Ttl::Forever),
            _ => self.number("ttl_ms").map(Ttl::Millis),
        }
    }
}
