"""Hits of the near cache beside Django's LocMemCache, which keeps pickles in the process.

    near.py SOCKET ROUNDS MILLISECONDS    of each round; prints JSON lines, see benches/README.md
"""

from __future__ import annotations

import json
import platform
import sys
from typing import Any

import django
from django.conf import settings
from django.core.cache import caches

from bench import OURS, Run, report, rounds_of
from djredis import Cache

LANGUAGE = "near-python"
NEAR_BYTES = 64 << 20
VALUES = {"text": "x" * 100, "bytes": b"x" * 100, "int": 1234567}


def reads(cache: Any, key: str) -> Run:
    """Without a call around the call: it would take a quarter of the time of a hit."""
    get = cache.get

    def run(calls: int) -> None:
        for _ in range(calls):
            get(key)

    return run


def compare(workload: str, ours: Any, theirs: Any, key: str, rounds: int, milliseconds: float) -> None:
    # The second read is the first hit.
    if any(cache.get(key) != VALUES[key] for cache in (ours, theirs, ours)):
        sys.exit(f"near.py: the sides do not agree on {key!r}")
    sides = {"LocMemCache": reads(theirs, key), "ours": reads(ours, key)}
    report(LANGUAGE, workload, rounds_of(sides, rounds, milliseconds))


def main() -> None:
    socket, rounds, milliseconds = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
    near = {"KEY_PREFIX": "near-python", "OPTIONS": {"NEAR_CACHE": NEAR_BYTES}}
    local = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "TIMEOUT": None}
    settings.configure(
        CACHES={"default": local, "ours": {"BACKEND": OURS, "LOCATION": f"unix://{socket}?db=0", **near, "TIMEOUT": None}}
    )
    django.setup()
    print(json.dumps({"language": LANGUAGE, "versions": f"Python {platform.python_version()}, Django {django.get_version()}"}))
    local_memory, backend = caches["default"], caches["ours"]
    local_memory.set_many(VALUES)
    with Cache(f"unix:{socket}:0", key_prefix="near-python", near_cache=NEAR_BYTES, timeout=None) as cache:
        cache.set_many(VALUES)
        for key in VALUES:
            compare(f"get {key}", cache, local_memory, key, rounds, milliseconds)
        compare("get text, Django backend", backend, local_memory, "text", rounds, milliseconds)
        # The news of a write may come after the first read of it, which then is not kept.
        if cache.stats()["near_misses"] * 100 > cache.stats()["near_hits"]:
            sys.exit("near.py: the reads were no hits")


if __name__ == "__main__":
    main()
