"""The caches behind the backends: Django makes a backend for each thread, and they share one cache per process."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.signals import setting_changed

import djredis

# No lock, which a fork could leave locked in the child: each use of the table is one step, and a cache that was opened
# for nothing has no connection yet.
_caches: dict[tuple[Any, ...], djredis.Cache] = {}


def shared(location: Any, options: dict[str, Any], name: str = "CACHES") -> djredis.Cache:
    """The cache of this location with these options. Raises ImproperlyConfigured, whose text begins with `name`."""
    key = _key(location, options)
    cache = _caches.get(key)
    return _caches.setdefault(key, _open(location, options, name)) if cache is None else cache


def forget(cache: djredis.Cache) -> None:
    """The next one who asks gets a new cache; this one's connections close when nobody holds it any more."""
    for key, held in list(_caches.items()):
        if held is cache:
            _caches.pop(key, None)


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
        _caches.clear()


setting_changed.connect(_settings_changed, dispatch_uid="djredis.django")
