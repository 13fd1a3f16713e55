"""Objects that the notation has as extensions: dates, decimals, deques, ...

Python has them as themselves, so they go through Python's pickle and the library's codec: what the cases expect is
what both say.
"""

from __future__ import annotations

import pickle
import struct
from typing import Any

import djredis
from djredis import _abi, _slots, _values
from djredis._library import library

Json = Any

_cache = djredis.Cache("memory:notation")
_HEADER = struct.Struct(">BIB")
# How long the header is by its first byte, the number of the extension included; it is the last byte.
_HEADERS = {0xC7: 3, 0xC8: 4, 0xC9: 6, **dict.fromkeys(range(0xD4, 0xD9), 2)}


def object_of(number: int, payload: bytes) -> Any:
    data = _HEADER.pack(0xC9, len(payload), number) + payload
    value = _abi.djredis_value(_abi.DJREDIS_MSGPACK, number, 0, 0.0, _values._address(data), len(data))
    return pickle.loads(_cache._ask(library.djredis_cache_encode, value, read=_slots.content))


def plain(value: Any) -> Json:
    stored = pickle.dumps(value)
    data = _cache._ask(library.djredis_cache_decode, stored, len(stored), read=_slots.content)
    size = _HEADERS[data[0]]
    return {"ext": [data[size - 1], data[size:].hex()]}
