"""Typed values in JSON: the short notation of the cases, and the plain one that drivers speak.

Drivers see one form only: every value is an object with one key, text and bytes are hex, integers are decimal
digits, floats are their 64 bits in hex. `plain` turns the short forms into it; README.md lists both.
"""

from __future__ import annotations

import re
import struct
from typing import Any, Callable

Json = Any

HEX = re.compile(r"(?:[0-9a-f]{2})*\Z")
DECIMAL = re.compile(r"(?:0|-?[1-9][0-9]*)\Z")
FLOAT_BITS = re.compile(r"[0-9a-f]{16}\Z")

LISTS = ("list", "tuple", "set", "frozenset", "items")
HEXES = ("bytes", "bytearray", "utf8", "surrogates", "opaque")
MARKS = ("none", "missing")
MATCHERS = ("any", "int_between", "unordered", "having", "including", "like")


class NotationError(ValueError):
    """A value that is written in neither notation."""


def hex_of(text: str) -> str:
    return text.encode("utf-8").hex()


def float_bits(number: float) -> str:
    return struct.pack(">d", number).hex()


def plain(value: Json) -> Json:
    """The plain form of a value; matchers stay, with plain values inside."""
    if value is None:
        return {"none": True}
    if isinstance(value, bool):
        return {"bool": value}
    if isinstance(value, int):
        return {"int": str(value)}
    if isinstance(value, float):
        return {"float": float_bits(value)}
    if isinstance(value, str):
        return {"utf8": hex_of(value)}
    if isinstance(value, list):
        return {"list": [plain(item) for item in value]}
    return _plain_object(value)


def _plain_object(value: Json) -> Json:
    if not isinstance(value, dict):
        raise NotationError(f"no value: {value!r}")
    kind = next(iter(value), "")
    if kind == "error" and set(value) <= {"error", "message"}:
        return value
    if len(value) != 1:
        raise NotationError(f"a value has exactly one key: {shorten(value)}")
    return {_NAMES.get(kind, kind): _convert(kind)(value[kind])}


def _convert(kind: str) -> Callable[[Json], Json]:
    if kind in LISTS or kind in ("unordered", "having"):
        return lambda items: [plain(item) for item in items]
    if kind in HEXES:
        return _hex
    if kind in MARKS or kind == "any":
        return _true
    if kind in _CONVERSIONS:
        return _CONVERSIONS[kind]
    raise NotationError(f"unknown kind of value: {kind!r}")


def _hex(text: Json) -> str:
    """Hex, or the short forms of long bytes."""
    if isinstance(text, dict):
        return key_hex(text)
    if not HEX.match(text):
        raise NotationError(f"not hex: {text[:60]!r}")
    return str(text)


def _true(flag: bool) -> bool:
    if flag is not True:
        raise NotationError("none, missing and any are written with true")
    return True


def _decimal(text: str) -> str:
    if not DECIMAL.match(text):
        raise NotationError(f"not a canonical decimal: {text[:60]!r}")
    return text


def _float(text: str) -> str:
    return text if FLOAT_BITS.match(text) else float_bits(float(text))


def _pairs(pairs: list[list[Json]]) -> list[list[Json]]:
    return [[plain(key), plain(item)] for key, item in pairs]


def _record(record: Json) -> list[list[Json]]:
    pairs = record.items() if isinstance(record, dict) else record
    return [[plain(name), plain(part)] for name, part in pairs]


def _extension(pair: list[Json]) -> list[Json]:
    number, data = pair
    return [int(number), _hex(data)]


def _payload(payload: dict[str, str]) -> dict[str, str]:
    return {"format": payload["format"], "data": _hex(payload["data"])}


def _between(bounds: list[int]) -> list[int]:
    low, high = bounds
    return [int(low), int(high)]


# The short forms that become another kind.
_NAMES = {"text": "utf8", "text_repeat": "utf8", "bytes_repeat": "bytes", "bytes_join": "bytes", "list_repeat": "list"}
_CONVERSIONS: dict[str, Callable[[Json], Json]] = {
    "text": hex_of,
    "text_repeat": lambda pair: hex_of(pair[0] * pair[1]),
    "bytes_repeat": lambda pair: _hex(pair[0]) * pair[1],
    "list_repeat": lambda pair: [plain(pair[0])] * pair[1],
    "bytes_join": lambda parts: "".join(key_hex(part) for part in parts),
    "bool": bool,
    "int": _decimal,
    "float": _float,
    "dict": _pairs,
    "including": _pairs,
    "record": _record,
    "ext": _extension,
    "payload": _payload,
    "int_between": _between,
    "like": list,
}


def key_hex(key: Json) -> str:
    """A key of a case - text, {"bytes": hex} or {"text_repeat": [text, times]} - as the hex that drivers take."""
    form = plain(key)
    for kind in ("utf8", "bytes"):
        if kind in form:
            return str(form[kind])
    raise NotationError(f"a key is text or bytes: {key!r}")


def shorten(value: Json, limit: int = 300) -> str:
    text = str(value)
    return text if len(text) <= limit else f"{text[:limit]}... ({len(text)} characters)"
