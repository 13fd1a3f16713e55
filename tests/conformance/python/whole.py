"""Calls on whole keys, which the runner makes in the place of raw commands where there is no server.

The methods of Python have no such flag, so these go straight to the C functions.
"""

from __future__ import annotations

from typing import Any, Callable

import djredis
from djredis import _abi, _calls, _slots, _values
from djredis._library import library

Json = Any


def _bytes(slot: Any) -> Json:
    return {"bytes": _slots.content(slot).hex()}


def _time_left(slot: Any) -> Json:
    left = _values.read_slot(slot)
    return {"none": True} if left is None else {"int": str(left)}


def _found(slot: Any) -> Json:
    return {"items": [{"bytes": bytes(data).hex()} for _, _, _, data in _values.items(slot)]}


#: The fields that an operation takes, and how its answer is read.
OPERATIONS: dict[str, tuple[tuple[str, ...], Callable[[Any], Json]]] = {
    "get_raw": (("key",), _bytes),
    "set_raw": (("key", "data"), lambda _: None),
    "has_key": (("key",), lambda _: None),
    "ttl": (("key",), _time_left),
    "touch": (("key",), lambda _: None),
    "keys": (("pattern",), _found),
}


def answer(cache: djredis.Cache, step: Json) -> Json:
    fields, read = OPERATIONS[step["do"]]
    words: list[Any] = []
    for field in fields:
        data = bytes.fromhex(step[field])
        words += [data, len(data)]
    ttl_ms = _abi.DJREDIS_FOREVER if step.get("ttl_ms") is None else int(step["ttl_ms"])
    how = _calls.call(_abi.DJREDIS_KEY_MADE, None, ttl_ms if "ttl_ms" in step else None)
    slot = _slots.take()
    status = getattr(library, "djredis_cache_" + step["do"])(cache._handle, *words, how, slot)
    if status not in (_abi.DJREDIS_OK, _abi.DJREDIS_MISS):
        raise _slots.failure(status, slot)
    value = read(slot) if status == _abi.DJREDIS_OK else None
    _slots.give(slot)
    return {"status": "MISS"} if status else {"status": "OK"} if value is None else {"status": "OK", "value": value}
