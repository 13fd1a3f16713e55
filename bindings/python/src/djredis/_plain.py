"""Plain MessagePack, as django-redis stores it: `msgpack.dumps(value)`.

The package msgpack does it where it is installed, faster; what is here does the same without it.
"""

from __future__ import annotations

import importlib
import struct
import sys
from datetime import datetime, timedelta, timezone
from typing import Any, Callable

from . import _msgpack
from ._msgpack import READERS, Found, Read, container, extensions
from ._refusals import refused

#: How deep lists and dicts may be in each other when they are written: what the library types for other languages.
DEPTH = 512

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_TIMESTAMP = 0xFF  # the extension -1
_FLOAT = struct.Struct(">Bd")
#: The most that a form of integer holds, its tag and its layout.
_UNSIGNED = [(0xFF, 0xCC, ">BB"), (0xFFFF, 0xCD, ">BH"), (0xFFFF_FFFF, 0xCE, ">BI"), (2**64 - 1, 0xCF, ">BQ")]
_SIGNED = [(2**7, 0xD0, ">Bb"), (2**15, 0xD1, ">Bh"), (2**31, 0xD2, ">Bi"), (2**63, 0xD3, ">Bq")]


def dumps(value: Any) -> bytes:
    """The MessagePack of a value. Raises TypeError or ValueError where it has none."""
    out = bytearray()
    _write(value, out, DEPTH)
    return bytes(out)


def _write(value: Any, out: bytearray, depth: int) -> None:
    if depth < 0:
        raise ValueError(f"it is nested deeper than {DEPTH}, or contains itself")
    if value is None:
        out.append(0xC0)
    elif isinstance(value, bool):
        out.append(0xC3 if value else 0xC2)
    elif isinstance(value, int):
        _write_integer(value, out)
    elif isinstance(value, float):
        out += _FLOAT.pack(0xCB, value)
    elif isinstance(value, str):
        text = value.encode()
        out += _head(len(text), 0xA0, 32, 0xD9, 0xDA) + text
    elif isinstance(value, (bytes, bytearray, memoryview)):
        data = bytes(value)
        out += _head(len(data), 0, 0, 0xC4, 0xC5) + data
    elif isinstance(value, (list, tuple)):
        out += _head(len(value), 0x90, 16, 0, 0xDC)
        for part in value:
            _write(part, out, depth - 1)
    elif isinstance(value, dict):
        out += _head(len(value), 0x80, 16, 0, 0xDE)
        for key, part in value.items():
            _write(key, out, depth - 1)
            _write(part, out, depth - 1)
    else:
        raise refused(value)


def _write_integer(value: int, out: bytearray) -> None:
    if -32 <= value < 128:
        out.append(value & 0xFF)
        return
    magnitude, forms = (value, _UNSIGNED) if value > 0 else (-value, _SIGNED)
    for most, tag, layout in forms:
        if magnitude <= most:
            out += struct.pack(layout, tag, value)
            return
    raise refused(int(value))


def _head(size: int, short: int, room: int, tag8: int, tag16: int) -> bytes:
    """The shortest header for so many bytes or parts: in the tag itself below `room`, in 8 bits if there is a tag8."""
    if size < room:
        return bytes((short | size,))
    if tag8 and size < 0x100:
        return bytes((tag8, size))
    return struct.pack(">BH", tag16, size) if size < 0x10000 else struct.pack(">BI", tag16 + 1, size)


def loads(data: bytes | memoryview) -> Any:
    """The value of a MessagePack. Raises an exception of any class where it is none."""
    return _msgpack.decode(bytes(data), _READERS)


def _text(read: Read) -> Read:
    def read_text(data: bytes, at: int) -> Found:
        found: Any
        found, at, _ = read(data, at)
        return str(found, "utf-8"), at, None

    return read_text


def _dict(parts: list[Any]) -> Any:
    return dict(zip(parts[::2], parts[1::2]))


def _short_dict(data: bytes, at: int) -> Found:
    return 2 * (data[at] & 15), at + 1, _dict


def _extension(data: bytes, at: int, start: int, size: int) -> Found:
    if data[start - 1] != _TIMESTAMP:
        unknown(data[start - 1], b"")
    return _moment(data[start : start + size]), start + size, None


def _moment(data: bytes) -> datetime:
    """A point in time, from each of the three layouts of the specification; microseconds are what Python has."""
    seconds = nanoseconds = 0
    if len(data) == 12:
        nanoseconds, seconds = struct.unpack(">Iq", data)
    elif len(data) == 8:
        nanoseconds, seconds = divmod(int.from_bytes(data, "big"), 1 << 34)
    else:
        (seconds,) = struct.unpack(">I", data)
    if nanoseconds >= 1_000_000_000:
        raise ValueError("it has a point in time with more than a second of nanoseconds")
    return _EPOCH + timedelta(seconds=seconds, microseconds=nanoseconds // 1000)


def unknown(number: int, _: bytes) -> Any:
    """Extensions that MessagePack itself does not have."""
    raise ValueError(f"it has an extension, {number}, that plain MessagePack does not have")


def _invalid(_: bytes, at: int) -> Found:
    raise ValueError(f"there is no value at offset {at}")


#: By tag. What replies of Redis have as bytes is text here, and a key must be one that Python can hash.
_READERS = list(READERS)
_READERS[0x80:0x90] = [_short_dict] * 16
_READERS[0xA0:0xC0] = map(_text, READERS[0xA0:0xC0])
_READERS[0xC1] = _invalid
_READERS[0xC7:0xCA], _READERS[0xD4:0xD9] = extensions(_extension)
_READERS[0xD9:0xDC] = map(_text, READERS[0xD9:0xDC])
_READERS[0xDE:0xE0] = container(">H", _dict, 2), container(">I", _dict, 2)


def codec() -> tuple[Callable[[Any], bytes], Callable[[bytes | memoryview], Any]]:
    """What writes MessagePack and what reads it: the package's functions, or those of this module."""
    try:
        # Before Python 3.11 import_module takes a lock even if it is loaded, and a fork may leave that locked.
        msgpack: Any = sys.modules.get("msgpack") or importlib.import_module("msgpack")
    except ImportError:
        return dumps, loads
    if msgpack.version < (1, 0):  # it had other defaults
        return dumps, loads

    def packed(value: Any) -> bytes:
        return bytes(msgpack.packb(value, default=_refuse))

    def unpacked(data: bytes | memoryview) -> Any:
        # Other programs write keys that are no text, and so does dumps.
        return msgpack.unpackb(data, strict_map_key=False, timestamp=3, ext_hook=unknown)

    return packed, unpacked


def _refuse(value: Any) -> Any:
    raise refused(value)
