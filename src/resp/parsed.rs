//! Replies that the host's own parser reads.
//!
//! Where a reply ends is found out here, and the parser is given one whole reply at a time, of which it must make one. So a
//! parser that counts wrongly is found out before a reply can reach the caller of another one.

use std::fmt::{self, Display};
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use super::buffer::{Buffer, Source};
use super::complete::{Extent, Reached};
use super::replies::Replies;
use crate::error::{Error, Result, Status};

/// The host's parser of one connection. Where it fails, the text says why, if anything does.
pub(crate) trait Parser: Send {
    /// Takes bytes that a server sent.
    fn feed(&mut self, bytes: &[u8]) -> std::result::Result<(), String>;
    /// Writes its next reply to `into`, in RESP; false if it has none.
    fn gets(&mut self, into: &mut Vec<u8>) -> std::result::Result<bool, String>;
}

/// Makes the parsers of connections.
pub(crate) trait MakeParser: Send + Sync {
    /// One for a new connection.
    fn make(self: Arc<Self>) -> std::result::Result<Box<dyn Parser>, String>;
    /// The same for those whose parsers are the same.
    fn identity(&self) -> [usize; 6];
}

/// The host's parser class. Equal ones may share connections.
#[derive(Clone)]
pub(crate) struct ParserClass(Arc<dyn MakeParser>);

impl ParserClass {
    pub(crate) fn new(class: Arc<dyn MakeParser>) -> ParserClass {
        ParserClass(class)
    }

    /// A parser for a new connection to `server`.
    pub(crate) fn parsing(&self, server: &dyn Display) -> Result<Parsing> {
        let made = Arc::clone(&self.0).make();
        let parser = made.map_err(|why| {
            Error::new(
                Status::Callback,
                format!("no parser of PARSER_CLASS could be made for {server}{}", because(&why)),
            )
        })?;
        Ok(Parsing { parser, raw: Buffer::default(), reply: Buffer::default() })
    }
}

impl PartialEq for ParserClass {
    fn eq(&self, other: &ParserClass) -> bool {
        self.0.identity() == other.0.identity()
    }
}

impl Eq for ParserClass {}

impl Hash for ParserClass {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.identity().hash(state);
    }
}

impl fmt::Debug for ParserClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ParserClass")
    }
}

/// A connection's own parser, and the bytes on both sides of it.
pub(crate) struct Parsing {
    parser: Box<dyn Parser>,
    /// What the server sent and the parser was not given.
    raw: Buffer,
    /// What the parser gave and nobody has read.
    reply: Buffer,
}

impl fmt::Debug for Parsing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Parsing")
    }
}

impl Parsing {
    /// What the parser makes of the bytes that `source` brings.
    pub(crate) fn over<'a>(&'a mut self, source: &'a mut dyn Source) -> Parsed<'a> {
        Parsed { parsing: self, source }
    }

    /// What the parser makes of one whole reply.
    fn parse(&mut self, whole: &[u8]) -> std::result::Result<Vec<u8>, String> {
        let (mut reply, mut another) = (Vec::new(), Vec::new());
        self.parser.feed(whole).map_err(|why| format!("failed{}", because(&why)))?;
        if !self.gets(&mut reply)? {
            return Err("gave none".into());
        }
        if !is_one_reply(&reply) {
            return Err("gave what is none".into());
        }
        if self.gets(&mut another)? {
            return Err("gave more than one".into());
        }
        Ok(reply)
    }

    fn gets(&mut self, into: &mut Vec<u8>) -> std::result::Result<bool, String> {
        self.parser.gets(into).map_err(|why| format!("failed{}", because(&why)))
    }
}

/// A server's replies as the host's parser reads them. Pushes, which no command asked for, go past it.
pub(crate) struct Parsed<'a> {
    parsing: &'a mut Parsing,
    source: &'a mut dyn Source,
}

impl Parsed<'_> {
    /// After the last reply: an error if the server has sent more than was asked for.
    pub(crate) fn finish(&mut self) -> Result<()> {
        Replies::new(&mut self.parsing.raw, self.source, 0).finish()?;
        self.parsing.raw.trim();
        self.parsing.reply.trim();
        Ok(())
    }

    fn next_reply(&mut self) -> Result<()> {
        let length = self.receive_whole()?;
        let whole = self.parsing.raw.take(length);
        let is_push = whole.first() == Some(&b'>');
        let reply =
            if is_push { whole } else { self.parsing.parse(&whole).map_err(|what| self.failed(&what))? };
        self.parsing.reply = Buffer::from(reply);
        Ok(())
    }

    /// Receives until the next reply or push is whole; says how long it is.
    fn receive_whole(&mut self) -> Result<usize> {
        let raw = &mut self.parsing.raw;
        let mut extent = Extent::of_first(raw.unread());
        loop {
            match extent.reach(raw.unread()) {
                Reached::Whole => return Ok(extent.length()),
                Reached::Partial => raw.fill(1, self.source)?,
                Reached::Malformed => {
                    // Reading it says what is wrong.
                    Replies::new(raw, self.source, 1).finish()?;
                    return Err(Error::new(
                        Status::Protocol,
                        format!("{} sent what is no reply", self.source.server()),
                    ));
                }
            }
            if extent.length() == 0 {
                extent = Extent::of_first(raw.unread());
            }
        }
    }

    #[cold]
    fn failed(&self, what: &str) -> Error {
        let server = self.source.server();
        Error::new(
            Status::Callback,
            format!(
                "of one reply of {server} the parser of PARSER_CLASS {what}: the connection was closed. Mend the parser: for \
                 each whole reply that it is fed, gets gives one, then none"
            ),
        )
    }
}

impl Source for Parsed<'_> {
    fn receive(&mut self, into: &mut Vec<u8>, room: usize) -> Result<()> {
        if self.parsing.reply.is_empty() {
            self.next_reply()?;
        }
        let reply = &mut self.parsing.reply;
        let part = reply.consume(room.min(reply.unread().len()));
        into.extend_from_slice(reply.consumed(part));
        Ok(())
    }

    fn server(&self) -> &dyn Display {
        self.source.server()
    }

    fn is_parsed(&self) -> bool {
        true
    }
}

fn because(why: &str) -> String {
    if why.is_empty() { String::new() } else { format!(", by {why}") }
}

/// Whether that is one reply to the last byte. A push or an attribute is none.
fn is_one_reply(bytes: &[u8]) -> bool {
    let mut extent = Extent::default();
    extent.expect(1);
    !bytes.starts_with(b">")
        && !bytes.starts_with(b"|")
        && extent.reach(bytes) == Reached::Whole
        && extent.length() == bytes.len()
}
