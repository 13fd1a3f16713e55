"""Keys by pattern, in Redis's notation: * any characters, ? any one, [ab] one of these, \\ before a literal one."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from ctypes import byref, c_void_p
from typing import Callable

from . import _abi, _slots, _values
from ._calls import call, integer
from ._exceptions import ArgumentError
from ._handle import Handle
from ._keys import Key, decode, encode
from ._library import library
from ._many import Many


class Patterns(Many):
    """The methods for all keys of a pattern. The prefix and the version are added, and are no part of the pattern."""

    def keys(self, pattern: Key = "*", version: int | None = None, itersize: int | None = None) -> list[str]:
        """The keys that match, each once, without prefix and version. The server is not blocked meanwhile.

        See iter_keys for itersize. A key that is not UTF-8 has lone surrogates (as os.fsdecode makes them); the methods
        find it by this text.
        """
        raw = encode(pattern)
        how = call(0, version, None, _itersize(itersize))
        found: list[str] = self._ask(library.djredis_cache_keys, raw, len(raw), how, read=_texts, otherwise=[])
        return found

    def iter_keys(self, pattern: Key = "*", itersize: int | None = None, version: int | None = None) -> Iterator[str]:
        """The keys that match, as they are found: in bounded memory, perhaps one twice.

        itersize: how many keys the server looks at in one step, by default the option SCAN_ITERSIZE. The iterator
        belongs to one thread and one process.
        """
        return _scan(_Scan(self, encode(pattern), call(0, version, None, _itersize(itersize))))

    def delete_pattern(self, pattern: Key, itersize: int | None = None, version: int | None = None) -> int:
        """Removes the keys that match, in batches. Returns how many. See iter_keys for itersize."""
        raw = encode(pattern)
        how = call(0, version, None, _itersize(itersize))
        return int(self._ask(library.djredis_cache_delete_pattern, raw, len(raw), how, otherwise=0))


class _Scan:
    """A djredis_scan, freed with this object."""

    _free = staticmethod(library.djredis_scan_free)

    def __init__(self, cache: Handle, pattern: bytes, how: _abi.djredis_call) -> None:
        self._cache = cache
        self._handle = c_void_p()
        opened = cache._succeeds(library.djredis_cache_scan, pattern, len(pattern), how, byref(self._handle))
        self._ended = not opened

    def __del__(self, at_exit: Callable[[], bool] = sys.is_finalizing) -> None:
        if at_exit():  # see Handle.__del__
            return
        handle, self._handle, self._ended = self._handle, c_void_p(), True
        self._free(handle)

    def batch(self) -> list[str] | None:
        """The keys of the next step, perhaps none; None at the end."""
        if self._ended:
            return None
        slot = _slots.take()
        try:
            status = library.djredis_scan_next(self._handle, None, slot)
            if status == _abi.DJREDIS_OK:
                return _texts(slot)
            if status != _abi.DJREDIS_MISS:
                self._cache._failed(status, slot)
            self._ended = True
            return None
        finally:
            _slots.give(slot)


def _scan(scan: _Scan) -> Iterator[str]:
    while True:
        batch = scan.batch()
        if batch is None:
            return
        yield from batch


def _texts(slot: _abi.djredis_value) -> list[str]:
    return [decode(bytes(data)) for _, _, _, data in _values.items(slot)]


def _itersize(itersize: int | None) -> int:
    if itersize is None:
        return 0
    size = integer(itersize, "itersize")
    if size < 1:
        raise ArgumentError(f"itersize must be 1 or more, not {size}")
    return size
