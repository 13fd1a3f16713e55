#!/usr/bin/env python3
"""Writes tests/golden/pickles.json: what the real CPython, Django and django-redis write for known values.

Run it in a virtual environment with Django and django-redis (build/venv has both); where `python2.7` is on PATH its
pickles are made anew, else those in the file are kept:

    build/venv/bin/python tests/golden/make.py
"""

import collections
import datetime
import decimal
import fractions
import json
import pathlib
import pickle
import shutil
import subprocess
import sys
import uuid
import zoneinfo

import django
import django_redis
from django.conf import settings
from django.core.cache.backends.redis import RedisSerializer
from django.utils.safestring import SafeString
from django_redis.client import DefaultClient

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE))
import golden_classes as classes  # noqa: E402
from render import render  # noqa: E402

D, UTC = datetime.datetime, datetime.timezone.utc
BERLIN = zoneinfo.ZoneInfo("Europe/Berlin")
shared = ["a", {"k": 1}]

CASES = {
    "none": None,
    "true": True,
    "false": False,
    "zero": 0,
    "ints": [0, 1, 255, 256, 65535, 65536, 2**31 - 1, 2**31, -1, -128, -129, -(2**31), -(2**31) - 1],
    "int64": [2**63 - 1, -(2**63), 2**32, 2**40, -(2**40), 2**55, -(2**55), 2**47 - 1],
    "wide": [2**63, -(2**63) - 1, 2**64, 10**30, -(10**30), 2**2039, -(2**2039), 2**2048, 7**3000],
    "floats": [0.0, -0.0, 1.5, -1e300, 5e-324, float("inf"), float("-inf"), float("nan"), 0.1],
    "text": "hello",
    "empty text": "",
    "text with accents": "hel\xf3 \u20ac \U0001f600",
    "text of all kinds": ["\0\n\r\\'\"", "\x1a\x7f\x80\xff", "\u2028\ufffe\uffff", "\\u0041", "a" * 255, "b" * 256],
    "lone surrogates": ["\ud800", "a\udfffb", "\ud83d\ude00"],
    "bytes": b"hello",
    "empty bytes": b"",
    "bytes of all kinds": [bytes(range(256)), b"42", b"\xff" * 255, b"\0" * 256],
    "bytearray": bytearray(b"ab\xff"),
    "empty bytearray": bytearray(),
    "list": [1, "a", 2.5, None, True],
    "empty list": [],
    "list of one": ["only"],
    "nested lists": [[], [[]], [[1], [2, [3]]]],
    "list of 1001": [None] * 1001,
    "tuples": [(), (1,), (1, 2), (1, 2, 3), (1, 2, 3, 4), ((), ((),))],
    "dict": {"id": 1, "n": "foo", "deep": {"x": [1, 2]}},
    "empty dict": {},
    "dict of one": {"only": 1},
    "dict with keys of all kinds": {1: "a", "1": "b", None: 0, 2.5: 1, (1, 2): 3, b"x": 4, frozenset([1]): 5, 2**70: 6, False: 7},
    "dict order": {"z": 1, "a": 2, "m": 3},
    "dict of 1000": {i: None for i in range(1000)},
    "set": {1},
    "sets": [set(), frozenset(), {"a"}, frozenset(["b"]), frozenset([(1, 2)])],
    "shared": [shared, shared, (shared,)],
    "shared text": ["ab" * 3] * 3,
    "date": datetime.date(2013, 6, 6),
    "dates": [datetime.date.min, datetime.date.max, datetime.date(2024, 2, 29)],
    "datetime": D(2013, 6, 6, 17, 5, 58),
    "datetime us": D(2013, 6, 6, 17, 5, 58, 123000),
    "datetimes": [D.min, D.max, D(2024, 2, 29, 23, 59, 59, 999999, fold=1)],
    "datetime utc": D(2013, 6, 6, 17, 5, 58, tzinfo=UTC),
    "datetime with offset": D(2013, 6, 6, 17, 5, tzinfo=datetime.timezone(datetime.timedelta(hours=-5, minutes=-30))),
    "datetime with named offset": D(2013, 6, 6, 17, 5, tzinfo=datetime.timezone(datetime.timedelta(seconds=1, microseconds=5), "odd")),
    "datetime in Berlin": D(2013, 6, 6, 17, 5, 58, tzinfo=BERLIN),
    "datetime elsewhere": D(2013, 6, 6, 17, 5, 58, tzinfo=classes.Zone(3)),
    "time": datetime.time(17, 5, 58),
    "times": [datetime.time.min, datetime.time.max, datetime.time(1, 2, fold=1), datetime.time(1, 2, tzinfo=UTC)],
    "timedelta": datetime.timedelta(1, 2, 3),
    "timedeltas": [datetime.timedelta.min, datetime.timedelta.max, datetime.timedelta(-1, 86399, 999999)],
    "decimals": [decimal.Decimal(d) for d in ("1.10", "0", "-0", "1E+3", "1E-30", "NaN", "sNaN12", "-Infinity", "-1.5")],
    "uuid": uuid.UUID("12345678-1234-5678-1234-567812345678"),
    "uuids": [uuid.UUID(int=n) for n in (0, 1, 255, 2**63, 2**127, 2**128 - 1)],
    "complex": complex(1, -2.5),
    "fractions": [fractions.Fraction(-1, 3), fractions.Fraction(5), fractions.Fraction(2**70, 3)],
    "ordered dict": collections.OrderedDict([("b", 1), ("a", [2])]),
    "empty ordered dict": collections.OrderedDict(),
    "defaultdicts": [collections.defaultdict(list, {"a": [1]}), collections.defaultdict(None), collections.defaultdict(int, {1: 2, 3: 4})],
    "counter": collections.Counter("abracadabra"),
    "deques": [collections.deque(), collections.deque([1, 2]), collections.deque([1], 3), collections.deque(maxlen=0)],
    "ranges": [range(3), range(1, 10, 2), range(0, -(2**70), -1)],
    "ellipsis": ...,
    "safe string": SafeString("<b>\xf3</b>"),
    "class": collections.OrderedDict,
    "nested class": classes.Outer.Inner,
    "function": classes.function,
    "object": classes.Plain("x", [1]),
    "object without fields": classes.Empty(),
    "object with slots": classes.Slots(1, 2),
    "object with new arguments": classes.WithNewArgs(7),
    "object with keyword arguments": classes.WithKeywords(1, b=2),
    "object of nested class": classes.Outer.Inner(5),
    "namedtuple": classes.Point(1, 2),
    "enum": classes.Color.RED,
    "int enum": classes.Level.HIGH,
    "int subclass": classes.MyInt(7),
    "str subclass": classes.MyStr("s"),
    "list subclass": classes.MyList([1, 2, 3]),
    "dict subclass": classes.MyDict(a=1, b=2),
    "set subclass": classes.MySet([1]),
    "float subclass": classes.MyFloat(1.5),
    "tuple subclass": classes.MyTuple((1, 2)),
    "exception": ValueError("no", 3),
    "object as a key": {classes.Plain("k", 0): 1},
    "objects of one class": [classes.Plain("a", 1), classes.Plain("b", 2)],
    "reduced object": classes.Reduced(3),
}


def writers():
    protocols = {f"python p{p}": lambda v, p=p: pickle.dumps(v, p) for p in range(6)}
    settings.configure(CACHES={"default": {"BACKEND": "django_redis.cache.RedisCache", "LOCATION": "redis://nowhere/0"}})
    django.setup()
    from django.core.cache import caches

    backend = caches["default"]
    client = DefaultClient("redis://nowhere/0", {"OPTIONS": {}}, backend)
    return protocols | {"django-redis": client.encode, "django": RedisSerializer().dumps}


def rendered(name, value, protocol):
    # What an older protocol makes of an object is another record.
    try:
        return render(value, protocol)
    except Exception as error:
        raise SystemExit(f"{name}: {error!r}")


def modern_cases(known):
    cases = []
    for name, value in CASES.items():
        pickles = {}
        for writer, dumps in known.items():
            protocol = {"django-redis": pickle.DEFAULT_PROTOCOL, "django": 5}.get(writer) or int(writer[-1])
            try:
                written = dumps(value)
            except Exception as error:  # the reason is kept: it is Python's, not ours
                pickles[writer] = {"error": type(error).__name__}
                continue
            written = written if isinstance(written, bytes) else str(written).encode()
            # django-redis stores subclasses of int as digits too.
            text = written.decode() if written.lstrip(b"-").isdigit() else rendered(name, value, protocol)
            pickles[writer] = {"hex": written.hex(), "value": text}
        cases.append({"name": name, "pickles": pickles})
    return cases


def compact(case):
    """Each value and each pickle once, with all who write it."""
    pickles, values = {}, {}
    for writer, result in case["pickles"].items():
        if "error" not in result:
            pickles.setdefault((result["value"], result["hex"]), []).append(writer)
    for (value, written), writers in pickles.items():
        values.setdefault(value, []).append({"by": writers, "hex": written})
    return {"name": case["name"], "values": [{"value": value, "pickles": each} for value, each in values.items()]}


def python2_cases(old):
    script = subprocess.run(["python2.7", str(HERE / "make_python2.py")], capture_output=True) if shutil.which("python2.7") else None
    if script is None or script.returncode != 0:
        print("no working python2.7: its pickles are kept as they are")
        return [case for case in old if case["name"].startswith("python2 ")]
    return [compact(case) for case in json.loads(script.stdout)]


def main():
    path = HERE / "pickles.json"
    old = json.loads(path.read_text())["cases"] if path.exists() else []
    versions = {"python": sys.version.split()[0], "django": django.__version__, "django-redis": django_redis.__version__}
    cases = [compact(case) for case in modern_cases(writers())] + python2_cases(old)
    path.write_text(json.dumps({"made by": versions, "cases": cases}, indent=1) + "\n")
    print(f"{len(cases)} cases")


if __name__ == "__main__":
    main()
