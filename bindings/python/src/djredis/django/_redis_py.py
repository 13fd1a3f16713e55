"""What get_redis_connection gives: a redis.Redis on a cache's connections, or without redis-py a plain caller."""

from __future__ import annotations

import importlib.util
from typing import Any

import djredis

#: Older ones have other internals.
OLDEST_REDIS_PY = 5


def redis_client(cache: djredis.Cache, **options: Any) -> Any:
    """A redis.Redis whose commands travel on the connections of `cache`, where redis-py is installed.

    options: redis-py's decode_responses, encoding, encoding_errors and legacy_responses. Everything else is the cache's: server, login,
    database, protocol, timeouts and how many connections there are. Keys are sent as they are given.

    Without redis-py: a djredis.django._plain_client.PlainClient. Either serves any number of threads, before and after a
    fork, and closing it closes nothing of the cache. Opens no connection.
    """
    if importlib.util.find_spec("redis") is None:
        from ._plain_client import PlainClient

        return PlainClient(cache, **options)
    import redis

    if redis_py_major(redis) < OLDEST_REDIS_PY:
        raise ImportError(
            f"the raw client needs redis-py {OLDEST_REDIS_PY} or newer, and {redis.__version__} is installed: "
            f"pip install 'redis>={OLDEST_REDIS_PY}'"
        )
    from ._redis_py_pool import Pool

    return redis.Redis(connection_pool=Pool(cache, **options))


def redis_py_major(module: Any) -> int:
    """5 for "5.2.1"."""
    return int(str(module.__version__).split(".", 1)[0])
