"""Locks between processes and machines, the ones that redis-py and django-redis have.

A lock is a key that holds its owner's token: it is taken by SET NX, and the server compares the token before it
extends or gives up the lock.
"""

from __future__ import annotations

import contextlib
import os
import threading
import time
from types import SimpleNamespace, TracebackType
from typing import Any

from . import _abi
from ._calls import Timeout, call, milliseconds
from ._error import Error
from ._exceptions import ArgumentError
from ._handle import Handle
from ._keys import Key, encode
from ._library import library

# Adds to the time that a lock of ours has left; 1 if it did. KEYS[1]: the lock. ARGV: our token, milliseconds.
_ADD_TIME = """
if redis.call('GET', KEYS[1]) ~= ARGV[1] then
  return 0
end
local left = redis.call('PTTL', KEYS[1])
if left < 0 then
  return 0
end
return redis.call('PEXPIRE', KEYS[1], left + ARGV[2])
"""


class LockError(Error):
    """The lock was not acquired, or is not held here."""

    status = _abi.DJREDIS_MISS


class LockNotOwnedError(LockError):
    """The lock expired or was removed meanwhile; perhaps somebody else has it."""


class Lock:
    """A lock under a key of the cache. Cache.lock() makes it, and says what its settings mean.

    `with` acquires and releases it; LockError where it can't be acquired. It is not reentrant: acquiring it twice
    waits for the first one to be given up.
    """

    def __init__(
        self,
        cache: Handle,
        key: Key,
        timeout: Timeout = None,
        sleep: float = 0.1,
        blocking: bool = True,
        blocking_timeout: float | None = None,
        thread_local: bool = True,
        token: str | bytes | None = None,
        version: int | None = None,
    ) -> None:
        self.key, self.timeout, self.sleep = key, timeout, sleep
        self.blocking, self.blocking_timeout = blocking, blocking_timeout
        self._cache, self._raw, self._version = cache, encode(key), version
        self._fixed = None if token is None else encode(token)
        # Where the token is that this thread, or this object, holds the lock with.
        self._held: Any = threading.local() if thread_local else SimpleNamespace()
        self._how = call(0, version, _positive(timeout, "timeout"))

    def __enter__(self) -> Lock:
        if not self.acquire():
            raise LockError(f"the lock {self.key!r} could not be acquired in time: somebody else has it")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self.release()

    def __repr__(self) -> str:
        return f"<Lock {self.key!r} of {self._cache!r}>"

    def acquire(
        self,
        sleep: float | None = None,
        blocking: bool | None = None,
        blocking_timeout: float | None = None,
        token: str | bytes | None = None,
    ) -> bool:
        """Takes the lock; False where somebody else has it and, if blocking, keeps it for blocking_timeout seconds.

        What is given here counts instead of what the lock was made with.
        """
        sleep = self.sleep if sleep is None else sleep
        blocking = self.blocking if blocking is None else blocking
        limit = self.blocking_timeout if blocking_timeout is None else blocking_timeout
        given = self._fixed if token is None else encode(token)
        end = None if limit is None else time.monotonic() + limit
        while not (self._try_with_new_token() if given is None else self._try(given)):
            left = sleep if end is None else end - time.monotonic()
            if not blocking or left <= 0:
                return False
            time.sleep(min(sleep, left))
        return True

    def release(self) -> None:
        """Gives the lock up. Raises LockError if it is not held here, LockNotOwnedError if it is no longer ours.

        After connection trouble it is still held, and can be released again.
        """
        token = self._token("release")
        given_up = self._give_up(token)
        self._held.token = None
        if not given_up:
            raise self._lost()

    def extend(self, additional_time: float, replace_ttl: bool = False) -> bool:
        """Adds seconds to the time that the lock has left; with replace_ttl they replace it. Errors as release()."""
        token = self._limited("extend")
        ms = _positive(additional_time, "additional_time")
        if replace_ttl:
            return self._extend(token, call(0, self._version, ms))
        words = [b"EVAL", _ADD_TIME.encode(), b"1", self._raw, token, b"%d" % (ms or 0)]
        if self._cache._command(words, 3, self._version) != 1:
            raise self._lost()
        return True

    def reacquire(self) -> bool:
        """Sets the time that the lock has left to its timeout again. Errors as release()."""
        return self._extend(self._limited("reacquire"), self._how)

    def locked(self) -> bool:
        """Whether anybody has the lock."""
        how = call(0, self._version)
        return self._cache._succeeds(library.djredis_cache_has_key, self._raw, len(self._raw), how)

    def owned(self) -> bool:
        """Whether this thread, or this object if it is not thread_local, has the lock."""
        token = getattr(self._held, "token", None) or self._fixed
        return token is not None and self._cache._command([b"GET", self._raw], 1, self._version) == token

    def _try(self, token: bytes) -> bool:
        taken = self._cache._succeeds(library.djredis_cache_lock, *self._words(token), self._how)
        if taken:
            self._held.token = token
        return taken

    def _try_with_new_token(self) -> bool:
        token = os.urandom(16).hex().encode()
        try:
            return self._try(token)
        except BaseException as error:
            # The server may have given the lock before the connection broke or a signal came: nobody could release it.
            if not (isinstance(error, Error) and error.retryable):
                with contextlib.suppress(Error):
                    self._give_up(token)
            raise

    def _give_up(self, token: bytes) -> bool:
        return self._cache._succeeds(library.djredis_cache_unlock, *self._words(token), call(0, self._version))

    def _words(self, token: bytes) -> tuple[bytes, int, bytes, int]:
        return self._raw, len(self._raw), token, len(token)

    def _extend(self, token: bytes, how: _abi.djredis_call) -> bool:
        if not self._cache._succeeds(library.djredis_cache_extend, *self._words(token), how):
            raise self._lost()
        return True

    def _token(self, action: str) -> bytes:
        token: bytes | None = getattr(self._held, "token", None) or self._fixed
        if token is None:
            raise LockError(f"can't {action} the lock {self.key!r}: it is not acquired here; see thread_local")
        return token

    def _limited(self, action: str) -> bytes:
        if self.timeout is None:
            raise LockError(f"can't {action} the lock {self.key!r}: it was made without a timeout and never expires")
        return self._token(action)

    def _lost(self) -> LockNotOwnedError:
        return LockNotOwnedError(f"the lock {self.key!r} is no longer ours: it expired or was removed")


def _positive(seconds: Timeout, name: str) -> int | None:
    ms = milliseconds(seconds)
    if ms is not None and ms <= 0:
        raise ArgumentError(f"the {name} of a lock must be above 0 seconds, not {seconds}; None is for ever")
    return ms
