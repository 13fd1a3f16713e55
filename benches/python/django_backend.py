"""djredis.django.RedisCache beside django-redis with hiredis-py: round by round in one process, on one CPU.

    django_backend.py [ROUNDS [MILLISECONDS]]    of each round; prints a table

It starts a redis-server of its own, on a unix socket.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from statistics import median
from typing import Any, Callable

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "bindings" / "python" / "src"), str(ROOT / "bindings" / "python" / "tests")]

import hiredis  # noqa: E402
from bench import KEYS, MANY, NEW, TEXT, many_threads, one_thread, rounds_of  # noqa: E402
from conftest import Server  # noqa: E402
from django.conf import settings  # noqa: E402

BACKENDS = {"ours": "djredis.django.RedisCache", "django-redis": "django_redis.cache.RedisCache"}

#: What is measured, and how many times faster than django-redis it is to be.
WORKLOADS: dict[str, tuple[Callable[[Any], object], float]] = {
    "get": (lambda cache: cache.get("text"), 3),
    "set": (lambda cache: cache.set("new", TEXT), 3.5),
    "get_many 100": (lambda cache: cache.get_many(KEYS), 3),
    "set_many 100": (lambda cache: cache.set_many(NEW), 6),
}


def prepared(location: str) -> dict[str, Any]:
    """A cache of each backend, in a database of its own."""
    entries = {
        name: {"BACKEND": path, "LOCATION": f"{location}?db={db}"} for db, (name, path) in enumerate(BACKENDS.items())
    }
    settings.configure(CACHES={"default": entries["ours"], **entries})
    from django.core.cache import caches

    sides = {name: caches[name] for name in BACKENDS}
    for cache in sides.values():
        cache.set("text", TEXT)
        cache.set_many(MANY)
        assert cache.get("text") == TEXT and cache.get_many(KEYS) == MANY
    return sides


def ratio(runs: dict[str, Any], rounds: int, milliseconds: float) -> tuple[float, float, float]:
    """django-redis's microseconds per call, ours, and how many times faster we are, by the median of the rounds."""
    found = rounds_of(runs, rounds, milliseconds)
    theirs, ours = found["django-redis"], found["ours"]
    ratios = [them.wall / us.wall for them, us in zip(theirs, ours)]
    return median(cost.wall for cost in theirs), median(cost.wall for cost in ours), median(ratios)


def main(server: Server, rounds: int, milliseconds: float) -> None:
    sides = prepared(f"unix://{server.path}")
    rows = [(name, one_thread, work, wanted) for name, (work, wanted) in WORKLOADS.items()]
    rows.append(("get, 8 threads", many_threads, WORKLOADS["get"][0], 3.5))
    print(f"hiredis-py {hiredis.__version__}, Python {sys.version.split()[0]}, {rounds} rounds of {milliseconds:g} ms")
    print(f"{'':16}{'django-redis':>14}{'ours':>10}{'ratio':>8}{'wanted':>8}")
    for name, runner, work, wanted in rows:
        runs = {side: runner(work, cache) for side, cache in sides.items()}
        theirs, ours, times = ratio(runs, rounds, milliseconds)
        print(f"{name:16}{theirs:11.1f} us{ours:7.1f} us{times:8.2f}{wanted:8g}", flush=True)


if __name__ == "__main__":
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    started = Server()
    try:
        main(started, *(int(given) for given in [*sys.argv[1:], *(9, 100)[len(sys.argv) - 1 :]]))
    finally:
        started.stop()
