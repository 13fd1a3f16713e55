#!/usr/bin/env python3
"""Compares this library's pickle with CPython's on random object trees.

    python tests/differential/run.py [--cases 100000] [--seed 1] [--release]

Each tree is pickled by CPython at one protocol. What Rust reads must be what Python's own loads gives, and what Rust
writes at another protocol must load to an equal object. serde-pickle reads along where it can. Prints how often each
type, protocol and opcode was met; one that CPython writes and that was never met is a failure.
"""

import argparse
import collections
import os
import pathlib
import pickle
import pickletools
import random
import struct
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "golden")]
from render import render  # noqa: E402
from trees import Trees  # noqa: E402

# Opcodes that CPython's pickler doesn't write for any of these types: Python 2's, those for more than 4 GiB, and those of
# applications' own making. The Rust tests have them one by one.
NEVER = """STRING BINSTRING SHORT_BINSTRING DUP INST OBJ PERSID BINPERSID EXT1 EXT2 EXT4 NEXT_BUFFER READONLY_BUFFER
BINUNICODE8 BINBYTES8 POP POP_MARK""".split()


def batch(trees, count):
    """Cases of one call of the Rust side: what goes in, and what is expected."""
    cases = []
    while len(cases) < count:
        value, protocol, to = trees.tree(), trees.random.randrange(6), trees.random.randint(2, 5)
        try:
            pickled = pickle.dumps(value, protocol)
            value = pickle.loads(pickled)
        except Exception:  # what Python itself can't write at this protocol, or not read again
            continue
        cases.append((value, protocol, to, pickled))
    return cases


def ask_rust(cases, options):
    """(text, pickle, judgement of serde-pickle) for each case."""
    with tempfile.TemporaryDirectory() as folder:
        into, out = pathlib.Path(folder, "in"), pathlib.Path(folder, "out")
        into.write_bytes(b"".join(struct.pack("<BI", to, len(pickled)) + pickled for _, _, to, pickled in cases))
        # The features of `make test`, so that nothing is compiled twice.
        command = ["cargo", "test", "--quiet", "--lib", "--features", "test-panic", *(["--release"] if options.release else [])]
        command += ["differential_bridge", "--", "--ignored", "--exact", "codec::pickle::tests::bridge::differential_bridge"]
        environment = os.environ | {"DIFFERENTIAL_IN": str(into), "DIFFERENTIAL_OUT": str(out)}
        done = subprocess.run(command, env=environment, cwd=HERE.parent.parent, capture_output=True, text=True)
        if done.returncode != 0 or not out.exists():
            raise SystemExit(done.stdout + done.stderr)
        answers, data = [], out.read_bytes()
    while data:
        lengths = struct.unpack_from("<IIB", data)
        text, end = 9 + lengths[0], 9 + lengths[0] + lengths[1]
        answers.append((data[9:text].decode(), data[text:end], lengths[2]))
        data = data[end:] if len(data) < 1 << 20 else memoryview(data)[end:].tobytes()
    return answers


def check(case, answer):
    """What is wrong, if anything."""
    value, protocol, to, pickled = case
    text, written, oracle = answer
    want = render(value, protocol)
    if text != want:
        return f"read: protocol {protocol}\n  want {want}\n  got  {text}\n  {pickled.hex()}"
    if not written:
        return None if to < 4 and "newobj_ex" in text else f"not written at {to}: {text}"
    again = render(pickle.loads(written), 5)
    if again != render(value, 5):
        return f"written: protocol {to}\n  want {render(value, 5)}\n  got  {again}\n  {written.hex()}"
    if oracle == 2:
        return f"serde-pickle reads something else than {text}\n  {written.hex()}"
    return None


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--release", action="store_true")
    options = parser.parse_args()
    trees = Trees(random.Random(options.seed))
    read, written, oracle = collections.Counter(), collections.Counter(), collections.Counter()
    opcodes, failures, left = collections.Counter(), [], options.cases
    while left > 0:
        cases = batch(trees, min(left, 10_000))
        left -= len(cases)
        answers = ask_rust(cases, options)
        if len(answers) != len(cases):
            raise SystemExit(f"{len(cases)} cases went in and {len(answers)} answers came out")
        for case, answer in zip(cases, answers):
            read[case[1]] += 1
            written[case[2]] += bool(answer[1])
            oracle[("can't read", "agrees", "differs")[answer[2]]] += 1
            opcodes.update(op.name for op, _, _ in pickletools.genops(case[3]))
            if wrong := check(case, answer):
                failures.append(wrong)
    report(options, trees, read, written, oracle, opcodes)
    never = [op.name for op in pickletools.opcodes if op.name not in NEVER and not opcodes[op.name]]
    if never or 0 in (*trees.made.values(), *(read[p] for p in range(6)), *(written[p] for p in range(2, 6))):
        failures.append(f"never met: {never}")
    if failures:
        shown = (line[:2000] for failure in failures[:5] for line in failure.splitlines())
        raise SystemExit(f"{len(failures)} differ; the first:\n" + "\n".join(shown))
    print(f"{options.cases} trees, seed {options.seed}: none differs")


def report(options, trees, read, written, oracle, opcodes):
    lines = {"types": trees.made, "opcodes": opcodes, "read at protocol": read, "written at protocol": written, "serde-pickle": oracle}
    for title, counter in lines.items():
        print(f"{title}: " + ", ".join(f"{name} {count}" for name, count in sorted(counter.items(), key=str)))


if __name__ == "__main__":
    main()
