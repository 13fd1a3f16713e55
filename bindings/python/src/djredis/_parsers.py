"""PARSER_CLASS: a class of the program's own that reads replies, with the interface of hiredis.Reader.

Each connection has a parser. The library feeds it one whole reply at a time and asks it for what it makes of that, which goes
back in RESP. What a parser raises is kept for the method that made the call, which raises a CallbackError from it.
"""

from __future__ import annotations

import ctypes
import itertools
import threading
from collections.abc import Iterator
from ctypes import byref, c_char_p, c_size_t, c_void_p, cast, py_object, string_at
from typing import Any, Callable

from . import _abi, _options, _slots
from ._exceptions import ConfigError
from ._library import library

GIVEN, NOTHING, FAILED = 0, 1, -1

Factory = Callable[[], Any]

#: By their ids, which name them to the library. A program has few, and for good.
_factories: dict[int, Factory] = {}
_parsers: dict[int, _Parser] = {}
_numbers = itertools.count(1)
_raised: dict[int, BaseException] = {}  # by thread


class _Parser:
    """The parser of one connection."""

    def __init__(self, parser: Any) -> None:
        self.feed, self.gets = parser.feed, parser.gets
        #: Whether False is what was fed, and not "nothing more".
        self.is_false = False
        #: The library reads it until the next call.
        self.given = b""


def factory(value: Any) -> Factory:
    """What makes the parsers: a class or a function without arguments, or its dotted path. Raises ConfigError."""
    made = _imported(value) if isinstance(value, str) else value
    if isinstance(made, type):
        lacks = [name for name in ("feed", "gets") if not callable(getattr(made, name, None))]
        if lacks:
            raise ConfigError(
                f"option PARSER_CLASS is {made.__module__}.{made.__qualname__}, which has no {' and no '.join(lacks)}: a "
                "parser has feed(data) and gets(), as hiredis.Reader has. Leave the option out for the built-in parser"
            )
    elif not callable(made):
        raise ConfigError(
            f"option PARSER_CLASS is {made!r}, but it must be a class with feed(data) and gets(), a function without arguments "
            "that makes such a parser, or the dotted path of one"
        )
    found: Factory = made
    return found


def _imported(path: str) -> Any:
    try:
        return _options.imported(path)
    except Exception as error:
        why = f"{type(error).__name__}: {error}"
        raise ConfigError(
            f"option PARSER_CLASS is {path!r}, which can't be imported: {why}. The built-in parser's names are builtin, "
            "redis.connection.HiredisParser, redis.connection.PythonParser and redis.connection.DefaultParser"
        ) from error


def give(options: int, made: Factory) -> None:
    """Sets PARSER_CLASS in a djredis_options."""
    _factories[id(made)] = made
    parser = _abi.djredis_parser(ctypes.sizeof(_abi.djredis_parser), 0, id(made), *_CALLBACKS)
    slot = _slots.take()
    try:
        status = library.djredis_options_set_parser(options, byref(parser), slot)
        if status != _abi.DJREDIS_OK:
            raise _slots.failure(status, slot)
    finally:
        _slots.give(slot)


def take() -> BaseException | None:
    """What this thread's parser raised last, once."""
    return _raised.pop(threading.get_ident(), None)


def _create(ctx: int) -> int | None:
    try:
        _raised.pop(threading.get_ident(), None)
        parser = _Parser(_factories[ctx]())
        number = next(_numbers)
        _parsers[number] = parser
        return number
    except BaseException as error:
        _raised[threading.get_ident()] = error
        return None


def _feed(number: int, data: int, length: int) -> int:
    try:
        _raised.pop(threading.get_ident(), None)
        parser, reply = _parsers[number], string_at(data, length)
        parser.is_false = reply == b"#f\r\n"
        parser.feed(reply)
        return 0
    except BaseException as error:
        _raised[threading.get_ident()] = error
        return FAILED


def _gets(number: int, data: int, length: int) -> int:
    try:
        parser = _parsers[number]
        reply = parser.gets()
        if reply is False and not parser.is_false:
            return NOTHING
        parser.is_false = False
        parser.given = b"".join(_encoded(reply))
        c_void_p.from_address(data).value = cast(c_char_p(parser.given), c_void_p).value
        c_size_t.from_address(length).value = len(parser.given)
        return GIVEN
    except BaseException as error:
        _raised[threading.get_ident()] = error
        return FAILED


def _encoded(reply: Any) -> Iterator[bytes]:
    """What gets() returned, in RESP."""
    if reply is None:
        yield b"_\r\n"
    elif isinstance(reply, bool):
        yield b"#t\r\n" if reply else b"#f\r\n"
    elif isinstance(reply, int):
        yield b"%b%d\r\n" % (b":" if -(2**63) <= reply < 2**63 else b"(", reply)
    elif isinstance(reply, float):
        yield b",%b\r\n" % repr(float(reply)).encode()
    elif isinstance(reply, BaseException):
        yield _string(b"!", str(reply).encode("utf-8", "replace"))
    elif isinstance(reply, str):
        yield _string(b"$", reply.encode("utf-8", "surrogateescape"))
    elif isinstance(reply, (bytes, bytearray, memoryview)):
        yield _string(b"$", bytes(reply))
    elif isinstance(reply, (list, tuple, set, frozenset)):
        yield b"%b%d\r\n" % (b"~" if isinstance(reply, (set, frozenset)) else b"*", len(reply))
        for element in reply:
            yield from _encoded(element)
    elif isinstance(reply, dict):
        yield b"%%%d\r\n" % len(reply)
        for pair in reply.items():
            yield from _encoded(pair[0])
            yield from _encoded(pair[1])
    else:
        raise TypeError(f"gets() returned a {type(reply).__name__}, which is no reply")


def _string(kind: bytes, data: bytes) -> bytes:
    return b"%b%d\r\n%b\r\n" % (kind, len(data), data)


_CALLBACKS = (
    _abi.djredis_parser_create(_create),
    _abi.djredis_parser_feed(_feed),
    _abi.djredis_parser_gets(_gets),
    # A built-in, which still works when the interpreter takes the modules apart.
    _abi.djredis_parser_free(_parsers.pop),
)
for _callback in _CALLBACKS:
    # The library may close a connection after this module is gone.
    ctypes.pythonapi.Py_IncRef(py_object(_callback))
