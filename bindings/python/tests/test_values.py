"""What Python values become, and what comes back."""

from __future__ import annotations

import datetime
import decimal
import enum
import pickle
import sys
import threading
import uuid
from typing import Any

import pytest

import djredis
from djredis import _slots


class Point:
    def __init__(self, x: int) -> None:
        self.x = x

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Point) and other.x == self.x


class Colour(enum.IntEnum):
    RED = 1


class Explosive:
    """Pickles well and raises when it is unpickled."""

    def __reduce__(self) -> Any:
        return (_explode, ())


def _explode() -> None:
    raise LookupError("boom")


VALUES = [
    0, 1, -1, 2**63 - 1, -(2**63), 2**63, -(2**63) - 1, 10**100, True, False, None, 1.5, float("inf"),
    "", "text", "é\U0001f600", "\ud800", b"", b"\x00\xff", bytearray(b"ab"), [], [1, [2]], (), (1,), {},
    {"a": {1: None}},
    {1, 2}, frozenset("a"), datetime.datetime(2024, 1, 2, 3, 4, 5, 6, datetime.timezone.utc), datetime.date(2024, 1, 2),
    datetime.timedelta(1, 2, 3), decimal.Decimal("1.10"), uuid.UUID(int=5), 1j, Point(3), Colour.RED,
]  # fmt: skip


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_values_come_back_with_their_type(cache: djredis.Cache, value: Any) -> None:
    assert cache.set("k", value)
    assert cache.set_many({"many": value, "other": 1}) == []
    for found in (cache.get("k"), cache.get("many"), cache.get_many(["k"])["k"]):
        assert found == value
        assert type(found) is type(value)


def test_only_plain_integers_are_stored_as_digits(cache: djredis.Cache) -> None:
    cache.set_many({"int": 7, "big": 10**30, "bool": True, "enum": Colour.RED, "text": "7"})
    assert cache.incr("int") == 8
    assert cache.incr("big") == 10**30 + 1
    assert cache.get("bool") is True
    assert cache.get("enum") is Colour.RED
    with pytest.raises(djredis.WrongTypeError):
        cache.incr("text")


def test_a_stored_none_is_no_miss(cache: djredis.Cache) -> None:
    cache.set("none", None)
    assert cache.get("none", "default") is None
    assert cache.get_many(["none", "missing"]) == {"none": None}
    assert cache.get_or_set("none", 5) is None


@pytest.mark.parametrize("value", [lambda: 1, threading.Lock(), sys.stdout], ids=["lambda", "lock", "file"])
def test_what_cannot_be_pickled_is_refused_before_anything_is_written(cache: djredis.Cache, value: Any) -> None:
    with pytest.raises(djredis.EncodeError, match=type(value).__name__) as refused:
        cache.set("k", value)
    assert refused.value.__cause__ is not None
    with pytest.raises(djredis.EncodeError):
        cache.set_many({"good": 1, "bad": value})
    assert cache.keys() == []


def test_a_recursive_value_and_one_too_deep(cache: djredis.Cache) -> None:
    loop: dict[str, Any] = {}
    loop["self"] = loop
    cache.set("loop", loop)
    found = cache.get("loop")
    assert found["self"] is found
    deep: Any = None
    for _ in range(100_000):
        deep = [deep]
    with pytest.raises(djredis.EncodeError, match="RecursionError"):
        cache.set("deep", deep)


def test_an_undecodable_value_raises_with_its_bytes(cache: djredis.Cache) -> None:
    cache.set("k", Explosive())
    with pytest.raises(djredis.DecodeError, match="'k'.*LookupError: boom") as failed:
        cache.get("k")
    assert isinstance(failed.value.__cause__, LookupError)
    assert failed.value.stored == pickle.dumps(Explosive(), 5)
    assert failed.value.status == -12


def test_one_undecodable_value_does_not_hide_the_others(cache: djredis.Cache) -> None:
    cache.set_many({"a": 1, "bad": Explosive(), "b": "x"})
    with pytest.raises(djredis.DecodeError, match="'bad'") as failed:
        cache.get_many(["a", "bad", "b", "missing"])
    assert failed.value.found == {"a": 1, "b": "x"}


def test_an_undecodable_value_as_a_miss(location: str, caplog: pytest.LogCaptureFixture) -> None:
    with djredis.Cache(location, decode_error="miss") as cache:
        cache.clear()
        cache.set_many({"a": 1, "bad": Explosive()})
        assert cache.get("bad", "default") == "default"
        assert cache.get_many(["a", "bad"]) == {"a": 1}
        assert cache.stats()["decode_errors"] == 2
    assert "'bad'" in caplog.text


@pytest.mark.parametrize(("option", "protocol"), [(-1, 5), (2, 2), (4, 4)])
def test_the_pickle_protocol_is_the_options(location: str, option: int, protocol: int) -> None:
    with djredis.Cache(location, pickle_version=option) as cache:
        cache.set("k", Explosive())
        with pytest.raises(djredis.DecodeError) as failed:
            cache.get("k")
    assert failed.value.stored == pickle.dumps(Explosive(), protocol)


@pytest.mark.skipif(not hasattr(sys, "set_int_max_str_digits"), reason="this Python has no limit of digits")
def test_integers_beyond_pythons_limit_of_digits(cache: djredis.Cache) -> None:
    with pytest.raises(djredis.EncodeError, match="digits"):
        cache.set("k", 10**5000)
    limit = sys.get_int_max_str_digits()
    sys.set_int_max_str_digits(0)
    try:
        cache.set("k", 10**5000)
        assert cache.get("k") == 10**5000
    finally:
        sys.set_int_max_str_digits(limit)
    with pytest.raises(djredis.DecodeError, match="digits") as failed:
        cache.get("k")
    assert failed.value.stored == b"1" + b"0" * 5000


def test_large_values_leave_no_large_slots(cache: djredis.Cache) -> None:
    large = b"x" * (4 << 20)
    cache.set("large", large)
    assert cache.get("large") == large
    assert cache.get_many(["large"]) == {"large": large}
    assert all(slot.len <= _slots.KEPT_BYTES for slot in _slots._free)


def test_set_many_mixes_digits_and_pickles(cache: djredis.Cache) -> None:
    values = {f"k{n}": value for n, value in enumerate([1, "one", 2**70, b"", -(2**63), None, 2.5] * 20)}
    assert cache.set_many(values, timeout=60) == []
    assert cache.get_many(values) == values
    assert 0 < (cache.ttl("k3") or 0) <= 60
