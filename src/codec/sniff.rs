//! Which serializer wrote these bytes, by their first ones and their last.
//!
//! What each claims is disjoint: a MessagePack of more than one byte starts at 0x80 or above; a pickle of protocol 2 and up
//! starts with 0x80 and its protocol, where MessagePack's 0x80 is a value that ends there; a pickle ends with a full stop,
//! which no JSON does.

use crate::msgpack::Reader;
use crate::value::Format;

/// The opcodes that a pickle of protocol 0 or 1 can start with.
const OLD_PICKLE: &[u8] = b"(NIJKMLFGSTUVXc])}P";
const JSON_WORDS: [&[u8]; 6] = [b"null", b"true", b"false", b"NaN", b"Infinity", b"-Infinity"];

/// Whether these bytes look like that serializer's. Raw bytes look like anything, so they are not looked for.
pub(super) fn claims(format: Format, payload: &[u8]) -> bool {
    match format {
        Format::Pickle => is_pickle(payload),
        Format::Json => is_json(payload),
        Format::Msgpack => is_msgpack(payload),
        Format::Raw => false,
    }
}

fn is_pickle(payload: &[u8]) -> bool {
    match payload {
        [0x80, 2..=5, ..] => true,
        [first, .., b'.'] => OLD_PICKLE.contains(first),
        _ => false,
    }
}

/// As Python writes it, without space around it. Integers are left out: they are stored as digits.
fn is_json(payload: &[u8]) -> bool {
    match payload {
        [b'{', .., b'}'] | [b'[', .., b']'] | [b'"', .., b'"'] => true,
        [b'-' | b'0'..=b'9', .., b'0'..=b'9'] => {
            payload.iter().any(|byte| matches!(byte, b'.' | b'e' | b'E'))
        }
        _ => JSON_WORDS.contains(&payload),
    }
}

/// Integers are left out: they are stored as digits, and one of them is any single byte.
fn is_msgpack(payload: &[u8]) -> bool {
    let mut reader = Reader::at(payload, 0);
    matches!(payload, [0x80..=0xc0 | 0xc2..=0xcb | 0xd4..=0xdf, ..])
        && reader.skip().is_ok()
        && reader.is_done()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claimed(payload: &[u8]) -> Vec<Format> {
        let all = [Format::Pickle, Format::Json, Format::Msgpack, Format::Raw];
        all.into_iter().filter(|format| claims(*format, payload)).collect()
    }

    #[test]
    fn one_claims_it_or_nobody() {
        let pickles = [
            &b"\x80\x05N."[..],
            b"\x80\x02]q\x01.",
            b"N.",
            b"I01\n.",
            b"(dp0\n.",
            b"]q\0.",
            b"cos\nsystem\n.",
        ];
        let texts =
            [&b"{}"[..], b"[1, 2]", b"\"a.\"", b"-1.5", b"1e5", b"true", b"NaN", b"-Infinity", b"null"];
        let packs = [
            &b"\x80"[..],
            b"\x90",
            b"\xc0",
            b"\xc3",
            b"\xa1a",
            b"\x81\xa1a.",
            b"\xcb\0\0\0\0\0\0\0\0",
            b"\xd9\x01.",
        ];
        for (payloads, format) in
            [(&pickles[..], Format::Pickle), (&texts, Format::Json), (&packs, Format::Msgpack)]
        {
            for payload in payloads {
                assert_eq!(claimed(payload), [format], "{payload:?}");
            }
        }
        for payload in [
            &b""[..],
            b"x",
            b"hello",
            b"\x00",
            b"\x7f",
            b"\xe0",
            b"\xcc\x01",
            b"nothing",
            b"Name",
            b"\xc0\xc0",
            b"\xc1",
        ] {
            assert_eq!(claimed(payload), [], "{payload:?}");
        }
    }
}
