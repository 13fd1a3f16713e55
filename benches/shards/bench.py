"""get_many of 1000 keys spread over four servers, beside one server with all of them.

    build/venv/bin/python benches/shards/bench.py [ROUNDS]

Both take turns, on the same CPU as the servers (taskset -c 0), so that four servers get no more of the machine than one has. It prints microseconds of
wall time and of this process's CPU per call, medians of the rounds, and the ratio.
"""

from __future__ import annotations

import ctypes
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "bindings" / "python" / "src"))

import djredis  # noqa: E402
from djredis import _abi, _keys  # noqa: E402
from djredis._calls import call  # noqa: E402
from djredis._library import library  # noqa: E402

KEYS, CALLS = 1000, 20


def start(folder: str, name: str) -> tuple[subprocess.Popen[bytes], str]:
    path = f"{folder}/{name}"
    command = ["redis-server", "--port", "0", "--unixsocket", path, "--save", "", "--dir", folder]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    while not Path(path).exists():
        time.sleep(0.01)
    return process, f"unix:{path}:0"


def measure(cache: djredis.Cache, names: list[str]) -> tuple[float, float]:
    """Microseconds per call, of wall time and of CPU, without what Python makes of the values."""
    joined, lengths = _keys.join(names)
    how, slot = call(0, None), _abi.djredis_value()
    wall, cpu = time.perf_counter(), time.process_time()
    for _ in range(CALLS):
        assert library.djredis_cache_get_many(cache._handle, KEYS, joined, lengths, how, ctypes.byref(slot)) == 0
    spent = time.perf_counter() - wall, time.process_time() - cpu
    library.djredis_value_clear(ctypes.byref(slot))
    return spent[0] / CALLS * 1e6, spent[1] / CALLS * 1e6


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 30
    names = [f"key:{number}" for number in range(KEYS)]
    with tempfile.TemporaryDirectory() as folder:
        servers = [start(folder, f"s{number}") for number in range(5)]
        try:
            one = djredis.Cache(servers[0][1])
            four = djredis.Cache([location for _, location in servers[1:]], CLIENT_CLASS="shard")
            for cache in (one, four):
                cache.set_many({name: "x" * 20 for name in names})
            taken = [(measure(one, names), measure(four, names)) for _ in range(rounds)]
        finally:
            for process, _ in servers:
                process.terminate()
                process.wait()
    for index, kind in enumerate(("wall time", "CPU")):
        single = statistics.median(pair[0][index] for pair in taken)
        spread = statistics.median(pair[1][index] for pair in taken)
        ratio = statistics.median(pair[1][index] / pair[0][index] for pair in taken)
        print(f"{kind}: one server {single:.0f} us, four {spread:.0f} us, {ratio:.2f} x")


main()
