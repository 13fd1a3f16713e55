//! Strings of JSON: quotes, escapes, and UTF-16 surrogates.

use std::borrow::Cow;

use crate::codec::surrogates::{self, Piece};

/// Why a string could not be read: how far into it, and what is wrong.
pub(super) struct Wrong(pub(super) usize, pub(super) &'static str);

/// A string's content.
#[derive(Debug, PartialEq)]
pub(super) enum Text<'a> {
    Plain(Cow<'a, str>),
    /// With lone surrogates, each as the three bytes of its code point.
    Surrogates(Vec<u8>),
}

/// Reads the string whose first character stands at the start of `rest`; gives it and how long it is, its last quote included.
pub(super) fn read(rest: &[u8]) -> Result<(Text<'_>, usize), Wrong> {
    let run = plain_run(rest, 0)?;
    if rest.get(run) == Some(&b'"') {
        let text = std::str::from_utf8(&rest[..run]).map_err(|error| not_utf8(error.valid_up_to()))?;
        return Ok((Text::Plain(text.into()), run + 1));
    }
    read_escaped(rest, run)
}

fn read_escaped(rest: &[u8], first_run: usize) -> Result<(Text<'_>, usize), Wrong> {
    let mut content = Vec::new();
    let (mut at, mut run, mut lone) = (0, first_run, false);
    loop {
        // A character is never cut by a run's end, which is ASCII.
        let text = std::str::from_utf8(&rest[at..run]).map_err(|error| not_utf8(at + error.valid_up_to()))?;
        content.extend_from_slice(text.as_bytes());
        if rest.get(run) == Some(&b'"') {
            break;
        }
        at = run + escape(&rest[run..], &mut content, &mut lone).map_err(|what| Wrong(run, what))?;
        run = plain_run(rest, at)?;
    }
    if lone {
        return Ok((Text::Surrogates(content), run + 1));
    }
    let text = String::from_utf8(content).map_err(|_| not_utf8(run))?;
    Ok((Text::Plain(text.into()), run + 1))
}

fn not_utf8(at: usize) -> Wrong {
    Wrong(at, "text that is no UTF-8")
}

/// Where the run of characters from `from` on ends: at a quote or a backslash.
fn plain_run(rest: &[u8], from: usize) -> Result<usize, Wrong> {
    let tail = rest.get(from..).unwrap_or_default();
    let len =
        memchr::memchr2(b'"', b'\\', tail).ok_or(Wrong(rest.len(), "the end of the text within a string"))?;
    match tail[..len].iter().position(|byte| *byte < 0x20) {
        Some(bad) => Err(Wrong(from + bad, "a control character within a string")),
        None => Ok(from + len),
    }
}

/// Decodes the escape at the start of `rest`; gives how long it is.
fn escape(rest: &[u8], content: &mut Vec<u8>, lone: &mut bool) -> Result<usize, &'static str> {
    let plain = match rest.get(1) {
        Some(&byte @ (b'"' | b'\\' | b'/')) => byte,
        Some(b'b') => 0x08,
        Some(b'f') => 0x0c,
        Some(b'n') => b'\n',
        Some(b'r') => b'\r',
        Some(b't') => b'\t',
        Some(b'u') => return unicode(rest, content, lone),
        _ => return Err("an escape that JSON does not have"),
    };
    content.push(plain);
    Ok(2)
}

fn unicode(rest: &[u8], content: &mut Vec<u8>, lone: &mut bool) -> Result<usize, &'static str> {
    let unit = hex(rest).ok_or("an escape without its four digits")?;
    let low = rest.get(6..).filter(|rest| rest.starts_with(b"\\u")).and_then(hex);
    let (code, len) = match (unit, low) {
        (0xd800..=0xdbff, Some(low @ 0xdc00..=0xdfff)) => {
            (0x1_0000 + ((unit - 0xd800) << 10) + (low - 0xdc00), 12)
        }
        _ => (unit, 6),
    };
    *lone |= char::from_u32(code).is_none();
    surrogates::push(content, code).ok_or("an escape that is no character")?;
    Ok(len)
}

/// The four digits behind `\u`.
fn hex(rest: &[u8]) -> Option<u32> {
    let digits = rest.get(2..6)?;
    digits.iter().try_fold(0, |code, digit| Some(code << 4 | char::from(*digit).to_digit(16)?))
}

/// Writes text, which may hold lone surrogates, as `json.dumps` does: in ASCII. `None` if it is no text.
pub(super) fn write(out: &mut Vec<u8>, text: &[u8]) -> Option<()> {
    out.push(b'"');
    for piece in surrogates::pieces(text) {
        match piece? {
            Piece::Text(text) => write_valid(out, text),
            Piece::Surrogate(unit) => write_unit(out, unit),
        }
    }
    out.push(b'"');
    Some(())
}

fn write_valid(out: &mut Vec<u8>, text: &str) {
    let mut rest = text;
    while let Some(at) = rest.bytes().position(needs_escape) {
        out.extend_from_slice(&rest.as_bytes()[..at]);
        let mut characters = rest[at..].chars();
        if let Some(character) = characters.next() {
            write_escape(out, character);
        }
        rest = characters.as_str();
    }
    out.extend_from_slice(rest.as_bytes());
}

fn needs_escape(byte: u8) -> bool {
    !(b' '..=b'~').contains(&byte) || byte == b'"' || byte == b'\\'
}

fn write_escape(out: &mut Vec<u8>, character: char) {
    let short = match character {
        '"' | '\\' => character as u8,
        '\n' => b'n',
        '\r' => b'r',
        '\t' => b't',
        '\u{8}' => b'b',
        '\u{c}' => b'f',
        _ => {
            for unit in character.encode_utf16(&mut [0; 2]) {
                write_unit(out, *unit);
            }
            return;
        }
    };
    out.extend_from_slice(&[b'\\', short]);
}

fn write_unit(out: &mut Vec<u8>, unit: u16) {
    out.extend_from_slice(format!("\\u{unit:04x}").as_bytes());
}
