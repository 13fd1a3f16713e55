"""The raw client where redis-py is not installed: every command by its name, pipelines, bytes as replies."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from types import TracebackType
from typing import Any, TypeVar, Union

import djredis

from . import _waits

Argument = Union[str, bytes, bytearray, memoryview, int, float]
Self = TypeVar("Self", bound="_Commands")

#: `del` is a word of Python.
_OTHER_NAMES = {"delete": ("DEL",)}


class _Commands:
    """`client.hset("k", "f", 1)` for HSET k f 1, `client.config_get("x")` for CONFIG GET x."""

    def command(self, *args: Argument) -> Any:
        raise NotImplementedError

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name.startswith("_"):
            raise AttributeError(f"{type(self).__name__} has no attribute {name!r}")
        words = _OTHER_NAMES.get(name) or tuple(name.upper().split("_"))
        return lambda *args: self.command(*words, *args)

    def __enter__(self: Self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Nothing is kept open here: connections are the cache's."""


class PlainClient(_Commands):
    """Commands on the connections of a cache: `client.get("k")`, `client.command("JSON.GET", "k")`.

    Keys are sent as they are given. A reply is bytes, a status such as b"OK" too, int, None or a list. Raises
    djredis.Error and its kind. Any number of threads may use it. publish and subscribe, MONITOR, WATCH: connection().
    """

    def __init__(self, cache: djredis.Cache) -> None:
        self._cache = cache

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._cache!r}>"

    def command(self, *args: Argument) -> Any:
        """Any command and its reply. One that waits, such as BLPOP, may take its own timeout longer."""
        if not args:
            raise djredis.ArgumentError("there is no command: give its name, then its arguments")
        name = args[0].upper() if isinstance(args[0], (str, bytes)) else ""
        if (name.encode() if isinstance(name, str) else name) in _waits.NAMES:
            return self._waiting(args)
        return self._cache.command(*args)

    execute_command = command

    def connection(self) -> djredis.Connection:
        """A connection of one's own: SUBSCRIBE, MONITOR, WATCH, SELECT."""
        return self._cache.connection()

    def pipeline(self, transaction: bool = True) -> Pipeline:
        """Commands that are sent together by execute(); transaction: in MULTI ... EXEC."""
        return Pipeline(self._cache, transaction)

    def _waiting(self, args: tuple[Argument, ...]) -> Any:
        limit = self._cache.option("SOCKET_TIMEOUT")
        waits = _waits.seconds([_bytes(arg) for arg in args])
        timeout = None if limit == "none" or waits == _waits.FOREVER else waits + float(limit)
        with self._cache.connection() as connection:
            connection.send(*args)
            nothing = object()
            reply = connection.receive(timeout, default=nothing)
        if reply is nothing:
            raise djredis.TimeoutError(f"{self._cache.server_for('')} did not answer within {timeout} seconds")
        return reply


class Pipeline(_Commands):
    """`pipeline.set("k", 1).get("k").execute()`: one round trip. One thread at a time."""

    def __init__(self, cache: djredis.Cache, transaction: bool) -> None:
        self._cache = cache
        self._transaction = transaction
        self._queued: list[tuple[Argument, ...]] = []

    def __len__(self) -> int:
        return len(self._queued)

    def __bool__(self) -> bool:
        return True

    def command(self, *args: Argument) -> Pipeline:
        self._queued.append(args)
        return self

    execute_command = command

    def execute(self, raise_on_error: bool = True) -> list[Any]:
        """The replies in order. raise_on_error: the first error is raised, when all have run; otherwise it is an item."""
        commands: Iterable[tuple[Argument, ...]] = self._queued
        self._queued = []
        if not commands:
            return []
        with self._cache.connection() as connection:
            return connection.pipeline(commands, self._transaction, raise_on_error) or []

    def close(self) -> None:
        """Forgets what was not executed."""
        self._queued = []


def _bytes(argument: Argument) -> bytes:
    return str(argument).encode() if isinstance(argument, (str, int, float)) else bytes(argument)
