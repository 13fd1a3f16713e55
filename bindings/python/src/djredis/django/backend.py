"""The backend: Django's contract around a client."""

from __future__ import annotations

import functools
import sys
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from asgiref.sync import sync_to_async
from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache

import djredis

from .._native import plain_keys
from . import clients, settings
from ._delegated import Delegated
from ._ignore import Guard
from ._lock import Lock

Error = djredis.Error

#: Django warns of keys that are longer than this, made key included: memcached would refuse them.
_LONGEST = 250
#: The digits and the sign of a version, at most.
_LONGEST_VERSION = 20


class RedisCache(Delegated, BaseCache):
    """Django's cache in Redis, with the methods of django-redis. CACHES: {"BACKEND": "djredis.django.RedisCache", ...}.

    Django makes one of these for each thread; they share their connections. `client` is what does the work.

    What fails is a djredis.Error whose text names the cache and the server; where the option IGNORE_EXCEPTIONS is on
    and the server is away, each method answers as if the cache were empty instead.
    """

    #: Which defaults settings.read takes.
    flavour = settings.DJANGO
    _guard_class = Guard

    def __init__(self, server: Any, params: dict[str, Any]) -> None:
        self._settings = read = settings.read(server, params, self.flavour)
        super().__init__({**params, "OPTIONS": params.get("OPTIONS") or {}})
        # BaseCache cuts it to whole seconds.
        self.default_timeout = read.options["TIMEOUT"]
        self._guard = self._guard_class(self, read)
        #: Whether methods return what django-redis's return, where that is something else.
        self._as_django_redis = read.compat == "django-redis"
        self.client: Any = clients.load(read)(server, params, self)
        self._watch_settings()

    def __setattr__(self, name: str, value: Any) -> None:
        super().__setattr__(name, value)
        if name in ("key_prefix", "version", "key_func") and "client" in self.__dict__:
            self._watch_settings()

    def _watch_settings(self) -> None:
        """Reckons from the prefix, the version and the key function what would be reckoned for each key."""
        changed = getattr(self.client, "settings_changed", None)
        if changed is not None:
            changed()
        kind, prefix = type(self), str(self.key_prefix)
        own = kind.validate_key is not BaseCache.validate_key or getattr(self.client, "_made", True)
        odd = not prefix.isprintable() or " " in prefix
        # The longest key of which Django would not warn if it has no odd characters; -1: always ask Django.
        self._short = -1 if own or odd else _LONGEST - len(prefix) - _LONGEST_VERSION - len("::")
        self._warns = not self._as_django_redis or kind.validate_key is not BaseCache.validate_key

    def _validate(self, key: Any, version: Any) -> None:
        """Warns of a key that memcached could not hold, as Django does; django-redis does not."""
        if self._warns and (type(key) is not str or len(key) > self._short or not key.isprintable() or " " in key):
            self.validate_key(self.make_key(key, version))

    def _validate_many(self, names: Collection[Any], version: Any) -> None:
        if not self._warns or plain_keys(names, self._short):
            return
        if set(map(type, names)) == {str}:
            text = "".join(names)
            if text.isprintable() and " " not in text and max(map(len, names)) <= self._short:
                return
        for name in names:
            self._validate(name, version)

    def get(self, key: Any, default: Any = None, version: Any = None, client: Any = None) -> Any:
        """The value of a key, or `default`."""
        # As in _validate, without calling it: this is the hottest method of all.
        if self._warns and (type(key) is not str or len(key) > self._short or not key.isprintable() or " " in key):
            self._validate(key, version)
        try:
            return self.client.get(key, default, version, client)
        except Error as error:
            return self._guard.trouble(error, default, given=True, key=key)

    def set(
        self,
        key: Any,
        value: Any,
        timeout: Any = DEFAULT_TIMEOUT,
        version: Any = None,
        client: Any = None,
        nx: bool = False,
        xx: bool = False,
    ) -> bool | None:
        """Stores a value. None, as in Django; with nx (only if the key is not there) or xx (only if it is) whether it
        was stored.
        """
        self._validate(key, version)
        try:
            if self._as_django_redis and not nx and self._is_over(timeout):
                return bool(self.client.delete(key, version, client=client))  # django-redis says whether it was there
            done = self.client.set(key, value, timeout, version, client, nx, xx)
        except Error as error:
            done = self._guard.trouble(error, False, key=key)
        return done if nx or xx or self._as_django_redis else None

    def _is_over(self, timeout: Any) -> bool:
        """Whether a value with this timeout would be gone at once."""
        if timeout is DEFAULT_TIMEOUT:
            timeout = self.default_timeout
        expires = self._settings.options.get("ZERO_TIMEOUT") == "expire"
        return expires and isinstance(timeout, (int, float)) and timeout <= 0

    def add(
        self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: Any = None, client: Any = None
    ) -> bool:
        """Stores a value only if the key is not there. Whether it was stored."""
        self._validate(key, version)
        try:
            return self.client.add(key, value, timeout, version, client)
        except Error as error:
            return self._guard.trouble(error, False, key=key)

    def get_many(self, keys: Iterable[Any], version: Any = None, client: Any = None) -> dict[Any, Any]:
        """The values of the keys that are there, in one round trip."""
        names = list(keys)
        self._validate_many(names, version)
        try:
            return self.client.get_many(names, version, client)
        except Error as error:
            # What other servers gave, where keys are spread over several.
            found = dict(error.found)
            return self._guard.trouble(error, found, given=bool(found))

    def set_many(
        self, data: Mapping[Any, Any], timeout: Any = DEFAULT_TIMEOUT, version: Any = None, client: Any = None
    ) -> list[Any] | None:
        """Stores several values in one round trip. Returns the keys that could not be stored."""
        self._validate_many(list(data), version)
        try:
            failed = self.client.set_many(data, timeout, version, client)
        except Error as error:
            failed = self._guard.trouble(error, list(data), key=self._refused(error, data))
        return None if self._as_django_redis else failed or []

    def _refused(self, error: Error, data: Mapping[Any, Any]) -> Any:
        """The key whose value can't be stored, if that is the error: the library takes the values without their keys."""
        if isinstance(error, djredis.EncodeError):
            for key, value in data.items():
                try:
                    self.client.encode(value)
                except djredis.EncodeError:
                    return key
                except djredis.UnsupportedError:
                    pass  # with SIGNING_KEYS encode refuses what can be stored
        return None

    def delete_many(self, keys: Iterable[Any], version: Any = None, client: Any = None) -> int | None:
        """Removes several keys in one round trip."""
        names = list(keys)
        self._validate_many(names, version)
        try:
            count = self.client.delete_many(names, version, client)
        except Error as error:
            count = self._guard.trouble(error, 0)
        return count if self._as_django_redis else None

    def clear(self, client: Any = None) -> bool | None:
        """Removes everything in the database; of this prefix alone with the option CLEAR = "prefix"."""
        try:
            done = self.client.clear(client)
        except Error as error:
            done = self._guard.trouble(error, False)
        return None if self._as_django_redis else done

    def __contains__(self, key: Any) -> bool:
        return bool(self.has_key(key))

    def lock(self, *args: Any, **kwargs: Any) -> Any:
        """A lock between processes; see djredis.Cache.lock. With IGNORE_EXCEPTIONS it can't be acquired while the
        server is away.
        """
        made = self.client.lock(*args, **kwargs)
        if isinstance(made, Lock):
            made.guard = self._guard
        return made

    def close(self, **kwargs: Any) -> None:
        """Nothing, since all threads share the connections, but with the option CLOSE_CONNECTION."""
        self.client.close(**kwargs)


def _coroutine(name: str) -> Any:
    """The coroutine method of a method: it runs in a thread, all of it, and blocks neither the loop nor its like."""
    method = getattr(RedisCache, name)

    @functools.wraps(method)
    async def run(self: RedisCache, *args: Any, **kwargs: Any) -> Any:
        return await sync_to_async(getattr(self, name), thread_sensitive=False)(*args, **kwargs)

    run.__name__ = f"a{name}"
    run.__qualname__ = f"RedisCache.a{name}"
    return run


for _name in (
    *("get", "set", "add", "touch", "delete", "has_key", "get_many", "set_many", "delete_many", "clear"),
    *("incr", "decr", "incr_version", "decr_version", "close"),
):
    setattr(RedisCache, f"a{_name}", _coroutine(_name))


if "django.core.checks" in sys.modules:
    # Else nobody is going to ask, and importing it takes as long as all the rest.
    from . import checks as checks
