"""Reads MessagePack: here the replies of Redis (docs/values.md), lists, maps, sets and what stands in them.

Reading never recurses: containers that are not full yet wait in a list. What a tag means stands in a table, so that
_plain.py has one of its own.
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
#: Reads an extension: the offsets of its tag and its payload, and the size of that. Its number is before the payload.
Extension = Callable[[bytes, int, int, int], Found]


def decode(data: bytes, readers: list[Read] | None = None) -> Any:
    """The one value in `data`, by a table of what to do at each tag: READERS, unless another one is given."""
    readers = readers or READERS
    waiting: list[tuple[list[Any], int, Make]] = []
    parts: list[Any] = []
    make: Make = _only
    missing, at = 1, 0
    while True:
        while not missing:
            value = make(parts)
            if not waiting:
                # Beyond it where a string is cut off.
                if at != len(data):
                    raise DecodeError(f"the value ends at offset {at}, and there are {len(data)} bytes")
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
        found, at, opened = readers[tag](data, at)
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


def _small(data: bytes, at: int) -> Found:
    return data[at], at + 1, None


def _small_negative(data: bytes, at: int) -> Found:
    return data[at] - 256, at + 1, None


def _number(form: str) -> Read:
    reader = struct.Struct(form)
    return lambda data, at: (reader.unpack_from(data, at + 1)[0], at + 1 + reader.size, None)


def string(form: str) -> Read:
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


def container(form: str, make: Make, parts_each: int) -> Read:
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


def extensions(read: Extension) -> tuple[list[Read], list[Read]]:
    """The readers of extensions that are sized (3 tags from 0xC7) and of fixed sizes (5 tags from 0xD4)."""

    def fixed(size: int) -> Read:
        return lambda data, at: read(data, at, at + 2, size)

    def sized(form: str) -> Read:
        reader = struct.Struct(form)
        return lambda data, at: read(data, at, at + 2 + reader.size, reader.unpack_from(data, at + 1)[0])

    return [*map(sized, (">B", ">H", ">I"))], [*map(fixed, (1, 2, 4, 8, 16))]


def _unknown(data: bytes, at: int) -> Found:
    raise DecodeError(f"the reply has a value that djredis for Python does not know: {data[at : at + 8].hex()}")


_sized, _fixed = extensions(_extension)

#: By tag, as the specification of MessagePack lists them.
READERS: list[Read] = [
    *[_small] * 128,
    *[_short_map] * 16,
    *[_short_list] * 16,
    *[_short_text] * 32,
    _constant(None), _unknown, _constant(False), _constant(True),
    *map(string, (">B", ">H", ">I")),
    *_sized,
    _number(">f"), _number(">d"),
    _number(">B"), _number(">H"), _number(">I"), _number(">Q"),
    _number(">b"), _number(">h"), _number(">i"), _number(">q"),
    *_fixed,
    *map(string, (">B", ">H", ">I")),
    container(">H", _list, 1), container(">I", _list, 1),
    container(">H", _map, 2), container(">I", _map, 2),
    *[_small_negative] * 32,
]  # fmt: skip
