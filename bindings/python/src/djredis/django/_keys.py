"""Keys and patterns of a backend: those that the library makes, and those that a function of one's own makes."""

from __future__ import annotations

import re
from typing import Any

from django.core.cache.backends.base import BaseCache, default_key_func
from django.utils.module_loading import import_string


class CacheKey(str):
    """A key as it stands in Redis, with its prefix and version. What make_key makes; methods take it as it is."""


def escaped(text: str) -> str:
    """Text that matches itself alone in a pattern."""
    return re.sub(r"([*?[\\])", r"\\\1", text)


def reverse_key(key: str) -> str:
    """The user's part of prefix:version:key."""
    return key.split(":", 2)[2]


def reverse_function(given: Any) -> Any:
    """The option REVERSE_KEY_FUNCTION, which may be a dotted path, as a function."""
    if not given:
        return reverse_key
    return given if callable(given) else import_string(given)


def own_key_function(backend: Any) -> bool:
    """Whether a function of the user's makes the keys; else the library does, which is faster."""
    own_class = getattr(type(backend), "make_key", None) is not BaseCache.make_key
    return own_class or getattr(backend, "key_func", None) is not default_key_func
