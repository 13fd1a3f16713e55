#!/usr/bin/env python3
"""Makes cases/pickles.json, typed.json and records.json: values that Python itself pickled, read and written.

Run it by hand after a change here; the results are checked in. The bytes are CPython's own (3.11 or newer).
"""

from __future__ import annotations

import collections
import datetime
import decimal
import fractions
import json
import pathlib
import pickle
import struct
import sys
import types
import uuid
import zoneinfo
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


# Types of Python's library, with the extension of docs/values.md and its payload in hex.
BERLIN = zoneinfo.ZoneInfo("Europe/Berlin")
TYPED: dict[str, tuple[Any, int, str]] = {
    "datetime": (datetime.datetime(2013, 6, 6, 17, 5, 58, 123456), 8, "07dd0606" "11053a00" "0001e240"),
    "datetime in UTC": (datetime.datetime(2013, 6, 6, tzinfo=datetime.timezone.utc), 8, "07dd0606" "00000000" "00000000" "01" "00000000" "00000000"),
    "datetime with a zone": (datetime.datetime(2013, 6, 6, tzinfo=BERLIN), 8, "07dd0606" "00000000" "00000000" "02" + b"Europe/Berlin".hex()),
    "date": (datetime.date(1999, 12, 31), 9, "07cf0c1f"),
    "time": (datetime.time(23, 59, 58, 7), 10, "173b3a00" "00000007"),
    "timedelta": (datetime.timedelta(days=-1, seconds=2, microseconds=3), 11, "ffffffff" "00000002" "00000003"),
    "Decimal": (decimal.Decimal("-1.50"), 12, b"-1.50".hex()),
    "Decimal NaN": (decimal.Decimal("NaN"), 12, b"NaN".hex()),
    "UUID": (uuid.UUID("12345678-1234-5678-1234-567812345678"), 13, "12345678123456781234567812345678"),
    "complex": (1.5 - 2j, 14, struct.pack(">dd", 1.5, -2.0).hex()),
    "Fraction": (fractions.Fraction(-1, 3), 15, b"-1/3".hex()),
    "OrderedDict": (collections.OrderedDict([("b", 1), ("a", 2)]), 22, "82a16201a16102"),
    "Counter": (collections.Counter({"a": 2}), 24, "81a16102"),
    "deque": (collections.deque([1, 2], 5), 25, "05920102"),
    "deque without end": (collections.deque([1]), 25, "c09101"),
    "range": (range(1, 10, 3), 26, "9301" "0a03"),
    "Ellipsis": (..., 27, ""),
}


def shop_class(name: str, base: type = object, **members: Any) -> type:
    """A class of a module that no reader has."""
    made = type(name, (base,), {"__module__": "shop.models", **members})
    setattr(SHOP, name, made)
    return made


sys.modules["shop"] = types.ModuleType("shop")
SHOP = sys.modules["shop.models"] = types.ModuleType("shop.models")
Point = shop_class("Point")
Money: type = shop_class("Money", __reduce__=lambda self: (Money, ("1.50", "EUR")))
Keyword = shop_class("Keyword", __getnewargs_ex__=lambda self: ((1,), {"unit": "kg"}), __new__=lambda cls, *a, **k: object.__new__(cls))
Tags = shop_class("Tags", list)
Settings = shop_class("Settings", dict)

POINT = Point()
POINT.__dict__.update(x=1, y=[2])


# Objects of other classes: what they cross as at protocol 4.
RECORDS: dict[str, tuple[Any, Json]] = {
    "an object": (POINT, {"class": "shop.models.Point", "args": [], "state": {"dict": [["x", 1], ["y", [2]]]}, "how": "newobj"}),
    "an object made by a call": (Money(), {"class": "shop.models.Money", "args": ["1.50", "EUR"], "state": None}),
    "an object made with keywords": (
        Keyword(),
        {"class": "shop.models.Keyword", "args": [1], "state": None, "how": "newobj_ex", "kwargs": {"dict": [["unit", "kg"]]}},
    ),
    "a class": (Point, {"class": "shop.models.Point", "args": None, "state": None}),
    "a list of its own": (Tags(["a", "b"]), {"class": "shop.models.Tags", "args": [], "state": None, "how": "newobj", "items": ["a", "b"]}),
    "a dict of its own": (
        Settings(a=1),
        {"class": "shop.models.Settings", "args": [], "state": None, "how": "newobj", "entries": {"dict": [["a", 1]]}},
    ),
    "a function": (len, {"class": "builtins.len", "args": None, "state": None}),
}


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


def shown(value: Any) -> Json:
    """The repr of a list of it; for an OrderedDict the one of Python 3.12 and newer too."""
    if type(value) is not collections.OrderedDict:
        return repr([value])
    pairs = list(value.items())
    return [f"[OrderedDict({pairs!r})]", f"[OrderedDict({dict(pairs)!r})]"]


def typed(name: str, value: Any, number: int, payload: str) -> list[Json]:
    """Read at every protocol; written at each, and read back by Python itself."""
    extension = {"ext": [number, payload]}
    read: list[Json] = []
    write: list[Json] = []
    for protocol in READ_PROTOCOLS:
        read.append({"redis": ["SET", ":1:k", {"bytes": pickle.dumps(value, protocol).hex()}]})
        read.append({"do": "get", "key": "k", "expect": {"value": extension}})
    for protocol in WRITE_PROTOCOLS:
        cache = f"p{protocol}"
        write.append({"do": "open", "cache": cache, "options": {"PICKLE_VERSION": protocol}, "expect": "OK"})
        write.append({"do": "set", "cache": cache, "key": "k", "value": [extension], "expect": "OK"})
        write.append({"unpickles": ":1:k", "as": shown(value)})
        write.append({"do": "get", "cache": cache, "key": "k", "expect": {"value": [extension]}})
    return [
        {"name": f"reads {name}", "doc": f"extension {number} of docs/values.md", "steps": read},
        {"name": f"writes {name}", "doc": "Python reads what was written", "steps": write},
    ]


def recorded(name: str, value: Any, record: Json) -> Json:
    stored = pickle.dumps({"n": value}, 4).hex()
    steps: list[Json] = [
        {"redis": ["SET", ":1:k", {"bytes": stored}]},
        {"do": "get", "key": "k", "expect": {"value": {"dict": [["n", {"record": record}]]}}},
        {"do": "copy", "key": "k", "to": "l", "expect": "OK"},
        {"redis": ["GET", ":1:l"], "reply": {"bytes": stored}},
    ]
    return {"name": name, "doc": "a class that nobody knows is a record; untouched it is written back byte for byte", "steps": steps}


def layout(about: str, cases: list[Json]) -> str:
    """JSON with one step on each line."""
    blocks = []
    for case in cases:
        head = [f"      {json.dumps(name)}: {json.dumps(case[name])}," for name in ("name", "doc", "options") if name in case]
        steps = ",\n".join(f"        {json.dumps(step)}" for step in case["steps"])
        blocks.append("\n".join(["    {", *head, '      "steps": [', steps, "      ]", "    }"]))
    return f'{{\n  "about": {json.dumps(about)},\n  "cases": [\n' + ",\n".join(blocks) + "\n  ]\n}\n"


def write_cases(name: str, about: str, cases: list[Json], tool: str = "make_pickle_cases.py") -> None:
    path = pathlib.Path(__file__).resolve().parent / "cases" / f"{name}.json"
    path.write_text(layout(f"{about} Made by {tool}.", cases), encoding="utf-8")


def main() -> None:
    cases = [reading(name, value) for name, value in {**VALUES, **READ_ONLY}.items()]
    cases += [writing(name, value) for name, value in VALUES.items()]
    write_cases("pickles", "Plain values as Python pickles them: read at protocols 0 to 5, written at 2 to 5.", cases)
    cases = [case for name, (value, number, payload) in TYPED.items() for case in typed(name, value, number, payload)]
    write_cases("typed", "Types of Python's library, as the extensions of docs/values.md.", cases)
    cases = [recorded(name, value, record) for name, (value, record) in RECORDS.items()]
    write_cases("records", "Objects of classes that the library does not know.", cases)


if __name__ == "__main__":
    main()
