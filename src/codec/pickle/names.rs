//! What Python 3 calls the modules and types of Python 2; its unpickler does the same to protocols 0 to 2.

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
pub(super) fn modern<'a>(module: &'a str, name: &'a str) -> (&'a str, &'a str) {
    let name = match (module, name) {
        ("__builtin__", "basestring") => "str",
        ("exceptions", "StandardError") => "Exception",
        ("UserDict", "IterableUserDict") => "UserDict",
        ("__builtin__", _) => BUILTINS.iter().find(|(old, _)| *old == name).map_or(name, |(_, new)| new),
        _ => name,
    };
    (MODULES.iter().find(|(old, _)| *old == module).map_or(module, |(_, new)| new), name)
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
