//! How many elements each array and object of a text has. MessagePack says it before the elements, JSON not at all.

use crate::limits::MAX_NODES;

/// The lengths, in the order in which the containers begin; `None` where there are too many. Where the text is no JSON,
/// anything. They have 32 bits, as a text has no more bytes than that.
pub(super) fn lengths(text: &[u8]) -> Option<Vec<u32>> {
    let mut lengths: Vec<u32> = Vec::new();
    let mut open: Vec<u32> = Vec::new();
    let mut at = 0;
    while let Some(&byte) = text.get(at) {
        at += 1;
        match byte {
            b'"' => at = end_of_string(text, at),
            b'[' | b'{' if lengths.len() == MAX_NODES => return None,
            b'[' | b'{' => {
                open.push(lengths.len() as u32);
                lengths.push(u32::from(!closes_at_once(&text[at..])));
            }
            b']' | b'}' => drop(open.pop()),
            b',' => {
                if let Some(length) = open.last().and_then(|index| lengths.get_mut(*index as usize)) {
                    *length += 1;
                }
            }
            _ => {}
        }
    }
    Some(lengths)
}

fn closes_at_once(rest: &[u8]) -> bool {
    matches!(rest.trim_ascii_start().first(), Some(b']' | b'}'))
}

/// Behind the quote that ends the string whose first character is at `at`.
fn end_of_string(text: &[u8], mut at: usize) -> usize {
    while let Some(found) = text.get(at..).and_then(|rest| memchr::memchr2(b'"', b'\\', rest)) {
        at += found;
        if text.get(at) == Some(&b'"') {
            return at + 1;
        }
        at += 2;
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::{MAX_NODES, lengths};

    #[test]
    fn are_counted_in_order() {
        assert_eq!(lengths(br#"[1, {"a": [], "b,]": 2}, "x\"[" , [ ]]"#).unwrap(), [4, 2, 0, 0]);
        assert!(lengths(b"1").unwrap().is_empty());
        assert_eq!(lengths(b"{ }").unwrap(), [0]);
        for broken in [&b"]]],"[..], b"\"", b"\"\\", b"[[[", b"[\"\\"] {
            let _ = lengths(broken);
        }
    }

    #[test]
    fn are_bounded() {
        assert!(lengths(&vec![b'['; MAX_NODES]).is_some());
        assert!(lengths(&vec![b'['; MAX_NODES + 1]).is_none());
    }
}
