#!/usr/bin/env python3
"""Decoding and encoding pickles, against CPython's C pickle, on one CPU. The best of many rounds each.

    build/venv/bin/python benches/python/values.py
"""

import json
import os
import pathlib
import pickle
import subprocess
import tempfile
import time

from user import user

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent

CASES = {
    "a dict of 20, 700 B": user(7),
    # Keys are shared, values are not: as rows of a database come.
    "1000 of them": json.loads(json.dumps([user(n) for n in range(1000)])),
    "10,000 ints": list(range(10_000)),
    "10,000 floats": [n / 7 for n in range(10_000)],
    "10,000 texts": [f"text number {n}" for n in range(10_000)],
    "a float": 1.5,
    "a text of 20": "x" * 20,
    "bytes of 1 MB": b"x" * (1 << 20),
}


def best(work):
    """Nanoseconds per call."""
    result = float("inf")
    for _ in range(60):
        times, started = 0, time.perf_counter_ns()
        while (spent := time.perf_counter_ns() - started) < 5_000_000:
            for _ in range(10):
                work()
            times += 10
        result = min(result, spent / times)
    return result


def rust(binary, stored):
    with tempfile.TemporaryDirectory() as folder:
        into, out = pathlib.Path(folder, "in"), pathlib.Path(folder, "out")
        into.write_bytes(stored)
        environment = os.environ | {"SPEED_IN": str(into), "SPEED_OUT": str(out)}
        arguments = [binary, "--ignored", "--exact", "codec::pickle::tests::speed::measure"]
        subprocess.run(arguments, env=environment, check=True, capture_output=True)
        return map(float, out.read_text().split())


def build():
    command = ["cargo", "test", "--release", "--quiet", "--lib", "--no-run", "--message-format=json"]
    built = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return next(line.split('"executable":"')[1].split('"')[0] for line in built.splitlines() if '"executable":"' in line)


def main():
    binary = build()
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    print(f"{'':22}{'decode ns':>12}{'CPython':>12}{'ratio':>7}{'encode ns':>12}{'CPython':>12}{'ratio':>7}")
    for name, value in CASES.items():
        stored = pickle.dumps(value, 5)
        decode, encode = rust(binary, stored)
        loads, dumps = best(lambda: pickle.loads(stored)), best(lambda: pickle.dumps(value, 5))
        print(f"{name:22}{decode:12.0f}{loads:12.0f}{decode / loads:7.2f}{encode:12.0f}{dumps:12.0f}{encode / dumps:7.2f}")


if __name__ == "__main__":
    main()
