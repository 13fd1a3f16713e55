"""A Django cache backend: CACHES = {"default": {"BACKEND": "djredis.django.RedisCache", "LOCATION": "..."}}."""

from __future__ import annotations

from typing import Any

from .backend import RedisCache
from .clients import DefaultClient

__all__ = ["DefaultClient", "RedisCache", "get_redis_connection"]


def get_redis_connection(alias: str = "default", write: bool = True) -> Any:
    """The raw client of a cache, on which every command works; it shares the cache's pool.

    write: False where a replica will do. Raises NotImplementedError for a cache whose backend has none.
    """
    from django.core.cache import caches

    client: Any = getattr(caches[alias], "client", None)
    if not hasattr(client, "get_client"):
        backend = type(caches[alias])
        raise NotImplementedError(
            f"the cache {alias!r} has no raw connection: its backend is {backend.__module__}.{backend.__qualname__}, not "
            "djredis.django.RedisCache"
        )
    return client.get_client(write)
