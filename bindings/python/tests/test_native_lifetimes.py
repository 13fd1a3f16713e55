"""What native calls leave behind, and what may happen in the midst of them: threads that end, forks, other interpreters."""

from __future__ import annotations

import gc
import logging
import pickle
import resource
import sys
from typing import Any

import pytest
from conftest import Server, run_python

import djredis
from djredis._library import library


def _explode() -> None:
    raise LookupError("boom")


class Explosive:
    def __reduce__(self) -> Any:
        return _explode, ()


@pytest.mark.parametrize("location_of", ["memory:references", "a server"])
def test_no_reference_is_lost_or_kept(location_of: str, location: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL, logger="djredis")
    where = location if location_of == "a server" else location_of
    key, missing, bad, value, default, number = "a key", "missing", "bad", ["a value"], object(), 12345678
    timeout, payload = 12345, b"x" * 1000
    keys, mapping = [key, missing], {key: value, "n": number, "p": payload}
    objects = (key, missing, bad, value, default, number, timeout, payload, keys, mapping, None, True, False, djredis.DEFAULT)

    def work(cache: djredis.Cache, times: int) -> None:
        for _ in range(times):
            cache.set(key, value, timeout)
            cache.set(key, number, timeout, nx=True)
            cache.set(key, payload, 1.5)
            cache.get(key), cache.get(missing, default), cache.get(bad, default)
            cache.set_many(mapping, timeout)
            cache.get_many(keys), cache.get_many([bad]), cache.get_many(["n", "p"])
            cache.has_key(key), cache.touch(key, timeout), cache.delete(key), cache.incr("n")
            for wrong in (lambda: cache.incr(missing), lambda: cache.set(key, lambda: 0), lambda: cache.get(key, version="x")):
                with pytest.raises((djredis.Error, TypeError)):
                    wrong()

    with djredis.Cache(where, decode_error="miss") as cache:
        cache.clear()
        cache.set_raw(bad, pickle.dumps(Explosive()))
        work(cache, 100)
        gc.collect()
        blocks, resident = sys.getallocatedblocks(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        before = [sys.getrefcount(each) for each in objects]
        work(cache, 5000)
        after = [sys.getrefcount(each) for each in objects]
        gc.collect()
    # One object kept by each round would be 5000.
    assert sys.getallocatedblocks() - blocks < 2000
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - resident < 16 << 10
    changed = {repr(each): (old, new) for each, old, new in zip(objects, before, after) if abs(old - new) > 200}
    assert not changed


def test_daemon_threads_in_the_midst_of_calls_at_exit(location: str) -> None:
    """Where Python code runs inside a call, the interpreter may end the thread there."""
    code = """
import sys, threading, djredis
class Slow:
    def dumps(self, value): return b"x" + b"y" * sum(1 for _ in range(100))
    def loads(self, data): return sum(1 for _ in range(100))
cache = djredis.Cache(sys.argv[1], serializer=Slow())
started = threading.Semaphore(0)
def work(n):
    keys = [f"{n}:{m}" for m in range(20)]
    started.release()
    while True:
        cache.set_many(dict.fromkeys(keys, "v"))
        cache.get_many(keys)
        cache.set(keys[0], "v")
        cache.get(keys[0])
        cache.get("missing")
for n in range(6):
    threading.Thread(target=work, args=(n,), daemon=True).start()
for n in range(6):
    started.acquire()
for n in range(200):
    cache.get("k")
print("done")
"""
    for _ in range(15):
        done = run_python(code, location)
        assert (done.returncode, done.stdout, done.stderr) == (0, "done\n", "")


def test_subinterpreters(location: str) -> None:
    """They share the library and its functions; what these need of Python is each one's own."""
    code = """
import sys
try:
    import _xxsubinterpreters as interpreters
except ImportError:
    import _interpreters as interpreters
inner = '''
import sys
sys.path[:0] = %r
try:
    import ctypes
except ImportError:  # Python 3.12 refuses it where interpreters are isolated
    print("refused")
else:
    import djredis
    cache = djredis.Cache(%r)
    for n in range(100):
        cache.set("k", [n])
        assert cache.get("k") == [n] and cache.get_many(["k"]) == {"k": [n]}
    try:
        cache.incr("k")
    except djredis.WrongTypeError:
        print("right")
''' % (sys.path, sys.argv[1])
import djredis
cache = djredis.Cache(sys.argv[1])
for _ in range(3):
    made = interpreters.create()
    interpreters.run_string(made, inner)
    interpreters.destroy(made)
    assert cache.set("k", "outer") and cache.get("k") == "outer"
print("done")
"""
    done = run_python(code, location)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "done"
    assert set(done.stdout.splitlines()[:-1]) in ({"right"}, {"refused"}), done.stdout


def test_forks_in_the_midst_of_calls(server: Server) -> None:
    code = """
import os, sys, threading, djredis
cache = djredis.Cache(sys.argv[1])
cache.set_many({"k": "v", "l": [1]})
stop = False
def work():
    while not stop:
        assert cache.get_many(["k", "l"]) == {"k": "v", "l": [1]}
        assert cache.get("k") == "v"
threads = [threading.Thread(target=work) for _ in range(4)]
for thread in threads:
    thread.start()
failed = 0
for _ in range(50):
    child = os.fork()
    if child == 0:
        right = cache.get("k") == "v" and cache.set("k", "v") and cache.get_many(["k", "l"]) == {"k": "v", "l": [1]}
        os._exit(0 if right else 1)
    failed += os.waitpid(child, 0)[1] != 0
stop = True
for thread in threads:
    thread.join()
print("failed", failed)
"""
    done = run_python(code, server.location())
    assert (done.returncode, done.stdout) == (0, "failed 0\n"), done.stderr


def test_the_table_is_the_same_each_time() -> None:
    assert library.djredis_cpython_methods() == library.djredis_cpython_methods() != 0
