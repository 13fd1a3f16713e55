"""One entry of Django's CACHES, read: where the server is and what the cache and its backend are told."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from django.conf import settings as site
from django.utils.module_loading import import_string

from . import _locations, compat
from ._refusal import Entry

#: "django": djredis.django.RedisCache. "redis_cache": the paths that the documentation of django-redis 3 names.
DJANGO, REDIS_CACHE = "django", "redis_cache"


class Settings(SimpleNamespace):
    """What an entry of CACHES says."""

    location: Any
    #: For djredis.Cache, by their names in capitals.
    options: dict[str, Any]
    #: The dotted path, or the class, of a client of one's own; None: DefaultClient.
    client_class: Any
    #: Whose return values: "django" or "django-redis".
    compat: str
    ignore_exceptions: bool
    log_ignored: bool
    #: The name of the logger that hears of what was ignored.
    logger: str
    #: A function, or its dotted path, that makes the user's key of one that KEY_FUNCTION made.
    reverse_key_function: Any
    #: Whether the end of a request closes the connections.
    close_connection: bool
    flavour: str
    #: How messages name the entry: CACHES["default"].
    name: str


def read(server: Any, params: Mapping[str, Any], flavour: str = DJANGO) -> Settings:
    """The settings of one cache. Raises ImproperlyConfigured, which names the entry, the option and the fix."""
    entry = Entry(server, params)
    given = params.get("OPTIONS")
    if given is not None and not isinstance(given, Mapping):
        raise entry.refusal(f"OPTIONS is a dict, not {type(given).__name__}")
    found = compat.translate(entry, given or {})
    options = found.options
    if options.get("CLIENT_CLASS") == "sentinel":
        from . import _sentinels

        location = _sentinels.location(entry, server, options)
    else:
        location = _locations.read(entry, server, strict=flavour == REDIS_CACHE and "DB" not in options)
    options["KEY_PREFIX"] = str(params.get("KEY_PREFIX", ""))
    options["VERSION"] = _version(entry, params.get("VERSION", 1))
    options["TIMEOUT"] = _timeout(entry, params)
    for name in ("KEY_FUNCTION", "REVERSE_KEY_FUNCTION"):
        _check_function(entry, name, params.get(name))
    options.setdefault("ZERO_TIMEOUT", "expire" if flavour == DJANGO else "forever")
    own = found.own
    iterations = getattr(site, "DJANGO_REDIS_SCAN_ITERSIZE", None)
    if iterations is not None:
        options.setdefault("SCAN_ITERSIZE", iterations)
    _layout_defaults(options, flavour)
    return Settings(
        location=location,
        options=options,
        client_class=found.client_class,
        compat=_compat(entry, own.get("COMPAT", "django" if flavour == DJANGO else "django-redis")),
        ignore_exceptions=_switch(entry, own, "IGNORE_EXCEPTIONS"),
        log_ignored=_switch(entry, own, "LOG_IGNORED_EXCEPTIONS"),
        logger=getattr(site, "DJANGO_REDIS_LOGGER", None) or "djredis.django",
        reverse_key_function=compat.reverse_key_function(params.get("REVERSE_KEY_FUNCTION")),
        close_connection=_switch(entry, own, "CLOSE_CONNECTION"),
        flavour=flavour,
        name=str(entry),
    )


def _layout_defaults(options: dict[str, Any], flavour: str) -> None:
    """What only shards and herds have. The documented paths are those of releases with the older ring."""
    kind = options.get("CLIENT_CLASS")
    if kind == "shard" and flavour == REDIS_CACHE:
        options.setdefault("RING", "3.2")
    if kind == "herd":
        options.setdefault("HERD_TIMEOUT", getattr(site, "CACHE_HERD_TIMEOUT", 60))


def _switch(entry: Entry, own: Mapping[str, Any], name: str) -> bool:
    """One that is on or off: in OPTIONS, or for all caches as DJANGO_REDIS_ and its name."""
    if name in own:
        return _boolean(entry, f'OPTIONS["{name}"]', own[name])
    everywhere = f"DJANGO_REDIS_{name}"
    return _boolean(entry, f"the setting {everywhere}", getattr(site, everywhere, False))


_SWITCHES = {"true": True, "yes": True, "on": True, "1": True, "false": False, "no": False, "off": False, "0": False}


def _boolean(entry: Entry, where: str, value: Any) -> bool:
    if value is None:
        return False
    found = _SWITCHES.get(str(value).strip().lower())
    if found is None:
        raise entry.refusal(f"{where} is {value!r}, but it must be True or False")
    return found


def _compat(entry: Entry, value: Any) -> str:
    if value not in ("django", "django-redis"):
        raise entry.refusal(f'OPTIONS["COMPAT"] is {value!r}, but it must be "django" or "django-redis"')
    return str(value)


def _check_function(entry: Entry, name: str, value: Any) -> None:
    if value is None or callable(value) or compat.reverse_key_function(value) is None:
        return
    try:
        found = import_string(value)
    except (ImportError, AttributeError) as error:
        raise entry.refusal(f"{name} {value!r} can't be imported: {error}") from error
    if not callable(found):
        raise entry.refusal(f"{name} {value!r} is no function")


def _version(entry: Entry, value: Any) -> int:
    try:
        number = int(value)
    except (TypeError, ValueError):
        number = None
    if number is None or isinstance(value, float) and value != number:
        raise entry.refusal(
            f"VERSION is {value!r}, but it must be a whole number; a name belongs into KEY_PREFIX or a KEY_FUNCTION"
        )
    return number


def _timeout(entry: Entry, params: Mapping[str, Any]) -> float | int | None:
    """TIMEOUT in seconds, None for ever. Django takes what it can't read for 300; here it is refused."""
    value = params.get("timeout", params.get("TIMEOUT", 300))
    if value is None:
        return None
    if isinstance(value, timedelta):
        value = value.total_seconds()
    try:
        number = value if isinstance(value, (int, float)) else float(value)
    except (TypeError, ValueError):
        number = math.nan
    if not math.isfinite(number):
        raise entry.refusal(f"TIMEOUT is {value!r}, but it must be seconds, such as 300 or 0.5, or None for ever")
    return int(number) if number == int(number) else number


__all__ = ["DJANGO", "REDIS_CACHE", "Settings", "read"]
