"""Many keys in one call, and one round trip."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from . import _abi, _replies, _values
from ._calls import DEFAULT, Timeout, call, milliseconds
from ._error import Error
from ._exceptions import DecodeError
from ._expiry import Expiry
from ._handle import warn
from ._keys import Key, join, listed
from ._library import library

SomeKey = TypeVar("SomeKey", bound=Key)


class Many(Expiry):
    """The methods for many keys."""

    def get_many(self, keys: Iterable[SomeKey], version: int | None = None) -> dict[SomeKey, Any]:
        """The values of the keys that are there, by key.

        Where one can't be read, its error is raised after all others are read; the attribute `found` has those.
        """
        names = listed(keys)
        if not names:
            return {}
        how = call(_abi.DJREDIS_AS_PAYLOAD, version)
        joined, lengths = join(names)
        found: dict[SomeKey, Any] = self._ask(
            library.djredis_cache_get_many,
            *(len(names), joined, lengths, how),
            read=lambda slot: self._found(names, *_values.rows(slot)),
            otherwise={},
        )
        return found

    def set_many(
        self, mapping: Mapping[SomeKey, Any], timeout: Timeout = DEFAULT, version: int | None = None
    ) -> list[SomeKey]:
        """Stores several values with one timeout. Returns the keys that could not be stored: none, as a rule.

        Raises EncodeError before anything is written if the SERIALIZER can't hold one of the values.
        """
        if not mapping:
            return []
        names, objects = list(mapping), list(mapping.values())
        how = call(0, version, milliseconds(timeout))
        codec = self._codec
        if codec.has_integers(objects):
            values, content = _values.array(objects, codec)  # content has to live until the call is over
            words: tuple[Any, ...] = (values,)
        else:
            payloads = codec.dumps_many(objects)
            words = (*_replies.join(payloads), codec.format)
        store = library.djredis_cache_set_many if len(words) == 1 else library.djredis_cache_set_many_payload
        failed: list[SomeKey] = self._ask(
            *(store, len(names), *join(names), *words, how),
            read=lambda slot: unstored(names, slot),
            otherwise=names,
        )
        return failed

    def delete_many(self, keys: Iterable[Key], version: int | None = None) -> int:
        """Removes several keys. Returns how many were there."""
        names = listed(keys)
        if not names:
            return 0
        joined, lengths = join(names)
        how = call(0, version)
        return int(self._ask(library.djredis_cache_delete_many, len(names), joined, lengths, how, otherwise=0))

    def clear(self) -> bool:
        """Removes everything: the whole database, or the keys of this prefix, as the option CLEAR says."""
        return self._succeeds(library.djredis_cache_clear, None)

    def _found(
        self, names: list[SomeKey], content: bytes | memoryview, rows: Iterable[_values.Row]
    ) -> dict[SomeKey, Any]:
        found: dict[SomeKey, Any] = {}
        failures: list[Error] = []
        loads = self._codec.loads_of
        MISSING, PAYLOAD, ERROR = _abi.DJREDIS_MISSING, _abi.DJREDIS_PAYLOAD, _abi.DJREDIS_ERROR
        for name, (kind, flags, integer, start, size) in zip(names, rows):
            if kind == MISSING:
                continue
            data = content[start : start + size]
            try:
                if kind == PAYLOAD:
                    found[name] = loads[flags](data)
                    continue
                item = (kind, flags, integer, memoryview(data))
                if kind == ERROR:
                    failures.append(_values.error_of(flags, integer, item[3]))
                else:
                    found[name] = self._codec.read(*item, name)
            except DecodeError as error:
                self._unread(error, failures)
            except Exception as error:
                failed = self._codec.unreadable(flags, error, data, name)
                failed.__cause__ = error
                self._unread(failed, failures)
        if failures:
            failures[0].found = found
            raise failures[0]
        return found

    def _unread(self, error: DecodeError, failures: list[Error]) -> None:
        if not self._is_miss(error):
            failures.append(error)


def unstored(names: list[SomeKey], slot: _abi.djredis_value) -> list[SomeKey]:
    """The keys that could not be stored, by what set_many has left in the slot; each is logged."""
    if _values.all_none(slot):
        return []
    failed = []
    for name, (kind, flags, integer, data) in zip(names, _values.items(slot)):
        if kind == _abi.DJREDIS_ERROR:
            failed.append(name)
            warn("set_many could not store %r: %s", name, _values.error_of(flags, integer, data))
    return failed
