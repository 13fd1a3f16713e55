"""djredis over ctypes against django-redis with hiredis-py, in one interleaved run.

    bench.py SOCKET            (tools/bench pins it and the server to one CPU)
"""

import statistics
import sys
import time
from typing import Callable

import django
from django.conf import settings
from django.core.cache import cache as theirs

from djredis import Cache

ROUNDS = 31
CALLS = 1000
WANTED = 3.0


def measure(call: Callable[[], object]) -> float:
    """Microseconds per call."""
    start = time.perf_counter()
    for _ in range(CALLS):
        call()
    return (time.perf_counter() - start) * 1e6 / CALLS


def compare(name: str, their_call: Callable[[], object], our_call: Callable[[], object]) -> None:
    if their_call() != our_call():
        sys.exit(f"bench.py: {name}: the two sides do not agree")
    rounds = [(measure(their_call), measure(our_call)) for _ in range(ROUNDS)]
    them = statistics.median(them for them, _ in rounds)
    us = statistics.median(us for _, us in rounds)
    ratio = statistics.median(them / us for them, us in rounds)
    verdict = f"   {'within' if ratio >= WANTED else 'UNDER'} {WANTED}" if name.startswith("get") else ""
    print(f"{name:24} {them:9.2f} us {us:9.2f} us   x {ratio:.2f}{verdict}")


def main() -> None:
    socket = sys.argv[1]
    settings.configure(
        CACHES={"default": {"BACKEND": "django_redis.cache.RedisCache", "LOCATION": f"unix://{socket}?db=0"}}
    )
    django.setup()
    theirs.set("text", "x" * 100)
    theirs.set("number", 12345)
    theirs.set("user", {f"field_{i}": i for i in range(20)})
    with Cache(f"unix:{socket}:0") as ours:
        print(f"{'':24} {'django-redis':12} {'djredis':12}   wall, django-redis / ours")
        for key in ("text", "number", "user"):
            compare(f"get {key}", lambda: theirs.get(key), lambda: ours.get(key))
        compare("set text", lambda: theirs.set("text", "x" * 100), lambda: ours.set("text", "x" * 100))
        keys = [f"many_{i}" for i in range(100)]
        compare("get_many 100", lambda: theirs.get_many(keys), lambda: ours.get_many(keys))


main()
