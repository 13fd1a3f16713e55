//! The types of options: what each accepts, and how it says so.

use std::fmt;

use super::setting::Setting;
use super::time;
use crate::net::Secret;

/// What an option's value may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Secret,
    Bool,
    Integer {
        min: i64,
        max: i64,
    },
    PickleVersion,
    /// A time.
    Seconds,
    /// The most that something may take, or `none`.
    Limit,
    /// How long a value lives: a time, zero and below included, or `none` for ever.
    Expiry,
    Choice(&'static [Choice]),
    /// Any number of them, with commas between.
    Names(&'static [Choice]),
    /// A whole number, or nothing.
    OptionalInteger {
        min: i64,
        max: i64,
    },
}

/// One value of a [`Kind::Choice`].
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Choice {
    pub(super) name: &'static str,
    /// Other spellings.
    aliases: &'static [&'static str],
    pub(super) available: bool,
}

pub(super) const fn now(name: &'static str, aliases: &'static [&'static str]) -> Choice {
    Choice { name, aliases, available: true }
}

pub(super) const fn later(name: &'static str, aliases: &'static [&'static str]) -> Choice {
    Choice { name, aliases, available: false }
}

/// A value that the library may have been built without.
pub(super) const fn built(name: &'static str, available: bool, aliases: &'static [&'static str]) -> Choice {
    Choice { name, aliases, available }
}

/// The highest pickle protocol, and what a negative PICKLE_VERSION means.
const NEWEST_PICKLE: i64 = 5;
const OLDEST_PICKLE: i64 = 2;

impl Kind {
    pub(super) fn name(self) -> &'static str {
        match self {
            Kind::Text => "text",
            Kind::Secret => "secret",
            Kind::Bool => "boolean",
            Kind::Integer { .. } | Kind::OptionalInteger { .. } | Kind::PickleVersion => "integer",
            Kind::Seconds | Kind::Limit | Kind::Expiry => "seconds",
            Kind::Choice(_) => "choice",
            Kind::Names(_) => "choices",
        }
    }

    /// The setting that the text means, or `None` where it is not allowed.
    pub(super) fn parse(self, text: &str) -> Option<Setting> {
        match self {
            Kind::Text => Some(Setting::Text(text.to_owned())),
            Kind::Secret => Some(Setting::Secret(Secret::new(text))),
            Kind::Bool => parse_bool(text).map(Setting::Bool),
            Kind::Integer { min, max } => {
                parse_integer(text).filter(|n| (min..=max).contains(n)).map(Setting::Integer)
            }
            Kind::PickleVersion => match parse_integer(text)? {
                i64::MIN..0 => Some(Setting::Integer(NEWEST_PICKLE)),
                n @ OLDEST_PICKLE..=NEWEST_PICKLE => Some(Setting::Integer(n)),
                _ => None,
            },
            Kind::Seconds => time::parse_ms(text).filter(|ms| *ms > 0).map(|ms| Setting::Time(Some(ms))),
            Kind::Limit if is_word(text, &["none"]) => Some(Setting::Time(None)),
            Kind::Limit => time::parse_ms(text).filter(|ms| *ms > 0).map(|ms| Setting::Time(Some(ms))),
            Kind::Expiry if is_word(text, &["none", "forever"]) => Some(Setting::Time(None)),
            Kind::Expiry => time::parse_ms(text).map(|ms| Setting::Time(Some(ms))),
            Kind::Choice(choices) => parse_choice(choices, text).map(|choice| Setting::Choice(choice.name)),
            Kind::Names(choices) => parse_names(choices, text).map(Setting::Names),
            Kind::OptionalInteger { .. } if text.is_empty() => Some(Setting::Text(String::new())),
            Kind::OptionalInteger { min, max } => Kind::Integer { min, max }.parse(text),
        }
    }
}

impl fmt::Display for Choice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.aliases {
            [] => f.write_str(self.name),
            aliases => write!(f, "{} (also {})", self.name, aliases.join(", ")),
        }
    }
}

impl fmt::Display for Kind {
    /// Completes "must be ...".
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Kind::Text => f.write_str("text"),
            Kind::Secret => f.write_str("text that is never shown"),
            Kind::Bool => f.write_str("true or false (also 1 or 0, yes or no, on or off)"),
            Kind::Integer { min: i64::MIN, max: i64::MAX } => f.write_str("a whole number"),
            Kind::Integer { min, max: i64::MAX } => write!(f, "a whole number from {min} up"),
            Kind::Integer { min, max } => write!(f, "a whole number from {min} to {max}"),
            Kind::PickleVersion => f.write_str("2, 3, 4 or 5, or a negative number for the highest"),
            Kind::Seconds => f.write_str("seconds above 0, such as 5 or 0.5"),
            Kind::Limit => f.write_str("seconds above 0, such as 5 or 0.5, or none for no limit"),
            Kind::Expiry => f.write_str("seconds, such as 300 or 0.5, or none for ever"),
            Kind::Choice(choices) => f.write_str(&joined(choices)),
            Kind::Names(choices) => write!(f, "any of {}, with commas between them", joined(choices)),
            Kind::OptionalInteger { min, max } => write!(f, "a whole number from {min} to {max}, or empty"),
        }
    }
}

fn joined(choices: &[Choice]) -> String {
    choices.iter().map(Choice::to_string).collect::<Vec<_>>().join(", ")
}

fn is_word(text: &str, words: &[&str]) -> bool {
    words.iter().any(|word| word.eq_ignore_ascii_case(text))
}

fn parse_bool(text: &str) -> Option<bool> {
    if is_word(text, &["1", "true", "yes", "on"]) {
        Some(true)
    } else if is_word(text, &["0", "false", "no", "off"]) {
        Some(false)
    } else {
        None
    }
}

/// Digits with an optional minus; a plus, which `str::parse` accepts, is refused.
fn parse_integer(text: &str) -> Option<i64> {
    if text.starts_with('+') { None } else { text.parse().ok() }
}

fn parse_choice(choices: &'static [Choice], text: &str) -> Option<&'static Choice> {
    choices.iter().find(|choice| choice.name.eq_ignore_ascii_case(text) || choice.aliases.contains(&text))
}

fn parse_names(choices: &'static [Choice], text: &str) -> Option<Vec<&'static str>> {
    let names = text.split(',').map(str::trim).filter(|name| !name.is_empty());
    names.map(|name| parse_choice(choices, name).map(|choice| choice.name)).collect()
}
