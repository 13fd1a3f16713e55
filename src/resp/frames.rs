//! Frames: one line each, and for strings the payload behind it. The only place that asks for more bytes.

use std::borrow::Cow;
use std::ops::Range;

use memchr::memchr;
use smallvec::{Array, SmallVec};

use super::buffer::{Buffer, Source};
use super::complete::{Extent, Reached};
use super::head::{Aggregate, Head, short_string};
use crate::error::{Error, Result, Status};
use crate::limits::{FIRST_RESERVE, MAX_LINE, READ_IN_PLACE};

const LINE_END: &[u8] = b"\r\n";
const OK: &[u8] = b"+OK\r\n";

pub(super) struct Frames<'c> {
    buffer: &'c mut Buffer,
    source: &'c mut dyn Source,
    /// Frames that are still to come: replies, and elements of aggregates that were begun.
    awaited: usize,
    failed: bool,
}

impl<'c> Frames<'c> {
    pub(super) fn new(buffer: &'c mut Buffer, source: &'c mut dyn Source, awaited: usize) -> Frames<'c> {
        Frames { buffer, source, awaited, failed: false }
    }

    /// Reads the head of the next frame; says where the text of its line stands.
    pub(super) fn frame(&mut self) -> Result<(Head, Range<usize>)> {
        let line = self.line()?;
        let Some(head) = Head::parse(self.buffer.consumed(line.clone())) else {
            return Err(self.malformed("a line of no known type, or a length out of bounds"));
        };
        self.awaited = match head {
            Head::Aggregate(Aggregate::Push | Aggregate::Attribute, count) => {
                self.awaited.saturating_add(count)
            }
            Head::Aggregate(_, count) => self.awaited.saturating_sub(1).saturating_add(count),
            _ => self.awaited.saturating_sub(1),
        };
        Ok((head, line.start + 1..line.end))
    }

    /// Skips the attributes that come before the next frame, then reads its head.
    pub(super) fn any_frame(&mut self) -> Result<(Head, Range<usize>)> {
        loop {
            match self.frame()? {
                (Head::Aggregate(Aggregate::Attribute, count), _) => {
                    self.skip_down_to(self.awaited - count)?
                }
                frame => return Ok(frame),
            }
        }
    }

    /// Skips the pushes and attributes that come before the next frame, then reads its head.
    pub(super) fn awaited_frame(&mut self) -> Result<(Head, Range<usize>)> {
        if self.awaited == 0 {
            return Err(Error::new(Status::Panic, "a reply was read that no command asked for"));
        }
        loop {
            match self.frame()? {
                (Head::Aggregate(Aggregate::Push | Aggregate::Attribute, count), _) => {
                    self.skip_down_to(self.awaited - count)?;
                }
                frame => return Ok(frame),
            }
        }
    }

    /// Reads the string that comes next, if it is one that stays in the buffer, and is there with the first bytes that come: says
    /// where. Anything else is left to [`Frames::awaited_frame`].
    #[inline(always)]
    pub(super) fn whole_string(&mut self) -> Result<Option<Range<usize>>> {
        self.first_bytes()?;
        Ok(self.string_at_hand())
    }

    /// Reads the `OK` that comes next, which most writes are answered with. False where anything else does.
    pub(super) fn whole_ok(&mut self) -> Result<bool> {
        self.first_bytes()?;
        let is_ok = self.awaited > 0 && self.buffer.unread().starts_with(OK);
        if is_ok {
            self.awaited -= 1;
            self.buffer.consume(OK.len());
        }
        Ok(is_ok)
    }

    #[inline]
    fn first_bytes(&mut self) -> Result<()> {
        if self.awaited > 0 && self.buffer.is_empty() { self.fill(1) } else { Ok(()) }
    }

    #[inline(always)]
    fn string_at_hand(&mut self) -> Option<Range<usize>> {
        let unread = self.buffer.unread();
        let (length, payload) = short_string(unread, READ_IN_PLACE)?;
        let start = unread.len() - payload.len();
        if payload.get(length..length + LINE_END.len())? != LINE_END {
            return None;
        }
        self.awaited = self.awaited.checked_sub(1)?;
        let whole = self.buffer.consume(start + length + LINE_END.len());
        Some(whole.start + start..whole.start + start + length)
    }

    /// The text that [`Frames::frame`] named. It stands until more is read.
    pub(super) fn text(&self, range: Range<usize>) -> &[u8] {
        self.buffer.consumed(range)
    }

    /// Reads the payload of a string: a small one stays in the buffer, a large one gets memory of its own.
    pub(super) fn payload(&mut self, length: usize) -> Result<Cow<'_, [u8]>> {
        if length > READ_IN_PLACE {
            return self.large_payload(length).map(Cow::Owned);
        }
        let whole = length + LINE_END.len();
        while self.buffer.unread().len() < whole {
            self.fill(whole)?;
        }
        let range = self.buffer.consume(whole);
        let Some(payload) = self.buffer.consumed(range).strip_suffix(LINE_END) else {
            self.failed = true;
            return Err(malformed(self.source, "a string that is longer than announced"));
        };
        Ok(Cow::Borrowed(payload))
    }

    /// Reads the payload of a large string: so many bytes as `split` says of those that have come, and the rest.
    pub(super) fn parted_payload<A: Array<Item = u8>>(
        &mut self,
        length: usize,
        split: fn(&[u8]) -> usize,
    ) -> Result<(SmallVec<A>, Vec<u8>)> {
        let come = self.buffer.unread();
        let come = come.get(..length).unwrap_or(come);
        let count = split(come).min(come.len());
        let head = self.buffer.consume(count);
        let head = SmallVec::from_slice(self.buffer.consumed(head));
        Ok((head, self.large_payload(length - count)?))
    }

    /// The next reply, whole, as it was received.
    pub(super) fn raw(&mut self) -> Result<Vec<u8>> {
        let mut extent = Extent::default();
        extent.expect(1);
        loop {
            match extent.reach(self.buffer.unread()) {
                Reached::Whole => {
                    self.awaited = self.awaited.saturating_sub(1);
                    return Ok(self.buffer.take(extent.length()));
                }
                Reached::Partial => self.fill(1)?,
                Reached::Malformed => return Err(self.malformed("what is no reply")),
            }
        }
    }

    /// How many frames are still to come.
    pub(super) fn awaited(&self) -> usize {
        self.awaited
    }

    /// Notes that what was read is out of order.
    pub(super) fn fail(&mut self) {
        self.failed = true;
    }

    /// How many bytes have come and were not read yet.
    pub(super) fn at_hand(&self) -> usize {
        self.buffer.unread().len()
    }

    /// Reads what was not read yet, and drops it.
    pub(super) fn finish(&mut self) -> Result<()> {
        if self.failed {
            return Err(self.malformed("a reply that was not read to its end"));
        }
        self.skip_down_to(0)?;
        while self.buffer.unread().first() == Some(&b'>') {
            self.frame()?;
            self.skip_down_to(0)?;
        }
        if self.buffer.is_empty() { Ok(()) } else { Err(self.malformed("more than was asked for")) }
    }

    /// The error for bytes that are no reply, or none that can be understood. The connection ends here.
    #[cold]
    pub(super) fn malformed(&mut self, what: &str) -> Error {
        self.failed = true;
        malformed(self.source, what)
    }

    /// Whether the host's own parser has read the replies.
    pub(super) fn are_parsed(&self) -> bool {
        self.source.is_parsed()
    }

    pub(super) fn have_failed(&self) -> bool {
        self.failed
    }

    pub(super) fn server(&self) -> &dyn std::fmt::Display {
        self.source.server()
    }

    pub(super) fn skip_down_to(&mut self, awaited: usize) -> Result<()> {
        while self.awaited > awaited {
            if let (Head::Bulk(length) | Head::Verbatim(length) | Head::BulkError(length), _) =
                self.frame()?
            {
                self.skip_payload(length)?;
            }
        }
        Ok(())
    }

    fn skip_payload(&mut self, length: usize) -> Result<()> {
        let mut left = length;
        loop {
            left -= self.buffer.consume(left.saturating_sub(READ_IN_PLACE)).len();
            if left <= READ_IN_PLACE {
                break;
            }
            self.fill(1)?;
        }
        self.payload(left).map(drop)
    }

    fn line(&mut self) -> Result<Range<usize>> {
        let mut searched = 0;
        loop {
            let unread = self.buffer.unread();
            match memchr(b'\r', unread.get(searched..).unwrap_or_default()) {
                Some(at) if unread.get(searched + at + 1) == Some(&b'\n') => {
                    let line = self.buffer.consume(searched + at + LINE_END.len());
                    return Ok(line.start..line.end - LINE_END.len());
                }
                Some(at) if searched + at + 1 < unread.len() => {
                    return Err(self.malformed("a line that does not end in CR LF"));
                }
                Some(at) => searched += at,
                None => searched = unread.len(),
            }
            if searched > MAX_LINE {
                return Err(self.malformed("a line that does not end"));
            }
            self.fill(searched + LINE_END.len())?;
        }
    }

    /// Received straight into its own memory, which grows as bytes arrive, whatever the length promised.
    fn large_payload(&mut self, length: usize) -> Result<Vec<u8>> {
        let whole = length + LINE_END.len();
        let mut payload = Vec::new();
        self.reserve(&mut payload, whole.min(FIRST_RESERVE))?;
        let received = self.buffer.consume(whole);
        payload.extend_from_slice(self.buffer.consumed(received));
        while payload.len() < whole {
            let missing = whole - payload.len();
            if payload.len() == payload.capacity() {
                let as_much_again = missing.min(payload.len());
                self.reserve(&mut payload, as_much_again)?;
            }
            let room = missing.min(payload.capacity() - payload.len());
            self.source.receive(&mut payload, room).inspect_err(|_| self.failed = true)?;
        }
        if !payload.ends_with(LINE_END) {
            return Err(self.malformed("a string that is longer than announced"));
        }
        payload.truncate(length);
        Ok(payload)
    }

    fn reserve(&mut self, memory: &mut Vec<u8>, more: usize) -> Result<()> {
        memory
            .try_reserve_exact(more)
            .map_err(|_| self.malformed("a string that is larger than the free memory"))
    }

    #[inline(never)]
    fn fill(&mut self, wanted: usize) -> Result<()> {
        self.buffer.fill(wanted, self.source).inspect_err(|_| self.failed = true)
    }
}

#[cold]
fn malformed(source: &dyn Source, what: &str) -> Error {
    let server = source.server();
    let message = if source.is_parsed() {
        format!(
            "of what {server} sent the parser of PARSER_CLASS made {what}: the connection was closed. Mend the parser."
        )
    } else {
        format!("{server} sent {what}: the connection was closed. Check that a Redis server listens there.")
    };
    Error::new(Status::Protocol, message)
}
