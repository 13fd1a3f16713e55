"""Connection trouble in the documented exceptions."""

from __future__ import annotations

import djredis
from djredis.django._ignore import Guard

from .exceptions import ConnectionInterrupted


class _Timeout(ConnectionInterrupted, djredis.TimeoutError):
    status = djredis.TimeoutError.status


class _Pool(ConnectionInterrupted, djredis.PoolError):
    status = djredis.PoolError.status


class _Unavailable(ConnectionInterrupted, djredis.UnavailableError):
    status = djredis.UnavailableError.status


for _kind in (_Timeout, _Pool, _Unavailable):
    # Tracebacks name the documented class.
    _kind.__name__ = _kind.__qualname__ = "ConnectionInterrupted"
    _kind.__module__ = "redis_cache.exceptions"


class InterruptedGuard(Guard):
    """Raises ConnectionInterrupted where the server is away."""

    kinds = {
        **Guard.kinds,
        djredis.ConnectionError: ConnectionInterrupted,
        djredis.TimeoutError: _Timeout,
        djredis.PoolError: _Pool,
        djredis.UnavailableError: _Unavailable,
    }
