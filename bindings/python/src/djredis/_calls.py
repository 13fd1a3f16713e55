"""How a call is done: timeouts to milliseconds, and the djredis_call struct of each combination."""

from __future__ import annotations

import enum
import math
import numbers
import operator
from ctypes import sizeof
from datetime import timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final, SupportsFloat, Union

from . import _abi
from ._exceptions import ArgumentError


class _Default(enum.Enum):
    DEFAULT = "the option TIMEOUT"

    def __repr__(self) -> str:
        return "DEFAULT"

    __str__ = __repr__


#: A timeout that says: as the option TIMEOUT says.
DEFAULT = _Default.DEFAULT

#: In place of a version: the key is whole, as it stands in Redis, and gets no prefix and no version.
MADE: Final[Any] = type("_Made", (), {"__repr__": lambda _: "MADE"})()

#: Seconds (int, float, timedelta, ...), None for ever, or DEFAULT.
Timeout = Union[SupportsFloat, timedelta, None, _Default]

INT64_MIN, INT64_MAX = -(2**63), 2**63 - 1
_MILLISECOND = timedelta(milliseconds=1)


def milliseconds(timeout: Timeout) -> int | None:
    """A timeout in milliseconds, fractions rounded up; None where the option TIMEOUT decides."""
    if timeout is DEFAULT:
        return None
    if timeout is None:
        return _abi.DJREDIS_FOREVER
    if type(timeout) is int:
        ms = timeout * 1000
    elif isinstance(timeout, timedelta):
        ms = -(timeout // -_MILLISECOND)
    elif isinstance(timeout, (numbers.Real, Decimal)):
        ms = _from_seconds(float(timeout))
    else:
        raise TypeError(
            f"timeout is a number of seconds, a timedelta or None (for ever), not {type(timeout).__name__}; give timeout=300, say"
        )
    # INT64_MAX itself means "for ever" to the library.
    if not INT64_MIN <= ms < INT64_MAX:
        raise ArgumentError(f"the timeout {timeout} is too large; None means for ever")
    return ms


def _from_seconds(seconds: float) -> int:
    if not math.isfinite(seconds):
        raise ArgumentError(f"a timeout of {seconds} seconds has no meaning; None means for ever")
    # 16.1 * 1000 is 16100.000000000002: the error of the product is no fraction of a millisecond.
    ms = math.ceil(round(seconds * 1000, 6))
    return max(ms, 1) if seconds > 0 else ms


def integer(value: int, name: str) -> int:
    """A number that the library takes: an integer of 64 bits. ctypes would cut off the rest in silence."""
    try:
        number = operator.index(value)
    except TypeError:
        kind = type(value).__name__
        raise TypeError(f"{name} is a whole number, not {kind}; give an int, such as {name}=2, or leave it out") from None
    if not INT64_MIN <= number <= INT64_MAX:
        raise ArgumentError(f"{name} must be an integer of 64 bits, not {number}")
    return number


def conditions(nx: bool, xx: bool) -> int:
    """The flags of a write."""
    return (_abi.DJREDIS_NX if nx else 0) | (_abi.DJREDIS_XX if xx else 0)


def negative(delta: int) -> int:
    """What decr adds."""
    number = integer(delta, "delta")
    if number == INT64_MIN:
        raise ArgumentError(f"delta must be above {INT64_MIN}")
    return -number


def call(
    flags: int, version: int | None, ttl_ms: int | None = None, itersize: int = 0, deadline_ms: int = 0
) -> _abi.djredis_call:
    """The struct of a call with these settings; version and ttl_ms None, deadline_ms 0: as the options say."""
    try:
        return _call(flags, version, ttl_ms, itersize, deadline_ms)
    except TypeError:
        if version is not None:
            integer(version, "version")  # what can't be hashed is no number: this says so
        raise


# A call struct is never written again once it is made, so any number of threads can use one at a time. A program has
# few combinations; where timeouts are random the cache only turns over.
@lru_cache(maxsize=1024, typed=True)
def _call(flags: int, version: int | None, ttl_ms: int | None, itersize: int, deadline_ms: int) -> _abi.djredis_call:
    made = _abi.djredis_call(sizeof(_abi.djredis_call), flags)
    if version is MADE:
        made.flags |= _abi.DJREDIS_KEY_MADE
    elif version is not None:
        made.flags |= _abi.DJREDIS_VERSION
        made.version = integer(version, "version")
    if ttl_ms is not None:
        made.flags |= _abi.DJREDIS_TTL
        made.ttl_ms = ttl_ms
    made.itersize = itersize
    made.deadline_ms = deadline_ms
    return made
