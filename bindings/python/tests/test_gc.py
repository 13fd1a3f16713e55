"""Garbage in cycles: finalizers run in any order, so one may use what another has freed."""

from __future__ import annotations

import pytest
from conftest import run_python

#: `last` is used by a finalizer that runs after its own: it was made first.
CYCLE = """
import gc, sys
import djredis

class Holder:
    def __init__(self, used):
        self.used, self.me = used, self
    def __del__(self):
        try:
            use(self.used)
        except djredis.Error as error:
            print(type(error).__name__)

cache = djredis.Cache(sys.argv[1], max_connections=40)
cache.set("k", 1)
gc.collect()
gc.disable()
for _ in range(20):
    Holder(made(cache))
gc.collect()
print("alive")
"""


@pytest.mark.parametrize(
    ("made", "use"),
    [
        ("cache.connection()", "used.release()"),
        ("cache.connection()", "used.command('PING')"),
        ("djredis.Cache(sys.argv[1])", "used.get('k')"),
        ("djredis.Cache(sys.argv[1])", "used.close()"),
        ("djredis.Cache(sys.argv[1])", "used.connection().release()"),
        ("cache.iter_keys('*')", "list(used)"),
        ("cache.lock('l')", "used.acquire(blocking=False)"),
        ("cache.batch()", "used.get('k').execute()"),
    ],
)
def test_a_finalizer_uses_what_is_garbage_too(location: str, made: str, use: str) -> None:
    code = f"def made(cache): return {made}\ndef use(used): {use}\n{CYCLE}"
    done = run_python(code, location)
    assert (done.returncode, done.stdout.splitlines()[-1:]) == (0, ["alive"]), done.stderr
