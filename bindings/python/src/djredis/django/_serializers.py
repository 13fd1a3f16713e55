"""SERIALIZER as django-redis has it, and `serializer` as Django's own backend has it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string

from ._refusal import Entry

_NAMES = {
    "django_redis.serializers.pickle.PickleSerializer": "pickle",
    "django_redis.serializers.json.JSONSerializer": "json",
    "django_redis.serializers.msgpack.MSGPackSerializer": "msgpack",
    # The integers that it leaves alone are digits here as well.
    "django.core.cache.backends.redis.RedisSerializer": "pickle",
}
# Without a lock, as in _registry.py; making one runs the site's own code besides.
_made: dict[tuple[str, str], Any] = {}


class Adapted:
    """A serializer for Django's own backend, whose dumps may also return text or a number, as redis-py takes them."""

    def __init__(self, serializer: Any) -> None:
        self._serializer = serializer

    def __repr__(self) -> str:
        return f"<{type(self._serializer).__module__}.{type(self._serializer).__qualname__}>"

    def dumps(self, value: Any) -> bytes:
        """What stands in Redis for a value."""
        data = self._serializer.dumps(value)
        if isinstance(data, (bytes, bytearray, memoryview)):
            return bytes(data)
        if isinstance(data, (str, int, float)) and not isinstance(data, bool):
            return str(data).encode()
        raise TypeError(f"dumps must return bytes, text or a number, not {type(data).__name__}")

    def loads(self, data: bytes) -> Any:
        """The value of what dumps returned."""
        return self._serializer.loads(data)


def serializer(entry: Entry, where: str, value: Any, options: Mapping[str, Any], *, django: bool) -> Any:
    """pickle, json, msgpack or raw, or an object that has dumps and loads: one for all threads."""
    name = _NAMES.get(f"{value.__module__}.{value.__qualname__}" if isinstance(value, type) else str(value))
    if name is not None:
        return name
    if isinstance(value, str) and "." not in value:
        return value
    if not isinstance(value, (str, type)):
        return value if not django else _once(("", f"{id(value)}"), lambda: (value, Adapted(value)))[1]
    try:
        return _once((repr(value), repr(sorted(options.items(), key=str))), lambda: _make(value, options, django))
    except ImproperlyConfigured:
        raise
    except Exception as error:
        raise entry.refusal(f"{where} {value!r} can't be made: {type(error).__name__}: {error}") from error


def _once(key: tuple[str, str], make: Any) -> Any:
    found = _made.get(key)
    return _made.setdefault(key, make()) if found is None else found


def _make(value: Any, options: Mapping[str, Any], django: bool) -> Any:
    kind = import_string(value) if isinstance(value, str) else value
    made = kind
    if callable(kind):
        # django-redis gives its serializers OPTIONS, Django nothing.
        made = kind() if django else kind(options=dict(options))
    missing = [name for name in ("dumps", "loads") if not callable(getattr(made, name, None))]
    if missing:
        raise TypeError(f"it has no {' and no '.join(missing)}")
    return Adapted(made) if django else made
