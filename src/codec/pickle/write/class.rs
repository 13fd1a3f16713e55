//! Classes by name, and what has a number already.

use std::collections::HashMap;

use super::Pickler;
use crate::codec::pickle::{names, opcode as op};

/// The memo numbers of what is written once and then referred to.
#[derive(Debug, Default)]
pub(super) struct Classes {
    by_name: HashMap<(String, String), u32>,
    /// Module names and other constants.
    texts: HashMap<String, u32>,
}

impl Pickler<'_> {
    /// The class (or function) of this module and qualified name.
    pub(super) fn class(&mut self, module: &str, name: &str) {
        self.out.boundary();
        let key = (module.to_owned(), name.to_owned());
        if let Some(number) = self.classes.by_name.get(&key) {
            return self.recall(*number);
        }
        if self.protocol >= 4 {
            self.interned_text(module);
            self.text(name.as_bytes());
            self.out.op(op::STACK_GLOBAL);
            self.memoize();
        } else if let Some((outer, attribute)) = name.rsplit_once('.') {
            return self.attribute(module, outer, attribute);
        } else {
            self.global(module, name);
        }
        self.classes.by_name.insert(key, self.memo - 1);
    }

    fn global(&mut self, module: &str, name: &str) {
        let (module, name) = if self.protocol < 3 { names::ancient(module, name) } else { (module, name) };
        self.out.op(op::GLOBAL);
        self.out.write(format!("{module}\n{name}\n").as_bytes());
        self.memoize();
    }

    /// `getattr(outer, attribute)`: GLOBAL has no dotted names before protocol 4.
    fn attribute(&mut self, module: &str, outer: &str, attribute: &str) {
        let attributes: Vec<&str> = outer.split('.').chain([attribute]).collect();
        for _ in 1..attributes.len() {
            self.class("builtins", "getattr");
        }
        for (index, attribute) in attributes.into_iter().enumerate() {
            if index == 0 {
                self.class(module, attribute);
                continue;
            }
            self.text(attribute.as_bytes());
            self.close_call(op::TUPLE2);
        }
    }

    /// The arguments on the stack as a tuple, and the call.
    pub(super) fn close_call(&mut self, tuple: u8) {
        self.out.op(tuple);
        if tuple != op::EMPTY_TUPLE {
            self.memoize();
        }
        self.out.op(op::REDUCE);
        self.memoize();
    }

    /// A text that is written once.
    pub(super) fn interned_text(&mut self, text: &str) {
        if let Some(number) = self.classes.texts.get(text) {
            return self.recall(*number);
        }
        self.text(text.as_bytes());
        self.classes.texts.insert(text.to_owned(), self.memo - 1);
    }
}
