//! `redis://`, `rediss://` and `unix://` URLs. `%XX` is decoded everywhere; `+` stands for itself.

use zeroize::Zeroizing;

use super::plain::{check_host, parse_db, parse_port, split_ipv6};
use super::{Given, Place, wrong};
use crate::config::{is_public, is_secret};
use crate::error::Result;
use crate::net::Address;

const REDIS: &str = "redis://user:password@127.0.0.1:6379/0";
const UNIX: &str = "unix://user:password@/run/redis.sock?db=0";
const QUERY: &str = "redis://127.0.0.1:6379/0?socket_timeout=2";
const DEFAULT_PORT: u16 = 6379;

/// The pieces of a URL, still percent-encoded.
struct Pieces<'a> {
    credentials: Option<&'a str>,
    host: &'a str,
    path: &'a str,
    query: &'a str,
}

pub(super) fn parse(entry: &str) -> Result<(Place, Vec<Given>)> {
    let (scheme, rest) = entry.split_once("://").unwrap_or((entry, ""));
    let scheme = scheme.to_ascii_lowercase();
    match scheme.as_str() {
        "redis" | "rediss" => parse_redis(entry, &split(entry, rest, REDIS)?, scheme == "rediss"),
        "unix" => parse_unix(entry, &split(entry, rest, UNIX)?),
        _ => {
            let known = "its scheme is none of redis://, rediss://, unix:// and memory:NAME";
            Err(wrong(entry, known, REDIS))
        }
    }
}

fn split<'a>(entry: &str, rest: &'a str, example: &str) -> Result<Pieces<'a>> {
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, tail) = rest.split_at(end);
    if rest.matches('@').count() > 1 || tail.contains('@') {
        let what = "an @, /, ? or # in a user name, password or path is written %40, %2F, %3F or %23";
        return Err(wrong(entry, what, example));
    }
    if tail.contains('#') {
        return Err(wrong(entry, "it has a fragment (#), which means nothing here", example));
    }
    if rest.contains(char::is_whitespace) {
        return Err(wrong(entry, "it holds a blank, which is written %20 in a URL", example));
    }
    let (credentials, host) = match authority.split_once('@') {
        Some((credentials, host)) => (Some(credentials), host),
        None => (None, authority),
    };
    let (path, query) = tail.split_once('?').unwrap_or((tail, ""));
    Ok(Pieces { credentials, host, path, query })
}

fn parse_redis(entry: &str, pieces: &Pieces<'_>, tls: bool) -> Result<(Place, Vec<Given>)> {
    let (host, port) = split_host(entry, pieces.host)?;
    let mut settings = parse_credentials(entry, pieces.credentials)?;
    let db = pieces.path.strip_prefix('/').filter(|db| !db.is_empty());
    settings.extend(parse_db(entry, db, REDIS)?);
    parse_query(entry, pieces.query, &mut settings)?;
    let address = Address::Tcp { host: host.to_owned(), port };
    Ok((Place::Server { address, tls }, settings))
}

fn split_host<'a>(entry: &str, text: &'a str) -> Result<(&'a str, u16)> {
    let (host, rest) = if let Some(rest) = text.strip_prefix('[') {
        split_ipv6(entry, rest, "redis://[::1]:6379/0")?
    } else {
        if text.matches(':').count() > 1 {
            let what = "its host has too many colons; an IPv6 address stands in brackets";
            return Err(wrong(entry, what, "redis://[::1]:6379/0"));
        }
        let (host, rest) = text.split_at(text.find(':').unwrap_or(text.len()));
        check_host(entry, host, REDIS)?;
        (host, rest)
    };
    match rest.strip_prefix(':') {
        Some(port) => Ok((host, parse_port(entry, port, REDIS)?)),
        None if rest.is_empty() => Ok((host, DEFAULT_PORT)),
        None => Err(wrong(entry, "its host is neither a host name nor an address", REDIS)),
    }
}

fn parse_unix(entry: &str, pieces: &Pieces<'_>) -> Result<(Place, Vec<Given>)> {
    if !pieces.host.is_empty() {
        let what = "a unix:// URL has no host, so that a slash follows its credentials or unix://";
        return Err(wrong(entry, what, UNIX));
    }
    if pieces.path.len() < 2 {
        return Err(wrong(entry, "the path of its unix socket is missing", UNIX));
    }
    let path = decode(entry, pieces.path)?;
    if path.contains('\0') {
        return Err(wrong(entry, "the path of its unix socket holds a NUL", UNIX));
    }
    let mut settings = parse_credentials(entry, pieces.credentials)?;
    parse_query(entry, pieces.query, &mut settings)?;
    Ok((Place::Server { address: Address::Unix { path }, tls: false }, settings))
}

/// `user`, `user:password` or `:password`. What is empty is not given.
fn parse_credentials(entry: &str, credentials: Option<&str>) -> Result<Vec<Given>> {
    let (user, password) = match credentials {
        Some(text) => text.split_once(':').unwrap_or((text, "")),
        None => ("", ""),
    };
    let mut settings = Vec::new();
    for (name, text) in [("USERNAME", user), ("PASSWORD", password)] {
        if !text.is_empty() {
            settings.push(Given::new(name, decode(entry, text)?));
        }
    }
    Ok(settings)
}

/// `name=value&name=value`: options, each at most once in a location.
fn parse_query(entry: &str, query: &str, settings: &mut Vec<Given>) -> Result<()> {
    let mut after_secret = false;
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let Some((name, value)) = pair.split_once('=') else {
            let what = "its query holds something that is not name=value; an & in a value is written %26";
            return Err(wrong(entry, what, QUERY));
        };
        let given = Given::new(decode(entry, name)?, decode(entry, value)?);
        if settings.iter().any(|other| other.name.eq_ignore_ascii_case(&given.name)) {
            let what = "it gives the same option (database, user name, password, ...) twice";
            return Err(wrong(entry, what, REDIS));
        }
        // The message about an unknown option would name it, and here it may be a piece of a password.
        if after_secret && !is_public(&given.name) && !is_secret(&given.name) {
            let what = "what follows its password is no option; an & in a password is written %26";
            return Err(wrong(entry, what, QUERY));
        }
        after_secret |= is_secret(&given.name);
        settings.push(given);
    }
    Ok(())
}

/// Decodes `%XX`; what comes out must be UTF-8. It may be a password: what is put together here has room, and is overwritten.
fn decode(entry: &str, text: &str) -> Result<String> {
    let mut pieces = text.split('%');
    let mut decoded = Zeroizing::new(Vec::with_capacity(text.len()));
    decoded.extend_from_slice(pieces.next().unwrap_or("").as_bytes());
    for piece in pieces {
        let Some((byte, rest)) = decode_byte(piece) else {
            return Err(wrong(entry, "a % is not followed by two hex digits (a % itself is %25)", REDIS));
        };
        decoded.push(byte);
        decoded.extend_from_slice(rest.as_bytes());
    }
    let text =
        std::str::from_utf8(&decoded).map_err(|_| wrong(entry, "its %XX bytes are not UTF-8", REDIS))?;
    Ok(text.to_owned())
}

fn decode_byte(piece: &str) -> Option<(u8, &str)> {
    let (hex, rest) = piece.split_at_checked(2)?;
    let plain_hex = hex.bytes().all(|b| b.is_ascii_hexdigit());
    let byte = u8::from_str_radix(hex, 16).ok().filter(|_| plain_hex)?;
    Some((byte, rest))
}
