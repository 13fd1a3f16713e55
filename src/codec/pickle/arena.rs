//! What a pickle describes, as flat tables.
//!
//! A [`Node`] is small and copied freely: scalars are in it, text and bytes are places in the input, and
//! what can be shared or changed later is a number in a table. So nothing here is ever followed by
//! recursion, neither to read nor to free it, and an object that contains itself is no special case.

use std::borrow::Cow;
use std::cell::Cell;

use super::Stop;
use crate::decimal;
use crate::limits;

/// A place in the input or, from the input's length on, in [`Arena::scratch`].
#[derive(Clone, Copy, Debug)]
pub(super) struct Span {
    start: u32,
    len: u32,
}

/// A number in one of the tables.
pub(super) type Id = u32;

/// One value.
#[derive(Clone, Copy, Debug)]
pub(super) enum Node {
    None,
    Bool(bool),
    Int(i64),
    Float(f64),
    /// Over 64 bits: two's complement, little-endian.
    Wide(Span),
    /// Over 64 bits: canonical decimal digits.
    Digits(Span),
    /// Valid UTF-8.
    Text(Span),
    /// UTF-8 but for lone surrogates.
    Surrogates(Span),
    /// Python 2's `str`.
    Str8(Span),
    Bytes(Span),
    ByteArray(Span),
    List(Id),
    Tuple(Id),
    Dict(Id),
    Set(Id),
    FrozenSet(Id),
    Class(Id),
    Object(Id),
}

/// Elements of a container: one stretch of [`Arena::children`] most often, more where it grew in steps.
#[derive(Clone, Copy, Debug)]
pub(super) struct Container {
    start: u32,
    end: u32,
    /// The first and last of its [`Chunk`]s beyond the first stretch.
    more: Option<(Id, Id)>,
    /// All elements; keys and values counted alike.
    len: u32,
}

impl Container {
    /// How many elements; keys and values counted alike.
    pub(super) fn len(&self) -> usize {
        self.len as usize
    }
}

#[derive(Clone, Copy, Debug)]
struct Chunk {
    start: u32,
    end: u32,
    next: Option<Id>,
}

/// A class or function, by name or by its copyreg extension code.
#[derive(Clone, Debug)]
pub(super) enum Class<'a> {
    /// The name is a qualified one: `Outer.Inner`.
    Named {
        module: Cow<'a, str>,
        name: Cow<'a, str>,
    },
    Extension(u32),
}

/// How an object of an unknown class is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum How {
    Reduce,
    NewObj,
    NewObjEx,
    Reconstruct,
    Obj,
    Persistent,
}

/// An object of a class that is not looked into: data, never called.
#[derive(Clone, Copy, Debug)]
pub(super) struct Object {
    pub(super) how: How,
    pub(super) class: Node,
    /// A tuple.
    pub(super) args: Node,
    /// For [`How::Reconstruct`].
    pub(super) base: Option<Node>,
    /// For [`How::NewObjEx`]: a dict.
    pub(super) kwargs: Option<Node>,
    pub(super) state: Option<Node>,
    /// What was appended: a container.
    pub(super) items: Option<Id>,
    /// What was set by key: a container of keys and values.
    pub(super) entries: Option<Id>,
}

impl Object {
    pub(super) fn new(how: How, class: Node, args: Node) -> Object {
        Object { how, class, args, base: None, kwargs: None, state: None, items: None, entries: None }
    }
}

/// The tables of one pickle.
#[derive(Debug)]
pub(super) struct Arena<'a> {
    input: &'a [u8],
    scratch: Vec<u8>,
    children: Vec<Node>,
    containers: Vec<Container>,
    chunks: Vec<Chunk>,
    classes: Vec<Class<'a>>,
    objects: Vec<Object>,
    /// Bytes that may still be made while reading.
    budget: usize,
    /// What converting wide integers may still cost, in digits squared: a shared one is converted each time.
    wide_work: Cell<u64>,
}

impl<'a> Arena<'a> {
    /// For `input`, which is under 512 MiB, so that 32 bits are enough for every place in it; in empty tables.
    pub(super) fn new(
        input: &'a [u8],
        budget: usize,
        children: Vec<Node>,
        containers: Vec<Container>,
    ) -> Arena<'a> {
        Arena {
            input,
            scratch: Vec::new(),
            children,
            containers,
            chunks: Vec::new(),
            classes: Vec::new(),
            objects: Vec::new(),
            budget,
            wide_work: Cell::new(limits::MAX_INT_WORK),
        }
    }

    /// The tables of elements and of containers, used.
    pub(super) fn into_tables(self) -> (Vec<Node>, Vec<Container>) {
        (self.children, self.containers)
    }

    /// A place in the input.
    pub(super) fn span(start: usize, len: usize) -> Span {
        Span { start: start as u32, len: len as u32 }
    }

    /// Keeps bytes that don't stand in the input as they are.
    pub(super) fn keep(&mut self, bytes: &[u8]) -> Result<Span, Stop> {
        self.spend(bytes.len())?;
        let start = self.input.len() + self.scratch.len();
        self.scratch.extend_from_slice(bytes);
        Ok(Arena::span(start, bytes.len()))
    }

    /// The bytes at a place.
    pub(super) fn bytes(&self, span: Span) -> &[u8] {
        let (start, len) = (span.start as usize, span.len as usize);
        match start.checked_sub(self.input.len()) {
            Some(start) => self.scratch.get(start..start + len).unwrap_or_default(),
            None => self.input.get(start..start + len).unwrap_or_default(),
        }
    }

    /// The decimal digits of two's complement bytes.
    pub(super) fn wide_digits(&self, span: Span) -> Result<String, Stop> {
        let digits = decimal::digits_of(span.len as usize) as u64;
        let left = self.wide_work.get().checked_sub(digits.saturating_mul(digits));
        self.wide_work.set(left.ok_or(Stop::Opaque)?);
        Ok(decimal::from_bytes(self.bytes(span)))
    }

    /// The text at a place that is known to hold some.
    pub(super) fn text(&self, span: Span) -> &str {
        std::str::from_utf8(self.bytes(span)).unwrap_or_default()
    }

    /// Accounts for work that the input asks for again and again by reference.
    pub(super) fn spend(&mut self, bytes: usize) -> Result<(), Stop> {
        self.budget = self.budget.checked_sub(bytes).ok_or(Stop::Opaque)?;
        Ok(())
    }

    /// A new container of these elements.
    pub(super) fn container(&mut self, elements: &[Node]) -> Id {
        let start = self.children.len() as u32;
        self.children.extend_from_slice(elements);
        let end = self.children.len() as u32;
        self.add(Container { start, end, more: None, len: end - start })
    }

    fn add(&mut self, container: Container) -> Id {
        self.containers.push(container);
        (self.containers.len() - 1) as Id
    }

    /// A new container with the elements that another one has now.
    pub(super) fn copy(&mut self, id: Id) -> Result<Id, Stop> {
        let original = self.get(id);
        // Elements are never changed, and a stretch grows only at the end of the table: sharing it is safe.
        if original.more.is_none() {
            return Ok(self.add(original));
        }
        self.spend(original.len() * size_of::<Node>())?;
        let elements: Vec<Node> = self.elements(id).collect();
        Ok(self.container(&elements))
    }

    /// The container with this number.
    pub(super) fn get(&self, id: Id) -> Container {
        const NOTHING: Container = Container { start: 0, end: 0, more: None, len: 0 };
        self.containers.get(id as usize).copied().unwrap_or(NOTHING)
    }

    /// Adds elements at the end of a container.
    pub(super) fn extend(&mut self, id: Id, elements: &[Node]) {
        let start = self.children.len() as u32;
        self.children.extend_from_slice(elements);
        let end = self.children.len() as u32;
        let Some(container) = self.containers.get_mut(id as usize) else { return };
        container.len += end - start;
        if let Some((_, last)) = &mut container.more {
            let added = self.chunks.len() as Id;
            let Some(chunk) = self.chunks.get_mut(*last as usize) else { return };
            if chunk.end == start {
                chunk.end = end;
                return;
            }
            chunk.next = Some(added);
            *last = added;
            self.chunks.push(Chunk { start, end, next: None });
        } else if container.start == container.end {
            (container.start, container.end) = (start, end);
        } else if container.end == start {
            container.end = end;
        } else {
            let added = self.chunks.len() as Id;
            container.more = Some((added, added));
            self.chunks.push(Chunk { start, end, next: None });
        }
    }

    pub(super) fn add_class(&mut self, class: Class<'a>) -> Node {
        self.classes.push(class);
        Node::Class((self.classes.len() - 1) as Id)
    }

    pub(super) fn class(&self, id: Id) -> Option<&Class<'a>> {
        self.classes.get(id as usize)
    }

    /// Module and name, if the node is a class that has them.
    pub(super) fn named(&self, node: Node) -> Option<(&str, &str)> {
        let Node::Class(id) = node else { return None };
        match self.class(id)? {
            Class::Named { module, name } => Some((module, name)),
            Class::Extension(_) => None,
        }
    }

    pub(super) fn add_object(&mut self, object: Object) -> Node {
        self.objects.push(object);
        Node::Object((self.objects.len() - 1) as Id)
    }

    pub(super) fn object(&self, id: Id) -> Option<Object> {
        self.objects.get(id as usize).copied()
    }

    pub(super) fn object_mut(&mut self, id: Id) -> Option<&mut Object> {
        self.objects.get_mut(id as usize)
    }

    /// The elements of a container, in order.
    pub(super) fn elements(&self, id: Id) -> impl Iterator<Item = Node> {
        let mut walk = Walk::new(self.get(id));
        std::iter::from_fn(move || walk.next(self))
    }

    /// The elements of a small container: a tuple of arguments.
    pub(super) fn slice(&self, id: Id) -> &[Node] {
        let container = self.get(id);
        self.children.get(container.start as usize..container.end as usize).unwrap_or_default()
    }
}

/// How far one has come in a container. It borrows nothing, so that many can be under way.
#[derive(Clone, Copy, Debug)]
pub(super) struct Walk {
    at: u32,
    end: u32,
    next: Option<Id>,
}

impl Walk {
    pub(super) fn new(container: Container) -> Walk {
        Walk { at: container.start, end: container.end, next: container.more.map(|(first, _)| first) }
    }

    pub(super) fn next(&mut self, arena: &Arena<'_>) -> Option<Node> {
        while self.at == self.end {
            let chunk = arena.chunks.get(self.next? as usize)?;
            *self = Walk { at: chunk.start, end: chunk.end, next: chunk.next };
        }
        let node = arena.children.get(self.at as usize).copied();
        self.at += 1;
        node
    }
}
