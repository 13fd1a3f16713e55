"""The client behind a backend: Django's operations and django-redis's, one round trip each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT

from .._calls import MADE, negative
from .._error import Error
from .._exceptions import UnsupportedError
from ._hashes import Hashes
from ._lock import Lock
from ._sets import Sets
from ._sorted_sets import SortedSets


class DefaultClient(Sets, Hashes, SortedSets):
    """django-redis's DefaultClient on this library. CLIENT_CLASS may name a subclass that overrides any method.

    Each takes `version`, and `client`: what get_client() returns, or nothing.
    """

    def get(self, key: Any, default: Any = None, version: Any = None, client: Any = None) -> Any:
        """The value of a key, or `default`."""
        if client is not None:
            self._check(client)
        if self._made or type(key) is not str:
            key, version = self._whole(key, version)
        return self.cache.get(key, default, version)

    def set(
        self,
        key: Any,
        value: Any,
        timeout: Any = DEFAULT_TIMEOUT,
        version: Any = None,
        client: Any = None,
        nx: bool = False,
        xx: bool = False,
    ) -> bool:
        """Stores a value. False where nx or xx is not met."""
        if client is not None:
            self._check(client)
        if self._made or type(key) is not str:
            key, version = self._whole(key, version)
        if timeout is DEFAULT_TIMEOUT:
            timeout = self._backend.default_timeout
        return self.cache.set(key, value, timeout, version, nx, xx)

    def add(
        self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: Any = None, client: Any = None
    ) -> bool:
        """Stores a value only if the key is not there. Whether it was stored."""
        return self.set(key, value, timeout, version=version, client=client, nx=True)

    def get_many(self, keys: Iterable[Any], version: Any = None, client: Any = None) -> dict[Any, Any]:
        """The values of the keys that are there, in one round trip."""
        if client is not None:
            self._check(client)
        names = list(keys)
        if self._plain(names):
            return self.cache.get_many(names, version)
        made = [str(self.make_key(name, version)) for name in names]

        def by_name(found: Mapping[Any, Any]) -> dict[Any, Any]:
            return {name: found[key] for name, key in zip(names, made) if key in found}

        try:
            return by_name(self.cache.get_many(made, MADE))
        except Error as error:
            error.found = by_name(error.found)
            raise

    def set_many(
        self, data: Mapping[Any, Any], timeout: Any = DEFAULT_TIMEOUT, version: Any = None, client: Any = None
    ) -> list[Any]:
        """Stores several values in one round trip. Returns the keys that could not be stored."""
        if client is not None:
            self._check(client)
        timeout = self._timeout(timeout)
        if self._plain(data):
            return self.cache.set_many(data, timeout, version)
        names = {str(self.make_key(name, version)): name for name in data}
        failed = self.cache.set_many({key: data[name] for key, name in names.items()}, timeout, MADE)
        return [names[key] for key in failed]

    def delete(self, key: Any, version: Any = None, prefix: str | None = None, client: Any = None) -> bool:
        """Removes a key. Whether it was there."""
        if client is not None:
            self._check(client)
        if prefix is not None:
            key = self.make_key(key, version, prefix)
        if self._made or type(key) is not str:
            key, version = self._whole(key, version)
        return self.cache.delete(key, version)

    def delete_many(self, keys: Iterable[Any], version: Any = None, client: Any = None) -> int:
        """Removes several keys in one round trip. How many were there."""
        if client is not None:
            self._check(client)
        names = list(keys)
        if self._plain(names):
            return self.cache.delete_many(names, version)
        return self.cache.delete_many([self.make_key(name, version) for name in names], MADE)

    def clear(self, client: Any = None) -> bool:
        """Removes everything in the database, or of this prefix, as the option CLEAR says."""
        if client is not None:
            self._check(client)
        return self.cache.clear()

    def has_key(self, key: Any, version: Any = None, client: Any = None) -> bool:
        """Whether a key is there."""
        if client is not None:
            self._check(client)
        if self._made or type(key) is not str:
            key, version = self._whole(key, version)
        return self.cache.has_key(key, version)

    def __contains__(self, key: Any) -> bool:
        return self.has_key(key)

    def touch(self, key: Any, timeout: Any = DEFAULT_TIMEOUT, version: Any = None, client: Any = None) -> bool:
        """Gives a key a new timeout. False if it is not there."""
        if client is not None:
            self._check(client)
        if self._made or type(key) is not str:
            key, version = self._whole(key, version)
        return self.cache.touch(key, self._timeout(timeout), version)

    def incr(
        self, key: Any, delta: int = 1, version: Any = None, client: Any = None, ignore_key_check: bool = False
    ) -> Any:
        """Adds to a number and keeps its expiry. ValueError where the key is missing.

        ignore_key_check: a missing key counts as 0, and never expires.
        """
        if client is not None:
            self._check(client)
        if self._made or type(key) is not str:
            key, version = self._whole(key, version)
        if not ignore_key_check:
            return self.cache.incr(key, delta, version)
        batch = self.cache.batch().add(key, 0, None, version).incr(key, delta, version)
        return batch.execute()[1]

    def decr(self, key: Any, delta: int = 1, version: Any = None, client: Any = None) -> Any:
        """Subtracts from a number; see incr."""
        return self.incr(key, negative(delta), version, client)

    def incr_version(self, key: Any, delta: int = 1, version: Any = None, client: Any = None) -> Any:
        """Moves a key with its expiry to another version, and returns that. ValueError where it is missing."""
        if client is not None:
            self._check(client)
        if self._plain((key,)):
            return self.cache.incr_version(key, delta, version)
        version = self._backend.version if version is None else version
        self.cache.move(self.make_key(key, version), self.make_key(key, version + delta), MADE)
        return version + delta

    def decr_version(self, key: Any, delta: int = 1, version: Any = None, client: Any = None) -> Any:
        """Moves a key to an older version; see incr_version."""
        return self.incr_version(key, negative(delta), version, client)

    def ttl(self, key: Any, version: Any = None, client: Any = None) -> int | None:
        """Whole seconds left: 0 where the key is not there, None where it never expires."""
        if client is not None:
            self._check(client)
        return self.cache.ttl(*self._whole(key, version))

    def pttl(self, key: Any, version: Any = None, client: Any = None) -> int | None:
        """Milliseconds left, as ttl."""
        if client is not None:
            self._check(client)
        return self.cache.pttl(*self._whole(key, version))

    def persist(self, key: Any, version: Any = None, client: Any = None) -> bool:
        """Lets a key live for ever. True if it would have expired."""
        try:
            return bool(self._run(client, "PERSIST", key, version=version))
        except UnsupportedError:  # memory: has no commands
            return self.cache.persist(*self._whole(key, version))

    def expire(self, key: Any, timeout: Any, version: Any = None, client: Any = None) -> bool:
        """Lets a key expire in `timeout` seconds. False if it is not there."""
        if client is not None:
            self._check(client)
        key, version = self._whole(key, version)
        return self.cache.expire(key, self._timeout(timeout), version)

    def pexpire(self, key: Any, timeout: Any, version: Any = None, client: Any = None) -> bool:
        """Lets a key expire in `timeout` milliseconds. False if it is not there."""
        if client is not None:
            self._check(client)
        key, version = self._whole(key, version)
        if timeout is DEFAULT_TIMEOUT:
            return self.cache.expire(key, self._backend.default_timeout, version)
        return self.cache.pexpire(key, timeout, version)

    def expire_at(self, key: Any, when: int | datetime, version: Any = None, client: Any = None) -> bool:
        """Lets a key expire at a moment: seconds since 1970, or a datetime. A past one removes it."""
        return self._expire_at(client, key, _moment_ms(when, 1000), version)

    def pexpire_at(self, key: Any, when: int | datetime, version: Any = None, client: Any = None) -> bool:
        """Lets a key expire at a moment: milliseconds since 1970, or a datetime. A past one removes it."""
        return self._expire_at(client, key, _moment_ms(when, 1), version)

    def _expire_at(self, client: Any, key: Any, moment_ms: int, version: Any) -> bool:
        try:
            return bool(self._run(client, "PEXPIREAT", key, moment_ms, version=version))
        except UnsupportedError:  # memory: has no commands
            key, version = self._whole(key, version)
            return self.cache.pexpire_at(key, moment_ms, version)

    def keys(self, search: str, version: Any = None, client: Any = None) -> list[str]:
        """The keys that match a pattern, without prefix and version. The server is not blocked meanwhile."""
        if client is not None:
            self._check(client)
        if not self._plain((search,)):
            return [self.reverse_key(key) for key in self.cache.keys(self.make_pattern(search, version), MADE)]
        return self.cache.keys(search, version)

    def iter_keys(
        self, search: str, itersize: int | None = None, client: Any = None, version: Any = None
    ) -> Iterator[str]:
        """The keys that match a pattern, as they are found: in bounded memory, perhaps one twice."""
        if client is not None:
            self._check(client)
        if not self._plain((search,)):
            return map(self.reverse_key, self.cache.iter_keys(self.make_pattern(search, version), itersize, MADE))
        return self.cache.iter_keys(search, itersize, version)

    def delete_pattern(
        self,
        pattern: str,
        version: Any = None,
        prefix: str | None = None,
        client: Any = None,
        itersize: int | None = None,
    ) -> int:
        """Removes the keys that match a pattern, in batches. How many."""
        if client is not None:
            self._check(client)
        if prefix is not None or not self._plain((pattern,)):
            return self.cache.delete_pattern(self.make_pattern(pattern, version, prefix), itersize, MADE)
        return self.cache.delete_pattern(pattern, itersize, version)

    def lock(
        self,
        key: Any,
        version: Any = None,
        timeout: Any = None,
        sleep: float = 0.1,
        blocking: bool = True,
        blocking_timeout: float | None = None,
        client: Any = None,
        thread_local: bool = True,
    ) -> Lock:
        """A lock between processes, as redis-py's and django-redis's; they respect each other's."""
        if client is not None:
            self._check(client)
        key, version = self._whole(key, version)
        return Lock(self.cache, key, timeout, sleep, blocking, blocking_timeout, thread_local, None, version)


def _moment_ms(when: Any, scale: int) -> int:
    """A moment in milliseconds since 1970. A datetime without a time zone is local time, as time.mktime takes it."""
    if isinstance(when, datetime):
        return int(when.timestamp() * 1000)
    return int(when * scale)
