"""Compares what a driver answered with what a case expects."""

from __future__ import annotations

import struct
from typing import Any, Callable, Optional

from .notation import shorten

Json = Any
UNORDERED = ("set", "frozenset")
UNKNOWN_ERROR = "?"


def difference(expected: Json, actual: Json) -> Optional[str]:
    """None if the plain value `actual` is as expected, else a sentence about the first difference."""
    if not isinstance(actual, dict) or not actual:
        return f"expected {shorten(expected)}, got {shorten(actual)}"
    kind = next(iter(expected))
    if kind in _MATCHERS:
        return _MATCHERS[kind](expected[kind], actual)
    if kind not in actual:
        return f"expected {shorten(expected)}, got {shorten(actual)}"
    return _compare(kind, expected, actual)


def _compare(kind: str, expected: Json, actual: Json) -> Optional[str]:
    want, got = expected[kind], actual[kind]
    if kind in UNORDERED:
        return _unordered(want, actual)
    if kind in ("list", "tuple", "items"):
        return _in_order(want, got)
    if kind in ("dict", "record"):
        return _in_order([_pair(p) for p in want], [_pair(p) for p in got])
    if kind == "error":
        return _error(expected, actual)
    if kind == "float" and _is_nan(want) and _is_nan(got):
        return None
    return None if want == got else f"expected {shorten(expected)}, got {shorten(actual)}"


def _pair(pair: list[Json]) -> Json:
    return {"tuple": pair}


def _in_order(want: list[Json], got: list[Json]) -> Optional[str]:
    if len(want) != len(got):
        return f"expected {len(want)} elements, got {len(got)}: {shorten(got)}"
    for index, (one, other) in enumerate(zip(want, got)):
        problem = difference(one, other)
        if problem:
            return f"[{index}]: {problem}"
    return None


def _unordered(want: list[Json], actual: Json) -> Optional[str]:
    left = list(next(iter(actual.values())))
    for one in want:
        found = next((other for other in left if difference(one, other) is None), None)
        if found is None:
            return f"no {shorten(one)} in {shorten(actual)}"
        left.remove(found)
    return f"unexpected {shorten(left)}" if left else None


def _having(want: list[Json], actual: Json) -> Optional[str]:
    elements = next(iter(actual.values()))
    for one in want:
        if not any(difference(one, other) is None for other in elements):
            return f"no {shorten(one)} in {shorten(actual)}"
    return None


def _including(want: list[Json], actual: Json) -> Optional[str]:
    left = actual.get("dict", [])
    for pair in want:
        if not any(difference(_pair(pair), _pair(other)) is None for other in left):
            return f"no {shorten(pair)} in {shorten(actual)}"
    return None


def _error(expected: Json, actual: Json) -> Optional[str]:
    # A language whose set_many answers the keys that failed knows that one did, not why.
    if actual["error"] == UNKNOWN_ERROR:
        return None
    if expected["error"] != actual["error"]:
        return f"expected {expected['error']}, got {shorten(actual)}"
    return fragments(expected.get("message", []), actual.get("message", ""))


def fragments(want: list[str], text: str) -> Optional[str]:
    missing = [fragment for fragment in want if fragment.lower() not in text.lower()]
    return f"no {missing} in the message {text!r}" if missing else None


def _between(bounds: list[int], actual: Json) -> Optional[str]:
    if "int" in actual and bounds[0] <= int(actual["int"]) <= bounds[1]:
        return None
    return f"expected an integer from {bounds[0]} to {bounds[1]}, got {shorten(actual)}"


def _like(want: list[str], actual: Json) -> Optional[str]:
    text = bytes.fromhex(actual.get("utf8", actual.get("bytes", ""))).decode("utf-8", "replace")
    return fragments(want, text)


def _is_nan(bits: str) -> bool:
    number = struct.unpack(">d", bytes.fromhex(bits))[0]
    return bool(number != number)


_MATCHERS: dict[str, Callable[[Json, Json], Optional[str]]] = {
    "any": lambda _, actual: None,
    "int_between": _between,
    "unordered": _unordered,
    "having": _having,
    "including": _including,
    "like": _like,
}
