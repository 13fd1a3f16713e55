"""The documented paths: redis_cache.cache, .client, .exceptions, get_redis_connection, as documented."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import Server
from django.test import override_settings

import djredis
import redis_cache
from redis_cache.cache import RedisCache
from redis_cache.client import ClusterClient, DefaultClient, ShardClient
from redis_cache.exceptions import ConnectionInterrumped, ConnectionInterrupted

from . import sites

DEFAULT_CLIENT = {"CLIENT_CLASS": "redis_cache.client.DefaultClient"}


@pytest.fixture
def cache(location: str) -> Iterator[RedisCache]:
    made = RedisCache(location, {"OPTIONS": DEFAULT_CLIENT})
    made.clear()
    yield made


def away(place: str, **params: Any) -> RedisCache:
    return RedisCache(place, {"OPTIONS": {**DEFAULT_CLIENT, "SOCKET_TIMEOUT": 0.2, "BREAKER_FAILURES": 0}, **params})


def test_a_timeout_of_zero_is_for_ever(cache: RedisCache) -> None:
    for timeout in (0, -1, None):
        cache.set("key", "value", timeout=timeout)
        assert (cache.get("key"), cache.ttl("key")) == ("value", None)
        cache.delete("key")
    cache.set("key", "value")
    assert 0 < cache.ttl("key") <= 300
    assert cache.touch("key", 0) and cache.ttl("key") is None
    assert cache.add("other", 1, 0) and cache.ttl("other") is None
    cache.set_many({"a": 1, "b": 2}, 0)
    assert (cache.ttl("a"), cache.ttl("b")) == (None, None)


def test_a_default_timeout_of_zero_too(location: str) -> None:
    made = RedisCache(location, {"TIMEOUT": 0})
    made.set("key", 1)
    assert made.ttl("key") is None


def test_nx(cache: RedisCache) -> None:
    assert cache.set("key", "value1", nx=True) is True
    assert cache.set("key", "value2", nx=True) is False
    assert cache.get("key") == "value1"
    assert cache.set("timed", 1, timeout=5, nx=True) is True and 0 < cache.ttl("timed") <= 5
    assert cache.set("ever", 1, timeout=0, nx=True) is True and cache.ttl("ever") is None


def test_keys_and_delete_pattern(cache: RedisCache) -> None:
    cache.set_many({"session_a": 1, "session_b": 2, "other": 3})
    cache.set("session_c", 1, version=2)
    assert sorted(cache.keys("session_*")) == ["session_a", "session_b"]
    assert cache.delete_pattern("session_*") == 2
    assert cache.keys("session_*") == [] and cache.get("other") == 3
    assert cache.get("session_c", version=2) == 1


def test_odd_keys_are_no_reason_to_warn(cache: RedisCache, recwarn: pytest.WarningsRecorder) -> None:
    for key in ("a b", "k" * 300, "", 5, "zwölf"):
        cache.set(key, "v")
        assert cache.get(key) == "v"
    assert list(recwarn) == []


#: Every method that asks the server.
CALLS = [
    ("get", ("k",)),
    ("set", ("k", 1)),
    ("add", ("k", 1)),
    ("get_many", (["k"],)),
    ("set_many", ({"k": 1},)),
    ("delete", ("k",)),
    ("delete_many", (["k"],)),
    ("has_key", ("k",)),
    ("incr", ("k",)),
    ("decr", ("k",)),
    ("incr_version", ("k",)),
    ("keys", ("*",)),
    ("delete_pattern", ("*",)),
    ("touch", ("k", 1)),
    ("ttl", ("k",)),
    ("pttl", ("k",)),
    ("persist", ("k",)),
    ("expire", ("k", 1)),
    ("clear", ()),
]


@pytest.mark.parametrize(("name", "arguments"), CALLS)
def test_trouble_is_raised_by_default(name: str, arguments: tuple[Any, ...], nobody: str) -> None:
    with pytest.raises(ConnectionInterrupted) as caught:
        getattr(away(nobody), name)(*arguments)
    error = caught.value
    assert isinstance(error, ConnectionInterrumped) and isinstance(error, djredis.ConnectionError)
    assert isinstance(error, ConnectionError), "Python's own as well"
    assert nobody.rsplit(":", 1)[0] in str(error) and error.status == djredis.ConnectionError.status
    assert error.connection is None


def test_a_timeout_is_an_interruption_and_a_timeout(silent: str) -> None:
    for kind in (ConnectionInterrumped, djredis.TimeoutError, djredis.ConnectionError, TimeoutError):
        with pytest.raises(kind):
            away(silent).get("k")


def test_a_full_server_is_an_interruption() -> None:
    full = Server("--maxmemory", "1", "--maxmemory-policy", "noeviction")
    try:
        with pytest.raises(ConnectionInterrupted) as caught:
            away(full.location()).set("k", "v" * 1000)
        assert isinstance(caught.value, djredis.UnavailableError)
    finally:
        full.stop()


@pytest.mark.parametrize(("name", "arguments"), CALLS)
def test_ignored_trouble_is_none_whatever_the_method(name: str, arguments: tuple[Any, ...], nobody: str) -> None:
    with override_settings(DJANGO_REDIS_IGNORE_EXCEPTIONS=True):
        cache = away(nobody)
    assert getattr(cache, name)(*arguments) is None


def test_ignored_trouble_and_defaults(nobody: str, silent: str) -> None:
    with override_settings(DJANGO_REDIS_IGNORE_EXCEPTIONS=True):
        caches = [away(nobody), away(silent)]
    for cache in caches:
        assert cache.get("k", "D") == "D" and cache.get("k", default="D") == "D"
        assert ("k" in cache) is False
        assert list(cache.iter_keys("*")) == []
        assert cache.delete_many(key for key in ("a", "b")) is None
        assert cache.get_or_set("k", lambda: "made") == "made"


def test_other_errors_are_never_ignored(location: str) -> None:
    with override_settings(DJANGO_REDIS_IGNORE_EXCEPTIONS=True):
        cache = RedisCache(location, {})
        cache.clear()
        with pytest.raises(ValueError):
            cache.incr("nothing")
        cache.client.cache.command("RPUSH", "list", "a", key_index=1)
        with pytest.raises(djredis.WrongTypeError):
            cache.get("list")
        locked = Server("--requirepass", "right")
        try:
            with pytest.raises(djredis.AuthError):
                away(locked.location()).get("k")
        finally:
            locked.stop()


class Prefixing(DefaultClient):
    """A client of one's own."""

    def get(self, key: Any, default: Any = None, version: Any = None, client: Any = None) -> Any:
        found = super().get(key, None, version, client)
        return default if found is None else f"own {found}"


@pytest.mark.parametrize("given", [f"{__name__}.Prefixing", Prefixing])
def test_a_client_of_ones_own(given: Any, location: str) -> None:
    cache = RedisCache(location, {"OPTIONS": {"CLIENT_CLASS": given, "OF_ITS_OWN": 1}})
    cache.clear()
    cache.set("k", "v")
    assert (cache.get("k"), cache.get("missing", "D")) == ("own v", "D")
    assert type(cache.client) is Prefixing and cache.get_many(["k"]) == {"k": "v"}


@pytest.mark.parametrize("kind", [ShardClient, ClusterClient])
def test_several_servers_refuse_a_raw_connection(kind: type[DefaultClient]) -> None:
    client = kind.__new__(kind)
    with pytest.raises(NotImplementedError, match="no raw connection"):
        client.get_client()


class OnACluster(ClusterClient):
    """One's own."""


@pytest.mark.parametrize("given", ["cluster", ClusterClient, OnACluster])
def test_a_client_of_a_cluster(given: Any, location: str) -> None:
    cache = RedisCache(location, {"OPTIONS": {"CLIENT_CLASS": given}})
    assert isinstance(cache.client, ClusterClient)
    with pytest.raises(djredis.ConfigError, match="no node of a cluster"):
        cache.get("k")


def test_a_cache_without_a_raw_connection() -> None:
    with override_settings(CACHES={"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}):
        with pytest.raises(NotImplementedError):
            redis_cache.get_redis_connection("default")


def test_the_errors_name_the_alias(nobody: str, tmp_path: Path) -> None:
    settings = (
        'CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},\n'
        f'"pages": {{"BACKEND": "redis_cache.cache.RedisCache", "LOCATION": "{nobody}"}}}}\n'
    )
    done = sites.run(tmp_path, settings, "from django.core.cache import caches; caches['pages'].get('k')")
    last = done.stderr.strip().splitlines()[-1]
    assert done.returncode != 0 and last.startswith("redis_cache.exceptions.ConnectionInterrupted: ")
    assert "'pages'" in last and nobody.rsplit(":", 1)[0] in last
