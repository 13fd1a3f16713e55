"""Django's contract where no other backend is there to compare with: keys, coroutines, threads, client classes."""

from __future__ import annotations

import asyncio
import threading
import time
import warnings
from typing import Any

import pytest
import redis
from conftest import Server, run_python
from django.core.cache import CacheKeyWarning, caches
from django.core.signals import request_finished

import djredis
from djredis.django import get_redis_connection
from djredis.django._client import DefaultClient

from .conftest import DJANGO_REDIS, OURS, Make


class Shouting(DefaultClient):
    """A client of a site's own."""

    def get(self, key: Any, default: Any = None, version: Any = None, client: Any = None) -> Any:
        found = super().get(key, default, version, client)
        return found.upper() if isinstance(found, str) else found


class Slashed(DefaultClient):
    """One that makes keys in its own way."""

    def make_key(self, key: Any, version: Any = None, prefix: Any = None) -> Any:
        return type(super().make_key("x"))(f"/{key}")


def keys(cache: Any) -> list[bytes]:
    return sorted(cache.client.cache.command("KEYS", "*"))


def test_a_client_class_of_ones_own(make: Make) -> None:
    cache = make(OPTIONS={"CLIENT_CLASS": f"{__name__}.Shouting"})
    cache.clear()
    cache.set("k", "loud")
    assert cache.get("k") == "LOUD"
    assert cache.get_many(["k"]) == {"k": "loud"}


def test_a_client_class_that_makes_keys(make: Make) -> None:
    cache = make(OPTIONS={"CLIENT_CLASS": f"{__name__}.Slashed"})
    cache.clear()
    cache.set("k", 1)
    cache.sadd("s", 1)
    assert keys(cache) == [b"/k", b"/s"]
    assert cache.get_many(["k"]) == {"k": 1}


@pytest.mark.parametrize("key", ["a b", "k" * 250, "\x7f", "tab\t"])
def test_warns_of_keys_that_memcached_could_not_hold(backend: Any, key: str) -> None:
    made = f":1:{key}"
    for call in (
        lambda: backend.get(key),
        lambda: backend.set(key, 1),
        lambda: backend.add(key, 1),
        lambda: backend.get_many([key]),
        lambda: backend.set_many({key: 1}),
        lambda: backend.delete_many([key]),
        lambda: backend.has_key(key),
        lambda: backend.touch(key),
        lambda: backend.delete(key),
    ):
        with pytest.warns(CacheKeyWarning) as caught:
            call()
        assert any(repr(made) in str(warning.message) for warning in caught)


def test_does_not_warn_of_others_or_as_django_redis(make: Make) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        cache = make()
        for key in ("k", "ü" * 100, "k" * 247, 5):
            cache.set(key, 1)
        make(OPTIONS={"COMPAT": "django-redis"}).set("a b" * 100, 1)


def test_prefix_and_version_can_change_later(backend: Any) -> None:
    backend.set("k", 1)
    backend.key_prefix, backend.version = "tenant", 7
    assert backend.get("k") is None
    backend.set("k", 2)
    assert backend.get_many(["k"]) == {"k": 2}
    assert backend.keys("*") == ["k"]
    assert keys(backend) == [b":1:k", b"tenant:7:k"]
    backend.key_prefix, backend.version = "", 1
    assert backend.get("k") == 1


def test_default_timeout_can_change_later(backend: Any) -> None:
    backend.default_timeout = 7
    backend.set("k", 1)
    assert backend.ttl("k") == 7


def test_other_prefixes_stay_in_patterns(make: Make) -> None:
    cache = make(KEY_PREFIX="a*", KEY_FUNCTION="django.core.cache.backends.base.default_key_func")
    other = make(alias="other", KEY_PREFIX="abc")
    cache.clear()
    other.set("foo", 1)
    cache.set("foo", 1)
    cache.key_prefix = "a?"
    cache.set("foo", 1)
    assert cache.keys("*") == ["foo"]
    assert cache.delete_pattern("*") == 1
    assert keys(cache) == [b"a*:1:foo", b"abc:1:foo"]


def test_coroutines_do_not_block_the_loop(make: Make, silent: str) -> None:
    cache = make(location=silent, OPTIONS={"SOCKET_TIMEOUT": 0.5, "SOCKET_CONNECT_TIMEOUT": 0.5})

    async def ticks_while_waiting() -> int:
        waiting = [asyncio.ensure_future(cache.aget("k")), asyncio.ensure_future(cache.aincr("k"))]
        ticks = 0
        while not all(task.done() for task in waiting):
            await asyncio.sleep(0.001)
            ticks += 1
        for task in waiting:
            with pytest.raises(djredis.TimeoutError):
                await task
        return ticks

    assert asyncio.run(ticks_while_waiting()) > 10


def test_coroutines(backend: Any) -> None:
    async def use() -> list[Any]:
        return [
            await backend.aset("k", 1),
            await backend.aget("k"),
            await backend.aincr("k", 2),
            await backend.adecr("k"),
            await backend.aset_many({"a": 1, "b": 2}),
            await backend.aget_many(["a", "b"]),
            await backend.adelete_many(["a"]),
            await backend.ahas_key("a"),
            await backend.aadd("a", 5),
            await backend.aget_or_set("a", 6),
            await backend.atouch("a", 60),
            await backend.aincr_version("b"),
            await backend.adecr_version("b", version=2),
            await backend.adelete("b"),
            await backend.aclear(),
            await backend.aclose(),
        ]

    expected = [None, 1, 3, 2, [], {"a": 1, "b": 2}, None, False, True, 5, True, 2, 1, True, True, None]
    assert asyncio.run(use()) == expected


def test_coroutine_counting_is_one_step(backend: Any) -> None:
    backend.set("k", 0)

    async def count() -> None:
        await asyncio.gather(*(backend.aincr("k") for _ in range(100)))

    asyncio.run(count())
    assert backend.get("k") == 100


def test_threads_share_the_connections(backend: Any) -> None:
    found: list[Any] = []

    def look() -> None:
        mine = caches["default"]
        mine.incr("k")
        found.append((mine, mine.client.cache))

    backend.set("k", 0)
    threads = [threading.Thread(target=look) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert backend.get("k") == 8
    assert len({id(backend) for backend, _ in found}) == 8
    assert {id(shared) for _, shared in found} == {id(backend.client.cache)}


def test_the_end_of_a_request_keeps_the_connections(backend: Any) -> None:
    backend.set("k", 1)
    before = backend.client.cache.stats()["connects"]
    request_finished.send(sender=None)
    assert backend.get("k") == 1
    assert backend.client.cache.stats()["connects"] == before


def test_close_connection_closes_them(make: Make, server: Server) -> None:
    watcher = redis.Redis(unix_socket_path=server.path)
    cache = make(db=4, OPTIONS={"CLOSE_CONNECTION": True})
    cache.set("k", 1)
    assert in_database(watcher, 4) == 1
    cache.close()
    end = time.monotonic() + 10
    while in_database(watcher, 4) and time.monotonic() < end:
        time.sleep(0.01)
    assert in_database(watcher, 4) == 0
    assert cache.get("k") == 1


def in_database(watcher: redis.Redis, db: int) -> int:
    return sum(client["db"] == str(db) for client in watcher.client_list())


def test_raw_connections_of_other_backends(make: Make) -> None:
    make("django.core.cache.backends.locmem.LocMemCache", alias="local", location="x")
    with pytest.raises(NotImplementedError, match="'local' has no raw connection: .*LocMemCache"):
        get_redis_connection("local")


def test_locks_and_those_of_django_redis_respect_each_other(make: Make) -> None:
    ours, theirs = make(OURS, alias="ours"), make(DJANGO_REDIS, alias="theirs")
    ours.clear()
    with ours.lock("l", timeout=5):
        assert not theirs.lock("l", timeout=5).acquire(blocking=False)
    with theirs.lock("l", timeout=5):
        assert not ours.lock("l", timeout=5).acquire(blocking=False)


def test_without_a_server(make: Make) -> None:
    cache = make(location="memory:django-tests")
    cache.clear()
    found = [cache.set("k", 1, 50), cache.persist("k"), cache.ttl("k"), cache.expire_at("k", int(time.time()) + 60)]
    assert found == [None, True, None, True]
    assert cache.incr("n", 4, ignore_key_check=True) == 4
    assert cache.pexpire_at("k", 1) and cache.get("k") is None
    with pytest.raises(djredis.UnsupportedError, match="^cache 'default': .*memory:django-tests has no server"):
        cache.sadd("s", 1)


def test_the_caches_own_raw_client_may_be_given(backend: Any) -> None:
    backend.client._raw_clients[True] = raw = object()  # in place of redis-py's, which this does not need
    assert backend.client.get_client() is raw
    backend.set("k", 1, client=raw)
    assert backend.get("k", client=raw) == 1
    assert backend.sadd("s", 1, client=raw) == 1


START = """
import sys, time
import djredis
assert not any(name.split(".")[0] == "django" for name in sys.modules), "import djredis imports Django"
from django.conf import settings
settings.configure(CACHES={"default": {"BACKEND": "djredis.django.RedisCache", "LOCATION": sys.argv[1]}})
from django.core.cache import cache
cache.set("k", 1)
assert cache.get("k") == 1
rare = {"redis", "msgpack", *(f"djredis.{name}" for name in ("_json", "_msgpack", "django._sentinels", "django._serializers"))}
assert not rare & set(sys.modules), f"loaded before anybody asks for it: {rare & set(sys.modules)}"
"""


def test_loads_no_more_than_it_needs(server: Server) -> None:
    done = run_python(START, server.location(6))
    assert done.returncode == 0, done.stderr


FORKED = """
import os, sys
from django.conf import settings
settings.configure(CACHES={"default": {"BACKEND": "djredis.django.RedisCache", "LOCATION": sys.argv[1]}})
from django.core.cache import cache
cache.set("k", 0)
for _ in range(4):
    if os.fork() == 0:
        for _ in range(50):
            cache.incr("k")
        os._exit(0)
statuses = [os.wait()[1] for _ in range(4)]
assert statuses == [0] * 4, statuses
assert cache.get("k") == 200
"""


def test_forked_workers(server: Server) -> None:
    done = run_python(FORKED, server.location(6))
    assert done.returncode == 0, done.stderr
