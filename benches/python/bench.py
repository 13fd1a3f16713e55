"""djredis beside django-redis and Django's own backend, all in one process, round by round.

    bench.py python|django SOCKET ROUNDS MILLISECONDS    of each round; prints JSON lines, see benches/README.md

python: this library is a djredis.Cache. django: it is a Django backend, as the others are.
"""

from __future__ import annotations

import json
import platform
import sys
import threading
import time
from dataclasses import dataclass
from importlib.metadata import version
from statistics import median
from typing import Any, Callable

import django
import django_redis
import hiredis
import redis
from django.conf import settings
from django.core.cache import caches

import memcached
import patterns
from djredis import Cache
from user import user

THREADS = (8, 64)
# Calls of each thread that a round has at least, as starting one costs as much as several; and so many times fewer rounds.
LEAST, FEWER_ROUNDS = 25, 4
WARM_UP = 20
TEXT = "x" * 100
KEYS = [f"many_{number}" for number in range(100)]
MANY = dict.fromkeys(KEYS, TEXT)
NEW = dict.fromkeys((f"new_{number}" for number in range(100)), TEXT)
OURS = "djredis.django.RedisCache"
DJANGO = "django.core.cache.backends.redis.RedisCache"
BACKENDS = {
    "django-redis": "django_redis.cache.RedisCache",
    "Django's RedisCache": DJANGO,
    "django-valkey": "django_valkey.cache.ValkeyCache",
}
PYLIBMC = "pylibmc"
USER = user(7)
LARGE = b"x" * (1 << 20)

# All have Django's methods.
WORKLOADS: dict[str, Callable[[Any], object]] = {
    "get text": lambda cache: cache.get("text"),
    "get miss": lambda cache: cache.get("nothing"),
    "get dict": lambda cache: cache.get("user"),
    "get 1 MB": lambda cache: cache.get("large"),
    "set text": lambda cache: cache.set("new", TEXT),
    "set dict": lambda cache: cache.set("new", USER),
    "set 1 MB": lambda cache: cache.set("new", LARGE),
    "get_many 100": lambda cache: cache.get_many(KEYS),
    "set_many 100": lambda cache: cache.set_many(NEW),
    "incr": lambda cache: cache.incr("visits"),
}


@dataclass
class Cost:
    """Microseconds per call."""

    wall: float
    cpu: float


# Makes so many calls.
Run = Callable[[int], None]


def one_thread(work: Callable[[Any], object], cache: Any) -> Run:
    def run(calls: int) -> None:
        for _ in range(calls):
            work(cache)

    return run


def many_threads(work: Callable[[Any], object], cache: Any, count: int) -> Run:
    share = one_thread(work, cache)

    def run(calls: int) -> None:
        threads = [threading.Thread(target=share, args=(calls // count,)) for _ in range(count)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    return run


def measure(run: Run, calls: int) -> Cost:
    wall, cpu = time.perf_counter(), time.process_time()
    run(calls)
    return Cost((time.perf_counter() - wall) * 1e6 / calls, (time.process_time() - cpu) * 1e6 / calls)


def calls_for(sides: dict[str, Run], milliseconds: float, threads: int) -> int:
    """How many calls take so long, for the sides' mean; a multiple of the threads."""
    calls = WARM_UP * threads
    mean = sum(measure(run, calls).wall for run in sides.values()) / len(sides)
    return max(LEAST if threads > 1 else 1, round(milliseconds * 1000 / mean / threads)) * threads


def rounds_of(sides: dict[str, Run], rounds: int, milliseconds: float, threads: int = 1) -> dict[str, list[Cost]]:
    """The sides take turns, and every other round in the opposite order."""
    for run in sides.values():
        run(WARM_UP * threads)
    calls, order = calls_for(sides, milliseconds, threads), list(sides)
    found: dict[str, list[Cost]] = {name: [] for name in sides}
    for _ in range(rounds):
        for name in order:
            found[name].append(measure(sides[name], calls))
        order.reverse()
    return found


def report(language: str, workload: str, found: dict[str, list[Cost]]) -> None:
    ours = found.pop("ours")
    for peer, theirs in found.items():
        line = {
            "language": language,
            "workload": workload,
            "peer": peer,
            "peer_us": median(cost.wall for cost in theirs),
            "ours_us": median(cost.wall for cost in ours),
            "ratio": median(them.wall / us.wall for them, us in zip(theirs, ours)),
            "peer_cpu": median(cost.cpu for cost in theirs),
            "ours_cpu": median(cost.cpu for cost in ours),
        }
        print(json.dumps(line), flush=True)


def check(sides: dict[str, Any]) -> None:
    """All sides see the same."""
    for key in ("text", "user"):
        values = [cache.get(key) for cache in sides.values()]
        if values[0] is None or any(value != values[0] for value in values):
            sys.exit(f"bench.py: the sides do not agree on {key!r}")
    if any(cache.get_many(KEYS) != MANY for cache in sides.values()):
        sys.exit("bench.py: the sides do not agree on get_many")


def fill_memcached(cache: Any) -> None:
    """What the others find in Redis."""
    cache.set_many({"text": TEXT, "user": USER, "visits": 0, "large": LARGE, **MANY}, timeout=None)


def versions() -> str:
    return (
        f"Python {platform.python_version()}, Django {django.get_version()}, django-redis {django_redis.__version__}, "
        f"redis-py {redis.__version__}, hiredis-py {hiredis.__version__}, django-valkey {version('django-valkey')}, "
        f"valkey-py {version('valkey')}, libvalkey-py {version('libvalkey')}, "
        f"pylibmc {version('pylibmc')}, memcached {memcached.version()}"
    )


def main() -> None:
    language, socket, rounds, milliseconds = sys.argv[1], sys.argv[2], int(sys.argv[3]), float(sys.argv[4])
    location = f"unix://{socket}?db=0"
    backends = {"default": DJANGO, "ours": OURS, **BACKENDS}
    with memcached.running() as other_socket, Cache(f"unix:{socket}:0") as cache:
        other = {"BACKEND": "django.core.cache.backends.memcached.PyLibMCCache", "LOCATION": f"unix:{other_socket}"}
        configured = {name: {"BACKEND": path, "LOCATION": location} for name, path in backends.items()}
        settings.configure(CACHES={**configured, PYLIBMC: other})
        django.setup()
        print(json.dumps({"language": language, "versions": versions()}), flush=True)
        fill_memcached(caches[PYLIBMC])
        ours = cache if language == "python" else caches["ours"]
        sides = {**{name: caches[name] for name in (*BACKENDS, PYLIBMC)}, "ours": ours}
        check(sides)
        for workload, work in WORKLOADS.items():
            runs = {name: one_thread(work, side) for name, side in sides.items()}
            report(language, workload, rounds_of(runs, rounds, milliseconds))
        # Its connection belongs to one thread.
        del sides[PYLIBMC]
        for count in THREADS:
            runs = {name: many_threads(WORKLOADS["get text"], side, count) for name, side in sides.items()}
            found = rounds_of(runs, rounds // FEWER_ROUNDS, milliseconds, count)
            report(language, f"get text, {count} threads", found)
        found, slowest = patterns.delete_rounds(sides, redis.Redis(unix_socket_path=socket), measure, rounds)
        report(language, patterns.WORKLOAD, found)
        print(json.dumps({"language": language, "note": patterns.note(slowest)}), flush=True)


if __name__ == "__main__":
    main()
