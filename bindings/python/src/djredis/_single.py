"""One key: get, set and what is made of them."""

from __future__ import annotations

from ctypes import string_at
from typing import Any, Callable

from . import _abi, _slots, _values
from ._calls import DEFAULT, Timeout, call, conditions, integer, milliseconds, negative
from ._exceptions import DecodeError
from ._handle import OK
from ._keys import Key, encode
from ._library import library
from ._stored import Stored

_get = library.djredis_cache_get
_set = library.djredis_cache_set
_set_payload = library.djredis_cache_set_payload

_PAYLOAD, _AS_PAYLOAD = _abi.DJREDIS_PAYLOAD, _abi.DJREDIS_AS_PAYLOAD
_FIELDS = _values.VALUE.unpack_from
_MISSING = object()


class Single(Stored):
    """The methods for one key."""

    def get(self, key: Key, default: Any = None, version: int | None = None) -> Any:
        """The value of a key, or `default`. Raises DecodeError where the value can't be read."""
        raw = encode(key)
        slot = _slots.take()
        try:
            status = _get(self._handle, raw, len(raw), call(_AS_PAYLOAD, version), slot)
            if status == OK:
                kind, flags, _, _, data, size, _ = _FIELDS(slot)
                if kind == _PAYLOAD:
                    return self._codec.loads(flags, string_at(data, size), key)
                return _values.read_slot(slot, key)
            if status != _abi.DJREDIS_MISS:
                self._failed(status, slot)
        except DecodeError as error:
            if not self._is_miss(error):
                raise
        finally:
            _slots.give(slot)
        return default

    def set(
        self,
        key: Key,
        value: Any,
        timeout: Timeout = DEFAULT,
        version: int | None = None,
        nx: bool = False,
        xx: bool = False,
    ) -> bool:
        """Stores a value. False where nx (only if the key is not there) or xx (only if it is there) is not met.

        timeout: seconds or a timedelta, to the millisecond; None for ever; by default the option TIMEOUT. 0 and below
        mean what the option ZERO_TIMEOUT says. Raises EncodeError where the SERIALIZER can't hold the value.
        """
        how = call(conditions(nx, xx), version, milliseconds(timeout))
        raw = encode(key)
        codec = self._codec
        if codec.is_integer(value):
            return self._succeeds(_set, raw, len(raw), _values.single(value), how)
        data = codec.dumps(value)
        return self._succeeds(_set_payload, raw, len(raw), data, len(data), codec.format, how)

    def get_raw(self, key: Key, default: Any = None, version: int | None = None) -> Any:
        """Exactly the bytes that stand in Redis under a key, or `default`."""
        raw = encode(key)
        how = call(0, version)
        return self._ask(library.djredis_cache_get_raw, raw, len(raw), how, read=_slots.content, otherwise=default)

    def set_raw(
        self,
        key: Key,
        data: bytes | bytearray | memoryview,
        timeout: Timeout = DEFAULT,
        version: int | None = None,
        nx: bool = False,
        xx: bool = False,
    ) -> bool:
        """Stores exactly these bytes, for programs that read them without djredis; else as set. get_raw reads them."""
        if not isinstance(data, (bytes, bytearray, memoryview)):
            raise TypeError(f"set_raw stores bytes, not {type(data).__name__}; set stores any value")
        raw, content = encode(key), bytes(data)
        how = call(conditions(nx, xx), version, milliseconds(timeout))
        return self._succeeds(library.djredis_cache_set_raw, raw, len(raw), content, len(content), how)

    def add(self, key: Key, value: Any, timeout: Timeout = DEFAULT, version: int | None = None) -> bool:
        """Stores a value only if the key is not there. True if it was stored."""
        return self.set(key, value, timeout, version, nx=True)

    def get_or_set(
        self,
        key: Key,
        default: Any | Callable[[], Any],
        timeout: Timeout = DEFAULT,
        version: int | None = None,
    ) -> Any:
        """The value of a key; where it is missing, `default` (called if it can be) is stored and returned.

        When several callers find it missing at once, all of them return the value of the first one.
        """
        value = self.get(key, _MISSING, version)
        if value is not _MISSING:
            return value
        if callable(default):
            default = default()
        self.add(key, default, timeout, version)
        return self.get(key, default, version)

    def delete(self, key: Key, version: int | None = None) -> bool:
        """Removes a key. True if it was there."""
        raw = encode(key)
        return self._succeeds(library.djredis_cache_delete, raw, len(raw), call(0, version))

    def has_key(self, key: Key, version: int | None = None) -> bool:
        """Whether a key is there."""
        raw = encode(key)
        return self._succeeds(library.djredis_cache_has_key, raw, len(raw), call(0, version))

    def __contains__(self, key: Key) -> bool:
        return self.has_key(key)

    # The result is None only where IGNORE_EXCEPTIONS covers a failure, so callers need not test for it: hence Any.
    def incr(self, key: Key, delta: int = 1, version: int | None = None) -> int | Any:
        """Adds to a number, in one step on the server, and returns the sum. The expiry stays.

        Raises NotFoundError, a ValueError, where the key is missing, and WrongTypeError where it holds no number. A
        float that was stored stays a float.
        """
        raw = encode(key)
        how = call(0, version)
        return self._ask(library.djredis_cache_incr, raw, len(raw), integer(delta, "delta"), how)

    def decr(self, key: Key, delta: int = 1, version: int | None = None) -> int | Any:
        """Subtracts from a number; see incr."""
        return self.incr(key, negative(delta), version)

    def incr_version(self, key: Key, delta: int = 1, version: int | None = None) -> int | Any:
        """Moves a key to another version, with its expiry, and returns that version. Raises NotFoundError."""
        raw = encode(key)
        how = call(0, version)
        return self._ask(library.djredis_cache_incr_version, raw, len(raw), integer(delta, "delta"), how)

    def decr_version(self, key: Key, delta: int = 1, version: int | None = None) -> int | Any:
        """Moves a key to an older version; see incr_version."""
        return self.incr_version(key, negative(delta), version)

    def move(self, key: Key, to: Key, version: int | None = None) -> None:
        """Moves a value with its expiry to another key, over what stands there. Raises NotFoundError."""
        raw, target = encode(key), encode(to)
        how = call(0, version)
        self._ask(library.djredis_cache_move, raw, len(raw), target, len(target), how)
