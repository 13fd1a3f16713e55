//! What Python 3 calls the modules and types of Python 2; its unpickler does the same to protocols 0 to 2.

use std::borrow::Cow;

/// Modules that were renamed, of those that data comes from.
const MODULES: [(&str, &str); 16] = [
    ("__builtin__", "builtins"),
    ("copy_reg", "copyreg"),
    ("exceptions", "builtins"),
    ("UserDict", "collections"),
    ("UserList", "collections"),
    ("UserString", "collections"),
    ("Cookie", "http.cookies"),
    ("cookielib", "http.cookiejar"),
    ("httplib", "http.client"),
    ("urlparse", "urllib.parse"),
    ("urllib2", "urllib.request"),
    ("xmlrpclib", "xmlrpc.client"),
    ("StringIO", "io"),
    ("cStringIO", "io"),
    ("Queue", "queue"),
    ("ConfigParser", "configparser"),
];

/// Types of `__builtin__` that were renamed.
const BUILTINS: [(&str, &str); 3] = [("xrange", "range"), ("unicode", "str"), ("long", "int")];

/// Python 3's module and name for those of a pickle of protocol 0 to 2.
pub(super) fn modern<'a>(module: Cow<'a, str>, name: Cow<'a, str>) -> (Cow<'a, str>, Cow<'a, str>) {
    let new_name = match (&*module, &*name) {
        ("__builtin__", "basestring") => Some("str"),
        ("exceptions", "StandardError") => Some("Exception"),
        ("UserDict", "IterableUserDict") => Some("UserDict"),
        ("__builtin__", _) => BUILTINS.iter().find(|(old, _)| *old == name).map(|(_, new)| *new),
        _ => None,
    };
    let new_module = MODULES.iter().find(|(old, _)| *old == module).map(|(_, new)| *new);
    (new_module.map_or(module, Cow::Borrowed), new_name.map_or(name, Cow::Borrowed))
}

/// What protocol 2, which Python 2 reads, calls a module and name of Python 3.
pub(super) fn ancient<'a>(module: &'a str, name: &'a str) -> (&'a str, &'a str) {
    match module {
        "builtins" => {
            ("__builtin__", BUILTINS.iter().find(|(_, new)| *new == name).map_or(name, |(old, _)| old))
        }
        "copyreg" => ("copy_reg", name),
        _ => (module, name),
    }
}
