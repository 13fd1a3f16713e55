"""Timeouts and moments: what Python has for them, to the millisecond."""

from __future__ import annotations

import time
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

import djredis
from djredis._calls import milliseconds


@pytest.mark.parametrize(
    ("timeout", "expected"),
    [
        (0, 0), (1, 1000), (-1, -1000), (True, 1000), (1.5, 1500), (0.0001, 1), (1e-12, 1), (16.1, 16100), (8.2, 8200),
        (1.0001, 1001), (-0.5, -500), (Decimal("0.25"), 250), (Fraction(1, 3), 334), (timedelta(seconds=2), 2000),
        (timedelta(microseconds=1), 1), (timedelta(microseconds=-1), 0), (timedelta(days=-1), -86_400_000),
        (None, 2**63 - 1), (djredis.DEFAULT, None),
    ],
)  # fmt: skip
def test_timeouts_in_milliseconds(timeout: Any, expected: Any) -> None:
    assert milliseconds(timeout) == expected


@pytest.mark.parametrize("timeout", [float("nan"), float("inf"), float("-inf"), 1e300, 2**63, 2**63 // 1000 + 1])
def test_times_that_are_none(cache: djredis.Cache, timeout: float) -> None:
    for call in (lambda: cache.set("k", 1, timeout), lambda: cache.set_many({"k": 1}, timeout)):
        with pytest.raises(djredis.ArgumentError, match="timeout"):
            call()
    assert cache.keys() == []


@pytest.mark.parametrize("timeout", ["5", b"5", [], object()])
def test_other_types_are_a_type_error(cache: djredis.Cache, timeout: Any) -> None:
    with pytest.raises(TypeError, match="timeout"):
        cache.set("k", 1, timeout=timeout)


def test_the_default_and_for_ever(location: str) -> None:
    with djredis.Cache(location, timeout=100) as cache:
        cache.set("k", 1)
        assert 0 < (cache.ttl("k") or 0) <= 100
        cache.set("k", 1, timeout=None)
        assert cache.ttl("k") is None
        assert cache.touch("k")
        assert 0 < (cache.ttl("k") or 0) <= 100
    with djredis.Cache(location, timeout=None) as cache:
        cache.set("k", 1)
        assert cache.pttl("k") is None


def test_ttl_rounds_up_so_that_zero_means_missing(cache: djredis.Cache) -> None:
    cache.set("k", 1, timeout=0.9)
    assert cache.ttl("k") == 1
    assert 0 < (cache.pttl("k") or 0) <= 900
    assert cache.ttl("missing") == 0
    assert cache.pttl("missing") == 0


def test_expire_and_persist(cache: djredis.Cache) -> None:
    cache.set("k", 1, timeout=None)
    assert cache.persist("k") is False
    assert cache.expire("k", 100)
    assert 99 <= (cache.ttl("k") or 0) <= 100
    assert cache.expire("k", timedelta(minutes=1))
    assert 59 <= (cache.ttl("k") or 0) <= 60
    assert cache.pexpire("k", 90_000)
    assert 89 <= (cache.ttl("k") or 0) <= 90
    assert cache.pexpire("k", timedelta(seconds=50))
    assert 49 <= (cache.ttl("k") or 0) <= 50
    assert cache.persist("k") is True
    assert cache.ttl("k") is None
    for call in (cache.expire, cache.pexpire):
        assert call("missing", 5) is False
    assert cache.persist("missing") is False


@pytest.mark.parametrize("option", ["forever", "expire"])
def test_expire_in_the_past_removes_whatever_zero_timeout_says(location: str, option: str) -> None:
    with djredis.Cache(location, zero_timeout=option) as cache:
        moment = datetime.now(timezone.utc) - timedelta(seconds=1)
        calls = [
            lambda: cache.expire("k", 0), lambda: cache.expire("k", -5), lambda: cache.pexpire("k", -1),
            lambda: cache.expire_at("k", 1), lambda: cache.pexpire_at("k", 1), lambda: cache.expire_at("k", moment),
        ]  # fmt: skip
        for call in calls:
            cache.set("k", 1)
            assert call() is True
            assert "k" not in cache
            assert call() is False


def test_expire_at_a_moment(cache: djredis.Cache) -> None:
    cache.set("k", 1, timeout=None)
    now = time.time()
    local = datetime.now() + timedelta(hours=1)
    calls = [
        lambda: cache.expire_at("k", int(now) + 3600),
        lambda: cache.expire_at("k", now + 3600.0),
        lambda: cache.expire_at("k", local),
        lambda: cache.expire_at("k", local.astimezone(timezone(timedelta(hours=9)))),
        lambda: cache.pexpire_at("k", int(now * 1000) + 3_600_000),
        lambda: cache.pexpire_at("k", local),
    ]
    for call in calls:
        cache.touch("k", None)
        assert call() is True
        assert 3590 <= (cache.ttl("k") or 0) <= 3601


def test_bad_moments_and_times(cache: djredis.Cache) -> None:
    cache.set("k", 1)
    nothing: Any = None
    default: Any = djredis.DEFAULT
    for call in (
        lambda: cache.expire_at("k", float("nan")),
        lambda: cache.pexpire_at("k", 10**30),
        lambda: cache.expire("k", nothing),
        lambda: cache.expire("k", default),
    ):
        with pytest.raises(djredis.ArgumentError):
            call()
    assert cache.get("k") == 1


def test_a_value_expires(cache: djredis.Cache) -> None:
    cache.set_many({"a": 1, "b": 2}, timeout=0.05)
    assert cache.get_many(["a", "b"]) == {"a": 1, "b": 2}
    time.sleep(0.3)
    assert cache.get_many(["a", "b"]) == {}
    assert cache.add("a", 5)
