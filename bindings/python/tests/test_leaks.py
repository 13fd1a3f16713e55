"""A process does not grow with its calls, its threads and its caches: `make leaks` makes a million calls."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator

import pytest

import djredis

VALUE = {"name": "Ada", "tags": ["a", "b"], "born": 1815, "score": 1.5, "blob": b"\x00" * 200}
CALLS = int(os.environ.get("DJREDIS_LEAKS", "10000"))
CALLS_OF_A_ROUND = 24
GROWTH_KIB = 16 << 10


@pytest.fixture(params=["server", "memory"])
def place(request: pytest.FixtureRequest, location: str) -> Iterator[str]:
    yield location if request.param == "server" else "memory:leaks"


def _round(cache: djredis.Cache) -> None:
    assert cache.set("k", VALUE) and cache.get("k") == VALUE
    assert cache.get("nothing") is None and not cache.add("k", 1)
    with pytest.raises(djredis.WrongTypeError):
        cache.incr("k")
    assert cache.set("n", 1) and cache.incr("n") == 2
    assert cache.has_key("n") and cache.touch("n", 60) and cache.ttl("n") is not None
    assert cache.set_many({"a": VALUE, "b": "text"}) == []
    assert cache.get_many(["a", "b", "c"]) == {"a": VALUE, "b": "text"}
    assert sorted(cache.keys("?")) == ["a", "b", "k", "n"] and len(list(cache.iter_keys("*"))) == 4
    assert cache.batch().set("x", VALUE).get("x").delete("x").execute() == [True, VALUE, True]
    assert cache.set_raw("bad", b"\x80\x05](")
    with pytest.raises(djredis.DecodeError):
        cache.get("bad")
    with cache.lock("lock", timeout=60) as lock:
        assert lock.extend(60, replace_ttl=True)
    assert cache.make_key("k") and cache.stats() and cache.option("TIMEOUT")
    assert cache.delete_many(["a", "bad"]) == 2 and cache.delete_pattern("*") == 3


def _open_and_close(place: str) -> None:
    with djredis.Cache(place, key_prefix="of its own") as cache:
        assert cache.get("nothing") is None


def _work(cache: djredis.Cache, place: str, rounds: int) -> None:
    for number in range(rounds):
        _round(cache)
        if number % 20 == 0:
            _open_and_close(place)
            thread = threading.Thread(target=_round, args=[cache])
            thread.start()
            thread.join()


def _wait_for_threads(most: int) -> None:
    """The system's thread ends a moment after join() of Python's."""
    end = time.monotonic() + 10
    while _size()[2] > most and time.monotonic() < end:
        time.sleep(0.01)


def _size() -> tuple[int, int, int]:
    """Resident KiB, descriptors, threads."""
    with open("/proc/self/statm") as file:
        resident = int(file.read().split()[1]) * (os.sysconf("SC_PAGESIZE") >> 10)
    return resident, len(os.listdir("/proc/self/fd")), len(os.listdir("/proc/self/task"))


def test_a_process_does_not_grow(place: str) -> None:
    rounds = CALLS // CALLS_OF_A_ROUND
    with djredis.Cache(place) as cache:
        cache.clear()
        _work(cache, place, rounds // 5)
        before = _size()
        _work(cache, place, rounds)
        _wait_for_threads(before[2])
        after = _size()
    print(f"Python, {place.split(':')[0]}, {rounds * CALLS_OF_A_ROUND} calls: KiB, files, threads {before} -> {after}")
    assert after[0] < before[0] + GROWTH_KIB
    assert after[1] <= before[1] and after[2] <= before[2]
