"""Garbage collection at every chance, each time with calls of another cache.

So a finalizer's calls come in between all steps of a method: taking a slot, the call, the copy of its result.
"""

from __future__ import annotations

import gc
import os
from typing import Any

import djredis

_cache = djredis.Cache("memory:stress")
_value = {"key": ["value"] * 100}


def begin() -> None:
    _cache.set("stress", _value)
    gc.callbacks.append(_collecting)
    gc.set_threshold(1)


def _collecting(phase: str, _: Any) -> None:
    if phase == "start" and not _right():
        # An exception would be printed and forgotten.
        os.write(2, b"a call within another one got a wrong value\n")
        os._exit(1)


def _right() -> bool:
    counted = _cache.add("count", 1) or _cache.incr("count") > 1
    many = _cache.get_many(["missing", "stress"])
    return counted and _cache.get("stress") == _value and many == {"stress": _value}
