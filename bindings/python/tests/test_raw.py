"""Bytes as they stand in Redis, moves, and servers of keys."""

from __future__ import annotations

from typing import Any

import pytest

import djredis


@pytest.mark.parametrize("data", [b"", b"\x00\xff", b"007", b"x" * 200_000, bytearray(b"a"), memoryview(b"abc")[1:]])
def test_bytes_are_stored_as_they_are(cache: djredis.Cache, data: Any) -> None:
    assert cache.set_raw("k", data) is True
    assert cache.get_raw("k") == bytes(data)
    assert cache.command("GET", "k", key_index=1) == bytes(data)


def test_it_is_what_set_stores(cache: djredis.Cache) -> None:
    cache.set("n", 5)
    assert cache.get_raw("n") == b"5"
    cache.set_raw("n", b"41")
    assert cache.incr("n") == 42
    assert cache.get_raw("missing") is None
    assert cache.get_raw("missing", b"default") == b"default"
    cache.command("RPUSH", "list", "a", key_index=1)
    with pytest.raises(djredis.WrongTypeError):
        cache.get_raw("list")


def test_timeouts_conditions_and_versions(cache: djredis.Cache) -> None:
    assert cache.set_raw("k", b"a", timeout=60, version=2)
    assert 50 <= (cache.ttl("k", version=2) or 0) <= 60
    assert cache.get_raw("k") is None
    assert not cache.set_raw("k", b"b", version=2, nx=True)
    assert not cache.set_raw("k", b"b", xx=True)
    assert cache.get_raw("k", version=2) == b"a"
    cache.set_raw("k", b"c")
    assert cache.ttl("k") == 300


@pytest.mark.parametrize("wrong", ["text", None, 5, [1]])
def test_what_is_no_bytes(cache: djredis.Cache, wrong: Any) -> None:
    with pytest.raises(TypeError, match=type(wrong).__name__):
        cache.set_raw("k", wrong)


def test_move(cache: djredis.Cache) -> None:
    cache.set("old", [1], timeout=60)
    cache.set("new", "overwritten", timeout=None)
    cache.move("old", "new")
    assert cache.get("new") == [1]
    assert 50 <= (cache.ttl("new") or 0) <= 60
    assert "old" not in cache
    with pytest.raises(djredis.NotFoundError, match="old"):
        cache.move("old", "new")
    with pytest.raises(ValueError):
        cache.move("new", "newer", version=2)


def test_the_server_of_a_key(nobody: str) -> None:
    with djredis.Cache(nobody, password="s3cr3t") as cache:
        assert nobody.rsplit(":", 1)[0] in cache.server_for("k")
        assert "s3cr3t" not in cache.server_for("k", version=2)


def test_trouble(nobody: str) -> None:
    with djredis.Cache(nobody, ignore_exceptions=True) as cache:
        assert cache.get_raw("k", b"default") == b"default"
        assert cache.set_raw("k", b"a") is False
        cache.move("k", "l")


def test_itersize_of_keys(cache: djredis.Cache) -> None:
    cache.set_many(dict.fromkeys(map(str, range(50)), 1))
    assert sorted(cache.keys("*", itersize=3), key=int) == list(map(str, range(50)))
    for wrong in (0, -1):
        with pytest.raises(djredis.ArgumentError, match="itersize"):
            cache.keys(itersize=wrong)
