"""Many keys in one call, and one round trip."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from . import _abi, _values
from ._calls import DEFAULT, Timeout, call, milliseconds
from ._error import Error
from ._exceptions import DecodeError
from ._expiry import Expiry
from ._handle import logger
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
        items = self._ask(
            library.djredis_cache_get_many, len(names), joined, lengths, how, read=_values.items, otherwise=()
        )
        return self._found(names, items)

    def set_many(
        self, mapping: Mapping[SomeKey, Any], timeout: Timeout = DEFAULT, version: int | None = None
    ) -> list[SomeKey]:
        """Stores several values with one timeout. Returns the keys that could not be stored: none, as a rule.

        Raises EncodeError before anything is written if the SERIALIZER can't hold one of the values.
        """
        if not mapping:
            return []
        names, objects = map(list, zip(*mapping.items()))
        how = call(0, version, milliseconds(timeout))
        values, content = _values.array(objects, self._codec)
        joined, lengths = join(names)
        items = self._ask(library.djredis_cache_set_many, len(names), joined, lengths, values, how, read=_values.items)
        del content  # it had to live until here
        return names if items is None else _failed(names, items)

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

    def _found(self, names: list[SomeKey], items: Iterable[_values.Item]) -> dict[SomeKey, Any]:
        found: dict[SomeKey, Any] = {}
        failures: list[Error] = []
        for name, (kind, flags, integer, data) in zip(names, items):
            if kind == _abi.DJREDIS_ERROR:
                failures.append(_values.error_of(flags, integer, data))
            elif kind != _abi.DJREDIS_MISSING:
                try:
                    found[name] = self._codec.read(kind, flags, integer, data, name)
                except DecodeError as error:
                    if not self._is_miss(error):
                        failures.append(error)
        if failures:
            failures[0].found = found
            raise failures[0]
        return found


def _failed(names: list[SomeKey], items: Iterable[_values.Item]) -> list[SomeKey]:
    failed = []
    for name, (kind, flags, integer, data) in zip(names, items):
        if kind == _abi.DJREDIS_ERROR:
            failed.append(name)
            logger.warning("set_many could not store %r: %s", name, _values.error_of(flags, integer, data))
    return failed
