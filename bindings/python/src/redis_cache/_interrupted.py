"""Connection trouble in the documented exceptions."""

from __future__ import annotations

from typing import Any

import djredis
from djredis.django._ignore import AWAY, Guard

from .exceptions import ConnectionInterrupted


class _Timeout(ConnectionInterrupted, djredis.TimeoutError):
    pass


class _Pool(ConnectionInterrupted, djredis.PoolError):
    pass


class _Unavailable(ConnectionInterrupted, djredis.UnavailableError):
    pass


_KINDS: dict[type[djredis.Error], type[ConnectionInterrupted]] = {
    djredis.ConnectionError: ConnectionInterrupted,
    djredis.TimeoutError: _Timeout,
    djredis.PoolError: _Pool,
    djredis.UnavailableError: _Unavailable,
}
for _kind in _KINDS.values():
    # Tracebacks name the documented class.
    _kind.__name__, _kind.__qualname__ = "ConnectionInterrupted", "ConnectionInterrupted"
    _kind.__module__ = "redis_cache.exceptions"


class InterruptedGuard(Guard):
    """Raises ConnectionInterrupted where the server is away."""

    def trouble(self, error: djredis.Error, answer: Any = None, given: bool = False) -> Any:
        """See Guard."""
        try:
            return super().trouble(error, answer, given)
        except AWAY as away:
            raise interrupted(away) from away


def interrupted(error: djredis.Error) -> ConnectionInterrupted:
    """The same error as a ConnectionInterrupted."""
    if isinstance(error, ConnectionInterrupted):
        return error
    kind = next((_KINDS[base] for base in type(error).__mro__ if base in _KINDS), ConnectionInterrupted)
    made = kind(*error.args)
    made.__dict__.update(error.__dict__)
    made.status = error.status
    return made
