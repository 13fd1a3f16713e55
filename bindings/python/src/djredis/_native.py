"""The hot methods without ctypes, on CPython.

The library has functions of CPython's own kind for them (src/ffi/cpython). They do what is plain: text for keys, small
integers, what the serializer can write and read. Everything else they leave to Python: before anything is sent to the method
of the same name in Commands, then to one of the functions below.
"""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Iterable, Mapping
from ctypes import c_char_p, c_int, c_void_p, py_object
from functools import lru_cache
from typing import Any, Callable

from . import _abi, _slots, _values
from ._calls import DEFAULT, MADE, Timeout, milliseconds
from ._commands import Commands
from ._exceptions import DecodeError
from ._handle import OK
from ._keys import Key, listed
from ._library import library
from ._many import SomeKey, unstored
from ._options import Location

_FORMATS = range(1, 5)


class _Method(ctypes.Structure):
    """PyMethodDef."""

    _fields_ = (("name", c_char_p), ("function", c_void_p), ("flags", c_int), ("doc", c_char_p))


def _wanted() -> bool:
    """Whether this interpreter's objects are laid out as the library knows them, and nobody asks for the other way."""
    with_gil = sys.implementation.name == "cpython" and "t" not in sys.abiflags
    # Debug builds that list all objects have getobjects, and longer objects.
    return with_gil and not hasattr(sys, "getobjects") and os.environ.get("DJREDIS_NATIVE") != "0"


def _methods() -> dict[str, int]:
    """The addresses of the library's methods by their names: none where it does not find the functions of CPython."""
    found: dict[str, int] = {}
    address = library.djredis_cpython_methods() if _wanted() else None
    while address and _Method.from_address(address).name:
        found[_Method.from_address(address).name.decode()] = address
        address += ctypes.sizeof(_Method)
    return found


_METHODS = _methods()
#: Whether the hot methods go without ctypes: see docs/python.md.
NATIVE = bool(_METHODS)


@lru_cache(maxsize=1)
def _maker() -> Callable[..., Any]:
    """PyCFunction_NewEx."""
    return ctypes.PYFUNCTYPE(py_object, c_void_p, py_object, c_void_p)(("PyCFunction_NewEx", ctypes.pythonapi))


def _function(name: str, python_way: Callable[..., Any], unusual: Callable[..., Any]) -> Callable[..., Any]:
    """The library's function of this name; without it, nobody calls what is returned."""
    if name not in _METHODS:
        return python_way
    # The tuple is laid out as src/ffi/cpython/frame.rs reads it.
    made: Callable[..., Any] = _maker()(_METHODS[name], (DEFAULT, MADE, milliseconds, python_way, unusual), None)
    return made


# What follows is called with the bytes of the djredis_value that the library has filled, and holds until they return.


def _got(cache: Native, status: int, filled: bytes, default: Any, key: Key) -> Any:
    slot = _abi.djredis_value.from_buffer_copy(filled)
    try:
        if status == OK:
            number = slot.integer
            return cache._codec.read(slot.type, slot.flags, number, _slots.content(slot), key)
        cache._failed(status, slot)
    except DecodeError as error:
        if not cache._is_miss(error):
            raise
    return default


def _got_many(cache: Native, status: int, filled: bytes, names: list[Any], _: None) -> dict[Any, Any]:
    slot = _abi.djredis_value.from_buffer_copy(filled)
    if status == OK:
        return cache._found(names, *_values.rows(slot))
    cache._failed(status, slot)
    return {}


def _set_many(cache: Native, status: int, filled: bytes, names: list[Any], _: None) -> list[Any]:
    slot = _abi.djredis_value.from_buffer_copy(filled)
    if status == OK:
        return unstored(names, slot)
    cache._failed(status, slot)
    return names


def _answered(cache: Native, status: int, filled: bytes, otherwise: Any, _: None) -> Any:
    slot = _abi.djredis_value.from_buffer_copy(filled)
    if status == OK:
        return _values.read_slot(slot)
    cache._failed(status, slot)
    return otherwise


def _unknown(*_: Any) -> bool:
    return False


#: plain_keys(keys, longest): True only if the keys are a list of exact strs of visible ASCII, none longer than that. Without
#: the library's function it is False: nobody has looked.
plain_keys = _function("plain_keys", _unknown, _unknown)

_get = _function("get", Commands.get, _got)
_set = _function("set", Commands.set, _answered)
_delete = _function("delete", Commands.delete, _answered)
_has_key = _function("has_key", Commands.has_key, _answered)
_touch = _function("touch", Commands.touch, _answered)
_incr = _function("incr", Commands.incr, _answered)
_get_many = _function("get_many", Commands.get_many, _got_many)
_store_many = _function("set_many", Commands.set_many, _set_many)


class Native(Commands):
    """Commands with the library's functions for CPython. Each is called with the cache and its `_native`, first."""

    #: As src/ffi/cpython/frame.rs reads it. Without it, every call is done in Python.
    _native: tuple[Any, ...] | None = None

    def __init__(self, location: Location, **options: Any) -> None:
        super().__init__(location, **options)
        codec = self._codec
        self._native = (self._handle, codec.format, *codec.positional_dumps(), *map(codec.loads_of.get, _FORMATS))

    def __del__(self, at_exit: Callable[[], bool] = sys.is_finalizing) -> None:
        if not at_exit():
            self._native = None
            super().__del__()

    def get(self, key: Key, default: Any = None, version: int | None = None) -> Any:
        return _get(self, self._native, key, default, version)

    def set(
        self,
        key: Key,
        value: Any,
        timeout: Timeout = DEFAULT,
        version: int | None = None,
        nx: bool = False,
        xx: bool = False,
    ) -> bool:
        return _set(self, self._native, key, value, timeout, version, nx, xx)  # type: ignore[no-any-return]

    def delete(self, key: Key, version: int | None = None) -> bool:
        return _delete(self, self._native, key, version)  # type: ignore[no-any-return]

    def has_key(self, key: Key, version: int | None = None) -> bool:
        return _has_key(self, self._native, key, version)  # type: ignore[no-any-return]

    def touch(self, key: Key, timeout: Timeout = DEFAULT, version: int | None = None) -> bool:
        return _touch(self, self._native, key, timeout, version)  # type: ignore[no-any-return]

    def incr(self, key: Key, delta: int = 1, version: int | None = None) -> int | Any:
        return _incr(self, self._native, key, delta, version)

    def get_many(self, keys: Iterable[SomeKey], version: int | None = None) -> dict[SomeKey, Any]:
        return _get_many(self, self._native, listed(keys), version)  # type: ignore[no-any-return]

    def set_many(
        self, mapping: Mapping[SomeKey, Any], timeout: Timeout = DEFAULT, version: int | None = None
    ) -> list[SomeKey]:
        return _store_many(self, self._native, mapping, timeout, version)  # type: ignore[no-any-return]


for _name in ("get", "set", "delete", "has_key", "touch", "incr", "get_many", "set_many"):
    getattr(Native, _name).__doc__ = getattr(Commands, _name).__doc__
