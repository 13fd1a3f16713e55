//! Whether a whole reply stands in a buffer, without consuming it: for channels, where a part may come now and
//! the rest at any time.

use memchr::memchr;

use super::head::{Aggregate, Head};

/// Whether `bytes` begin with a whole frame and all that belongs to it. Malformed bytes count as whole: reading them
/// says what is wrong.
pub(crate) fn begins_with_reply(bytes: &[u8]) -> bool {
    let mut rest = bytes;
    let mut awaited = 1_usize;
    while awaited > 0 {
        let Some(end) = memchr(b'\n', rest) else { return false };
        let line = rest.get(..end.saturating_sub(1)).unwrap_or_default();
        let Some(head) = Head::parse(line) else { return true };
        awaited -= 1;
        let payload = match head {
            Head::Bulk(length) | Head::Verbatim(length) | Head::BulkError(length) => length + 2,
            // What an attribute is about follows it.
            Head::Aggregate(Aggregate::Attribute, count) => {
                awaited = awaited.saturating_add(count + 1);
                0
            }
            Head::Aggregate(_, count) => {
                awaited = awaited.saturating_add(count);
                0
            }
            _ => 0,
        };
        match rest.get(end + 1 + payload..) {
            Some(after) => rest = after,
            None => return false,
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::begins_with_reply;

    #[test]
    fn a_frame_is_whole_with_its_last_byte() {
        for frame in [
            &b"+OK\r\n"[..],
            b":12\r\n",
            b"$-1\r\n",
            b"$5\r\nhello\r\n",
            b"$2\r\n\r\n\r\n",
            b"*0\r\n",
            b"*2\r\n$1\r\na\r\n:1\r\n",
            b">3\r\n$7\r\nmessage\r\n$1\r\nc\r\n*1\r\n$1\r\nx\r\n",
            b"%1\r\n+k\r\n*1\r\n#t\r\n",
            b"|1\r\n+a\r\n+b\r\n:7\r\n",
        ] {
            assert!(begins_with_reply(frame));
            assert!(begins_with_reply(&[frame, b"+next"].concat()));
            for end in 0..frame.len() {
                assert!(!begins_with_reply(&frame[..end]), "{:?}", String::from_utf8_lossy(&frame[..end]));
            }
        }
    }

    #[test]
    fn what_is_malformed_is_handed_on() {
        assert!(begins_with_reply(b"?\r\n"));
        assert!(begins_with_reply(b"*1\r\n$-7\r\n"));
    }
}
