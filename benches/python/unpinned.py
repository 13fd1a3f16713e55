"""Threads on all CPUs, as a site has them: a djredis.Cache beside django-redis. The server of this program runs on all CPUs too.

    unpinned.py SOCKET ROUNDS MILLISECONDS    of each round; prints JSON lines, see benches/README.md
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import django
from django.conf import settings
from django.core.cache import cache as django_redis

sys.path.append(str(Path(__file__).resolve().parents[2] / "tests/conformance"))

from bench import BACKENDS, FEWER_ROUNDS, TEXT, WORKLOADS, many_threads, report, rounds_of, versions  # noqa: E402
from runner.server import Server  # noqa: E402

from djredis import Cache  # noqa: E402

LANGUAGE = "unpinned-python"
THREADS = 8


def compare(socket: str, rounds: int, milliseconds: float) -> None:
    location = f"unix://{socket}?db=0"
    settings.configure(CACHES={"default": {"BACKEND": BACKENDS["django-redis"], "LOCATION": location}})
    django.setup()
    print(json.dumps({"language": LANGUAGE, "versions": versions()}), flush=True)
    with Cache(f"unix:{socket}:0") as cache:
        cache.set("text", TEXT)
        sides = {"django-redis": django_redis, "ours": cache}
        if any(side.get("text") != TEXT for side in sides.values()):
            sys.exit("unpinned.py: the sides do not agree")
        runs = {name: many_threads(WORKLOADS["get text"], side, THREADS) for name, side in sides.items()}
        found = rounds_of(runs, rounds // FEWER_ROUNDS, milliseconds, THREADS)
        report(LANGUAGE, f"get text, {THREADS} threads", found)


def main() -> None:
    os.sched_setaffinity(0, range(os.cpu_count() or 1))
    server = Server("redis-server")
    try:
        compare(server.path, int(sys.argv[2]), float(sys.argv[3]))
    finally:
        server.stop()


if __name__ == "__main__":
    main()
