"""Many different calls in one round trip."""

from __future__ import annotations

from typing import Any, Callable

import djredis
from step import MISSING, error_item, ok, timeout_of, version_of, writing
from values import key_of, plain, value_of

Json = Any


def play(cache: djredis.Cache, step: Json) -> Json:
    batch = cache.batch()
    for call in step["calls"]:
        OPERATIONS[call["op"]](batch, call)
    results = batch.execute(raise_on_error=False)
    return ok({"items": [_item(call["op"], result) for call, result in zip(step["calls"], results)]})


def _item(op: str, result: Any) -> Json:
    if isinstance(result, djredis.Error):
        return error_item(result)
    if op in ("get", "get_raw", "incr"):
        return {"missing": True} if result is MISSING else plain(result)
    if op == "ttl":
        return {"missing": True} if result == 0 else plain(result)
    return {"none": True} if result else {"missing": True}


def _set(batch: djredis.Batch, call: Json) -> None:
    batch.set(key_of(call["key"]), value_of(call["value"]), **writing(call))


OPERATIONS: dict[str, Callable[[djredis.Batch, Json], Any]] = {
    "get": lambda batch, call: batch.get(key_of(call["key"]), MISSING, version_of(call)),
    "get_raw": lambda batch, call: batch.get_raw(key_of(call["key"]), MISSING, version_of(call)),
    "set": _set,
    "delete": lambda batch, call: batch.delete(key_of(call["key"]), version_of(call)),
    "has_key": lambda batch, call: batch.has_key(key_of(call["key"]), version_of(call)),
    "touch": lambda batch, call: batch.touch(key_of(call["key"]), timeout_of(call), version_of(call)),
    "ttl": lambda batch, call: batch.pttl(key_of(call["key"]), version_of(call)),
    "incr": lambda batch, call: batch.incr(key_of(call["key"]), int(call.get("delta", 1)), version_of(call)),
}
