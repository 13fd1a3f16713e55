//! Settings out of options, by their types.

use std::time::Duration;

use super::options::{Options, find};
use super::setting::Setting;
use crate::error::{Error, Result, Status};
use crate::net::Secret;
use crate::resp::ParserClass;

/// Reads settings by the type that their rows have.
#[derive(Clone, Copy)]
pub(super) struct Reader<'a>(pub(super) &'a Options);

impl Reader<'_> {
    fn setting(&self, name: &str) -> Result<Setting> {
        let option = find(name)?;
        self.0.get(option).ok_or_else(|| mismatch(name))
    }

    pub(super) fn integer<T: TryFrom<i64>>(&self, name: &str) -> Result<T> {
        match self.setting(name)? {
            Setting::Integer(number) => T::try_from(number).map_err(|_| mismatch(name)),
            _ => Err(mismatch(name)),
        }
    }

    pub(super) fn text(&self, name: &str) -> Result<String> {
        match self.setting(name)? {
            Setting::Text(text) => Ok(text),
            _ => Err(mismatch(name)),
        }
    }

    pub(super) fn secret(&self, name: &str) -> Result<Secret> {
        match self.setting(name)? {
            Setting::Secret(secret) => Ok(secret),
            _ => Err(mismatch(name)),
        }
    }

    pub(super) fn bool(&self, name: &str) -> Result<bool> {
        match self.setting(name)? {
            Setting::Bool(on) => Ok(on),
            _ => Err(mismatch(name)),
        }
    }

    pub(super) fn choice(&self, name: &str) -> Result<&'static str> {
        match self.setting(name)? {
            Setting::Choice(chosen) => Ok(chosen),
            _ => Err(mismatch(name)),
        }
    }

    /// The host's own parser; `None`: the built-in one.
    pub(super) fn parser(&self, name: &str) -> Result<Option<ParserClass>> {
        match self.setting(name)? {
            Setting::Parser(class) => Ok(Some(class)),
            Setting::Choice(_) => Ok(None),
            _ => Err(mismatch(name)),
        }
    }

    pub(super) fn names(&self, name: &str) -> Result<Vec<&'static str>> {
        match self.setting(name)? {
            Setting::Names(names) => Ok(names),
            _ => Err(mismatch(name)),
        }
    }

    /// `None` where the option was left empty.
    pub(super) fn optional_integer(&self, name: &str) -> Result<Option<i64>> {
        match self.setting(name)? {
            Setting::Integer(number) => Ok(Some(number)),
            Setting::Text(text) if text.is_empty() => Ok(None),
            _ => Err(mismatch(name)),
        }
    }

    pub(super) fn time(&self, name: &str) -> Result<Option<i64>> {
        match self.setting(name)? {
            Setting::Time(ms) => Ok(ms),
            _ => Err(mismatch(name)),
        }
    }

    pub(super) fn limit(&self, name: &str) -> Result<Option<Duration>> {
        let ms = self.time(name)?;
        Ok(ms.map(|ms| Duration::from_millis(ms.unsigned_abs())))
    }
}

/// The table and its reader disagree: a bug that the tests of the defaults would show.
pub(super) fn mismatch(name: &str) -> Error {
    Error::new(Status::Panic, format!("option {name} has a type that its row does not say"))
}
