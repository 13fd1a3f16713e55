"""Commands to Redis and its replies, between Python and the library.

A reply is what redis-py's own connection reads: a string or a status is bytes, nil is None, an array, a set or a pushed
message is a list. Under the option PROTOCOL=resp3 there are float, bool and dict too, and int of any width.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from functools import lru_cache
from types import ModuleType
from typing import Any, Union

from . import _abi, _keys, _slots, _values

#: What a command is made of. Text goes as UTF-8, numbers as Python writes them.
Argument = Union[str, bytes, bytearray, memoryview, int, float]

# A status is TEXT to the library.
_STRINGS = (_abi.DJREDIS_BYTES, _abi.DJREDIS_TEXT)


def encode(argument: Argument) -> bytes:
    """The bytes of an argument. True, False and None are refused, since Redis has no notation for them."""
    if type(argument) is bytes:
        return argument
    if isinstance(argument, str):
        return _keys.encode(str.__str__(argument))  # the text of an enum's member, not its name
    if isinstance(argument, (bytes, bytearray, memoryview)):
        return bytes(argument)
    if isinstance(argument, int) and not isinstance(argument, bool):
        return _values.digits(argument)
    if isinstance(argument, float):
        return float.__repr__(argument).encode()
    raise TypeError(f"an argument is text, bytes, an int or a float, not {type(argument).__name__}: {argument!r}")


def join(encoded: Sequence[bytes]) -> tuple[bytes, bytes]:
    """Arguments as the library takes them: one buffer, and their lengths."""
    return b"".join(encoded), numbers([len(argument) for argument in encoded])


def numbers(sizes: Sequence[int]) -> bytes:
    """An array of uint32_t."""
    return struct.pack(f"@{len(sizes)}I", *sizes)


def read(slot: _abi.djredis_value) -> Any:
    """The reply in a slot."""
    if slot.type == _abi.DJREDIS_FLOAT:
        return slot.real
    return _reply(slot.type, slot.integer, _slots.content(slot))


def read_many(slot: _abi.djredis_value) -> list[Any]:
    """The replies of a pipeline; an error is an exception, in its place."""
    # The common kind first: a pipeline has hundreds.
    return [bytes(item[3]) if item[0] == _abi.DJREDIS_BYTES else _item(*item) for item in _values.items(slot)]


def _item(kind: int, flags: int, integer: int, data: memoryview) -> Any:
    if kind == _abi.DJREDIS_ERROR:
        return _values.error_of(flags, integer, data)
    return _reply(kind, integer, bytes(data))


def _reply(kind: int, integer: int, data: bytes) -> Any:
    if kind in _STRINGS:
        return data
    if kind == _abi.DJREDIS_MSGPACK:
        return _reader().decode(data)
    if kind == _abi.DJREDIS_BIGINT:
        return _reader().big_number(data)
    return _values.read(kind, 0, integer, data, "reply")


@lru_cache(maxsize=1)
def _reader() -> ModuleType:
    """The module that reads lists and their like, which most programs never meet in a reply."""
    from . import _msgpack

    return _msgpack
