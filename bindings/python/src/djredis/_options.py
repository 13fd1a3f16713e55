"""Locations and options between Python and the library, which takes both as text."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from ctypes import byref, c_void_p
from datetime import timedelta
from decimal import Decimal
from importlib import import_module
from typing import Any, Callable, Union

from . import _abi, _slots
from ._exceptions import ConfigError
from ._library import library

Location = Union[str, Sequence[str]]

#: Where None means "no limit" or "for ever". For any other option None means that it is not given.
TIMES = frozenset({"TIMEOUT", "SOCKET_TIMEOUT", "SOCKET_CONNECT_TIMEOUT", "POOL_TIMEOUT"})


def location_text(location: Location) -> str:
    """A location, or a list of them, as one text with commas."""
    if isinstance(location, str):
        return location
    if isinstance(location, (bytes, bytearray)) or not all(isinstance(entry, str) for entry in location):
        raise TypeError("a location is text or a list of texts, such as '127.0.0.1:6379:1'")
    if any("," in entry for entry in location):
        raise ConfigError("an entry of the list of locations has a comma; write it as a URL, with %2C for the comma")
    return ",".join(location)


def option_text(name: str, value: Any) -> str | None:
    """The value of an option as the library reads it; None where it counts as not given."""
    if value is None:
        return "none" if name in TIMES else None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, timedelta):
        value = value.total_seconds()
    if isinstance(value, float):
        return format(Decimal(repr(value)), "f")  # never with an exponent
    if isinstance(value, bytes):
        return value.decode()
    if isinstance(value, os.PathLike):
        return os.fsdecode(value)
    if isinstance(value, (list, tuple)):
        return ",".join(map(_part_text, value))
    return str(value)


def _part_text(part: Any) -> str:
    """One of a list; (host, port) is an address, as of SENTINELS."""
    if not isinstance(part, (list, tuple)):
        return str(part)
    host, *port = map(str, part)
    return ":".join([f"[{host}]" if ":" in host else host, *port])


def imported(path: str) -> Any:
    """What a dotted path names."""
    module, _, name = path.rpartition(".")
    # As in _plain.codec: no lock where it is loaded.
    return getattr(sys.modules.get(module) or import_module(module), name)


def is_built_in_parser(value: Any) -> bool:
    """Whether PARSER_CLASS is one of redis-py's parsers, in any of its releases: they stand for the library's own."""
    path = f"{value.__module__}.{value.__qualname__}" if isinstance(value, type) else value
    return isinstance(path, str) and path.startswith("redis.") and path.endswith("Parser")


def take_parser(options: dict[str, Any]) -> Callable[[], Any] | None:
    """The program's own PARSER_CLASS, taken out of the options; None for the library's own. Raises ConfigError."""
    given = options.get("PARSER_CLASS")
    if is_built_in_parser(given):
        options["PARSER_CLASS"] = "builtin"
    elif given is not None and not (isinstance(given, str) and "." not in given):
        from . import _parsers

        return _parsers.factory(options.pop("PARSER_CLASS"))
    return None


def open_cache(location: Location, options: Mapping[str, Any], parser: Callable[[], Any] | None = None) -> int:
    """The handle of a new cache. `options`: by their names in capitals. `parser`: what makes its own parsers. Raises
    ConfigError, which names the option and the fix.
    """
    where = location_text(location).encode()
    made = c_void_p()
    slot = _slots.take()
    settings = library.djredis_options_new()
    try:
        for name, value in options.items():
            _set_option(settings, name, option_text(name, value), slot)
        if parser is not None:
            from . import _parsers

            _parsers.give(settings, parser)
        status = library.djredis_cache_open(where, len(where), settings, byref(made), slot)
        if status != _abi.DJREDIS_OK:
            raise _slots.failure(status, slot)
    finally:
        library.djredis_options_free(settings)
        _slots.give(slot)
    assert made.value is not None
    return made.value


def _set_option(settings: int, name: str, value: str | None, slot: _abi.djredis_value) -> None:
    if value is None:
        return
    key, text = name.encode(), value.encode()
    status = library.djredis_options_set(settings, key, len(key), text, len(text), slot)
    if status != _abi.DJREDIS_OK:
        raise _slots.failure(status, slot)
