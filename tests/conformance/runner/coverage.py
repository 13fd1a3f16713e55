"""Holds the cases against what they must cover: every function, flag, status and value type of the header, every trap.

The header is read, so that a new name fails here until a case uses it. traps.json lists the traps; coverage.json names the
C test that covers what no case can reach (a NULL pointer, a fork), and what belongs to a feature that is not there yet.
"""

from __future__ import annotations

import json
import pathlib
import re
from typing import Any, Iterable, Iterator

from .cases import Case, expectation
from .notation import plain
from .operations import OPERATIONS

Json = Any

FUNCTION = re.compile(r"^[A-Za-z][\w \*]*?\b(djredis_\w+)\(", re.M)
DEFINE = re.compile(r"^#define (DJREDIS_\w+)", re.M)
NOT_COUNTED = {"DJREDIS_H", "DJREDIS_ABI"}
# The value type that each kind of the notation stands for; what is not here is MSGPACK.
TYPES = {
    "none": "NONE",
    "bool": "BOOL",
    "float": "FLOAT",
    "bytes": "BYTES",
    "utf8": "TEXT",
    "opaque": "OPAQUE",
    "payload": "PAYLOAD",
    "missing": "MISSING",
    "items": "ITEMS",
    "error": "ERROR",
}


def check(cases: Iterable[Case], root: pathlib.Path, folder: pathlib.Path) -> list[str]:
    """Sentences about what nothing covers; empty if all is well."""
    cases = list(cases)
    header = (root / "include" / "djredis.h").read_text(encoding="utf-8")
    elsewhere: dict[str, Json] = json.loads((folder / "coverage.json").read_text(encoding="utf-8"))
    traps: dict[str, Json] = json.loads((folder / "traps.json").read_text(encoding="utf-8"))
    used = {name for case in cases for step in case.steps for name in _names(step)}
    names = set(FUNCTION.findall(header)) | (set(DEFINE.findall(header)) - NOT_COUNTED)
    return [
        *_uncovered(names, used, elsewhere, root),
        *_uncovered_traps(cases, traps),
    ]


def _uncovered(names: set[str], used: set[str], elsewhere: dict[str, Json], root: pathlib.Path) -> Iterator[str]:
    tests: dict[str, str] = elsewhere["c_tests"]
    later: dict[str, str] = elsewhere["later"]
    for name in sorted(names - used - set(later)):
        path = tests.get(name)
        if path is None:
            yield f"{name}: no case uses it, and coverage.json names no C test"
        elif not (root / path).is_file() or name not in (root / path).read_text(encoding="utf-8"):
            yield f"{name}: coverage.json says {path}, which does not mention it"
    for name in sorted((set(tests) | set(later)) & used):
        yield f"{name}: coverage.json lists it, but a case uses it"


def _uncovered_traps(cases: list[Case], traps: dict[str, Json]) -> Iterator[str]:
    covered = {trap for case in cases for trap in case.traps}
    for case in cases:
        for trap in case.traps:
            if trap not in traps:
                yield f"{case.id}: traps.json has no trap {trap!r}"
    for trap, row in traps.items():
        if trap not in covered and "later" not in row:
            yield f"trap {trap!r}: no case covers it"
        if trap in covered and "later" in row:
            yield f"trap {trap!r}: marked as later, but cases cover it"


def _names(step: Json) -> Iterator[str]:
    """Every name of the header that a step stands for."""
    if "do" not in step:
        return
    yield "djredis_" + OPERATIONS[step["do"]].function
    if step["do"] == "scan":
        yield from ("djredis_scan_next", "djredis_scan_free")
    if step["do"] == "add":
        yield "DJREDIS_NX"
    if "version" in step:
        yield "DJREDIS_VERSION"
    if "timeout" in step:
        yield "DJREDIS_TTL"
    for flag in step.get("flags", []):
        yield f"DJREDIS_{flag}"
    yield from _names_of_expectation(expectation(step["expect"]))
    for call in step.get("calls", []):
        yield from (f"DJREDIS_{flag}" for flag in call.get("flags", []))
    for value in (step.get("value"), *(value for _, value in step.get("items", []))):
        if value is not None:
            yield from _types(plain(value))


def _names_of_expectation(expect: Json) -> Iterator[str]:
    yield f"DJREDIS_{expect['status']}"
    if expect["status"].startswith("ERR_"):
        yield "DJREDIS_ERROR"
    for flag in expect.get("flags", []):
        yield f"DJREDIS_{flag}"
    if "value" in expect:
        yield from _types(plain(expect["value"]))


def _types(value: Json) -> Iterator[str]:
    """The value types of a plain value and of the items in it."""
    kind = next(iter(value))
    if kind == "int":
        yield "DJREDIS_INT" if -(2**63) <= int(value["int"][:25]) < 2**63 else "DJREDIS_BIGINT"
    else:
        yield "DJREDIS_" + TYPES.get(kind, "MSGPACK")
    if kind == "items":
        for item in value["items"]:
            yield from _types(item)
    if kind == "error":
        yield f"DJREDIS_{value['error']}"
