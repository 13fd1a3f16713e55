"""Keys between Python and the library: text, bytes, and many at once."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from typing import Any, Union

from ._exceptions import ArgumentError

#: What a key may be. As in Django, anything else is taken by its text, str(key).
Key = Union[str, bytes, int]

#: Keys in Redis that are not UTF-8 show up in keys() with these surrogates, and find their way back.
_ERRORS = "surrogateescape"


def encode(key: Any) -> bytes:
    """The bytes of a key (or pattern). Text is UTF-8, bytes are themselves."""
    if type(key) is str:
        try:
            return key.encode()
        except UnicodeEncodeError:
            return _escaped(key)
    if isinstance(key, (bytes, bytearray, memoryview)):
        return bytes(key)
    return _escaped(str(key))


def _escaped(key: str) -> bytes:
    try:
        return key.encode("utf-8", _ERRORS)
    except UnicodeEncodeError as error:
        raise ArgumentError(f"the key {key!r} has a lone surrogate, which UTF-8 can't hold; use bytes") from error


def decode(key: bytes) -> str:
    """The text of a key; `encode` gives the same bytes back."""
    return str(key, "utf-8", _ERRORS)


def listed(keys: Iterable[Any]) -> list[Any]:
    """The keys as a list. One key alone is refused, since its characters would be taken for keys."""
    if isinstance(keys, (str, bytes)):
        raise TypeError(f"a list or another iterable of keys is expected, not the single key {keys!r}")
    return list(keys)


def join(keys: Iterable[Any]) -> tuple[bytes, bytes]:
    """Many keys as the library takes them: one buffer, and their lengths."""
    keys = list(keys)
    if set(map(type, keys)) == {str}:
        text = "".join(keys)
        if text.isascii():
            return text.encode(), struct.pack(f"@{len(keys)}I", *map(len, keys))
    encoded = [encode(key) for key in keys]
    return b"".join(encoded), struct.pack(f"@{len(encoded)}I", *map(len, encoded))
