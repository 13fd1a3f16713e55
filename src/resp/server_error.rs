//! What the server's error replies mean to a caller.

use std::fmt::Display;

use crate::error::{Error, Redirect, Sent, Status};
use crate::limits::MAX_ERROR_TEXT;

/// An error reply is known by its code, the first word, or by a phrase in its text.
enum Mark {
    Code(&'static str),
    Phrase(&'static str),
}
use Mark::{Code, Phrase};

/// What a server may be that does not know what all servers know.
const A_SENTINEL: &str =
    "If it is a sentinel, name it in SENTINELS, with CLIENT_CLASS sentinel; the location is its service's.";

/// The first entry that fits decides. The last column says what to do about it.
#[rustfmt::skip] // one line for each
const KNOWN: &[(Mark, Status, &str)] = &[
    (Code("NOAUTH"), Status::Auth, "Set the option PASSWORD (and USERNAME for an ACL user)."),
    (Code("WRONGPASS"), Status::Auth, "Check the options USERNAME and PASSWORD."),
    (Phrase("invalid username-password"), Status::Auth, "Check the options USERNAME and PASSWORD."),
    (Phrase("invalid password"), Status::Auth, "Check the option PASSWORD."),
    (Phrase("called without any password"), Status::Auth, "The server has no password: leave out the option PASSWORD."),
    (Phrase("no password is set"), Status::Auth, "The server has no password: leave out the option PASSWORD."),
    (Code("NOPERM"), Status::Auth, "Allow it for this user with ACL SETUSER, or log in as another."),
    (Code("WRONGTYPE"), Status::Type, "Another program wrote this key, or KEY_PREFIX is shared with one."),
    (Phrase("not an integer"), Status::Type, "Only integers can be incremented."),
    (Phrase("not a valid float"), Status::Type, "Only numbers can be incremented."),
    (Code("LOADING"), Status::Unavailable, "The server is starting: try again soon."),
    (Code("READONLY"), Status::Unavailable, "This is a replica: write to its primary, which stands first in a list of servers."),
    // Of a script, before Redis 7.
    (Phrase("-READONLY "), Status::Unavailable, "This is a replica: write to its primary, which stands first in a list of servers."),
    (Code("MASTERDOWN"), Status::Unavailable, "The replica lost its primary: try again soon."),
    (Code("OOM"), Status::Unavailable, "Raise the server's maxmemory or set an eviction policy."),
    (Code("MOVED"), Status::Server, "The server is a node of a cluster: set CLIENT_CLASS=cluster."),
    (Code("ASK"), Status::Server, "The server is a node of a cluster: set CLIENT_CLASS=cluster."),
    (Code("CROSSSLOT"), Status::Server, "The server is a node of a cluster: set CLIENT_CLASS=cluster; the keys of one command need the same {tag}."),
    (Code("CLUSTERDOWN"), Status::Unavailable, "Some slots have no server: try again soon."),
    (Code("MISCONF"), Status::Unavailable, "The server can't save to its disk: see its log."),
    (Code("BUSY"), Status::Unavailable, "A script runs on the server: SCRIPT KILL ends it."),
    (Code("NOREPLICAS"), Status::Unavailable, "Too few replicas follow the primary: try again soon."),
    (Code("TRYAGAIN"), Status::Unavailable, "Slots are moving between servers: try again soon."),
    (Phrase("command 'GET'"), Status::Server, A_SENTINEL),
    (Phrase("command 'SET'"), Status::Server, A_SENTINEL),
    (Phrase("command 'MGET'"), Status::Server, A_SENTINEL),
    (Phrase("command 'SELECT'"), Status::Server, A_SENTINEL),
    (Phrase("max number of clients"), Status::Unavailable, "Raise the server's maxclients or lower MAX_CONNECTIONS."),
    (Code("DENIED"), Status::Auth, "The server is in protected mode: give it a password, or connect from its own machine."),
    (Phrase("DB index is out of range"), Status::Server, "Name a smaller DB, or raise the server's option databases."),
    (Code("NOPROTO"), Status::Server, "Set PROTOCOL=resp2: this server has no RESP3."),
];

/// The same for an error reply that the redis crate parsed.
pub(crate) fn server_error_of(server: &dyn Display, error: &redis::ServerError) -> Error {
    server_error(server, error_text(error).as_bytes())
}

/// The text of an error reply that the redis crate parsed, without the leading `-`, as one short line.
pub(crate) fn error_text(error: &redis::ServerError) -> String {
    harmless(format!("{} {}", error.code(), error.details().unwrap_or_default()).as_bytes())
}

/// The error for a server's error reply. The connection that it came on stays usable.
pub(crate) fn server_error(server: &dyn Display, reply: &[u8]) -> Error {
    let text = harmless(reply);
    let code = text.split(' ').next().unwrap_or_default();
    let known = KNOWN.iter().find(|(mark, ..)| match mark {
        Code(known) => code == *known,
        Phrase(phrase) => text.contains(phrase),
    });
    match known {
        Some((_, status, advice)) => {
            let error = Error::new(*status, format!("{server} answered: {text}. {advice}"));
            // The server would not even begin: safe to try again.
            let error = if *status == Status::Unavailable { error.sent(Sent::No) } else { error };
            error.redirecting(redirect(&text))
        }
        None => Error::new(Status::Server, format!("{server} answered: {text}")),
    }
}

/// `MOVED slot address` and the like.
fn redirect(text: &str) -> Option<Redirect> {
    let mut words = text.split(' ');
    let code = words.next()?;
    let mut address = || words.nth(1).map(str::to_owned);
    match code {
        "MOVED" => address().map(Redirect::Moved),
        "ASK" => address().map(Redirect::Ask),
        "TRYAGAIN" => Some(Redirect::TryAgain),
        "CLUSTERDOWN" => Some(Redirect::Down),
        _ => None,
    }
}

/// The text as one short line. The arguments that "unknown command" repeats may be secrets or values: cut off.
fn harmless(reply: &[u8]) -> String {
    let text = String::from_utf8_lossy(reply);
    let text = text.split(", with args beginning with").next().unwrap_or_default();
    let line: String =
        text.chars().take(MAX_ERROR_TEXT).map(|c| if c.is_control() { ' ' } else { c }).collect();
    line.trim_end_matches([' ', '.', ',']).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_and_phrases_decide_the_status() {
        for (reply, status) in [
            ("NOAUTH Authentication required.", Status::Auth),
            ("WRONGPASS invalid username-password pair or user is disabled.", Status::Auth),
            ("ERR invalid password", Status::Auth),
            (
                "ERR AUTH <password> called without any password configured for the default user.",
                Status::Auth,
            ),
            ("ERR Client sent AUTH, but no password is set", Status::Auth),
            ("NOPERM this user has no permissions to run the 'set' command", Status::Auth),
            ("WRONGTYPE Operation against a key holding the wrong kind of value", Status::Type),
            ("ERR value is not an integer or out of range", Status::Type),
            ("ERR value is not a valid float", Status::Type),
            ("LOADING Redis is loading the dataset in memory", Status::Unavailable),
            ("READONLY You can't write against a read only replica.", Status::Unavailable),
            ("MASTERDOWN Link with MASTER is down", Status::Unavailable),
            ("OOM command not allowed when used memory > 'maxmemory'.", Status::Unavailable),
            ("CLUSTERDOWN The cluster is down", Status::Unavailable),
            ("MISCONF Redis is configured to save RDB snapshots", Status::Unavailable),
            ("BUSY Redis is busy running a script.", Status::Unavailable),
            ("NOREPLICAS Not enough good replicas to write.", Status::Unavailable),
            ("TRYAGAIN Multiple keys request during rehashing of slot", Status::Unavailable),
            ("MOVED 3999 127.0.0.1:6381", Status::Server),
            ("ASK 3999 127.0.0.1:6381", Status::Server),
            ("CROSSSLOT Keys in request don't hash to the same slot", Status::Server),
            ("ERR max number of clients reached", Status::Unavailable),
            ("BUSYKEY Target key name already exists.", Status::Server),
            ("BUSYGROUP Consumer Group name already exists", Status::Server),
            ("ERR unknown command 'FOO'", Status::Server),
            ("", Status::Server),
        ] {
            let error = server_error(&"127.0.0.1:6379", reply.as_bytes());
            assert_eq!(error.status(), status, "{reply}");
            assert!(error.message().starts_with("127.0.0.1:6379 answered: "), "{reply}");
            assert_eq!(error.is_away(), status == Status::Unavailable, "{reply}");
        }
    }

    #[test]
    fn a_node_of_a_cluster_refers_to_another() {
        let moved = |address: &str| Some(Redirect::Moved(address.to_owned()));
        for (reply, redirect) in [
            ("MOVED 3999 127.0.0.1:6381", moved("127.0.0.1:6381")),
            ("MOVED 3999 :6381", moved(":6381")),
            ("MOVED 3999 ::1:6381", moved("::1:6381")),
            ("MOVED 3999", None),
            ("ASK 3999 node.example:6381", Some(Redirect::Ask("node.example:6381".into()))),
            ("TRYAGAIN Multiple keys request during rehashing of slot", Some(Redirect::TryAgain)),
            ("CLUSTERDOWN Hash slot not served", Some(Redirect::Down)),
            ("LOADING Redis is loading the dataset in memory", None),
        ] {
            assert_eq!(server_error(&"server", reply.as_bytes()).redirect(), redirect.as_ref(), "{reply}");
        }
        let message = server_error(&"server", b"MOVED 1 h:1").message().to_owned();
        assert!(message.ends_with("set CLIENT_CLASS=cluster."), "{message}");
    }

    #[test]
    fn texts_are_made_harmless() {
        let error = server_error(&"unix:/x", b"ERR a\nb\x1b[31m\xff");
        assert_eq!(error.message(), "unix:/x answered: ERR a b [31m\u{fffd}");
        let error = server_error(&"unix:/x", &[b'e'; 100_000]);
        assert_eq!(error.message().len(), "unix:/x answered: ".len() + MAX_ERROR_TEXT);
    }

    #[test]
    fn repeated_arguments_are_cut_off() {
        let reply = b"ERR unknown command 'AUTH', with args beginning with: 'hunter2' ";
        let error = server_error(&"unix:/x", reply);
        assert_eq!(error.message(), "unix:/x answered: ERR unknown command 'AUTH'");
    }
}
