//! The commands that the cache sends, and their answers, in the server's words.

use super::entries::{Entries, Left};
use super::glob;
use crate::script::{EXTEND, INCR, RENEW, REPLACE, Script, UNLOCK};

/// Does one command and appends its reply.
pub(super) fn answer(entries: &mut Entries, args: &[&[u8]], out: &mut Vec<u8>) {
    let Some((name, args)) = args.split_first() else { return error(out, "ERR no command") };
    match (*name, args) {
        (b"GET", [key]) => bulk(out, entries.get(key)),
        (b"MGET", keys) => {
            header(out, b'*', keys.len());
            keys.iter().for_each(|key| bulk(out, entries.get(key)));
        }
        (b"SET", [key, value, conditions @ ..]) => set(entries, key, value, conditions, out),
        (b"DEL" | b"UNLINK", keys) => integer(out, count(keys, |key| entries.remove(key))),
        (b"EXISTS", keys) => integer(out, count(keys, |key| entries.contains(key))),
        (b"PEXPIRE", [key, millis]) => integer(out, entries.expire(key, number(millis)).into()),
        (b"PERSIST", [key]) => {
            let expires = matches!(entries.left(key), Some(Left::Millis(_)));
            integer(out, (expires && entries.expire(key, None)).into());
        }
        (b"PTTL", [key]) => integer(out, left(entries, key)),
        (b"RENAME", [from, to]) => {
            if entries.rename(from, to) {
                out.extend_from_slice(b"+OK\r\n")
            } else {
                error(out, "ERR no such key")
            }
        }
        (b"SCAN", [_, b"MATCH", pattern, ..]) => scan(entries, pattern, out),
        (b"FLUSHDB", []) => {
            entries.clear();
            out.extend_from_slice(b"+OK\r\n");
        }
        (b"EVALSHA" | b"EVAL", [name, b"1", key, args @ ..]) => script(entries, name, key, args, out),
        _ => error(out, "ERR a command that a store in memory does not know"),
    }
}

fn set(entries: &mut Entries, key: &[u8], value: &[u8], conditions: &[&[u8]], out: &mut Vec<u8>) {
    let (met, rest) = match conditions {
        [b"NX", rest @ ..] => (!entries.contains(key), rest),
        [b"XX", rest @ ..] => (entries.contains(key), rest),
        rest => (true, rest),
    };
    let millis = match rest {
        [b"PX", millis] => number(millis),
        _ => None,
    };
    if !met {
        out.extend_from_slice(b"$-1\r\n");
    } else if entries.set(key, value, millis) {
        out.extend_from_slice(b"+OK\r\n");
    } else {
        error(out, "OOM the value is larger than MEMORY_MAX");
    }
}

fn left(entries: &mut Entries, key: &[u8]) -> i64 {
    match entries.left(key) {
        None => -2,
        Some(Left::Forever) => -1,
        Some(Left::Millis(millis)) => i64::try_from(millis).unwrap_or(i64::MAX),
    }
}

/// All matching keys at once, with the cursor of the end.
fn scan(entries: &mut Entries, pattern: &[u8], out: &mut Vec<u8>) {
    let keys = entries.keys(|key| glob::matches(pattern, key));
    out.extend_from_slice(b"*2\r\n$1\r\n0\r\n");
    header(out, b'*', keys.len());
    keys.iter().for_each(|key| bulk(out, Some(key)));
}

/// What the scripts in src/script do, by their SHA-1 or their text.
fn script(entries: &mut Entries, name: &[u8], key: &[u8], args: &[&[u8]], out: &mut Vec<u8>) {
    let holds = |entries: &mut Entries, expected: &[u8]| entries.get(key) == Some(expected);
    let is = |script: &Script| [script.sha, script.text].iter().any(|known| known.as_bytes() == name);
    match args {
        [delta] if is(&INCR) => incr(entries, key, delta, out),
        [old, new] if is(&REPLACE) => {
            integer(out, (holds(entries, old) && entries.replace(key, new)).into());
        }
        [old, new, millis] if is(&RENEW) => {
            let millis = number(millis).filter(|&millis| millis > 0);
            if holds(entries, old) && !entries.set(key, new, millis) {
                return error(out, "OOM the value is larger than MEMORY_MAX");
            }
            integer(out, holds(entries, new).into());
        }
        [token, millis] if is(&EXTEND) => {
            integer(out, (holds(entries, token) && entries.expire(key, number(millis))).into());
        }
        [token] if is(&UNLOCK) => {
            integer(out, (holds(entries, token) && entries.remove(key)).into());
        }
        _ => error(out, "ERR a script that a store in memory does not know"),
    }
}

fn incr(entries: &mut Entries, key: &[u8], delta: &[u8], out: &mut Vec<u8>) {
    let Some(stored) = entries.get(key) else { return out.extend_from_slice(b"$-1\r\n") };
    let (Some(old), Some(delta)) = (canonical(stored), canonical(delta)) else {
        return error(out, "ERR value is not an integer or out of range");
    };
    let Some(new) = old.checked_add(delta) else {
        return error(out, "ERR increment or decrement would overflow");
    };
    entries.replace(key, itoa::Buffer::new().format(new).as_bytes());
    integer(out, new);
}

/// A 64-bit integer as INCRBY takes it: no blanks, plus signs or leading zeros.
fn canonical(text: &[u8]) -> Option<i64> {
    let number: i64 = std::str::from_utf8(text).ok()?.parse().ok()?;
    (itoa::Buffer::new().format(number).as_bytes() == text).then_some(number)
}

fn number(text: &[u8]) -> Option<u64> {
    std::str::from_utf8(text).ok()?.parse().ok()
}

fn count(keys: &[&[u8]], mut what: impl FnMut(&[u8]) -> bool) -> i64 {
    let counted = keys.iter().filter(|key| what(key)).count();
    i64::try_from(counted).unwrap_or(i64::MAX)
}

fn header(out: &mut Vec<u8>, kind: u8, number: usize) {
    out.push(kind);
    out.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
    out.extend_from_slice(b"\r\n");
}

fn bulk(out: &mut Vec<u8>, bytes: Option<&[u8]>) {
    let Some(bytes) = bytes else { return out.extend_from_slice(b"$-1\r\n") };
    header(out, b'$', bytes.len());
    out.extend_from_slice(bytes);
    out.extend_from_slice(b"\r\n");
}

fn integer(out: &mut Vec<u8>, number: i64) {
    out.push(b':');
    out.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
    out.extend_from_slice(b"\r\n");
}

fn error(out: &mut Vec<u8>, text: &str) {
    out.push(b'-');
    out.extend_from_slice(text.as_bytes());
    out.extend_from_slice(b"\r\n");
}
