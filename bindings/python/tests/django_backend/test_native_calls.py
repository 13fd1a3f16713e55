"""The backend's hot methods go without ctypes, whoever makes the keys."""

from __future__ import annotations

from typing import Any

import pytest

import djredis
from djredis import _slots

from .conftest import Make


def custom(key: Any, prefix: str, version: Any) -> str:
    return f"{prefix}|{version}|{key}"


@pytest.mark.skipif(not djredis.NATIVE, reason="switched off for this run")
@pytest.mark.parametrize(
    "entry",
    [
        {},
        {"TIMEOUT": None},
        {"TIMEOUT": 1.5, "VERSION": 3, "KEY_PREFIX": "p"},
        {"KEY_FUNCTION": custom},
        {"OPTIONS": {"SERIALIZER": "json", "COMPRESSOR": "zlib"}},
    ],
    ids=str,
)
def test_no_call_needs_ctypes(make: Make, entry: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    backend = make(**entry)
    backend.clear()

    def no_slot() -> None:
        raise AssertionError("a call by ctypes")

    monkeypatch.setattr(_slots, "take", no_slot)
    backend.set("k", [1])
    backend.set("l", 5, 30, version=2)
    assert backend.add("n", 1) and not backend.add("n", 2)
    assert backend.get("k") == [1] and backend.get("missing", "default") == "default" and backend.get("l", version=2) == 5
    assert backend.has_key("k") and "k" in backend and "missing" not in backend
    assert backend.incr("n", 3) == 4 and backend.decr("n") == 3
    assert backend.touch("k", 60) and backend.touch("k")
    assert not backend.set_many({"a": 1, "b": "text", "\xe9": {"c": 2}}, 60)
    assert backend.get_many(["a", "b", "\xe9", "missing"]) == {"a": 1, "b": "text", "\xe9": {"c": 2}}
    assert backend.delete("a") and not backend.delete("a")
    assert backend.get_or_set("made", lambda: "anew") == "anew"
