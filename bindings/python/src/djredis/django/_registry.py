"""The caches behind the backends: Django makes a backend for each thread, and they share one cache per process."""

from __future__ import annotations

import threading
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.signals import setting_changed

import djredis

_lock = threading.Lock()
_caches: dict[tuple[Any, ...], djredis.Cache] = {}


def shared(location: Any, options: dict[str, Any], name: str = "CACHES") -> djredis.Cache:
    """The cache of this location with these options. Raises ImproperlyConfigured, whose text begins with `name`."""
    key = _key(location, options)
    with _lock:
        cache = _caches.get(key)
        if cache is None:
            cache = _caches[key] = _open(location, options, name)
        return cache


def forget(cache: djredis.Cache) -> None:
    """The next one who asks gets a new cache; this one's connections close when nobody holds it any more."""
    with _lock:
        for key in [key for key, held in _caches.items() if held is cache]:
            del _caches[key]


def _open(location: Any, options: dict[str, Any], name: str) -> djredis.Cache:
    try:
        return djredis.Cache(location, **options)
    except (djredis.ConfigError, djredis.UnsupportedError, TypeError) as error:
        raise ImproperlyConfigured(f"{name}: {error}") from error


def _key(location: Any, options: dict[str, Any]) -> tuple[Any, ...]:
    entries = location if isinstance(location, str) else tuple(location or ())
    return entries, tuple(sorted((name, _identity(value)) for name, value in options.items()))


def _identity(value: Any) -> str:
    """Text that equal values share: an object of one's own, a serializer say, is equal to itself alone."""
    if isinstance(value, (str, int, float, bytes, type(None), list, tuple)):
        return repr(value)
    return f"{value!r} {id(value)}"


def _settings_changed(*, setting: str, **_: Any) -> None:
    if setting == "CACHES":
        with _lock:
            _caches.clear()


setting_changed.connect(_settings_changed, dispatch_uid="djredis.django")
