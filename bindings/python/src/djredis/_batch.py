"""Many different calls in one round trip."""

from __future__ import annotations

import math
import struct
from collections.abc import Iterable
from itertools import repeat
from types import TracebackType
from typing import Any, Callable

from . import _abi, _values
from ._calls import DEFAULT, INT64_MAX, INT64_MIN, MADE, Timeout, conditions, integer, milliseconds, negative
from ._codec import Codec
from ._error import Error
from ._exceptions import DecodeError
from ._handle import Handle
from ._keys import Key, encode
from ._library import library

#: Makes the result of a call of its item: type, flags, integer and bytes.
Read = Callable[[int, int, int, memoryview], Any]

# What a call is to the library, as MessagePack: [op, key, payload, flags, version, ttl_ms].
_ROW, _NIL = b"\x96", b"\xc0"
_LENGTH = struct.Struct(">BI")
_INTEGER = struct.Struct(">Bq")
_TAIL = struct.Struct(">BIBqBq")
_ARRAY32, _BINARY32, _EXTENSION32, _UNSIGNED32, _SIGNED64 = 0xDD, 0xC6, 0xC9, 0xCE, 0xD3
_BIG_NUMBER = b"\x04"

# Each call's where IGNORE_EXCEPTIONS covers the failure of all.
_NOTHING: _values.Item = (_abi.DJREDIS_MISSING, 0, 0, memoryview(b""))


class Batch:
    """Calls that are sent together, in one write, and answered together. Cache.batch() makes it.

    The methods are the cache's and take what the cache's take, but only collect the call, and return the batch itself.
    After execute(), or at the end of `with`, `results` has what each of them answers, in order; an exception is the
    result of a call that failed, and the others are done all the same. It is no transaction: other clients' commands
    may come in between. It serves one thread at a time.
    """

    def __init__(self, cache: Handle) -> None:
        self._cache = cache
        self._calls: list[tuple[bytes, Read]] = []
        #: The answers of the last execute().
        self.results: list[Any] = []

    def __enter__(self) -> Batch:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        if kind is None:
            self.execute()

    def execute(self, raise_on_error: bool = True) -> list[Any]:
        """Sends what was collected, and returns `results`. The batch is empty then, and can be used again.

        raise_on_error: raises the first error among the results, when all calls are done. Connection trouble is always
        raised: then there are no results.
        """
        calls, self._calls, self.results = self._calls, [], []
        if not calls:
            return self.results
        packed = b"".join([_LENGTH.pack(_ARRAY32, len(calls)), *(row for row, _ in calls)])
        items: Iterable[_values.Item] = self._cache._ask(
            library.djredis_cache_batch, packed, len(packed), None, read=_values.items, otherwise=repeat(_NOTHING)
        )
        failures: list[Error] = []
        self.results = [_result(read, item, failures) for (_, read), item in zip(calls, items)]
        if failures and raise_on_error:
            raise failures[0]
        return self.results

    def get(self, key: Key, default: Any = None, version: int | None = None) -> Batch:
        """The value of a key, or `default`."""

        def read(kind: int, flags: int, number: int, data: memoryview) -> Any:
            if kind == _abi.DJREDIS_MISSING:
                return default
            try:
                return self._cache._codec.read(kind, flags, number, data, key)
            except DecodeError as error:
                if self._cache._is_miss(error):
                    return default
                raise

        return self._add(b"\xa3get", key, _NIL, read, _abi.DJREDIS_AS_PAYLOAD, version)

    def get_raw(self, key: Key, default: Any = None, version: int | None = None) -> Batch:
        """The bytes that stand in Redis under a key, or `default`."""
        return self._add(b"\xa7get_raw", key, _NIL, _value_or(default), 0, version)

    def set(
        self,
        key: Key,
        value: Any,
        timeout: Timeout = DEFAULT,
        version: int | None = None,
        nx: bool = False,
        xx: bool = False,
    ) -> Batch:
        """Stores a value: True, or False where nx or xx is not met. Raises EncodeError here and now."""
        op, payload = _payload(value, self._cache._codec)
        return self._add(op, key, payload, _done, conditions(nx, xx), version, milliseconds(timeout))

    def add(self, key: Key, value: Any, timeout: Timeout = DEFAULT, version: int | None = None) -> Batch:
        """Stores a value only if the key is not there: whether it was stored."""
        return self.set(key, value, timeout, version, nx=True)

    def delete(self, key: Key, version: int | None = None) -> Batch:
        """Removes a key: whether it was there."""
        return self._add(b"\xa6delete", key, _NIL, _done, 0, version)

    def has_key(self, key: Key, version: int | None = None) -> Batch:
        """Whether a key is there."""
        return self._add(b"\xa7has_key", key, _NIL, _done, 0, version)

    def touch(self, key: Key, timeout: Timeout = DEFAULT, version: int | None = None) -> Batch:
        """Gives a key a new timeout: whether the key is there."""
        return self._add(b"\xa5touch", key, _NIL, _done, 0, version, milliseconds(timeout))

    def ttl(self, key: Key, version: int | None = None) -> Batch:
        """Whole seconds left: 0 where the key is not there, None where it never expires."""
        return self._add(b"\xa3ttl", key, _NIL, _seconds, 0, version)

    def pttl(self, key: Key, version: int | None = None) -> Batch:
        """Milliseconds left, as ttl."""
        return self._add(b"\xa3ttl", key, _NIL, _value_or(0), 0, version)

    def incr(self, key: Key, delta: int = 1, version: int | None = None) -> Batch:
        """Adds to a number: the sum, or NotFoundError. A wide number, or a float, is counted after all other calls."""
        number = _INTEGER.pack(_SIGNED64, integer(delta, "delta"))
        return self._add(b"\xa4incr", key, number, _value_or(None), 0, version)

    def decr(self, key: Key, delta: int = 1, version: int | None = None) -> Batch:
        """Subtracts from a number; see incr."""
        return self.incr(key, negative(delta), version)

    def _add(
        self,
        op: bytes,
        key: Key,
        payload: bytes,
        read: Read,
        flags: int,
        version: int | None,
        ttl_ms: int | None = None,
    ) -> Batch:
        name = encode(key)
        if version is MADE:
            flags, version = flags | _abi.DJREDIS_KEY_MADE, None
        elif version is not None:
            flags |= _abi.DJREDIS_VERSION
            version = integer(version, "version")
        if ttl_ms is not None:
            flags |= _abi.DJREDIS_TTL
        tail = _TAIL.pack(_UNSIGNED32, flags, _SIGNED64, version or 0, _SIGNED64, ttl_ms or 0)
        row = b"".join([_ROW, op, _LENGTH.pack(_BINARY32, len(name)), name, payload, tail])
        self._calls.append((row, read))
        return self


def _payload(value: Any, codec: Codec) -> tuple[bytes, bytes]:
    """The operation that stores a value, and the value as it takes it."""
    if not codec.is_integer(value):
        data = codec.dumps(value)
        return b"\xabset_payload", b"".join([bytes((0x92, codec.format)), _LENGTH.pack(_BINARY32, len(data)), data])
    if INT64_MIN <= value <= INT64_MAX:
        return b"\xa3set", _INTEGER.pack(_SIGNED64, value)
    digits = _values.digits(value)
    return b"\xa3set", b"".join([_LENGTH.pack(_EXTENSION32, len(digits)), _BIG_NUMBER, digits])


def _result(read: Read, item: _values.Item, failures: list[Error]) -> Any:
    kind, flags, integer, data = item
    if kind == _abi.DJREDIS_ERROR:
        failures.append(_values.error_of(flags, integer, data))
        return failures[-1]
    try:
        return read(kind, flags, integer, data)
    except Error as error:
        failures.append(error)
        return error


def _done(kind: int, _: int, __: int, ___: memoryview) -> bool:
    return kind != _abi.DJREDIS_MISSING


def _value_or(default: Any) -> Read:
    def read(kind: int, flags: int, number: int, data: memoryview) -> Any:
        return default if kind == _abi.DJREDIS_MISSING else _values.read(kind, flags, number, data, "batch")

    return read


def _seconds(kind: int, _: int, left: int, __: memoryview) -> int | None:
    if kind == _abi.DJREDIS_NONE:
        return None
    return 0 if kind == _abi.DJREDIS_MISSING else math.ceil(left / 1000)
