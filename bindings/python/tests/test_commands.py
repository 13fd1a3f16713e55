"""Any command on a cache key: what goes in and what comes back."""

from __future__ import annotations

import enum
from collections.abc import Iterator
from typing import Any

import pytest

import djredis
from djredis import _replies


class Word(str, enum.Enum):
    NX = "NX"


class Number(enum.IntEnum):
    TWO = 2


@pytest.fixture
def shop(location: str) -> Iterator[djredis.Cache]:
    with djredis.Cache(location, key_prefix="shop") as cache:
        cache.clear()
        yield cache


@pytest.fixture
def resp3(location: str) -> Iterator[djredis.Cache]:
    with djredis.Cache(location, protocol=3) as cache:
        cache.clear()
        yield cache


def test_the_key_is_made_as_for_every_method(shop: djredis.Cache) -> None:
    assert shop.command("RPUSH", "list", "a", b"\xff", 5, 1.5, key_index=1) == 4
    assert shop.command("LRANGE", "shop:1:list", 0, -1) == [b"a", b"\xff", b"5", b"1.5"]
    assert shop.command("LLEN", "list", key_index=1, version=2) == 0
    assert shop.command("OBJECT", "REFCOUNT", "list", key_index=2) == 1
    assert shop.command("EXISTS", 7, key_index=1) == 0
    shop.set("n", 7)
    assert shop.command("GET", "n", key_index=1) == b"7"


def test_replies_have_the_type_that_redis_gives_them(cache: djredis.Cache) -> None:
    assert cache.command("SET", "k", "v") == b"OK"
    assert cache.command("GET", "k") == b"v"
    assert cache.command("GET", "missing") is None
    assert cache.command("INCR", "n") == 1
    assert cache.command("TYPE", "k") == b"string"
    assert cache.command("ECHO", "") == b""
    assert cache.command("MGET", "k", "missing") == [b"v", None]
    assert cache.command("KEYS", "nothing*") == []
    found = cache.command("EVAL", "return {1, 'a', {ok='FINE'}, {err='BAD luck'}, false, {{}, {'b'}}}", 0)
    assert found[:3] + found[4:] == [1, b"a", b"FINE", None, [[], [b"b"]]]
    assert type(found[3]) is djredis.ServerError
    assert str(found[3]) == "BAD luck"


def test_replies_of_the_newer_protocol(resp3: djredis.Cache) -> None:
    resp3.command("HSET", "hash", "a", 1, "b", 2)
    assert resp3.command("HGETALL", "hash") == {b"a": b"1", b"b": b"2"}
    resp3.command("SADD", "set", "a", "b")
    assert resp3.command("SMEMBERS", "set") in ([b"a", b"b"], [b"b", b"a"])
    resp3.command("ZADD", "scores", 1.5, "m", "inf", "top")
    assert resp3.command("ZSCORE", "scores", "m") == 1.5
    assert resp3.command("ZRANGE", "scores", 0, -1, "WITHSCORES") == [[b"m", 1.5], [b"top", float("inf")]]
    for script, reply in [
        ("return true", True), ("return {false, true}", [False, True]), ("return {double=-2.5}", -2.5),
        ("return {big_number='123456789012345678901234567890'}", 123456789012345678901234567890),
        ("return {{big_number='-99999999999999999999'}}", [-99999999999999999999]),
        ("return {map={a={map={b=1}}}}", {b"a": {b"b": 1}}), ("return {set={a=true}}", [b"a"]),
        ("return {map={a={set={}}}}", {b"a": []}),
    ]:  # fmt: skip
        found = resp3.command("EVAL", "redis.setresp(3) " + script, 0)
        assert (type(found), found) == (type(reply), reply), script


def test_a_large_reply(cache: djredis.Cache) -> None:
    words = [b"%d" % n * (n % 400) for n in range(5000)]
    assert cache.command("RPUSH", "list", *words) == 5000
    assert cache.command("LRANGE", "list", 0, -1) == words
    cache.command("SET", "large", b"x" * 3_000_000)
    assert cache.command("MGET", "large") == [b"x" * 3_000_000]


def test_a_deep_reply(cache: djredis.Cache) -> None:
    found = cache.command("EVAL", "local t = {7} for i = 1, 90 do t = {t} end return t", 0)
    for _ in range(90):
        (found,) = found
    assert found == [7]


@pytest.mark.parametrize(
    ("argument", "expected"),
    [
        ("é", "é".encode()), ("\udcff", b"\xff"), (b"\x00", b"\x00"), (bytearray(b"ab"), b"ab"),
        (memoryview(b"ab"), b"ab"), (0, b"0"), (-(10**30), b"-1" + b"0" * 30), (0.1, b"0.1"), (float("inf"), b"inf"),
        (1e100, b"1e+100"),
        (Word.NX, b"NX"), (Number.TWO, b"2"),
    ],
)  # fmt: skip
def test_arguments(argument: Any, expected: bytes) -> None:
    assert _replies.encode(argument) == expected


@pytest.mark.parametrize("argument", [None, True, [], {}, object()])
def test_what_is_no_argument(cache: djredis.Cache, argument: Any) -> None:
    with pytest.raises(TypeError, match=type(argument).__name__):
        cache.command("ECHO", argument)


@pytest.mark.parametrize("index", [0, 2, -1, 2**31, 2**40])
def test_an_index_of_no_argument(cache: djredis.Cache, index: int) -> None:
    with pytest.raises(djredis.ArgumentError, match=str(index)):
        cache.command("GET", "k", key_index=index)


@pytest.mark.parametrize("command", [("SELECT", 1), ("multi",), ("Subscribe", "c"), ("WATCH", "k"), ("",), ()])
def test_commands_that_need_a_connection_of_their_own(cache: djredis.Cache, command: Any) -> None:
    with pytest.raises(djredis.ArgumentError):
        cache.command(*command)
    assert cache.get("k") is None


def test_errors(cache: djredis.Cache, nobody: str) -> None:
    with pytest.raises(djredis.ServerError, match="NOSUCH"):
        cache.command("NOSUCH", "k")
    cache.set("k", 5)
    with pytest.raises(djredis.WrongTypeError, match="WRONGTYPE"):
        cache.command("LPUSH", "k", "x", key_index=1)
    assert cache.command("GET", "k", key_index=1) == b"5"
    with djredis.Cache(nobody, ignore_exceptions=True) as away:
        assert away.command("PING") is None
    with pytest.raises(djredis.ClosedError):
        away.command("PING")
