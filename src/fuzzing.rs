//! What the programs of fuzz/ reach of the inside; there in no other build.

use std::fmt::Display;

use crate::error::{Error, Result, Status};
use crate::key::KeySpace;
use crate::resp::{Buffer, Extent, Reached, Replies, Source};

/// A server that sends its bytes in pieces, then hangs up.
struct Pieces<'a> {
    bytes: &'a [u8],
    /// The lengths of the pieces, again and again; empty: all at once.
    lengths: &'a [u8],
    sent: usize,
}

impl Source for Pieces<'_> {
    fn receive(&mut self, into: &mut Vec<u8>, room: usize) -> Result<()> {
        let length = self
            .lengths
            .get(self.sent % self.lengths.len().max(1))
            .map_or(usize::MAX, |n| usize::from(*n).max(1));
        let (piece, rest) = self.bytes.split_at(length.min(room).min(self.bytes.len()));
        if piece.is_empty() {
            return Err(Error::new(Status::Connection, "the end"));
        }
        into.extend_from_slice(piece);
        (self.bytes, self.sent) = (rest, self.sent + 1);
        Ok(())
    }

    fn server(&self) -> &dyn Display {
        &"the fuzzer"
    }
}

/// One reply of any type, from bytes that come in pieces of these lengths: the value, or the status of its error.
pub fn reply(bytes: &[u8], lengths: &[u8]) -> std::result::Result<redis::Value, Status> {
    let mut source = Pieces { bytes, lengths, sent: 0 };
    Replies::new(&mut Buffer::default(), &mut source, 1).value_or_error().map_err(|error| error.status())
}

/// How many bytes the first reply takes, looked at whenever `step` more have come; `None` if it does not end in them.
pub fn extent(bytes: &[u8], step: usize) -> Option<usize> {
    let mut extent = Extent::default();
    extent.expect(1);
    let ends = (0..bytes.len()).step_by(step.max(1)).chain([bytes.len()]);
    let reached = ends.map(|end| extent.reach(&bytes[..end])).find(|reached| *reached != Reached::Partial);
    (reached == Some(Reached::Whole)).then_some(extent.length())
}

/// The pattern that SCAN gets for this prefix and version, and the start of the keys that it is for.
pub fn pattern(prefix: &str, version: i64, of_user: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let space = KeySpace::new(prefix, version);
    let mut pattern = Vec::new();
    space.pattern(of_user, None, false, &mut pattern);
    (pattern, space.full(b"", None, false).map(|head| head.to_vec()).unwrap_or_default())
}

/// Whether `memory:` finds a key by a pattern.
pub fn finds(pattern: &[u8], key: &[u8]) -> bool {
    crate::memory::matches(pattern, key)
}
