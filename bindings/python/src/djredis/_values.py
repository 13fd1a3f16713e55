"""Values between Python and the library.

Python serializes by itself (_codec.py), which is faster than any detour: the library is asked for payloads and given
payloads. Integers are stored as digits, so that the server can count with them.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from ctypes import POINTER, c_char_p, c_size_t, c_void_p, cast, string_at
from typing import TYPE_CHECKING, Any

from . import _abi, _slots
from ._calls import INT64_MAX, INT64_MIN
from ._error import Error
from ._exceptions import BY_STATUS, DecodeError, EncodeError
from ._library import library

if TYPE_CHECKING:
    from ._codec import Codec

_ITEM = struct.Struct("@iIqQQ")  # djredis_item
VALUE = struct.Struct("@iIqdPNP")  # djredis_value
_ITEM_SIZE = _ITEM.size
_INTEGER, _FLOAT = struct.Struct("@q"), struct.Struct("@d")

Item = tuple[int, int, int, memoryview]
#: Type, flags, integer, where its bytes begin and how many they are.
Row = tuple[int, int, int, int, int]

#: The items of an answer up to this size are copied one by one.
COPIED_BYTES = 1 << 20


def undecodable(key: Any, why: str, data: bytes | memoryview) -> DecodeError:
    """The error for a value that can't be read, with its bytes."""
    failed = DecodeError(f"the value of key {key!r} {why}")
    failed.stored = bytes(data)
    return failed


def said(error: Exception) -> str:
    """What an exception says, for the sentence of another one."""
    return f"{type(error).__name__}: {error}"


def digits(value: int) -> bytes:
    """The decimal digits of an integer."""
    try:
        return b"%d" % value
    except ValueError as error:  # see sys.set_int_max_str_digits
        raise EncodeError(f"the integer has too many digits: {error}") from error


def read(kind: int, flags: int, integer: int, data: bytes | memoryview, key: Any) -> Any:
    """A value or an item by its type; `integer` holds what is no bytes, of a float its bits."""
    if kind == _abi.DJREDIS_INT:
        return integer
    if kind == _abi.DJREDIS_FLOAT:
        return _FLOAT.unpack(_INTEGER.pack(integer))[0]
    if kind == _abi.DJREDIS_BIGINT:
        try:
            return int(bytes(data))
        except ValueError as error:
            raise undecodable(key, f"has too many digits: {error}", data) from error
    if kind == _abi.DJREDIS_NONE:
        return None
    if kind == _abi.DJREDIS_BOOL:
        return bool(integer)
    if kind == _abi.DJREDIS_BYTES:
        return bytes(data)
    if kind == _abi.DJREDIS_TEXT:
        return str(data, "utf-8")
    raise undecodable(key, f"has a type that djredis for Python does not know ({kind}, {flags})", data)


def read_slot(slot: _abi.djredis_value, key: Any = None) -> Any:
    """The value in a slot."""
    kind = slot.type
    if kind == _abi.DJREDIS_INT:
        return slot.integer
    if kind == _abi.DJREDIS_FLOAT:
        return slot.real
    return read(kind, slot.flags, slot.integer, _slots.content(slot), key)


def items(slot: _abi.djredis_value) -> Iterator[Item]:
    """The items in a slot: type, flags, integer and bytes of each. The bytes are a copy, and outlive the slot."""
    content = memoryview(_slots.content(slot))
    table = _ITEM.iter_unpack(content[: slot.integer * _ITEM_SIZE])
    return ((kind, flags, integer, content[start : start + size]) for kind, flags, integer, start, size in table)


def rows(slot: _abi.djredis_value) -> tuple[bytes | memoryview, Iterator[Row]]:
    """The items in a slot as they lie there, for loops that must be fast, and the bytes into which they point."""
    data = _slots.content(slot)
    table = _ITEM.iter_unpack(data[: slot.integer * _ITEM_SIZE])
    # A slice of bytes is made faster than one of a memoryview, and is a copy.
    return (data if len(data) <= COPIED_BYTES else memoryview(data)), table


def all_none(slot: _abi.djredis_value) -> bool:
    """Whether all items in a slot are NONE, whose type is 0."""
    table = memoryview(string_at(slot.data or 0, slot.integer * _ITEM_SIZE)).cast("i")
    return not any(table[:: _ITEM_SIZE // table.itemsize].tolist())


def single(value: int) -> _abi.djredis_value:
    """The struct of an integer."""
    if INT64_MIN <= value <= INT64_MAX:
        return _abi.djredis_value(_abi.DJREDIS_INT, 0, value)
    text = digits(value)
    made = _abi.djredis_value(_abi.DJREDIS_BIGINT, 0, 0, 0.0, _address(text), len(text))
    made.text = text  # alive as long as the struct that points to it
    return made


def payload(data: bytes, format: int) -> _abi.djredis_value:
    """The struct of a serialized value."""
    made = _abi.djredis_value(_abi.DJREDIS_PAYLOAD, format, 0, 0.0, _address(data), len(data))
    made.text = data  # as above
    return made


def array(values: Sequence[Any], codec: Codec) -> tuple[Any, bytes]:
    """Values as the array that set_many takes, and the bytes it points into, which must live as long."""
    parts: list[bytes] = []
    rows: list[tuple[int, int, int, int]] = []  # type, flags, integer, length
    for value in values:
        if not codec.is_integer(value):
            parts.append(codec.dumps(value))
            rows.append((_abi.DJREDIS_PAYLOAD, codec.format, 0, len(parts[-1])))
        elif INT64_MIN <= value <= INT64_MAX:
            rows.append((_abi.DJREDIS_INT, 0, value, 0))
        else:
            parts.append(digits(value))
            rows.append((_abi.DJREDIS_BIGINT, 0, 0, len(parts[-1])))
    content = b"".join(parts)
    packed, start = [], _address(content)
    for kind, flags, integer, size in rows:
        packed.append(VALUE.pack(kind, flags, integer, 0.0, start, size, 0))
        start += size
    # The pointer keeps the structs alive, not what they point to.
    return cast(c_char_p(b"".join(packed)), POINTER(_abi.djredis_value)), content


def _address(data: bytes) -> int:
    return cast(c_char_p(data), c_void_p).value or 0


def error_of(flags: int, integer: int, data: memoryview) -> Error:
    """The exception that an ERROR item stands for."""
    error = BY_STATUS.get(integer, Error)(str(data, "utf-8", "replace"))
    error.status = integer
    error.retryable = bool(flags & _abi.DJREDIS_NOT_SENT)
    return error


def mapping(slot: _abi.djredis_value) -> dict[str, Any]:
    """A map of plain values and such maps, by the library's own cursor."""
    found: dict[str, Any] = {}
    at, name, item = c_size_t(0), _abi.djredis_value(), _abi.djredis_value()
    while library.djredis_value_next(slot, at, name, item) == _abi.DJREDIS_OK:
        found[read_slot(name)] = mapping(item) if item.type == _abi.DJREDIS_MSGPACK else read_slot(item)
    return found
