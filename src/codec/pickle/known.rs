//! Objects of the standard library and of Django that are plain data: each becomes its extension type.
//!
//! Each is recognised by the name of its class and the exact shape of what it is made from; anything else,
//! values out of range included, stays a record.

use super::arena::{Arena, How, Id, Node, Object};
use super::emit::Part;
use super::moment;
use crate::decimal;
use crate::msgpack::ext;

/// An extension: its bytes, or the parts of its payload.
pub(super) enum Known<'a> {
    Leaf(u8, Vec<u8>),
    Parts(u8, Vec<Part<'a>>),
}

/// What the class or object is, if it is known data.
pub(super) fn data<'a>(arena: &'a Arena<'_>, node: Node) -> Option<Known<'a>> {
    let Node::Object(id) = node else {
        let ellipsis = arena.named(node) == Some(("builtins", "Ellipsis"));
        return ellipsis.then(|| Known::Leaf(ext::ELLIPSIS, Vec::new()));
    };
    let object = arena.object(id)?;
    let (module, name) = arena.named(object.class)?;
    let Node::Tuple(args) = object.args else { return None };
    let args = arena.slice(args);
    match module {
        "datetime" if is_call(&object) => moment::data(arena, name, args),
        "builtins" if is_call(&object) => builtin(name, args),
        "decimal" if name == "Decimal" && is_call(&object) => number(arena, args),
        "fractions" if name == "Fraction" && is_call(&object) => fraction(arena, args),
        "uuid" if name == "UUID" => uuid(arena, &object),
        "collections" => collection(arena, name, args, &object),
        "django.utils.safestring" => safe_string(arena, name, args, &object),
        _ => None,
    }
}

/// `class(*args)` and nothing after it.
pub(super) fn is_call(object: &Object) -> bool {
    let Object { how, state, items, entries, .. } = object;
    *how == How::Reduce && state.is_none() && items.is_none() && entries.is_none()
}

/// A text, Python 2's included.
pub(super) fn text<'s>(arena: &'s Arena<'_>, node: Node) -> Option<&'s str> {
    match node {
        Node::Text(span) | Node::Str8(span) => std::str::from_utf8(arena.bytes(span)).ok(),
        _ => None,
    }
}

/// The decimal digits of an integer.
fn digits(arena: &Arena<'_>, node: Node) -> Option<String> {
    match node {
        Node::Int(integer) => Some(integer.to_string()),
        Node::Wide(span) => arena.wide_digits(span).ok(),
        Node::Digits(span) => String::from_utf8(arena.bytes(span).to_vec()).ok(),
        _ => None,
    }
}

fn builtin<'a>(name: &str, args: &[Node]) -> Option<Known<'a>> {
    match (name, args) {
        ("complex", [Node::Float(real), Node::Float(imaginary)]) => {
            let parts = [real.to_be_bytes(), imaginary.to_be_bytes()];
            Some(Known::Leaf(ext::COMPLEX, parts.concat()))
        }
        ("range", args @ [_, _, step]) => {
            let is_integer = |node: &Node| matches!(node, Node::Int(_) | Node::Wide(_) | Node::Digits(_));
            let good = args.iter().all(is_integer) && !matches!(step, Node::Int(0));
            let header = Part::Raw(vec![0x93]);
            good.then(|| {
                Known::Parts(
                    ext::RANGE,
                    [header].into_iter().chain(args.iter().copied().map(Part::Node)).collect(),
                )
            })
        }
        _ => None,
    }
}

fn number<'a>(arena: &Arena<'_>, args: &[Node]) -> Option<Known<'a>> {
    let &[node] = args else { return None };
    let text = text(arena, node)?;
    decimal::is_python_decimal(text).then(|| Known::Leaf(ext::DECIMAL, text.as_bytes().to_vec()))
}

/// `Fraction(numerator, denominator)`, before Python 3.12 `Fraction("1/3")`, whole ones `Fraction("2")`.
fn fraction<'a>(arena: &Arena<'_>, args: &[Node]) -> Option<Known<'a>> {
    let (numerator, denominator) = match *args {
        [numerator, denominator] => (digits(arena, numerator)?, digits(arena, denominator)?),
        [node] => {
            let text = text(arena, node)?;
            let (numerator, denominator) = text.split_once('/').unwrap_or((text, "1"));
            (numerator.to_owned(), denominator.to_owned())
        }
        _ => return None,
    };
    let fraction = format!("{numerator}/{denominator}");
    decimal::is_fraction(&fraction).then(|| Known::Leaf(ext::FRACTION, fraction.into_bytes()))
}

/// An empty `UUID` with its number as state.
fn uuid<'a>(arena: &Arena<'_>, object: &Object) -> Option<Known<'a>> {
    let (Some(Node::Dict(state)), None, None) = (object.state, object.items, object.entries) else {
        return None;
    };
    if !matches!(object.how, How::NewObj | How::Reconstruct) {
        return None;
    }
    // `int`, and `is_safe` where the platform told; it takes no part in comparisons.
    let entries: Vec<Node> = arena.elements(state).take(4).collect();
    let is_int = |entry: &&[Node]| text(arena, entry[0]) == Some("int");
    let number = entries.chunks_exact(2).find(is_int)?[1];
    let number: u128 = digits(arena, number)?.parse().ok()?;
    Some(Known::Leaf(ext::UUID, number.to_be_bytes().to_vec()))
}

fn collection<'a>(arena: &Arena<'_>, name: &str, args: &[Node], object: &Object) -> Option<Known<'a>> {
    if object.how != How::Reduce || object.state.is_some() {
        return None;
    }
    let nothing = object.items.is_none() && object.entries.is_none();
    let entries = |object: &Object| object.entries.map_or(Part::MapOf(0), Part::Map);
    match (name, args) {
        ("OrderedDict", []) if object.items.is_none() => {
            Some(Known::Parts(ext::ORDERED_DICT, vec![entries(object)]))
        }
        // Python 2 gives it a list of pairs.
        ("OrderedDict", [Node::List(pairs)]) if nothing => ordered_pairs(arena, *pairs),
        ("defaultdict", [] | [Node::None | Node::Class(_) | Node::Object(_)]) if object.items.is_none() => {
            let factory = args.first().copied().unwrap_or(Node::None);
            Some(Known::Parts(ext::DEFAULTDICT, vec![Part::Node(factory), entries(object)]))
        }
        ("Counter", [Node::Dict(counts)]) if nothing => {
            Some(Known::Parts(ext::COUNTER, vec![Part::Map(*counts)]))
        }
        ("deque", _) if object.entries.is_none() => deque(arena, args, object.items),
        _ => None,
    }
}

fn ordered_pairs<'a>(arena: &Arena<'_>, pairs: Id) -> Option<Known<'a>> {
    let mut parts = vec![Part::MapOf(arena.get(pairs).len())];
    for pair in arena.elements(pairs) {
        let (Node::List(pair) | Node::Tuple(pair)) = pair else { return None };
        let pair: Vec<Node> = arena.elements(pair).take(3).collect();
        let &[key, value] = pair.as_slice() else { return None };
        parts.extend([Part::Hashed(key), Part::Node(value)]);
    }
    Some(Known::Parts(ext::ORDERED_DICT, parts))
}

/// `deque(elements, maxlen)`, both optional; what is appended later comes after the elements.
fn deque<'a>(arena: &Arena<'_>, args: &[Node], items: Option<Id>) -> Option<Known<'a>> {
    let (first, maxlen) = match *args {
        [] => (None, Node::None),
        [elements] => (Some(elements), Node::None),
        [elements, maxlen @ (Node::None | Node::Int(0..))] => (Some(elements), maxlen),
        _ => return None,
    };
    let first = match first {
        None => None,
        Some(Node::List(id) | Node::Tuple(id)) => (arena.get(id).len() > 0).then_some(id),
        Some(_) => return None,
    };
    let elements = match (first, items) {
        (Some(_), Some(_)) => return None,
        (id, None) | (None, id) => id.map_or(Part::Raw(vec![0x90]), Part::Array),
    };
    Some(Known::Parts(ext::DEQUE, vec![Part::Node(maxlen), elements]))
}

fn safe_string<'a>(arena: &Arena<'_>, name: &str, args: &[Node], object: &Object) -> Option<Known<'a>> {
    let &[node @ Node::Text(_)] = args else { return None };
    let plain = object.items.is_none() && object.entries.is_none() && object.how == How::NewObj;
    let stateless = match object.state {
        None => true,
        Some(Node::Dict(state)) => arena.get(state).len() == 0,
        Some(_) => false,
    };
    let named = matches!(name, "SafeString" | "SafeText");
    (plain && stateless && named)
        .then(|| Known::Leaf(ext::SAFE_STRING, text(arena, node).unwrap_or_default().into()))
}
