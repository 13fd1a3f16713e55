"""The end of the interpreter: exit functions and finalizers that use a cache, and threads in the midst of calls meanwhile."""

from __future__ import annotations

import os

import pytest
from conftest import run_python

#: How often each program ends; what may go wrong there is a matter of moments.
TIMES = 100 if os.environ.get("DJREDIS_FAULTS") == "whole" else 1

OPEN = """
import atexit, gc, os, signal, sys, threading, time
%s
import djredis
cache = djredis.Cache(sys.argv[1], socket_timeout=60)
cache.set_many({"k": "v", "l": ["v"], "n": 1}, timeout=None)
"""

BUSY = """
def work():
    while True:
        cache.get("k"), cache.get_many(["k", "l"]), cache.set("k", "v"), cache.get("l"), cache.incr("n"), list(cache.iter_keys())
        with cache.connection() as connection:
            connection.pipeline([("PING",)] * 3)
for _ in range(8):
    threading.Thread(target=work, daemon=True).start()
"""

PROGRAMS = {
    "an exit function": OPEN % "" + "atexit.register(lambda: print(cache.get('k')))",
    "one that runs after the library's own": OPEN % "atexit.register(lambda: print(cache.get('k')))",
    "one beside threads": OPEN % "" + BUSY + "atexit.register(lambda: (time.sleep(0.05), print(cache.get('k'))))",
    "one that closes what threads use": OPEN % ""
    + """
def work():
    try:
        while True:
            cache.get("k"), cache.get_many(["k", "l"])
    except djredis.ClosedError:
        pass
for _ in range(8):
    threading.Thread(target=work, daemon=True).start()
atexit.register(cache.close)
print(cache.get("k"))
""",
    "Ctrl-C in one": OPEN % ""
    + """
connection = cache.connection()
connection.send("SUBSCRIBE", "nothing comes")
connection.receive()
def wait():
    try:
        threading.Timer(0.1, os.kill, (os.getpid(), signal.SIGINT)).start()
        connection.receive(50)
    except KeyboardInterrupt:
        print("v")
atexit.register(wait)
""",
    "finalizers": OPEN % ""
    + """
class Last:
    def __init__(self):
        self.cache, self.connection, self.keys = cache, cache.connection(), cache.iter_keys()
    def __del__(self):
        assert self.cache.get("k") == "v" and self.connection.command("PING") == b"PONG" and "l" in self.keys
        self.connection.release()
        print("v")
last = Last()
""",
    "finalizers in threads": OPEN % ""
    + """
gc.set_threshold(3)
class Garbage:
    def __init__(self):
        self.myself, self.cache = self, djredis.Cache(sys.argv[1])
    def __del__(self):
        try:
            self.cache.get("k")
        except djredis.ArgumentError:  # its own finalizer came first
            pass
def work():
    while True:
        Garbage(), cache.get("k")
for _ in range(4):
    threading.Thread(target=work, daemon=True).start()
time.sleep(0.05)
print(cache.get("k"))
""",
    "threads that end by themselves": OPEN % ""
    + """
def work():
    cache.get("k"), cache.incr("n")
    sys.exit(3)
for _ in range(50):
    threading.Thread(target=work).start()
print(cache.get("k"))
""",
    "a child with the parent's threads": OPEN % ""
    + BUSY
    + """
time.sleep(0.02)
if os.fork() == 0:
    atexit.register(lambda: cache.get("k"))
    sys.exit(0)
assert os.wait()[1] == 0
print(cache.get("k"))
""",
}


@pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS)
def test_the_end_of(location: str, program: str) -> None:
    for _ in range(TIMES):
        done = run_python(program, location, PYTHONWARNINGS="ignore::DeprecationWarning")
        assert (done.returncode, done.stdout, done.stderr) == (0, "v\n", "")
