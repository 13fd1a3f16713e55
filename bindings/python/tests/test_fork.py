"""Forks: a cache goes on working in the child, with connections of its own."""

from __future__ import annotations

import multiprocessing
import os
import threading
from typing import Any, Callable

import pytest
from conftest import run_python

import djredis

pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")


def _in_child(work: Callable[[], Any]) -> int:
    """Runs `work` in a forked child; 0 where it raises nothing."""
    child = os.fork()
    if child == 0:
        try:
            work()
            os._exit(0)
        except BaseException:
            import traceback

            traceback.print_exc()
        finally:
            os._exit(1)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def test_parent_and_child_use_one_cache(cache: djredis.Cache) -> None:
    cache.set_many({"parent": "p", "child": "c"})

    def work() -> None:
        for _ in range(200):
            assert cache.get("child") == "c"
        cache.set("from child", os.getpid())

    for _ in range(5):
        assert _in_child(work) == 0
        assert cache.get("parent") == "p"
    assert cache.get("from child") is not None


def test_a_fork_under_busy_threads(cache: djredis.Cache) -> None:
    cache.set_many({str(n): n for n in range(4)})
    stop = threading.Event()
    wrong = []

    def busy(n: int) -> None:
        while not stop.is_set():
            if cache.get(str(n)) != n:
                wrong.append(n)

    threads = [threading.Thread(target=busy, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    try:
        for _ in range(20):
            assert _in_child(lambda: [cache.get("1"), cache.set("k", 1)]) == 0
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert not wrong


def test_a_fork_from_another_thread(cache: djredis.Cache) -> None:
    cache.set("k", 1)
    codes = []
    thread = threading.Thread(target=lambda: codes.append(_in_child(lambda: cache.incr("k"))))
    thread.start()
    thread.join()
    assert codes == [0]
    assert cache.get("k") == 2


def test_an_iterator_from_before_the_fork(cache: djredis.Cache) -> None:
    cache.set_many(dict.fromkeys(map(str, range(500)), 1))
    keys = cache.iter_keys(itersize=1)
    next(keys)

    def work() -> None:
        with pytest.raises(djredis.ForkedError):
            list(keys)

    assert _in_child(work) == 0
    assert len(set(keys)) >= 499


def _square(number: int) -> Any:
    assert _shared is not None
    return _shared.get_or_set(f"square:{number}", number * number)


_shared: Any = None


def test_multiprocessing(cache: djredis.Cache) -> None:
    global _shared
    _shared = cache
    cache.set("warm", 1)
    with multiprocessing.get_context("fork").Pool(3) as pool:
        assert pool.map(_square, range(30)) == [number * number for number in range(30)]
    assert cache.get("square:5") == 25


def test_a_child_that_exits_as_usual(location: str) -> None:
    """Finalizers and atexit functions run in a forked child as well."""
    code = """
import os, sys, djredis
cache = djredis.Cache(sys.argv[1])
cache.set("k", "v")
child = os.fork()
assert cache.get("k") == "v"
if child:
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert cache.get("k") == "v"
print("done")
"""
    done = run_python(code, location, PYTHONWARNINGS="ignore::DeprecationWarning")
    assert done.stderr == ""
    assert done.stdout.split() == ["done", "done"]
