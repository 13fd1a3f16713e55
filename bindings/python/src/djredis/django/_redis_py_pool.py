"""redis-py's pool, over a cache's."""

from __future__ import annotations

import threading
from typing import Any

import redis

import djredis

from ._redis_py_connection import Connection


#: What concerns texts and the shapes of replies, not connections. legacy_responses is of redis-py 8.
OPTIONS = frozenset(("decode_responses", "encoding", "encoding_errors", "legacy_responses"))


class Pool(redis.ConnectionPool):
    """Lends connections of a cache to redis-py. How many there are at most is the cache's MAX_CONNECTIONS."""

    def __init__(self, cache: djredis.Cache, **options: Any) -> None:
        unknown = sorted(set(options) - OPTIONS)
        if unknown:
            raise TypeError(
                f"{', '.join(unknown)} can't be given here, only {', '.join(sorted(OPTIONS))}: the rest is set by the "
                "cache's own options"
            )
        self._djredis_cache = cache
        super().__init__(
            connection_class=Connection,
            max_connections=int(cache.option("MAX_CONNECTIONS")),
            protocol=3 if cache.option("PROTOCOL") == "resp3" else 2,
            socket_timeout=_seconds(cache.option("SOCKET_TIMEOUT")),
            **_address(cache.server_for("")),
            **options,
        )

    def __repr__(self) -> str:
        return f"<{type(self).__module__}.{type(self).__name__}({self._djredis_cache!r})>"

    def get_connection(self, command_name: Any = None, *keys: Any, **options: Any) -> Any:
        """A connection of the cache, connected. Raises redis.exceptions.ConnectionError and its kind."""
        try:
            connection = self._available_connections.pop()
        except IndexError:
            connection = self.make_connection()
        try:
            connection.connect()
        except BaseException:
            self._available_connections.append(connection)
            raise
        self._in_use_connections.add(connection)
        return connection

    def make_connection(self) -> Connection:
        return Connection(self._djredis_cache, **self.connection_kwargs)

    def release(self, connection: Any) -> None:
        """Gives the connection back to the cache, which keeps it if it is as it came."""
        try:
            self._in_use_connections.remove(connection)
        except KeyError:  # another pool's, or before a fork
            return
        connection.disconnect()
        self._available_connections.append(connection)

    def disconnect(self, inuse_connections: bool = True) -> None:
        """Gives back what is lent; the next command acquires anew. Idle connections are the cache's, and stay."""
        if inuse_connections:
            for connection in list(self._in_use_connections):
                connection.disconnect()

    def reset(self) -> None:
        """For redis-py, when the pool is made. A fork needs none: idle connections here hold nothing."""
        self._available_connections: list[Connection] = []
        self._in_use_connections: set[Connection] = set()
        self._created_connections = 0
        self._lock = threading.RLock()


def _seconds(option: str) -> float | None:
    return None if option == "none" else float(option)


def _address(server: str) -> dict[str, Any]:
    """The server as redis-py names its parts, for programs that look at connection_kwargs. Nothing connects by it."""
    if server.startswith("unix:"):
        return _unix(server[len("unix:") :])
    rest, _, db = server.rpartition("/" if "://" in server else ":")
    host, _, port = rest.rpartition("@")[2].rpartition("/")[2].rpartition(":")
    if not (host and port.isdigit()):
        return {"host": server, "port": 0, "db": 0}
    return {"host": host.strip("[]"), "port": int(port), "db": _number(db)}


def _unix(rest: str) -> dict[str, Any]:
    if not rest.startswith("//"):
        path, _, db = rest.rpartition(":")
        return {"path": path, "db": int(db)} if db.isdigit() else {"path": rest, "db": 0}
    path, _, query = rest[2:].partition("?")
    return {"path": path.rpartition("@")[2], "db": _number(query.rpartition("db=")[2])}


def _number(text: str) -> int:
    digits = text.split("?")[0].split("&")[0]
    return int(digits) if digits.isdigit() else 0
