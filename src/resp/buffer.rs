//! Bytes that came and were not read yet.

use std::fmt::Display;
use std::mem;
use std::ops::Range;

use crate::error::{Error, Result, Status};
use crate::limits::{KEEP_BUFFER, READ_BUFFER};

/// Where a [`Buffer`] gets its bytes: a socket with a deadline, or a test's script.
pub(crate) trait Source {
    /// Appends at least one byte and at most `room`, which `into` has capacity for. The end of the stream,
    /// a passed deadline and every other failure is an error.
    fn receive(&mut self, into: &mut Vec<u8>, room: usize) -> Result<()>;

    /// The server's address, for messages.
    fn server(&self) -> &dyn Display;

    /// Whether the host's own parser has read the bytes and written them anew.
    fn is_parsed(&self) -> bool {
        false
    }
}

/// Of replies that are all there already: nothing more comes.
pub(crate) struct Ended<'a> {
    /// Who gave the replies.
    pub(crate) server: &'a dyn Display,
}

impl Source for Ended<'_> {
    fn receive(&mut self, _into: &mut Vec<u8>, _room: usize) -> Result<()> {
        Err(Error::new(Status::Protocol, format!("{} gave a shorter reply than it announced", self.server)))
    }

    fn server(&self) -> &dyn Display {
        self.server
    }
}

/// The read buffer of one connection. What was received beyond a reply stays for the next one.
#[derive(Debug, Default)]
pub(crate) struct Buffer {
    bytes: Vec<u8>,
    start: usize,
}

/// Replies that are all there already.
impl From<Vec<u8>> for Buffer {
    fn from(bytes: Vec<u8>) -> Buffer {
        Buffer { bytes, start: 0 }
    }
}

impl Buffer {
    /// The bytes that were received and not consumed.
    pub(crate) fn unread(&self) -> &[u8] {
        self.bytes.get(self.start..).unwrap_or_default()
    }

    /// Whether everything that was received is consumed.
    pub(crate) fn is_empty(&self) -> bool {
        self.start >= self.bytes.len()
    }

    /// Takes the first `count` unread bytes out, for another owner.
    pub(crate) fn take(&mut self, count: usize) -> Vec<u8> {
        if self.start == 0 && count == self.bytes.len() && count > KEEP_BUFFER {
            return mem::take(&mut self.bytes);
        }
        let range = self.consume(count);
        self.consumed(range).to_vec()
    }

    /// Gives back what an unusually large reply needed. Nothing may be unread.
    pub(crate) fn trim(&mut self) {
        self.bytes.clear();
        self.bytes.shrink_to(KEEP_BUFFER);
        self.start = 0;
    }

    /// Consumes `count` unread bytes; says where they stand until the next [`Buffer::fill`].
    pub(super) fn consume(&mut self, count: usize) -> Range<usize> {
        let begin = self.start;
        self.start = (begin + count).min(self.bytes.len());
        begin..self.start
    }

    /// Bytes consumed since the last [`Buffer::fill`].
    pub(super) fn consumed(&self, range: Range<usize>) -> &[u8] {
        self.bytes.get(range).unwrap_or_default()
    }

    /// Receives once. `wanted` unread bytes, at most [`READ_BUFFER`], have room without another move.
    pub(crate) fn fill(&mut self, wanted: usize, source: &mut dyn Source) -> Result<()> {
        if self.is_empty() {
            self.bytes.clear();
            self.start = 0;
        } else if self.bytes.len() == self.bytes.capacity() || self.start + wanted > self.bytes.capacity() {
            self.bytes.drain(..self.start);
            self.start = 0;
        }
        if self.bytes.len() == self.bytes.capacity() {
            self.bytes.reserve(READ_BUFFER);
        }
        let room = self.bytes.capacity() - self.bytes.len();
        source.receive(&mut self.bytes, room)
    }
}
