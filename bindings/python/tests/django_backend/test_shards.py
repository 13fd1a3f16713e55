"""Keys spread over servers: where the real django-redis has them, and what a dead server costs a site."""

from __future__ import annotations

import logging
import random
import signal
import socket
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import caches
from django.test import override_settings

import djredis

from .conftest import Server

ALPHABET = "abcXYZ019:_-.{}\n é"


def own_key(key: str, prefix: str, version: int) -> str:
    return f"own:{key}"


def key_of(made: str) -> str:
    return made.split(":", 1)[1]


def backend(kind: str, locations: list[str], **entry: Any) -> dict[str, Any]:
    options = {"CLIENT_CLASS": "django_redis.client.ShardClient", **entry.pop("OPTIONS", {})}
    return {"BACKEND": kind, "LOCATION": locations, "OPTIONS": options, **entry}


@pytest.fixture
def halves() -> Iterator[tuple[Server, list[str]]]:
    """A server, and the locations of it and of one where nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        dead = f"127.0.0.1:{probe.getsockname()[1]}:0"
    started = Server()
    yield started, [started.location(), dead]
    started.stop()


@pytest.fixture
def own() -> Iterator[Server]:
    """A server for one test: its connections are not among those that other tests count."""
    started = Server()
    yield started
    started.stop()


def test_20_000_keys_live_where_django_redis_has_them() -> None:
    from django_redis.client import ShardClient as Real

    urls = [f"redis://127.0.0.1:{6000 + n}/1" for n in range(5)]
    entry = backend("django_redis.cache.RedisCache", urls)
    with override_settings(CACHES={"default": entry}):
        real = Real(urls, entry, caches["default"])
        cache = djredis.Cache(urls, CLIENT_CLASS="shard")
        draw = random.Random(20_000)
        for _ in range(20_000):
            key = "".join(draw.choices(ALPHABET, k=draw.randint(1, 12)))
            assert cache.server_for(key) == real.get_server_name(f":1:{key}"), repr(key)


def test_shares_keys_and_values_with_django_redis(own: Server) -> None:
    urls = [f"unix://{own.path}?db={db}" for db in (4, 5, 6)]
    with override_settings(
        CACHES={
            "default": backend("djredis.django.RedisCache", urls),
            "real": backend("django_redis.cache.RedisCache", urls),
        }
    ):
        ours, theirs = caches["default"], caches["real"]
        names = [f"key{number}" for number in range(100)]
        for name in names:
            theirs.set(name, [name])
        assert ours.get_many(names) == {name: [name] for name in names}
        assert ours.set_many({name: {name} for name in names}) == []
        assert all(theirs.get(name) == {name} for name in names)
        assert sorted(ours.keys("key*")) == sorted(theirs.keys("key*")) == sorted(names)
        assert ours.delete_pattern("key1*") == 11
        ours.delete_many(names)
        assert theirs.keys("*") == []


@pytest.mark.parametrize("made", [False, True])
def test_a_dead_server_costs_its_own_keys_alone(
    halves: tuple[Server, list[str]], made: bool, caplog: pytest.LogCaptureFixture
) -> None:
    options = {"IGNORE_EXCEPTIONS": True, "LOG_IGNORED_EXCEPTIONS": True}
    own: dict[str, Any] = {"KEY_FUNCTION": lambda key, prefix, version: f"own:{key}"} if made else {}
    entry = backend("djredis.django.RedisCache", halves[1], OPTIONS=options, **own)
    with override_settings(CACHES={"default": entry}), caplog.at_level(logging.WARNING):
        cache = caches["default"]
        names = [f"key{number}" for number in range(60)]
        failed = cache.set_many({name: name for name in names})
        living = [name for name in names if name not in failed]
        assert failed and living
        caplog.clear()
        assert cache.get_many(names) == {name: name for name in living}
        assert [record.name for record in caplog.records] == ["djredis.django"]
        assert [cache.get(name, "D") for name in names] == [name if name in living else "D" for name in names]
        cache.delete_many(names)
        assert cache.get_many(living) == {}


@pytest.mark.parametrize("kind", ["djredis.django.RedisCache", "redis_cache.cache.RedisCache"])
@pytest.mark.parametrize("dead_first", [False, True])
@pytest.mark.parametrize("made", [False, True])
def test_keys_of_the_living_servers(
    halves: tuple[Server, list[str]], kind: str, dead_first: bool, made: bool, caplog: pytest.LogCaptureFixture
) -> None:
    options = {"IGNORE_EXCEPTIONS": True, "LOG_IGNORED_EXCEPTIONS": True}
    own: dict[str, Any] = {"KEY_FUNCTION": own_key, "REVERSE_KEY_FUNCTION": key_of} if made else {}
    locations = halves[1][::-1] if dead_first else halves[1]
    with override_settings(CACHES={"default": backend(kind, locations, OPTIONS=options, **own)}):
        cache: Any = caches["default"]
        names = [f"key{number}" for number in range(60)]
        living = []
        for name in names:
            cache.set(name, name)
            living += [name] * (cache.get(name) == name)
        assert 0 < len(living) < 60
        with caplog.at_level(logging.WARNING):
            caplog.clear()
            assert sorted(cache.keys("key*")) == sorted(living)
            assert set(cache.iter_keys("key*")) == set(living)
            assert [record.name for record in caplog.records] == ["djredis.django"] * 2
        assert cache.keys("other*") == ([] if kind.startswith("djredis") else None)
        cache.delete_pattern("*")
        assert not cache.keys("*")


def test_a_dead_server_is_told_of_where_nothing_is_ignored(halves: tuple[Server, list[str]]) -> None:
    with override_settings(CACHES={"default": backend("djredis.django.RedisCache", halves[1])}):
        cache: Any = caches["default"]
        for method in (cache.keys, lambda pattern: list(cache.iter_keys(pattern)), cache.delete_pattern):
            with pytest.raises(djredis.ConnectionError):
                method("*")


def test_a_server_in_two_spellings_is_where_django_redis_has_it(own: Server) -> None:
    urls = [f"unix://{own.path}?db=4", f"unix://{own.path}?db=5", f"unix://{own.path}?db=04"]
    kinds = {"default": "djredis.django.RedisCache", "real": "django_redis.cache.RedisCache"}
    entries = {alias: backend(kind, urls) for alias, kind in kinds.items()}
    with override_settings(CACHES=entries):
        ours, theirs = caches["default"], caches["real"]
        names = [f"key{number}" for number in range(100)]
        for name in names:
            theirs.set(name, name)
        assert ours.get_many(names) == {name: name for name in names}
        assert sorted(ours.keys("*")) == sorted(names)
        ours.clear()


def test_a_call_on_several_servers_that_a_signal_ends(own: Server, silent: str) -> None:
    cache = djredis.Cache([own.location(), silent], CLIENT_CLASS="shard", socket_timeout=30, max_connections=1)
    alone = djredis.Cache(own.location(), max_connections=1)
    names = [f"key{number}" for number in range(60)]
    here = [name for name in names if cache.server_for(name) == own.location()]
    alone.set_many({name: name for name in here})

    class Alarmed(Exception):
        pass

    def handler(*_: Any) -> None:
        raise Alarmed

    before = signal.signal(signal.SIGALRM, handler)
    try:
        for _ in range(3):
            signal.setitimer(signal.ITIMER_REAL, 0.2)
            with pytest.raises(Alarmed):
                cache.get_many(names)
            # No reply of that call is taken for one of the next.
            assert cache.get_many(here[::-1]) == {name: name for name in here}
            assert cache.get(here[0]) == here[0]
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def test_what_was_found_goes_with_the_error(halves: tuple[Server, list[str]]) -> None:
    cache = djredis.Cache(halves[1], CLIENT_CLASS="shard")
    names = [f"key{number}" for number in range(60)]
    failed = cache.set_many(dict.fromkeys(names, "v"))
    with pytest.raises(djredis.ConnectionError) as caught:
        cache.get_many(names)
    assert caught.value.found == {name: "v" for name in names if name not in failed}
    with pytest.raises(NotImplementedError, match="several servers"):
        cache.connection()
    with pytest.raises(NotImplementedError, match="several servers"):
        cache.command("DBSIZE")


def test_the_documented_paths_have_the_older_ring(own: Server) -> None:
    locations = [own.location(7), own.location(8)]
    entry = backend("redis_cache.cache.RedisCache", locations)
    with override_settings(CACHES={"default": entry}):
        cache: Any = caches["default"]
        older, newer = (djredis.Cache(locations, CLIENT_CLASS="shard", RING=ring) for ring in ("3.2", "current"))
        names = [f"key{number}" for number in range(60)]
        for name in names:
            cache.set(name, 1)
        assert len(older.get_many(names)) == 60 > len(newer.get_many(names))
        cache.clear()
