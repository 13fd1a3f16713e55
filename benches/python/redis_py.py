"""A redis.Redis on this library's connections beside one on redis-py's own: get, and pipelines of 100.

    PYTHONPATH=bindings/python/src build/venv/bin/python benches/python/redis_py.py 127.0.0.1:6379:9

Microseconds a call, the best of several rounds that take turns, and how many times as fast this library is.
"""

from __future__ import annotations

import sys
import time
from typing import Any, Callable

import djredis
import redis
from djredis.django._redis_py import redis_client

ROUNDS = 15


def get(client: Any) -> None:
    client.get("bench")


def pipeline(transaction: bool) -> Callable[[Any], None]:
    def call(client: Any) -> None:
        commands = client.pipeline(transaction=transaction)
        for _ in range(100):
            commands.get("bench")
        assert commands.execute() == [b"v" * 64] * 100

    return call


def microseconds(call: Callable[[Any], None], client: Any, times: int) -> float:
    start = time.perf_counter()
    for _ in range(times):
        call(client)
    return (time.perf_counter() - start) / times * 1e6


def main() -> None:
    host, port, db = sys.argv[1].rsplit(":", 2)
    own = redis.Redis(host=host, port=int(port), db=int(db))
    with djredis.Cache(sys.argv[1]) as cache:
        ours = redis_client(cache)
        ours.set("bench", b"v" * 64)
        for name, call, times in (
            ("get", get, 2000),
            ("pipeline of 100", pipeline(False), 50),
            ("MULTI of 100", pipeline(True), 50),
        ):
            best = [float("inf"), float("inf")]
            for _ in range(ROUNDS):
                best = [min(kept, microseconds(call, client, times)) for kept, client in zip(best, (ours, own))]
            print(f"{name}: {best[0]:.1f} us here, {best[1]:.1f} us on redis-py's own: {best[1] / best[0]:.2f} x")
        ours.delete("bench")


if __name__ == "__main__":
    main()
