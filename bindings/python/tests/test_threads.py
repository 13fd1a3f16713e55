"""Threads, garbage collection and memory."""

from __future__ import annotations

import gc
import resource
import threading
import tracemalloc
import weakref
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from conftest import Server, run_python

import djredis
from djredis import _interrupts, _slots


def test_many_threads_share_one_cache(cache: djredis.Cache) -> None:
    def work(n: int) -> int:
        for step in range(100):
            value = {"n": n, "step": step, "fill": "x" * (n * 50)}
            cache.set(f"k{n}", value)
            assert cache.get(f"k{n}") == value
            assert cache.get_many([f"k{n}", "missing"]) == {f"k{n}": value}
            cache.incr("count") if cache.add("count", 1) is False else None
        return n

    with ThreadPoolExecutor(16) as pool:
        assert list(pool.map(work, range(32))) == list(range(32))
    assert cache.get("count") == 3200


def test_get_or_set_in_a_race_answers_one_value(cache: djredis.Cache) -> None:
    start = threading.Barrier(8)

    def work(n: int, key: str) -> Any:
        start.wait()
        return cache.get_or_set(key, lambda: n)

    with ThreadPoolExecutor(8) as pool:
        for round_ in range(20):
            assert len(set(pool.map(work, range(8), [f"k{round_}"] * 8))) == 1


def _get_until_closed(cache: djredis.Cache) -> str:
    try:
        while True:
            cache.get("k")
    except djredis.ClosedError:
        return "closed"


def test_closing_under_running_calls(location: str) -> None:
    with ThreadPoolExecutor(4) as pool:
        for _ in range(10):
            cache = djredis.Cache(location)
            running = [pool.submit(_get_until_closed, cache) for _ in range(4)]
            cache.close()
            assert [call.result(20) for call in running] == ["closed"] * 4


def test_a_finalizer_may_use_the_cache(cache: djredis.Cache) -> None:
    """Garbage collection runs anywhere, between a call and the copy of its result too."""
    cache.set_many({"main": "m" * 1000, "finalizer": "f" * 2000})
    seen: list[Any] = []

    class Garbage:
        def __init__(self) -> None:
            self.myself = self  # only the collector can free it

        def __del__(self) -> None:
            seen.append(cache.get("finalizer"))

    threshold = gc.get_threshold()
    gc.set_threshold(5)
    try:
        for _ in range(300):
            Garbage()
            assert cache.get("main") == "m" * 1000
            assert cache.get_many(["main", "finalizer"]) == {"main": "m" * 1000, "finalizer": "f" * 2000}
    finally:
        gc.set_threshold(*threshold)
    gc.collect()
    assert len(seen) == 300
    assert set(seen) == {"f" * 2000}


def test_a_cache_is_freed_when_nobody_has_it(location: str) -> None:
    cache = djredis.Cache(location, key_prefix="freed")
    cache.set("k", 1)
    keys = cache.iter_keys()
    gone = weakref.ref(cache)
    del cache
    assert list(keys) == ["k"]
    del keys
    gc.collect()
    assert gone() is None


def test_daemon_threads_at_exit(location: str) -> None:
    code = """
import sys, threading, djredis
cache = djredis.Cache(sys.argv[1])
def work():
    while True:
        cache.get("k")
for _ in range(4):
    threading.Thread(target=work, daemon=True).start()
cache.get("k")
print("done")
"""
    for _ in range(5):
        done = run_python(code, location)
        assert (done.returncode, done.stdout, done.stderr) == (0, "done\n", "")


@pytest.mark.parametrize(
    "wait", ["connection.receive()", "cache.get('k')", "list(cache.iter_keys())", "lock.acquire()"]
)
def test_daemon_threads_that_wait_at_exit(server: Server, silent: str, wait: str) -> None:
    """The interpreter ends while they wait: for a message, for a server that is silent, for somebody's lock."""
    code = """
import sys, threading, djredis
cache = djredis.Cache(sys.argv[1], socket_timeout=60)
own = djredis.Cache(sys.argv[2])
connection = own.connection()
connection.send("SUBSCRIBE", "news")
connection.receive()
held, lock = own.lock("held", timeout=60), own.lock("held")
held.acquire()
started = threading.Semaphore(0)
def work():
    started.release()
    %s
threading.Thread(target=work, daemon=True).start()
started.acquire()
threading.Event().wait(0.2)
held.release()
print("done")
"""
    done = run_python(code % wait, silent, server.location())
    assert (done.returncode, done.stdout, done.stderr) == (0, "done\n", "")


def test_threads_that_come_and_go_leave_nothing(cache: djredis.Cache) -> None:
    """Slots, call structs and what a signal handler raised are kept by use, never by thread."""
    cache.set("k", b"x" * 10_000)

    def work() -> None:
        assert cache.get("k") == b"x" * 10_000
        assert cache.get_many(["k", "missing"]) == {"k": b"x" * 10_000}
        with cache.lock(str(threading.get_ident()), timeout=5), cache.connection() as connection:
            assert connection.pipeline([("ECHO", "a")] * 3) == [b"a"] * 3

    def come_and_go(times: int) -> None:
        for _ in range(times):
            together = [threading.Thread(target=work) for _ in range(10)]
            for thread in together:
                thread.start()
            for thread in together:
                thread.join()

    come_and_go(5)
    slots, before = len(_slots._free), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    tracemalloc.start()
    try:
        first = tracemalloc.get_traced_memory()[0]
        come_and_go(100)
        grown = tracemalloc.get_traced_memory()[0] - first
    finally:
        tracemalloc.stop()
    assert len(_slots._free) <= max(slots, 64), "each of at most ten threads holds a few slots at a time"
    assert grown < 256 << 10, f"{grown} bytes more of Python's memory after 1000 threads"
    resident = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert resident < 8192, f"{resident} KiB more after 1000 threads"
    assert not _interrupts._raised


@pytest.mark.parametrize("size", [100, 10_000, 200_000])
def test_memory_stays_flat(cache: djredis.Cache, size: int) -> None:
    cache.set("k", b"x" * size)
    cache.set("n", 1)

    def work(times: int) -> None:
        for _ in range(times):
            cache.get("k")
            cache.get_many(["k", "n"])
            cache.set("k", b"x" * size, timeout=None)
            with pytest.raises(djredis.NotFoundError):
                cache.incr("missing")

    work(200)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    work(1000)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 4096, f"{grown} KiB more after 1000 rounds"
