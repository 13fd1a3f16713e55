"""Django's Redis cache for every Python program: the same keys and values as a Django site with django-redis.

    import djredis

    cache = djredis.Cache("127.0.0.1:6379:1", key_prefix="shop")
    cache.set("user:42", {"name": "Ada"}, timeout=300)
    cache.get("user:42")

Cache has the methods, Error and the classes below it are what they raise.
"""

from ._abi import DJREDIS_ABI as ABI
from ._batch import Batch
from ._cache import Cache
from ._calls import DEFAULT
from ._codec import Serializer
from ._connection import Connection
from ._error import Error
from ._exceptions import (
    ArgumentError,
    AuthError,
    CallbackError,
    ClosedError,
    ConfigError,
    ConnectionError,
    DecodeError,
    EncodeError,
    ForkedError,
    InterruptedError,
    NotFoundError,
    PanicError,
    PoolError,
    ProtocolError,
    ServerError,
    TimeoutError,
    UnavailableError,
    UnsupportedError,
    WrongTypeError,
)
from ._lock import Lock, LockError, LockNotOwnedError
from ._native import NATIVE
from ._version import __version__

__all__ = [
    "ABI",
    "DEFAULT",
    "NATIVE",
    "ArgumentError",
    "AuthError",
    "Batch",
    "Cache",
    "CallbackError",
    "ClosedError",
    "ConfigError",
    "Connection",
    "ConnectionError",
    "DecodeError",
    "EncodeError",
    "Error",
    "ForkedError",
    "InterruptedError",
    "Lock",
    "LockError",
    "LockNotOwnedError",
    "NotFoundError",
    "PanicError",
    "PoolError",
    "ProtocolError",
    "Serializer",
    "ServerError",
    "TimeoutError",
    "UnavailableError",
    "UnsupportedError",
    "WrongTypeError",
    "__version__",
]
