//! Opcodes that name classes and make objects. Nothing is imported or called: an object is a record of
//! what would have been done, but for the few built-in types that are plain data.

use std::borrow::Cow;

use super::arena::{Arena, Class, How, Id, Node, Object, Span};
use super::opcode as op;
use super::read::Machine;
use super::{Stop, names, text};

type Step = Result<(), Stop>;

impl<'a> Machine<'a> {
    pub(super) fn object_step(&mut self, opcode: u8) -> Step {
        match opcode {
            op::GLOBAL => {
                let class = self.global()?;
                self.plain(class)
            }
            op::STACK_GLOBAL => self.stack_global(),
            op::EXT1 => self.number().and_then(|code| self.extension(u32::from(u8::from_le_bytes(code)))),
            op::EXT2 => self.number().and_then(|code| self.extension(u32::from(u16::from_le_bytes(code)))),
            op::EXT4 => self.number().and_then(|code| self.extension(u32::from_le_bytes(code))),
            op::REDUCE => self.reduce(),
            op::NEWOBJ => self.new_object(None),
            op::NEWOBJ_EX => {
                let kwargs = self.pop()?;
                match kwargs {
                    Node::Dict(_) => self.new_object(Some(kwargs)),
                    _ => Err(self.broken("NEWOBJ_EX without a dict of keyword arguments")),
                }
            }
            op::BUILD => self.build(),
            op::INST => {
                let class = self.global()?;
                let mark = self.unmark()?;
                self.old_instance(mark, class, mark)
            }
            op::OBJ => self.obj(),
            op::PERSID => {
                let line = self.line()?;
                let text =
                    std::str::from_utf8(line).map_err(|_| self.broken("a persistent id is not UTF-8"))?;
                let id = Node::Text(self.arena.keep(text.as_bytes())?);
                self.persistent(id)
            }
            _ => self.pop().and_then(|id| self.persistent(id)),
        }
    }

    fn global(&mut self) -> Result<Node, Stop> {
        let (module, name) = (self.line()?, self.line()?);
        match (std::str::from_utf8(module), std::str::from_utf8(name)) {
            (Ok(module), Ok(name)) => Ok(self.class(module.into(), name.into())),
            _ => Err(self.broken("the name of a class is not UTF-8")),
        }
    }

    fn stack_global(&mut self) -> Step {
        let (name, module) = (self.pop()?, self.pop()?);
        let (Node::Text(name), Node::Text(module)) = (name, module) else {
            return Err(self.broken("STACK_GLOBAL needs two texts"));
        };
        let (module, name) = (self.arena.text(module).to_owned(), self.arena.text(name).to_owned());
        self.arena.spend(module.len() + name.len())?;
        let class = self.class(module.into(), name.into());
        self.plain(class)
    }

    fn class(&mut self, module: Cow<'a, str>, name: Cow<'a, str>) -> Node {
        let (module, name) = if self.protocol < 3 { names::modern(module, name) } else { (module, name) };
        self.arena.add_class(Class::Named { module, name })
    }

    fn extension(&mut self, code: u32) -> Step {
        if code == 0 || code > i32::MAX as u32 {
            return Err(self.broken("an extension code is not over 0"));
        }
        let class = self.arena.add_class(Class::Extension(code));
        self.plain(class)
    }

    fn reduce(&mut self) -> Step {
        let (args, callable) = (self.pop()?, self.pop()?);
        let Node::Tuple(_) = args else {
            return Err(self.broken("REDUCE without a tuple of arguments"));
        };
        if let Some(plain) = self.plain_data(callable, args)? {
            return self.plain(plain);
        }
        if let Some(class) = self.attribute(callable, args)? {
            return self.plain(class);
        }
        let object = reconstructed(&mut self.arena, callable, args);
        self.object(object.unwrap_or(Object::new(How::Reduce, callable, args)))
    }

    fn new_object(&mut self, kwargs: Option<Node>) -> Step {
        let (args, class) = (self.pop()?, self.pop()?);
        let Node::Tuple(_) = args else {
            return Err(self.broken("NEWOBJ without a tuple of arguments"));
        };
        let how = if kwargs.is_some() { How::NewObjEx } else { How::NewObj };
        self.object(Object { kwargs, ..Object::new(how, class, args) })
    }

    /// `class` and the arguments behind it since the last mark.
    fn obj(&mut self) -> Step {
        let mark = self.unmark()?;
        match self.stack.get(mark) {
            Some(class) => self.old_instance(mark, *class, mark + 1),
            None => Err(self.broken("OBJ without a class")),
        }
    }

    fn old_instance(&mut self, start: usize, class: Node, args: usize) -> Step {
        let args = self.arena.container(&self.stack[args..]);
        self.stack.truncate(start);
        self.object(Object::new(How::Obj, class, Node::Tuple(args)))
    }

    fn persistent(&mut self, id: Node) -> Step {
        let args = self.arena.container(&[id]);
        self.object(Object::new(How::Persistent, Node::None, Node::Tuple(args)))
    }

    fn object(&mut self, object: Object) -> Step {
        if object.how != How::Persistent && !matches!(object.class, Node::Class(_) | Node::Object(_)) {
            return Err(self.broken("what is called is no class"));
        }
        let node = self.arena.add_object(object);
        self.plain(node)
    }

    fn build(&mut self) -> Step {
        let state = self.pop()?;
        match self.top()? {
            Node::Object(id) => match self.arena.object_mut(id) {
                Some(object) if object.state.is_none() && !matches!(state, Node::None) => {
                    object.state = Some(state)
                }
                _ => return Err(Stop::Opaque),
            },
            // A plain type has no place for a state; a class itself would be changed.
            _ => return Err(Stop::Opaque),
        }
        Ok(())
    }

    pub(super) fn append_to_object(&mut self, id: u32, items: &[Node]) -> Step {
        let empty = self.arena.container(&[]);
        let Some(object) = self.arena.object_mut(id) else { return Err(Stop::Opaque) };
        // A record keeps Python's order: items, entries, state.
        if object.entries.is_some() || object.state.is_some() {
            return Err(Stop::Opaque);
        }
        let container = *object.items.get_or_insert(empty);
        self.arena.extend(container, items);
        Ok(())
    }

    pub(super) fn set_in_object(&mut self, id: u32, entries: &[Node]) -> Step {
        let empty = self.arena.container(&[]);
        let Some(object) = self.arena.object_mut(id) else { return Err(Stop::Opaque) };
        if object.state.is_some() {
            return Err(Stop::Opaque);
        }
        let container = *object.entries.get_or_insert(empty);
        self.arena.extend(container, entries);
        Ok(())
    }

    /// The built-in types that older protocols write as calls: bytes, bytearray, set and frozenset.
    fn plain_data(&mut self, callable: Node, args: Node) -> Result<Option<Node>, Stop> {
        let (Some((module, name)), Node::Tuple(args)) = (self.arena.named(callable), args) else {
            return Ok(None);
        };
        Ok(match (module, name, self.arena.slice(args)) {
            ("builtins", "set", []) => Some(Node::Set(self.arena.container(&[]))),
            ("builtins", "set", &[elements]) => self.set_of(elements)?.map(Node::Set),
            ("builtins", "frozenset", []) => Some(Node::FrozenSet(self.arena.container(&[]))),
            ("builtins", "frozenset", &[elements]) => self.set_of(elements)?.map(Node::FrozenSet),
            ("builtins", "bytes", []) => Some(Node::Bytes(Arena::span(0, 0))),
            ("builtins", "bytearray", []) => Some(Node::ByteArray(Arena::span(0, 0))),
            ("builtins", "bytearray", [Node::Bytes(span) | Node::Str8(span)]) => Some(Node::ByteArray(*span)),
            ("builtins", "bytearray", &[text, encoding]) => self.encoded(text, encoding, Node::ByteArray)?,
            ("_codecs", "encode", &[text, encoding]) => self.encoded(text, encoding, Node::Bytes)?,
            _ => None,
        })
    }

    /// `getattr(class, name)`: how protocols 0 to 3 name what is inside a class.
    fn attribute(&mut self, callable: Node, args: Node) -> Result<Option<Node>, Stop> {
        let (Some(("builtins", "getattr")), Node::Tuple(args)) = (self.arena.named(callable), args) else {
            return Ok(None);
        };
        let &[class, Node::Text(attribute)] = self.arena.slice(args) else { return Ok(None) };
        let Some((module, name)) = self.arena.named(class) else { return Ok(None) };
        let (module, name) = (module.to_owned(), format!("{name}.{}", self.arena.text(attribute)));
        self.arena.spend(module.len() + name.len())?;
        Ok(Some(self.arena.add_class(Class::Named { module: module.into(), name: name.into() })))
    }

    /// What `set(elements)` holds; `None` if that is no container.
    fn set_of(&mut self, elements: Node) -> Result<Option<Id>, Stop> {
        match elements {
            Node::List(id) | Node::Tuple(id) | Node::Set(id) | Node::FrozenSet(id) => {
                self.arena.copy(id).map(Some)
            }
            _ => Ok(None),
        }
    }

    /// The bytes of a text in Latin-1, as protocols 0 to 2 write bytes.
    fn encoded(&mut self, text: Node, encoding: Node, node: fn(Span) -> Node) -> Result<Option<Node>, Stop> {
        let (Node::Text(text), Node::Text(encoding) | Node::Str8(encoding)) = (text, encoding) else {
            return Ok(None);
        };
        if !matches!(self.arena.bytes(encoding), b"latin1" | b"latin-1") {
            return Ok(None);
        }
        let bytes = self.arena.bytes(text);
        if bytes.is_ascii() {
            return Ok(Some(node(text)));
        }
        let Some(bytes) =
            std::str::from_utf8(bytes).ok().and_then(text::latin1).map(|bytes| bytes.into_owned())
        else {
            return Ok(None);
        };
        Ok(Some(node(self.arena.keep(&bytes)?)))
    }
}

/// `copyreg._reconstructor(class, base, state)`: how protocols 0 and 1 make objects.
fn reconstructed(arena: &mut Arena<'_>, callable: Node, args: Node) -> Option<Object> {
    let (("copyreg", "_reconstructor"), Node::Tuple(args)) = (arena.named(callable)?, args) else {
        return None;
    };
    let &[class @ Node::Class(_), base, state] = arena.slice(args) else { return None };
    arena.named(base)?;
    let args = Node::Tuple(arena.container(&[state]));
    Some(Object { base: Some(base), ..Object::new(How::Reconstruct, class, args) })
}
