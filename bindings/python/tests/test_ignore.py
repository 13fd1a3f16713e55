"""IGNORE_EXCEPTIONS: an unreachable server is an empty cache, in every method."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any, Callable

import pytest

import djredis

Shape = Callable[[djredis.Cache], Any]

SHAPES = {
    "get": (lambda c: c.get("k"), None),
    "get with a default": (lambda c: c.get("k", "default"), "default"),
    "set": (lambda c: c.set("k", 1), False),
    "set text": (lambda c: c.set("k", "text"), False),
    "add": (lambda c: c.add("k", 1), False),
    "get_or_set": (lambda c: c.get_or_set("k", lambda: 7), 7),
    "get_many": (lambda c: c.get_many(["k"]), {}),
    "set_many": (lambda c: c.set_many({"k": 1, "l": 2}), ["k", "l"]),
    "delete": (lambda c: c.delete("k"), False),
    "delete_many": (lambda c: c.delete_many(["k"]), 0),
    "has_key": (lambda c: c.has_key("k"), False),
    "in": (lambda c: "k" in c, False),
    "touch": (lambda c: c.touch("k"), False),
    "ttl": (lambda c: c.ttl("k"), 0),
    "pttl": (lambda c: c.pttl("k"), 0),
    "expire": (lambda c: c.expire("k", 5), False),
    "expire at once": (lambda c: c.expire("k", 0), False),
    "pexpire": (lambda c: c.pexpire("k", 5), False),
    "expire_at": (lambda c: c.expire_at("k", 2**40), False),
    "pexpire_at": (lambda c: c.pexpire_at("k", 2**50), False),
    "persist": (lambda c: c.persist("k"), False),
    "incr": (lambda c: c.incr("k"), None),
    "decr": (lambda c: c.decr("k"), None),
    "incr_version": (lambda c: c.incr_version("k"), None),
    "decr_version": (lambda c: c.decr_version("k"), None),
    "keys": (lambda c: c.keys(), []),
    "iter_keys": (lambda c: list(c.iter_keys()), []),
    "delete_pattern": (lambda c: c.delete_pattern("*"), 0),
    "clear": (lambda c: c.clear(), False),
}


@pytest.fixture
def away(nobody: str) -> Iterator[djredis.Cache]:
    with djredis.Cache(nobody, ignore_exceptions=True, log_ignored_exceptions=True) as cache:
        yield cache


@pytest.mark.parametrize("name", SHAPES)
def test_every_method_answers_in_its_shape(away: djredis.Cache, name: str, caplog: pytest.LogCaptureFixture) -> None:
    call, expected = SHAPES[name]
    assert call(away) == expected
    warnings = [record for record in caplog.records if record.name == "djredis" and record.levelno == logging.WARNING]
    assert warnings


@pytest.mark.parametrize("name", [name for name in SHAPES if name != "get_or_set"])
def test_every_method_raises_without_it(nobody: str, name: str) -> None:
    with djredis.Cache(nobody) as cache:
        with pytest.raises(djredis.ConnectionError):
            SHAPES[name][0](cache)


def test_nothing_is_logged_unless_asked_for(nobody: str, caplog: pytest.LogCaptureFixture) -> None:
    with djredis.Cache(nobody, ignore_exceptions=True) as cache:
        assert cache.get("k") is None
    assert not caplog.records


def test_mistakes_are_raised_all_the_same(away: djredis.Cache) -> None:
    with pytest.raises(djredis.ArgumentError):
        away.set("k", 1, nx=True, xx=True)
    with pytest.raises(djredis.EncodeError):
        away.set("k", lambda: 1)
    away.close()
    with pytest.raises(djredis.ClosedError):
        away.get("k")
