"""What json and msgpack can't hold, as the library says it to the other languages."""

from __future__ import annotations

from typing import Any

_NAMES: dict[type, str] = {bytes: "a byte string", int: "an integer over 64 bits"}


class Refused(TypeError):
    """A value, or a part of one, that the serializer has no word for. Its text is what it is: "a set"."""


def refused(value: Any) -> Refused:
    """The exception for this object."""
    kind = type(value)
    return Refused(_NAMES.get(kind) or f"a {kind.__qualname__}")


def sentence(refusal: Refused, serializer: str) -> str:
    """What the user is told."""
    return f"{refusal} can't be stored with SERIALIZER {serializer}, as in Django; store a plainer value, or use pickle"
