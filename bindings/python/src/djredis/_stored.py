"""What stands in Redis for a value, without asking Redis."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from . import _abi, _replies, _slots, _values
from ._calls import call
from ._handle import Handle
from ._library import library


class Stored(Handle):
    """For what is kept as the cache's values are, and is none: members of sets, say."""

    def _encode(self, value: Any, *, allow_int: bool = True) -> bytes:
        """The bytes that set would store. allow_int: False serializes an integer too.

        Raises EncodeError, and UnsupportedError with SIGNING_KEYS, which sign a value together with its key.
        """
        codec = self._codec
        if allow_int and not self._signs and codec.is_integer(value):
            return _values.digits(value)
        payload = codec.dumps(value)
        if not (self._compresses or self._signs):
            return payload
        given = _values.payload(payload, codec.format)
        return bytes(self._ask(library.djredis_cache_encode, given, read=_slots.content))

    def _decode_many(self, stored: Iterable[bytes], key: Any = None) -> list[Any]:
        """The values of many stored bytes. key: what the error names. Raises the first DecodeError, and as _encode."""
        listed = list(stored)
        joined, lengths = _replies.join(listed)
        how = call(_abi.DJREDIS_AS_PAYLOAD, None)
        items = self._ask(library.djredis_cache_decode_many, len(listed), joined, lengths, how, read=_values.items)
        return [self._item(key, *item) for item in items]

    def _item(self, key: Any, kind: int, flags: int, integer: int, data: memoryview) -> Any:
        if kind == _abi.DJREDIS_ERROR:
            raise _values.error_of(flags, integer, data)
        return self._codec.read(kind, flags, integer, data, key)
