//! Records (docs/values.md, section 4), as the opcodes that make the object again.

use super::data::NIL;
use super::{Pickler, Step, Task};
use crate::codec::pickle::opcode as op;
use crate::msgpack::{Malformed, Reader, Token};

/// The values of a record's map, where they stand.
#[derive(Default)]
struct Record<'a> {
    class: Option<Reader<'a>>,
    /// Nil says that this is the class itself; left out, it is a mistake.
    args: Option<Option<Reader<'a>>>,
    state: Option<Reader<'a>>,
    how: Option<&'a str>,
    module: Option<&'a str>,
    base: Option<&'a str>,
    kwargs: Option<Reader<'a>>,
    items: Option<Reader<'a>>,
    entries: Option<Reader<'a>>,
}

type Parsed<T> = Result<T, Malformed>;

impl<'a> Record<'a> {
    fn read(reader: &mut Reader<'a>) -> Parsed<Record<'a>> {
        let Token::Map(len) = reader.token()? else {
            return Err(reader.malformed("a record that is no map"));
        };
        let mut record = Record::default();
        for _ in 0..len {
            let Token::Str(key) = reader.token()? else {
                return Err(reader.malformed("a record with a key that is no text"));
            };
            let mut value = reader.part()?;
            match key {
                "class" => record.class = Some(value),
                "args" => record.args = Some(given(value)),
                "state" => record.state = given(value),
                "kwargs" => record.kwargs = given(value),
                "items" => record.items = given(value),
                "entries" => record.entries = given(value),
                "how" => record.how = text(&mut value)?,
                "module" => record.module = text(&mut value)?,
                "base" => record.base = text(&mut value)?,
                _ => return Err(value.malformed("a record with an unknown key")),
            }
        }
        Ok(record)
    }
}

/// A nil is as good as nothing.
fn given(value: Reader<'_>) -> Option<Reader<'_>> {
    (value.rest() != NIL).then_some(value)
}

fn text<'a>(value: &mut Reader<'a>) -> Parsed<Option<&'a str>> {
    match value.token()? {
        Token::Str(text) => Ok(Some(text)),
        Token::Nil => Ok(None),
        _ => Err(value.malformed("a record with something else where a text must be")),
    }
}

impl<'a> Pickler<'a> {
    /// The record that is next.
    pub(super) fn record(&mut self) -> Step {
        let mut reader = self.reader.clone();
        let record = Record::read(&mut reader)?;
        self.reader = reader;
        self.nothing_more()?;
        let Some(class) = record.class.clone() else {
            return Err(self.reader.malformed("a record without a class"));
        };
        let Some(args) = record.args.clone() else {
            return Err(self.reader.malformed("a record without args"));
        };
        let Some(args) = args else { return self.callable(class, &record) };
        // The last task comes first.
        if let Some(state) = record.state.clone() {
            self.tasks.extend([Task::Op(op::BUILD), Task::Value(state)]);
        }
        self.tasks.extend(record.entries.clone().map(Task::SetItems));
        self.tasks.extend(record.items.clone().map(Task::Append));
        self.tasks.push(Task::Memoize);
        self.make(&record, class, args)
    }

    fn make(&mut self, record: &Record<'a>, class: Reader<'a>, args: Reader<'a>) -> Step {
        match record.how.unwrap_or("reduce") {
            "reduce" => self.tasks.extend([Task::Op(op::REDUCE), Task::Tuple(args)]),
            "newobj" => self.tasks.extend([Task::Op(op::NEWOBJ), Task::Tuple(args)]),
            "newobj_ex" => {
                let Some(kwargs) = record.kwargs.clone().filter(|_| self.protocol >= 4) else {
                    return Err(
                        args.malformed("a record made by newobj_ex, which needs kwargs and protocol 4,")
                    );
                };
                self.tasks.extend([Task::Op(op::NEWOBJ_EX), Task::Value(kwargs), Task::Tuple(args)]);
            }
            "reconstruct" => return self.reconstruct(record, class, args),
            "obj" => return self.old_instance(record, class, args),
            "persistent" => {
                self.tasks.extend([Task::Op(op::BINPERSID), Task::Value(only_element(args)?)]);
                return Ok(());
            }
            _ => return Err(args.malformed("a record made in an unknown way (its how)")),
        }
        self.callable(class, record)
    }

    /// `copyreg._reconstructor(class, base, state)`.
    fn reconstruct(&mut self, record: &Record<'a>, class: Reader<'a>, args: Reader<'a>) -> Step {
        let Some(base) = record.base else {
            return Err(args.malformed("a record made by reconstruct without a base"));
        };
        let (module, name) = split(base, None).ok_or_else(|| args.malformed("a record with a bad base"))?;
        self.check_name(module, name)?;
        self.class("copyreg", "_reconstructor");
        self.tasks.extend([
            Task::Op(op::REDUCE),
            Task::Memoize,
            Task::Op(op::TUPLE3),
            Task::Value(only_element(args)?),
        ]);
        self.tasks.push(Task::Class(module, name));
        self.callable(class, record)
    }

    fn old_instance(&mut self, record: &Record<'a>, class: Reader<'a>, args: Reader<'a>) -> Step {
        self.out.op(op::MARK);
        self.tasks.extend([Task::Op(op::OBJ), Task::Arguments(args)]);
        self.callable(class, record)
    }

    /// What is called: a class by its name, an extension code, or a value that stands for it.
    fn callable(&mut self, class: Reader<'a>, record: &Record<'a>) -> Step {
        let mut reader = class.clone();
        match reader.token()? {
            Token::Str(full) => {
                let (module, name) = split(full, record.module)
                    .ok_or_else(|| class.malformed("a record whose class is not module.Name"))?;
                self.check_name(module, name)?;
                self.class(module, name);
                Ok(())
            }
            Token::Int(code @ 1..=0x7fff_ffff) => {
                self.out.op_with(op::EXT4, (code as u32).to_le_bytes());
                Ok(())
            }
            Token::Ext(..) => {
                self.tasks.push(Task::Value(class));
                Ok(())
            }
            _ => Err(class.malformed("a record whose class is no text")),
        }
    }

    /// A name stands on a line of its own before protocol 4.
    fn check_name(&self, module: &str, name: &str) -> Step {
        let bad = |part: &str| part.is_empty() || part.contains(['\n', '\r', '\0']);
        let ascii = self.protocol > 2 || (module.is_ascii() && name.is_ascii());
        if bad(module) || name.split('.').any(bad) || !ascii {
            return Err(self.reader.malformed("a record whose class can't be a name in Python"));
        }
        Ok(())
    }
}

/// Module and qualified name; the module is everything before the last dot where it is not given.
fn split<'a>(full: &'a str, module: Option<&str>) -> Option<(&'a str, &'a str)> {
    match module {
        Some(module) => {
            let name = full.strip_prefix(module)?.strip_prefix('.')?;
            Some((&full[..module.len()], name))
        }
        None => full.rsplit_once('.'),
    }
}

fn only_element(mut args: Reader<'_>) -> Parsed<Reader<'_>> {
    match args.token()? {
        Token::Array(1) => args.part(),
        _ => Err(args.malformed("a record whose args must be one value")),
    }
}
