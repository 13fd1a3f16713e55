"""get_redis_connection on a live cache: redis-py's client, on the connections of the cache itself."""

from __future__ import annotations

import os

import pytest
import redis
from conftest import Server
from django_backend.conftest import OURS, Make

import redis_cache
from djredis.django import get_redis_connection

DOCUMENTED = "redis_cache.cache.RedisCache"


@pytest.mark.parametrize(("backend", "get"), [(OURS, get_redis_connection), (DOCUMENTED, redis_cache.get_redis_connection)])
def test_it_reads_what_the_cache_wrote(make: Make, server: Server, backend: str, get: object) -> None:
    cache = make(backend, location=f"unix:{server.path}:0", KEY_PREFIX="raw")
    cache.clear()
    client = get("default")  # type: ignore[operator]
    assert isinstance(client, redis.Redis)
    cache.set("n", 41)
    assert client.incr(cache.make_key("n")) == 42
    assert cache.get("n") == 42
    with client.pipeline(transaction=True) as pipe:
        assert pipe.set(cache.make_key("p"), 7).get(cache.make_key("p")).execute() == [True, b"7"]
    assert cache.get("p") == 7
    assert [key for key in client.scan_iter("raw:1:*") if key.endswith(b":p")]


def test_it_takes_connections_of_the_cache_s_pool(make: Make) -> None:
    cache = make(db=9)
    cache.get("k")
    connects = cache.client.cache.stats()["connects"]
    assert connects >= 1
    get_redis_connection("default").get("k")
    assert cache.client.cache.stats()["connects"] == connects


def test_it_works_in_a_forked_child(make: Make) -> None:
    make()
    client = get_redis_connection("default")
    client.set("parent", os.getpid())
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            os.write(writing, client.get("parent") + b" %d" % client.client_id())
        finally:
            os._exit(0)
    os.waitpid(pid, 0)
    parent, child_id = os.read(reading, 100).split()
    os.close(reading), os.close(writing)
    assert int(parent) == os.getpid()
    assert client.client_id() != int(child_id)
