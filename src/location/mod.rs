//! Location strings, all of them: where the servers are, as people write it.
//!
//! | form | example |
//! |---|---|
//! | host, port, database | `127.0.0.1:6379:1`, `[::1]:6379:0`, `cache.example:6379` (database from option DB) |
//! | unix socket, database | `unix:/run/redis.sock:1`, `unix:/run/redis.sock` |
//! | URL | `redis://user:p%40ss@host:6379/1?socket_timeout=2`, `unix://user:pw@/run/redis.sock?db=1` |
//! | URL, over TLS | `rediss://host:6379/1?tls_ca=/etc/redis/ca.pem` |
//! | inside the process | `memory:NAME` |
//!
//! Several servers stand in one string with commas between them. Only URLs carry commas, colons or blanks in a
//! path or password, percent-encoded.

mod mask;
mod plain;
#[cfg(test)]
mod tests;
mod url;

use std::fmt;

use crate::error::{Error, Result};
use crate::net::{Address, Secret};

pub(crate) use mask::{masked, masked_value, shorten};

/// One entry of a location string.
#[derive(Clone, Debug)]
pub(crate) struct Location {
    pub(crate) label: Label,
    pub(crate) place: Place,
    /// The options the entry itself gives: its database, its credentials, a URL's query.
    pub(crate) settings: Vec<Given>,
}

/// What an entry points at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Server { address: Address, tls: bool },
    Memory { name: String },
}

/// An option given in a location. Its value may be a password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Given {
    pub(crate) name: String,
    pub(crate) value: Secret,
}

impl Given {
    fn new(name: impl Into<String>, value: impl Into<String>) -> Given {
        Given { name: name.into(), value: Secret::new(value) }
    }
}

/// The entry as it was written, which is what a hash ring hashes. It prints with its password masked.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Label(Secret);

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&masked(self.as_written()))
    }
}

impl fmt::Debug for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", masked(self.as_written()))
    }
}

impl Label {
    /// Of a service that no location names.
    pub(crate) fn of_service(name: &str) -> Label {
        Label(Secret::new(name))
    }

    pub(crate) fn is_url(&self) -> bool {
        self.as_written().contains("://")
    }

    /// With its password, for hashing and nothing else.
    pub(crate) fn as_written(&self) -> &str {
        self.0.reveal()
    }
}

/// The entries of a location, in their order. They print as they were written, with commas between them, masked.
#[derive(Clone, Debug)]
pub(crate) struct Labels(pub(crate) Vec<Label>);

impl Labels {
    /// Each as it was written.
    pub(crate) fn entries(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(Label::as_written)
    }
}

impl fmt::Display for Labels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, label) in self.0.iter().enumerate() {
            let comma = if index > 0 { "," } else { "" };
            write!(f, "{comma}{label}")?;
        }
        Ok(())
    }
}

/// Reads a location string: one entry, or several with commas between them.
pub(crate) fn parse(location: &str) -> Result<Vec<Location>> {
    if location.is_empty() {
        return Err(Error::config(
            "the location is empty: say where the Redis server is, as in 127.0.0.1:6379:0",
        ));
    }
    let entries: Vec<&str> = location.split(',').collect();
    if entries.len() > 1 && entries.iter().any(|entry| has_stray_credentials(entry)) {
        return Err(wrong(
            location,
            "a comma separates servers, and one in a password is written %2C",
            "redis://:p%2Css@127.0.0.1:6379/0",
        ));
    }
    entries.into_iter().map(parse_entry).collect()
}

/// An entry that looks like the second half of a URL whose password holds a comma.
fn has_stray_credentials(entry: &str) -> bool {
    entry.contains('@') && !entry.contains("://") && !entry.starts_with("unix:/")
}

fn parse_entry(entry: &str) -> Result<Location> {
    check_characters(entry)?;
    let (place, settings) = if entry.contains("://") {
        url::parse(entry)?
    } else if let Some(rest) = entry.strip_prefix("unix:") {
        plain::parse_unix(entry, rest)?
    } else if let Some(name) = entry.strip_prefix("memory:") {
        (plain::parse_memory(entry, name)?, Vec::new())
    } else {
        plain::parse_tcp(entry)?
    };
    Ok(Location { label: Label(Secret::new(entry)), place, settings })
}

fn check_characters(entry: &str) -> Result<()> {
    const EXAMPLE: &str = "127.0.0.1:6379:0,127.0.0.1:6380:0";
    if entry.is_empty() {
        return Err(Error::config(format!(
            "the location has an empty entry: write servers with one comma between them, as in {EXAMPLE}"
        )));
    }
    if entry.chars().any(char::is_control) {
        return Err(wrong(entry, "it holds a control character or a line break", EXAMPLE));
    }
    if entry.trim() != entry {
        return Err(wrong(entry, "it begins or ends with a blank", EXAMPLE));
    }
    Ok(())
}

/// The sentence for a location that can't be read: what is wrong, and a right one.
fn wrong(location: &str, what: impl fmt::Display, example: &str) -> Error {
    Error::config(format!("location \"{}\": {what}; write it like {example}", masked(location)))
}
