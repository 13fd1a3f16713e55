//! A value of an option, once it is known to be right.

use std::fmt;

use super::time;
use crate::net::Secret;
use crate::resp::ParserClass;

/// An option's value. It prints as what is in force; a secret prints as `***`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Setting {
    Text(String),
    Secret(Secret),
    Bool(bool),
    Integer(i64),
    /// Milliseconds; `None` has no end.
    Time(Option<i64>),
    Choice(&'static str),
    Names(Vec<&'static str>),
    /// The host's own parser.
    Parser(ParserClass),
}

impl fmt::Display for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Setting::Text(text) => f.write_str(text),
            Setting::Secret(secret) if secret.reveal().is_empty() => Ok(()),
            Setting::Secret(_) => f.write_str("***"),
            Setting::Bool(on) => write!(f, "{on}"),
            Setting::Integer(number) => write!(f, "{number}"),
            Setting::Time(None) => f.write_str("none"),
            Setting::Time(Some(ms)) => f.write_str(&time::format_ms(*ms)),
            Setting::Choice(name) => f.write_str(name),
            Setting::Names(names) => f.write_str(&names.join(",")),
            Setting::Parser(_) => f.write_str("own"),
        }
    }
}
