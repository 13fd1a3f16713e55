"""The class of a backend's client: CLIENT_CLASS, or DefaultClient."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string

from .._calls import MADE
from . import _registry
from ._base import BaseClient
from ._client import DefaultClient
from ._ignore import AWAY
from .settings import Settings


class ShardClient(DefaultClient):
    """Spreads keys over servers by the ring of django-redis; see docs/layouts.md."""

    _layout = "shard"

    def keys(self, search: str, version: Any = None, client: Any = None) -> list[str]:
        """The keys that match a pattern. Where a server is away, the error's `found` has those of the others."""
        try:
            return super().keys(search, version, client)
        except AWAY as error:
            if self._settings.ignore_exceptions:
                error.found = dict.fromkeys(DefaultClient.keys(self._living(), search, version))
            raise

    def iter_keys(
        self, search: str, itersize: int | None = None, client: Any = None, version: Any = None
    ) -> Iterator[str]:
        """The keys that match a pattern, as they are found. Where a server is away, it fails after those of the others."""
        try:
            yield from super().iter_keys(search, itersize, client, version)
        except AWAY:
            if self._settings.ignore_exceptions:
                yield from DefaultClient.iter_keys(self._living(), search, itersize, version=version)
            raise

    def _living(self) -> ShardClient:
        """This client, on a cache that leaves out the servers that are away."""
        living = copy.copy(self)
        options = {**self._settings.options, "IGNORE_EXCEPTIONS": True}
        living.cache = _registry.shared(self._settings.location, options, self._settings.name)
        return living

    def get_client(self, write: bool = True, tried: Any = None) -> Any:
        """Refused: there is no one server for a raw connection."""
        raise NotImplementedError(
            "a sharded cache has no raw connection, since its keys are on several servers; open one of them as a cache "
            "of its own"
        )


class HerdClient(DefaultClient):
    """Lets values outlive their timeouts, so that few callers renew them at the same time; see docs/layouts.md.

    incr and decr raise NotImplementedError, as in django-redis.
    """

    _layout = "herd"

    def set_many(
        self,
        data: Mapping[Any, Any],
        timeout: Any = DEFAULT_TIMEOUT,
        version: Any = None,
        client: Any = None,
        herd: bool = True,
    ) -> list[Any]:
        """Stores several values in one round trip. herd: False stores them, one by one, as DefaultClient does."""
        if herd:
            return super().set_many(data, timeout, version, client)
        if client is not None:
            self._check(client)
        for name, value in data.items():
            self.cache.set_raw(self.make_key(name, version), self.encode(value), self._timeout(timeout), MADE)
        return []

    def expire(self, key: Any, timeout: Any, version: Any = None, client: Any = None) -> bool:
        """Lets a key be gone in `timeout` seconds; when its value is to be renewed stays as it is."""
        return self.pexpire(key, self._timeout(timeout) * 1000, version, client)

    def pexpire(self, key: Any, timeout: Any, version: Any = None, client: Any = None) -> bool:
        """Lets a key be gone in `timeout` milliseconds; see expire."""
        if timeout is DEFAULT_TIMEOUT:
            timeout = self._timeout(timeout) * 1000
        return bool(self._run(client, "PEXPIRE", key, int(timeout), version=version))


class SentinelClient(DefaultClient):
    """On the primary that sentinels name, wherever that is; see docs/layouts.md."""

    _layout = "sentinel"


class ClusterClient(DefaultClient):
    """Puts keys on the nodes of a Redis Cluster, which LOCATION names some of; see docs/layouts.md."""

    _layout = "cluster"

    def get_client(self, write: bool = True, tried: Any = None) -> Any:
        """Refused: there is no one server for a raw connection."""
        raise NotImplementedError(
            "a cache on a cluster has no raw connection, since its keys are on several nodes; open one of them as a cache "
            "of its own"
        )


#: The clients whose CLIENT_CLASS the library knows by a name.
_BY_NAME: dict[str, type[BaseClient]] = {
    kind._layout: kind for kind in (ShardClient, HerdClient, SentinelClient, ClusterClient)
}


def load(read: Settings) -> type[BaseClient]:
    """The class of the client. Raises ImproperlyConfigured."""
    given = read.client_class
    if given is None:
        return _BY_NAME.get(str(read.options.get("CLIENT_CLASS")), DefaultClient)
    try:
        found = import_string(given) if isinstance(given, str) else given
    except ImportError as error:
        raise ImproperlyConfigured(f"{read.name}: the CLIENT_CLASS {given!r} can't be imported: {error}") from error
    if not (isinstance(found, type) and issubclass(found, BaseClient)):
        raise ImproperlyConfigured(
            f"{read.name}: the CLIENT_CLASS {given!r} is no class derived from redis_cache.client.DefaultClient (which "
            "djredis.django.DefaultClient is too); derive it from that, in place of django_redis.client.DefaultClient"
        )
    return found


__all__ = ["ClusterClient", "DefaultClient", "HerdClient", "SentinelClient", "ShardClient", "load"]
