//! Typed reading of replies, in the order in which they come.

use std::borrow::Cow;
use std::ops::Range;

use smallvec::SmallVec;

use super::buffer::{Buffer, Ended, Source};
use super::frames::Frames;
use super::head::Head;
use super::server_error::server_error;
use crate::error::{Error, Result, Status};
use crate::limits::READ_IN_PLACE;

/// A string as it was received.
pub(crate) enum Bulk<'b> {
    /// In one piece.
    Whole(Cow<'b, [u8]>),
    /// A large one, whose first bytes were wanted apart: to take them off later would move all the rest.
    Parted { head: SmallVec<[u8; 24]>, rest: Vec<u8> },
}

/// The replies to one request, read one after the other. An error reply is an `Err` that leaves the connection
/// usable. What is no reply at all, or of another type than was asked for, ends the connection.
pub(crate) struct Replies<'c> {
    pub(super) frames: Frames<'c>,
}

impl<'c> Replies<'c> {
    /// Reads `expected` replies: from the buffer, and from the source where it ends.
    pub(crate) fn new(buffer: &'c mut Buffer, source: &'c mut dyn Source, expected: usize) -> Replies<'c> {
        Replies { frames: Frames::new(buffer, source, expected) }
    }

    /// A string, or `None` for nil. Small ones are borrowed from the read buffer.
    #[inline(always)]
    pub(crate) fn bulk(&mut self) -> Result<Option<Cow<'_, [u8]>>> {
        match self.frames.whole_string()? {
            Some(whole) => Ok(Some(Cow::Borrowed(self.frames.text(whole)))),
            None => self.other_bulk(),
        }
    }

    #[inline(never)]
    fn other_bulk(&mut self) -> Result<Option<Cow<'_, [u8]>>> {
        let (head, text) = self.next()?;
        self.string(head, text)
    }

    /// The same, but of a large string as many bytes come apart as `split` says when it is shown the first ones.
    pub(crate) fn bulk_parted(&mut self, split: fn(&[u8]) -> usize) -> Result<Option<Bulk<'_>>> {
        if let Some(whole) = self.frames.whole_string()? {
            return Ok(Some(Bulk::Whole(Cow::Borrowed(self.frames.text(whole)))));
        }
        let (head, text) = self.next()?;
        match head {
            Head::Bulk(length) if length > READ_IN_PLACE => {
                let (head, rest) = self.frames.parted_payload(length, split)?;
                Ok(Some(Bulk::Parted { head, rest }))
            }
            head => Ok(self.string(head, text)?.map(Bulk::Whole)),
        }
    }

    fn string(&mut self, head: Head, text: Range<usize>) -> Result<Option<Cow<'_, [u8]>>> {
        match head {
            Head::Bulk(length) => self.frames.payload(length).map(Some),
            Head::Nil => Ok(None),
            Head::Status => Ok(Some(Cow::Borrowed(self.frames.text(text)))),
            Head::Verbatim(length) => Ok(Some(match self.frames.payload(length)? {
                Cow::Borrowed(payload) => Cow::Borrowed(without_format(payload)),
                Cow::Owned(payload) => Cow::Owned(without_format(&payload).to_vec()),
            })),
            head => Err(self.unexpected(head, "a string")),
        }
    }

    /// A number; a boolean counts as 0 or 1.
    pub(crate) fn integer(&mut self) -> Result<i64> {
        match self.next()?.0 {
            Head::Integer(number) => Ok(number),
            Head::Boolean(yes) => Ok(yes.into()),
            head => Err(self.unexpected(head, "an integer")),
        }
    }

    /// A number, or `None` for nil: a script's answer.
    pub(crate) fn integer_or_nil(&mut self) -> Result<Option<i64>> {
        match self.next()?.0 {
            Head::Integer(number) => Ok(Some(number)),
            Head::Nil => Ok(None),
            head => Err(self.unexpected(head, "an integer")),
        }
    }

    /// Begins an array that must have this many elements.
    pub(crate) fn array_of(&mut self, count: usize) -> Result<()> {
        match self.array()? {
            Some(found) if found == count => Ok(()),
            _ => Err(self.frames.malformed(&format!("no array of {count} where one belongs"))),
        }
    }

    /// `OK` or another status; `false` for nil, SET's answer when NX or XX was not met.
    pub(crate) fn ok(&mut self) -> Result<bool> {
        if self.frames.whole_ok()? {
            return Ok(true);
        }
        match self.next()?.0 {
            Head::Status => Ok(true),
            Head::Nil => Ok(false),
            head => self.parsed_status(head),
        }
    }

    /// A parser such as hiredis's gives a status as a string.
    #[cold]
    fn parsed_status(&mut self, head: Head) -> Result<bool> {
        match head {
            Head::Bulk(length) if self.frames.are_parsed() => self.frames.payload(length).map(|_| true),
            head => Err(self.unexpected(head, "a status")),
        }
    }

    /// Begins an array, set or map, or `None` for nil. So many elements are to be read next: keys and values
    /// count each.
    pub(crate) fn array(&mut self) -> Result<Option<usize>> {
        match self.next()?.0 {
            Head::Aggregate(_, count) => Ok(Some(count)),
            Head::Nil => Ok(None),
            head => Err(self.unexpected(head, "an array")),
        }
    }

    /// How many bytes of the replies have come already.
    pub(crate) fn at_hand(&self) -> usize {
        self.frames.at_hand()
    }

    /// Whether an error was one of the connection, not of one reply: there will be no other reply.
    pub(crate) fn have_failed(&self) -> bool {
        self.frames.have_failed()
    }

    /// Reads the next `count` replies by `read`, and drops those of them that it leaves. The outer error means that the connection
    /// can't be used any more; the inner one is the result of `read`.
    pub(crate) fn part<T>(
        &mut self,
        count: usize,
        read: impl FnOnce(&mut Replies<'_>) -> Result<T>,
    ) -> Result<Result<T>> {
        let rest = self.frames.awaited().saturating_sub(count);
        let result = read(self);
        if self.have_failed() {
            return result.map(Ok);
        }
        self.frames.skip_down_to(rest)?;
        Ok(result)
    }

    /// Reads by `read` the replies to `count` commands that have an ASKING before each, without those to ASKING.
    pub(crate) fn after_asking(
        &mut self,
        count: usize,
        read: &mut dyn FnMut(&mut Replies<'_>) -> Result<()>,
    ) -> Result<()> {
        let mut bytes = Vec::new();
        for _ in 0..count {
            self.frames.raw()?;
            bytes.extend(self.frames.raw()?);
        }
        let mut buffer = Buffer::from(bytes);
        let concluded = {
            let mut ended = Ended { server: self.frames.server() };
            Replies::new(&mut buffer, &mut ended, count).conclude(read)
        };
        concluded.inspect_err(|_| self.frames.fail())?
    }

    /// Reads and drops what was not read. An error means that the connection can't be used any more.
    pub(crate) fn finish(&mut self) -> Result<()> {
        self.frames.finish()
    }

    /// Reads them by `read`, and drops those that it leaves. The outer error means that the connection can't be used any more;
    /// the inner one is the result of `read`.
    pub(crate) fn conclude<T>(
        &mut self,
        read: impl FnOnce(&mut Replies<'_>) -> Result<T>,
    ) -> Result<Result<T>> {
        let result = read(self);
        let failed = self.have_failed();
        match (self.finish(), result) {
            (Ok(()), result) => Ok(result),
            // The server's own words say more than that the rest did not come. If more came than was asked for,
            // though, nobody knows what they belong to.
            (Err(end), Err(first)) if failed || end.status() != Status::Protocol => Err(first),
            (Err(end), _) => Err(end),
        }
    }

    fn next(&mut self) -> Result<(Head, Range<usize>)> {
        let (head, text) = self.frames.awaited_frame()?;
        match head {
            Head::Error => Err(server_error(self.frames.server(), self.frames.text(text))),
            Head::BulkError(length) => {
                let text = self.frames.payload(length)?.into_owned();
                Err(server_error(self.frames.server(), &text))
            }
            _ => Ok((head, text)),
        }
    }

    #[cold]
    pub(super) fn unexpected(&mut self, head: Head, wanted: &str) -> Error {
        self.frames.malformed(&format!("{} where {wanted} belongs", head.name()))
    }
}

/// What follows the format of a verbatim string: `txt:` or `mkd:`.
pub(super) fn without_format(payload: &[u8]) -> &[u8] {
    payload.get(4..).unwrap_or_default()
}
