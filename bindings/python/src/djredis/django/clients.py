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


class ClusterClient(DefaultClient):
    """Puts keys on the nodes of a Redis Cluster, which LOCATION names some of; see docs/layouts.md."""

    def get_client(self, write: bool = True, tried: Any = None) -> Any:
        """Refused: there is no one server for a raw connection."""
        raise NotImplementedError(
            "a cache on a cluster has no raw connection, since its keys are on several nodes; open one of them as a cache "
            "of its own"
        )


#: The clients whose servers the library finds by a CLIENT_CLASS of its own.
_SPREADING: dict[str, type[BaseClient]] = {"shard": ShardClient, "cluster": ClusterClient}


def load(read: Settings) -> type[BaseClient]:
    """The class of the client. Raises ImproperlyConfigured."""
    given = read.client_class
    if given is None:
        return _SPREADING.get(str(read.options.get("CLIENT_CLASS")), DefaultClient)
    try:
        found = import_string(given) if isinstance(given, str) else given
    except ImportError as error:
        raise ImproperlyConfigured(f"{read.name}: the CLIENT_CLASS {given!r} can't be imported: {error}") from error
    if not (isinstance(found, type) and issubclass(found, BaseClient)):
        raise ImproperlyConfigured(
            f"{read.name}: the CLIENT_CLASS {given!r} is no class derived from redis_cache.client.DefaultClient (which "
            "djredis.django.DefaultClient is too); derive it from that, in place of django_redis.client.DefaultClient"
        )
    for kind, client in _SPREADING.items():
        if issubclass(found, client):
            read.options["CLIENT_CLASS"] = kind
    return found


__all__ = ["ClusterClient", "DefaultClient", "ShardClient", "load"]
