"""The cache."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ._commands import Commands
from ._native import NATIVE, Native
from ._options import Location

if TYPE_CHECKING or not NATIVE:
    _Methods = Commands
else:
    _Methods = Native


class Cache(_Methods):
    """Django's Redis cache: the same keys and the same values as a Django site that uses django-redis.

    location: "127.0.0.1:6379:1", "unix:/run/redis.sock:1", "redis://user:password@host:6379/1", or a list of them.
    options: by their names in either case (docs/options.md), with Python values: `timeout=None`, `key_prefix="shop"`,
    `socket_timeout=0.5`. Opening touches no socket; the first call connects.

    Any number of threads may use one cache at once, and forked children too, with connections of their own. Values
    are pickled, or as `serializer` says: "json", "msgpack", "raw", or an object, a class or the dotted path of a class
    with dumps(value) and loads(bytes). Integers are stored as digits. Keys are text or bytes; anything else counts by
    its str(), as in Django.

    Every method may raise a subclass of djredis.Error: ConnectionError, TimeoutError, PoolError, UnavailableError,
    AuthError, ServerError, ProtocolError, ArgumentError, ClosedError, and what it names itself. Where the option
    IGNORE_EXCEPTIONS is on and the server can't be reached, they answer as if the cache were empty instead: get its
    default, get_many {}, keys [], incr, incr_version and command None, ttl 0, set_many all its keys, others False or 0,
    a batch what each call would answer; no lock can be acquired. Connections always raise.

    A call blocks its thread: under asyncio make it in another one, `await asyncio.to_thread(cache.get, "k")`.

    A signal during a wait runs Python's handlers at once, in the main thread. What a handler raises, KeyboardInterrupt
    above all, ends the call and is raised by it; otherwise the call goes on with the time that is left.
    """

    def __init__(self, location: Location, **options: Any) -> None:
        super().__init__(location, **options)
