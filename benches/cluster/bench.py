"""get_many of 1000 keys on a cluster of three nodes: djredis.Cache, redis-py's RedisCluster, and djredis on one server.

    build/venv/bin/python benches/cluster/bench.py [ROUNDS]

All take turns; run it on one CPU (taskset -c 0), so that three nodes get no more of the machine than one server has. It prints microseconds of wall time and
of this process's CPU per call, medians of the rounds. Values are text of 20 characters; redis-py gets the bytes and decodes nothing.
"""

from __future__ import annotations

import statistics
import sys
import time
from pathlib import Path
from typing import Any, Callable

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "bindings" / "python" / "src"), str(ROOT / "tests" / "conformance")]

import redis.cluster  # noqa: E402
from runner.clusters import ClusteredServer  # noqa: E402
from runner.server import Server  # noqa: E402

import djredis  # noqa: E402

KEYS, CALLS = 1000, 5


def measure(read: Callable[[], Any]) -> tuple[float, float]:
    """Microseconds per call, of wall time and of CPU."""
    wall, cpu = time.perf_counter(), time.process_time()
    for _ in range(CALLS):
        assert len(read()) == KEYS
    return (time.perf_counter() - wall) / CALLS * 1e6, (time.process_time() - cpu) / CALLS * 1e6


def sides(cluster: ClusteredServer, server: Server) -> dict[str, Callable[[], Any]]:
    names = [f"key:{number}" for number in range(KEYS)]
    full = [f":1:{name}" for name in names]
    ours = djredis.Cache(cluster.words["cluster"], CLIENT_CLASS="cluster")
    single = djredis.Cache(f"127.0.0.1:{server.port}:0")
    for cache in (ours, single):
        cache.set_many({name: "x" * 20 for name in names})
    peer = redis.cluster.RedisCluster("127.0.0.1", int(cluster.words["port"]))
    return {
        "djredis, cluster": lambda: ours.get_many(names),
        "redis-py, mget_nonatomic": lambda: peer.mget_nonatomic(full),
        "djredis, one server": lambda: single.get_many(names),
    }


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    cluster, server = ClusteredServer("redis-server"), Server("redis-server")
    try:
        readers = sides(cluster, server)
        taken = [{side: measure(read) for side, read in readers.items()} for _ in range(rounds)]
    finally:
        cluster.stop()
        server.stop()
    for side in readers:
        wall, cpu = (statistics.median(turn[side][index] for turn in taken) for index in (0, 1))
        print(f"{side}: {wall:.0f} us, {cpu:.0f} us of CPU")


main()
