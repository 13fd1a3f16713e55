"""Locks: what they promise, and that redis-py's and django-redis's respect them, and the reverse."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from conftest import Server

import djredis


def test_acquire_and_release(cache: djredis.Cache) -> None:
    mine, other = cache.lock("k", timeout=60), cache.lock("k", timeout=60, blocking=False)
    assert not mine.locked()
    assert mine.acquire()
    assert mine.locked() and other.locked()
    assert mine.owned() and not other.owned()
    assert 59 <= (cache.ttl("k") or 0) <= 60
    assert not other.acquire()
    mine.release()
    assert not mine.locked() and not mine.owned()
    assert other.acquire()
    other.release()


def test_with(cache: djredis.Cache) -> None:
    with cache.lock("k", timeout=60) as lock:
        assert lock.owned()
        with pytest.raises(djredis.LockError, match="'k'"), cache.lock("k", blocking=False):
            raise AssertionError
        with pytest.raises(djredis.LockError), cache.lock("k", blocking_timeout=0.1, sleep=0.01):
            raise AssertionError
    assert "k" not in cache
    with pytest.raises(KeyError), cache.lock("k"):
        raise KeyError
    assert "k" not in cache


def test_it_waits_until_the_lock_is_free(cache: djredis.Cache) -> None:
    first = cache.lock("k", thread_local=False)
    first.acquire()
    timer = threading.Timer(0.3, first.release)
    timer.start()
    with cache.lock("k", blocking_timeout=30, sleep=0.01):
        timer.join()
        assert not first.owned()


def test_blocking_timeout(cache: djredis.Cache) -> None:
    with cache.lock("k"):
        began = time.monotonic()
        assert not cache.lock("k", blocking_timeout=0.2, sleep=10).acquire()
        assert 0.2 <= time.monotonic() - began < 5
        lock = cache.lock("k", blocking_timeout=1000)
        assert not lock.acquire(blocking=False)
        assert not lock.acquire(blocking_timeout=0)
        assert not lock.acquire(sleep=0.01, blocking_timeout=0.05)


def test_only_the_owner_releases(cache: djredis.Cache) -> None:
    lock, other = cache.lock("k", timeout=60), cache.lock("k", timeout=60)
    for call in (lock.release, lambda: lock.extend(5), lock.reacquire):
        with pytest.raises(djredis.LockError, match="not acquired") as wrong:
            call()
        assert type(wrong.value) is djredis.LockError
    lock.acquire()
    cache.delete("k")
    other.acquire()
    for call in (lambda: lock.extend(5), lambda: lock.extend(5, replace_ttl=True), lock.reacquire, lock.release):
        with pytest.raises(djredis.LockNotOwnedError, match="no longer ours"):
            call()
    assert other.owned()
    with pytest.raises(djredis.LockError):
        lock.release()
    assert issubclass(djredis.LockNotOwnedError, djredis.LockError)
    assert issubclass(djredis.LockError, djredis.Error)


def test_with_a_lock_that_expires(cache: djredis.Cache) -> None:
    with pytest.raises(djredis.LockNotOwnedError):
        with cache.lock("k", timeout=0.05) as lock:
            while lock.locked():
                time.sleep(0.01)


def test_extend_and_reacquire(cache: djredis.Cache) -> None:
    with cache.lock("k", timeout=100) as lock:
        assert lock.extend(50) is True
        assert 140 <= (cache.ttl("k") or 0) <= 150
        assert lock.extend(0.5) is True
        assert lock.extend(7, replace_ttl=True) is True
        assert 1 <= (cache.ttl("k") or 0) <= 7
        assert lock.reacquire() is True
        assert 90 <= (cache.ttl("k") or 0) <= 100
        for wrong in (0, -1):
            with pytest.raises(djredis.ArgumentError, match="above 0"):
                lock.extend(wrong)
    with cache.lock("k") as lock:
        assert cache.ttl("k") is None
        for call in (lambda: lock.extend(5), lock.reacquire):
            with pytest.raises(djredis.LockError, match="without a timeout"):
                call()


def test_timeouts(cache: djredis.Cache) -> None:
    with cache.lock("k", timeout=timedelta(minutes=1)):
        assert 50 <= (cache.ttl("k") or 0) <= 60
    with cache.lock("k", timeout=djredis.DEFAULT):
        assert 290 <= (cache.ttl("k") or 0) <= 300
    for wrong in (0, -1, timedelta(0)):
        with pytest.raises(djredis.ArgumentError, match="above 0"):
            cache.lock("k", timeout=wrong)


def test_tokens(cache: djredis.Cache) -> None:
    lock = cache.lock("k", timeout=60)
    lock.acquire(token="mine")
    assert cache.command("GET", "k", key_index=1) == b"mine"
    handed_over = cache.lock("k", timeout=60, token=b"mine")
    assert handed_over.owned()
    assert handed_over.extend(5)
    handed_over.release()
    with pytest.raises(djredis.LockNotOwnedError):
        lock.release()
    for wrong in (lambda: lock.acquire(token=""), lambda: cache.lock("k", token=b"").acquire()):
        with pytest.raises(djredis.ArgumentError, match="token"):
            wrong()


def test_threads_have_their_own_tokens_unless_told(cache: djredis.Cache) -> None:
    with ThreadPoolExecutor(1) as pool:
        lock = cache.lock("k", timeout=60)
        lock.acquire()
        assert pool.submit(lock.owned).result() is False
        with pytest.raises(djredis.LockError, match="thread_local"):
            pool.submit(lock.release).result()
        lock.release()
        shared = cache.lock("k", timeout=60, thread_local=False)
        shared.acquire()
        pool.submit(shared.release).result()
        assert not shared.owned()


def test_one_at_a_time(cache: djredis.Cache) -> None:
    inside: list[int] = []
    seen: list[int] = []

    def work(n: int) -> None:
        with cache.lock("k", timeout=60, sleep=0.001):
            inside.append(n)
            seen.append(len(inside))
            time.sleep(0.002)
            inside.pop()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(24)))
    assert seen == [1] * 24


def test_versions_and_prefixes_are_those_of_keys(location: str) -> None:
    with djredis.Cache(location, key_prefix="shop") as cache:
        cache.clear()
        with cache.lock("k", version=2) as lock, cache.lock("k"):
            assert lock.owned()
            assert sorted(cache.command("KEYS", "*")) == [b"shop:1:k", b"shop:2:k"]


def test_trouble(cache: djredis.Cache, nobody: str) -> None:
    with djredis.Cache(nobody) as away, pytest.raises(djredis.ConnectionError):
        away.lock("k").acquire()
    with djredis.Cache(nobody, ignore_exceptions=True) as away:
        assert not away.lock("k").acquire(blocking=False)
        assert not away.lock("k").locked()
    lock = cache.lock("k")
    lock.acquire()
    cache.close()
    with pytest.raises(djredis.ClosedError):
        lock.release()


def test_a_lock_that_may_have_been_taken_is_given_up(server: Server) -> None:
    """The server takes the lock while its answer is awaited too short a time."""
    with djredis.Cache(server.location(), socket_timeout=0.3) as cache, djredis.Cache(server.location()) as other:
        other.clear()
        cache.get("warm")
        with other.connection() as admin:
            admin.command("CLIENT", "PAUSE", 450, "ALL")
        with pytest.raises(djredis.TimeoutError):
            cache.lock("k").acquire()
        assert "k" not in other


redis = pytest.importorskip("redis")
django = pytest.importorskip("django")
pytest.importorskip("django_redis")

from django.conf import settings  # noqa: E402


@pytest.fixture
def theirs(server: Server) -> Iterator[Any]:
    """A client of redis-py on the same database."""
    with redis.Redis(unix_socket_path=server.path) as client:
        yield client


def _their_lock(how: str, theirs: Any, server: Server) -> Any:
    """Makes locks on the key "k" of the cache: redis-py's, and a Django site's."""
    if how == "redis-py":
        return lambda **settings: theirs.lock(":1:k", **settings)
    if not settings.configured:
        settings.configure()
        django.setup()
    from django.core.cache import CacheHandler

    conf = {"BACKEND": "django_redis.cache.RedisCache", "LOCATION": f"unix://{server.path}?db=0"}
    site = CacheHandler({"default": conf})["default"]
    return lambda **settings: site.lock("k", **settings)


@pytest.mark.parametrize("how", ["redis-py", "django-redis"])
def test_they_respect_each_other(cache: djredis.Cache, theirs: Any, server: Server, how: str) -> None:
    make = _their_lock(how, theirs, server)
    ours, other = cache.lock("k", timeout=60, blocking=False), make(timeout=60, blocking=False)
    with ours:
        assert other.locked() and not other.owned()
        assert not other.acquire()
    assert other.acquire()
    assert ours.locked() and not ours.owned()
    assert not ours.acquire()
    other.extend(100)
    assert 150 <= (cache.ttl("k") or 0) <= 160
    other.release()
    assert ours.acquire()
    ours.release()


@pytest.mark.parametrize("how", ["redis-py", "django-redis"])
def test_each_releases_what_the_other_acquired_with_the_token(
    cache: djredis.Cache, theirs: Any, server: Server, how: str
) -> None:
    other = _their_lock(how, theirs, server)(timeout=60)
    other.acquire(token="shared")
    ours = cache.lock("k", timeout=60, token="shared")
    assert ours.owned()
    assert ours.extend(30)
    assert 80 <= (cache.ttl("k") or 0) <= 90
    assert other.owned()
    assert other.reacquire()
    ours.release()
    assert not other.locked()
    with pytest.raises(redis.exceptions.LockNotOwnedError):
        other.release()
    ours.acquire()
    other.local.token = b"shared"
    other.release()
    with pytest.raises(djredis.LockNotOwnedError):
        ours.release()
