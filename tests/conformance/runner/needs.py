"""What a driver must be able to do for a case: the features that drivers/NAME.json may say are lacking."""

from __future__ import annotations

import math
from typing import Any, Iterator

from .cases import Case
from .operations import OPERATIONS

Json = Any
SPECIAL_VALUES = ("opaque", "payload", "record", "ext")
OTHERS = {
    "KEY_MADE",
    "AS_PAYLOAD",
    "deadline_ms",
    "itersize of keys",
    "timeouts that are no number",
    "a key twice in set_many",
    "conditions of set_many",
    *(f"values: {kind}" for kind in SPECIAL_VALUES),
}
FEATURES = set(OPERATIONS) | OTHERS


def needs(case: Case) -> set[str]:
    """The features that a case needs."""
    return {feature for step in case.steps if "do" in step for feature in _of_step(step)}


def _of_step(step: Json) -> Iterator[str]:
    yield step["do"]
    yield from (flag for flag in step.get("flags", []) if flag in FEATURES)
    if "deadline_ms" in step and step["do"] != "receive":
        yield "deadline_ms"
    if "itersize" in step and step["do"] == "keys":
        yield "itersize of keys"
    if step.get("timeout") is not None and not math.isfinite(float(step["timeout"])):
        yield "timeouts that are no number"
    if step["do"] == "set_many" and step.get("flags"):
        yield "conditions of set_many"
    names = [repr(item[0]) for item in step.get("items", [])]
    if len(set(names)) < len(names):
        yield "a key twice in set_many"
    text = repr([step.get("value"), step.get("items"), step["expect"]])
    yield from (f"values: {kind}" for kind in SPECIAL_VALUES if f"{{'{kind}': " in text)
