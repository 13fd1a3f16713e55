"""Keys: text, bytes, surrogates, numbers, and lists of them."""

from __future__ import annotations

from typing import Any

import pytest

import djredis


@pytest.mark.parametrize(
    "key", ["", " ", "a b\n", "é:日本\U0001f600", "x" * 100_000, "a:1:b", "nul\0nul", "*?[a]"], ids=repr
)
def test_any_text_is_a_key(cache: djredis.Cache, key: str) -> None:
    assert cache.set(key, "value")
    assert key in cache
    assert cache.get_many([key]) == {key: "value"}
    assert cache.keys() == [key]
    assert list(cache.iter_keys()) == [key]
    assert cache.make_key(key) == f":1:{key}"
    assert cache.delete_many([key]) == 1


def test_bytes_are_taken_as_they_are(cache: djredis.Cache) -> None:
    cache.set(b"\xff\x00key", 1)
    assert cache.get(b"\xff\x00key") == 1
    assert cache.get(bytearray(b"\xff\x00key")) == 1
    cache.set("é", 2)
    assert cache.get("é".encode()) == 2


def test_keys_that_are_no_utf8_find_their_way_back(cache: djredis.Cache) -> None:
    cache.set(b"a\xff", 1)
    (key,) = cache.keys("a*")
    assert key == "a\udcff"
    assert cache.get(key) == 1
    assert cache.make_key(key) == ":1:a\udcff"
    assert cache.delete(key)


def test_other_lone_surrogates_are_refused(cache: djredis.Cache) -> None:
    for call in (cache.get, cache.delete, cache.make_key, cache.keys, cache.incr):
        with pytest.raises(djredis.ArgumentError, match="surrogate"):
            call("\ud800")
    with pytest.raises(djredis.ArgumentError, match="surrogate"):
        cache.get_many(["ok", "\ud800"])


def test_other_objects_count_by_their_text(cache: djredis.Cache) -> None:
    number: Any = 5
    cache.set(number, "five")
    assert cache.get("5") == "five"
    assert cache.get_many([number]) == {5: "five"}


@pytest.mark.parametrize("method", ["get_many", "delete_many"])
def test_one_key_where_many_are_expected(cache: djredis.Cache, method: str) -> None:
    for key in ("session", b"session"):
        with pytest.raises(TypeError, match="session"):
            getattr(cache, method)(key)


def test_any_iterable_of_keys_will_do(cache: djredis.Cache) -> None:
    cache.set_many({"a": 1, "b": 2})
    assert cache.get_many(key for key in "abc") == {"a": 1, "b": 2}
    assert cache.get_many({"a": None}.keys()) == {"a": 1}
    assert cache.get_many([]) == {}
    assert cache.delete_many(iter(())) == 0
    assert cache.delete_many({"a", "b", "c"}) == 2
    assert cache.set_many({}) == []


def test_keys_of_many_batches(cache: djredis.Cache) -> None:
    names = {f"user:{n}" for n in range(3000)}
    assert cache.set_many(dict.fromkeys(names, 1)) == []
    cache.set("other", 1)
    assert set(cache.keys("user:*")) == names
    assert set(cache.iter_keys("user:*", itersize=10)) == names
    assert cache.delete_pattern("user:*", itersize=100) == 3000
    assert cache.keys() == ["other"]


def test_an_iterator_of_keys_can_be_left_at_any_point(cache: djredis.Cache) -> None:
    cache.set_many(dict.fromkeys(map(str, range(100)), 1))
    cache.iter_keys()  # never started
    keys = cache.iter_keys(itersize=1)
    next(keys)
    del keys
    assert len(cache.keys()) == 100


@pytest.mark.parametrize("itersize", [0, -1, 2**63])
def test_a_bad_itersize(cache: djredis.Cache, itersize: int) -> None:
    with pytest.raises(djredis.ArgumentError, match="itersize"):
        cache.iter_keys(itersize=itersize)
    with pytest.raises(djredis.ArgumentError, match="itersize"):
        cache.delete_pattern("*", itersize=itersize)


def test_versions(cache: djredis.Cache) -> None:
    cache.set("k", "two", version=2)
    assert cache.get("k") is None
    assert cache.get("k", version=2) == "two"
    assert cache.keys("*", version=2) == ["k"]
    assert cache.incr_version("k", version=2) == 3
    assert cache.decr_version("k", delta=2, version=3) == 1
    assert cache.get("k") == "two"
    for version in (2**63, -(2**63) - 1):
        with pytest.raises(djredis.ArgumentError, match="version"):
            cache.get("k", version=version)
    wrong: Any = "1"
    with pytest.raises(TypeError):
        cache.get("k", version=wrong)
