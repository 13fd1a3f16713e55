"""Replies of Redis that the library gives as MessagePack (docs/values.md): lists, maps, sets and what stands in them.

Reading never recurses: containers that are not full yet wait in a list.
"""

from __future__ import annotations

import struct
from typing import Any, Callable, Union

from ._exceptions import DecodeError, ServerError

# The extensions that replies have. Text is what the protocol calls a verbatim string; it and a status are bytes, as
# redis-py has them. So is a set a list, since its members may be lists themselves.
_BIG_NUMBER, _SET, _ERROR, _STATUS = 4, 6, 18, 19
# The tag of a byte string shorter than 256 bytes, which is what most replies are made of.
_BIN8 = 0xC4

#: Makes a container of its parts; a map's are key, value, key, value, ...
Make = Callable[[list[Any]], Any]
#: What is at a tag: a value, where the next one starts, and None; or how many parts a container has, where the first
#: one starts, and what makes it.
Found = Union[tuple[Any, int, None], tuple[int, int, Make]]
#: Reads what is at this offset.
Read = Callable[[bytes, int], Found]


def decode(data: bytes) -> Any:
    """The one value in `data`."""
    waiting: list[tuple[list[Any], int, Make]] = []
    parts: list[Any] = []
    make: Make = _only
    missing, at = 1, 0
    while True:
        while not missing:
            value = make(parts)
            if not waiting:
                return value
            parts, missing, make = waiting.pop()
            parts.append(value)
        missing -= 1
        tag = data[at]
        if tag == _BIN8:
            start = at + 2
            at = start + data[at + 1]
            parts.append(data[start:at])
            continue
        found, at, opened = _READ[tag](data, at)
        if opened is None:
            parts.append(found)
        else:
            waiting.append((parts, missing, make))
            parts, missing, make = [], found, opened


def big_number(digits: bytes | memoryview) -> int:
    """An integer of any width."""
    try:
        return int(bytes(digits))
    except ValueError as error:  # see sys.set_int_max_str_digits
        raise DecodeError(f"the reply has an integer that can't be read: {error}") from error


def _only(parts: list[Any]) -> Any:
    return parts[0]


def _list(parts: list[Any]) -> list[Any]:
    return parts


def _map(parts: list[Any]) -> Any:
    pairs = list(zip(parts[::2], parts[1::2]))
    try:
        return dict(pairs)
    except TypeError:  # a key that is a list, say
        return pairs


def _constant(value: Any) -> Read:
    return lambda data, at: (value, at + 1, None)


def _number(form: str) -> Read:
    reader = struct.Struct(form)
    return lambda data, at: (reader.unpack_from(data, at + 1)[0], at + 1 + reader.size, None)


def _string(form: str) -> Read:
    reader = struct.Struct(form)

    def read(data: bytes, at: int) -> Found:
        start = at + 1 + reader.size
        end = start + reader.unpack_from(data, at + 1)[0]
        return data[start:end], end, None

    return read


def _short_text(data: bytes, at: int) -> Found:
    end = at + 1 + (data[at] & 31)
    return data[at + 1 : end], end, None


def _short_list(data: bytes, at: int) -> Found:
    return data[at] & 15, at + 1, _list


def _short_map(data: bytes, at: int) -> Found:
    return 2 * (data[at] & 15), at + 1, _map


def _container(form: str, make: Make, parts_each: int) -> Read:
    reader = struct.Struct(form)
    return lambda data, at: (parts_each * reader.unpack_from(data, at + 1)[0], at + 1 + reader.size, make)


def _extension(data: bytes, at: int, start: int, size: int) -> Found:
    """The extension whose tag is at `at`, and its payload of `size` bytes at `start`, after its number."""
    number, end = data[start - 1], start + size
    if number == _SET:
        return 1, start, _only
    if number == _STATUS:
        return data[start:end], end, None
    if number == _ERROR:
        return ServerError(str(data[start:end], "utf-8", "replace")), end, None
    if number == _BIG_NUMBER:
        return big_number(data[start:end]), end, None
    return _unknown(data, at)


def _fixed_extension(size: int) -> Read:
    return lambda data, at: _extension(data, at, at + 2, size)


def _sized_extension(form: str) -> Read:
    reader = struct.Struct(form)
    return lambda data, at: _extension(data, at, at + 2 + reader.size, reader.unpack_from(data, at + 1)[0])


def _unknown(data: bytes, at: int) -> Found:
    raise DecodeError(f"the reply has a value that djredis for Python does not know: {data[at : at + 8].hex()}")


#: By tag, as the specification of MessagePack lists them.
_READ: list[Read] = [
    *map(_constant, range(128)),
    *[_short_map] * 16,
    *[_short_list] * 16,
    *[_short_text] * 32,
    _constant(None), _unknown, _constant(False), _constant(True),
    *map(_string, (">B", ">H", ">I")),
    _sized_extension(">B"), _sized_extension(">H"), _sized_extension(">I"),
    _number(">f"), _number(">d"),
    _number(">B"), _number(">H"), _number(">I"), _number(">Q"),
    _number(">b"), _number(">h"), _number(">i"), _number(">q"),
    *map(_fixed_extension, (1, 2, 4, 8, 16)),
    *map(_string, (">B", ">H", ">I")),
    _container(">H", _list, 1), _container(">I", _list, 1),
    _container(">H", _map, 2), _container(">I", _map, 2),
    *map(_constant, range(-32, 0)),
]  # fmt: skip
