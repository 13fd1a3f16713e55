//! How a location is shown: as written, but with nothing that may be a password.
//!
//! It works on text that may not parse, since the message about a wrong location shows it too. In doubt it hides.

use std::borrow::Cow;

use crate::config::is_public;
use crate::limits::MAX_SHOWN;

const HIDDEN: &str = "***";

/// The location with its passwords as `***`, fit for a message: escaped, and cut where it is very long.
pub(crate) fn masked(location: &str) -> String {
    let start =
        location.find("://").filter(|at| location.get(..*at).is_some_and(is_scheme)).map_or(0, |at| at + 3);
    let (scheme, rest) = location.split_at(start);
    let (credentials, rest) = split_credentials(location, rest);
    // An & without a ? before it: the ? was taken for a part of the credentials.
    let (place, query) = rest.split_at(rest.find(['?', '&']).unwrap_or(rest.len()));
    let place = match credentials {
        None if start > 0 => hide_odd_port(place),
        _ => Cow::Borrowed(place),
    };
    let credentials = credentials.map_or(String::new(), |text| hide_password(scheme, text));
    shorten(&format!("{scheme}{credentials}{place}{}", hide_query(query)))
}

/// A `://` further on says nothing about what stands before it.
fn is_scheme(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'))
}

/// What stands before the last `@`, and the rest. The path of a plain unix form may hold an `@`.
fn split_credentials<'a>(location: &str, rest: &'a str) -> (Option<&'a str>, &'a str) {
    let plain_path = location.starts_with("unix:/") && !location.starts_with("unix://");
    match rest.rsplit_once('@') {
        Some((credentials, rest)) if !plain_path => (Some(credentials), rest),
        _ => (None, rest),
    }
}

/// Only a URL's user name that a colon follows is shown; behind a `/` or `?` it may be anything.
fn hide_password(scheme: &str, credentials: &str) -> String {
    match credentials.split_once(':') {
        Some((user, _)) if !scheme.is_empty() && !user.contains(['/', '?', '#', '&']) => {
            format!("{user}:{HIDDEN}@")
        }
        _ => format!("{HIDDEN}@"),
    }
}

/// `redis://user:password` whose host was forgotten: hides what stands in the port's place and is no number.
fn hide_odd_port(place: &str) -> Cow<'_, str> {
    let authority = place.split('/').next().unwrap_or(place);
    let end =
        if authority.starts_with('[') { authority.find(']').map(|at| at + 1) } else { authority.find(':') };
    let (host, port) = authority.split_at(end.unwrap_or(authority.len()));
    if port.bytes().skip(1).all(|b| b.is_ascii_digit()) {
        Cow::Borrowed(place)
    } else {
        Cow::Owned(format!("{host}:{HIDDEN}"))
    }
}

/// An option's value, fit for a message. One with a `?` or `&` may be the rest of a URL that was put together wrongly.
pub(crate) fn masked_value(value: &str) -> String {
    let (value, query) = value.split_at(value.find(['?', '&']).unwrap_or(value.len()));
    shorten(&format!("{value}{}", hide_query(query)))
}

/// Shows only the values of options that are known and no secrets.
fn hide_query(query: &str) -> String {
    query.split_inclusive(['?', '&']).map(hide_pair).collect()
}

fn hide_pair(pair: &str) -> Cow<'_, str> {
    let text = pair.trim_end_matches(['?', '&']);
    let end = pair.get(text.len()..).unwrap_or("");
    match text.split_once('=') {
        _ if text.is_empty() => Cow::Borrowed(pair),
        Some((name, _)) if is_public(name) => Cow::Borrowed(pair),
        Some((name, _)) if name.eq_ignore_ascii_case("password") => {
            Cow::Owned(format!("{name}={HIDDEN}{end}"))
        }
        _ => Cow::Owned(format!("{HIDDEN}{end}")),
    }
}

/// Text of a user, made fit for a message: control characters escaped, and not too much of it.
pub(crate) fn shorten(text: &str) -> String {
    let cut = text.char_indices().nth(MAX_SHOWN).map(|(end, _)| end);
    let shown = text.get(..cut.unwrap_or(text.len())).unwrap_or(text);
    let dots = if cut.is_some() { "..." } else { "" };
    format!("{}{dots}", shown.escape_debug())
}
