//! How far whole replies reach in a buffer, without consuming them: where a part may come now and the rest at any
//! time, and where the bytes of one reply are for somebody else than those of the next.

use memchr::memchr;

use super::head::{Aggregate, Head};
use crate::limits::MAX_LINE;

/// What a buffer holds of the replies that are waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reached {
    /// All of them, to the last byte.
    Whole,
    /// More bytes must come.
    Partial,
    /// Something that is no reply.
    Malformed,
}

/// The end of the last of so many replies. Asked again when more bytes came, it goes on where it stopped.
#[derive(Debug, Default)]
pub(crate) struct Extent {
    length: usize,
    awaited: usize,
}

/// A line that ends in CR LF: its text, and what follows it.
enum Line<'b> {
    Whole(&'b [u8], &'b [u8]),
    Partial,
    Malformed,
}

impl Extent {
    /// That of the frame that `bytes` begin with, and all that belongs to it; a push counts. It has length 0 until the first
    /// line is whole, and is then to be made anew.
    pub(crate) fn of_first(bytes: &[u8]) -> Extent {
        if let Line::Whole(text, rest) = line(bytes)
            && let Some(Head::Aggregate(Aggregate::Push, count)) = Head::parse(text)
        {
            return Extent { length: bytes.len() - rest.len(), awaited: count };
        }
        Extent { length: 0, awaited: 1 }
    }

    /// Waits for `count` more replies. Pushes and attributes before a reply belong to it.
    pub(crate) fn expect(&mut self, count: usize) {
        self.awaited += count;
    }

    /// How many bytes were passed: after [`Reached::Whole`], the length of all the replies.
    pub(crate) fn length(&self) -> usize {
        self.length
    }

    /// Goes on in `bytes`, which begin as they did before.
    pub(crate) fn reach(&mut self, bytes: &[u8]) -> Reached {
        while self.awaited > 0 {
            let (text, rest) = match line(bytes.get(self.length..).unwrap_or_default()) {
                Line::Whole(text, rest) => (text, rest),
                Line::Partial => return Reached::Partial,
                Line::Malformed => return Reached::Malformed,
            };
            let Some(head) = Head::parse(text) else { return Reached::Malformed };
            let mut end = bytes.len() - rest.len();
            if let Head::Bulk(length) | Head::Verbatim(length) | Head::BulkError(length) = head {
                match rest.get(length..length + 2) {
                    Some(b"\r\n") => end += length + 2,
                    Some(_) => return Reached::Malformed,
                    None => return Reached::Partial,
                }
            }
            self.pass(head);
            self.length = end;
        }
        Reached::Whole
    }

    fn pass(&mut self, head: Head) {
        let more = if let Head::Aggregate(_, count) = head { count } else { 0 };
        // What a push or an attribute comes before is still to come.
        let is_reply = !matches!(head, Head::Aggregate(Aggregate::Push | Aggregate::Attribute, _));
        self.awaited = (self.awaited - usize::from(is_reply)).saturating_add(more);
    }
}

fn line(bytes: &[u8]) -> Line<'_> {
    match memchr(b'\r', bytes) {
        Some(end) if end > MAX_LINE => Line::Malformed,
        Some(end) => match (bytes.get(end + 1), bytes.get(..end), bytes.get(end + 2..)) {
            (Some(b'\n'), Some(text), Some(rest)) => Line::Whole(text, rest),
            (Some(_), ..) => Line::Malformed,
            (None, ..) => Line::Partial,
        },
        None if bytes.len() > MAX_LINE => Line::Malformed,
        None => Line::Partial,
    }
}

/// Whether `bytes` begin with a whole frame and all that belongs to it; a push counts. Malformed bytes count as whole:
/// reading them says what is wrong.
pub(crate) fn begins_with_reply(bytes: &[u8]) -> bool {
    Extent::of_first(bytes).reach(bytes) != Reached::Partial
}

#[cfg(test)]
mod tests {
    use super::*;

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

    #[test]
    fn an_extent_goes_on_where_it_stopped() {
        let replies = b"$3\r\nabc\r\n*2\r\n:1\r\n$-1\r\n>2\r\n+a\r\n+b\r\n:7\r\n";
        let (mut extent, mut ends) = (Extent::default(), Vec::new());
        extent.expect(1);
        for end in 0..=replies.len() {
            while extent.reach(&replies[..end]) == Reached::Whole && ends.len() < 3 {
                ends.push((end, extent.length()));
                extent.expect(1);
            }
        }
        assert_eq!(ends, [(9, 9), (22, 22), (replies.len(), replies.len())], "the push belongs to :7");
    }

    #[test]
    fn an_extent_tells_what_is_no_reply() {
        let long = [b"+".as_slice(), &vec![b'x'; MAX_LINE + 1]].concat();
        for bytes in [&b"?\r\n"[..], b"+O\nK\r+", b"$1\r\nabc", b"*1\r\n$-7\r\n", &long] {
            let mut extent = Extent::default();
            extent.expect(1);
            assert_eq!(extent.reach(bytes), Reached::Malformed, "{:?}", String::from_utf8_lossy(bytes));
        }
    }
}
