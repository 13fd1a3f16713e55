//! The scripts that run inside the server, as files, with their SHA-1 for EVALSHA.

/// A script and the name the server knows it by.
pub(crate) struct Script {
    /// Its text.
    pub(crate) text: &'static str,
    /// The SHA-1 of its text, in lowercase hexadecimal digits.
    pub(crate) sha: &'static str,
}

/// Adds to an integer that is there: nil, or the new integer.
pub(crate) const INCR: Script =
    Script { text: include_str!("incr.lua"), sha: "f88b6e1e7778ba8b8ec4707089e53855cb896c06" };

/// Compare-and-set that keeps the time to live: 1 or 0.
pub(crate) const REPLACE: Script =
    Script { text: include_str!("replace.lua"), sha: "2e5c10ecebe534b6af2abe65b580b828e0ebbd1b" };

/// Gives a lock that is still ours more time: 1 or 0.
pub(crate) const EXTEND: Script =
    Script { text: include_str!("extend.lua"), sha: "ca12dd7a97be64008d258b6de5dbf906cf9dfff1" };

/// Gives up a lock that is still ours, and deletes a value that is still what GET gave: 1 or 0.
pub(crate) const UNLOCK: Script =
    Script { text: include_str!("unlock.lua"), sha: "487dc437751c4b926847bf639cda96174a265113" };

/// Deletes a value that is still what was copied: 1 or 0.
pub(crate) const TAKE: Script =
    Script { text: include_str!("take.lua"), sha: "0f781a3ee80894c9ea1de3f12378aa63d3a3edc8" };

/// Compare-and-set with a new time to live: 1 or 0.
pub(crate) const RENEW: Script =
    Script { text: include_str!("renew.lua"), sha: "b1705a0d7ca8e44e7b412d85b3e28e381f95e22f" };
