//! `djredis_options`: options by name, as text.

use std::ffi::c_char;

use super::boundary::{Output, call, guarded, silent};
use super::input;
use super::value::djredis_value;
use crate::config::{self, Options};
use crate::error::Result;
use crate::msgpack::Writer;
use crate::value::{LIST, Value};

/// Options to open a cache with. One thread at a time. Made by djredis_options_new, freed by
/// djredis_options_free; djredis_cache_open copies them, so they may be freed or changed afterwards.
#[derive(Default)]
pub struct djredis_options {
    options: Options,
}

impl djredis_options {
    pub(super) fn get(&self) -> &Options {
        &self.options
    }

    pub(super) fn get_mut(&mut self) -> &mut Options {
        &mut self.options
    }
}

/// New options, all at their defaults. Free them with djredis_options_free. NULL only if memory is out.
#[unsafe(no_mangle)]
pub extern "C" fn djredis_options_new() -> Option<Box<djredis_options>> {
    guarded(|| Ok(Box::default())).ok()
}

/// Sets an option by its name, in either case; docs/options.md has them all, djredis_options_list too.
///
/// Lengths in bytes, or DJREDIS_NUL. DJREDIS_OK; DJREDIS_ERR_CONFIG for an unknown name (the message has the
/// nearest known one) or a value that it does not take; DJREDIS_ERR_NULL; DJREDIS_ERR_ARGUMENT.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn djredis_options_set(
    options: Option<&mut djredis_options>,
    name: *const c_char,
    name_len: usize,
    value: *const c_char,
    value_len: usize,
    out: *mut djredis_value,
) -> i32 {
    call(out, || {
        let options = options.ok_or_else(|| input::null("options"))?;
        let name = input::utf8(name, name_len, "name")?;
        let value = input::utf8(value, value_len, "value")?;
        options.options.set(name, value)?;
        Ok(Output::Done)
    })
}

/// All options that the library knows: a DJREDIS_MSGPACK list of maps with the texts `name`, `type`, `default`,
/// `doc` and the bool `available`. DJREDIS_OK. Any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn djredis_options_list(out: *mut djredis_value) -> i32 {
    call(out, || Ok(Output::Value(options_list()?)))
}

fn options_list() -> Result<Value<'static>> {
    let options = config::list();
    let mut list = Writer::default();
    list.array(options.len());
    for option in options {
        list.map(5);
        let type_name = option.type_name();
        for (key, value) in [
            ("name", option.name()),
            ("type", type_name),
            ("default", option.default()),
            ("doc", option.doc()),
        ] {
            list.str(key);
            list.str(value);
        }
        list.str("available");
        list.bool(option.is_available());
    }
    Ok(Value::Packed { kind: LIST, data: list.into_bytes().into() })
}

/// Frees options. NULL is fine.
#[unsafe(no_mangle)]
pub extern "C" fn djredis_options_free(options: Option<Box<djredis_options>>) {
    silent(|| drop(options));
}
