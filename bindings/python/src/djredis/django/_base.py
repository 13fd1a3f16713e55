"""What all of a client's methods stand on: its settings, its cache, keys and values."""

from __future__ import annotations

from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT

from .. import _cache
from .._calls import DEFAULT, MADE
from . import _keys, _registry, settings
from ._keys import CacheKey


class BaseClient:
    """A client as django-redis constructs them: of LOCATION, the entry of CACHES, and the backend it serves."""

    cache: _cache.Cache
    #: The CLIENT_CLASS that the library knows, which a class that is derived from this one has too.
    _layout = "default"

    def __init__(self, server: Any, params: dict[str, Any], backend: Any) -> None:
        self._server, self._params, self._backend = server, params, backend
        found = getattr(backend, "_settings", None)
        self._settings: settings.Settings = settings.read(server, params) if found is None else found
        self._options = params.get("OPTIONS") or {}
        self.reverse_key = _keys.reverse_function(self._settings.reverse_key_function)
        self._raw_clients: dict[bool, Any] = {}
        self.cache = self._shared()
        #: Whether make_key makes the keys, and not the library.
        self._made = False
        self.settings_changed()

    def settings_changed(self) -> None:
        """Looks again at who makes the keys. The backend calls it when its prefix, version or key function is set."""
        backend, options = self._backend, self._settings.options
        self._made = (
            _keys.own_key_function(backend)
            or type(self).make_key is not BaseClient.make_key
            or str(backend.key_prefix) != str(options.get("KEY_PREFIX", ""))
            or str(backend.version) != str(options.get("VERSION", 1))
        )

    def make_key(self, key: Any, version: Any = None, prefix: str | None = None) -> CacheKey:
        """The key as it stands in Redis: prefix:version:key, or what KEY_FUNCTION makes of them."""
        if isinstance(key, CacheKey):
            return key
        backend = self._backend
        if prefix is None:
            return CacheKey(backend.make_key(key, version))
        return CacheKey(backend.key_func(key, prefix, backend.version if version is None else version))

    def make_pattern(self, pattern: str, version: Any = None, prefix: str | None = None) -> CacheKey:
        """A pattern for whole keys: only the given part has wildcards, prefix and version stand for themselves."""
        if isinstance(pattern, CacheKey):
            return pattern
        backend = self._backend
        prefix = _keys.escaped(str(backend.key_prefix if prefix is None else prefix))
        text = _keys.escaped(str(backend.version if version is None else version))
        return CacheKey(backend.key_func(pattern, prefix, text))

    def get_client(self, write: bool = True, tried: Any = None) -> Any:
        """The raw client, on which every command works: redis-py's where it is installed. It shares the pool."""
        found = self._raw_clients.get(write)
        if found is None:
            # Most sites never use it, and redis-py takes a while. The statement takes no lock where it is loaded, unlike
            # import_module before Python 3.11, and a fork may leave that locked.
            from . import _redis_py

            found = self._raw_clients[write] = _redis_py.redis_client(self.cache)
        return found

    def close(self, **_: Any) -> None:
        """Nothing, since all threads share the connections; with CLOSE_CONNECTION see do_close_clients."""
        if self._settings.close_connection:
            self.do_close_clients()

    def do_close_clients(self) -> None:
        """Closes the connections once no other thread's backend uses them. The next operation connects anew."""
        _registry.forget(self.cache)
        self._raw_clients.clear()
        del self.cache
        self.cache = self._shared()

    def _shared(self) -> _cache.Cache:
        return _registry.shared(self._settings.location, self._settings.options, self._settings.name)

    def encode(self, value: Any, *, allow_int: bool = True) -> bytes:
        """What stands in Redis for a value. allow_int: an integer is its digits."""
        return self.cache._encode(value, allow_int=allow_int)

    def decode(self, value: Any) -> Any:
        """The value of what stands in Redis."""
        return self.cache._decode_many([value if isinstance(value, bytes) else str(value).encode()])[0]

    def _plain(self, keys: Any) -> bool:
        """Whether the library makes all of these keys, or patterns."""
        return not self._made and set(map(type, keys)) <= {str}

    def _whole(self, key: Any, version: Any) -> tuple[Any, Any]:
        """A key and a version as the cache takes them."""
        if self._made or isinstance(key, CacheKey):
            return str(self.make_key(key, version)), MADE  # an exact str, which crosses fastest
        return str(key), version

    def _decoded(self, stored: list[bytes], key: Any) -> list[Any]:
        """The values of members or of a hash's values."""
        return self.cache._decode_many(stored, key)

    def _timeout(self, timeout: Any) -> Any:
        if timeout is DEFAULT_TIMEOUT or timeout is DEFAULT:
            return self._backend.default_timeout
        return timeout

    def _check(self, client: Any) -> None:
        """Refuses another raw client than this one's, whose commands would not be sent on it."""
        if not any(client is own for own in self._raw_clients.values()):
            raise NotImplementedError(
                "client= takes what get_client() of the same cache returns, not "
                f"{type(client).__module__}.{type(client).__qualname__}: the cache sends its commands on connections of "
                "its own pool. Call the method without client=, or use the raw client's own methods"
            )

    def _run(self, client: Any, *words: Any, keys: tuple[int, ...] = (1,), version: Any = None) -> Any:
        """A command. keys: which of the words are cache keys."""
        if client is not None:
            self._check(client)
        first, *others = keys
        arguments = list(words)
        for at in others:
            arguments[at] = self.make_key(arguments[at], version)
        arguments[first], how = self._whole(arguments[first], version)
        return self.cache.command(*arguments, key_index=first, version=how)
