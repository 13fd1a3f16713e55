"""One entry of Django's CACHES, read."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

#: "django": djredis.django.RedisCache. "redis_cache": the paths that the documentation of django-redis 3 names.
DJANGO, REDIS_CACHE = "django", "redis_cache"


@dataclass(frozen=True)
class Settings:
    """What an entry of CACHES says."""

    location: Any
    #: For djredis.Cache, by their names in capitals.
    options: dict[str, Any] = field(default_factory=dict)
    #: The dotted path of the client's class; None: DefaultClient.
    client_class: str | None = None
    #: Whose return values: "django" or "django-redis".
    compat: str = "django"
    ignore_exceptions: bool = False
    log_ignored: bool = False
    #: The name of the logger that hears of what was ignored.
    logger: str = "djredis.django"
    #: A function, or its dotted path, that makes the user's key of one that KEY_FUNCTION made.
    reverse_key_function: Any = None
    #: Whether the end of a request closes the connections.
    close_connection: bool = False
    flavour: str = DJANGO


def read(server: Any, params: dict[str, Any], flavour: str = DJANGO) -> Settings:
    """The settings of one cache. Raises ImproperlyConfigured, which names the option and the fix."""
    options = {name.upper(): value for name, value in (params.get("OPTIONS") or {}).items()}
    own = {
        "client_class": options.pop("CLIENT_CLASS", None),
        "compat": options.pop("COMPAT", "django"),
        "ignore_exceptions": options.pop("IGNORE_EXCEPTIONS", False),
        "log_ignored": options.pop("LOG_IGNORED_EXCEPTIONS", False),
        "close_connection": options.pop("CLOSE_CONNECTION", False),
    }
    options.setdefault("KEY_PREFIX", params.get("KEY_PREFIX", ""))
    options.setdefault("VERSION", params.get("VERSION", 1))
    options.setdefault("ZERO_TIMEOUT", "expire" if flavour == DJANGO else "forever")
    return Settings(server, options, reverse_key_function=params.get("REVERSE_KEY_FUNCTION"), flavour=flavour, **own)
