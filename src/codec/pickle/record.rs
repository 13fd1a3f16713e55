//! An object of an unknown class as a map of text keys (docs/values.md, section 4).

use super::Stop;
use super::arena::{Arena, Class, How, Node, Object};
use super::emit::Part;

/// What a class or an object of it is written as.
pub(super) fn parts<'a>(arena: &'a Arena<'_>, node: Node) -> Result<Vec<Part<'a>>, Stop> {
    let object = match node {
        Node::Object(id) => arena.object(id),
        _ => None,
    };
    let class = object.map_or(node, |object| object.class);
    let mut map = Map(Vec::with_capacity(12));
    map.put("class", class_name(arena, class));
    map.put("args", object.map_or(Part::Node(Node::None), args));
    map.put("state", Part::Node(object.and_then(|object| object.state).unwrap_or(Node::None)));
    if let Some(how) = object.and_then(|object| how(object.how)) {
        map.put("how", Part::Text(how));
    }
    if let Some((module, name)) = arena.named(class)
        && name.contains('.')
    {
        map.put("module", Part::Text(module));
    }
    if let Some(object) = object {
        details(arena, &object, &mut map)?;
    }
    Ok(map.finish())
}

/// Keys and values in order; the first part is the header.
struct Map<'a>(Vec<Part<'a>>);

impl<'a> Map<'a> {
    fn put(&mut self, key: &'static str, value: Part<'a>) {
        self.0.push(Part::Key(key));
        self.0.push(value);
    }

    fn finish(mut self) -> Vec<Part<'a>> {
        let len = self.0.len() / 2;
        self.0.insert(0, Part::MapOf(len));
        self.0
    }
}

fn class_name<'a>(arena: &'a Arena<'_>, class: Node) -> Part<'a> {
    let Node::Class(id) = class else { return Part::Node(class) };
    match arena.class(id) {
        Some(Class::Named { module, name }) => Part::Name(module, name),
        Some(Class::Extension(code)) => Part::Node(Node::Int(i64::from(*code))),
        None => Part::Node(Node::None),
    }
}

fn args<'a>(object: Object) -> Part<'a> {
    match object.args {
        Node::Tuple(id) => Part::Array(id),
        other => Part::Node(other),
    }
}

/// The value of `how`; the usual way needs none.
pub(super) fn how(how: How) -> Option<&'static str> {
    Some(match how {
        How::Reduce => return None,
        How::NewObj => "newobj",
        How::NewObjEx => "newobj_ex",
        How::Reconstruct => "reconstruct",
        How::Obj => "obj",
        How::Persistent => "persistent",
    })
}

fn details<'a>(arena: &'a Arena<'_>, object: &Object, map: &mut Map<'a>) -> Result<(), Stop> {
    if let Some(base) = object.base {
        let (module, name) = arena.named(base).ok_or(Stop::Opaque)?;
        map.put("base", Part::Name(module, name));
    }
    if let Some(kwargs) = object.kwargs {
        map.put("kwargs", Part::Node(kwargs));
    }
    if let Some(items) = object.items {
        map.put("items", Part::Array(items));
    }
    if let Some(entries) = object.entries {
        map.put("entries", Part::Map(entries));
    }
    Ok(())
}
