"""The tables of the Ruby binding: constants, layouts for String#unpack, prototypes for FFI, and the error classes."""

from __future__ import annotations

from abi_python import ERROR, error_class
from c_header import Callback, CType, Function, Header, HeaderError, Variable

# C type: (directive of Array#pack, bytes). A field of another type, or a gap between two fields, is refused.
_PACK = {
    "int32_t": ("l", 4),
    "uint32_t": ("L", 4),
    "int64_t": ("q", 8),
    "uint64_t": ("Q", 8),
    "double": ("d", 8),
    "size_t": ("J", 8),
}
_POINTER = ("J", 8)
_FFI = {
    "double": "double",
    "int32_t": "int32",
    "uint32_t": "uint32",
    "int64_t": "int64",
    "uint64_t": "uint64",
    "uint8_t": "uint8",
    "size_t": "size_t",
    "void": "void",
}
# Never waits for a server or another thread: called with the GVL, which is faster. Every other function that takes a
# cache, a connection or a scan runs without it: cache_encode and cache_decode too, which can work for long.
_AT_ONCE = {
    "djredis_cache_open",
    "djredis_cache_free",
    "djredis_cache_scan",
    "djredis_cache_make_key",
    "djredis_cache_server_for",
    "djredis_cache_option",
    "djredis_cache_stats",
    "djredis_cache_near_get",
    "djredis_scan_free",
    "djredis_conn_release",
}
_HANDLES = ("djredis_cache", "djredis_scan", "djredis_conn")
_HEAD = "# frozen_string_literal: true\n\n# {what} Made from include/djredis.h by `make header`: do not edit.\n"

_STATUS = "# The number of the status in djredis.h."

# What Ruby's words for it are, where they are not Python's.
_DOCS = {
    "EncodeError": "The value can't be stored: a Proc, say, or text that is no UTF-8.",
    "NotFoundError": "The key of incr, decr or incr_version is not there.",
    "ForkedError": "A connection or a scan that was begun before a fork goes on in its own process only.",
    "InterruptedError": "The program's own check ended the call.",
}


def tables(header: Header) -> str:
    """The text of abi.rb."""
    unknown = _AT_ONCE - set(header.functions)
    if unknown:
        raise HeaderError(f"functions that are gone: {sorted(unknown)}")
    lines = [_HEAD.format(what="The C ABI of libdjredis.")]
    lines += ["module DJRedis", "  # @private", "  module ABI"]
    lines += [_constant(name, value) for name, value in header.constants.items()]
    for name, fields in header.structs.items():
        lines += ["", *_layout(name, fields)]
    lines += ["", "    # name: [arguments, result, whether it can wait]", "    PROTOTYPES = {"]
    lines += [_prototype(header, function) for function in header.functions.values()]
    return "\n".join([*lines, "    }.freeze", "  end", "end", ""])


def _ruby_name(name: str) -> str:
    return name.removeprefix("DJREDIS_") if name != "DJREDIS_ABI" else "NUMBER"


def _constant(name: str, value: object) -> str:
    if value == "SIZE_MAX":
        value = 2**64 - 1
    return f"    {_ruby_name(name)} = {value!r}"


def _layout(name: str, fields: tuple[Variable, ...]) -> list[str]:
    """A struct as pack directives. FFI::Struct would cost a method call for each field."""
    at, pack = 0, ""
    for variable in fields:
        directive, size = _field(name, variable)
        if at % size:
            raise HeaderError(f"{name}: a gap before {variable.name}")
        at += size
        pack += directive
    stem = name.removeprefix("djredis_").upper()
    names = ", ".join(variable.name for variable in fields)
    return [f"    # {names}", f'    {stem}_LAYOUT = "{pack}"', f"    {stem}_SIZE = {at}"]


def _field(struct: str, variable: Variable) -> tuple[str, int]:
    kind = variable.type
    if isinstance(kind, Callback):
        return _POINTER
    if not kind.pointers and kind.base not in _PACK:
        raise HeaderError(f"{struct}: a field that Ruby has no layout for: {variable.name}")
    return _POINTER if kind.pointers else _PACK[kind.base]


def _prototype(header: Header, function: Function) -> str:
    arguments = ", ".join(_argument(header, function, parameter) for parameter in function.parameters)
    waits = "true" if _can_wait(function) else "false"
    return f"      {function.name}: [[{arguments}], {_result(function.result)}, {waits}],"


def _can_wait(function: Function) -> bool:
    if function.name in _AT_ONCE:
        return False
    kinds = (parameter.type for parameter in function.parameters)
    return any(isinstance(kind, CType) and kind.base in _HANDLES for kind in kinds)


def _result(kind: CType) -> str:
    if kind == CType("char", const=True, pointers=1):
        return ":string"
    return ":pointer" if kind.pointers else _scalar(kind)


def _argument(header: Header, function: Function, parameter: Variable) -> str:
    kind = parameter.type
    if isinstance(kind, Callback):
        return ":pointer"
    if kind.pointers > 2:
        raise HeaderError(f"{function.name}: a pointer that Ruby has no table for: {parameter.name}")
    if kind.pointers == 1 and kind.const and kind.base not in header.structs:
        return ":buffer_in"  # a String, without a copy
    return ":pointer" if kind.pointers else _scalar(kind)


def _scalar(kind: CType) -> str:
    if kind.base not in _FFI:
        raise HeaderError(f"Ruby has no table for the type {kind.base}")
    return f":{_FFI[kind.base]}"


def errors(header: Header) -> str:
    """The text of errors.rb."""
    classes: dict[str, list[str]] = {}
    by_status: list[str] = []
    for constant, number in header.constants.items():
        if constant.startswith(ERROR):
            name, _, doc = error_class(constant)
            by_status.append(f"    {number} => {name},")
            if doc:
                classes[name] = ["", f"  # {_DOCS.get(name, doc)}", f"  class {name} < Error", f"    {_STATUS}", f"    STATUS = {number}", "  end"]
    lines = [_HEAD.format(what="One error class for each error status."), "module DJRedis"]
    lines += [line for body in classes.values() for line in body][1:]
    return "\n".join([*lines, "", "  # @private", "  BY_STATUS = {", *by_status, "  }.freeze", "end", ""])
