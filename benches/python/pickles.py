#!/usr/bin/env python3
"""Decoding and encoding pickles, against CPython's C pickle. `pickles.py BINARY SOCKET ROUNDS MILLISECONDS`: BINARY is the program
of the crate's unit tests, which has the codec without a cache around it. The best of many rounds on each side.
"""

import json
import os
import pathlib
import pickle
import platform
import subprocess
import sys
import tempfile
import time

from user import user

CASES = {
    "a dict, 700 B": user(7),
    # Keys are shared, values are not: as rows of a database come.
    "1,000 dicts, 700 kB": json.loads(json.dumps([user(n) for n in range(1000)])),
    "10,000 ints": list(range(10_000)),
    "10,000 floats": [n / 7 for n in range(10_000)],
    "10,000 texts": [f"text number {n}" for n in range(10_000)],
    "a float": 1.5,
    "1 MB of bytes": b"x" * (1 << 20),
}


def best(work, rounds, milliseconds):
    """Nanoseconds per call."""
    result = float("inf")
    for _ in range(rounds):
        times, started = 0, time.perf_counter_ns()
        while (spent := time.perf_counter_ns() - started) < milliseconds * 1_000_000:
            for _ in range(10):
                work()
            times += 10
        result = min(result, spent / times)
    return result


def ours(binary, stored, rounds, milliseconds):
    """Nanoseconds of decoding, and of encoding."""
    with tempfile.TemporaryDirectory() as folder:
        into, out = pathlib.Path(folder, "in"), pathlib.Path(folder, "out")
        into.write_bytes(stored)
        settings = {"SPEED_IN": into, "SPEED_OUT": out, "SPEED_ROUNDS": rounds, "SPEED_MILLISECONDS": milliseconds}
        environment = os.environ | {name: str(value) for name, value in settings.items()}
        arguments = [binary, "--ignored", "--exact", "codec::pickle::tests::speed::measure"]
        subprocess.run(arguments, env=environment, check=True, capture_output=True)
        return map(float, out.read_text().split())


def report(workload, peer_ns, ours_ns):
    times = {"peer_us": peer_ns / 1000, "ours_us": ours_ns / 1000, "peer_cpu": peer_ns / 1000, "ours_cpu": ours_ns / 1000}
    print(json.dumps({"language": "pickle", "workload": workload, "peer": "CPython", "ratio": peer_ns / ours_ns, **times}))


def main():
    binary, _, rounds, milliseconds = sys.argv[1:]
    rounds, milliseconds = int(rounds), int(milliseconds)
    print(json.dumps({"language": "pickle", "versions": f"protocol 5, CPython {platform.python_version()}"}))
    for name, value in CASES.items():
        stored = pickle.dumps(value, 5)
        decode, encode = ours(binary, stored, rounds, milliseconds)
        report(f"decode {name}", best(lambda: pickle.loads(stored), rounds, milliseconds), decode)
        report(f"encode {name}", best(lambda: pickle.dumps(value, 5), rounds, milliseconds), encode)


if __name__ == "__main__":
    main()
