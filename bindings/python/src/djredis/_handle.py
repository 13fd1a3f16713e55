"""The handle that every method stands on: open and close, one call, and what happens when it fails."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from types import TracebackType
from typing import Any, Callable, NoReturn, TypeVar

from . import _abi, _codec, _keys, _options, _replies, _slots, _values
from ._calls import call
from ._error import Error
from ._keys import Key
from ._library import library

OK, MISS, IGNORED = _abi.DJREDIS_OK, _abi.DJREDIS_MISS, _abi.DJREDIS_IGNORED

Self = TypeVar("Self", bound="Handle")


def warn(message: str, *arguments: Any) -> None:
    """Says it to the logger djredis."""
    import logging  # it brings much along, and most programs never come here

    logging.getLogger("djredis").warning(message, *arguments, stacklevel=2)


class Handle:
    """A djredis_cache. Any number of threads may use it at once, before and after a fork."""

    _handle: int | None = None
    _free = staticmethod(library.djredis_cache_free)

    def __init__(self, location: _options.Location, **options: Any) -> None:
        options = {name.upper(): value for name, value in options.items()}
        own = _codec.own_serializer(options)
        if own is not None:
            options["SERIALIZER"] = "raw"
        parser = _options.take_parser(options)
        self._handle = _options.open_cache(location, options, parser)
        self._codec = _codec.Codec(self.option, own)
        self._compresses = self.option("COMPRESSOR") != "identity"
        self._signs = self.option("SIGNING_KEYS") != ""
        self._undecodable_is_miss = self.option("DECODE_ERROR") == "miss"
        self._log_ignored = self.option("LOG_IGNORED_EXCEPTIONS") == "true"
        self._undecodable = 0

    def __del__(self, at_exit: Callable[[], bool] = sys.is_finalizing) -> None:
        # Finalizers of garbage in cycles run in any order, so another one may still use this object: without a handle
        # its calls are errors. At exit all that is left is such garbage; it goes with the process.
        if at_exit():
            return
        handle, self._handle = self._handle, None
        self._free(handle)

    def close(self) -> None:
        """Closes the connections. Calls that are running finish, later ones raise ClosedError. Any thread, any time."""
        library.djredis_cache_close(self._handle)

    def __enter__(self: Self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        try:
            return f"<{type(self).__name__} {self.server_for('')}>"
        except Error as error:
            return f"<{type(self).__name__}: {error}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError(
            "a Cache can't be copied or pickled: it holds connections and perhaps a password. Share it between "
            "threads and with forked children as it is; in other processes open it again"
        )

    def option(self, name: str) -> str:
        """The value of an option that is in force, as text; a password is shown as ***. Raises ConfigError."""
        text = name.encode()
        return str(self._ask(library.djredis_cache_option, text, len(text)))

    def stats(self) -> dict[str, Any]:
        """Counters since this cache was opened, by name: hits, misses, errors, ...; `formats` is a dict of its own: how
        many values were read of each serializer and compressor.
        """
        counters = self._ask(library.djredis_cache_stats, read=_values.mapping)
        counters["decode_errors"] = counters.get("decode_errors", 0) + self._undecodable
        return dict(counters)

    def make_key(self, key: Key, version: int | None = None) -> str:
        """The key as it stands in Redis: prefix:version:key."""
        raw = _keys.encode(key)
        return _keys.decode(self._ask(library.djredis_cache_make_key, raw, len(raw), call(0, version)))

    def server_for(self, key: Key, version: int | None = None) -> str:
        """The server that holds a key: its entry of the location, without a password. Nothing is sent."""
        raw = _keys.encode(key)
        return str(self._ask(library.djredis_cache_server_for, raw, len(raw), call(0, version)))

    def _command(self, words: Sequence[bytes], key_index: int, version: int | None) -> Any:
        """Any command; the word with this index is a cache key, -1 for none."""
        joined, lengths = _replies.join(words)
        how = call(0, version)
        return self._ask(library.djredis_cache_command, len(words), joined, lengths, key_index, how, read=_replies.read)

    def _ask(
        self,
        function: Callable[..., int],
        *arguments: Any,
        read: Callable[[_abi.djredis_value], Any] = _values.read_slot,
        otherwise: Any = None,
    ) -> Any:
        """One call of the library: what `read` makes of the answer, or `otherwise` where there is none."""
        slot = _slots.take()
        try:
            status = function(self._handle, *arguments, slot)
            if status == OK:
                return read(slot)
            if status != MISS:
                self._failed(status, slot)
            return otherwise
        finally:
            _slots.give(slot)

    def _succeeds(self, function: Callable[..., int], *arguments: Any) -> bool:
        """One call of the library that answers yes or no."""
        slot = _slots.take()
        try:
            status = function(self._handle, *arguments, slot)
            if status > MISS or status < OK:
                self._failed(status, slot)
            return status == OK
        finally:
            _slots.give(slot)

    def _failed(self, status: int, slot: _abi.djredis_value) -> None:
        """Raises the error, unless IGNORE_EXCEPTIONS covers it."""
        if status != IGNORED:
            raise _slots.failure(status, slot)
        if self._log_ignored:
            warn("ignored, since IGNORE_EXCEPTIONS is on: %s", _slots.message(slot))

    def _is_miss(self, error: Error) -> bool:
        """Whether DECODE_ERROR takes a value that can't be read for a miss; then it is counted and logged."""
        if self._undecodable_is_miss:
            self._undecodable += 1
            warn("taken for a miss, since DECODE_ERROR is miss: %s", error)
        return self._undecodable_is_miss
