"""What else Redis can do: any command on a cache key, batches, connections, and locks."""

from __future__ import annotations

import operator
from typing import Any

from . import _keys, _replies
from ._batch import Batch
from ._calls import Timeout
from ._connection import Connection
from ._exceptions import ArgumentError
from ._keys import Key
from ._lock import Lock
from ._patterns import Patterns
from ._replies import Argument


class Commands(Patterns):
    """The methods beyond Django's cache."""

    def command(self, *args: Argument, key_index: int | None = None, version: int | None = None) -> Any:
        """Any command and its reply: `command("RPUSH", "queue", "a", key_index=1)`. It is never sent twice.

        key_index: which argument is a cache key, and becomes prefix:version:key; the command goes to that key's
        server. Without one arguments are sent as they are. A reply is what redis-py's own connection reads: bytes, a
        status such as b"OK" too, int, None, list. Commands that change the connection's state, such as SELECT, MULTI
        and SUBSCRIBE, are refused: see connection().
        """
        if key_index is None:
            return self._command([_replies.encode(argument) for argument in args], -1, version)
        index = operator.index(key_index)
        if not 0 < index < len(args):
            raise ArgumentError(f"key_index is {index}, and the command has no such argument after its name")
        words = [
            _keys.encode(argument) if at == index else _replies.encode(argument) for at, argument in enumerate(args)
        ]
        return self._command(words, index, version)

    def batch(self) -> Batch:
        """Many different calls in one round trip: `with cache.batch() as batch: ...`, then `batch.results`."""
        return Batch(self)

    def connection(self) -> Connection:
        """A connection of one's own from the pool, for pipelines, MULTI, WATCH and SUBSCRIBE. Best used with `with`.

        Raises UnsupportedError where keys are spread over several servers, PoolError if none is free in time.
        """
        return Connection(self)

    def lock(
        self,
        key: Key,
        timeout: Timeout = None,
        sleep: float = 0.1,
        blocking: bool = True,
        blocking_timeout: float | None = None,
        thread_local: bool = True,
        token: str | bytes | None = None,
        version: int | None = None,
    ) -> Lock:
        """A lock between processes: `with cache.lock("import", timeout=60): ...`. as redis-py's and django-redis's.

        They respect each other's locks.

        timeout: seconds or a timedelta after which it is free again, whoever has it; None: never. sleep: seconds
        between tries to acquire it. blocking: wait for it, blocking_timeout seconds at most, or None for as long as
        it takes. thread_local: only the thread that acquired it can release it. token: what its owner is known by
        instead of a random text; a lock made with it anywhere can release it.
        """
        return Lock(self, key, timeout, sleep, blocking, blocking_timeout, thread_local, token, version)
