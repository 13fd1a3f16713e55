"""Loads the cases and checks that each is written in the documented format."""

from __future__ import annotations

import json
import pathlib
import re
from typing import Any, Iterator, NamedTuple, Sequence

from .notation import MATCHERS, NotationError, plain
from .operations import OPERATIONS, request

Json = Any

CASE_FIELDS = {
    "name": str,
    "doc": str,
    "trap": list,
    "options": dict,
    "server_config": list,
    "one_server": str,
    "no_replicas": str,
    "steps": list,
}
CASE_REQUIRED = ("name", "doc", "steps")
EXPECT_FIELDS = {"status": str, "value": None, "message": list, "not_message": list, "stored": str, "flags": list}
# What a step that does not go to the driver may hold, by the field that names it.
RUNNER_STEPS = {
    "redis": {"redis", "reply"},
    "wait": {"wait", "reply"},
    "unpickles": {"unpickles", "as"},
    "sent": {"sent"},
    "sent_counts": {"sent_counts"},
    "fake": {"fake", "reply"},
}
FLAGS = ("NX", "XX", "KEY_MADE", "AS_PAYLOAD", "MULTI")
STATUS = re.compile(r"(OK|MISS|IGNORED|ERR_[A-Z_]+)\Z")


class FormatError(Exception):
    """A case that is not written as README.md says."""


class Case(NamedTuple):
    """One case. `id` is the file's stem, a slash and the case's name."""

    id: str
    traps: Sequence[str]
    options: Json
    server_config: Sequence[str]
    # Why it can't hold where keys are spread over servers.
    one_server: str
    # Why it can't hold where reads go to replicas.
    no_replicas: str
    steps: Sequence[Json]


def load(folder: pathlib.Path) -> list[Case]:
    """All cases of a folder, in the order of their files."""
    cases = [case for path in sorted(folder.glob("*.json")) for case in _load_file(path)]
    seen: set[str] = set()
    for case in cases:
        if case.id in seen:
            raise FormatError(f"{case.id}: two cases have this name")
        seen.add(case.id)
    return cases


def _load_file(path: pathlib.Path) -> Iterator[Case]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"), object_pairs_hook=_without_duplicates)
    except ValueError as error:
        raise FormatError(f"{path.name}: {error}") from error
    if set(content) != {"about", "cases"}:
        raise FormatError(f"{path.name}: needs about and cases, nothing else")
    for case in content["cases"]:
        case_id = f"{path.stem}/{case.get('name')}"
        try:
            _check_case(case)
        except (FormatError, NotationError, KeyError, TypeError, ValueError) as error:
            raise FormatError(f"{case_id}: {error}") from error
        yield Case(
            case_id,
            case.get("trap", []),
            case.get("options", {}),
            case.get("server_config", []),
            case.get("one_server", ""),
            case.get("no_replicas", ""),
            case["steps"],
        )


def _without_duplicates(pairs: list[tuple[str, Json]]) -> Json:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise FormatError(f"a field is given twice: {[name for name, _ in pairs]}")
    return result


def _check_case(case: Json) -> None:
    _check_fields(case, CASE_FIELDS, CASE_REQUIRED)
    for number, step in enumerate(case["steps"], 1):
        try:
            _check_step(step)
        except (FormatError, NotationError, KeyError, TypeError, ValueError) as error:
            raise FormatError(f"step {number}: {error}") from error
    if not any("expect" in step or "reply" in step or "sent" in step for step in case["steps"]):
        raise FormatError("it expects nothing")


def _check_fields(given: Json, known: Json, required: Sequence[str]) -> None:
    for name, field in given.items():
        if name not in known:
            raise FormatError(f"unknown field {name!r}; known: {', '.join(known)}")
        if known[name] is not None and not isinstance(field, known[name]):
            raise FormatError(f"{name} is no {known[name].__name__}")
    for name in required:
        if name not in given:
            raise FormatError(f"{name} is missing")


def _check_step(step: Json) -> None:
    kind = next(iter(step))
    if kind == "do":
        return _check_operation(step)
    if kind not in RUNNER_STEPS:
        raise FormatError(f"a step starts with do or one of {', '.join(RUNNER_STEPS)}, not {kind!r}")
    unknown = set(step) - RUNNER_STEPS[kind]
    if unknown:
        raise FormatError(f"unknown fields {sorted(unknown)} beside {kind!r}")
    for kind, field in (("wait", "reply"), ("unpickles", "as")):
        if kind in step and field not in step:
            raise FormatError(f"{kind} needs {field}")


def _check_operation(step: Json) -> None:
    operation = OPERATIONS.get(step["do"])
    if operation is None:
        raise FormatError(f"unknown operation {step['do']!r}")
    known = {"do", "cache", "expect", *operation.required, *operation.optional}
    unknown = set(step) - known
    missing = set(operation.required) - set(step)
    if unknown or missing:
        raise FormatError(f"{step['do']}: unknown {sorted(unknown)}, missing {sorted(missing)}")
    for flag in step.get("flags", []):
        if flag not in FLAGS:
            raise FormatError(f"unknown flag {flag!r}")
    _refuse_matchers(request(step))
    if "expect" not in step:
        raise FormatError(f"{step['do']}: expect is missing")
    _check_expectation(step["expect"], operation.answers)


def _refuse_matchers(message: Json) -> None:
    text = json.dumps(message)
    for name in MATCHERS:
        if f'"{name}":' in text:
            raise FormatError(f"{name!r} stands in an input; it belongs into expect")


def _check_expectation(expect: Json, answers: bool) -> None:
    expect = expectation(expect)
    _check_fields(expect, EXPECT_FIELDS, ("status",))
    if not STATUS.match(expect["status"]):
        raise FormatError(f"unknown status {expect['status']!r}")
    if "value" in expect:
        plain(expect["value"])
    elif answers and expect["status"] == "OK":
        raise FormatError('expect OK needs a value; {"any": true} where it may be anything')
    if expect["status"].startswith("ERR_") and not expect.get("message"):
        raise FormatError("an expected error needs fragments of its message")


def expectation(expect: Json) -> Json:
    """The long form of an expectation: "MISS" is short for {"status": "MISS"}, and OK is the default status."""
    if isinstance(expect, str):
        return {"status": expect}
    return {"status": "OK", **expect}
