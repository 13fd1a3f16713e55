"""IGNORE_EXCEPTIONS: what each method answers while the server is away, and what is still raised."""

from __future__ import annotations

import asyncio
import inspect
import logging
from typing import Any, Callable

import pytest
from conftest import Server

import djredis
from djredis.django import RedisCache

from .conftest import Make

Call = Callable[[Any], Any]

# What an empty cache answers.
EMPTY: dict[str, tuple[Call, Any]] = {
    "get": (lambda c: c.get("k"), None),
    "set": (lambda c: c.set("k", 1), None),
    "add": (lambda c: c.add("k", 1), False),
    "touch": (lambda c: c.touch("k"), False),
    "delete": (lambda c: c.delete("k"), False),
    "get_many": (lambda c: c.get_many(["k"]), {}),
    "set_many": (lambda c: c.set_many({"k": 1}), ["k"]),
    "delete_many": (lambda c: c.delete_many(["k"]), None),
    "has_key": (lambda c: c.has_key("k"), False),
    "get_or_set": (lambda c: c.get_or_set("k", 7), 7),
    "incr": (lambda c: c.incr("k"), None),
    "decr": (lambda c: c.decr("k"), None),
    "incr_version": (lambda c: c.incr_version("k"), None),
    "decr_version": (lambda c: c.decr_version("k"), None),
    "clear": (lambda c: c.clear(), False),
    "close": (lambda c: c.close(), None),
    "ttl": (lambda c: c.ttl("k"), 0),
    "pttl": (lambda c: c.pttl("k"), 0),
    "persist": (lambda c: c.persist("k"), False),
    "expire": (lambda c: c.expire("k", 5), False),
    "pexpire": (lambda c: c.pexpire("k", 5), False),
    "expire_at": (lambda c: c.expire_at("k", 2**33), False),
    "pexpire_at": (lambda c: c.pexpire_at("k", 2**43), False),
    "keys": (lambda c: c.keys("*"), []),
    "iter_keys": (lambda c: list(c.iter_keys("*")), []),
    "delete_pattern": (lambda c: c.delete_pattern("*"), 0),
    "lock": (lambda c: c.lock("k").acquire(), False),
    "sadd": (lambda c: c.sadd("k", 1), 0),
    "scard": (lambda c: c.scard("k"), 0),
    "sdiff": (lambda c: c.sdiff("k", "l"), set()),
    "sdiffstore": (lambda c: c.sdiffstore("d", "k", "l"), 0),
    "sinter": (lambda c: c.sinter("k", "l"), set()),
    "sinterstore": (lambda c: c.sinterstore("d", "k", "l"), 0),
    "sunion": (lambda c: c.sunion("k", "l"), set()),
    "sunionstore": (lambda c: c.sunionstore("d", "k", "l"), 0),
    "smismember": (lambda c: c.smismember("k", 1, 2), [False, False]),
    "sismember": (lambda c: c.sismember("k", 1), False),
    "smembers": (lambda c: c.smembers("k"), set()),
    "smove": (lambda c: c.smove("k", "l", 1), False),
    "spop": (lambda c: [c.spop("k"), c.spop("k", 2)], [None, set()]),
    "srandmember": (lambda c: [c.srandmember("k"), c.srandmember("k", 2)], [None, []]),
    "srem": (lambda c: c.srem("k", 1), 0),
    "sscan": (lambda c: c.sscan("k"), set()),
    "sscan_iter": (lambda c: list(c.sscan_iter("k")), []),
    "hset": (lambda c: c.hset("k", "f", 1), 0),
    "hdel": (lambda c: c.hdel("k", "f"), 0),
    "hlen": (lambda c: c.hlen("k"), 0),
    "hkeys": (lambda c: c.hkeys("k"), []),
    "hexists": (lambda c: c.hexists("k", "f"), False),
    "zadd": (lambda c: c.zadd("k", {"a": 1}), 0),
    "zcard": (lambda c: c.zcard("k"), 0),
    "zcount": (lambda c: c.zcount("k", 0, 1), 0),
    "zincrby": (lambda c: c.zincrby("k", 1, "a"), None),
    "zpopmax": (lambda c: [c.zpopmax("k"), c.zpopmax("k", 2)], [None, []]),
    "zpopmin": (lambda c: [c.zpopmin("k"), c.zpopmin("k", 2)], [None, []]),
    "zrange": (lambda c: c.zrange("k", 0, 1), []),
    "zrangebyscore": (lambda c: c.zrangebyscore("k", 0, 1), []),
    "zrank": (lambda c: c.zrank("k", "a"), None),
    "zrem": (lambda c: c.zrem("k", "a"), 0),
    "zremrangebyscore": (lambda c: c.zremrangebyscore("k", 0, 1), 0),
    "zrevrange": (lambda c: c.zrevrange("k", 0, 1), []),
    "zrevrangebyscore": (lambda c: c.zrevrangebyscore("k", 1, 0), []),
    "zscore": (lambda c: c.zscore("k", "a"), None),
}

# Not about the server, or Django's own and made of the others.
LOCAL = {"client", "get_backend_timeout", "make_key", "make_and_validate_key", "validate_key", "flavour"}


class Documented(RedisCache):
    """The flavour of the documented paths."""

    flavour = "redis_cache"


DOCUMENTED = f"{__name__}.Documented"


def methods() -> set[str]:
    names = {name for name, value in inspect.getmembers(RedisCache) if not name.startswith("_")}
    return {name for name in names if not (name[0] == "a" and name[1:] in names)} - LOCAL


def test_every_method_is_tried() -> None:
    assert methods() == set(EMPTY)


@pytest.mark.parametrize("name", EMPTY)
def test_answers_as_an_empty_cache(make: Make, nobody: str, name: str) -> None:
    cache = make(location=nobody, OPTIONS={"IGNORE_EXCEPTIONS": True})
    call, expected = EMPTY[name]
    assert call(cache) == expected


@pytest.mark.parametrize("name", sorted(set(EMPTY) - {"close"}))
def test_raises_without_it(make: Make, nobody: str, name: str) -> None:
    cache = make(location=nobody, alias="shop")
    with pytest.raises(djredis.ConnectionError, match=r"^cache 'shop': could not connect to 127\.0\.0\.1:\d+"):
        result = EMPTY[name][0](cache)
        pytest.fail(f"returned {result!r}")


# Those that answer with what they make of other answers, and iterators, which end.
COMPOSED = {"get_or_set": 7, "iter_keys": [], "sscan_iter": [], "lock": False}
PAIRS = {"spop", "srandmember", "zpopmax", "zpopmin"}


@pytest.mark.parametrize("name", EMPTY)
def test_none_with_the_documented_paths(make: Make, nobody: str, name: str) -> None:
    cache = make(DOCUMENTED, location=nobody, OPTIONS={"IGNORE_EXCEPTIONS": True, "COMPAT": "django-redis"})
    expected = [None, None] if name in PAIRS else COMPOSED.get(name)
    assert EMPTY[name][0](cache) == expected


@pytest.mark.parametrize("backend", ["djredis.django.RedisCache", DOCUMENTED])
def test_the_default_that_was_given(make: Make, nobody: str, backend: str) -> None:
    cache = make(backend, location=nobody, OPTIONS={"IGNORE_EXCEPTIONS": True})
    assert cache.get("k", "D") == "D"
    assert cache.get("k", default="D") == "D"
    assert ("k" in cache) is False
    assert asyncio.run(cache.aget("k", "D")) == "D"


def test_a_lock_as_a_context_says_that_it_was_not_acquired(make: Make, nobody: str) -> None:
    cache = make(location=nobody, OPTIONS={"IGNORE_EXCEPTIONS": True})
    with pytest.raises(djredis.LockError), cache.lock("k", blocking_timeout=0):
        pytest.fail("the lock was acquired")


def test_logs_what_it_ignored(make: Make, nobody: str, caplog: pytest.LogCaptureFixture) -> None:
    cache = make(location=nobody, OPTIONS={"IGNORE_EXCEPTIONS": True, "LOG_IGNORED_EXCEPTIONS": True})
    with caplog.at_level(logging.WARNING):
        cache.get("k")
        cache.sadd("k", 1)
    assert [record.name for record in caplog.records] == ["djredis.django"] * 2
    assert all("could not connect" in record.getMessage() for record in caplog.records)


def test_a_slow_server_is_ignored_too(make: Make, silent: str) -> None:
    cache = make(location=silent, OPTIONS={"IGNORE_EXCEPTIONS": True, "SOCKET_TIMEOUT": 0.1})
    assert cache.get("k", 5) == 5


def test_what_is_no_connection_trouble_is_raised(make: Make) -> None:
    cache = make(OPTIONS={"IGNORE_EXCEPTIONS": True})
    cache.clear()
    cache.sadd("s", 1)
    with pytest.raises(TypeError):
        cache.get("s")
    with pytest.raises(ValueError):
        cache.incr("none")


def test_a_wrong_password_is_raised(make: Make) -> None:
    locked = Server("--requirepass", "right")
    try:
        cache = make(location=locked.location(), OPTIONS={"IGNORE_EXCEPTIONS": True, "PASSWORD": "wr0ng"})
        with pytest.raises(djredis.AuthError) as raised:
            cache.get("k")
        assert "wr0ng" not in str(raised.value)
    finally:
        locked.stop()
