"""get_many of 1000 keys that are spread over four servers, beside one server that has them all. The five share one CPU.

    shards.py SOCKET ROUNDS MILLISECONDS    of each round; prints JSON lines, see benches/README.md
"""

from __future__ import annotations

import json
import platform
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[2] / "tests/conformance"))

from bench import one_thread, report, rounds_of  # noqa: E402
from runner.server import Server  # noqa: E402

from djredis import Cache  # noqa: E402

LANGUAGE = "shards-python"
SERVERS = 4
VALUES = {f"sharded_{number}": "x" * 20 for number in range(1000)}


def compare(socket: str, servers: list[Server], rounds: int, milliseconds: float) -> None:
    print(json.dumps({"language": LANGUAGE, "versions": f"Python {platform.python_version()}"}), flush=True)
    locations = [f"unix:{server.path}:0" for server in servers]
    with Cache(f"unix:{socket}:0") as one, Cache(locations, client_class="shard") as four:
        keys, sides = list(VALUES), {"one server": one, "ours": four}
        for cache in sides.values():
            cache.set_many(VALUES)
            if cache.get_many(keys) != VALUES:
                sys.exit("shards.py: the sides do not agree")
        runs = {name: one_thread(lambda cache: cache.get_many(keys), cache) for name, cache in sides.items()}
        report(LANGUAGE, f"get_many {len(keys)}", rounds_of(runs, rounds, milliseconds))


def main() -> None:
    servers = [Server("redis-server") for _ in range(SERVERS)]
    try:
        compare(sys.argv[1], servers, int(sys.argv[2]), float(sys.argv[3]))
    finally:
        for server in servers:
            server.stop()


if __name__ == "__main__":
    main()
