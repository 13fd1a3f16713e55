#!/usr/bin/env python3
"""Compares this library's serializers and compressors with Python's own on random object trees.

    python tests/differential/formats.py [--cases 20000] [--seed 1]

json and msgpack: what is written must be, byte for byte, what django-redis's serializer writes, and what can't be written
must be what it can't write; what django-redis wrote must be read as it reads it. Compressors: each side reads the other's
bytes. Values cross as pickles, which run.py holds to CPython.
"""

import argparse
import collections
import ctypes
import json
import os
import pathlib
import pickle
import random
import sys

HERE = pathlib.Path(__file__).parent
ROOT = HERE.parent.parent
sys.path[:0] = [str(HERE), str(HERE.parent / "golden"), str(ROOT / "bindings/python/src")]
os.environ.setdefault("DJREDIS_LIBRARY", str(ROOT / "target/release/libdjredis.so"))

import msgpack  # noqa: E402
from django.core.serializers.json import DjangoJSONEncoder  # noqa: E402
from django_redis import compressors  # noqa: E402, F401
from django_redis.compressors import gzip, lz4, lzma, zlib, zstd  # noqa: E402
from render import render  # noqa: E402
from trees import Trees  # noqa: E402

from djredis import _abi, _library  # noqa: E402

LIB = _library.library
COMPRESSORS = {
    "zlib": zlib.ZlibCompressor,
    "gzip": gzip.GzipCompressor,
    "lzma": lzma.LzmaCompressor,
    "lz4": lz4.Lz4Compressor,
    "zstd": zstd.ZStdCompressor,
}


class Refused(Exception):
    """The library answered an error."""


class Side:
    """A cache's encode and decode."""

    count = 0

    def __init__(self, **options):
        Side.count += 1
        settings, self.slot = LIB.djredis_options_new(), _abi.djredis_value()
        for name, value in options.items():
            self.check(LIB.djredis_options_set(settings, name.encode(), len(name), value.encode(), len(value), self.slot))
        location, self.handle = f"memory:formats{Side.count}".encode(), ctypes.c_void_p()
        self.check(LIB.djredis_cache_open(location, len(location), settings, ctypes.byref(self.handle), self.slot))
        LIB.djredis_options_free(settings)

    def check(self, status):
        if status != 0:
            raise Refused(ctypes.string_at(self.slot.data, self.slot.len).decode())

    def decode(self, data):
        """The slot with the value; good until the next call."""
        self.check(LIB.djredis_cache_decode(self.handle, data, len(data), self.slot))
        return self.slot

    def encode(self, slot):
        self.check(LIB.djredis_cache_encode(self.handle, slot, self.slot))
        return ctypes.string_at(self.slot.data, self.slot.len)


def by_json(value):
    return json.dumps(value, cls=DjangoJSONEncoder).encode()


def from_json(data):
    return json.loads(data.decode())


def by_msgpack(value):
    return msgpack.dumps(value)


def from_msgpack(data):
    # django-redis itself refuses keys that are no text; the data is what counts here.
    return msgpack.loads(data, raw=False, strict_map_key=False)


class Serializer:
    """One serializer, both ways."""

    def __init__(self, name, dumps, loads):
        self.name, self.dumps, self.loads = name, dumps, loads
        self.ours, self.pickles = Side(SERIALIZER=name), Side()
        self.counts = collections.Counter()

    def compare(self, value, pickled):
        """What differs, if anything."""
        try:
            wanted = self.dumps(value)
        except (TypeError, ValueError, OverflowError, UnicodeEncodeError):
            wanted = None
        try:
            written = self.ours.encode(self.pickles.decode(pickled))
        except Refused as error:
            written, why = None, str(error)
        if written is None and ("an object of a Python class" in why or "a zone that this system" in why):
            # Python writes subclasses of its own types like those; here no class is known.
            self.counts["with objects"] += 1
            return None
        if written is None and "a key that is a tuple" in why:
            # Python writes it, and can't read it.
            self.counts["unreadable for Python"] += 1
            return None
        if wanted != written:
            return f"{self.name}: {value!r}\n  want {wanted}\n  got  {written or why}"
        if wanted is None:
            self.counts["refused by both"] += 1
            return None
        self.counts["written"] += 1
        return self.compare_reading(wanted)

    def compare_reading(self, data):
        try:
            wanted = self.loads(data)
        except (ValueError, TypeError):
            self.counts["unreadable for Python"] += 1
            return None
        if isinstance(wanted, int) and not isinstance(wanted, bool):
            return None  # stored as digits
        got = pickle.loads(self.pickles.encode(self.ours.decode(data)))
        if render(got, 5) != render(wanted, 5):
            return f"{self.name}: reading {data}\n  want {wanted!r}\n  got  {got!r}"
        self.counts["read"] += 1
        return None


class Compressed:
    """One compressor, both ways, over pickles."""

    def __init__(self, name):
        self.name, self.theirs = name, COMPRESSORS[name]({})
        self.ours, self.pickles = Side(COMPRESSOR=name), Side()
        self.counts = collections.Counter()

    def compare(self, value, pickled):
        plain = self.pickles.encode(self.pickles.decode(pickled))
        if plain.lstrip(b"-").isdigit():
            return None
        written = self.ours.encode(self.pickles.decode(pickled))
        if (len(plain) > self.theirs.min_length) != (written != plain):
            return f"{self.name}: {len(plain)} bytes became {len(written)}"
        self.counts["compressed" if written != plain else "too short"] += 1
        if self.reads(written) != plain:
            return f"{self.name}: Python reads {self.reads(written)} of {plain}"
        again = self.pickles.encode(self.ours.decode(self.theirs.compress(pickled)))
        if again != plain:
            return f"{self.name}: read {again} of {pickled}"
        return None

    def reads(self, stored):
        try:
            return self.theirs.decompress(stored)
        except Exception:  # as django-redis: what is not compressed stands as it is
            return stored


def plain_tree(trees, depth):
    """What every serializer holds, so that most cases are not refusals."""
    roll = trees.random.random()
    if depth == 0 or roll < 0.4:
        leaves = [trees.leaf_none, trees.leaf_bool, trees.leaf_int, trees.leaf_float, trees.leaf_text]
        return trees.random.choice(leaves)()
    if roll < 0.7:
        return [plain_tree(trees, depth - 1) for _ in range(trees.random.choice([0, 1, 3, 17]))]
    return {trees.leaf_text(): plain_tree(trees, depth - 1) for _ in range(trees.random.choice([0, 1, 3, 17]))}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    trees = Trees(random.Random(options.seed))
    sides = [Serializer("json", by_json, from_json), Serializer("msgpack", by_msgpack, from_msgpack)]
    sides += [Compressed(name) for name in COMPRESSORS]
    failures = []
    for number in range(options.cases):
        value = plain_tree(trees, 4) if number % 2 else trees.tree()
        try:
            pickled = pickle.dumps(value, 5)
            value = pickle.loads(pickled)
        except Exception:  # what Python itself can't write, or not read again
            continue
        if isinstance(value, int) and not isinstance(value, bool):
            continue  # stored as digits
        failures += [wrong for side in sides if (wrong := side.compare(value, pickled))]
        if len(failures) > 20:
            break
    for side in sides:
        print(f"{side.name}: " + ", ".join(f"{name} {count}" for name, count in sorted(side.counts.items())))
    if failures or any(count == 0 for side in sides for count in (side.counts["written"] + side.counts["compressed"],)):
        raise SystemExit(f"{len(failures)} differ; the first:\n" + "\n".join(failure[:2000] for failure in failures[:5]))
    print(f"{options.cases} trees, seed {options.seed}: none differs")
    print("1 passed, 0 failed")


if __name__ == "__main__":
    main()
