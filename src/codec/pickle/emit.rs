//! Writes what an [`Arena`] holds as a value: a scalar, or MessagePack in the layout of docs/values.md.
//!
//! Shared objects are written out wherever they stand. An object that contains itself would go on for
//! ever, so it meets the bound on depth: no search for cycles is needed.

use super::Stop;
use super::arena::{Arena, Id, Node, Span, Walk};
use super::known::{self, Known};
use super::record;
use crate::limits;
use crate::msgpack::{Writer, ext};
use crate::value::{LIST, MAP, Value};

/// The value of `node`, of `budget` bytes at most; with `payload` behind it if it holds a record.
pub(super) fn value(
    arena: &Arena<'_>,
    node: Node,
    payload: &[u8],
    budget: usize,
) -> Result<Value<'static>, Stop> {
    let bytes = |span: Span| arena.bytes(span).to_vec();
    Ok(match node {
        Node::None => Value::None,
        Node::Bool(truth) => Value::Bool(truth),
        Node::Int(integer) => Value::Int(integer),
        Node::Float(real) => Value::Float(real),
        Node::Wide(span) => Value::BigInt(arena.wide_digits(span)?.into()),
        Node::Bytes(span) => Value::Bytes(bytes(span).into()),
        Node::Text(span) | Node::Digits(span) | Node::Str8(span) => {
            match (node, String::from_utf8(bytes(span))) {
                (Node::Digits(_), Ok(digits)) => Value::BigInt(digits.into()),
                (_, Ok(text)) => Value::Text(text.into()),
                (_, Err(error)) => Value::Bytes(error.into_bytes().into()),
            }
        }
        _ => composite(arena, node, payload, budget)?,
    })
}

fn composite(arena: &Arena<'_>, node: Node, payload: &[u8], budget: usize) -> Result<Value<'static>, Stop> {
    let mut emitter = Emitter {
        arena,
        out: Writer::with_capacity(payload.len() + 16),
        frames: Vec::with_capacity(16),
        budget,
        nodes: limits::MAX_NODES,
        has_record: false,
        kind: None,
    };
    emitter.node(node, false)?;
    emitter.run()?;
    if emitter.has_record {
        emitter.out.ext(ext::PAYLOAD, payload);
    }
    let kind = emitter.kind.map_or(if matches!(node, Node::Dict(_)) { MAP } else { LIST }, u32::from);
    Ok(Value::Packed { kind, data: emitter.out.into_bytes().into() })
}

/// One thing to write.
#[derive(Clone, Debug)]
pub(super) enum Part<'a> {
    Key(&'static str),
    Text(&'a str),
    /// `module.name`
    Name(&'a str, &'a str),
    Raw(Vec<u8>),
    Node(Node),
    /// A key.
    Hashed(Node),
    Array(Id),
    Map(Id),
    /// The header of a map whose keys and values are the next parts.
    MapOf(usize),
}

/// What is left to write at one level.
enum Frame<'a> {
    Elements(Walk),
    Parts(std::vec::IntoIter<Part<'a>>),
}

struct Level<'a> {
    frame: Frame<'a>,
    /// The extension that ends with it.
    opened: Option<usize>,
    /// Whether Python hashes the next element: it is in a set, a key, or in a tuple that is one of these.
    hashed: bool,
    /// Whether keys and values take turns.
    pairs: bool,
}

struct Emitter<'a> {
    arena: &'a Arena<'a>,
    out: Writer,
    frames: Vec<Level<'a>>,
    budget: usize,
    nodes: usize,
    has_record: bool,
    /// The first extension: what the whole value is, if the first byte is one.
    kind: Option<u8>,
}

impl<'a> Emitter<'a> {
    fn run(&mut self) -> Result<(), Stop> {
        while let Some(level) = self.frames.last_mut() {
            let part = match &mut level.frame {
                Frame::Elements(walk) => walk.next(self.arena).map(Part::Node),
                Frame::Parts(parts) => parts.next(),
            };
            let hashed = level.hashed;
            level.hashed ^= level.pairs;
            match part {
                Some(Part::Node(node)) => self.node(node, hashed)?,
                Some(part) => self.part(part)?,
                None => self.close(),
            }
        }
        Ok(())
    }

    fn close(&mut self) {
        if let Some(Level { opened: Some(opened), .. }) = self.frames.pop() {
            self.out.close_ext(opened);
        }
    }

    fn open(&mut self, level: Level<'a>) -> Result<(), Stop> {
        if self.frames.len() == limits::MAX_VALUE_DEPTH {
            return Err(Stop::Opaque);
        }
        self.frames.push(level);
        Ok(())
    }

    fn part(&mut self, part: Part<'a>) -> Result<(), Stop> {
        match part {
            Part::Key(key) => self.out.str(key),
            Part::Text(text) => self.out.str(text),
            Part::Name(module, name) => self.out.str(&format!("{module}.{name}")),
            Part::Raw(bytes) => self.out.raw(&bytes),
            Part::Node(node) => self.node(node, false)?,
            Part::Hashed(node) => self.node(node, true)?,
            Part::Array(id) => self.array(id, None, false)?,
            Part::Map(id) => self.map(id)?,
            Part::MapOf(len) => self.out.map(len),
        }
        Ok(())
    }

    fn node(&mut self, node: Node, hashed: bool) -> Result<(), Stop> {
        if hashed && matches!(node, Node::List(_) | Node::Dict(_) | Node::Set(_) | Node::ByteArray(_)) {
            return Err(Stop::Unhashable);
        }
        if self.nodes == 0 || self.out.len() > self.budget {
            return Err(Stop::Opaque);
        }
        self.nodes -= 1;
        match node {
            Node::None => self.out.nil(),
            Node::Bool(truth) => self.out.bool(truth),
            Node::Int(integer) => self.out.int(integer),
            Node::Float(real) => self.out.float(real),
            Node::Text(span) => self.out.checked_str(self.arena.bytes(span)),
            Node::Bytes(span) => self.out.bin(self.arena.bytes(span)),
            Node::List(id) => self.array(id, None, false)?,
            Node::Dict(id) => self.map(id)?,
            Node::Tuple(id) => self.array(id, Some(ext::TUPLE), hashed)?,
            Node::Set(id) => self.array(id, Some(ext::SET), true)?,
            Node::FrozenSet(id) => self.array(id, Some(ext::FROZENSET), true)?,
            Node::Class(_) | Node::Object(_) => self.object(node, hashed)?,
            _ => self.rare_leaf(node)?,
        }
        Ok(())
    }

    fn rare_leaf(&mut self, node: Node) -> Result<(), Stop> {
        match node {
            Node::Str8(span) => match std::str::from_utf8(self.arena.bytes(span)) {
                Ok(text) => self.out.str(text),
                Err(_) => self.out.bin(self.arena.bytes(span)),
            },
            Node::Surrogates(span) => self.leaf(ext::SURROGATES, self.arena.bytes(span)),
            Node::ByteArray(span) => self.leaf(ext::BYTEARRAY, self.arena.bytes(span)),
            Node::Digits(span) => self.leaf(ext::BIGINT, self.arena.bytes(span)),
            Node::Wide(span) => {
                let digits = self.arena.wide_digits(span)?;
                self.leaf(ext::BIGINT, digits.as_bytes());
            }
            _ => {}
        }
        Ok(())
    }

    fn leaf(&mut self, kind: u8, payload: &[u8]) {
        self.note_kind(kind);
        self.out.ext(kind, payload);
    }

    fn note_kind(&mut self, kind: u8) {
        if self.out.len() == 0 {
            self.kind = Some(kind);
        }
    }

    fn open_ext(&mut self, kind: u8) -> usize {
        self.note_kind(kind);
        self.out.open_ext(kind)
    }

    /// `hashed`: whether Python hashes the elements.
    fn array(&mut self, id: Id, kind: Option<u8>, hashed: bool) -> Result<(), Stop> {
        let opened = kind.map(|kind| self.open_ext(kind));
        let container = self.arena.get(id);
        self.out.array(container.len());
        self.open(Level { frame: Frame::Elements(Walk::new(container)), opened, hashed, pairs: false })
    }

    fn map(&mut self, id: Id) -> Result<(), Stop> {
        let container = self.arena.get(id);
        self.out.map(container.len() / 2);
        self.open(Level {
            frame: Frame::Elements(Walk::new(container)),
            opened: None,
            hashed: true,
            pairs: true,
        })
    }

    fn object(&mut self, node: Node, hashed: bool) -> Result<(), Stop> {
        let (kind, parts) = match known::data(self.arena, node) {
            Some(Known::Leaf(kind, payload)) => {
                self.leaf(kind, &payload);
                return Ok(());
            }
            Some(Known::Parts(kind, parts)) => (kind, parts),
            None => {
                self.has_record = true;
                (ext::RECORD, record::parts(self.arena, node)?)
            }
        };
        if hashed && ext::is_unhashable(kind) {
            return Err(Stop::Unhashable);
        }
        let opened = Some(self.open_ext(kind));
        self.open(Level { frame: Frame::Parts(parts.into_iter()), opened, hashed: false, pairs: false })
    }
}
