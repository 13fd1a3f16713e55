//! Text with lone surrogates, as Python can hold it: UTF-8 in which each is the three bytes of its code point
//! (Python's `surrogatepass`).

/// A part of such a text.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Piece<'a> {
    Text(&'a str),
    Surrogate(u16),
}

/// The parts of a text, in order; the last one is `None` where something else follows.
pub(super) fn pieces(text: &[u8]) -> impl Iterator<Item = Option<Piece<'_>>> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let bytes = rest.take().filter(|bytes| !bytes.is_empty())?;
        Some(first(bytes).map(|(piece, behind)| {
            rest = Some(behind);
            piece
        }))
    })
}

fn first(bytes: &[u8]) -> Option<(Piece<'_>, &[u8])> {
    let valid = match std::str::from_utf8(bytes) {
        Ok(text) => return Some((Piece::Text(text), &[])),
        Err(error) => error.valid_up_to(),
    };
    if let Some((text, behind)) = bytes.split_at_checked(valid).filter(|_| valid > 0) {
        return Some((Piece::Text(std::str::from_utf8(text).ok()?), behind));
    }
    match bytes {
        [0xed, high @ 0xa0..=0xbf, low @ 0x80..=0xbf, behind @ ..] => {
            let unit = 0xd000 | u16::from(high & 0x3f) << 6 | u16::from(low & 0x3f);
            Some((Piece::Surrogate(unit), behind))
        }
        _ => None,
    }
}

/// Whether these bytes are UTF-8 but for lone surrogates.
pub(super) fn is_text(bytes: &[u8]) -> bool {
    pieces(bytes).all(|piece| piece.is_some())
}

/// Appends a code point, which may be a lone surrogate; `None` if there is no such code point.
pub(super) fn push(out: &mut Vec<u8>, code: u32) -> Option<()> {
    match char::from_u32(code) {
        Some(character) => out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes()),
        None if code <= 0xffff => {
            out.extend_from_slice(&[0xed, 0x80 | (code >> 6 & 0x3f) as u8, 0x80 | (code & 0x3f) as u8]);
        }
        None => return None,
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn surrogates_pass_and_other_errors_do_not() {
        for good in [&b"abc"[..], b"\xed\xa0\x80", b"a\xed\xbf\xbfb\xed\xa0\xbd\xed\xb8\x80", b""] {
            assert!(is_text(good));
        }
        for bad in [&b"\xff"[..], b"\xed\xa0", b"\xc0\x80", b"\xf5\x80\x80\x80", b"\xed\xa0\x80\xff"] {
            assert!(!is_text(bad));
        }
    }

    #[test]
    fn pieces_are_what_was_pushed() {
        let mut text = b"a".to_vec();
        for code in [0xd800, 0xe9, 0xdfff, 0x1f600] {
            push(&mut text, code).unwrap();
        }
        assert!(push(&mut text, 0x11_0000).is_none());
        let found: Vec<_> = pieces(&text).map(Option::unwrap).collect();
        let expected = [
            Piece::Text("a"),
            Piece::Surrogate(0xd800),
            Piece::Text("é"),
            Piece::Surrogate(0xdfff),
            Piece::Text("😀"),
        ];
        assert_eq!(found, expected);
    }
}
