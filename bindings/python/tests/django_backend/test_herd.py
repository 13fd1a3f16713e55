"""CLIENT_CLASS herd beside the real HerdClient: each reads what the other stored, and lets the same values be renewed."""

from __future__ import annotations

import datetime
import decimal
import time
import types
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import override_settings
from django.utils.safestring import SafeString
from django_redis.client import herd as real_herd

import djredis
from djredis.django.clients import HerdClient

from .conftest import DJANGO_REDIS, OURS, Make

VALUES: dict[str, Any] = {
    "text": "Zoë",
    "integer": 42,
    "big_integer": 10**30,
    "true": True,
    "none": None,
    "float": 1.5,
    "list": [1, ["a", "a"], {"x": None}],
    "tuple": (1, ("a", b"b"), 3.0),
    "datetime": datetime.datetime(2013, 6, 6, tzinfo=datetime.timezone.utc),
    "decimal": decimal.Decimal("1.10"),
    "safe_text": SafeString("<b>"),
    "object": types.SimpleNamespace(a=1),
    "long_text": "x" * 100_000,
    "long_bytes": b"x" * 70_000,
    "long_list": [f"element {number}" for number in range(10_000)],
    "long_texts": ["y" * 70_000, "y" * 70_000],
}


class SubclassedClient(HerdClient):
    """A site's own."""


@pytest.fixture
def seven_seconds() -> Iterator[None]:
    """CACHE_HERD_TIMEOUT of the whole site; to be taken before `make`."""
    with override_settings(CACHE_HERD_TIMEOUT=7):
        yield


def pair(make: Make, ours: str = OURS, **options: Any) -> tuple[Any, Any]:
    """Our backend and the real one, on the same server."""
    options = {"CLIENT_CLASS": "django_redis.client.HerdClient", **options}
    make(ours, "ours", OPTIONS=options)
    make(DJANGO_REDIS, "theirs", OPTIONS=options)
    from django.core.cache import caches

    caches["ours"].clear()
    return caches["ours"], caches["theirs"]


def at(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    """Lets the real client believe that it is so many seconds later."""
    moment = time.time() + seconds
    monkeypatch.setattr(real_herd, "time", types.SimpleNamespace(time=lambda: moment))


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
@pytest.mark.parametrize("compressor", [None, "django_redis.compressors.zlib.ZlibCompressor"])
def test_each_reads_what_the_other_stored(make: Make, protocol: int, compressor: str | None) -> None:
    options = {"COMPRESSOR": compressor} if compressor else {}
    ours, theirs = pair(make, PICKLE_VERSION=protocol, **options)
    for name, value in VALUES.items():
        theirs.set(name, value, 100)
        ours.set(f"our_{name}", value, 100)
    assert ours.get_many(VALUES) == VALUES
    assert {name: ours.get(name) for name in VALUES} == VALUES
    assert {name: theirs.get(f"our_{name}") for name in VALUES} == VALUES
    for name, value in VALUES.items():
        # There and back again: what each makes of the other's.
        ours.set(name, ours.get(name), 100)
        theirs.set(f"our_{name}", theirs.get(f"our_{name}"), 100)
        assert theirs.get(name) == ours.get(f"our_{name}") == value


def test_other_languages_read_what_python_stored_and_write_it_again(make: Make) -> None:
    ours, theirs = pair(make)
    theirs.set("k", {"n": [1, "a", "a"]}, 100)
    theirs.set("object", types.SimpleNamespace(a=1), 100)
    cache = ours.client.cache
    for name in ("k", "object"):
        assert ours.touch(name, 200) and cache.ttl(name) in range(255, 261)
        assert ours.touch(name, 300) and cache.ttl(name) in range(355, 361)
    assert theirs.get("k") == ours.get("k") == {"n": [1, "a", "a"]}
    assert theirs.get("object") == ours.get("object") == types.SimpleNamespace(a=1)


def test_lifetimes_are_the_same(make: Make) -> None:
    ours, theirs = pair(make)
    for cache in (ours, theirs):
        for timeout in (100, None, 1000):
            cache.set("k", 42, timeout)
            assert cache.ttl("k") == (None if timeout is None else timeout + 60)
            raw = bytes(ours.client.cache.get_raw("k"))
            assert (raw == b"42") == (timeout is None)
        cache.set("k", "v", 0)
        assert cache.get("k") is None and not cache.has_key("k")
        assert cache.add("k", "v", 50) and not cache.add("k", "w", 50) and cache.ttl("k") == 110
        cache.set_many({"k": 1, "l": 2}, 30)
        assert (cache.ttl("k"), cache.ttl("l")) == (90, 90)
        assert cache.touch("k", 500) and cache.ttl("k") == 560 and not cache.touch("missing", 5)
        assert cache.expire("k", 20) and cache.ttl("k") == 20 and not cache.expire("missing", 5)
        assert cache.pexpire("l", 30_000) and cache.ttl("l") == 30


def test_what_is_over_is_missing_for_both(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    ours, theirs = pair(make)
    at(monkeypatch, -1000)
    theirs.set("old", "v", 100)  # stored 1000 seconds ago, so it is over; the server still has it
    assert ours.get("old") is None and ours.get("old", "D") == "D" and ours.get_many(["old"]) == {}
    assert ours.has_key("old") and theirs.has_key("old")
    assert not ours.add("old", "w", 100) and not ours.touch("old", 100)
    at(monkeypatch, 0)
    assert theirs.get("old", "D") == "D" and not theirs.add("old", "w", 100) and not theirs.touch("old", 100)
    ours.set("new", "v", 100)
    assert theirs.get("new") == "v"
    at(monkeypatch, 1000)
    assert theirs.get("new", "D") == "D"


def test_in_between_some_are_told_to_renew_a_value(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    ours, theirs = pair(make)
    at(monkeypatch, -130)
    theirs.set("old", "v", 100)  # over for 30 seconds of 60
    at(monkeypatch, 0)
    for cache in (ours, theirs):
        told = sum(cache.get("old") is None for _ in range(300))
        assert 60 < told < 240
        # What the real one answers for them here is None, which Django's contract has for stored ones.
        told = sum(cache.get_many(["old"]).get("old") is None for _ in range(300))
        assert 60 < told < 240


def test_no_counting(make: Make) -> None:
    for cache in pair(make):
        cache.set("n", 1, None)
        for method in (cache.incr, cache.decr):
            with pytest.raises(NotImplementedError):
                method("n")
        cache.set("v", "moved", 100)
        cache.incr_version("v")
        assert cache.get("v", version=2) == "moved"


def test_stored_without_the_herd(make: Make) -> None:
    for cache in pair(make):
        cache.client.set_many({"a": 1, "b": "two"}, 100, herd=False)
        assert (cache.get("a"), cache.get("b"), cache.ttl("b")) == (1, "two", 100)


def test_how_long_the_herd_has(seven_seconds: None, make: Make) -> None:
    for cache in pair(make):
        cache.set("k", 1, 100)
        assert cache.ttl("k") == 107
    named = make(OURS, "named", OPTIONS={"CLIENT_CLASS": "herd", "HERD_TIMEOUT": 20})
    named.set("k", 1, 100)
    assert named.ttl("k") == 120


def test_a_client_of_ones_own(seven_seconds: None, make: Make) -> None:
    own = make(OURS, "own", OPTIONS={"CLIENT_CLASS": f"{__name__}.{SubclassedClient.__name__}"})
    assert type(own.client) is SubclassedClient
    own.set("k", "v", 100)
    assert (own.ttl("k"), own.get("k")) == (107, "v")


def test_a_near_cache_keeps_a_herds_values(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    options = {"CLIENT_CLASS": "django_redis.client.HerdClient"}
    ours = make(OURS, "ours", OPTIONS={**options, "NEAR_CACHE": 1 << 20})
    theirs = make(DJANGO_REDIS, "theirs", OPTIONS=options)
    at(monkeypatch, -130)
    theirs.set("old", "v", 100)
    theirs.set("over", "v", 10)
    at(monkeypatch, 0)
    theirs.set("new", "v", 100)
    for name, low, high in (("old", 60, 240), ("over", 300, 300), ("new", 0, 0)):
        assert low <= sum(ours.get(name) is None for _ in range(300)) <= high


def test_the_plain_class_of_the_package(server: Any) -> None:
    cache = djredis.Cache(f"unix:{server.path}:0", CLIENT_CLASS="redis_cache.client.HerdClient", HERD_TIMEOUT=30)
    cache.set("k", {1, 2}, 0.5)
    assert cache.get("k") == {1, 2} and 30_000 < cache.pttl("k") <= 30_500
    with pytest.raises(djredis.UnsupportedError, match="CLIENT_CLASS herd"):
        cache.incr("k")
