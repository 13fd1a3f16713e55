"""One process of the fleet: a cache of Django with one backend. A pickled call comes in, its result goes out.

    member.py BACKEND SOCKET
"""

from __future__ import annotations

import pickle
import sys
from typing import Any

from django.conf import settings

LOCATIONS = {
    "django_redis.cache.RedisCache": "unix://{}?db=0",
    "django.core.cache.backends.redis.RedisCache": "unix://{}?db=0",
    "djredis.django.RedisCache": "unix:{}:0",
}


def main() -> None:
    backend, socket = sys.argv[1:]
    cache = {"BACKEND": backend, "LOCATION": LOCATIONS[backend].format(socket), "KEY_PREFIX": "fleet", "TIMEOUT": None}
    settings.configure(CACHES={"default": cache})
    from django.core.cache import cache as opened

    while True:
        try:
            method, args, options = pickle.load(sys.stdin.buffer)
        except EOFError:
            return
        pickle.dump(result(opened, method, args, options), sys.stdout.buffer)
        sys.stdout.buffer.flush()


def result(cache: Any, method: str, args: tuple[Any, ...], options: dict[str, Any]) -> Any:
    """What the call returns, or the name of what it raises."""
    try:
        return getattr(cache, method)(*args, **options)
    except ValueError:
        return ValueError


main()
