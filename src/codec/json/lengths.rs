//! How many elements each array and object of a text has. MessagePack says it before the elements, JSON not at all.

/// The lengths, in the order in which the containers begin. Where the text is no JSON, anything.
pub(super) fn lengths(text: &[u8]) -> Vec<usize> {
    let mut lengths: Vec<usize> = Vec::new();
    let mut open: Vec<usize> = Vec::new();
    let mut at = 0;
    while let Some(&byte) = text.get(at) {
        at += 1;
        match byte {
            b'"' => at = end_of_string(text, at),
            b'[' | b'{' => {
                open.push(lengths.len());
                lengths.push(usize::from(!closes_at_once(&text[at..])));
            }
            b']' | b'}' => drop(open.pop()),
            b',' => {
                if let Some(length) = open.last().and_then(|index| lengths.get_mut(*index)) {
                    *length += 1;
                }
            }
            _ => {}
        }
    }
    lengths
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
    use super::lengths;

    #[test]
    fn are_counted_in_order() {
        assert_eq!(lengths(br#"[1, {"a": [], "b,]": 2}, "x\"[" , [ ]]"#), [4, 2, 0, 0]);
        assert!(lengths(b"1").is_empty());
        assert_eq!(lengths(b"{ }"), [0]);
        for broken in [&b"]]],"[..], b"\"", b"\"\\", b"[[[", b"[\"\\"] {
            let _ = lengths(broken);
        }
    }
}
