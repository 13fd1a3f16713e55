"""Runs a program of these benchmarks beside a cluster of three nodes, each with a replica, all on one CPU.

    clustered.py PROGRAM ARGUMENT... SOCKET ROUNDS MILLISECONDS    the program gets the cluster's location for SOCKET
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[2] / "tests/conformance"))

from runner.clusters import ClusteredServer  # noqa: E402
from user import user  # noqa: E402

from djredis import Cache  # noqa: E402

TEXT = "x" * 100


def fill(location: str) -> None:
    """What the programs read."""
    with Cache(location, client_class="cluster", timeout=None) as cache:
        cache.set_many({"text": TEXT, "user": user(7), **{f"many_{number}": TEXT for number in range(100)}})


def main() -> None:
    *program, _, rounds, milliseconds = sys.argv[1:]
    cluster = ClusteredServer("redis-server")
    try:
        location = cluster.words["cluster"]
        fill(location)
        sys.exit(subprocess.run([*program, location, rounds, milliseconds]).returncode)
    finally:
        cluster.stop()


main()
