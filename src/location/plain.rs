//! The forms that are no URLs: `host:port:db`, `unix:/path:db` and `memory:NAME`.

use std::net::Ipv6Addr;

use super::{Given, Place, wrong};
use crate::error::Result;
use crate::net::Address;

const TCP: &str = "127.0.0.1:6379:0";
const IPV6: &str = "[::1]:6379:0";
const UNIX: &str = "unix:/run/redis.sock:0";

/// `host:port` or `host:port:db`.
pub(super) fn parse_tcp(entry: &str) -> Result<(Place, Vec<Given>)> {
    if entry.starts_with('/') {
        return Err(wrong(entry, "the path of a unix socket begins with unix:", UNIX));
    }
    if entry.contains('@') {
        return Err(wrong(
            entry,
            "a user name and a password stand in a URL or in options USERNAME and PASSWORD",
            "redis://user:password@127.0.0.1:6379/0",
        ));
    }
    let (host, rest) = split_host(entry)?;
    let (port, db) = match rest.split_once(':') {
        Some((port, db)) => (port, Some(db)),
        None => (rest, None),
    };
    let address = Address::Tcp { host: host.to_owned(), port: parse_port(entry, port, TCP)? };
    Ok((Place::Server { address, tls: false }, parse_db(entry, db, TCP)?))
}

/// The host, and what follows the colon after it.
fn split_host(entry: &str) -> Result<(&str, &str)> {
    if let Some(rest) = entry.strip_prefix('[') {
        let (host, rest) = split_ipv6(entry, rest, IPV6)?;
        let Some(rest) = rest.strip_prefix(':') else {
            return Err(wrong(entry, "it has no port", IPV6));
        };
        return Ok((host, rest));
    }
    if entry.matches(':').count() > 2 {
        return Err(wrong(entry, "it has too many colons; an IPv6 address stands in brackets", IPV6));
    }
    let Some((host, rest)) = entry.split_once(':') else {
        return Err(wrong(entry, "it has no port", TCP));
    };
    check_host(entry, host, TCP)?;
    Ok((host, rest))
}

/// `::1]rest` into `::1` and `rest`.
pub(super) fn split_ipv6<'a>(entry: &str, text: &'a str, example: &str) -> Result<(&'a str, &'a str)> {
    let Some((host, rest)) = text.split_once(']') else {
        return Err(wrong(entry, "the bracket of its IPv6 address is not closed", example));
    };
    // A zone may follow the address: fe80::1%eth0.
    let bare = host.split('%').next().unwrap_or(host);
    if bare.parse::<Ipv6Addr>().is_err() {
        return Err(wrong(entry, "what stands in brackets is no IPv6 address", example));
    }
    Ok((host, rest))
}

/// Refuses what can be neither a host name nor an address.
pub(super) fn check_host(entry: &str, host: &str, example: &str) -> Result<()> {
    if host.is_empty() {
        return Err(wrong(entry, "it has no host", example));
    }
    if !host.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_')) {
        return Err(wrong(entry, "its host is neither a host name nor an address", example));
    }
    Ok(())
}

/// A port from 1 to 65535, in decimal digits.
pub(super) fn parse_port(entry: &str, port: &str, example: &str) -> Result<u16> {
    if port.is_empty() {
        return Err(wrong(entry, "its port is missing", example));
    }
    match parse_digits::<u16>(port) {
        Some(port) if port > 0 => Ok(port),
        _ => Err(wrong(entry, "its port is not a whole number from 1 to 65535", example)),
    }
}

/// Option DB, where the location gives it.
pub(super) fn parse_db(entry: &str, db: Option<&str>, example: &str) -> Result<Vec<Given>> {
    let Some(db) = db else { return Ok(Vec::new()) };
    if db.is_empty() {
        return Err(wrong(entry, "the database number after its last colon is missing", example));
    }
    match parse_digits::<u32>(db) {
        Some(_) => Ok(vec![Given::new("DB", db)]),
        None => Err(wrong(entry, "its database is not a whole number from 0 up", example)),
    }
}

/// Decimal digits and nothing else: no sign, no blanks, which `str::parse` would let through in part.
fn parse_digits<T: std::str::FromStr>(text: &str) -> Option<T> {
    if text.bytes().all(|b| b.is_ascii_digit()) { text.parse().ok() } else { None }
}

/// `unix:/path` or `unix:/path:db`.
pub(super) fn parse_unix(entry: &str, rest: &str) -> Result<(Place, Vec<Given>)> {
    if rest.contains('?') {
        let what = "options after a ? stand in URLs only, and a ? in a path needs a URL and %3F";
        return Err(wrong(entry, what, "unix:///run/redis.sock?db=0"));
    }
    let (path, db) = match rest.split_once(':') {
        Some((path, db)) => (path, Some(db)),
        None => (rest, None),
    };
    if path.is_empty() {
        return Err(wrong(entry, "the path of its unix socket is missing", UNIX));
    }
    if !path.starts_with('/') {
        return Err(wrong(entry, "the path of its unix socket does not begin with /", UNIX));
    }
    if db.is_some_and(|db| db.contains(':') || db.contains('/')) {
        let what = "what follows the colon is no database number; a path with a colon needs a URL and %3A";
        return Err(wrong(entry, what, "unix:///run/a%3Ab.sock?db=0"));
    }
    let address = Address::Unix { path: path.to_owned() };
    Ok((Place::Server { address, tls: false }, parse_db(entry, db, UNIX)?))
}

/// `memory:NAME`.
pub(super) fn parse_memory(entry: &str, name: &str) -> Result<Place> {
    if name.is_empty() {
        return Err(wrong(entry, "the name of its store is missing", "memory:sessions"));
    }
    Ok(Place::Memory { name: name.to_owned() })
}
