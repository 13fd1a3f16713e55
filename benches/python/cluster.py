"""A djredis.Cache on a cluster beside redis-py's RedisCluster, which gets the stored bytes and leaves them as they are.

    cluster.py LOCATION ROUNDS MILLISECONDS    of each round; prints JSON lines, see benches/README.md
"""

from __future__ import annotations

import json
import platform
import sys
from typing import Any

import redis
from redis.cluster import RedisCluster

from bench import KEYS, MANY, TEXT, WORKLOADS, one_thread, report, rounds_of
from djredis import Cache

LANGUAGE = "cluster-python"


class RedisPy:
    """redis-py with the methods of a cache."""

    def __init__(self, location: str) -> None:
        host, port, _ = location.split(",")[0].split(":")
        self._client = RedisCluster(host, int(port))

    def get(self, key: str) -> Any:
        return self._client.get(f":1:{key}")

    def get_many(self, keys: list[str]) -> Any:
        return self._client.mget_nonatomic([f":1:{key}" for key in keys])


def main() -> None:
    location, rounds, milliseconds = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
    print(json.dumps({"language": LANGUAGE, "versions": f"Python {platform.python_version()}, redis-py {redis.__version__}"}))
    with Cache(location, client_class="cluster") as ours:
        theirs = RedisPy(location)
        if ours.get_many(KEYS) != MANY or any(TEXT.encode() not in (stored or b"") for stored in theirs.get_many(KEYS)):
            sys.exit("cluster.py: the sides do not agree")
        for workload in ("get text", "get_many 100"):
            runs = {name: one_thread(WORKLOADS[workload], side) for name, side in {"redis-py": theirs, "ours": ours}.items()}
            report(LANGUAGE, workload, rounds_of(runs, rounds, milliseconds))


if __name__ == "__main__":
    main()
