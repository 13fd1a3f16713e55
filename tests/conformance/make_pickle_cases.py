#!/usr/bin/env python3
"""Makes cases/pickles.json: values that Python itself pickled, read and written at every protocol.

Run it by hand after a change here; the result is checked in. The bytes are CPython's own (3.11 or newer).
"""

from __future__ import annotations

import json
import pathlib
import pickle
import struct
from typing import Any

Json = Any

READ_PROTOCOLS = range(6)
WRITE_PROTOCOLS = range(2, 6)

VALUES: dict[str, Any] = {
    "none": None,
    "true": True,
    "false": False,
    "float": 1.5,
    "floats at the edges": [-0.0, float("nan"), float("inf"), float("-inf"), 5e-324, 1.7976931348623157e308],
    "integers in a list": [
        0, -1, 255, 256, 65535, 65536, -65536, 2**31 - 1, -(2**31), 2**31, 2**63 - 1, -(2**63), 2**63, -(2**63) - 1, 10**30, -(10**30),
    ],
    "a wide integer in a list": [3**2000],
    "empty text": "",
    "text": "hello",
    "text of digits": "2",
    "text beyond ASCII": "h\u00e9l\u00f3 \u20ac \U0001f600",
    "text with controls": "a\nb\\u0041\r\0\x1a\t\x7f",
    "text of 300": "a" * 300,
    "empty bytes": b"",
    "bytes": b"hello",
    "all bytes": bytes(range(256)),
    "bytes of 300": b"\xff" * 300,
    "empty bytearray": bytearray(),
    "bytearray": bytearray(b"a\0\xff"),
    "list": [1, "a", 2.5, None, True],
    "empty list": [],
    "nested lists": [[1], [[2], []], [[[3]]]],
    "a list of 1001": [0] * 1001,
    "empty tuple": (),
    "tuple of one": (1,),
    "tuple of two": (1, "a"),
    "tuple of three": (1, "a", None),
    "tuple of four": (1, 2, 3, 4),
    "nested tuples": ((), (1,), ((2, 3), [4])),
    "dict": {"id": 1, "n": "Foo"},
    "empty dict": {},
    "dict of dicts": {"user": {"name": "Ann", "tags": ["x", "y"]}, "n": {"deep": {}}},
    "dict with keys of any type": {1: "int", None: "none", (1, "t"): "tuple", 2.5: "float", b"b": "bytes", True + 1: "two"},
    "dict in its order": {"z": 1, "a": 2, "m": 3},
    "set": {7},
    "empty set": set(),
    "frozenset": frozenset({7}),
    "empty frozenset": frozenset(),
    "a set of frozensets": {frozenset({1}), frozenset()},
}

# Read only: how CPython writes them depends on which objects are the same one.
SHARED = ["ab" * 3, [1]]
READ_ONLY: dict[str, Any] = {
    "an integer": 5,
    "a wide integer": 2**70,
    "text with a lone surrogate": "a\ud800b",
    "the same object twice": [SHARED, SHARED],
    "a tuple twice": [(1, 2)] * 2,
}

# Written with a call at these protocols, in words of the library's own choice: equal values, not equal bytes.
NOT_GOLDEN = {"a set of frozensets"}


def notation(value: Any) -> Json:
    """The value in the notation of the cases."""
    if value is None or isinstance(value, (bool, str, list)):
        return _notation_of_text_and_lists(value)
    if isinstance(value, int):
        return value if abs(value) < 2**53 else {"int": str(value)}
    if isinstance(value, float):
        return {"float": struct.pack(">d", value).hex()}
    if isinstance(value, (bytes, bytearray)):
        return {type(value).__name__: value.hex()}
    if isinstance(value, dict):
        return {"dict": [[notation(key), notation(item)] for key, item in value.items()]}
    return {type(value).__name__: [notation(item) for item in value]}


def _notation_of_text_and_lists(value: Any) -> Json:
    if isinstance(value, list) and len(value) > 1000:
        return {"list_repeat": [notation(value[0]), len(value)]}
    if isinstance(value, list):
        return [notation(item) for item in value]
    if isinstance(value, str) and not value.isprintable() and any("\ud800" <= c <= "\udfff" for c in value):
        return {"surrogates": value.encode("utf-8", "surrogatepass").hex()}
    return value



def reading(name: str, value: Any) -> Json:
    steps: list[Json] = []
    for protocol in READ_PROTOCOLS:
        steps.append({"redis": ["SET", ":1:k", {"bytes": pickle.dumps(value, protocol).hex()}]})
        steps.append({"do": "get", "key": "k", "expect": {"value": notation(value)}})
    return {"name": f"reads {name}", "doc": "as Python pickles it at protocols 0 to 5", "steps": steps}


def writing(name: str, value: Any) -> Json:
    steps: list[Json] = []
    for protocol in WRITE_PROTOCOLS:
        cache = f"p{protocol}"
        steps.append({"do": "open", "cache": cache, "options": {"PICKLE_VERSION": protocol}, "expect": "OK"})
        steps.append({"do": "set", "cache": cache, "key": "k", "value": notation(value), "expect": "OK"})
        if name not in NOT_GOLDEN:
            steps.append({"redis": ["GET", ":1:k"], "reply": {"bytes": pickle.dumps(value, protocol).hex()}})
        steps.append({"do": "get", "cache": cache, "key": "k", "expect": {"value": notation(value)}})
    return {"name": f"writes {name}", "doc": "the bytes that Python writes at protocols 2 to 5", "steps": steps}


def layout(about: str, cases: list[Json]) -> str:
    """JSON with one step on each line."""
    blocks = []
    for case in cases:
        head = [f"      {json.dumps(name)}: {json.dumps(case[name])}," for name in ("name", "doc")]
        steps = ",\n".join(f"        {json.dumps(step)}" for step in case["steps"])
        blocks.append("\n".join(["    {", *head, '      "steps": [', steps, "      ]", "    }"]))
    return f'{{\n  "about": {json.dumps(about)},\n  "cases": [\n' + ",\n".join(blocks) + "\n  ]\n}\n"


def main() -> None:
    cases = [reading(name, value) for name, value in {**VALUES, **READ_ONLY}.items()]
    cases += [writing(name, value) for name, value in VALUES.items()]
    about = "Plain values as Python pickles them, made by make_pickle_cases.py: read at protocols 0 to 5, written at 2 to 5."
    path = pathlib.Path(__file__).resolve().parent / "cases" / "pickles.json"
    path.write_text(layout(about, cases), encoding="utf-8")


if __name__ == "__main__":
    main()
