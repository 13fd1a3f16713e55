"""How long keys live."""

from __future__ import annotations

import math
import time
from datetime import datetime, timedelta
from typing import Union

from . import _abi
from ._calls import DEFAULT, Timeout, call, milliseconds
from ._exceptions import ArgumentError
from ._keys import Key, encode
from ._library import library
from ._single import Single

_MISSING = -1

#: A moment: seconds (milliseconds for pexpire_at) since 1970 in UTC, or a datetime; one without a time zone is local.
Moment = Union[int, float, datetime]


class Expiry(Single):
    """The methods for the expiry of a key.

    expire_at and pexpire_at reckon how long it is until that moment by the clock of this machine.
    """

    def touch(self, key: Key, timeout: Timeout = DEFAULT, version: int | None = None) -> bool:
        """Gives a key a new timeout, as set takes it. False if the key is not there."""
        return self._touch(key, milliseconds(timeout), version)

    def ttl(self, key: Key, version: int | None = None) -> int | None:
        """Whole seconds left, rounded up: 0 means that the key is not there, None that it never expires."""
        left = self.pttl(key, version)
        return None if left is None else math.ceil(left / 1000)

    def pttl(self, key: Key, version: int | None = None) -> int | None:
        """Milliseconds left: 0 means that the key is not there, None that it never expires."""
        raw = encode(key)
        left: int | None = self._ask(library.djredis_cache_ttl, raw, len(raw), call(0, version), otherwise=0)
        return left

    def expire(self, key: Key, timeout: float | timedelta, version: int | None = None) -> bool:
        """Lets a key expire in `timeout` seconds; 0 and below: at once. False if the key is not there."""
        return self._expire(key, _required(milliseconds(timeout)), version)

    def pexpire(self, key: Key, timeout: int | timedelta, version: int | None = None) -> bool:
        """Lets a key expire in `timeout` milliseconds; 0 and below: at once. False if the key is not there."""
        seconds = timeout if isinstance(timeout, timedelta) else timeout / 1000
        return self._expire(key, _required(milliseconds(seconds)), version)

    def expire_at(self, key: Key, when: Moment, version: int | None = None) -> bool:
        """Lets a key expire at a moment, in seconds since 1970; a past one: at once. False if the key is not there."""
        seconds = when.timestamp() if isinstance(when, datetime) else when
        return self._expire(key, _until(seconds * 1000), version)

    def pexpire_at(self, key: Key, when: Moment, version: int | None = None) -> bool:
        """Lets a key expire at a moment, in milliseconds since 1970; see expire_at."""
        moment = when.timestamp() * 1000 if isinstance(when, datetime) else when
        return self._expire(key, _until(moment), version)

    def persist(self, key: Key, version: int | None = None) -> bool:
        """Lets a key live for ever. True if it would have expired; False if it is not there or never expires."""
        if not self.pttl(key, version):
            return False
        return self._touch(key, _abi.DJREDIS_FOREVER, version)

    def _expire(self, key: Key, ms: int, version: int | None) -> bool:
        # To touch, 0 and below mean what ZERO_TIMEOUT says; here they are over.
        return self._touch(key, ms, version) if ms > 0 else self.delete(key, version)

    def _touch(self, key: Key, ms: int | None, version: int | None) -> bool:
        raw = encode(key)
        return self._succeeds(library.djredis_cache_touch, raw, len(raw), call(0, version, ms))


def _required(ms: int | None) -> int:
    if ms is None or ms == _abi.DJREDIS_FOREVER:
        raise ArgumentError("expire takes a time; use persist to let a key live for ever, touch for the default")
    return ms


def _until(moment_ms: float) -> int:
    if not math.isfinite(moment_ms) or abs(moment_ms) > 2**62:
        raise ArgumentError(f"no moment that a key can expire at: {moment_ms} ms")
    return round(moment_ms) - time.time_ns() // 1_000_000
