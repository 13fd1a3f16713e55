#!/usr/bin/env python3
"""Makes cases/serializers.json, compressors.json and accept.json: values as Python's json, django-redis's serializers and
compressors write them, read and written.

Run it by hand after a change here, with the packages of tools/requirements.txt; the results are checked in.
"""

from __future__ import annotations

import json
import pickle
import zlib as zlib_module
from typing import Any, Callable

import msgpack
from django.core.serializers.json import DjangoJSONEncoder
from django_redis.compressors import gzip, lz4, lzma, zlib, zstd
from make_pickle_cases import Json, notation, write_cases, TYPED

VALUES: dict[str, Any] = {
    "none": None,
    "true": True,
    "float": 1.5,
    "floats at the edges": [-0.0, 5e-324, 1.7976931348623157e308, 1e16, 1e-5, 0.0001, 123456789012345.6],
    "integers in a list": [0, -1, 255, 65536, -(2**31), 2**63 - 1, -(2**63), 2**64 - 1],
    "text": "hello",
    "empty text": "",
    "text of digits": "2",
    "text beyond ASCII": "h\u00e9l\u00f3 \u20ac \U0001f600",
    "text with controls": "a\nb\\u0041\r\0\x1a\t\x7f\"/",
    "list": [1, "a", 2.5, None, True],
    "empty list": [],
    "dict": {"id": 1, "n": "Foo"},
    "dict of dicts": {"user": {"name": "Ann", "tags": ["x", "y"]}, "n": {"deep": {}, "e": []}},
}
JSON_ONLY: dict[str, Any] = {
    "NaN and the infinities": [float("nan"), float("inf"), float("-inf")],
    "wide integers": [2**64, -(10**30)],
    "text with a lone surrogate": "a\ud800b",
}
MSGPACK_ONLY: dict[str, Any] = {"bytes": b"hello\xff", "a list of bytes": [b"", b"\0" * 300]}
# Written as what is read back as something plainer.
LOSSY_JSON: dict[str, tuple[Json, Any]] = {
    "a tuple": ({"tuple": [1, "a"]}, [1, "a"]),
    "keys that are no text": ({"dict": [[1, "int"], [None, "none"], [True, "bool"], [2.5, "float"]]}, {"1": "int", "null": "none", "true": "bool", "2.5": "float"}),
}
REFUSED_JSON = ["complex", "Fraction", "deque", "range", "Ellipsis"]
REFUSED_MSGPACK = ["datetime", "date", "time", "timedelta", "Decimal", "UUID", "complex"]

COMPRESSORS = {
    "zlib": (zlib.ZlibCompressor({}), "789c"),
    "gzip": (gzip.GzipCompressor({}), "1f8b08"),
    "lzma": (lzma.LzmaCompressor({}), "fd377a585a00"),
    "lz4": (lz4.Lz4Compressor({}), "04224d18"),
    "zstd": (zstd.ZStdCompressor({}), "28b52ffd"),
}
LONG = {"text": "x" * 400, "n": 1}


def by_json(value: Any) -> bytes:
    return json.dumps(value, cls=DjangoJSONEncoder).encode()


def by_msgpack(value: Any) -> bytes:
    return msgpack.dumps(value)


def at(data: bytes) -> Json:
    return {"bytes": data.hex()}


def both_ways(serializer: str, dumps: Callable[[Any], bytes], name: str, value: Any) -> Json:
    steps = [
        {"do": "set", "key": "k", "value": notation(value), "expect": "OK"},
        {"redis": ["GET", ":1:k"], "reply": at(dumps(value))},
        {"do": "get", "key": "k", "expect": {"value": notation(value)}},
        {"redis": ["SET", ":1:l", at(dumps(value))]},
        {"do": "get_many", "keys": ["l"], "expect": {"value": {"items": [notation(value)]}}},
    ]
    return case(f"{serializer}: {name}", f"the bytes that Python writes with {serializer}", serializer, steps)


def case(name: str, doc: str, serializer: str, steps: list[Json], **options: Any) -> Json:
    return {"name": name, "doc": doc, "options": {"SERIALIZER": serializer, **options}, "steps": steps}


def refused(value: Json, *words: str) -> Json:
    return {"do": "set", "key": "bad", "value": value, "expect": {"status": "ERR_ENCODE", "message": list(words)}}


def serializer_cases() -> list[Json]:
    cases = [both_ways("json", by_json, name, value) for name, value in {**VALUES, **JSON_ONLY}.items()]
    cases += [both_ways("msgpack", by_msgpack, name, value) for name, value in {**VALUES, **MSGPACK_ONLY}.items()]
    for name, (value, plainer) in LOSSY_JSON.items():
        steps = [
            {"do": "set", "key": "k", "value": value, "expect": "OK"},
            {"redis": ["GET", ":1:k"], "reply": at(by_json(plainer))},
            {"do": "get", "key": "k", "expect": {"value": notation(plainer)}},
        ]
        cases.append(case(f"json: {name}", "what JSON has no word for is written as Python writes it", "json", steps))
    return cases + [*typed_json(), *refusals(), *raw_cases(), *integer_cases()]


def typed_json() -> list[Json]:
    steps: list[Json] = []
    for name in ("datetime", "datetime in UTC", "datetime with a zone", "date", "time", "timedelta", "UUID"):
        steps += as_text(name)
    return [
        case("json: dates and UUID", "as DjangoJSONEncoder writes them; they come back as text", "json", steps),
        case("json: Decimal", "as DjangoJSONEncoder writes it; it comes back as text", "json", as_text("Decimal")),
    ]


def as_text(name: str) -> list[Json]:
    value, number, payload = TYPED[name]
    return [
        {"do": "set", "key": "k", "value": {"ext": [number, payload]}, "expect": "OK"},
        {"redis": ["GET", ":1:k"], "reply": at(by_json(value))},
        {"do": "get", "key": "k", "expect": {"value": json.loads(by_json(value))}},
    ]


def refusals() -> list[Json]:
    json_steps = [refused({"ext": list(TYPED[name][1:])}, "SERIALIZER json") for name in REFUSED_JSON]
    json_steps += [refused({"set": [1]}, "a set", "SERIALIZER json"), refused([{"bytes": "61"}], "a byte string"), refused({"bytes": "61"}, "a byte string")]
    json_steps += [refused({"dict": [[{"tuple": [1]}, 1]]}, "a key")]
    json_steps += [{"redis": ["EXISTS", ":1:bad"], "reply": 0}]
    pack_steps = [refused({"ext": list(TYPED[name][1:])}, "SERIALIZER msgpack") for name in REFUSED_MSGPACK]
    pack_steps += [refused({"set": [1]}, "a set", "SERIALIZER msgpack"), refused([{"int": str(2**64)}], "an integer over 64 bits")]
    pack_steps += [{"redis": ["EXISTS", ":1:bad"], "reply": 0}]
    return [
        case("json: what it can't hold", "is refused by name, and nothing is written", "json", json_steps),
        case("msgpack: what it can't hold", "is refused by name, and nothing is written", "msgpack", pack_steps),
        case("msgpack: a tuple for a key", "is refused, since nothing could read it", "msgpack", [refused({"dict": [[{"tuple": [1]}, 2]]}, "a key that is a tuple")]),
        case(
            "json: what is no JSON", "has its offset", "json",
            [
                {"redis": ["MSET", ":1:a", "[1, 2", ":1:b", "{'a': 1}", ":1:c", "nul", ":1:d", "[1] x", ":1:e", at(b'"\xff"'), ":1:f", '{"a": 01}']},
                {"do": "get", "key": "a", "expect": {"status": "ERR_DECODE", "message": ["JSON", "offset 5"], "stored": b"[1, 2".hex()}},
                {"do": "get", "key": "b", "expect": {"status": "ERR_DECODE", "message": ["JSON", "offset 1"], "stored": b"{'a': 1}".hex()}},
                {"do": "get", "key": "c", "expect": {"status": "ERR_DECODE", "message": ["JSON", "offset 0"], "stored": b"nul".hex()}},
                {"do": "get", "key": "d", "expect": {"status": "ERR_DECODE", "message": ["JSON", "offset 4"], "stored": b"[1] x".hex()}},
                {"do": "get", "key": "e", "expect": {"status": "ERR_DECODE", "message": ["JSON"], "stored": b'"\xff"'.hex()}},
                {"do": "get", "key": "f", "expect": {"status": "ERR_DECODE", "message": ["JSON", "offset 6"], "stored": b'{"a": 01}'.hex()}},
            ],
        ),
        case(
            "msgpack: what is no MessagePack", "is an error", "msgpack",
            [
                {"redis": ["MSET", ":1:a", at(b"\x92\x01"), ":1:b", at(b"\xc0\xc0"), ":1:c", at(b"\xc1")]},
                *({"do": "get", "key": key, "expect": {"status": "ERR_DECODE", "message": ["MessagePack"], "stored": stored}} for key, stored in (("a", "9201"), ("b", "c0c0"), ("c", "c1"))),
            ],
        ),
        case(
            "json: deep nesting", "over 512 levels it can't be typed; with a million it takes no deep stack", "json",
            [
                {"redis": ["SET", ":1:k", {"bytes_join": [{"bytes_repeat": [b"[".hex(), 512]}, {"bytes_repeat": [b"]".hex(), 512]}]}]},
                {"do": "get", "key": "k", "expect": {"value": {"any": True}}},
                {"redis": ["SET", ":1:k", {"bytes_join": [{"bytes_repeat": [b"[".hex(), 1_000_000]}, {"bytes_repeat": [b"]".hex(), 999_999]}]}]},
                {"do": "get_many_raw", "keys": ["k"], "expect": {"value": {"items": [{"any": True}]}}},
                {"do": "get", "key": "k", "expect": {"status": "ERR_DECODE", "message": ["JSON"]}},
            ],
        ),
    ]


def raw_cases() -> list[Json]:
    return [
        case(
            "raw: bytes as they are", "text is stored as UTF-8 and comes back as bytes", "raw",
            [
                {"do": "set", "key": "k", "value": {"bytes": "80054e2e"}, "expect": "OK"},
                {"redis": ["GET", ":1:k"], "reply": {"bytes": "80054e2e"}},
                {"do": "get", "key": "k", "expect": {"value": {"bytes": "80054e2e"}}},
                {"do": "set", "key": "k", "value": {"bytes": ""}, "expect": "OK"},
                {"do": "get", "key": "k", "expect": {"value": {"bytes": ""}}},
            ],
        ),
        case(
            "raw: text", "is UTF-8", "raw",
            [
                {"do": "set", "key": "k", "value": "h\u00e9", "expect": "OK"},
                {"redis": ["GET", ":1:k"], "reply": {"bytes": "68c3a9"}},
            ],
        ),
        case(
            "raw: what it can't hold", "everything but bytes, text and integers; digits would be read as an integer", "raw",
            [
                refused([1], "SERIALIZER raw"),
                refused(None, "SERIALIZER raw"),
                refused(1.5, "SERIALIZER raw"),
                refused({"bytes": b"42".hex()}, "decimal number"),
                {"redis": ["EXISTS", ":1:bad"], "reply": 0},
            ],
        ),
    ]


def integer_cases() -> list[Json]:
    steps: list[Json] = [
        {"do": "set", "key": "n", "value": 41, "expect": "OK"},
        {"do": "incr", "key": "n", "delta": 1, "expect": {"value": 42}},
        {"redis": ["GET", ":1:n"], "reply": "42"},
        {"do": "get", "key": "n", "expect": {"value": 42}},
        {"do": "set", "key": "n", "value": {"int": str(-(2**70))}, "expect": "OK"},
        {"redis": ["GET", ":1:n"], "reply": str(-(2**70))},
    ]
    return [
        case(f"{serializer}: integers", "are digits whatever the serializer and the compressor", serializer, steps, COMPRESSOR="zlib", COMPRESS_MIN_LENGTH=0)
        for serializer in ("json", "msgpack", "raw")
    ]


def compressor_cases() -> list[Json]:
    cases = []
    for name, (theirs, magic) in COMPRESSORS.items():
        shortest = theirs.min_length + 1
        # A pickled text is as much longer than the empty one as it has characters, up to 255.
        text = "a" * (shortest - len(pickle.dumps("", 5)))
        just_under = text[1:]
        assert len(pickle.dumps(text, 5)) == shortest, (name, len(pickle.dumps(text, 5)))
        steps: list[Json] = [
            {"redis": ["SET", ":1:k", at(theirs.compress(pickle.dumps(LONG, 5)))]},
            {"do": "get", "key": "k", "expect": {"value": notation(LONG)}},
            {"redis": ["SET", ":1:k", at(pickle.dumps(LONG, 5))]},
            {"do": "get", "key": "k", "expect": {"value": notation(LONG)}},
            {"do": "set", "key": "k", "value": notation(LONG), "expect": "OK"},
            {"redis": ["GETRANGE", ":1:k", "0", str(len(magic) // 2 - 1)], "reply": {"bytes": magic}},
            {"do": "get", "key": "k", "expect": {"value": notation(LONG)}},
            {"do": "set", "key": "k", "value": text, "expect": "OK"},
            {"redis": ["GETRANGE", ":1:k", "0", str(len(magic) // 2 - 1)], "reply": {"bytes": magic}},
            {"do": "get", "key": "k", "expect": {"value": text}},
            {"do": "set", "key": "k", "value": just_under, "expect": "OK"},
            {"redis": ["GET", ":1:k"], "reply": at(pickle.dumps(just_under, 5))},
        ]
        cases.append({"name": name, "doc": f"from {shortest} bytes on; what is not compressed is read too", "options": {"COMPRESSOR": name}, "steps": steps})
        bomb = theirs.compress(bytes(1 << 20))
        cases.append({
            "name": f"{name}: a bomb", "doc": "no more than MAX_DECODED_SIZE is made of it; the stored bytes are handed over",
            "options": {"COMPRESSOR": name, "MAX_DECODED_SIZE": 100_000},
            "steps": [
                {"redis": ["SET", ":1:k", at(bomb)]},
                {"do": "get", "key": "k", "expect": {"status": "ERR_DECODE", "message": ["MAX_DECODED_SIZE", ":1:k"], "stored": bomb.hex()}},
            ],
        })
        cut = theirs.compress(pickle.dumps(LONG, 5))[:-6]
        cases.append({
            "name": f"{name}: cut off", "doc": "says that it is neither compressed nor a pickle", "options": {"COMPRESSOR": name},
            "steps": [
                {"redis": ["SET", ":1:k", at(cut)]},
                {"do": "get", "key": "k", "expect": {"status": "ERR_DECODE", "message": [name], "stored": cut.hex()}},
            ],
        })
    return [*cases, bounded(), *more_compressor_cases()]


def bounded() -> Json:
    """A pickle of 500 bytes whose shared lists would be 2^40 values."""
    value: Any = []
    for _ in range(40):
        value = [value, value]
    stored = pickle.dumps(value, 5)
    wide: Any = ["x" * 100] * 1000
    return {
        "name": "shared objects", "doc": "written out they would be more than the budgets, or MAX_DECODED_SIZE, allow: opaque, and written back as they are",
        "options": {"MAX_DECODED_SIZE": 20_000},
        "steps": [
            {"redis": ["MSET", ":1:k", at(stored), ":1:w", at(pickle.dumps(wide, 5))]},
            {"do": "get", "key": "k", "expect": {"value": {"opaque": stored.hex()}}},
            {"do": "get", "key": "w", "expect": {"value": {"opaque": pickle.dumps(wide, 5).hex()}}},
            {"do": "copy", "key": "w", "to": "v", "expect": "OK"},
            {"redis": ["GET", ":1:v"], "reply": at(pickle.dumps(wide, 5))},
        ],
    }


def more_compressor_cases() -> list[Json]:
    old_pickle = b"(S'a'\np0\ntp1\n."
    assert COMPRESSORS["zlib"][0] and pickle.loads(old_pickle) == ("a",)
    json_zlib = zlib_module.compress(by_json(LONG), 6)
    return [
        {
            "name": "an old pickle that starts like zlib", "doc": "what can't be decompressed stands as it is", "options": {"COMPRESSOR": "zlib"},
            "steps": [{"redis": ["SET", ":1:k", at(old_pickle)]}, {"do": "get", "key": "k", "expect": {"value": {"tuple": ["a"]}}}],
        },
        {
            "name": "min length and level", "doc": "options of their own", "options": {"COMPRESSOR": "zlib", "COMPRESS_MIN_LENGTH": 1000, "COMPRESS_LEVEL": 1},
            "steps": [
                {"do": "set", "key": "k", "value": {"text_repeat": ["x", 900]}, "expect": "OK"},
                {"redis": ["STRLEN", ":1:k"], "reply": len(pickle.dumps("x" * 900, 5))},
                {"do": "set", "key": "k", "value": {"text_repeat": ["x", 1000]}, "expect": "OK"},
                {"redis": ["GETRANGE", ":1:k", "0", "1"], "reply": {"bytes": "7801"}},
            ],
        },
        {
            "name": "json in zlib", "doc": "serializer and compressor are chosen apart", "options": {"SERIALIZER": "json", "COMPRESSOR": "zlib"},
            "steps": [
                {"redis": ["SET", ":1:k", at(json_zlib)]},
                {"do": "get", "key": "k", "expect": {"value": notation(LONG)}},
                {"do": "set", "key": "l", "value": notation(LONG), "expect": "OK"},
                {"do": "get", "key": "l", "expect": {"value": notation(LONG)}},
            ],
        },
        {
            "name": "raw bytes that look compressed", "doc": "are compressed however short, or they would be decompressed when read",
            "options": {"SERIALIZER": "raw", "COMPRESSOR": "zlib"},
            "steps": [
                {"do": "set", "key": "k", "value": {"bytes": "789c"}, "expect": "OK"},
                {"do": "get", "key": "k", "expect": {"value": {"bytes": "789c"}}},
                {"redis": ["SET", ":1:k", {"bytes": "789c00"}]},
                {"do": "get", "key": "k", "expect": {"status": "ERR_DECODE", "message": ["zlib"], "stored": "789c00"}},
            ],
        },
        {
            "name": "a level that there is not", "doc": "is refused when the cache is opened",
            "steps": [
                {"do": "open", "cache": "x", "options": {"COMPRESSOR": "zlib", "COMPRESS_LEVEL": 10}, "expect": {"status": "ERR_CONFIG", "message": ["COMPRESS_LEVEL", "0 to 9"]}},
                {"do": "open", "cache": "x", "options": {"COMPRESSOR": "lz4", "COMPRESS_LEVEL": 1}, "expect": {"status": "ERR_CONFIG", "message": ["lz4 has no levels"]}},
                {"do": "open", "cache": "x", "options": {"COMPRESSOR": "brotli"}, "expect": {"status": "ERR_CONFIG", "message": ["COMPRESSOR", "zstd"]}},
            ],
        },
    ]


GADGET = b"cos\nsystem\n(S'exit 1'\ntR."


def read_as(key: str, value: Any) -> Json:
    return {"do": "get", "key": key, "expect": {"value": notation(value)}}


def unread(key: str, stored: bytes) -> Json:
    return {"do": "get", "key": key, "expect": {"status": "ERR_DECODE", "message": [key], "stored": stored.hex()}}


def accept_cases() -> list[Json]:
    pickled, text, packed = pickle.dumps(LONG, 4), by_json(LONG), by_msgpack(LONG)
    compressed = zlib_module.compress(pickled)
    plant = {"redis": ["MSET", ":1:p", at(pickled), ":1:j", at(text), ":1:m", at(packed), ":1:z", at(compressed), ":1:g", at(GADGET), ":1:o", "other"]}
    formats = {"integer": 1, "pickle": 1, "json": 2, "msgpack": 1, "raw": 0, "zlib": 0, "gzip": 0, "lzma": 0, "lz4": 0, "zstd": 0}
    return [
        {
            "name": "a pickle site", "doc": "reads json and msgpack too, and nothing that is compressed",
            "steps": [plant, read_as("p", LONG), read_as("j", LONG), read_as("m", LONG), unread("z", compressed), unread("o", b"other")],
        },
        case(
            "a json site", "reads no pickle: whoever can write to Redis must not choose the reader", "json",
            [plant, read_as("j", LONG), unread("p", pickled), unread("m", packed), unread("g", GADGET), unread("o", b"other"),
             {"do": "get_many", "keys": ["j", "p"], "expect": {"value": {"items": [notation(LONG), {"error": "ERR_DECODE", "message": ["JSON"]}]}}}],
        ),
        case("a msgpack site", "reads neither pickle nor json", "msgpack", [plant, read_as("m", LONG), unread("p", pickled), unread("j", text), unread("g", GADGET)]),
        case("a raw site", "takes everything as bytes", "raw", [plant, {"do": "get", "key": "p", "expect": {"value": at(pickled)}}, {"do": "get", "key": "z", "expect": {"value": at(compressed)}}]),
        case(
            "a json site on its way from pickle", "ACCEPT names what else is read, compressed or not", "json",
            [plant, read_as("j", LONG), read_as("p", LONG), read_as("z", LONG), unread("m", packed),
             {"do": "set", "key": "p", "value": notation(LONG), "expect": "OK"}, {"redis": ["GET", ":1:p"], "reply": at(text)}],
            ACCEPT="pickle,zlib",
        ),
        case(
            "a pickle in a json site that accepts pickle", "a class is a record all the same, and nothing is called", "json",
            [{"redis": ["SET", ":1:g", at(GADGET)]},
             {"do": "get", "key": "g", "expect": {"value": {"record": {"class": "os.system", "args": ["exit 1"], "state": None}}}}],
            ACCEPT="pickle",
        ),
        case("raw beside json", "what nobody claims is bytes", "json", [plant, read_as("j", LONG), {"do": "get", "key": "o", "expect": {"value": at(b"other")}}], ACCEPT="raw"),
        {
            "name": "formats are counted", "doc": "so that one sees when a migration is over",
            "steps": [plant, {"do": "set", "key": "n", "value": 1, "expect": "OK"}, read_as("p", LONG), read_as("j", LONG), read_as("m", LONG), read_as("n", 1), read_as("j", LONG),
                      {"do": "stats", "expect": {"value": {"including": [["formats", {"including": [[name, count] for name, count in formats.items()]}]]}}}],
        },
        {
            "name": "names that ACCEPT does not know", "doc": "are refused with those it knows",
            "steps": [
                {"do": "open", "cache": "x", "options": {"ACCEPT": "json,yaml"}, "expect": {"status": "ERR_CONFIG", "message": ["ACCEPT", "msgpack"]}},
                {"do": "open", "cache": "x", "options": {"SERIALIZER": "raw", "ACCEPT": "json"}, "expect": {"status": "ERR_CONFIG", "message": ["ACCEPT", "raw"]}},
            ],
        },
    ]


def main() -> None:
    tool = "make_format_cases.py"
    write_cases("serializers", "json, msgpack and raw, as django-redis's serializers write them.", serializer_cases(), tool)
    write_cases("compressors", "Compressed values, as django-redis's compressors write them.", compressor_cases(), tool)
    write_cases("accept", "ACCEPT: what is read beside what is configured.", accept_cases(), tool)


if __name__ == "__main__":
    main()
