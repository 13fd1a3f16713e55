"""The tables of the Python binding: ctypes layouts and prototypes, and one exception class for each error status."""

from __future__ import annotations

from c_header import Callback, CType, Function, Header, HeaderError, Variable

ERROR = "DJREDIS_ERR_"
WIDTH = 120

_CTYPES = {
    "double": "c_double",
    "int32_t": "c_int32",
    "uint32_t": "c_uint32",
    "int64_t": "c_int64",
    "uint64_t": "c_uint64",
    "uint8_t": "c_uint8",
    "size_t": "c_size_t",
}
_HINTS = {"c_double": "float", "c_void_p": "int | None"}

# status: (class, built-in class that programs expect as well, docstring). A status without a row is refused.
_CLASSES = {
    "NULL": ("ArgumentError", "ValueError", ""),
    "ARGUMENT": ("ArgumentError", "ValueError", "A bad key, pattern, number or combination of arguments."),
    "CONFIG": ("ConfigError", "ValueError", "A bad location, an unknown option, or a bad value of an option."),
    "PANIC": ("PanicError", "", "A bug in libdjredis. The cache is still usable; please report it."),
    "CONNECTION": (
        "ConnectionError",
        "builtins.ConnectionError",
        "The server refused, reset or closed the connection.",
    ),
    "TIMEOUT": ("TimeoutError", "builtins.TimeoutError", "The call's time, SOCKET_TIMEOUT, is over."),
    "POOL": ("PoolError", "", "No connection of the pool became free in time. See MAX_CONNECTIONS."),
    "AUTH": ("AuthError", "", "The server refused the login, or the user may not run the command."),
    "SERVER": ("ServerError", "", "The server answered with an error."),
    "PROTOCOL": ("ProtocolError", "", "The server sent bytes that are no reply. The connection was closed."),
    "ENCODE": ("EncodeError", "", "The value can't be stored: it can't be pickled, say."),
    "DECODE": ("DecodeError", "", "The stored value can't be read. `stored` holds its bytes."),
    "NOT_FOUND": ("NotFoundError", "ValueError", "The key of incr, decr, incr_version or decr_version is not there."),
    "UNSUPPORTED": ("UnsupportedError", "NotImplementedError", "This kind of client can't do that."),
    "CLOSED": ("ClosedError", "", "The cache was closed, or the connection was given back."),
    "FORKED": ("ForkedError", "", "A scan or connection from before a fork goes on in its own process only."),
    "CALLBACK": ("CallbackError", "", "A function that the program gave to the library failed."),
    "TYPE": ("WrongTypeError", "TypeError", "The key holds another type, or no number."),
    "UNAVAILABLE": ("UnavailableError", "", "The server can't serve now: it loads, or is read-only, or full."),
    "INTERRUPTED": ("InterruptedError", "builtins.InterruptedError", "A signal ended the call."),
}

_NOTE = '"""{what} Made from include/djredis.h by `make header`: do not edit."""\n'


def tables(header: Header) -> str:
    """The text of _abi.py."""
    body = [_constant(name, value) for name, value in header.constants.items()]
    for name, fields in header.structs.items():
        body += ["", "", *_struct(name, fields)]
    body += ["", "", *_callbacks(header)]
    body += ["# name: (result, arguments)"]
    body += ["PROTOTYPES: Final[dict[str, tuple[Any, tuple[Any, ...]]]] = {"]
    for function in header.functions.values():
        body += _prototype(header, function)
    head = [
        _NOTE.format(what="The C ABI of libdjredis as ctypes tables."),
        "from __future__ import annotations\n",
        "from ctypes import (",
        *(f"    {name}," for name in _imports(body)),
        ")",
        "from typing import Any, Final\n",
    ]
    return "\n".join([*head, *body, "}", ""])


def _imports(lines: list[str]) -> list[str]:
    body = "\n".join(lines)
    names = ["CFUNCTYPE", "POINTER", "Structure", "c_char_p", "c_void_p", *_CTYPES.values()]
    return sorted((name for name in names if name in body), key=lambda name: (name[0].islower(), name.islower(), name))


def _constant(name: str, value: object) -> str:
    if value == "SIZE_MAX":
        return f"{name}: Final[int] = c_size_t(-1).value"
    return f"{name}: Final = {value!r}" if not isinstance(value, str) else f'{name}: Final = "{value}"'


def _struct(name: str, fields: tuple[Variable, ...]) -> list[str]:
    lines = [_function_type(f"{name}_{each.name}", each.type) for each in fields if isinstance(each.type, Callback)]
    lines += ["", ""] if lines else []
    lines += [f"class {name}(Structure):"]
    for variable in fields:
        kind = _field_type(name, variable)
        hint = "Any" if isinstance(variable.type, Callback) else _HINTS.get(kind, "int")
        lines.append(f"    {variable.name}: {hint}")
    lines.append("    _fields_ = [")
    lines += [f'        ("{variable.name}", {_field_type(name, variable)}),' for variable in fields]
    return [*lines, "    ]"]


def _function_type(name: str, kind: Callback) -> str:
    """A callback in a struct; data pointers are addresses."""
    result = "None" if kind.result == CType("void") else _field_type("", Variable("", kind.result))
    return f"{name} = CFUNCTYPE({', '.join([result, *(_field_type('', each) for each in kind.parameters)])})"


def _field_type(struct: str, variable: Variable) -> str:
    kind = variable.type
    if isinstance(kind, Callback):
        return f"{struct}_{variable.name}"
    # Data pointers are addresses in Python: a typed pointer would be one more object for each look.
    return "c_void_p" if kind.pointers else _scalar(kind)


def _callbacks(header: Header) -> list[str]:
    lines = []
    for function in header.functions.values():
        for parameter in function.parameters:
            if isinstance(parameter.type, Callback):
                kind = parameter.type
                types = [_parameter_type(header, function, p) for p in (Variable("", kind.result), *kind.parameters)]
                lines.append(f"{_callback_name(function, parameter)} = CFUNCTYPE({', '.join(types)})")
    return lines


def _callback_name(function: Function, parameter: Variable) -> str:
    return f"{function.name}_{parameter.name}"


def _prototype(header: Header, function: Function) -> list[str]:
    types = [_parameter_type(header, function, parameter) for parameter in function.parameters]
    arguments = ", ".join(types) + ("," if len(types) == 1 else "")
    line = f'    "{function.name}": ({_result(function.result)}, ({arguments})),'
    if len(line) <= WIDTH:
        return [line]
    rest = f"        ({arguments}),"
    if len(rest) > WIDTH:
        rest = "\n".join(["        (", *(f"            {kind}," for kind in types), "        ),"])
    return [f'    "{function.name}": (', f"        {_result(function.result)},", rest, "    ),"]


def _result(kind: CType) -> str:
    if kind == CType("void"):
        return "None"
    if kind == CType("char", const=True, pointers=1):
        return "c_char_p"
    return "c_void_p" if kind.pointers else _scalar(kind)


def _parameter_type(header: Header, function: Function, parameter: Variable) -> str:
    kind = parameter.type
    if isinstance(kind, Callback):
        return _callback_name(function, parameter)
    if kind.pointers == 0:
        return _scalar(kind)
    if kind.pointers == 2 and not kind.const:
        return "POINTER(c_void_p)"
    if kind.pointers > 1:
        raise HeaderError(f"{function.name}: a pointer that Python has no table for: {parameter.name}")
    if kind.base == "char" and kind.const:
        return "c_char_p"
    if kind.base in header.structs:
        return f"POINTER({kind.base})"
    if kind.base in header.opaque or kind.base == "void" or kind.const:
        # Handles are plain addresses; arrays of numbers are packed bytes, which c_void_p takes as they are.
        return "c_void_p"
    return f"POINTER({_scalar(CType(kind.base))})"


def _scalar(kind: CType) -> str:
    if kind.base not in _CTYPES:
        raise HeaderError(f"Python has no table for the type {kind.base}")
    return _CTYPES[kind.base]


def exceptions(header: Header) -> str:
    """The text of _exceptions.py."""
    classes: dict[str, list[str]] = {}
    by_status: list[str] = []
    for constant, number in header.constants.items():
        if constant.startswith(ERROR):
            name, also, doc = error_class(constant)
            by_status.append(f"    {number}: {name},")
            if doc:
                bases = f"Error, {also}" if also else "Error"
                classes[name] = [f"class {name}({bases}):", f'    """{doc}"""', "", f"    status = {number}"]
    lines = [
        _NOTE.format(what="One exception class for each error status."),
        "from __future__ import annotations\n",
        "import builtins",
        "from typing import Final\n",
        "from ._error import Error",
    ]
    for body in classes.values():
        lines += ["", "", *body]
    return "\n".join([*lines, "", "", "BY_STATUS: Final[dict[int, type[Error]]] = {", *by_status, "}", ""])


def error_class(constant: str) -> tuple[str, str, str]:
    """Its name, the built-in class that it is as well, and its docstring. Every language has the same names."""
    stem = constant[len(ERROR) :]
    if stem not in _CLASSES:
        raise HeaderError(f"{constant} has no exception class: give it one in tools/abi_python.py")
    return _CLASSES[stem]
