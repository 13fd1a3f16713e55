"""The class of a backend's client: CLIENT_CLASS, or DefaultClient."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string

from ._base import BaseClient
from ._client import DefaultClient
from .settings import Settings


class ShardClient(DefaultClient):
    """Spreads keys over servers by the ring of django-redis; see docs/layouts.md."""

    def get_client(self, write: bool = True, tried: Any = None) -> Any:
        """Refused: there is no one server for a raw connection."""
        raise NotImplementedError(
            "a sharded cache has no raw connection, since its keys are on several servers; open one of them as a cache "
            "of its own"
        )


class SentinelClient(DefaultClient):
    """On the primary that sentinels name, wherever that is; see docs/layouts.md."""


def load(read: Settings) -> type[BaseClient]:
    """The class of the client. Raises ImproperlyConfigured."""
    given = read.client_class
    if given is None:
        return ShardClient if read.options.get("CLIENT_CLASS") == "shard" else DefaultClient
    try:
        found = import_string(given) if isinstance(given, str) else given
    except ImportError as error:
        raise ImproperlyConfigured(f"{read.name}: the CLIENT_CLASS {given!r} can't be imported: {error}") from error
    if not (isinstance(found, type) and issubclass(found, BaseClient)):
        raise ImproperlyConfigured(
            f"{read.name}: the CLIENT_CLASS {given!r} is no class derived from redis_cache.client.DefaultClient (which "
            "djredis.django.DefaultClient is too); derive it from that, in place of django_redis.client.DefaultClient"
        )
    if issubclass(found, ShardClient):
        read.options["CLIENT_CLASS"] = "shard"
    if issubclass(found, SentinelClient):
        read.options["CLIENT_CLASS"] = "sentinel"
    return found


__all__ = ["DefaultClient", "SentinelClient", "ShardClient", "load"]
