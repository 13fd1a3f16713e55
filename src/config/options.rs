//! The options a caller gives, each checked when it is given.

use std::collections::BTreeMap;

use super::setting::Setting;
use super::suggest::{nearest, renamed};
use super::table::{self, OptionInfo};
use crate::error::{Error, Result};
use crate::location::{masked_value, shorten};
use crate::resp::ParserClass;

/// Options for opening a cache, as name and value in text. docs/options.md lists them all.
///
/// ```
/// # use djredis::Options;
/// let mut options = Options::new();
/// options.set("KEY_PREFIX", "site")?;
/// options.set("socket_timeout", "0.5")?;
/// assert!(options.set("SOKET_TIMEOUT", "1").is_err());
/// # Ok::<(), djredis::Error>(())
/// ```
///
/// Printed with `{:?}` it shows secrets as `***`.
#[derive(Clone, Debug, Default)]
pub struct Options {
    given: BTreeMap<&'static str, Setting>,
}

impl Options {
    /// No option given: the default of each.
    pub fn new() -> Options {
        Options::default()
    }

    /// Gives one option. Its name may be in either case; the last value given counts.
    ///
    /// An unknown name is refused with the nearest known one, a bad value with what is allowed
    /// ([`Status::Config`](crate::Status::Config)); what was set before stays.
    pub fn set(&mut self, name: &str, value: &str) -> Result<()> {
        let option = find(name)?;
        let setting = option.kind.parse(value).ok_or_else(|| bad_value(option, value))?;
        self.given.insert(option.name, setting);
        Ok(())
    }

    /// Gives PARSER_CLASS the host's own parser.
    pub(crate) fn set_parser(&mut self, class: ParserClass) {
        self.given.insert("PARSER_CLASS", Setting::Parser(class));
    }

    /// What is in force: the value given, or the default.
    pub(super) fn get(&self, option: &OptionInfo) -> Option<Setting> {
        self.given.get(option.name).cloned().or_else(|| option.kind.parse(option.default))
    }

    /// The options that were given, with their values.
    pub(super) fn given(&self) -> impl Iterator<Item = (&'static str, &Setting)> {
        self.given.iter().map(|(name, setting)| (*name, setting))
    }
}

/// The row of that option, or an error that names the nearest one.
pub(super) fn find(name: &str) -> Result<&'static OptionInfo> {
    table::find(name).ok_or_else(|| {
        Error::config(match renamed(name) {
            Some(own) => format!("unknown option {name}: here it is called {own}"),
            None => format!("unknown option {}; did you mean {}?", shorten(name), nearest(name)),
        })
    })
}

fn bad_value(option: &OptionInfo, value: &str) -> Error {
    Error::config(format!(
        "option {} is \"{}\", but it must be {}",
        option.name,
        masked_value(value),
        option.allowed()
    ))
}
