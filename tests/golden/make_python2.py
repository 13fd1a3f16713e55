# Run by make.py with Python 2.7: what the documented release of 2013 wrote.
"""Prints, as JSON, the pickles that Python 2.7's pickle and cPickle write, and what values they are."""

import cPickle
import collections
import datetime
import decimal
import json
import pickle

try:
    import uuid
except ImportError:
    uuid = None

# name, value, the text that render.py would make of it in Python 3
CASES = [
    ("str", b"hello", '"hello"'),
    ("str that is no UTF-8", b"\xff\x00\n'\"", "bff000a2722"),
    ("empty str", b"", '""'),
    ("unicode", u"hel\xf3 \u20ac", '"hel\\u{f3} \\u{20ac}"'),
    ("ints", [0, 255, 65536, -1, 2 ** 31, 2L, -5L], "[0, 255, 65536, -1, 2147483648, 2, -5]"),
    ("long", 10 ** 30, "1" + "0" * 30),
    ("bools", [True, False, None], "[True, False, None]"),
    ("float", [1.5, float("inf")], "[f3ff8000000000000, f7ff0000000000000]"),
    ("list", [1, [2], (3, (), (4,))], "[1, [2], (3, (), (4))]"),
    ("dict", {u"a": 1}, '{"a": 1}'),
    ("set", {1}, "set{1}"),
    ("frozenset", frozenset([b"x"]), 'frozenset{"x"}'),
    ("empty set", set(), "set{}"),
    ("bytearray", bytearray(b"a\xff"), "bytearray:61ff"),
    ("date", datetime.date(2013, 6, 6), "date(2013, 6, 6)"),
    ("datetime", datetime.datetime(2013, 6, 6, 17, 5, 58, 1), "datetime(2013, 6, 6, 17, 5, 58, 1, 0, naive)"),
    ("time", datetime.time(17, 5, 58), "time(17, 5, 58, 0, 0, naive)"),
    ("timedelta", datetime.timedelta(-1, 2, 3), "timedelta(-1, 2, 3)"),
    ("decimal", decimal.Decimal("1.10"), "Decimal(1.10)"),
    ("uuid", uuid.UUID(int=2 ** 127), "UUID(80000000-0000-0000-0000-000000000000)"),
    ("complex", 1 + 2j, "complex(f3ff0000000000000, f4000000000000000)"),
    ("ordered dict", collections.OrderedDict([("b", 1), ("a", [2])]), 'OrderedDict{"b": 1, "a": [2]}'),
    ("defaultdict", collections.defaultdict(list, {1: [2]}),
     'defaultdict(record{"class": "builtins.list", "args": None, "state": None}){1: [2]}'),
    ("counter", collections.Counter("aa"), 'Counter{"a": 2}'),
    ("deque", collections.deque([1, 2], 3), "deque(3)[1, 2]"),
    ("xrange", xrange(1, 10, 2), "range(1, 11, 2)"),
    ("class", collections.OrderedDict, 'record{"class": "collections.OrderedDict", "args": None, "state": None}'),
    ("type", unicode, 'record{"class": "builtins.str", "args": None, "state": None}'),
]

cases = []
for name, value, text in CASES:
    pickles = {}
    for module in (pickle, cPickle):
        for protocol in range(3):
            try:
                written = module.dumps(value, protocol)
            except Exception as error:
                pickles["%s p%d" % (module.__name__, protocol)] = {"error": type(error).__name__}
                continue
            pickles["%s p%d" % (module.__name__, protocol)] = {"hex": written.encode("hex"), "value": text}
    cases.append({"name": "python2 " + name, "pickles": pickles})
print(json.dumps(cases))
